use std::collections::{BTreeMap, BTreeSet};

use actix_web::http::Method;
use serde_json::{Map, Value};

use crate::support::{Answer, Service, run};

#[test]
fn the_committed_documents_are_what_the_program_prints() {
    for (verb, file) in [
        ("openapi", "docs/openapi.json"),
        ("problems", "docs/problems.md"),
    ] {
        let path = format!("{}/../../{file}", env!("CARGO_MANIFEST_DIR"));
        let committed = std::fs::read_to_string(path).unwrap();
        let printed = printed(verb);
        assert!(
            committed == printed,
            "{file} is old; renew it: cargo run -p api-server -- {verb} > {file}"
        );
        assert!(printed.ends_with('\n') && !printed.ends_with("\n\n"));
    }
}

#[test]
fn everything_in_the_document_is_described() {
    let document = document();
    let tags: BTreeSet<_> = document["tags"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|tag| is_text(&tag["description"]))
        .map(|tag| tag["name"].as_str().unwrap())
        .collect();
    let mut ids = BTreeSet::new();
    for (name, operation) in operations(&document) {
        assert!(is_text(&operation["summary"]), "summary of {name}");
        assert!(is_text(&operation["description"]), "description of {name}");
        let id = operation["operationId"].as_str().unwrap();
        assert!(ids.insert(id), "{id} stands for two operations");
        let own = operation["tags"].as_array().unwrap();
        assert!(!own.is_empty(), "tags of {name}");
        for tag in own {
            assert!(tags.contains(tag.as_str().unwrap()), "{tag} of {name}");
        }
        for parameter in operation["parameters"].as_array().into_iter().flatten() {
            let what = &parameter["name"];
            assert!(is_text(&parameter["description"]), "{what} of {name}");
        }
        for (status, response) in responses(&document, operation) {
            assert!(is_text(&response["description"]), "{status} of {name}");
            for (header, told) in members(&response["headers"]) {
                assert!(is_text(&told["description"]), "{header} of {name}");
            }
        }
    }
    assert!(ids.len() >= 20, "{ids:?}");
}

#[test]
fn every_problem_in_the_document_is_on_the_page_with_the_same_status_and_meaning() {
    let (page, document) = (printed("problems"), document());
    let mut explained = BTreeMap::new();
    let mut status = 0;
    for line in page.lines() {
        if let Some(heading) = line.strip_prefix("## ") {
            status = heading.split(' ').next().unwrap().parse().unwrap_or(0);
        } else if let Some(code) = line.strip_prefix("### `") {
            let code = code.trim_end_matches('`').to_owned();
            let before = explained.insert(code.clone(), status);
            assert_eq!(before, None, "{code} is explained twice");
        }
    }
    let mut documented = BTreeSet::new();
    for (name, operation) in operations(&document) {
        for (status, response) in responses(&document, operation) {
            let problem = &response["content"]["application/problem+json"];
            for (code, example) in members(&problem["examples"]) {
                assert_eq!(explained.get(code), Some(&status), "{code} of {name}");
                assert_eq!(example["value"]["status"], status, "{code} of {name}");
                documented.insert(code);
            }
            let refused = status >= 400 && !name.contains("/health/");
            assert_eq!(!problem.is_null(), refused, "{status} of {name}");
        }
    }
    assert!(documented.len() >= 40, "{documented:?}");
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

fn printed(verb: &str) -> String {
    let (code, printed, stderr) = run(&[verb], &[]);
    assert_eq!(code, 0, "{stderr}");
    printed
}

fn document() -> Value {
    serde_json::from_str(&printed("openapi")).unwrap()
}

/// Each with its method and path.
fn operations(document: &Value) -> Vec<(String, &Value)> {
    let paths = document["paths"].as_object().unwrap().iter();
    paths
        .flat_map(|(path, item)| {
            let item = item.as_object().unwrap().iter();
            item.map(move |(method, operation)| (format!("{method} {path}"), operation))
        })
        .collect()
}

/// Each with its status, and those that are shared by several operations found.
fn responses<'a>(document: &'a Value, operation: &'a Value) -> Vec<(u16, &'a Value)> {
    let responses = operation["responses"].as_object().unwrap().iter();
    responses
        .map(|(status, response)| {
            let shared = response["$ref"].as_str();
            let shared = shared.map(|at| document.pointer(&at[1..]).unwrap());
            (status.parse().unwrap(), shared.unwrap_or(response))
        })
        .collect()
}

fn members(value: &Value) -> impl Iterator<Item = (&String, &Value)> {
    value.as_object().into_iter().flat_map(Map::iter)
}

fn is_text(value: &Value) -> bool {
    value.as_str().is_some_and(|text| !text.trim().is_empty())
}
