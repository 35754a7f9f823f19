use actix_web::http::Method;

use crate::support::{Answer, Service, run};

#[test]
fn the_committed_document_is_what_the_program_prints() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/openapi.json");
    let committed = std::fs::read_to_string(path).unwrap();
    let (code, printed, _) = run(&["openapi"], &[]);
    assert_eq!(code, 0);
    assert!(
        committed == printed,
        "docs/openapi.json is old; renew it: cargo run -p api-server -- openapi > docs/openapi.json"
    );
    assert!(printed.ends_with("}\n"));
}

#[actix_web::test]
async fn the_document_and_the_page_to_try_it_come_from_the_service_alone() {
    let service = Service::start().await;
    let document = service.get("/openapi.json").await;
    assert_eq!(
        (document.status, document.header("content-type").as_str()),
        (200, "application/json")
    );
    let document = document.json();
    assert_eq!(document["info"]["title"], "Drawbridge Tasks API");
    for path in ["/health/live", "/health/ready", "/api/v1/{user_id}"] {
        assert!(document["paths"][path]["get"].is_object(), "{path}");
    }
    assert_eq!(
        document["paths"]["/health/ready"]["get"]["security"],
        serde_json::json!([{}])
    );

    let moved = Answer::of(service.request(Method::GET, "/docs")).await;
    assert_eq!(
        (moved.status, moved.header("location").as_str()),
        (308, "docs/")
    );
    let page = service.get("/docs/").await;
    assert_eq!(page.status, 200);
    assert!(page.header("content-type").starts_with("text/html"));
    let page = String::from_utf8(page.body).unwrap();
    let mut files = 0;
    for attribute in ["src=\"", "href=\""] {
        for link in page
            .split(attribute)
            .skip(1)
            .filter_map(|rest| rest.split('"').next())
        {
            assert!(!link.contains("//"), "{link} leads elsewhere");
            let file = link.trim_start_matches("./");
            let file = service.get(&format!("/docs/{file}")).await;
            assert_eq!(file.status, 200, "{link}");
            files += 1;
        }
    }
    assert!(files >= 4, "{page}");
    let script = service.get("/docs/swagger-initializer.js").await;
    assert!(
        String::from_utf8(script.body)
            .unwrap()
            .contains("\"../openapi.json\"")
    );
    assert_eq!(
        service.get("/docs/nothing.js").await.problem(),
        "path_not_found"
    );
}
