use serde_json::json;
use uuid::Uuid;

use super::Scene;
use crate::support::{Ask, encoded};

const INVALID: &str = "
    status= status=done status=COMPLETE
    priority= priority=urgent priority=low,high priority=low&priority=x
    tag= tag=%20 tag=%00 tag_id= tag_id=hers tag_id=none untagged= untagged=1 untagged=yes tag_match= tag_match=some
    untagged=true&tag=hers&tag_match=all tag=none&tag=hers&tag_match=all tag=none&untagged=false
    overdue= overdue=2 deleted= deleted=true deleted=all search=%00 search=a%00b
    sort_by= sort_by=id sort_by=title%3B sort_by=created_at,id order= order=ascending order=ASC
    limit= limit=0 limit=201 limit=-1 limit=%2B5 limit=5.0 limit=1e1 limit=0x10 limit=99999999999999999999 limit=%D9%A5
    page= page=0 page=-1 page=1.5 page=99999999999999999999 page=4294967295&limit=200 page=202 page=52&limit=200
    total= total=true total=estimated cursor=x&page=1
    due_before= due_before=2026-12-01 due_before=2026-12-01T10:00:00 due_before=2026-12-01T10:00:00+01:00
    due_after=tomorrow updated_after=0 updated_before=2026-02-30T00:00:00Z updated_before=2026-12-01T10:00:00%2B25:00";

const INVALID_OF_TAGS: &str = "
    limit=0 limit=x limit=5&limit=5 page=0 page=1&page=1 page=202 total=x total=none&total=none cursor=x&page=1
    with_counts= with_counts=1 with_counts=true&with_counts=true";

/// What may be said once.
const ONCE: &str = "
    status=all untagged=true tag_match=any overdue=true search=x deleted=only sort_by=title order=asc limit=5 total=exact page=1
    due_before=2026-12-01T10:00:00Z due_after=2026-12-01T10:00:00Z
    updated_before=2026-12-01T10:00:00Z updated_after=2026-12-01T10:00:00Z";

#[actix_web::test]
async fn every_parameter_is_judged() {
    let scene = Scene::new().await;
    let mut invalid: Vec<String> = INVALID.split_whitespace().map(str::to_owned).collect();
    for once in ONCE.split_whitespace() {
        let (name, _) = once.split_once('=').unwrap();
        invalid.push(format!("{once}&{once}"));
        invalid.push(format!("{once}&{name}="));
    }
    invalid.extend([
        format!("search={}", "x".repeat(256)),
        format!("search={}", encoded(&"💡".repeat(256))),
        format!("tag={}", "x".repeat(51)),
        named(21),
        format!("{}&{}", named(11), with_ids(10)),
        format!("tag={}", scene.tag),
        format!("tag=hers&tag={}&tag={}", scene.tag, Uuid::now_v7()),
    ]);
    for query in &invalid {
        let list = Ask::get(format!("/tasks?{query}"));
        scene.is_bad(list, "invalid_parameter").await;
    }
    for query in INVALID_OF_TAGS.split_whitespace() {
        let list = Ask::get(format!("/tags?{query}"));
        scene.is_bad(list, "invalid_parameter").await;
    }

    // The most that there may be of each is fine.
    let mut valid: Vec<String> =
        "limit=1 limit=007 limit=200&page=51 page=201 search= search=%20%09
        due_before=2026-12-01T10:00:00%2B01:00 due_after=2026-12-01t10:00:00.123456789z"
            .split_whitespace()
            .map(str::to_owned)
            .collect();
    valid.extend(ONCE.split_whitespace().map(str::to_owned));
    valid.extend([
        format!("search={}", encoded(&"💡".repeat(255))),
        format!("tag={}", encoded(&"💡".repeat(50))),
        named(20),
        format!("{}&{}", named(10), with_ids(10)),
    ]);
    for query in valid {
        let answer = scene.ask(Ask::get(format!("/tasks?{query}"))).await;
        assert_eq!(answer.status, 200, "{query}: {}", answer.text);
    }
}

fn named(tags: usize) -> String {
    let named: Vec<_> = (0..tags).map(|n| format!("tag=t{n}")).collect();
    named.join("&")
}

fn with_ids(tags: usize) -> String {
    let ids: Vec<_> = (0..tags)
        .map(|_| format!("tag_id={}", Uuid::now_v7()))
        .collect();
    ids.join("&")
}

#[actix_web::test]
async fn a_parameter_that_nobody_knows_is_never_passed_over() {
    let scene = Scene::new().await;
    let (task, tag) = (
        format!("/tasks/{}", scene.task),
        format!("/tags/{}", scene.tag),
    );
    for ask in [
        Ask::get("/tasks?stauts=all"),
        Ask::get("/tasks?Status=all"),
        Ask::get("/tasks?user_id=x"),
        Ask::get("/tasks?status[]=all"),
        Ask::get("/tasks?=x"),
        Ask::get("/tasks?%00=x"),
        Ask::get("/tasks?with_counts=true"),
        Ask::get("/tasks?offset=1"),
        Ask::get("/tags?status=all"),
        Ask::get("/tags?search=x"),
        Ask::get(format!("{task}?limit=1")),
        Ask::get(format!("{tag}?with_counts=true")),
        Ask::get(format!("{task}/tags?limit=1")),
        Ask::post("/tasks?x=1").json(&json!({"title": "t"})),
        Ask::put(format!("{task}?x=1")).json(&json!({"title": "t"})),
        Ask::patch(format!("{task}?x=1")).json(&json!({"title": "t"})),
        Ask::delete(format!("{task}?x=1")),
        Ask::put(format!("{task}/completion?x=1")).json(&json!({"completed": true})),
        Ask::patch(format!("{task}/complete?x=1")),
        Ask::post(format!("{task}/tags?x=1")).json(&json!({"tag_id": scene.other_tag})),
        Ask::put(format!("{task}/tags?x=1")).json(&json!({"tags": []})),
        Ask::delete(format!("{task}/tags/{}?x=1", scene.tag)),
        Ask::post("/tags?x=1").json(&json!({"name": "n"})),
        Ask::put(format!("{tag}?x=1")).json(&json!({"name": "n"})),
        Ask::patch(format!("{tag}?x=1")).json(&json!({"name": "n"})),
        Ask::delete(format!("{tag}?x=1")),
    ] {
        scene.is_bad(ask, "unknown_parameter").await;
    }
    scene.nothing_has_changed().await;
    let refused = scene.ask(Ask::get("/tasks?stauts=all")).await;
    let detail = refused.body["detail"].as_str().unwrap();
    assert!(detail.contains("Did you mean status?"), "{detail}");
    let refused = scene
        .ask(Ask::get(format!("/tasks?{}=1", "x".repeat(50_000))))
        .await;
    assert!(refused.text.len() < 2_000, "{}", refused.text.len());
}

/// What `websearch_to_tsquery` makes of anything is a search, never an error.
#[actix_web::test]
async fn any_text_can_be_searched_for() {
    const TEXTS: &str = "\" \"\" ' '' \\ - -- or & | ! ( ) :* a:* <-> % _ * ** the 🚀 ﬁ http://x.y/z?q=1 a@b.cd -1.5e10 $1 {} \u{feff}";
    let scene = Scene::new().await;
    let mut texts: Vec<&str> = TEXTS.split_whitespace().collect();
    texts.extend([
        "or or",
        "- or -",
        "a & | b",
        "x OR y -z \"w v\"",
        "'; DROP TABLE app.tasks; --",
    ]);
    texts.extend([
        "a\nb",
        "\u{202e}",
        "\u{1}",
        "\u{7f}",
        "\"open -\"",
        "\"a\" or",
    ]);
    for search in texts {
        let list = Ask::get(format!("/tasks?search={}", encoded(search)));
        let answer = scene.ask(list).await;
        assert_eq!(answer.status, 200, "{search:?}: {}", answer.text);
    }
    scene.nothing_has_changed().await;
}

#[actix_web::test]
async fn bytes_that_are_no_text_are_refused_and_not_guessed_at() {
    let scene = Scene::new().await;
    for query in [
        "tag=%FF",
        "tag=%C3",
        "search=%C3%28",
        "tag=%ED%A0%80",
        "%FF=x",
        "tag=hers%80",
    ] {
        let list = Ask::get(format!("/tasks?{query}"));
        scene.is_bad(list, "invalid_parameter").await;
    }
    // In a path they are the id of nothing.
    for id in "%FF %C3%28 %ED%A0%80 %00 ..%2F %2e%2e %2Ftags".split(' ') {
        let refused = scene.ask(Ask::get(format!("/tasks/{id}"))).await;
        assert_eq!(refused.status, 404, "{id}: {}", refused.text);
    }
    scene.nothing_has_changed().await;
}
