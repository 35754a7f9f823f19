use std::{
    io::{Read, Write},
    net::TcpStream,
};

use actix_web::http::Method;
use uuid::Uuid;

use crate::support::{Answer, Service, get};

#[actix_web::test]
async fn a_user_with_a_token_is_let_in_and_nobody_else() {
    let service = Service::start().await;
    service.ready().await;
    let (alice, bob) = (Uuid::new_v4(), Uuid::new_v4());
    let token = service.issuer.token_for(alice);
    let ask = async |path: String| {
        Answer::of(service.request(Method::GET, &path).bearer_auth(&token)).await
    };
    for path in ["/api/v1/me".to_owned(), format!("/api/v1/{alice}")] {
        let answer = ask(path).await;
        assert_eq!(answer.status, 200);
        assert_eq!(answer.json()["user_id"], alice.to_string());
    }
    let answer = ask(format!("/api/v1/{bob}")).await;
    assert_eq!(
        (answer.status, answer.problem().as_str()),
        (403, "user_mismatch")
    );

    let answer = service.get("/api/v1/me").await;
    assert_eq!(
        (answer.status, answer.problem().as_str()),
        (401, "token_missing")
    );
    assert!(answer.header("www-authenticate").starts_with("Bearer"));
    let answer = service.get("/api/v1/me/no/such/path").await;
    assert_eq!(
        answer.problem(),
        "token_missing",
        "who may not come in learns nothing of what is inside"
    );
}

#[actix_web::test]
async fn problems_lead_to_the_page_about_them_where_there_is_one() {
    let page = "https://docs.example/problems";
    let explained = Service::with(&[("API__SERVER__PROBLEMS_URL", page)]).await;
    let plain = Service::start().await;
    // Of the guard, of the routes inside it, and of what is outside of it.
    let token = explained.issuer.token_for(Uuid::new_v4());
    for (path, token) in [
        ("/api/v1/me", ""),
        ("/api/v1/me?limit=1", &token),
        ("/nowhere", ""),
    ] {
        let request = explained.request(Method::GET, path).bearer_auth(token);
        let answer = Answer::of(request).await;
        let code = answer.problem();
        assert_eq!(answer.json()["type"], format!("{page}#{code}"));
    }
    let answer = plain.get("/nowhere").await;
    assert_eq!(
        answer.json()["type"],
        "urn:drawbridge:problem:path_not_found"
    );
}

#[actix_web::test]
async fn a_path_that_nobody_has_is_a_problem() {
    let service = Service::start().await;
    for path in [
        "/nowhere",
        "/api",
        "/api/v2/me",
        "/health/",
        "/health/x",
        "/%00",
        "/a%2Fb",
        "//",
    ] {
        let answer = service.get(path).await;
        assert_eq!(
            (answer.status, answer.problem().as_str()),
            (404, "path_not_found"),
            "{path}"
        );
        assert_eq!(
            answer.json()["instance"],
            path.split('?').next().unwrap(),
            "{path}"
        );
    }
}

#[actix_web::test]
async fn a_method_that_a_path_does_not_have_is_a_problem_that_lists_the_others() {
    let service = Service::start().await;
    service.ready().await;
    let token = service.issuer.token_for(Uuid::new_v4());
    for (method, path, allowed) in [
        (Method::POST, "/health", "GET, HEAD"),
        (Method::DELETE, "/health/ready", "GET, HEAD"),
        (Method::PUT, "/openapi.json", "GET, HEAD"),
        (Method::POST, "/docs/", "GET, HEAD"),
        (Method::OPTIONS, "/", "GET, HEAD"),
        (Method::PUT, "/api/v1/me", "DELETE, GET, HEAD"),
        (Method::PUT, "/api/v1/me/tasks", "GET, HEAD, POST"),
    ] {
        let answer = Answer::of(service.request(method, path).bearer_auth(&token)).await;
        assert_eq!(
            (answer.status, answer.problem().as_str()),
            (405, "method_not_allowed"),
            "{path}"
        );
        let allow = answer.header("allow");
        let mut allow: Vec<_> = allow.split(", ").collect();
        allow.sort_unstable();
        assert_eq!(allow.join(", "), allowed, "{path}");
    }
}

#[actix_web::test]
async fn every_answer_carries_its_request_id_and_safe_headers() {
    let service = Service::start().await;
    service.ready().await;
    let token = service.issuer.token_for(Uuid::new_v4());
    for (path, status) in [
        ("/health", 200),
        ("/nowhere", 404),
        ("/api/v1/me", 200),
        ("/api/v1/me/tasks", 200),
        ("/docs/", 200),
    ] {
        let request = service.request(Method::GET, path).bearer_auth(&token);
        let answer = Answer::of(request.insert_header(("X-Request-ID", "from-the-proxy.1"))).await;
        assert_eq!(answer.status, status, "{path}");
        assert_eq!(answer.header("x-request-id"), "from-the-proxy.1");
        assert_eq!(answer.header("x-content-type-options"), "nosniff");
        assert_eq!(answer.header("referrer-policy"), "no-referrer");
        assert_eq!(
            answer.header("content-security-policy"),
            "frame-ancestors 'none'"
        );
    }
    let answer = service.get("/health").await;
    assert_eq!(
        Uuid::parse_str(&answer.header("x-request-id"))
            .unwrap()
            .get_version_num(),
        7
    );
}

#[actix_web::test]
async fn no_cache_keeps_what_belongs_to_a_user_however_its_path_is_spelt() {
    let service = Service::start().await;
    service.ready().await;
    let token = service.issuer.token_for(Uuid::new_v4());
    for (path, with_token, without) in [
        ("/api/v1/me", 200, 401),
        ("/api/v1/me/tasks", 200, 401),
        ("/%61pi/v1/me/tasks", 200, 401),
        ("/api/%761/me/tasks", 200, 401),
        ("/%61%70%69/v1/%6de/tasks", 200, 401),
        ("/%61pi/v1/me/nothing", 404, 401),
        ("/nowhere", 404, 404),
    ] {
        let request = service.request(Method::GET, path).bearer_auth(&token);
        for (answer, status) in [
            (Answer::of(request).await, with_token),
            (service.get(path).await, without),
        ] {
            assert_eq!(answer.status, status, "{path}");
            let cached = answer.header("cache-control");
            // What has an entity tag may be kept by its user, who asks each time whether it is still good.
            match answer.header("etag").is_empty() {
                true => assert!(cached.contains("no-store"), "{path}: {cached:?}"),
                false => assert_eq!(cached, "private, no-cache", "{path}"),
            }
            assert!(answer.header("vary").contains("Authorization"), "{path}");
        }
    }
    let page = service.get("/docs/").await;
    assert_eq!(page.header("cache-control"), "public, max-age=3600");
}

#[actix_web::test]
async fn answers_are_compressed_for_who_can_read_it_problems_included() {
    let service = Service::start().await;
    for path in ["/openapi.json", "/nowhere", "/api/v1/me"] {
        let plain = service.get(path).await;
        assert_eq!(plain.header("content-encoding"), "");
        let packed = service
            .request(Method::GET, path)
            .insert_header(("Accept-Encoding", "gzip"));
        let packed = Answer::of(packed).await;
        assert_eq!(packed.header("content-encoding"), "gzip", "{path}");
        assert_eq!(packed.body[..2], [0x1f, 0x8b], "{path}: not gzip");
        let url = format!("http://{}{path}", service.address());
        let unpacked = Answer::of(get(&url)).await;
        assert_eq!(unpacked.status, plain.status);
        assert_eq!(unpacked.json()["title"], plain.json()["title"]);
    }
}

#[actix_web::test]
async fn a_body_over_the_limit_is_refused_however_it_is_sent() {
    let service = Service::with(&[("API__SERVER__BODY_LIMIT", "1KiB")]).await;
    service.ready().await;
    let token = service.issuer.token_for(Uuid::new_v4());
    let post = |body: String| {
        let request = service
            .request(Method::POST, "/api/v1/me/tasks")
            .bearer_auth(&token);
        (request.content_type("application/json"), body)
    };
    let of_size = |size: usize| {
        let start = "{\"title\":\"Fits\"";
        format!("{start}{}}}", " ".repeat(size - start.len() - 1))
    };
    for (size, status) in [(1024, 201), (1025, 413), (300_000, 413)] {
        let (request, body) = post(of_size(size));
        let mut response = request.send_body(body).await.unwrap();
        assert_eq!(response.status().as_u16(), status, "{size} bytes at once");
        response.body().await.unwrap();

        let (request, body) = post(of_size(size));
        let chunks: Vec<_> = body
            .as_bytes()
            .chunks(500)
            .map(|chunk| Ok::<_, std::io::Error>(actix_web::web::Bytes::copy_from_slice(chunk)))
            .collect();
        let sent = request
            .send_stream(futures_util::stream::iter(chunks))
            .await;
        let mut response = sent.unwrap();
        assert_eq!(response.status().as_u16(), status, "{size} bytes in chunks");
        if status == 413 {
            let problem: serde_json::Value = response.json().await.unwrap();
            assert_eq!(problem["code"], "body_too_large");
        }
    }
}

#[actix_web::test]
async fn what_is_not_http_gets_a_refusal_and_never_a_500() {
    let service = Service::start().await;
    let address = service.address();
    for garbage in [
        "GET\r\n\r\n".to_owned(),
        "\0\0\0\0\r\n\r\n".to_owned(),
        "GET / HTTP/9.9\r\n\r\n".to_owned(),
        "GET /health HTTP/1.1\r\nHost: x\r\nbad header\r\n\r\n".to_owned(),
        "POST /health HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n".to_owned(),
        format!("GET /{} HTTP/1.1\r\nHost: x\r\n\r\n", "a".repeat(200_000)),
        format!(
            "GET / HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {}\r\n\r\n",
            "a".repeat(200_000)
        ),
    ] {
        let address = address.clone();
        let answer = actix_web::rt::task::spawn_blocking(move || {
            let mut stream = TcpStream::connect(address).unwrap();
            // The server may have answered and closed before everything was written.
            let _ = stream.write_all(garbage.as_bytes());
            let mut answer = Vec::new();
            let _ = stream.read_to_end(&mut answer);
            String::from_utf8_lossy(&answer).into_owned()
        })
        .await
        .unwrap();
        assert!(
            answer.is_empty() || answer.starts_with("HTTP/1.1 4"),
            "{answer}"
        );
    }
    assert_eq!(service.get("/health").await.status, 200);
}
