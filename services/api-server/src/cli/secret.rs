use std::io::{self, IsTerminal, Read};

use super::{Failure, Misused};

/// More than this is no token, no cookie and no password.
const LONGEST: u64 = 64 * 1024;

/// A secret that was given as an argument or, for `-`, on stdin, where it shows in no list of processes.
pub(super) fn given(what: &'static str, argument: &str) -> Result<String, Failure> {
    let text = match argument {
        "-" => from_stdin(what)?,
        text => text.to_owned(),
    };
    match text.trim() {
        "" => Err(Misused(format!("the {what} is empty")).into()),
        text => Ok(text.to_owned()),
    }
}

/// The same of a token, which is often copied with what stands before it in a request.
pub(super) fn token(argument: &str) -> Result<String, Failure> {
    let text = given("token", argument)?;
    let text = text
        .strip_prefix("Authorization:")
        .unwrap_or(&text)
        .trim_start();
    let scheme = text
        .get(..7)
        .is_some_and(|scheme| scheme.eq_ignore_ascii_case("bearer "));
    Ok(match scheme {
        true => text[7..].trim().to_owned(),
        false => text.trim_matches('"').to_owned(),
    })
}

/// A password: asked for without showing it, or the first line of what is piped in.
pub(super) fn password() -> Result<String, Failure> {
    if io::stdin().is_terminal() {
        return Ok(rpassword::prompt_password("Password: ")?);
    }
    let text = from_stdin("password")?;
    match text.lines().next().unwrap_or_default() {
        "" => Err(Misused("there is no password on stdin".to_owned()).into()),
        line => Ok(line.to_owned()),
    }
}

fn from_stdin(what: &str) -> Result<String, Failure> {
    let mut bytes = Vec::new();
    io::stdin()
        .lock()
        .take(LONGEST + 1)
        .read_to_end(&mut bytes)?;
    if bytes.len() as u64 > LONGEST {
        return Err(Misused(format!("the {what} on stdin has more than 64 KiB")).into());
    }
    String::from_utf8(bytes)
        .map_err(|_| Misused(format!("the {what} on stdin is not UTF-8")).into())
}
