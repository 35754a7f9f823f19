use test_kit::{Contents, TestDatabase};
use tokio_postgres::{Client, NoTls};
use url::Url;
use uuid::Uuid;

use super::{
    api::{Variables, program},
    better_auth::BetterAuth,
    program::Program,
};

/// What both servers stand on: an empty database of this test alone, and a role for each of them that is no superuser's.
pub struct Ground {
    // The roles are dropped after the database, where they own things.
    db: TestDatabase,
    roles: Roles,
    /// Both roles'.
    pub password: String,
}

impl Ground {
    pub async fn new() -> Self {
        let db = TestDatabase::with(Contents::Nothing).await;
        let url: Url = db.url().parse().unwrap();
        let database = url.path().trim_start_matches('/').to_owned();
        Self {
            db,
            roles: Roles {
                better_auth: format!("better_auth_{database}"),
                api: format!("api_{database}"),
                database,
                url,
            },
            // With what has to be escaped in a URL.
            password: format!("p@ss/w:rd? {}", Uuid::new_v4().simple()),
        }
    }

    /// A superuser's URL of the database.
    pub fn url(&self) -> String {
        self.db.url()
    }

    /// A superuser's connection to the database.
    pub async fn admin(&self) -> Client {
        self.db.admin().await
    }

    /// Of a role that Better Auth's migration makes.
    pub fn better_auth_url(&self) -> String {
        self.url_as(&self.roles.better_auth)
    }

    /// Makes that role here, with leave to make tables in schema `public`, where the URL leads it.
    pub async fn make_better_auth_in_public(&self) -> String {
        let (role, password) = (&self.roles.better_auth, &self.password);
        let sql = format!(
            "CREATE ROLE {role} LOGIN PASSWORD '{password}';
             GRANT USAGE, CREATE ON SCHEMA public TO {role}"
        );
        self.admin().await.batch_execute(&sql).await.unwrap();
        let url = self.better_auth_url();
        format!("{url}?options=-c%20search_path%3Dpublic")
    }

    /// Runs `api-server migrate`, and gives what it said.
    pub fn migrate(&self, variables: &[(&'static str, &str)]) -> String {
        let mut all = vec![("DATABASE_MIGRATION_URL", self.url())];
        all.extend(owned(variables));
        Program::run("api-server migrate", program("migrate", &all))
    }

    /// A login that can become the API's role, as on a server where somebody else hands out logins. Wants [`migrate`](Self::migrate) first.
    pub async fn make_api_login(&self) {
        let (role, password) = (&self.roles.api, &self.password);
        let sql = format!("CREATE ROLE {role} LOGIN PASSWORD '{password}' IN ROLE tasks_api");
        self.admin().await.batch_execute(&sql).await.unwrap();
    }

    pub fn api_url(&self) -> String {
        self.url_as(&self.roles.api)
    }

    /// What the API has to be told, and on top of that, or instead, what a test wants.
    pub fn variables(&self, better_auth: &BetterAuth, more: &[(&'static str, &str)]) -> Variables {
        let mut variables = vec![
            ("DATABASE_URL", self.api_url()),
            ("BETTER_AUTH_URL", better_auth.url().to_owned()),
        ];
        variables.extend(owned(&[
            ("API__SERVER__PORT", "0"),
            ("API__SERVER__WORKERS", "2"),
            ("API__DATABASE__MAX_CONNECTIONS", "4"),
            ("API__LOG__FORMAT", "json"),
        ]));
        variables.extend(owned(more));
        variables
    }

    /// Lets everybody in, or nobody at all. Who is connected is cut off.
    pub async fn open(&self, open: bool) {
        let (server, database) = (self.roles.server().await, &self.roles.database);
        let sql = format!("ALTER DATABASE {database} ALLOW_CONNECTIONS {open}");
        server.batch_execute(&sql).await.unwrap();
        let sql = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1";
        server.execute(sql, &[database]).await.unwrap();
    }

    fn url_as(&self, role: &str) -> String {
        let mut url = self.roles.url.clone();
        url.set_username(role).unwrap();
        url.set_password(Some(&self.password)).unwrap();
        url.into()
    }
}

/// Roles belong to the whole server: these bear the database's name, and go after it.
struct Roles {
    better_auth: String,
    api: String,
    database: String,
    url: Url,
}

impl Roles {
    /// A superuser's connection to the server, beside the database.
    async fn server(&self) -> Client {
        let mut url = self.url.clone();
        url.set_path("postgres");
        let (client, connection) = tokio_postgres::connect(url.as_str(), NoTls).await.unwrap();
        tokio::spawn(connection);
        client
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
            let sql = format!("DROP ROLE IF EXISTS {}, {}", self.better_auth, self.api);
            runtime.block_on(async { self.server().await.batch_execute(&sql).await })
        };
        // Left behind, they can reach nothing; a test's result does not hang on it.
        let _ = std::thread::scope(|scope| scope.spawn(drop_them).join());
    }
}

fn owned<'a>(
    variables: &'a [(&'static str, &str)],
) -> impl Iterator<Item = (&'static str, String)> + use<'a> {
    variables
        .iter()
        .map(|(name, value)| (*name, (*value).to_owned()))
}
