use std::borrow::Cow;
use std::fmt::{self, Write};

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
///     Challenge::invalid_token("The token has expired.").in_realm("tasks").to_string(),
///     r#"Bearer realm="tasks", error="invalid_token", error_description="The token has expired.""#,
/// );
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Challenge {
    realm: Cow<'static, str>,
    error: Option<(bearer::Error, &'static str)>,
    scope: Option<Cow<'static, str>>,
    resource_metadata: Option<Cow<'static, str>>,
}

impl Challenge {
    /// The realm of a challenge that is not told another one.
    pub const DEFAULT_REALM: &'static str = "drawbridge";

    /// For a request that brought no credentials: RFC 6750 §3.1 wants no error code then.
    #[must_use]
    pub const fn bare() -> Self {
        Self::new(None)
    }

    /// For a token that was refused. The description is a fixed text.
    #[must_use]
    pub const fn invalid_token(description: &'static str) -> Self {
        Self::error(bearer::Error::InvalidToken, description)
    }

    /// For credentials that are not sent as RFC 6750 §2 says.
    #[must_use]
    pub const fn invalid_request(description: &'static str) -> Self {
        Self::error(bearer::Error::InvalidRequest, description)
    }

    /// For a good token that may not do this: `scope` names what would do, separated by spaces
    /// (RFC 6750 §3.1).
    #[must_use]
    pub fn insufficient_scope(
        description: &'static str,
        scope: impl Into<Cow<'static, str>>,
    ) -> Self {
        Self {
            scope: Some(scope.into()),
            ..Self::error(bearer::Error::InsufficientScope, description)
        }
    }

    /// The same challenge for another realm.
    #[must_use]
    pub fn in_realm(mut self, realm: impl Into<Cow<'static, str>>) -> Self {
        self.realm = realm.into();
        self
    }

    /// Also says where the resource describes itself (`resource_metadata`, RFC 9728 §5.1).
    #[must_use]
    pub fn with_resource_metadata(mut self, url: impl Into<Cow<'static, str>>) -> Self {
        self.resource_metadata = Some(url.into());
        self
    }

    const fn error(error: bearer::Error, description: &'static str) -> Self {
        Self::new(Some((error, description)))
    }

    const fn new(error: Option<(bearer::Error, &'static str)>) -> Self {
        Self {
            realm: Cow::Borrowed(Self::DEFAULT_REALM),
            error,
            scope: None,
            resource_metadata: None,
        }
    }
}

impl fmt::Display for Challenge {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            realm,
            error,
            scope,
            resource_metadata,
        } = self;
        parameter(f, "Bearer realm", realm)?;
        if let Some((error, description)) = error {
            write!(f, r#", error="{error}""#)?;
            parameter(f, ", error_description", description)?;
        }
        if let Some(scope) = scope {
            parameter(f, ", scope", scope)?;
        }
        match resource_metadata {
            Some(url) => parameter(f, ", resource_metadata", url),
            None => Ok(()),
        }
    }
}

/// RFC 6750 §3 allows printable ASCII without the quote and the backslash; the rest is left out.
fn parameter(f: &mut fmt::Formatter<'_>, name: &str, value: &str) -> fmt::Result {
    write!(f, r#"{name}=""#)?;
    let allowed = |c: &char| matches!(c, ' '..='~') && !matches!(c, '"' | '\\');
    value
        .chars()
        .filter(allowed)
        .try_for_each(|c| f.write_char(c))?;
    f.write_char('"')
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
    fn a_parameter_cannot_leave_its_quotes_or_its_line() {
        let nasty = "a\"b\\c\r\nd\u{e9}e";
        let challenge = Challenge::insufficient_scope(nasty, nasty)
            .in_realm(nasty)
            .with_resource_metadata(nasty);
        assert_eq!(
            challenge.try_into_value().unwrap(),
            r#"Bearer realm="abcde", error="insufficient_scope", error_description="abcde", scope="abcde", resource_metadata="abcde""#
        );
    }

    #[test]
    fn without_credentials_there_is_no_error_code_also_with_a_resource() {
        let challenge = Challenge::bare().with_resource_metadata("https://api.example/x");
        assert_eq!(
            challenge.to_string(),
            r#"Bearer realm="drawbridge", resource_metadata="https://api.example/x""#
        );
    }
}
