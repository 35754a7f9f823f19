//! Requests of one user that arrive together: they are done one after the other, whole, and each sees what those before it did.

use futures_util::future::join_all;
use serde_json::json;

use crate::{
    support::{Answer, Ask, Door, House, User},
    whole::not_whole,
};

const AT_ONCE: usize = 8;

struct Scene {
    house: House,
    door: Door,
    alice: User,
}

impl Scene {
    async fn new() -> Self {
        let house = House::new().await;
        Self {
            door: house.door().await,
            alice: house.user(),
            house,
        }
    }

    async fn ask(&self, ask: Ask) -> Answer {
        self.door.ask(&self.alice, &ask).await
    }

    async fn all(&self, asks: impl IntoIterator<Item = Ask>) -> Vec<Answer> {
        join_all(asks.into_iter().map(|ask| self.ask(ask))).await
    }

    /// A task without a tag, and a tag.
    async fn task_and_tag(&self) -> (String, String) {
        let task = self
            .ask(Ask::post("/tasks").json(&json!({"title": "t"})))
            .await;
        let tag = self
            .ask(Ask::post("/tags").json(&json!({"name": "n"})))
            .await;
        (format!("/tasks/{}", task.id()), tag.id().to_owned())
    }

    async fn is_whole(&self) {
        let admin = self.house.database.admin().await;
        assert_eq!(not_whole(&admin).await, Vec::<&str>::new());
    }
}

/// How many of the answers have this status.
fn with(answers: &[Answer], status: u16) -> usize {
    let having = answers.iter().filter(|answer| answer.status == status);
    having.count()
}

#[actix_web::test]
async fn of_changes_to_one_state_one_is_made_and_the_others_are_told() {
    let scene = Scene::new().await;
    let (task, tag) = scene.task_and_tag().await;
    let tag = format!("/tags/{tag}");
    for path in [&task, &tag] {
        let answers = scene
            .all((0..AT_ONCE).map(|n| {
                let member = if path == &task { "title" } else { "name" };
                let ask = Ask::patch(path).json(&json!({member: format!("m{n}")}));
                ask.header("if-match", "\"1\"")
            }))
            .await;
        assert_eq!((with(&answers, 200), with(&answers, 412)), (1, AT_ONCE - 1));
        let now = scene.ask(Ask::get(path)).await;
        let made = answers.iter().find(|answer| answer.status == 200).unwrap();
        assert_eq!(now.body, made.body);
    }
    scene.is_whole().await;
}

#[actix_web::test]
async fn a_task_that_is_toggled_by_many_is_toggled_by_each() {
    let scene = Scene::new().await;
    let (task, _) = scene.task_and_tag().await;
    let answers = scene
        .all((0..AT_ONCE).map(|_| Ask::patch(format!("{task}/complete"))))
        .await;
    let mut versions: Vec<_> = answers
        .iter()
        .map(|it| it.body["version"].as_u64())
        .collect();
    versions.sort_unstable();
    let expected: Vec<_> = (2..2 + AT_ONCE as u64).map(Some).collect();
    assert_eq!(versions, expected);
    for answer in &answers {
        let odd = answer.body["version"].as_u64().unwrap() % 2 == 0;
        assert_eq!(answer.body["completed"], odd);
    }
    scene.is_whole().await;
}

#[actix_web::test]
async fn a_name_that_many_tasks_bring_is_one_tag() {
    let scene = Scene::new().await;
    let names = ["new", "New", "NEW"];
    let answers = scene
        .all((0..AT_ONCE).map(|n| {
            let tags = json!([names[n % 3], format!("own {n}")]);
            Ask::post("/tasks").json(&json!({"title": "t", "tags": tags}))
        }))
        .await;
    assert_eq!(with(&answers, 201), AT_ONCE);
    let tags = scene.ask(Ask::get("/tags?with_counts=true")).await.body;
    let tags = tags["items"].as_array().unwrap();
    assert_eq!(tags.len(), 1 + AT_ONCE);
    assert_eq!(tags[0]["task_count"], AT_ONCE);
    let answers = scene
        .all((0..AT_ONCE).map(|_| Ask::post("/tags").json(&json!({"name": "later"}))))
        .await;
    assert_eq!((with(&answers, 201), with(&answers, 409)), (1, AT_ONCE - 1));
    scene.is_whole().await;
}

#[actix_web::test]
async fn a_tag_is_put_on_once_and_taken_off_once() {
    let scene = Scene::new().await;
    let (task, tag) = scene.task_and_tag().await;
    let tags = format!("{task}/tags");
    let answers = scene
        .all((0..AT_ONCE).map(|_| Ask::post(&tags).json(&json!({"tag_id": tag}))))
        .await;
    assert_eq!((with(&answers, 201), with(&answers, 409)), (1, AT_ONCE - 1));
    let answers = scene
        .all((0..AT_ONCE).map(|_| Ask::delete(format!("{tags}/{tag}"))))
        .await;
    assert_eq!((with(&answers, 204), with(&answers, 404)), (1, AT_ONCE - 1));
    assert_eq!(scene.ask(Ask::get(&task)).await.body["version"], 3);
    scene.is_whole().await;
}

/// Whoever comes first: a tag that is gone is on nothing, and nobody is told of a fault of the server.
#[actix_web::test]
async fn what_is_deleted_while_it_is_used_is_gone_or_was_not_yet() {
    let scene = Scene::new().await;
    for _ in 0..10 {
        let (task, tag) = scene.task_and_tag().await;
        let by_id = json!({"tags": [tag]});
        let by_id_and_name = json!({"title": "t", "tags": [tag, "other"]});
        let answers = scene
            .all([
                Ask::patch(&task).json(&by_id),
                Ask::put(&task).json(&by_id_and_name),
                Ask::delete(format!("/tags/{tag}")),
                Ask::post("/tasks").json(&by_id_and_name),
                Ask::post(format!("{task}/tags")).json(&json!({"tag_id": tag})),
                Ask::put(format!("{task}/tags")).json(&by_id),
                Ask::delete(&task),
                Ask::patch(format!("/tags/{tag}")).json(&json!({"name": "renamed"})),
                Ask::get(format!("/tasks?tag_id={tag}")),
            ])
            .await;
        for answer in &answers {
            let expected = [200, 201, 204, 404, 409, 422].contains(&answer.status.as_u16());
            assert!(expected, "{}", answer.text);
        }
        assert_eq!(answers[2].status, 204);
        let listed = scene.ask(Ask::get(format!("/tasks?tag_id={tag}"))).await;
        assert_eq!(listed.body["items"], json!([]));
        let in_trash = scene
            .ask(Ask::get(format!("/tasks?deleted=only&tag_id={tag}")))
            .await;
        assert_eq!(in_trash.body["items"], json!([]));
        scene.is_whole().await;
        let left = scene.ask(Ask::get("/tags")).await.body;
        for tag in left["items"].as_array().unwrap() {
            scene
                .ask(Ask::delete(format!(
                    "/tags/{}",
                    tag["id"].as_str().unwrap()
                )))
                .await;
        }
    }
}
