use std::{fs, net::SocketAddr, path::PathBuf, process::Command};

use actix_web::http::Method;
use serde_json::{Value, json};
use tokio::net::TcpSocket;
use uuid::Uuid;

use super::{
    api::Variables,
    http::{Answer, request, send},
    program::Program,
};

/// A real Better Auth in a process of its own, set up as the web app sets it up.
pub struct BetterAuth {
    environment: Variables,
    process: Option<Program>,
    /// While it is stopped: bound without listening, the port refuses connections and stays ours.
    port: Option<TcpSocket>,
    url: String,
}

/// Encrypts the signing keys in the database, so it stays the same over a restart.
const SECRET: &str = "a secret of these tests and of no other place";

impl BetterAuth {
    /// Makes role, schema and tables, with the web app's own script.
    pub fn migrate(database_url: &str, administrator_url: &str) {
        let mut command = node();
        command
            .arg(web().join("scripts/migrate.mjs"))
            .env("DATABASE_URL", database_url)
            .env("DATABASE_MIGRATION_URL", administrator_url);
        Program::run("migrate.mjs", command);
    }

    /// `changes` go over the web app's options; its member `jwt` over those of the plugin.
    pub fn start(database_url: &str, changes: &Value) -> Self {
        Self::with(database_url, vec![("CHANGES", changes.to_string())])
    }

    /// Makes its tables first, as the changed options want them, where `database_url` leads.
    pub fn start_with_own_tables(database_url: &str, changes: &Value) -> Self {
        let tables = ("MIGRATE", "true".to_owned());
        Self::with(database_url, vec![("CHANGES", changes.to_string()), tables])
    }

    /// Instead of the web app's options it takes those that `code` hands to `betterAuth`. Makes its tables first.
    pub fn start_as_written(database_url: &str, code: &str) -> Self {
        let tables = ("MIGRATE", "true".to_owned());
        Self::with(database_url, vec![("WRITTEN", code.to_owned()), tables])
    }

    fn with(database_url: &str, mut environment: Variables) -> Self {
        environment.push(("DATABASE_URL", database_url.to_owned()));
        environment.push(("BETTER_AUTH_SECRET", SECRET.to_owned()));
        let (process, url) = serve(&environment, 0);
        Self {
            environment,
            process: Some(process),
            port: None,
            url,
        }
    }

    /// Its origin, which is also its tokens' `iss` and `aud`.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Ends the process: connections to it are refused.
    pub fn stop(&mut self) {
        self.process = None;
        let port = TcpSocket::new_v4().unwrap();
        port.set_reuseaddr(true).unwrap();
        port.bind(self.address()).unwrap();
        self.port = Some(port);
    }

    /// Starts it again where it was.
    pub fn start_again(&mut self) {
        self.port = None;
        let (process, url) = serve(&self.environment, self.address().port());
        assert_eq!(url, self.url);
        self.process = Some(process);
    }

    fn address(&self) -> SocketAddr {
        self.url.strip_prefix("http://").unwrap().parse().unwrap()
    }

    /// A new person, signed in.
    pub async fn sign_up(&self, name: &str) -> Person {
        // In small letters, as Better Auth keeps it.
        let email = format!("{name}-{}@example.com", Uuid::new_v4().simple()).to_lowercase();
        let mut person = Person {
            password: format!("of {name}: correct horse {}", Uuid::new_v4().simple()),
            ..Person::default()
        };
        let body = json!({ "name": name, "email": email, "password": person.password });
        let answer = self
            .ask(Method::POST, "/sign-up/email", "", Some(&body))
            .await;
        person.email = email;
        person.signed_in(&answer);
        person
    }

    /// The same person on another device.
    pub async fn sign_in(&self, person: &Person) -> Person {
        let mut person = person.clone();
        let body = json!({ "email": person.email, "password": person.password });
        let answer = self
            .ask(Method::POST, "/sign-in/email", "", Some(&body))
            .await;
        person.signed_in(&answer);
        person
    }

    /// A JWT, as `authClient.token()` gets it.
    pub async fn token(&self, person: &Person) -> String {
        let answer = self.ask(Method::GET, "/token", &person.cookie, None).await;
        answer.json_of(200)["token"].as_str().unwrap().to_owned()
    }

    /// Ids of the keys that it publishes now.
    pub async fn key_ids(&self) -> Vec<String> {
        let answer = self.ask(Method::GET, "/jwks", "", None).await.json_of(200);
        let keys = answer["keys"].as_array().unwrap();
        keys.iter()
            .map(|key| key["kid"].as_str().unwrap().to_owned())
            .collect()
    }

    pub async fn ask(
        &self,
        method: Method,
        path: &str,
        cookie: &str,
        body: Option<&Value>,
    ) -> Answer {
        let mut request = request(method, &format!("{}/api/auth{path}", self.url))
            .insert_header(("Origin", self.url.as_str()));
        if !cookie.is_empty() {
            request = request.insert_header(("Cookie", cookie));
        }
        send(request, body).await
    }
}

/// Somebody with an account, and what they hold after signing in.
#[derive(Debug, Clone, Default)]
pub struct Person {
    /// Better Auth's own id.
    pub id: String,
    /// The id in the API; nil while there is none.
    pub uuid: Uuid,
    pub email: String,
    pub password: String,
    /// What a browser would send back.
    pub cookie: String,
    /// The opaque one, which is no JWT.
    pub session_token: String,
}

impl Person {
    fn signed_in(&mut self, answer: &Answer) {
        let body = answer.json_of(200);
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        self.id = text(&body["user"]["id"]);
        // Where there is none, the ids themselves may be UUIDs.
        let uuid = body["user"]["uuid"].as_str().unwrap_or(&self.id).parse();
        self.uuid = uuid.unwrap_or_default();
        self.session_token = text(&body["token"]);
        self.cookie = answer.cookies();
    }
}

fn serve(environment: &Variables, port: u16) -> (Program, String) {
    let mut command = node();
    command
        .arg(concat!(env!("CARGO_MANIFEST_DIR"), "/better-auth.mjs"))
        .envs(environment.iter().map(|(name, value)| (name, value)))
        .env("PORT", port.to_string());
    let process = Program::start("Better Auth", command);
    let line: Value = serde_json::from_str(&process.line_with("\"listening\"")).unwrap();
    let url = line["listening"].as_str().unwrap().to_owned();
    (process, url)
}

/// Node, with the packages of the web app there.
fn node() -> Command {
    let read = |path: &str| fs::read_to_string(web().join(path)).ok();
    let wanted: Value = serde_json::from_str(&read("package.json").unwrap()).unwrap();
    let wanted = &wanted["dependencies"]["better-auth"];
    let found = read("node_modules/better-auth/package.json")
        .and_then(|text| serde_json::from_str::<Value>(&text).ok());
    assert!(
        found
            .as_ref()
            .is_some_and(|found| found["version"] == *wanted),
        "these tests start the web app's own Better Auth {wanted}, which is not installed; \
         run: npm ci --prefix services/web"
    );
    let mut command = Command::new("node");
    // Nothing of this machine's own settings.
    command.env_clear().current_dir(web());
    command.envs(
        ["PATH", "HOME", "SystemRoot"]
            .into_iter()
            .filter_map(|name| {
                let value = std::env::var_os(name)?;
                Some((name, value))
            }),
    );
    command
}

fn web() -> PathBuf {
    PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../services/web"))
}
