use std::process::Command;

use actix_web::http::Method;
use api_server::{
    app::{Application, Stopper},
    settings::{Environment, Settings, Sources},
};
use serde_json::Value;

use super::{
    eventually,
    http::{Answer, request, send},
    program::Program,
};

/// Our server.
pub struct Api {
    address: String,
    server: Server,
}

/// Where it runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Runs {
    InThisProcess,
    AsItsOwnProcess,
}

enum Server {
    InThisProcess(Stopper),
    AsItsOwnProcess(Program),
}

/// Settings as variables of the environment.
pub type Variables = Vec<(&'static str, String)>;

impl Api {
    pub async fn start(runs: Runs, variables: &Variables) -> Self {
        match runs {
            Runs::InThisProcess => Self::in_this_process(variables).await,
            Runs::AsItsOwnProcess => Self::as_its_own_process(variables),
        }
    }

    async fn in_this_process(variables: &Variables) -> Self {
        let sources = Sources {
            file: None,
            environment: Environment::from_iter(variables.clone()),
        };
        let settings = Settings::load(&sources).unwrap();
        let application = Application::build(settings).await.unwrap();
        let address = application.address().to_string();
        let stopper = application.stopper();
        actix_web::rt::spawn(application.run_until_stopped());
        Self {
            address,
            server: Server::InThisProcess(stopper),
        }
    }

    fn as_its_own_process(variables: &Variables) -> Self {
        let process = Program::start("api-server serve", program("serve", variables));
        let line: Value = serde_json::from_str(&process.line_with("\"listening\"")).unwrap();
        Self {
            address: line["address"].as_str().unwrap().to_owned(),
            server: Server::AsItsOwnProcess(process),
        }
    }

    pub fn address(&self) -> &str {
        &self.address
    }

    pub async fn get(&self, path: &str, token: &str) -> Answer {
        self.ask(Method::GET, path, token, None).await
    }

    /// Asks with a token, or with none if it is empty.
    pub async fn ask(
        &self,
        method: Method,
        path: &str,
        token: &str,
        body: Option<&Value>,
    ) -> Answer {
        let mut request = request(method, &format!("http://{}{path}", self.address));
        if !token.is_empty() {
            request = request.bearer_auth(token);
        }
        send(request, body).await
    }

    /// Waits until readiness says yes.
    pub async fn ready(&self) {
        eventually("the API is ready", async || {
            self.get("/health/ready", "").await.status == 200
        })
        .await;
    }

    /// Ends the process as an operator does, and gives its log.
    #[cfg(unix)]
    pub fn end(&mut self) -> String {
        let Server::AsItsOwnProcess(process) = &mut self.server else {
            panic!("it has no process of its own");
        };
        process.terminate();
        let code = process.ended();
        let log = process.log();
        assert_eq!(code, Some(0), "{log}");
        log
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if let Self::InThisProcess(stopper) = self {
            stopper.stop();
        }
    }
}

/// The program, with nothing in its environment but these variables.
pub fn program(verb: &str, variables: &Variables) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_api-server-under-test"));
    command
        .arg(verb)
        .env_clear()
        .envs(variables.iter().map(|(name, value)| (name, value)));
    command
}
