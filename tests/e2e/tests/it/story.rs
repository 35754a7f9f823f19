use std::collections::BTreeSet;

use actix_web::http::Method;
use serde_json::json;

use crate::support::{api::Runs, bridge::Bridge, token_part};

#[actix_web::test]
async fn two_people_sign_up_and_each_has_tasks_that_only_they_can_reach() {
    story(&Bridge::new().await).await;
}

/// The same through the program as it is shipped, with everything in its log that can be. Better Auth's default payload is the
/// whole user, so the tokens carry an address.
#[cfg(unix)]
#[actix_web::test]
async fn the_log_of_a_whole_session_holds_no_token_no_password_and_no_address() {
    let whole_user = json!({ "jwt": { "jwt": { "definePayload": null } } });
    let everything = [("RUST_LOG", "trace")];
    let mut bridge = Bridge::with(Runs::AsItsOwnProcess, &whole_user, &everything).await;
    let (eve, token) = bridge.welcome("Eve").await;
    assert_eq!(token_part(&token, 1)["email"], eve.email);
    let secrets = story(&bridge).await;
    let log = bridge.api.end();
    for expected in ["TRACE", "session_token", "user_mismatch", "stopped"] {
        assert!(log.contains(expected), "{expected} is not in the log");
    }
    for secret in &secrets {
        let line = log.lines().find(|line| line.contains(secret.as_str()));
        assert!(line.is_none(), "{secret} in {}", line.unwrap_or_default());
    }
}

#[actix_web::test]
async fn a_token_tells_the_session_that_it_was_made_in_and_nothing_about_the_person() {
    let bridge = Bridge::new().await;
    let (ada, token) = bridge.welcome("Ada").await;
    let admin = bridge.ground.admin().await;
    let sql = r#"SELECT id FROM auth.session WHERE "userId" = $1"#;
    let session: String = admin.query_one(sql, &[&ada.id]).await.unwrap().get(0);
    let me = bridge.api.get("/api/v1/me", &token).await.json_of(200);
    assert_eq!(me["session_id"], session);

    let claims = token_part(&token, 1);
    let mut names: Vec<_> = claims.as_object().unwrap().keys().collect();
    names.sort_unstable();
    assert_eq!(names, ["aud", "exp", "iat", "iss", "sid", "sub", "uuid"]);
}

/// Gives everything that must stay between those who said it.
async fn story(bridge: &Bridge) -> BTreeSet<String> {
    let api = &bridge.api;
    let (ada, adas) = bridge.welcome("Ada").await;
    let (bob, bobs) = bridge.welcome("Bob").await;
    assert_ne!(ada.uuid, bob.uuid);

    // The same person on both sides of the bridge.
    let me = api.get("/api/v1/me", &adas).await.json_of(200);
    assert_eq!(me["user_id"], ada.uuid.to_string());
    assert_eq!(me["subject"], ada.id);
    assert_eq!(me["issuer"], bridge.better_auth.url());

    // `me` and the user's own id, in any case, are the same place.
    let place = format!("/api/v1/{}/tasks", ada.uuid);
    let first = json!({ "title": "Cross the bridge", "tags": ["first"] });
    let first = api
        .ask(Method::POST, "/api/v1/me/tasks", &adas, Some(&first))
        .await
        .json_of(201);
    let second = json!({ "title": "Look back", "priority": "high" });
    let second = api
        .ask(Method::POST, &place, &adas, Some(&second))
        .await
        .json_of(201);
    for path in [
        "/api/v1/me/tasks",
        &place,
        &format!("/api/v1/{}/tasks", ada.uuid.to_string().to_uppercase()),
    ] {
        let list = api.get(path, &adas).await.json_of(200);
        assert_eq!(list["items"], json!([second, first]), "{path}");
    }

    // To Bob none of that exists.
    let list = api.get("/api/v1/me/tasks", &bobs).await.json_of(200);
    assert_eq!(list["items"], json!([]));
    let bobs_task = json!({ "title": "Bob's own" });
    let bobs_task = api
        .ask(Method::POST, "/api/v1/me/tasks", &bobs, Some(&bobs_task))
        .await
        .json_of(201);
    let body = json!({ "title": "Mine now" });
    let adas_task = format!("tasks/{}", first["id"].as_str().unwrap());
    for (method, body) in [
        (Method::GET, None),
        (Method::PUT, Some(&body)),
        (Method::PATCH, Some(&body)),
        (Method::DELETE, None),
    ] {
        let under_adas_path = format!("/api/v1/{}/{adas_task}", ada.uuid);
        let answer = api.ask(method.clone(), &under_adas_path, &bobs, body).await;
        assert_eq!(
            answer.problem(),
            (403, "user_mismatch".to_owned()),
            "{method}"
        );
        let under_his_own = format!("/api/v1/me/{adas_task}");
        let answer = api.ask(method.clone(), &under_his_own, &bobs, body).await;
        assert_eq!(
            answer.problem(),
            (404, "task_not_found".to_owned()),
            "{method}"
        );
    }
    for (method, body) in [(Method::GET, None), (Method::POST, Some(&body))] {
        let answer = api.ask(method, &place, &bobs, body).await;
        assert_eq!(answer.problem(), (403, "user_mismatch".to_owned()));
    }
    let list = api.get(&place, &adas).await.json_of(200);
    assert_eq!(list["items"], json!([second, first]), "untouched");

    // Another device, another token, the same tasks.
    let elsewhere = bridge.better_auth.sign_in(&bob).await;
    let bobs_other = bridge.better_auth.token(&elsewhere).await;
    let list = api.get("/api/v1/me/tasks", &bobs_other).await.json_of(200);
    assert_eq!(list["items"], json!([bobs_task]));

    // The commonest mistake is answered with what to send instead.
    for not_a_jwt in [&ada.session_token, ada.cookie.split_once('=').unwrap().1] {
        let answer = api.get("/api/v1/me", not_a_jwt).await;
        assert_eq!(answer.problem(), (401, "session_token".to_owned()));
        let advice = answer.json()["detail"].as_str().unwrap().to_owned();
        assert!(advice.contains("authClient.token()"), "{advice}");
        assert!(
            answer
                .header("www-authenticate")
                .contains(r#"error="invalid_token""#)
        );
    }

    let mut secrets = BTreeSet::new();
    for person in [ada, bob, elsewhere] {
        secrets.extend([person.email, person.session_token]);
        secrets.extend(person.password.split(' ').next_back().map(str::to_owned));
    }
    // The part of it that looks the same in a URL.
    let password = &bridge.ground.password;
    secrets.extend(password.split(' ').next_back().map(str::to_owned));
    // Any part of a token gives much away.
    for token in [adas, bobs, bobs_other] {
        secrets.extend(token.split('.').map(str::to_owned));
    }
    secrets
}
