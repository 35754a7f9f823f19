use serde_json::{Value, json};

use super::Scene;
use crate::support::Ask;

const JSON: &str = "application/json";

/// Every body with a valid one.
fn bodies(scene: &Scene) -> [(Ask, Value); 10] {
    let (task, tag) = (
        format!("/tasks/{}", scene.task),
        format!("/tags/{}", scene.tag),
    );
    let completed = json!({"completed": true});
    [
        (Ask::post("/tasks"), json!({"title": "t"})),
        (Ask::put(&task), json!({"title": "t"})),
        (Ask::patch(&task), json!({"title": "t"})),
        (Ask::put(format!("{task}/completion")), completed.clone()),
        (Ask::patch(format!("{task}/complete")), completed),
        (
            Ask::post(format!("{task}/tags")),
            json!({"tag_id": scene.other_tag}),
        ),
        (Ask::put(format!("{task}/tags")), json!({"tags": []})),
        (Ask::post("/tags"), json!({"name": "n"})),
        (Ask::put(&tag), json!({"name": "n"})),
        (Ask::patch(&tag), json!({"name": "n"})),
    ]
}

#[actix_web::test]
async fn what_is_no_json_or_not_of_the_right_shape_is_refused_as_a_whole() {
    let scene = Scene::new().await;
    let deep = |open: &str, close: &str| open.repeat(20_000) + &close.repeat(20_000);
    let mut malformed: Vec<Vec<u8>> = [
        r#"{"#,
        r#"nul"#,
        r#"{'title':'t'}"#,
        r#"{"title":"t",}"#,
        r#"{"title":"t"} {}"#,
        r#"{"title":"t"}x"#,
        r#"{"title":"\ud800"}"#,
        r#"{"title":"\udc00\ud800"}"#,
        r#"{"title":"\ud800 "}"#,
        r#"{"\ud800":1}"#,
        r#"{"title":NaN}"#,
        r#"{"title":1e999}"#,
        r#"{"title":01}"#,
        "{\"title\":\"a\tb\"}",
        "{\"title\":\"a\0b\"}",
        "\u{feff}{}",
        "\0\0\0{",
        &deep("{\"title\":", "}"),
        &format!("{{\"title\":{}}}", deep("[", "]")),
    ]
    .map(|body| body.as_bytes().to_vec())
    .into();
    malformed.push(b"{\"title\":\"\xff\"}".to_vec());
    malformed.push(b"{\"title\":\"\xed\xa0\x80\"}".to_vec());
    let nested = deep("[", "]");
    let of_another_shape = [
        &*nested,
        "[]",
        "null",
        "true",
        "7",
        "\"t\"",
        "[{\"title\":\"t\"}]",
    ];
    for (ask, _) in bodies(&scene) {
        for body in &malformed {
            let ask = ask.clone().body(JSON, body.clone());
            scene.is_invalid(ask, &[" malformed_json"]).await;
        }
        for body in of_another_shape {
            let ask = ask.clone().body(JSON, body);
            scene.is_invalid(ask, &[" wrong_type"]).await;
        }
        // Nothing at all is no JSON, but where that has a meaning.
        if !ask.path.ends_with("/complete") {
            let ask = ask.header("content-type", JSON);
            scene.is_invalid(ask, &[" malformed_json"]).await;
        }
    }
    scene.nothing_has_changed().await;
}

#[actix_web::test]
async fn a_member_that_is_given_twice_is_refused_however_it_is_spelt() {
    let scene = Scene::new().await;
    for (ask, valid) in bodies(&scene) {
        let (member, value) = valid.as_object().unwrap().iter().next().unwrap();
        let escaped = format!("\\u{:04x}{}", member.as_bytes()[0], &member[1..]);
        for body in [
            format!("{{\"{member}\":{value},\"{member}\":{value}}}"),
            format!("{{\"{member}\":{value},\"{escaped}\":{value}}}"),
            format!("{{\"{member}\":null,\"{member}\":{value}}}"),
        ] {
            let refused = scene.ask(ask.clone().body(JSON, body.clone())).await;
            let expected = (422, "validation_failed");
            assert_eq!(refused.refusal(), expected, "{} {body}", ask.path);
        }
    }
    scene.nothing_has_changed().await;
}

#[actix_web::test]
async fn what_is_not_said_to_be_json_or_is_too_long_is_not_read() {
    let scene = Scene::new().await;
    let others = "text/plain application/x-www-form-urlencoded multipart/form-data application/jsonx json text/json application/xml";
    let longest = 256 * 1024;
    for (ask, valid) in bodies(&scene) {
        let body = valid.to_string();
        for media in others.split(' ').chain([""]) {
            let ask = ask.clone().body(media, body.clone());
            scene
                .is_refused(ask, 415, "unsupported_media_type", &[])
                .await;
        }
        let untold = Ask {
            body: body.clone().into_bytes(),
            ..ask.clone()
        };
        scene
            .is_refused(untold, 415, "unsupported_media_type", &[])
            .await;
        let long = ask.clone().body(JSON, " ".repeat(longest) + &body);
        scene.is_refused(long, 413, "body_too_large", &[]).await;
        let announced = ask.body(JSON, body).header("content-length", "262145");
        scene
            .is_refused(announced, 413, "body_too_large", &[])
            .await;
    }
    scene.nothing_has_changed().await;

    let body = r#"{"title":"t"}"#;
    let long = " ".repeat(longest - body.len()) + body;
    for media in [
        JSON,
        "application/json; charset=utf-8",
        "APPLICATION/JSON",
        "application/merge-patch+json",
    ] {
        let made = scene
            .ask(Ask::post("/tasks").body(media, long.clone()))
            .await;
        assert_eq!(made.status, 201, "{media}: {}", made.text);
    }
}
