//! Better Auth as a browser sees it, for tools: signing in, and asking for a token.

use std::time::Duration;

use actix_web::http::{Method, StatusCode, header};
use auth_actix::BetterAuthUrl;
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::time::timeout;

/// What holds the session in the browser.
const SESSION_COOKIE: &str = "better-auth.session_token";

/// No answer of Better Auth's takes longer, or the person at the keyboard gives up.
const PATIENCE: Duration = Duration::from_secs(10);

const LARGEST_BODY: usize = 64 * 1024;

/// One Better Auth server.
#[derive(Debug)]
pub(crate) struct BetterAuth<'a>(pub(crate) &'a BetterAuthUrl);

/// Why there is no token. No text of it holds what was sent or what came back.
#[derive(Debug, thiserror::Error)]
pub(crate) enum NoToken {
    #[error("Better Auth at {url} cannot be asked: {reason}")]
    NoAnswer { url: String, reason: String },
    #[error("Better Auth does not know this e-mail address with this password")]
    WrongPassword,
    #[error("Better Auth does not know this session (any more): sign in again")]
    NoSession,
    #[error("Better Auth has seen too many attempts: wait a little")]
    TooMany,
    #[error("Better Auth answered {status} to {path}{advice}")]
    Answered {
        status: u16,
        path: &'static str,
        advice: &'static str,
    },
    #[error("Better Auth's answer to {path} has no {what}")]
    Without {
        path: &'static str,
        what: &'static str,
    },
}

struct Answer {
    status: StatusCode,
    cookies: Vec<String>,
    body: Vec<u8>,
}

impl BetterAuth<'_> {
    /// A JWT for the session of this cookie: the whole `Cookie` header, or the value of Better Auth's own cookie.
    pub(crate) async fn token(&self, cookie: &str) -> Result<String, NoToken> {
        let cookie = match cookie.contains("session_token=") || cookie.contains("session_data=") {
            true => cookie.to_owned(),
            // A browser gets only one of them; Better Auth reads only the one that fits its base URL.
            false => format!("{SESSION_COOKIE}={cookie}; __Secure-{SESSION_COOKIE}={cookie}"),
        };
        let path = "/token";
        let answer = self.ask(Method::GET, path, Some(&cookie), None).await?;
        match answer.status {
            StatusCode::OK => {}
            StatusCode::TOO_MANY_REQUESTS => return Err(NoToken::TooMany),
            status if status.is_client_error() && status != StatusCode::NOT_FOUND => {
                return Err(NoToken::NoSession);
            }
            status => return Err(answered(status, path)),
        }
        #[derive(Deserialize)]
        struct Minted {
            token: String,
        }
        let minted: Option<Minted> = serde_json::from_slice(&answer.body).ok();
        let what = "token";
        minted
            .map(|minted| minted.token)
            .ok_or(NoToken::Without { path, what })
    }

    /// Signs in with a password, and gives what a browser would send back from then on.
    pub(crate) async fn sign_in(&self, email: &str, password: &str) -> Result<String, NoToken> {
        let path = "/sign-in/email";
        let body = json!({ "email": email, "password": password });
        let answer = self.ask(Method::POST, path, None, Some(&body)).await?;
        match answer.status {
            StatusCode::OK => {}
            StatusCode::TOO_MANY_REQUESTS => return Err(NoToken::TooMany),
            status if wrong_credentials(status, &answer.body) => {
                return Err(NoToken::WrongPassword);
            }
            status => return Err(answered(status, path)),
        }
        match answer.cookies.is_empty() {
            true => Err(NoToken::Without {
                path,
                what: "cookie",
            }),
            false => Ok(answer.cookies.join("; ")),
        }
    }

    async fn ask(
        &self,
        method: Method,
        path: &'static str,
        cookie: Option<&str>,
        body: Option<&Value>,
    ) -> Result<Answer, NoToken> {
        let url = self.0.base();
        let no_answer = |reason: String| NoToken::NoAnswer {
            url: url.clone(),
            reason,
        };
        let client = awc::Client::builder()
            .disable_redirects()
            .timeout(PATIENCE)
            .finish();
        // Without an origin, Better Auth takes a browser's request for a forged one.
        let mut request = client
            .request(method, format!("{url}{path}"))
            .insert_header((header::ORIGIN, self.0.origin()))
            .force_close()
            .no_decompress();
        if let Some(cookie) = cookie {
            request = request.insert_header((header::COOKIE, cookie));
        }
        let asking = async {
            let sent = match body {
                Some(body) => request.send_json(body),
                None => request.send(),
            };
            let mut response = sent.await.map_err(|error| no_answer(error.to_string()))?;
            let cookies = response.headers().get_all(header::SET_COOKIE);
            let cookies = cookies.filter_map(|cookie| {
                let pair = cookie.to_str().ok()?.split(';').next()?;
                Some(pair.trim().to_owned())
            });
            let (status, cookies) = (response.status(), cookies.collect());
            let body = response.body().limit(LARGEST_BODY).await;
            Ok(Answer {
                status,
                cookies,
                body: body.map_err(|error| no_answer(error.to_string()))?.to_vec(),
            })
        };
        timeout(PATIENCE, asking)
            .await
            .unwrap_or_else(|_| Err(no_answer(format!("no answer within {PATIENCE:?}"))))
    }
}

/// Better Auth has the same status for a wrong password and for an account that may not sign in.
fn wrong_credentials(status: StatusCode, body: &[u8]) -> bool {
    let body: Value = serde_json::from_slice(body).unwrap_or_default();
    status.is_client_error() && body["code"] == "INVALID_EMAIL_OR_PASSWORD"
}

fn answered(status: StatusCode, path: &'static str) -> NoToken {
    let advice = match status {
        StatusCode::NOT_FOUND if path == "/token" => {
            ": is the jwt() plugin among its plugins, and its base path /api/auth?"
        }
        StatusCode::NOT_FOUND => ": is emailAndPassword enabled, and its base path /api/auth?",
        status if status.is_server_error() => {
            ": its log says why; often its tables are not migrated, or its secret is another than the one that its keys \
             were made with"
        }
        status if status.is_redirection() => ", a redirect: is this its base URL?",
        _ => ": its log says why",
    };
    NoToken::Answered {
        status: status.as_u16(),
        path,
        advice,
    }
}
