use serde_json::{Value, json};
use test_kit::{Contents, TestDatabase};
use tokio_postgres::{Client, NoTls};
use url::Url;
use uuid::Uuid;

use super::{
    api::{Api, Runs, Variables, program},
    better_auth::{BetterAuth, Person},
    program::Program,
};

/// Better Auth on one side, our server on the other, both real, over one database of this test alone. Each of the two has a
/// role of its own that is no superuser's.
pub struct Bridge {
    // In the order in which they have to go.
    pub api: Api,
    pub better_auth: BetterAuth,
    pub db: TestDatabase,
    pub roles: Roles,
}

impl Bridge {
    pub async fn new() -> Self {
        Self::with(Runs::InThisProcess, &json!({}), &[]).await
    }

    /// With changes to Better Auth's options, and more variables for the API.
    pub async fn with(runs: Runs, changes: &Value, variables: &[(&'static str, &str)]) -> Self {
        let db = TestDatabase::with(Contents::Nothing).await;
        let roles = Roles::beside(&db);
        BetterAuth::migrate(&roles.better_auth_url(), &db.url());
        migrate(&db, &[]);
        roles.make_api(&db).await;
        let better_auth = BetterAuth::start(&roles.better_auth_url(), changes);
        let api = Api::start(runs, &variables_for(&roles, &better_auth, variables)).await;
        api.ready().await;
        Self {
            api,
            better_auth,
            db,
            roles,
        }
    }

    /// A new person and a token of theirs.
    pub async fn welcome(&self, name: &str) -> (Person, String) {
        let person = self.better_auth.sign_up(name).await;
        let token = self.better_auth.token(&person).await;
        (person, token)
    }
}

/// Runs `api-server migrate` on the database.
pub fn migrate(db: &TestDatabase, variables: &[(&'static str, &str)]) -> String {
    let mut all = vec![("DATABASE_MIGRATION_URL", db.url())];
    all.extend(
        variables
            .iter()
            .map(|(name, value)| (*name, (*value).to_owned())),
    );
    Program::run("api-server migrate", program("migrate", &all))
}

/// What the API has to be told, and on top of that what a test wants.
pub fn variables_for(
    roles: &Roles,
    better_auth: &BetterAuth,
    more: &[(&'static str, &str)],
) -> Variables {
    let mut variables = vec![
        ("DATABASE_URL", roles.api_url()),
        ("BETTER_AUTH_URL", better_auth.url().to_owned()),
    ];
    let rest = [
        ("API__SERVER__PORT", "0"),
        ("API__SERVER__WORKERS", "2"),
        ("API__DATABASE__MAX_CONNECTIONS", "4"),
        ("API__LOG__FORMAT", "json"),
    ];
    let rest = rest.iter().chain(more);
    variables.extend(rest.map(|(name, value)| (*name, (*value).to_owned())));
    variables
}

/// Roles belong to the whole server: these are named after the database, and dropped after it.
pub struct Roles {
    url: Url,
    suffix: String,
    pub password: String,
}

impl Roles {
    pub fn beside(db: &TestDatabase) -> Self {
        let url: Url = db.url().parse().unwrap();
        Self {
            suffix: url.path().trim_start_matches('/').to_owned(),
            url,
            // With what has to be escaped in a URL.
            password: format!("p@ss/w:rd? {}", Uuid::new_v4().simple()),
        }
    }

    /// A role that the migration of Better Auth makes.
    pub fn better_auth_url(&self) -> String {
        self.url_as(&self.better_auth())
    }

    pub fn api_url(&self) -> String {
        self.url_as(&self.api())
    }

    /// A login that can become the API's role, as on a server where somebody else hands out logins.
    pub async fn make_api(&self, db: &TestDatabase) {
        let (role, password) = (self.api(), &self.password);
        let sql = format!("CREATE ROLE {role} LOGIN PASSWORD '{password}' IN ROLE tasks_api");
        db.admin().await.batch_execute(&sql).await.unwrap();
    }

    /// A role that makes its tables in schema `public`; gives the URL that leads it there.
    pub async fn make_better_auth_in_public(&self, db: &TestDatabase) -> String {
        let (role, password) = (self.better_auth(), &self.password);
        let sql = format!(
            "CREATE ROLE {role} LOGIN PASSWORD '{password}'; GRANT USAGE, CREATE ON SCHEMA public TO {role}"
        );
        db.admin().await.batch_execute(&sql).await.unwrap();
        format!(
            "{}?options=-c%20search_path%3Dpublic",
            self.better_auth_url()
        )
    }

    /// A superuser's connection to the server beside this database.
    pub async fn server(&self) -> Client {
        let mut url = self.url.clone();
        url.set_path("postgres");
        let (client, connection) = tokio_postgres::connect(url.as_str(), NoTls).await.unwrap();
        tokio::spawn(connection);
        client
    }

    /// Whether anybody at all can reach the database. Those who are connected are cut off.
    pub async fn database_is_open(&self, open: bool) {
        let (server, database) = (self.server().await, &self.suffix);
        let sql = format!("ALTER DATABASE {database} ALLOW_CONNECTIONS {open}");
        server.batch_execute(&sql).await.unwrap();
        let sql = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1";
        server.execute(sql, &[database]).await.unwrap();
    }

    fn better_auth(&self) -> String {
        format!("better_auth_{}", self.suffix)
    }

    fn api(&self) -> String {
        format!("api_{}", self.suffix)
    }

    fn url_as(&self, role: &str) -> String {
        let mut url = self.url.clone();
        url.set_username(role).unwrap();
        url.set_password(Some(&self.password)).unwrap();
        url.into()
    }
}

impl Drop for Roles {
    fn drop(&mut self) {
        // A runtime of its own: drop may run inside one that is just ending.
        let drop_them = || {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()
                .unwrap();
            let sql = format!("DROP ROLE IF EXISTS {}, {}", self.better_auth(), self.api());
            runtime.block_on(async { self.server().await.batch_execute(&sql).await })
        };
        // Left behind, they can reach nothing; a test's result does not hang on it.
        let _ = std::thread::scope(|scope| scope.spawn(drop_them).join());
    }
}
