//! Better Auth's role owns its tables, may make things in their schema, and is not ours: it must not get further by what it
//! leaves lying there for `migrate` and `serve`, whose roles may do more.

#![expect(
    clippy::unwrap_used,
    reason = "a test stops where something is not as it should be"
)]

use auth_core::{Accounts, Standing};
use auth_pg::{
    AccountsSettings, Link, MigrateError, MigrateOptions, MigrateReport, PgAccounts, PoolSettings,
    UserDb, migrate,
};
use auth_testkit::identity_of;
use test_kit::{BETTER_AUTH_TABLES, Contents, TestDatabase, migrations};
use tokio_postgres::{Client, NoTls};
use uuid::Uuid;

/// Better Auth's role, with leave to make things in schema `public`, where its tables are.
struct Villain {
    name: String,
    admin: Client,
    own: Client,
}

impl Villain {
    async fn in_public(database: &TestDatabase) -> Self {
        let name = format!("villain_{}", Uuid::new_v4().simple());
        let admin = database.admin().await;
        let make = format!(
            "CREATE ROLE {name} LOGIN PASSWORD 'p'; GRANT USAGE, CREATE ON SCHEMA public TO {name}"
        );
        admin.batch_execute(&make).await.unwrap();
        let url = database.url();
        let (_, place) = url.split_once('@').unwrap();
        let url = format!("postgres://{name}:p@{place}");
        let (own, connection) = tokio_postgres::connect(&url, NoTls).await.unwrap();
        tokio::spawn(connection);
        let villain = Self { name, admin, own };
        let tables = BETTER_AUTH_TABLES
            .replace("CREATE SCHEMA IF NOT EXISTS auth;", "")
            .replace("auth.", "public.");
        villain.does(&tables).await;
        // Where what was got is put, by whoever gets it.
        villain
            .does("CREATE TABLE public.loot (what text); GRANT ALL ON public.loot TO PUBLIC")
            .await;
        villain
    }

    async fn does(&self, sql: &str) {
        self.own.batch_execute(sql).await.unwrap();
    }

    /// Gives what its code has got, and whether it is a superuser.
    async fn has(&self) -> (Vec<String>, bool) {
        let loot = self
            .admin
            .query("SELECT DISTINCT what FROM public.loot ORDER BY 1", &[])
            .await;
        let sql = "SELECT rolsuper FROM pg_roles WHERE rolname = $1";
        let strong = self.admin.query_one(sql, &[&self.name]).await.unwrap();
        let loot = loot.unwrap();
        (loot.iter().map(|row| row.get(0)).collect(), strong.get(0))
    }

    async fn goes(self) {
        let away = format!(
            "ALTER ROLE {0} NOSUPERUSER; DROP TABLE public.loot;
             DROP SCHEMA IF EXISTS app CASCADE; DROP OWNED BY {0} CASCADE; DROP ROLE {0}",
            self.name
        );
        self.admin.batch_execute(&away).await.unwrap();
    }
}

/// PL/pgSQL that makes the most of whoever runs it.
fn plunder(villain: &Villain) -> String {
    format!(
        "BEGIN
           PERFORM pg_catalog.set_config('role', 'none', false);
           INSERT INTO public.loot VALUES ('ran as ' || current_user);
           EXECUTE 'ALTER ROLE {} SUPERUSER';
         EXCEPTION WHEN OTHERS THEN
           INSERT INTO public.loot VALUES ('ran and was stopped');
         END;
         DECLARE u uuid;
         BEGIN
           FOR u IN SELECT user_id FROM app.users LOOP
             PERFORM pg_catalog.set_config('app.user_id', u::text, true);
             INSERT INTO public.loot SELECT title FROM app.tasks;
           END LOOP;
         EXCEPTION WHEN OTHERS THEN NULL;
         END;",
        villain.name
    )
}

async fn lays_operators(villain: &Villain) {
    for (name, operator, left, right) in [
        ("class", "=", "oid", "regclass"),
        ("type", "=", "oid", "regtype"),
        ("role", "=", "oid", "regrole"),
        ("space", "=", "oid", "regnamespace"),
        ("nc", "=", "name", "char"),
        ("nv", "=", "name", "varchar"),
    ] {
        let sql = format!(
            "CREATE FUNCTION public.evil_{name}({left}, {right}) RETURNS boolean LANGUAGE plpgsql AS $evil$
             BEGIN {} RETURN $1::text = ($2::{left})::text; END $evil$;
             CREATE OPERATOR public.{operator} (LEFTARG = {left}, RIGHTARG = {right}, FUNCTION = public.evil_{name})",
            plunder(villain)
        );
        villain.does(&sql).await;
    }
}

async fn run(database: &TestDatabase) -> Result<MigrateReport, MigrateError> {
    let options = MigrateOptions::default();
    migrate(&database.url(), &migrations(), &options, |_| ()).await
}

const NOTHING: (Vec<String>, bool) = (Vec::new(), false);

#[tokio::test]
async fn operators_that_better_auths_role_makes_are_never_called_by_migrate_or_by_serve() {
    let database = TestDatabase::with(Contents::Nothing).await;
    let villain = Villain::in_public(&database).await;
    lays_operators(&villain).await;
    for _ in 0..2 {
        let link = run(&database).await.unwrap().link;
        assert!(matches!(link, Link::To { .. }), "{link:?}");
    }
    assert_eq!(villain.has().await, NOTHING, "migrate");

    let admin = database.admin().await;
    let mut users = Vec::new();
    for name in ["alice", "bob"] {
        let sql = r#"INSERT INTO public."user" (id, name, email, "emailVerified") VALUES ($1, $1, $1, true) RETURNING uuid"#;
        let user: Uuid = admin.query_one(sql, &[&name]).await.unwrap().get(0);
        users.push(identity_of(user));
    }
    let login = format!("api_{}", Uuid::new_v4().simple());
    let sql = format!("CREATE ROLE {login} LOGIN PASSWORD 'p' IN ROLE tasks_api");
    admin.batch_execute(&sql).await.unwrap();
    let url = database.url();
    let (_, place) = url.split_once('@').unwrap();
    for url in [url.clone(), format!("postgres://{login}:p@{place}")] {
        for prepared in [true, false] {
            let mut settings = PoolSettings::new(&url).unwrap();
            settings.prepared_statements = prepared;
            settings.max_connections = 2;
            let db = UserDb::connect(&settings).unwrap();
            let accounts = PgAccounts::start(db.clone(), AccountsSettings::default());
            for who in &users {
                assert_eq!(accounts.standing(who).await.unwrap(), Standing::Good);
                let sql = "INSERT INTO app.tasks (user_id, id, title) VALUES ($1, $2, 'a secret') RETURNING id";
                let id = Uuid::new_v4();
                db.as_user(who).query(sql, &[&id]).await.unwrap();
            }
            db.schema_state(&migrations()).await.unwrap();
            // The poll's statements as well.
            tokio::time::sleep(PgAccounts::TRUSTED_FOR).await;
            assert_eq!(villain.has().await, NOTHING, "serve, prepared: {prepared}");
            drop(accounts);
            db.close();
        }
    }
    let away = format!(
        "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE usename = '{login}';"
    );
    admin.batch_execute(&away).await.unwrap();
    let away = format!("DROP ROLE {login}");
    admin.batch_execute(&away).await.unwrap();
    villain.goes().await;
}

/// What stands on the table and runs when somebody else changes it.
const CODE: [(&str, &str); 8] = [
    (
        "trigger early",
        r#"CREATE TRIGGER early BEFORE UPDATE ON public."user" FOR EACH ROW EXECUTE FUNCTION public.evil()"#,
    ),
    (
        "trigger late",
        r#"CREATE CONSTRAINT TRIGGER late AFTER UPDATE ON public."user" DEFERRABLE INITIALLY DEFERRED
           FOR EACH ROW EXECUTE FUNCTION public.evil()"#,
    ),
    (
        "constraint evil_check",
        r#"ALTER TABLE public."user" ADD CONSTRAINT evil_check CHECK (public.evil(name)) NOT VALID"#,
    ),
    (
        "rule evil_rule",
        r#"CREATE RULE evil_rule AS ON UPDATE TO public."user" DO ALSO SELECT public.evil(new.name)"#,
    ),
    (
        "index evil_index",
        r#"CREATE INDEX evil_index ON public."user" ((public.evil(name)))"#,
    ),
    (
        "column worse",
        r#"ALTER TABLE public."user" ADD COLUMN worse boolean GENERATED ALWAYS AS (public.evil(name)) STORED"#,
    ),
    (
        "column odd",
        r#"ALTER TABLE public."user" ADD COLUMN odd public.odd"#,
    ),
    (
        "trigger deep",
        r#"CREATE TABLE public.heir () INHERITS (public."user");
           CREATE TRIGGER deep BEFORE UPDATE ON public.heir FOR EACH ROW EXECUTE FUNCTION public.evil()"#,
    ),
];

#[tokio::test]
async fn code_that_better_auths_role_puts_on_its_table_is_named_and_never_run_by_migrate() {
    for (named, code) in CODE {
        let database = TestDatabase::with(Contents::Nothing).await;
        let villain = Villain::in_public(&database).await;
        let plunder = plunder(&villain);
        let functions = format!(
            "CREATE FUNCTION public.evil() RETURNS trigger LANGUAGE plpgsql AS $evil$
             BEGIN {plunder} RETURN new; END $evil$;
             CREATE FUNCTION public.evil(text) RETURNS boolean LANGUAGE plpgsql IMMUTABLE AS $evil$
             BEGIN RETURN true; END $evil$;
             CREATE DOMAIN public.odd AS text CHECK (public.evil(value))"
        );
        villain.does(&functions).await;
        villain.does(code).await;
        villain
            .does(r#"INSERT INTO public."user" (id, name, email, "emailVerified") VALUES ('a', 'A', 'a@x', true)"#)
            .await;
        // Only now, so that the villain's own statements gain nothing.
        let armed = format!(
            "CREATE FUNCTION public.plunder() RETURNS void LANGUAGE plpgsql AS $evil$ BEGIN {plunder} END $evil$;
             CREATE OR REPLACE FUNCTION public.evil(text) RETURNS boolean LANGUAGE plpgsql IMMUTABLE AS $evil$
             BEGIN PERFORM public.plunder(); RETURN true; END $evil$"
        );
        villain.does(&armed).await;

        let refused = run(&database).await;
        assert_eq!(villain.has().await, NOTHING, "{named}: {refused:?}");
        let refused = refused.unwrap_err();
        assert!(
            matches!(&refused, MigrateError::ForeignCode { code, .. } if code.contains(named)),
            "{named}: {refused}"
        );

        // Their own role may run it, as is said; then nothing of it is left to be run by ours.
        let MigrateError::ForeignCode { statements, .. } = &refused else {
            unreachable!()
        };
        villain
            .does("ALTER TABLE public.\"user\" DISABLE TRIGGER USER")
            .await;
        villain.does(statements).await;
        villain
            .admin
            .batch_execute("DELETE FROM public.loot")
            .await
            .unwrap();
        let link = run(&database).await.unwrap().link;
        assert!(matches!(link, Link::To { .. }), "{named}: {link:?}");
        assert_eq!(villain.has().await, NOTHING, "{named}");
        villain.goes().await;
    }
}
