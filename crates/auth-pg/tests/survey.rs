//! What a database tells about itself and about Better Auth's tables in it.

#![expect(clippy::unwrap_used, reason = "a test stops where it is wrong")]

use auth_pg::{PoolSettings, StoreError, Survey};
use test_kit::{Contents, TestDatabase};

async fn survey(db: &TestDatabase) -> Survey {
    Survey::take(&db.pool_settings()).await.unwrap()
}

#[tokio::test]
async fn whole_tables_lack_nothing_and_their_users_have_a_uuid() {
    let db = TestDatabase::with(Contents::SchemaAndBetterAuth).await;
    let survey = survey(&db).await;
    let [tables] = &*survey.better_auth else {
        panic!("{survey:?}");
    };
    assert_eq!((&*tables.schema, &*tables.id_type), ("auth", "text"));
    assert!(tables.missing.is_empty() && tables.missing_of_jwks.is_empty());
    assert!(tables.has_jwks);
    let uuid = tables.uuid.as_ref().unwrap();
    assert_eq!(uuid.data_type, "uuid");
    assert!(uuid.has_default && !uuid.nullable, "{uuid:?}");
    assert_eq!(survey.linked, Some(("auth.\"user\"".to_owned(), true)));
    assert!(survey.other_logins.is_empty());
    assert!(survey.login_is_unbound, "tests log in as a superuser");
}

#[tokio::test]
async fn what_is_missing_is_named_wherever_the_tables_are() {
    let db = TestDatabase::with(Contents::Nothing).await;
    assert!(survey(&db).await.better_auth.is_empty());
    let sql = r#"
        CREATE TABLE "user" (id uuid PRIMARY KEY, email text, "emailVerified" boolean);
        CREATE TABLE session (id text, "userId" text, "expiresAt" timestamptz);
        CREATE TABLE account (id text, "userId" text, "providerId" text);
        CREATE TABLE users (id serial, password_hash text)"#;
    db.admin().await.batch_execute(sql).await.unwrap();
    let survey = survey(&db).await;
    let [tables] = &*survey.better_auth else {
        panic!("{survey:?}");
    };
    assert_eq!((&*tables.schema, &*tables.id_type), ("public", "uuid"));
    assert_eq!(tables.missing, ["session.token"]);
    assert!(!tables.has_jwks && tables.uuid.is_none());
    assert_eq!(survey.other_logins, ["public.users"]);
    assert_eq!(survey.linked, None);
}

#[tokio::test]
async fn a_role_that_may_touch_nothing_sees_the_same() {
    let db = TestDatabase::with(Contents::SchemaAndBetterAuth).await;
    let login = format!("stranger_{}", std::process::id());
    let admin = db.admin().await;
    let sql = format!("CREATE ROLE {login} LOGIN PASSWORD 'x'");
    admin.batch_execute(&sql).await.unwrap();
    let url = db.url();
    let (_, place) = url.split_once('@').unwrap();
    let settings = PoolSettings::new(&format!("postgres://{login}:x@{place}")).unwrap();
    let survey = Survey::take(&settings).await;
    admin
        .batch_execute(&format!("DROP ROLE {login}"))
        .await
        .unwrap();
    let survey = survey.unwrap();
    assert_eq!(survey.login, login);
    assert!(!survey.login_is_unbound);
    assert_eq!(survey.better_auth.len(), 1);
    assert!(survey.linked.is_some());
}

#[tokio::test]
async fn a_database_that_is_not_there_is_unavailable() {
    let settings = PoolSettings::new("postgres://u:hunter2@127.0.0.1:1/db").unwrap();
    let error = Survey::take(&settings).await.unwrap_err();
    assert!(matches!(error, StoreError::Unavailable(_)), "{error:?}");
    assert!(!format!("{error:?}").contains("hunter2"));
}
