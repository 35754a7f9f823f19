//! The notes domain, mounted by one line: real tokens, the real guard, a real PostgreSQL; two users wherever isolation could fail.

#![expect(
    clippy::unwrap_used,
    reason = "a test stops where something is not as it should be"
)]

use std::sync::Arc;

use actix_http::Request;
use actix_web::{
    App, Error,
    body::MessageBody,
    dev::{Service, ServiceResponse},
    http::{Method, StatusCode, header},
    middleware::from_fn,
    test,
};
use auth_actix::{AuthBridge, KeyFeed, KeyFeedSettings};
use auth_pg::{AccountsSettings, PgAccounts, SchemaState};
use auth_testkit::{FakeIssuer, identity_of};
use domain_kit::{Clash, DomainSet, Guard, MOUNT_PATH, UserDb, problem_details, schema};
use notes_domain::NotesDomain;
use serde_json::{Value, json};
use tasks_domain::TasksDomain;
use test_kit::{TestDatabase, migrations_and};
use uuid::Uuid;

/// Where this domain's SQL is, as long as it is not in `migrations/`.
const MIGRATION: (&str, &str) = ("notes", include_str!("../notes.sql"));

/// The domain behind the guard, and an issuer to take tokens from.
struct House {
    issuer: FakeIssuer,
    database: TestDatabase,
    domains: DomainSet,
    guard: Guard,
}

impl House {
    async fn new() -> Self {
        Self::of(|db| DomainSet::new().with(NotesDomain::new(db))).await
    }

    async fn of(domains: impl FnOnce(UserDb) -> Result<DomainSet, Clash>) -> Self {
        let database = TestDatabase::with_further(&[MIGRATION]).await;
        let issuer = FakeIssuer::start();
        let feed = KeyFeed::start(&KeyFeedSettings::new(issuer.jwks_url())).unwrap();
        let accounts = PgAccounts::start(database.user_db(), AccountsSettings::default());
        let bridge = AuthBridge::new(issuer.policy(), feed).with_accounts(Arc::new(accounts));
        Self {
            issuer,
            domains: domains(database.user_db()).unwrap(),
            database,
            guard: Guard::new(bridge),
        }
    }

    async fn open(
        &self,
    ) -> impl Service<Request, Response = ServiceResponse<impl MessageBody>, Error = Error> {
        test::init_service(
            App::new()
                .configure(|cfg| self.domains.mount(&self.guard, cfg))
                .wrap(from_fn(problem_details)),
        )
        .await
    }

    fn user(&self) -> User {
        let id = Uuid::new_v4();
        let token = self.issuer.token_for(id);
        User { id, token }
    }

    /// `kind version seq` of each event of this user.
    async fn events_of(&self, user: &User) -> Vec<String> {
        let sql = "SELECT kind, version, seq FROM app.events WHERE user_id = $1 ORDER BY seq";
        let rows = self.database.admin().await.query(sql, &[&user.id]).await;
        let told = |row: &tokio_postgres::Row| {
            let (kind, version, seq): (String, i64, i64) = (row.get(0), row.get(1), row.get(2));
            format!("{kind} {version} {seq}")
        };
        rows.unwrap().iter().map(told).collect()
    }
}

struct User {
    id: Uuid,
    token: String,
}

struct Answer {
    status: StatusCode,
    headers: header::HeaderMap,
    body: Value,
}

impl Answer {
    /// Its status and, for a problem, its code.
    fn said(&self) -> (u16, &str) {
        let code = self.body["code"].as_str().unwrap_or_default();
        (self.status.as_u16(), code)
    }

    fn header(&self, name: &str) -> &str {
        let value = self.headers.get(name);
        value.map_or("", |value| value.to_str().unwrap())
    }

    /// `pointer code` of each thing that was wrong.
    fn errors(&self) -> Vec<String> {
        let errors = self.body["errors"].as_array().cloned().unwrap_or_default();
        let told = |it: &Value| {
            let (pointer, code) = (it["pointer"].as_str(), it["code"].as_str());
            format!("{} {}", pointer.unwrap(), code.unwrap())
        };
        errors.iter().map(told).collect()
    }

    fn titles(&self) -> Vec<&str> {
        let items = self.body["items"].as_array().unwrap().iter();
        items.map(|it| it["title"].as_str().unwrap()).collect()
    }
}

/// A request to a path below the user's own, with further headers and a JSON body where they are given.
macro_rules! send {
    ($app:expr, $user:expr, $method:ident $path:expr $(, $header:literal: $value:expr)* $(=> $json:expr)?) => {{
        let request = test::TestRequest::default()
            .method(Method::$method)
            .uri(&format!("/api/v1/me{}", $path))
            $(.insert_header(($header, $value)))*
            $(.set_json($json))?
            .insert_header((header::AUTHORIZATION, format!("Bearer {}", $user.token)));
        answer(test::call_service(&$app, request.to_request()).await).await
    }};
}

async fn answer(response: ServiceResponse<impl MessageBody>) -> Answer {
    let (status, headers) = (response.status(), response.headers().clone());
    let bytes = test::read_body(response).await;
    let body = match bytes.is_empty() {
        true => Value::Null,
        false => serde_json::from_slice(&bytes).unwrap(),
    };
    if status.is_client_error() || status.is_server_error() {
        let media = headers.get(header::CONTENT_TYPE).unwrap();
        assert_eq!(media, "application/problem+json");
        let problem: schema::Problem = serde_json::from_value(body.clone()).unwrap();
        assert_eq!(problem.status, status.as_u16());
    }
    Answer {
        status,
        headers,
        body,
    }
}

#[actix_web::test]
async fn a_note_is_created_read_changed_listed_and_deleted() {
    let house = House::new().await;
    let (app, alice) = (house.open().await, house.user());

    let made = send!(app, alice, POST "/notes" => json!({"title": "  Milk ", "content": "2 l"}));
    assert_eq!(made.status, 201, "{}", made.body);
    let path = made.header("location").strip_prefix("/api/v1/me").unwrap();
    assert_eq!(
        path,
        format!("/notes/{}", made.body["id"].as_str().unwrap())
    );
    assert_eq!(
        (made.header("etag"), &made.body["version"]),
        ("\"1\"", &json!(1))
    );
    assert_eq!(made.body["title"], "Milk");

    let got = send!(app, alice, GET path);
    assert_eq!((got.status.as_u16(), &got.body), (200, &made.body));
    let changed = send!(app, alice, PATCH path => json!({"content": null}));
    assert_eq!(
        (changed.status.as_u16(), changed.header("etag")),
        (200, "\"2\"")
    );
    assert_eq!(
        (&changed.body["title"], &changed.body["content"]),
        (&json!("Milk"), &Value::Null)
    );
    let changed = send!(app, alice, PATCH path => json!({"title": "Oats"}));
    let listed = send!(app, alice, GET "/notes");
    assert_eq!(listed.body["items"], json!([changed.body]));

    let gone = send!(app, alice, DELETE path);
    assert_eq!((gone.status.as_u16(), gone.body), (204, Value::Null));
    for answer in [
        send!(app, alice, GET path),
        send!(app, alice, PATCH path => json!({"title": "x"})),
        send!(app, alice, DELETE path),
        send!(app, alice, GET "/notes/not-an-id"),
        send!(app, alice, PATCH "/notes/not-an-id" => json!({})),
    ] {
        assert_eq!(answer.said(), (404, "note_not_found"));
    }
    assert_eq!(
        house.events_of(&alice).await,
        [
            "note.created 1 1",
            "note.updated 2 2",
            "note.updated 3 3",
            "note.deleted 3 4"
        ]
    );
}

#[actix_web::test]
async fn a_patch_that_says_nothing_changes_nothing() {
    let house = House::new().await;
    let (app, alice) = (house.open().await, house.user());
    let made = send!(app, alice, POST "/notes" => json!({"title": "Milk"}));
    let path = format!("/notes/{}", made.body["id"].as_str().unwrap());
    let same = send!(app, alice, PATCH path => json!({}));
    assert_eq!((same.status.as_u16(), &same.body), (200, &made.body));
    let refused = send!(app, alice, PATCH path, "if-match": "\"2\"" => json!({}));
    assert_eq!(refused.said(), (412, "precondition_failed"));
    assert_eq!(house.events_of(&alice).await, ["note.created 1 1"]);
}

#[actix_web::test]
async fn another_users_note_is_not_there_whatever_is_tried_with_it() {
    let house = House::new().await;
    let (app, alice, bob) = (house.open().await, house.user(), house.user());
    let made = send!(app, alice, POST "/notes", "idempotency-key": "k" => json!({"title": "hers"}));
    let path = format!("/notes/{}", made.body["id"].as_str().unwrap());
    let tag = made.header("etag");

    for answer in [
        send!(app, bob, GET path),
        send!(app, bob, GET path, "if-none-match": tag),
        send!(app, bob, GET path, "if-none-match": "*"),
        send!(app, bob, PATCH path => json!({"title": "his"})),
        send!(app, bob, PATCH path, "if-match": tag => json!({"title": "his"})),
        send!(app, bob, PATCH path, "if-match": "\"9\"" => json!({})),
        send!(app, bob, DELETE path),
        send!(app, bob, DELETE path, "if-match": "*"),
    ] {
        assert_eq!(answer.said(), (404, "note_not_found"));
    }
    assert_eq!(send!(app, bob, GET "/notes").titles(), [""; 0]);
    // The same key and body from somebody else are another request, and so is another note the answer.
    let his = send!(app, bob, POST "/notes", "idempotency-key": "k" => json!({"title": "hers"}));
    assert_eq!(
        (his.status.as_u16(), his.header("idempotency-replayed")),
        (201, "")
    );
    assert_ne!(his.body["id"], made.body["id"]);

    let got = send!(app, alice, GET path);
    assert_eq!(got.body, made.body, "nothing of it changed");
    assert_eq!(house.events_of(&alice).await, ["note.created 1 1"]);
    assert_eq!(house.events_of(&bob).await, ["note.created 1 1"]);
}

#[actix_web::test]
async fn another_users_path_is_forbidden_and_no_token_is_unauthorized() {
    let house = House::new().await;
    let (app, alice, bob) = (house.open().await, house.user(), house.user());
    for path in ["notes", "notes/x", "notes/x/y"] {
        let request = test::TestRequest::get()
            .uri(&format!("/api/v1/{}/{path}", bob.id))
            .insert_header((header::AUTHORIZATION, format!("Bearer {}", alice.token)));
        let refused = answer(test::call_service(&app, request.to_request()).await).await;
        assert_eq!(refused.said(), (403, "user_mismatch"), "{path}");
        let request = test::TestRequest::get().uri(&format!("/api/v1/me/{path}"));
        let refused = answer(test::call_service(&app, request.to_request()).await).await;
        assert_eq!(refused.said(), (401, "token_missing"), "{path}");
        assert!(!refused.header("www-authenticate").is_empty());
    }
}

#[actix_web::test]
async fn the_list_is_walked_page_by_page_and_a_cursor_is_good_for_its_user_alone() {
    let house = House::new().await;
    let (app, alice, bob) = (house.open().await, house.user(), house.user());
    for number in 1..=5 {
        for user in [&alice, &bob] {
            let made = send!(app, user, POST "/notes" => json!({"title": format!("{number}")}));
            assert_eq!(made.status, 201);
        }
    }
    let first = send!(app, alice, GET "/notes?limit=2");
    assert_eq!(
        (first.titles(), &first.body["has_more"]),
        (vec!["5", "4"], &json!(true))
    );
    let cursor = first.body["next_cursor"].as_str().unwrap();
    let next = send!(app, alice, GET format!("/notes?limit=2&cursor={cursor}"));
    assert_eq!(next.titles(), ["3", "2"]);
    let cursor = next.body["next_cursor"].as_str().unwrap();
    let last = send!(app, alice, GET format!("/notes?cursor={cursor}"));
    assert_eq!(
        (last.titles(), &last.body["next_cursor"]),
        (vec!["1"], &Value::Null)
    );

    let stolen = send!(app, bob, GET format!("/notes?cursor={cursor}"));
    assert_eq!(stolen.said(), (400, "invalid_cursor"));
    for (query, code) in [
        ("cursor=x", "invalid_cursor"),
        ("limit=0", "invalid_parameter"),
        ("limit=1&limit=2", "invalid_parameter"),
        ("limmit=2", "unknown_parameter"),
    ] {
        let refused = send!(app, alice, GET format!("/notes?{query}"));
        assert_eq!(refused.said(), (400, code), "{query}");
    }
}

#[actix_web::test]
async fn what_the_client_has_is_not_sent_again() {
    let house = House::new().await;
    let (app, alice) = (house.open().await, house.user());
    let made = send!(app, alice, POST "/notes" => json!({"title": "Milk"}));
    let path = format!("/notes/{}", made.body["id"].as_str().unwrap());
    for known in ["\"1\"", "W/\"1\"", "*", "\"7\", \"1\""] {
        let same = send!(app, alice, GET path, "if-none-match": known);
        assert_eq!(
            (same.status.as_u16(), same.body),
            (304, Value::Null),
            "{known}"
        );
    }
    let got = send!(app, alice, GET path, "if-none-match": "\"2\"");
    assert_eq!((got.status.as_u16(), got.header("etag")), (200, "\"1\""));
    assert_eq!(got.header("cache-control"), "private, no-cache");
    let refused = send!(app, alice, GET path, "if-none-match": "1");
    assert_eq!(refused.said(), (400, "invalid_header"));
    let head = send!(app, alice, HEAD path);
    assert_eq!((head.status.as_u16(), head.header("etag")), (200, "\"1\""));
}

#[actix_web::test]
async fn a_note_that_changed_since_it_was_read_is_neither_changed_nor_deleted() {
    let house = House::new().await;
    let (app, alice) = (house.open().await, house.user());
    let made = send!(app, alice, POST "/notes" => json!({"title": "one"}));
    let path = format!("/notes/{}", made.body["id"].as_str().unwrap());
    let two = send!(app, alice, PATCH path, "if-match": "\"1\"" => json!({"title": "two"}));
    assert_eq!(two.status, 200);

    for old in ["\"1\"", "W/\"2\"", "\"x\""] {
        let edit = send!(app, alice, PATCH path, "if-match": old => json!({"title": "three"}));
        assert_eq!(edit.said(), (412, "precondition_failed"), "{old}");
        let delete = send!(app, alice, DELETE path, "if-match": old);
        assert_eq!(delete.said(), (412, "precondition_failed"), "{old}");
    }
    assert_eq!(send!(app, alice, GET path).body, two.body);
    assert_eq!(
        send!(app, alice, DELETE path, "if-match": "2").said(),
        (400, "invalid_header")
    );
    assert_eq!(
        send!(app, alice, DELETE path, "if-match": "\"2\"").status,
        204
    );
}

#[actix_web::test]
async fn a_request_that_is_sent_again_makes_one_note() {
    let house = House::new().await;
    let (app, alice) = (house.open().await, house.user());
    let send = async || send!(app, alice, POST "/notes", "idempotency-key": "k1" => json!({"title": "once"}));
    let (first, again) = (send().await, send().await);
    assert_eq!(
        (first.status.as_u16(), first.header("idempotency-replayed")),
        (201, "")
    );
    assert_eq!(
        (again.status.as_u16(), again.header("idempotency-replayed")),
        (201, "true")
    );
    assert_eq!(first.body, again.body);
    for name in ["location", "etag"] {
        assert_eq!(first.header(name), again.header(name), "{name}");
    }
    assert_eq!(send!(app, alice, GET "/notes").titles(), ["once"]);

    let other =
        send!(app, alice, POST "/notes", "idempotency-key": "k1" => json!({"title": "two"}));
    assert_eq!(other.said(), (409, "idempotency_conflict"));
    // What was refused is not kept.
    let bad = send!(app, alice, POST "/notes", "idempotency-key": "k2" => json!({}));
    assert_eq!(bad.said(), (422, "validation_failed"));
    let good =
        send!(app, alice, POST "/notes", "idempotency-key": "k2" => json!({"title": "good"}));
    assert_eq!(good.status, 201);
}

#[actix_web::test]
async fn everything_that_is_wrong_with_a_body_is_told_at_once() {
    let house = House::new().await;
    let (app, alice) = (house.open().await, house.user());
    let made = send!(app, alice, POST "/notes" => json!({"title": "x".repeat(200)}));
    assert_eq!(made.status, 201);
    let path = format!("/notes/{}", made.body["id"].as_str().unwrap());
    for (body, errors) in [
        (json!({}), &["/title required"][..]),
        (
            json!({"title": null, "content": 7}),
            &["/title not_null", "/content wrong_type"],
        ),
        (
            json!({"title": "  ", "tittle": 1}),
            &["/title blank", "/tittle unknown_field"],
        ),
        (
            json!({"title": "x".repeat(201), "id": 1}),
            &["/id read_only", "/title too_long"],
        ),
        (json!({"title": "a\0"}), &["/title character_not_allowed"]),
        (
            json!({"title": "a", "content": "x".repeat(20_001)}),
            &["/content too_long"],
        ),
        (json!(["title"]), &[" wrong_type"]),
    ] {
        let refused = send!(app, alice, POST "/notes" => &body);
        assert_eq!(refused.said(), (422, "validation_failed"), "{body}");
        assert_eq!(refused.errors(), errors, "{body}");
        if body != json!({}) {
            let refused = send!(app, alice, PATCH path => &body);
            assert_eq!(refused.errors(), errors, "{body}");
        }
    }
    // The body is judged before the row and its state.
    let absent = format!("/notes/{}", Uuid::now_v7());
    let refused = send!(app, alice, PATCH absent, "if-match": "\"9\"" => json!({"title": ""}));
    assert_eq!(refused.said(), (422, "validation_failed"));
    let refused = send!(app, alice, POST "/notes", "content-type": "text/plain");
    assert_eq!(refused.said(), (415, "unsupported_media_type"));
}

#[actix_web::test]
async fn other_methods_media_types_and_parameters_are_refused() {
    let house = House::new().await;
    let (app, alice) = (house.open().await, house.user());
    let made = send!(app, alice, POST "/notes" => json!({"title": "stays"}));
    let path = format!("/notes/{}", made.body["id"].as_str().unwrap());

    let refused = send!(app, alice, DELETE "/notes");
    assert_eq!(refused.said(), (405, "method_not_allowed"));
    assert!(
        refused.header("allow").contains("POST"),
        "{:?}",
        refused.headers
    );
    let refused = send!(app, alice, PUT path => json!({"title": "x"}));
    assert_eq!(refused.said(), (405, "method_not_allowed"));
    assert!(
        refused.header("allow").contains("PATCH"),
        "{:?}",
        refused.headers
    );

    let refused = send!(app, alice, POST "/notes", "accept": "text/html" => json!({"title": "x"}));
    assert_eq!(refused.said(), (406, "not_acceptable"));
    for answer in [
        send!(app, alice, GET format!("{path}?x=1")),
        send!(app, alice, DELETE format!("{path}?dry_run=true")),
        send!(app, alice, PATCH format!("{path}?x=1") => json!({"title": "x"})),
        send!(app, alice, POST "/notes?x=1" => json!({"title": "x"})),
    ] {
        assert_eq!(answer.said(), (400, "unknown_parameter"));
    }
    assert_eq!(send!(app, alice, GET "/notes").titles(), ["stays"]);
}

#[actix_web::test]
async fn tasks_and_notes_stand_side_by_side() {
    let house = House::of(|db| {
        DomainSet::new()
            .with(TasksDomain::new(db.clone()))?
            .with(NotesDomain::new(db))
    })
    .await;
    let (app, alice, bob) = (house.open().await, house.user(), house.user());
    let task = send!(app, alice, POST "/tasks" => json!({"title": "Buy milk"}));
    let note = send!(app, alice, POST "/notes" => json!({"title": "Milk"}));
    assert_eq!((task.status.as_u16(), note.status.as_u16()), (201, 201));
    for (path, title) in [("/tasks", "Buy milk"), ("/notes", "Milk")] {
        assert_eq!(send!(app, alice, GET path).titles(), [title]);
        assert_eq!(send!(app, bob, GET path).titles(), [""; 0]);
    }
    // One sequence of changes for the user, whatever was changed.
    assert_eq!(
        house.events_of(&alice).await,
        ["task.created 1 1", "note.created 1 2"]
    );

    // Neither knows the other's ids, and a key is the user's in both.
    let id = task.body["id"].as_str().unwrap();
    let absent = send!(app, alice, GET format!("/notes/{id}"));
    assert_eq!(absent.said(), (404, "note_not_found"));
    for (path, status) in [("/tasks", 201), ("/notes", 409)] {
        let answer = send!(app, alice, POST path, "idempotency-key": "k" => json!({"title": "x"}));
        assert_eq!(answer.status.as_u16(), status, "{path}");
    }
    let twice = DomainSet::new().with(NotesDomain::new(house.database.user_db()));
    let twice = twice
        .unwrap()
        .with(NotesDomain::new(house.database.user_db()));
    assert!(twice.is_err());
}

#[actix_web::test]
async fn row_level_security_holds_by_itself() {
    let house = House::new().await;
    let (app, alice, bob) = (house.open().await, house.user(), house.user());
    let made = send!(app, alice, POST "/notes" => json!({"title": "hers"}));
    send!(app, bob, POST "/notes" => json!({"title": "his"}));
    let id: Uuid = made.body["id"].as_str().unwrap().parse().unwrap();

    // `$1` is named, as the scope wants it, and restricts nothing.
    let user = house.database.user_db().as_user(&identity_of(bob.id));
    let seen = user.query(
        "SELECT title FROM app.notes WHERE $1::uuid IS NOT NULL",
        &[],
    );
    let seen = seen.await.unwrap();
    assert_eq!((seen.len(), seen[0].get::<_, &str>(0)), (1, "his"));
    let all = "UPDATE app.notes SET title = 'taken' WHERE $1::uuid IS NOT NULL RETURNING id";
    let changed = user.query(all, &[]).await.unwrap();
    assert_eq!(changed.len(), 1);
    assert_ne!(changed[0].get::<_, Uuid>(0), id);
    let all = "DELETE FROM app.notes WHERE $1::uuid IS NOT NULL AND id = $2 RETURNING id";
    assert!(user.query(all, &[&id]).await.unwrap().is_empty());
    let foreign = "INSERT INTO app.notes (user_id, id, title)
                   SELECT $2, gen_random_uuid(), 'planted' WHERE $1::uuid IS NOT NULL";
    user.query(foreign, &[&alice.id]).await.unwrap_err();
    let moved = "UPDATE app.notes SET user_id = $2 WHERE user_id = $1";
    user.query(moved, &[&alice.id]).await.unwrap_err();
    let renamed = "UPDATE app.notes SET id = gen_random_uuid() WHERE user_id = $1";
    user.query(renamed, &[]).await.unwrap_err();

    assert_eq!(
        send!(app, alice, GET "/notes").body["items"],
        json!([made.body])
    );
}

#[actix_web::test]
async fn the_table_is_fenced_and_has_no_triggers() {
    let house = House::new().await;
    // Before anybody is served, a service looks for holes like this.
    let migrations = migrations_and(&[MIGRATION]);
    let state = house.database.user_db().schema_state(&migrations).await;
    assert_eq!(state.unwrap(), SchemaState::Current);
    let sql = "SELECT c.relrowsecurity AND c.relforcerowsecurity, pg_get_userbyid(c.relowner)::text,
                      (SELECT count(*) FROM pg_trigger t WHERE t.tgrelid = c.oid AND NOT t.tgisinternal),
                      (SELECT array_agg(a.attname::text ORDER BY k.place)
                         FROM pg_index i, unnest(i.indkey) WITH ORDINALITY AS k (attribute, place), pg_attribute a
                        WHERE i.indrelid = c.oid AND i.indisprimary AND a.attrelid = c.oid AND a.attnum = k.attribute)
                 FROM pg_class c WHERE c.oid = 'app.notes'::regclass";
    let table = house.database.admin().await.query_one(sql, &[]).await;
    let table = table.unwrap();
    assert!(table.get::<_, bool>(0));
    assert_eq!(table.get::<_, &str>(1), "tasks_owner");
    assert_eq!(table.get::<_, i64>(2), 0);
    assert_eq!(table.get::<_, Vec<String>>(3), ["user_id", "id"]);
}

#[actix_web::test]
async fn the_document_has_its_operations_and_what_they_take_and_refuse() {
    let database = TestDatabase::with_further(&[]).await;
    let domains = DomainSet::new().with(NotesDomain::new(database.user_db()));
    let document = serde_json::to_value(domains.unwrap().openapi()).unwrap();
    let schemes = &document["components"]["securitySchemes"];
    assert_eq!(schemes["better_auth_jwt"]["scheme"], "bearer");

    for (method, path, id, parameters, codes) in [
        (
            "get",
            "/notes",
            "list_notes",
            &["limit", "cursor"][..],
            &[(400, "invalid_cursor")][..],
        ),
        (
            "post",
            "/notes",
            "create_note",
            &["Idempotency-Key"],
            &[(409, "idempotency_conflict")],
        ),
        (
            "get",
            "/notes/{note_id}",
            "find_note",
            &["note_id", "If-None-Match"],
            &[(404, "note_not_found")],
        ),
        (
            "patch",
            "/notes/{note_id}",
            "patch_note",
            &["note_id", "If-Match"],
            &[
                (404, "note_not_found"),
                (412, "precondition_failed"),
                (422, "validation_failed"),
                (400, "invalid_header"),
            ],
        ),
        (
            "delete",
            "/notes/{note_id}",
            "delete_note",
            &["note_id", "If-Match"],
            &[(404, "note_not_found"), (412, "precondition_failed")],
        ),
    ] {
        let operation = &document["paths"][format!("{MOUNT_PATH}{path}")][method];
        assert_eq!(operation["operationId"], id);
        assert_eq!(
            operation["security"],
            json!([{"better_auth_jwt": []}]),
            "{id}"
        );
        let named = operation["parameters"].as_array().unwrap().iter();
        let named: Vec<_> = named.map(|it| it["name"].as_str().unwrap()).collect();
        assert_eq!(named, [&["user_id"], parameters].concat(), "{id}");
        let common = [
            (401, "token_missing"),
            (403, "user_mismatch"),
            (406, "not_acceptable"),
        ];
        for (status, code) in codes.iter().chain(&common) {
            let mut response = &operation["responses"][status.to_string()];
            if let Some(shared) = response["$ref"].as_str() {
                response = document.pointer(&shared[1..]).unwrap();
            }
            let told = response["description"].as_str().unwrap_or_default();
            assert!(told.contains(&format!("`{code}`")), "{id} {status}: {told}");
            let schema = &response["content"]["application/problem+json"]["schema"];
            assert_eq!(
                schema["$ref"], "#/components/schemas/Problem",
                "{id} {status}"
            );
        }
    }
    for (schema, required) in [("NewNote", json!(["title"])), ("NotePatch", Value::Null)] {
        let schema = &document["components"]["schemas"][schema];
        assert_eq!(
            (&schema["required"], &schema["additionalProperties"]),
            (&required, &json!(false))
        );
    }
    let note = &document["components"]["schemas"]["Note"]["required"];
    assert_eq!(note.as_array().unwrap().len(), 6);
}
