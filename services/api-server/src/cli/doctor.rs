use std::path::PathBuf;

use auth_actix::KeyFeedSettings;
use clap::Args;
use url::Url;

use super::{Failure, Misused, output, print, secret, without_log};
use crate::{
    doctor::{Ground, TokenFrom, Wanted, examine},
    settings::Sources,
};

/// Exit codes: 0, nothing to do; 1, something fails; 2, only warnings; 64, wrong arguments.
#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// Also a token that is not taken; - reads it from stdin
    #[arg(long, value_name = "TOKEN", conflicts_with = "cookie")]
    token: Option<String>,

    /// The same, got from Better Auth for this `Cookie`; - reads that from stdin
    #[arg(long, value_name = "COOKIE")]
    cookie: Option<String>,

    /// Also whether pages of this origin may call, such as http://localhost:3000
    #[arg(long, value_name = "URL")]
    origin: Option<String>,

    /// Also a frontend's sources, and the client that is installed there; they are read, not run
    #[arg(long, value_name = "DIR")]
    frontend: Option<PathBuf>,

    /// Also whether the token's user is the one that this id in a path names
    #[arg(long, value_name = "ID")]
    user_id: Option<String>,

    /// Ask the server that runs at this address for a list, with all proxies before it, and not only this program
    #[arg(long, value_name = "URL", value_parser = api)]
    api: Option<Url>,

    /// Ask nobody over the network: only settings, files and the form of a token
    #[arg(long)]
    offline: bool,

    /// For programs: {version, exit_code, summary, checks: [{id, check, status, finding, why, fix}]}
    #[arg(long)]
    json: bool,
}

pub(super) fn run(sources: &Sources, arguments: Arguments) -> Result<u8, Failure> {
    if let (Some("-"), Some("-")) = (arguments.token.as_deref(), arguments.cookie.as_deref()) {
        return Err(Misused("only one of them can come from stdin".to_owned()).into());
    }
    let token = match (&arguments.token, &arguments.cookie) {
        (Some(token), _) => Some(TokenFrom::Text(secret::token(token)?)),
        (None, Some(cookie)) => Some(TokenFrom::Cookie(secret::given("cookie", cookie)?)),
        (None, None) => None,
    };
    let wanted = Wanted {
        token,
        origin: arguments.origin,
        frontend: arguments.frontend,
        user_id: arguments.user_id,
        api: arguments.api,
        offline: arguments.offline,
    };
    without_log(async move {
        let report = examine(&Ground::new(sources, wanted)).await;
        if arguments.json {
            return output::print_json(&report, &report.json());
        }
        print(report.text(output::style(&sources.environment)).as_bytes())?;
        Ok(report.exit_code())
    })
}

/// A token is sent there, so not in the clear.
fn api(text: &str) -> Result<Url, String> {
    let url: Url = text.parse().map_err(|_| "no absolute URL".to_owned())?;
    let settings = KeyFeedSettings::new(url.as_str());
    settings.check().map_err(|error| error.to_string())?;
    Ok(url)
}
