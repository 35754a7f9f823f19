use std::fmt;

use actix_web::http::header::{HeaderValue, InvalidHeaderValue, TryIntoHeaderValue};
use actix_web::web::Bytes;
use actix_web_httpauth::headers::www_authenticate::{self, bearer};

/// A `WWW-Authenticate: Bearer` challenge (RFC 6750 §3).
///
/// It implements the challenge trait of `actix-web-httpauth`, so it goes into that crate's typed
/// `WwwAuthenticate` header. Its own `Bearer` challenge separates the parameters with spaces, and
/// RFC 9110 §11.6.1 asks for commas: a client that parses the header would see one parameter.
///
/// ```
/// use auth_actix::Challenge;
///
/// assert_eq!(Challenge::bare().to_string(), r#"Bearer realm="drawbridge""#);
/// assert_eq!(
///     Challenge::invalid_token("The token has expired.").to_string(),
///     r#"Bearer realm="drawbridge", error="invalid_token", error_description="The token has expired.""#,
/// );
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Challenge {
    error: Option<(bearer::Error, &'static str)>,
}

impl Challenge {
    /// For a request that brought no credentials: RFC 6750 §3.1 wants no error code then.
    #[must_use]
    pub const fn bare() -> Self {
        Self { error: None }
    }

    /// For a token that was refused. The description is a fixed text.
    #[must_use]
    pub const fn invalid_token(description: &'static str) -> Self {
        Self {
            error: Some((bearer::Error::InvalidToken, description)),
        }
    }

    /// For credentials that are not sent as RFC 6750 §2 says.
    #[must_use]
    pub const fn invalid_request(description: &'static str) -> Self {
        Self {
            error: Some((bearer::Error::InvalidRequest, description)),
        }
    }
}

impl fmt::Display for Challenge {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(r#"Bearer realm="drawbridge""#)?;
        let Some((error, description)) = self.error else {
            return Ok(());
        };
        write!(f, r#", error="{error}", error_description=""#)?;
        // RFC 6750 §3 allows printable ASCII without the quote and the backslash.
        let allowed = |c: &char| matches!(c, ' '..='~') && !matches!(c, '"' | '\\');
        for c in description.chars().filter(allowed) {
            fmt::Write::write_char(f, c)?;
        }
        f.write_str("\"")
    }
}

impl TryIntoHeaderValue for Challenge {
    type Error = InvalidHeaderValue;

    fn try_into_value(self) -> Result<HeaderValue, Self::Error> {
        HeaderValue::try_from(self.to_string())
    }
}

impl www_authenticate::Challenge for Challenge {
    fn to_bytes(&self) -> Bytes {
        self.to_string().into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_description_cannot_leave_its_quotes_or_its_line() {
        let challenge = Challenge::invalid_token("a\"b\\c\r\nd\u{e9}e");
        let value = challenge.try_into_value().unwrap();
        assert_eq!(
            value,
            r#"Bearer realm="drawbridge", error="invalid_token", error_description="abcde""#
        );
    }
}
