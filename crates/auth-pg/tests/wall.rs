//! The second wall is looked at before anybody is served: each way to open it is named, with what closes it again.

#![expect(
    clippy::unwrap_used,
    reason = "a test stops where something is not as it should be"
)]

use auth_pg::{PoolSettings, RoleName, SchemaState, UserDb};
use test_kit::{Contents, TestDatabase, migrations};
use tokio_postgres::Client;
use uuid::Uuid;

#[tokio::test]
async fn a_wall_that_stands_is_found_to_stand() {
    for contents in [Contents::Schema, Contents::SchemaAndBetterAuth] {
        let database = TestDatabase::with(contents).await;
        let admin = database.admin().await;
        // Rows of somebody's, so that there is something to be seen.
        let rows = "
            INSERT INTO app.users (user_id) SELECT id FROM (SELECT gen_random_uuid() AS id) u;
            INSERT INTO app.tasks (user_id, id, title) SELECT user_id, gen_random_uuid(), 'hers' FROM app.users";
        if contents == Contents::Schema {
            admin.batch_execute(rows).await.unwrap();
        }
        // Twice over one connection: the setting that says who asks has another value after its first use.
        let mut settings = database.pool_settings();
        settings.max_connections = 1;
        for prepared in [true, false] {
            settings.prepared_statements = prepared;
            let db = UserDb::connect(&settings).unwrap();
            for _ in 0..2 {
                let state = db.schema_state(&migrations()).await.unwrap();
                assert_eq!(state, SchemaState::Current, "{contents:?}");
            }
        }
    }
}

/// What opens the wall, what must be said of it, and whether what is said is SQL that closes it.
struct Breach {
    sql: &'static str,
    said: &'static str,
    mend: Mend,
}

#[derive(PartialEq)]
enum Mend {
    /// What follows the first colon.
    Said,
    ByHand,
}

const fn breach(sql: &'static str, said: &'static str) -> Breach {
    let mend = Mend::Said;
    Breach { sql, said, mend }
}

const fn by_hand(sql: &'static str, said: &'static str) -> Breach {
    let mend = Mend::ByHand;
    Breach { sql, said, mend }
}

const BREACHES: &[Breach] = &[
    // Tables.
    breach(
        "ALTER TABLE app.tasks DISABLE ROW LEVEL SECURITY",
        "table app.tasks does not enable row-level security: ALTER TABLE app.tasks ENABLE ROW LEVEL SECURITY",
    ),
    breach(
        "ALTER TABLE app.tasks NO FORCE ROW LEVEL SECURITY",
        "table app.tasks does not force row-level security: ALTER TABLE app.tasks FORCE ROW LEVEL SECURITY",
    ),
    breach(
        "ALTER TABLE app.revocations DISABLE ROW LEVEL SECURITY",
        "table app.revocations does not enable row-level security",
    ),
    by_hand(
        "CREATE TABLE app.notes (user_id uuid, id uuid, PRIMARY KEY (user_id, id)); GRANT SELECT ON app.notes TO tasks_api",
        "table app.notes does not enable row-level security: ALTER TABLE app.notes ENABLE ROW LEVEL SECURITY; \
         table app.notes does not force row-level security: ALTER TABLE app.notes FORCE ROW LEVEL SECURITY; \
         table app.notes has no policy for role tasks_api: CREATE POLICY notes_owner_only ON app.notes",
    ),
    by_hand(
        "CREATE TABLE app.notes (user_id uuid NOT NULL) PARTITION BY HASH (user_id)",
        "table app.notes does not enable row-level security",
    ),
    by_hand(
        "CREATE TABLE app.notes (user_id uuid, note text); GRANT SELECT (note) ON app.notes TO tasks_api;
         ALTER TABLE app.notes ENABLE ROW LEVEL SECURITY; ALTER TABLE app.notes FORCE ROW LEVEL SECURITY",
        "table app.notes may be read by tasks_api and has no column user_id NOT NULL to fence it by",
    ),
    by_hand(
        "CREATE VIEW app.all_tasks AS SELECT * FROM app.tasks; GRANT SELECT ON app.all_tasks TO tasks_api",
        "table app.all_tasks may be read by tasks_api and has no column user_id",
    ),
    by_hand(
        "ALTER TABLE app.tasks OWNER TO tasks_api",
        "role tasks_api owns TABLE app.tasks: ALTER TABLE app.tasks OWNER TO tasks_owner, then GRANT",
    ),
    by_hand(
        "ALTER SCHEMA app OWNER TO tasks_api",
        "role tasks_api owns SCHEMA app: ALTER SCHEMA app OWNER TO tasks_owner",
    ),
    // Policies.
    breach(
        "CREATE POLICY leak ON app.tasks TO tasks_api USING (true)",
        "policy leak on table app.tasks says USING true, not only (user_id = app.current_user_id()): ALTER POLICY leak",
    ),
    breach(
        "CREATE POLICY leak ON app.tasks USING (true)",
        "policy leak on table app.tasks says USING true",
    ),
    breach(
        "CREATE POLICY leak ON app.tasks FOR SELECT USING (user_id = app.current_user_id() OR title = 'shared')",
        "policy leak on table app.tasks says USING ((user_id = app.current_user_id()) OR",
    ),
    breach(
        "CREATE POLICY leak ON app.tasks FOR INSERT TO tasks_api WITH CHECK (true)",
        "policy leak on table app.tasks says WITH CHECK true",
    ),
    breach(
        "ALTER POLICY tasks_owner_only ON app.tasks WITH CHECK (true)",
        "policy tasks_owner_only on table app.tasks says USING (user_id = app.current_user_id()) WITH CHECK true",
    ),
    breach(
        "DROP POLICY tasks_owner_only ON app.tasks",
        "table app.tasks has no policy for role tasks_api: CREATE POLICY tasks_owner_only ON app.tasks FOR ALL TO tasks_api",
    ),
    by_hand(
        "ALTER POLICY tasks_owner_only ON app.tasks TO pg_monitor",
        "table app.tasks has no policy for role tasks_api",
    ),
    // An operator that fits better than PostgreSQL's own where the policy is made.
    breach(
        "CREATE FUNCTION public.any_user(uuid, uuid) RETURNS boolean IMMUTABLE LANGUAGE sql RETURN true;
         CREATE OPERATOR public.= (LEFTARG = uuid, RIGHTARG = uuid, FUNCTION = public.any_user);
         SET search_path = public, pg_catalog;
         ALTER POLICY tasks_owner_only ON app.tasks
           USING (user_id = app.current_user_id()) WITH CHECK (user_id = app.current_user_id());
         RESET search_path",
        "policy tasks_owner_only on table app.tasks says USING (user_id OPERATOR(public.=) app.current_user_id())",
    ),
    // Who is asking.
    breach(
        "CREATE OR REPLACE FUNCTION app.current_user_id() RETURNS uuid LANGUAGE sql STABLE
         RETURN current_setting('app.user_id', true)::uuid",
        "function app.current_user_id() says RETURN (current_setting('app.user_id'::text, true))::uuid: \
         CREATE OR REPLACE FUNCTION app.current_user_id()",
    ),
    breach(
        "CREATE OR REPLACE FUNCTION app.current_user_id() RETURNS uuid LANGUAGE sql STABLE
         AS $$ SELECT '00000000-0000-4000-8000-000000000001'::uuid $$",
        "function app.current_user_id() says SELECT '00000000-0000-4000-8000-000000000001'::uuid",
    ),
    breach(
        "ALTER FUNCTION app.current_user_id() SECURITY DEFINER",
        "function app.current_user_id() runs as its owner: ALTER FUNCTION app.current_user_id() SECURITY INVOKER",
    ),
    by_hand(
        "ALTER FUNCTION app.current_user_id() OWNER TO tasks_api",
        "role tasks_api owns ROUTINE app.current_user_id(): ALTER ROUTINE app.current_user_id() OWNER TO tasks_owner",
    ),
    by_hand(
        "DROP FUNCTION app.current_user_id() CASCADE",
        "function app.current_user_id() is not there",
    ),
    // Rights.
    breach(
        "GRANT USAGE ON SCHEMA app TO PUBLIC",
        "SCHEMA app is open to PUBLIC: REVOKE USAGE ON SCHEMA app FROM PUBLIC",
    ),
    breach(
        "GRANT SELECT ON app.tasks TO PUBLIC",
        "TABLE app.tasks is open to PUBLIC: REVOKE SELECT ON TABLE app.tasks FROM PUBLIC",
    ),
    breach(
        "GRANT SELECT (title), UPDATE (title) ON app.tasks TO PUBLIC",
        "TABLE app.tasks is open to PUBLIC: REVOKE SELECT (title), UPDATE (title) ON TABLE app.tasks FROM PUBLIC",
    ),
    breach(
        "GRANT EXECUTE ON FUNCTION app.current_user_id() TO PUBLIC",
        "ROUTINE app.current_user_id() is open to PUBLIC: REVOKE EXECUTE ON ROUTINE app.current_user_id() FROM PUBLIC",
    ),
    breach(
        "CREATE FUNCTION app.count_all() RETURNS bigint LANGUAGE sql RETURN (SELECT count(*) FROM app.tasks)",
        "ROUTINE app.count_all() is open to PUBLIC",
    ),
    breach(
        "GRANT USAGE ON SEQUENCE app.revocations_id_seq TO PUBLIC",
        "SEQUENCE app.revocations_id_seq is open to PUBLIC",
    ),
    breach(
        "GRANT CREATE ON SCHEMA app TO tasks_api",
        "tasks_api may do too much with SCHEMA app: REVOKE CREATE ON SCHEMA app FROM tasks_api",
    ),
    breach(
        "GRANT UPDATE (user_id) ON app.tasks TO tasks_api",
        "tasks_api may do too much with TABLE app.tasks: REVOKE UPDATE (user_id) ON TABLE app.tasks FROM tasks_api",
    ),
    breach(
        "GRANT UPDATE (id) ON app.tags TO tasks_api",
        "tasks_api may do too much with TABLE app.tags: REVOKE UPDATE (id)",
    ),
    by_hand(
        "GRANT UPDATE ON app.tasks TO tasks_api",
        "tasks_api may do too much with TABLE app.tasks: REVOKE UPDATE ON TABLE app.tasks FROM tasks_api, then GRANT it by column",
    ),
    breach(
        "GRANT TRUNCATE ON app.tasks TO tasks_api",
        "tasks_api may do too much with TABLE app.tasks: REVOKE TRUNCATE",
    ),
    breach(
        "GRANT REFERENCES (id), TRIGGER ON app.tasks TO tasks_api",
        "tasks_api may do too much with TABLE app.tasks: REVOKE REFERENCES (id), TRIGGER",
    ),
    breach(
        "GRANT UPDATE (kind), DELETE ON app.events TO tasks_api",
        "tasks_api may do too much with TABLE app.events: REVOKE DELETE, UPDATE (kind)",
    ),
    // Keys.
    by_hand(
        "ALTER TABLE app.tags ADD UNIQUE (id);
         ALTER TABLE app.task_tags ADD CONSTRAINT short FOREIGN KEY (tag_id) REFERENCES app.tags (id)",
        "foreign key short of table app.task_tags can lead to another user's row of app.tags: \
         make it FOREIGN KEY (user_id, …) REFERENCES app.tags (user_id, …)",
    ),
    by_hand(
        "ALTER TABLE app.tags ADD UNIQUE (id, user_id);
         ALTER TABLE app.task_tags ADD CONSTRAINT crossed FOREIGN KEY (user_id, tag_id) REFERENCES app.tags (id, user_id)",
        "foreign key crossed of table app.task_tags",
    ),
    by_hand(
        "ALTER TABLE app.events DROP CONSTRAINT events_pkey, ADD PRIMARY KEY (seq, user_id)",
        "the primary key of table app.events does not begin with user_id",
    ),
    by_hand(
        "ALTER TABLE app.events DROP CONSTRAINT events_pkey",
        "the primary key of table app.events does not begin with user_id",
    ),
    // What the catalogue does not show.
    by_hand(
        "DO $$ BEGIN
           EXECUTE format('ALTER DATABASE %I SET app.user_id = %L', current_database(), gen_random_uuid()); END $$",
        "table app.users can be read, table app.webhooks can be read while nobody is asking",
    ),
    by_hand(
        "REVOKE EXECUTE ON FUNCTION app.current_user_id() FROM tasks_api",
        "table app.webhooks says \"permission denied for function current_user_id\" while nobody is asking",
    ),
];

#[tokio::test]
async fn every_breach_of_the_wall_is_named_with_what_mends_it() {
    let mut missed = Vec::new();
    for Breach { sql, said, mend } in BREACHES {
        let database = TestDatabase::new().await;
        let admin = database.admin().await;
        admin.batch_execute(sql).await.unwrap();
        let why = why(&database.pool_settings()).await;
        if !why.contains(said) {
            missed.push(format!("{sql}\n  wanted: {said}\n  said: {why}"));
        } else if *mend == Mend::Said {
            let (_, mend) = why.split_once(": ").unwrap();
            let mended = admin.batch_execute(mend).await;
            let after = self::why(&database.pool_settings()).await;
            if mended.is_err() || !after.is_empty() {
                missed.push(format!("{mend}\n  gave: {mended:?}\n  after it: {after}"));
            }
        }
    }
    assert!(missed.is_empty(), "{}", missed.join("\n"));
}

#[tokio::test]
async fn of_several_breaches_all_are_named_and_the_worst_comes_first() {
    let database = TestDatabase::new().await;
    let breaches =
        "GRANT UPDATE (id) ON app.tags TO tasks_api; CREATE POLICY leak ON app.tags USING (true);
                    ALTER TABLE app.events NO FORCE ROW LEVEL SECURITY";
    database
        .admin()
        .await
        .batch_execute(breaches)
        .await
        .unwrap();
    let why = why(&database.pool_settings()).await;
    let order = ["table app.events", "policy leak", "REVOKE UPDATE (id)"].map(|it| why.find(it));
    assert!(order.is_sorted() && order[0] == Some(0), "{order:?}: {why}");
}

/// The text of the function is as it should be, and what it calls is not: only asking it tells.
#[tokio::test]
async fn a_user_who_is_taken_for_another_one_is_noticed_by_trying() {
    let database = TestDatabase::new().await;
    let rows = "
        INSERT INTO app.users (user_id) VALUES ('00000000-0000-4000-8000-000000000001');
        INSERT INTO app.tags (user_id, id, name, color) SELECT user_id, user_id, 'hers', '#000000' FROM app.users;
        CREATE FUNCTION public.alice(text) RETURNS uuid STABLE LANGUAGE plpgsql AS $$
          BEGIN RETURN '00000000-0000-4000-8000-000000000001'; END $$;
        CREATE CAST (text AS uuid) WITH FUNCTION public.alice(text);
        CREATE OR REPLACE FUNCTION app.current_user_id() RETURNS uuid
          LANGUAGE sql STABLE PARALLEL SAFE RETURN current_setting('app.user_id')::uuid";
    database.admin().await.batch_execute(rows).await.unwrap();
    let why = why(&database.pool_settings()).await;
    for part in [
        "function app.current_user_id() answers with another user",
        "table app.tags shows rows to a user who has none",
        "table app.users shows rows to a user who has none",
    ] {
        assert!(why.contains(part), "{part} in {why}");
    }
    assert!(!why.contains("app.tasks"), "there are none: {why}");
}

#[tokio::test]
async fn better_auths_secrets_are_not_for_the_requests_role() {
    for (sql, secret) in [
        (
            "GRANT SELECT (token) ON auth.session TO tasks_api",
            "auth.session.token",
        ),
        (
            "GRANT SELECT ON auth.session TO PUBLIC",
            "auth.session.token",
        ),
        (
            "GRANT SELECT ON auth.account TO tasks_api",
            "auth.account.password",
        ),
        (
            "GRANT SELECT ON auth.jwks TO tasks_api",
            r#"auth.jwks."privateKey""#,
        ),
        (
            "CREATE TABLE public.account (id text, password text); GRANT SELECT ON public.account TO tasks_api",
            "public.account.password",
        ),
    ] {
        let database = TestDatabase::with(Contents::SchemaAndBetterAuth).await;
        let admin = database.admin().await;
        admin.batch_execute(sql).await.unwrap();
        let why = why(&database.pool_settings()).await;
        let said = format!("role tasks_api can read {secret}: REVOKE SELECT ON TABLE ");
        assert!(why.starts_with(&said), "{sql}: {why}");

        let (_, mend) = why.split_once(": ").unwrap();
        let (mend, _) = mend.split_once(", then").unwrap();
        admin.batch_execute(mend).await.unwrap();
        assert_eq!(self::why(&database.pool_settings()).await, "", "{mend}");
    }
}

/// Roles are the whole server's, so each of these is of a role that this test makes: one that serves as `tasks_api` does, and one
/// that it could become.
#[tokio::test]
async fn a_role_that_could_become_a_stronger_one_is_not_served() {
    let mut missed = Vec::new();
    for (make, said) in [
        (
            "ALTER ROLE {api} BYPASSRLS",
            "role {api} can bypass row-level security: ALTER ROLE {api} NOBYPASSRLS",
        ),
        (
            "ALTER ROLE {api} SUPERUSER",
            "role {api} is a superuser and can bypass row-level security: ALTER ROLE {api} NOSUPERUSER",
        ),
        (
            "ALTER ROLE {other} BYPASSRLS; GRANT {other} TO {api}",
            "role {api} is a member of {other}, which can bypass row-level security: REVOKE {other} FROM {api}",
        ),
        (
            "ALTER ROLE {other} SUPERUSER; GRANT {other} TO {api}",
            "role {api} is a member of {other}, which can bypass row-level security: REVOKE {other} FROM {api}",
        ),
        (
            "GRANT pg_read_all_data TO {api}",
            "role {api} is a member of pg_read_all_data, which needs no grant to read or write: \
             REVOKE pg_read_all_data FROM {api}",
        ),
        (
            "GRANT pg_write_all_data TO {other}; GRANT {other} TO {api}",
            "role {api} is a member of pg_write_all_data, which needs no grant to read or write: \
             REVOKE pg_write_all_data FROM {other}",
        ),
        (
            "GRANT tasks_owner TO {other}; GRANT {other} TO {api}",
            "role {api} is a member of tasks_owner, which owns ROUTINE app.claim_webhooks(integer,interval), ",
        ),
        (
            "GRANT tasks_owner TO {api}",
            "TABLE app.webhooks: REVOKE tasks_owner FROM {api}",
        ),
        (
            "GRANT {other} TO {api}; ALTER TABLE app.tags OWNER TO {other}",
            "role {api} is a member of {other}, which owns TABLE app.tags: REVOKE {other} FROM {api}",
        ),
        (
            "GRANT {other} TO {api}; GRANT TRUNCATE ON app.tags TO {other}",
            "{other} may do too much with TABLE app.tags: REVOKE TRUNCATE ON TABLE app.tags FROM {other}",
        ),
        (
            "ALTER ROLE {api} NOINHERIT; GRANT {other} TO {api}; CREATE POLICY leak ON app.tags TO {other} USING (true);
             GRANT USAGE ON SCHEMA app TO {api}; GRANT SELECT ON app.schema_migrations TO {api}",
            "policy leak on table app.tags says USING true",
        ),
    ] {
        let database = TestDatabase::new().await;
        let roles = Roles::new(&database).await;
        let mut settings = database.pool_settings();
        settings.role = RoleName::parse(&roles.api).unwrap();
        let before = why(&settings).await;
        roles.admin.batch_execute(&roles.named(make)).await.unwrap();
        let after = why(&settings).await;
        let said = roles.named(said);
        roles.drop().await;
        assert_eq!(before, "", "a member of tasks_api is as good as it");
        if !after.contains(&said) {
            missed.push(format!("{make}\n  wanted: {said}\n  said: {after}"));
        }
    }
    assert!(missed.is_empty(), "{}", missed.join("\n"));
}

/// A database that is to be migrated first is not asked for a wall that it does not have yet.
#[tokio::test]
async fn an_older_schema_is_older_and_not_unprotected() {
    let database = TestDatabase::new().await;
    let sql = "DELETE FROM app.schema_migrations WHERE version > 1; DROP TABLE app.task_tags, app.tags, app.tasks;
               ALTER TABLE app.events NO FORCE ROW LEVEL SECURITY";
    database.admin().await.batch_execute(sql).await.unwrap();
    let state = database.user_db().schema_state(&migrations()).await;
    assert!(matches!(state, Ok(SchemaState::Older { .. })), "{state:?}");
}

/// What keeps the wall from standing; empty where it stands.
async fn why(settings: &PoolSettings) -> String {
    let db = UserDb::connect(settings).unwrap();
    match db.schema_state(&migrations()).await {
        Ok(SchemaState::Current) => String::new(),
        Ok(SchemaState::Unprotected { why }) => why,
        other => format!("not even looked at: {other:?}"),
    }
}

struct Roles {
    admin: Client,
    api: String,
    other: String,
}

impl Roles {
    async fn new(database: &TestDatabase) -> Self {
        let admin = database.admin().await;
        let name = Uuid::new_v4().simple();
        let (api, other) = (format!("api_{name}"), format!("other_{name}"));
        let sql = format!("CREATE ROLE {api} IN ROLE tasks_api; CREATE ROLE {other}");
        admin.batch_execute(&sql).await.unwrap();
        Self { admin, api, other }
    }

    fn named(&self, text: &str) -> String {
        text.replace("{api}", &self.api)
            .replace("{other}", &self.other)
    }

    async fn drop(self) {
        let sql = self.named(
            "REASSIGN OWNED BY {api}, {other} TO tasks_owner; DROP OWNED BY {api}, {other}; DROP ROLE {api}, {other}",
        );
        self.admin.batch_execute(&sql).await.unwrap();
    }
}
