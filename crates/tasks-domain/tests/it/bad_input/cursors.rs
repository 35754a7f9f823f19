use serde_json::json;

use super::Scene;
use crate::support::{Ask, User};

/// Alice and Bob have two entries in each.
const LISTS: [&str; 13] = [
    "/tasks?limit=1",
    "/tasks?limit=1&order=asc",
    "/tasks?limit=1&sort_by=title",
    "/tasks?limit=1&sort_by=title&order=asc",
    "/tasks?limit=1&sort_by=due_date",
    "/tasks?limit=1&sort_by=updated_at",
    "/tasks?limit=1&sort_by=priority",
    "/tasks?limit=1&status=incomplete",
    "/tasks?limit=1&priority=none",
    "/tasks?limit=1&priority=none&priority=low",
    "/tasks?limit=1&updated_after=2020-01-01T00:00:00Z",
    "/tasks?limit=1&overdue=false",
    "/tags?limit=1",
];

async fn cursor_of(scene: &Scene, user: &User, list: &str) -> String {
    let page = scene.door.ask(user, &Ask::get(list)).await;
    let cursor = page.body["next_cursor"].as_str();
    cursor
        .unwrap_or_else(|| panic!("{list}: {}", page.text))
        .to_owned()
}

#[actix_web::test]
async fn a_cursor_is_good_in_the_list_that_gave_it_out_and_in_no_other() {
    let scene = Scene::new().await;
    for (path, body) in [
        ("/tasks", json!({"title": "second"})),
        ("/tags", json!({"name": "second"})),
    ] {
        let made = scene
            .door
            .ask(&scene.bob, &Ask::post(path).json(&body))
            .await;
        assert_eq!(made.status, 201);
    }
    for list in LISTS {
        let cursor = cursor_of(&scene, &scene.alice, list).await;
        // How much is read at once, and whether it is counted, may change on the way.
        for same in [
            list.to_owned(),
            list.replace("limit=1", "limit=7&total=exact"),
        ] {
            let onward = scene.ask(Ask::get(format!("{same}&cursor={cursor}"))).await;
            assert_eq!(onward.status, 200, "{same}: {}", onward.text);
            assert_eq!(onward.body["items"].as_array().unwrap().len(), 1, "{same}");
        }
        for other in LISTS.into_iter().filter(|other| *other != list) {
            let ask = Ask::get(format!("{other}&cursor={cursor}"));
            scene.is_bad(ask, "invalid_cursor").await;
        }
        let his = cursor_of(&scene, &scene.bob, list).await;
        let ask = Ask::get(format!("{list}&cursor={his}"));
        scene.is_bad(ask, "invalid_cursor").await;
    }
}

#[actix_web::test]
async fn a_cursor_that_was_changed_cut_or_made_up_is_refused() {
    let scene = Scene::new().await;
    let list = "/tasks?limit=1&sort_by=title";
    let cursor = cursor_of(&scene, &scene.alice, list).await;
    let mut bad = Vec::new();
    for at in 0..cursor.len() {
        let other = if cursor[at..].starts_with('A') {
            "B"
        } else {
            "A"
        };
        bad.push(format!("{}{other}{}", &cursor[..at], &cursor[at + 1..]));
        bad.push(cursor[..at].to_owned());
        bad.push(cursor[at + 1..].to_owned());
    }
    let upper_and_lower = [cursor.to_lowercase(), cursor.to_uppercase()];
    let longer = ["A", "=", "%3D", "%20", "."].map(|more| format!("{cursor}{more}"));
    let repeated = [
        cursor.repeat(2),
        cursor.repeat(100),
        "A".repeat(32),
        "A".repeat(60_000),
    ];
    let others = "x null e30 -1 0 %F0%9F%9A%80 %20"
        .split(' ')
        .map(str::to_owned);
    bad.extend(
        upper_and_lower
            .into_iter()
            .chain(longer)
            .chain(repeated)
            .chain(others),
    );
    for cursor in bad {
        let ask = Ask::get(format!("{list}&cursor={cursor}"));
        scene.is_bad(ask, "invalid_cursor").await;
    }
    scene
        .is_bad(Ask::get(format!("{list}&cursor=%00")), "invalid_parameter")
        .await;
}
