//! A system in good health, and what the doctor says of it.

use std::{
    collections::HashMap,
    io::Write,
    process::Stdio,
    time::{Duration, Instant},
};

use auth_testkit::FakeIssuer;
use serde_json::Value;
use test_kit::{Contents, TestDatabase};
use uuid::Uuid;

use crate::support::program;

/// The password of the role that the patient logs in as; it must be in no output.
pub const PASSWORD: &str = "hunter2";

/// PostgreSQL with our schema and Better Auth's tables, an issuer, and a user with a session.
pub struct Patient {
    pub db: TestDatabase,
    pub issuer: FakeIssuer,
    pub user: Uuid,
    pub session: String,
    variables: HashMap<String, String>,
}

impl Patient {
    pub async fn new() -> Self {
        Self::with(Contents::SchemaAndBetterAuth).await
    }

    /// In a database with these contents.
    pub async fn with(contents: Contents) -> Self {
        let (db, issuer) = (TestDatabase::with(contents).await, FakeIssuer::start());
        let (user, session) = match contents {
            Contents::SchemaAndBetterAuth => {
                let user = db.sign_up("ada@example.com").await;
                (user, db.sign_in(user).await)
            }
            _ => (Uuid::new_v4(), "none".to_owned()),
        };
        let variables = [
            ("DATABASE_URL", login(&db).await),
            ("BETTER_AUTH_URL", issuer.url()),
            ("API__AUTH__JWKS__TIMEOUT", "2s".to_owned()),
        ];
        let variables = variables.map(|(name, value)| (name.to_owned(), value));
        Self {
            db,
            issuer,
            user,
            session,
            variables: variables.into(),
        }
    }

    /// Sets a variable; an empty value unsets it.
    pub fn set(&mut self, name: &str, value: &str) {
        self.variables.insert(name.to_owned(), value.to_owned());
    }

    /// A token that is good.
    pub fn token(&self) -> String {
        self.issuer
            .mint(self.user, |token| token.session(&*self.session))
    }

    /// Runs SQL as a superuser.
    pub async fn sql(&self, sql: &str) {
        self.db.admin().await.batch_execute(sql).await.unwrap();
    }

    /// What the doctor says without being given anything.
    pub fn examined(&self) -> Diagnosis {
        self.examined_with(&[])
    }

    /// With a token, which is handed over on stdin.
    pub fn examined_of(&self, token: &str, arguments: &[&str]) -> Diagnosis {
        let arguments = [&["--token", "-"], arguments].concat();
        self.doctor(&arguments, token)
    }

    pub fn examined_with(&self, arguments: &[&str]) -> Diagnosis {
        self.doctor(arguments, "")
    }

    fn doctor(&self, arguments: &[&str], stdin: &str) -> Diagnosis {
        let (code, output) = self.run(&[&["doctor", "--json"], arguments].concat(), stdin);
        let value: Value = serde_json::from_str(&output)
            .unwrap_or_else(|error| panic!("{error}: {code} {output}"));
        assert_eq!(value["version"], 1);
        assert_eq!(value["exit_code"], code);
        Diagnosis(value)
    }

    /// Runs the program: exit code, and all that it prints, in which there may be no secret.
    pub fn run(&self, arguments: &[&str], stdin: &str) -> (i32, String) {
        let variables: Vec<_> = self.variables.iter().map(|(n, v)| (&**n, &**v)).collect();
        let started = Instant::now();
        let mut child = program(arguments, &variables)
            .stdin(Stdio::piped())
            .spawn()
            .unwrap();
        // Whoever does not read it has ended before.
        let _ = child.stdin.take().unwrap().write_all(stdin.as_bytes());
        let output = child.wait_with_output().unwrap();
        assert!(
            started.elapsed() < Duration::from_secs(20),
            "{arguments:?} took {:?}",
            started.elapsed()
        );
        let stderr = String::from_utf8(output.stderr).unwrap();
        let text = String::from_utf8(output.stdout).unwrap() + &stderr;
        assert!(!text.contains("panicked"), "{text}");
        let secrets = [stdin, PASSWORD, "ada@example.com", &*self.session];
        for secret in secrets.into_iter().filter(|secret| secret.len() > 6) {
            assert!(!text.contains(secret), "says {secret}: {text}");
        }
        for part in stdin.split('.').filter(|part| part.len() > 30) {
            assert!(!text.contains(part), "says {part}: {text}");
        }
        (output.status.code().expect("it ends by itself"), text)
    }
}

/// The database's URL for a role that is bound by row-level security, as it should be in production.
async fn login(db: &TestDatabase) -> String {
    let role = "doctors_patient";
    let made = format!(
        "DO $$ BEGIN
           -- Advisory locks are of one database, roles of all: another test may be making it right now.
           BEGIN
             CREATE ROLE {role} LOGIN PASSWORD '{PASSWORD}';
           EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL;
           END;
           IF to_regrole('tasks_api') IS NOT NULL AND NOT pg_has_role('{role}', 'tasks_api', 'MEMBER') THEN
             BEGIN
               GRANT tasks_api TO {role};
             EXCEPTION WHEN unique_violation OR internal_error THEN NULL;
             END;
           END IF;
         END $$"
    );
    db.admin().await.batch_execute(&made).await.unwrap();
    let url = db.url();
    let (_, place) = url.split_once('@').unwrap();
    format!("postgres://{role}:{PASSWORD}@{place}")
}

/// What the doctor says.
#[derive(Debug)]
pub struct Diagnosis(Value);

impl Diagnosis {
    fn all(&self) -> impl Iterator<Item = &Value> {
        self.0["checks"].as_array().unwrap().iter()
    }

    pub fn failures(&self) -> Vec<&str> {
        self.with_status("fail")
    }

    fn with_status(&self, status: &str) -> Vec<&str> {
        let found = self.all().filter(|it| it["status"] == status);
        found.map(|it| it["id"].as_str().unwrap()).collect()
    }

    /// What went by this name.
    #[track_caller]
    pub fn status(&self, id: &str) -> &str {
        let found = self.all().find(|it| it["id"] == id);
        let found = found.unwrap_or_else(|| panic!("{id} in {:#}", self.0));
        found["status"].as_str().unwrap()
    }

    /// Nothing fails and nobody is warned.
    #[track_caller]
    pub fn is_health(&self) {
        assert_eq!(self.0["exit_code"], 0, "{:#}", self.0);
    }

    /// Exactly this fails, with these words in what is found, why and what to do.
    #[track_caller]
    pub fn fails(&self, id: &str, words: &[&str]) {
        assert_eq!(self.with_status("fail"), [id], "{:#}", self.0);
        assert_eq!(self.0["exit_code"], 1);
        self.says(id, words);
    }

    /// Nothing fails, and there is a warning of just this.
    #[track_caller]
    pub fn warns(&self, id: &str, words: &[&str]) {
        assert_eq!(self.with_status("fail"), [""; 0], "{:#}", self.0);
        assert_eq!(self.with_status("warn"), [id], "{:#}", self.0);
        assert_eq!(self.0["exit_code"], 2);
        self.says(id, words);
    }

    /// These words are in what is found, why and what to do; none of the three is absent.
    #[track_caller]
    pub fn says(&self, id: &str, words: &[&str]) {
        let found = self.all().find(|it| it["id"] == id).unwrap();
        let texts = ["finding", "why", "fix"].map(|name| {
            let text = found[name].as_str();
            text.unwrap_or_else(|| panic!("{name} of {found:#}"))
        });
        let text = texts.join("\n");
        assert!(texts.iter().all(|text| text.len() < 1_000), "{text}");
        for word in words {
            assert!(text.contains(word), "{word:?} in {text}");
        }
    }

    /// All that follows from a failure is skipped.
    #[track_caller]
    pub fn skips(&self, ids: &[&str]) {
        for id in ids {
            assert_eq!(self.status(id), "skip", "{id} in {:#}", self.0);
        }
    }
}
