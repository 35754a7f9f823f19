//! The OpenAPI document says what is served: no path less, no method more.

use std::{collections::BTreeSet, fs, path::Path};

use actix_web::http::Method;
use auth_testkit::FakeIssuer;
use serde_json::{Value, json};
use test_kit::TestDatabase;
use uuid::Uuid;

use crate::support::api::{Api, Runs};

/// Where the domains are mounted.
const USER: &str = "/api/v1/{user_id}";

/// What people and programs find without being told of it there.
const UNDOCUMENTED: [&str; 5] = ["/", "/health", "/openapi.json", "/docs", "/docs/{file:.*}"];

#[actix_web::test]
async fn every_documented_operation_is_served_and_no_other_method_is() {
    let (db, issuer) = (TestDatabase::new().await, FakeIssuer::start());
    let variables = vec![
        ("DATABASE_URL", db.url()),
        ("BETTER_AUTH_URL", issuer.url()),
        ("API__SERVER__PORT", "0".to_owned()),
        ("API__SERVER__WORKERS", "1".to_owned()),
    ];
    let api = Api::start(Runs::InThisProcess, &variables).await;
    api.ready().await;
    let token = issuer.token_for(Uuid::new_v4());
    let document = api.get("/openapi.json", "").await.json_of(200);
    assert_eq!(document, committed());

    for (path, documented) in operations(&document) {
        let segments = path.split('/').map(|segment| match segment {
            "{user_id}" => "me".to_owned(),
            // The id of nothing.
            parameter if parameter.starts_with('{') => Uuid::now_v7().to_string(),
            name => name.to_owned(),
        });
        let mut asked = segments.collect::<Vec<_>>().join("/");
        if asked.ends_with("/events") {
            // Served well it would have no end.
            asked.push_str("?since=x");
        }
        for method in [
            Method::GET,
            Method::PUT,
            Method::POST,
            Method::PATCH,
            Method::DELETE,
        ] {
            let answer = api
                .ask(method.clone(), &asked, &token, Some(&json!({})))
                .await;
            let served = answer.status != 405;
            assert_eq!(
                served,
                documented.contains(method.as_str()),
                "{method} {path}"
            );
            if answer.status == 404 {
                let code = answer.problem().1;
                let absent = code.ends_with("_not_found") && code != "path_not_found";
                assert!(absent, "{method} {path}: {code}");
            }
            if !served {
                let allowed = answer.header("allow");
                let allowed: BTreeSet<_> = allowed.split(", ").filter(|it| *it != "HEAD").collect();
                assert_eq!(
                    allowed,
                    documented.iter().map(String::as_str).collect(),
                    "{path}"
                );
            }
        }
    }
}

#[test]
fn every_path_in_the_code_is_in_the_document() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let mut served = BTreeSet::new();
    for folder in fs::read_dir(root.join("crates")).unwrap() {
        let folder = folder.unwrap().path();
        if folder
            .file_name()
            .unwrap()
            .to_str()
            .unwrap()
            .ends_with("-domain")
        {
            served.extend(
                paths_below(&folder.join("src"))
                    .iter()
                    .map(|path| format!("{USER}{path}")),
            );
        }
    }
    assert!(served.len() >= 3, "{served:?}");
    served.extend(paths_below(&root.join("services/api-server/src")));
    // domain-kit's own, beside all domains.
    served.insert(USER.to_owned());

    let document = committed();
    let documented = operations(&document).into_iter().map(|(path, _)| path);
    // On a port of its own.
    let metrics = ["/metrics".to_owned()];
    let undocumented = UNDOCUMENTED.map(str::to_owned).into_iter().chain(metrics);
    let known: BTreeSet<_> = documented.chain(undocumented).collect();
    assert_eq!(served, known);
}

/// Paths with the methods that they have.
fn operations(document: &Value) -> Vec<(String, BTreeSet<String>)> {
    let paths = document["paths"].as_object().unwrap();
    let methods = |item: &Value| {
        item.as_object()
            .unwrap()
            .keys()
            .map(|it| it.to_uppercase())
            .collect()
    };
    paths
        .iter()
        .map(|(path, item)| (path.clone(), methods(item)))
        .collect()
}

fn committed() -> Value {
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/openapi.json");
    serde_json::from_slice(&fs::read(file).unwrap()).unwrap()
}

/// The paths that these sources give to the router.
fn paths_below(folder: &Path) -> Vec<String> {
    let mut paths = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            paths.extend(paths_below(&path));
        } else {
            let text = fs::read_to_string(&path).unwrap();
            let (text, _tests) = text
                .split_once("#[cfg(test)]\nmod tests {")
                .unwrap_or((&text, ""));
            let lines = text
                .lines()
                .map(str::trim)
                .filter(|line| !line.starts_with("//"));
            let code: String = lines.collect();
            for call in ["resource(\"", "read_only(\"", ".route(\"", "scope(\""] {
                let named = code
                    .split(call)
                    .skip(1)
                    .filter_map(|rest| rest.split('"').next());
                paths.extend(named.map(str::to_owned));
            }
        }
    }
    paths
}
