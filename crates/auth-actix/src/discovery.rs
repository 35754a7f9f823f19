use std::cell::RefCell;
use std::time::{Duration, Instant};

use actix_web::http::Uri;
use auth_core::{FetchFailure, FetchFault};
use serde::Deserialize;

use crate::address;

/// An issuer's configuration document (OpenID Connect Discovery 1.0, §4; RFC 8414 has the same
/// members), of which one thing is wanted: where the key set is.
pub(crate) struct Discovery {
    issuer: String,
    document: Uri,
    allow_http: bool,
    reread_after: Duration,
    found: RefCell<Option<Found>>,
}

struct Found {
    jwks_uri: Uri,
    read_at: Instant,
}

impl Discovery {
    pub(crate) fn new(
        issuer: String,
        document: Uri,
        allow_http: bool,
        reread_after: Duration,
    ) -> Self {
        Self {
            issuer,
            document,
            allow_http,
            reread_after,
            found: RefCell::default(),
        }
    }

    /// Where the document is.
    pub(crate) fn document(&self) -> &Uri {
        &self.document
    }

    /// Where the key set was said to be, and whether it is time to ask again.
    pub(crate) fn remembered(&self) -> Option<(Uri, bool)> {
        let found = self.found.borrow();
        let found = found.as_ref()?;
        let is_due = found.read_at.elapsed() >= self.reread_after;
        Some((found.jwks_uri.clone(), is_due))
    }

    /// Remembers for another while what is remembered.
    pub(crate) fn postpone(&self) {
        if let Some(found) = &mut *self.found.borrow_mut() {
            found.read_at = Instant::now();
        }
    }

    /// Reads the document, and remembers where the key set is.
    pub(crate) fn learn(&self, document: &[u8]) -> Result<Uri, FetchFailure> {
        let jwks_uri = self
            .jwks_uri(document)
            .map_err(|reason| FetchFailure::new(FetchFault::Discovery, reason))?;
        let mut found = self.found.borrow_mut();
        let is_news = found
            .as_ref()
            .is_none_or(|found| found.jwks_uri != jwks_uri);
        if is_news {
            let jwks_url = address::shown(&jwks_uri);
            tracing::info!(
                issuer = self.issuer,
                jwks_url,
                "the issuer names its key set"
            );
            if address::is_in_the_clear(&jwks_uri) {
                tracing::warn!(jwks_url, "the issuer's keys are fetched over plain http");
            }
        }
        *found = Some(Found {
            jwks_uri: jwks_uri.clone(),
            read_at: Instant::now(),
        });
        Ok(jwks_uri)
    }

    fn jwks_uri(&self, document: &[u8]) -> Result<Uri, String> {
        #[derive(Deserialize)]
        struct Configuration {
            issuer: String,
            jwks_uri: String,
        }

        // A derived struct would also read an array, and the parser's message may quote the input.
        let is_object = document.trim_ascii_start().starts_with(b"{");
        let configuration: Configuration = match serde_json::from_slice(document) {
            Ok(configuration) if is_object => configuration,
            _ => return Err("the configuration has no issuer and jwks_uri".into()),
        };
        if configuration.issuer != self.issuer {
            return Err("the configuration is that of another issuer".into());
        }
        let jwks_uri = address::parse(&configuration.jwks_uri)
            .map_err(|reason| format!("the configuration's jwks_uri is unusable: {reason}"))?;
        let is_weaker = self.document.scheme() != jwks_uri.scheme()
            && self.document.scheme_str() == Some("https");
        if (is_weaker || address::is_in_the_clear(&jwks_uri)) && !self.allow_http {
            return Err("the configuration's jwks_uri is plain http".into());
        }
        Ok(jwks_uri)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR: Duration = Duration::from_secs(3600);

    fn of(issuer: &str, reread_after: Duration) -> Discovery {
        let document = format!("{issuer}/.well-known/openid-configuration");
        let document = address::parse(&document).unwrap();
        Discovery::new(issuer.into(), document, false, reread_after)
    }

    fn read(issuer: &str, document: &str) -> Result<String, String> {
        let discovery = of(issuer, HOUR);
        match discovery.learn(document.as_bytes()) {
            Ok(uri) => Ok(uri.to_string()),
            Err(failure) => {
                assert_eq!(failure.fault, FetchFault::Discovery);
                assert!(discovery.remembered().is_none());
                Err(failure.reason)
            }
        }
    }

    #[test]
    fn the_issuer_must_be_equal_byte_by_byte() {
        let document = |issuer: &str| {
            format!(r#"{{"issuer":"{issuer}","jwks_uri":"https://keys.example/jwks","x":[]}}"#)
        };
        let issuer = "https://a.example/api/auth";
        let found = read(issuer, &document(issuer)).unwrap();
        assert_eq!(found, "https://keys.example/jwks");
        for other in [
            "https://a.example/api/auth/",
            "https://A.example/api/auth",
            "https://a.example:443/api/auth",
            "http://a.example/api/auth",
            "https://a.example/api",
            "",
        ] {
            let refused = read(issuer, &document(other)).unwrap_err();
            assert_eq!(
                refused, "the configuration is that of another issuer",
                "{other}"
            );
        }
    }

    #[test]
    fn a_document_without_a_usable_jwks_uri_is_a_failure() {
        for document in [
            "",
            "null",
            "[]",
            "{}",
            "<html>",
            r#"["https://a.example","https://a.example/jwks"]"#,
            r#"{"issuer":"https://a.example"}"#,
            r#"{"issuer":"https://a.example","jwks_uri":null}"#,
            r#"{"issuer":["https://a.example"],"jwks_uri":"https://a.example/jwks"}"#,
            r#"{"issuer":"https://a.example","jwks_uri":"/jwks"}"#,
            r#"{"issuer":"https://a.example","jwks_uri":"file:///jwks"}"#,
            r#"{"issuer":"https://a.example","jwks_uri":"https://me:pw@a.example/jwks"}"#,
            r#"{"issuer":"https://a.example","jwks_uri":"http://a.example/jwks"}"#,
            r#"{"issuer":"https://a.example","jwks_uri":"http://127.0.0.1/jwks"}"#,
            r#"{"issuer":"https://a.example","jwks_uri":"https://a.example/1","jwks_uri":"https://a.example/2"}"#,
        ] {
            assert!(read("https://a.example", document).is_err(), "{document}");
        }
        let local = r#"{"issuer":"http://localhost:3000","jwks_uri":"http://localhost:3000/jwks"}"#;
        assert!(read("http://localhost:3000", local).is_ok());
    }

    #[test]
    fn what_is_remembered_is_due_again_after_its_time() {
        let document = br#"{"issuer":"https://a.example","jwks_uri":"https://a.example/jwks"}"#;
        for (reread_after, is_due) in [(HOUR, false), (Duration::ZERO, true)] {
            let discovery = of("https://a.example", reread_after);
            assert!(discovery.remembered().is_none());
            discovery.learn(document).unwrap();
            assert_eq!(discovery.remembered().unwrap().1, is_due);
        }
    }
}
