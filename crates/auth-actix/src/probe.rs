use std::cell::RefCell;
use std::rc::Rc;
use std::time::{Duration, Instant, SystemTime};

use actix_web::http::header::{self, HeaderMap, HeaderName, HttpDate};
use actix_web::http::{StatusCode, Uri};
use auth_core::{FetchFailure, KeyRing, KeySetError};

use crate::address;
use crate::fetch::Fetcher;
use crate::headers::{content_length, max_age};
use crate::settings::{KeyFeedError, KeyFeedSettings};

/// One attempt to have an issuer's keys, as a [`KeyFeed`](crate::KeyFeed) makes it, and what was seen on the way: for tools that
/// explain.
///
/// The same client with the same limits: no redirect is followed, nothing is unpacked, body and time are bounded.
#[derive(Debug)]
pub struct KeyProbe {
    /// Who was asked, without the query.
    pub url: String,
    /// What answered, in order. More than one where the issuer's configuration document was asked first, or an attempt was
    /// made twice.
    pub answers: Vec<KeyAnswer>,
    /// How long it took.
    pub took: Duration,
    /// The document, or why there is none.
    pub document: Result<Vec<u8>, FetchFailure>,
}

/// The head of one HTTP response. Its texts are the issuer's own: show them with care.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct KeyAnswer {
    /// Who was asked, without the query.
    pub url: String,
    /// The status.
    pub status: u16,
    /// `Content-Type`.
    pub content_type: Option<String>,
    /// `Content-Length`.
    pub content_length: Option<usize>,
    /// `Location`.
    pub location: Option<String>,
    /// `Cache-Control`, as far as it says for how long the answer holds.
    pub max_age: Option<Duration>,
    /// By how much the issuer's clock (`Date`, in whole seconds) is ahead of ours, in seconds.
    pub clock_ahead: Option<i64>,
}

impl KeyProbe {
    /// Makes the attempt. Wants to run where `awc` does: inside of an actix system or a local set.
    ///
    /// # Errors
    /// [`KeyFeedError`] for settings that a feed could not be started with.
    pub async fn make(settings: &KeyFeedSettings) -> Result<Self, KeyFeedError> {
        let (source, _) = settings.checked()?;
        let url = address::shown(source.uri());
        let seen = Rc::new(RefCell::new(Vec::new()));
        let fetcher = Fetcher {
            seen: Some(Rc::clone(&seen)),
            ..Fetcher::new(source, settings)
        };
        let started = Instant::now();
        let document = fetcher.open()().await;
        Ok(Self {
            url,
            answers: seen.take(),
            took: started.elapsed(),
            document: document.map(|fetched| fetched.document),
        })
    }

    /// What a feed would make of the document.
    ///
    /// # Errors
    /// `None` where there is no document; else what is wrong with it.
    pub fn keys(&self) -> Option<Result<KeyRing, KeySetError>> {
        let document = self.document.as_ref().ok()?;
        Some(KeyRing::parse(document))
    }
}

impl KeyAnswer {
    pub(crate) fn of(uri: &Uri, status: StatusCode, headers: &HeaderMap) -> Self {
        let text = |name: HeaderName| {
            let value = headers.get(name)?;
            Some(String::from_utf8_lossy(value.as_bytes()).into_owned())
        };
        let date = text(header::DATE).and_then(|date| date.parse::<HttpDate>().ok());
        Self {
            url: address::shown(uri),
            status: status.as_u16(),
            content_type: text(header::CONTENT_TYPE),
            content_length: content_length(headers),
            location: text(header::LOCATION),
            max_age: max_age(headers),
            clock_ahead: date.map(|date| seconds_ahead(date.into(), SystemTime::now())),
        }
    }
}

fn seconds_ahead(theirs: SystemTime, ours: SystemTime) -> i64 {
    let seconds = |duration: Duration| i64::try_from(duration.as_secs()).unwrap_or(i64::MAX);
    match theirs.duration_since(ours) {
        Ok(ahead) => seconds(ahead),
        Err(behind) => -seconds(behind.duration()),
    }
}

#[cfg(test)]
mod tests {
    use std::time::UNIX_EPOCH;

    use super::*;

    #[test]
    fn a_clock_that_is_ahead_counts_positive_and_one_behind_negative() {
        let now = UNIX_EPOCH + Duration::from_secs(1_000);
        let ten = Duration::from_secs(10);
        assert_eq!(seconds_ahead(now + ten, now), 10);
        assert_eq!(seconds_ahead(now - ten, now), -10);
        assert_eq!(seconds_ahead(now, now), 0);
    }
}
