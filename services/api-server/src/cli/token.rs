use auth_actix::{BetterAuthUrl, KeyFeedSettings};
use clap::{Args, Subcommand};

use super::{Failure, Misused, print, revoke, secret, without_log};
use crate::{
    better_auth::BetterAuth,
    settings::{Sources, better_auth_url},
};

#[derive(Debug, Subcommand)]
pub(super) enum Verb {
    /// Sign in with Better Auth and print a JWT, and nothing else
    Login(Login),
    /// Print a JWT for a session that is there
    Mint(Mint),
    /// Refuse tokens before their time is over: the same as `api-server revoke`
    Revoke(revoke::Arguments),
}

#[derive(Debug, Args)]
pub(super) struct Login {
    /// Who signs in. The password is asked for, or is the first line of stdin
    #[arg(long, value_name = "EMAIL")]
    email: String,

    /// Better Auth's base URL, if it is not the one of the settings
    #[arg(long, value_name = "URL")]
    url: Option<String>,
}

#[derive(Debug, Args)]
pub(super) struct Mint {
    /// The browser's `Cookie`, or the value of better-auth.session_token; - reads it from stdin
    #[arg(long, value_name = "COOKIE")]
    cookie: String,

    /// Better Auth's base URL, if it is not the one of the settings
    #[arg(long, value_name = "URL")]
    url: Option<String>,
}

pub(super) fn run(sources: &Sources, verb: Verb) -> Result<(), Failure> {
    let token = match verb {
        Verb::Revoke(arguments) => return revoke::run(sources, &arguments),
        Verb::Login(Login { email, url }) => {
            let url = address(sources, url.as_deref())?;
            let password = secret::password()?;
            without_log(async {
                let better_auth = BetterAuth(&url);
                let cookie = better_auth.sign_in(&email, &password).await?;
                Ok(better_auth.token(&cookie).await?)
            })
        }
        Verb::Mint(Mint { cookie, url }) => {
            let url = address(sources, url.as_deref())?;
            let cookie = secret::given("cookie", &cookie)?;
            without_log(async { Ok(BetterAuth(&url).token(&cookie).await?) })
        }
    };
    print(format!("{}\n", token?).as_bytes())
}

/// Where a password or a cookie may be sent to: not over plain http to another machine.
fn address(sources: &Sources, given: Option<&str>) -> Result<BetterAuthUrl, Failure> {
    let url = match given {
        Some(url) => {
            BetterAuthUrl::parse(url).map_err(|problem| Misused(format!("--url: {problem}")))?
        }
        None => better_auth_url(sources)?,
    };
    let checked = KeyFeedSettings::new(url.jwks_url()).check();
    checked.map_err(|error| Misused(format!("a password is not sent there: {error}")))?;
    Ok(url)
}
