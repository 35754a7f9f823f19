use std::time::Duration;

use actix_web::http::Uri;
use auth_core::KeyBookSettings;

/// Where the issuer's keys are, and how they are kept.
///
/// ```
/// use std::time::Duration;
/// use auth_actix::KeyFeedSettings;
///
/// let mut settings = KeyFeedSettings::new("https://app.example/api/auth/jwks");
/// settings.max_age = Duration::from_secs(60);
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyFeedSettings {
    /// Where the issuer publishes its key set: Better Auth's `/api/auth/jwks`.
    pub jwks_url: String,
    /// How long a set counts as current; it is renewed at about 80 % of this. At least 1 s.
    /// Default 5 minutes.
    pub max_age: Duration,
    /// How long known keys are served while the issuer does not answer. Default 24 hours.
    pub max_stale: Duration,
    /// One attempt for the sake of unknown keys is allowed per this time. Default 15 s.
    pub cooldown: Duration,
    /// So many attempts for unknown keys may follow each other at once. Default 2.
    pub burst: u32,
    /// How long a request with an unknown key waits for the issuer. Default 1 s.
    pub wait: Duration,
    /// How long one attempt may take, its body included. Not zero. Default 5 s.
    pub timeout: Duration,
    /// How long connecting may take. Not zero. Default 2 s.
    pub connect_timeout: Duration,
}

impl KeyFeedSettings {
    /// The defaults, for this address.
    #[must_use]
    pub fn new(jwks_url: impl Into<String>) -> Self {
        let KeyBookSettings {
            max_age,
            max_stale,
            cooldown,
            burst,
            wait,
            ..
        } = KeyBookSettings::default();
        Self {
            jwks_url: jwks_url.into(),
            max_age,
            max_stale,
            cooldown,
            burst,
            wait,
            timeout: Duration::from_secs(5),
            connect_timeout: Duration::from_secs(2),
        }
    }

    pub(crate) fn checked(&self) -> Result<(Uri, KeyBookSettings), KeyFeedError> {
        let uri: Uri = self
            .jwks_url
            .parse()
            .map_err(|_| KeyFeedError::Url("it is not an absolute URL"))?;
        if !matches!(uri.scheme_str(), Some("http" | "https")) {
            return Err(KeyFeedError::Url("it must begin with https:// or http://"));
        }
        if uri.host().is_none_or(str::is_empty) {
            return Err(KeyFeedError::Url("it names no host"));
        }
        if uri
            .authority()
            .is_some_and(|authority| authority.as_str().contains('@'))
        {
            return Err(KeyFeedError::Url("it must not carry a user or a password"));
        }
        if self.max_age < Duration::from_secs(1) {
            return Err(KeyFeedError::Setting(
                "max_age",
                "must be at least a second",
            ));
        }
        for (name, value) in [
            ("timeout", self.timeout),
            ("connect_timeout", self.connect_timeout),
        ] {
            if value.is_zero() {
                return Err(KeyFeedError::Setting(name, "must not be zero"));
            }
        }
        let book = KeyBookSettings {
            max_age: self.max_age,
            max_stale: self.max_stale,
            cooldown: self.cooldown,
            burst: self.burst,
            wait: self.wait,
            ..KeyBookSettings::default()
        };
        Ok((uri, book))
    }
}

/// Why a feed could not be started. The issuer's absence is not among the reasons.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum KeyFeedError {
    /// The address of the key set is unusable.
    #[error("jwks url is unusable: {0}")]
    Url(&'static str),
    /// A constant is out of its range.
    #[error("{0} {1}")]
    Setting(&'static str, &'static str),
    /// The operating system gave no thread.
    #[error("cannot start the key feed's thread")]
    Thread(#[source] std::io::Error),
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_that_cannot_work_are_refused_by_name() {
        let with = |change: fn(&mut KeyFeedSettings)| {
            let mut settings = KeyFeedSettings::new("https://app.example/api/auth/jwks");
            change(&mut settings);
            settings.checked().unwrap_err().to_string()
        };
        for url in [
            "",
            "app.example",
            "/jwks",
            "ftp://a/jwks",
            "file:///jwks",
            "http://",
            "a b",
        ] {
            let refused = KeyFeedSettings::new(url).checked().unwrap_err();
            assert!(
                refused.to_string().starts_with("jwks url is unusable"),
                "{url}: {refused}"
            );
        }
        let secret = KeyFeedSettings::new("https://me:hunter2@a/jwks")
            .checked()
            .unwrap_err();
        assert!(!secret.to_string().contains("hunter2"));
        assert_eq!(
            with(|s| s.max_age = Duration::ZERO),
            "max_age must be at least a second"
        );
        assert_eq!(
            with(|s| s.timeout = Duration::ZERO),
            "timeout must not be zero"
        );
        assert_eq!(
            with(|s| s.connect_timeout = Duration::ZERO),
            "connect_timeout must not be zero"
        );
    }
}
