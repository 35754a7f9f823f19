use std::time::Duration;

use actix_web::http::header::{self, HeaderMap};
use actix_web::http::{StatusCode, Uri};
use auth_core::FetchFailure;
use tokio::time::timeout;

/// One request for the key set: no redirect, no compression, a bounded body, bounded time.
pub(crate) struct Fetcher {
    pub(crate) uri: Uri,
    pub(crate) timeout: Duration,
    pub(crate) connect_timeout: Duration,
}

impl Fetcher {
    /// Makes the client, which belongs to the calling thread.
    pub(crate) fn open(self) -> impl AsyncFn() -> Result<Vec<u8>, FetchFailure> {
        if self.uri.scheme_str() == Some("http") && !self.uri.host().is_some_and(is_loopback) {
            tracing::warn!(uri = %self.uri, "the issuer's keys are fetched without TLS");
        }
        // The whole attempt has one limit below, the client's own would only cover parts of it.
        let client = awc::Client::builder()
            .connector(awc::Connector::new().timeout(self.connect_timeout))
            .disable_redirects()
            .disable_timeout()
            .finish();
        async move || {
            timeout(self.timeout, fetch(&client, &self.uri))
                .await
                .unwrap_or_else(|_| {
                    Err(FetchFailure::new(format!(
                        "no answer within {:?}",
                        self.timeout
                    )))
                })
        }
    }
}

async fn fetch(client: &awc::Client, uri: &Uri) -> Result<Vec<u8>, FetchFailure> {
    let mut response = client
        .get(uri)
        .insert_header((header::ACCEPT, "application/json, application/jwk-set+json"))
        // Minutes pass between two attempts: a kept connection would be dead or in the way.
        .force_close()
        // What unpacks to more than was sent has no place here.
        .no_decompress()
        .send()
        .await
        .map_err(|error| FetchFailure::new(error.to_string()))?;

    let status = response.status();
    if status != StatusCode::OK {
        let why = if status.is_redirection() {
            ", and redirects are not followed"
        } else {
            ""
        };
        return Err(FetchFailure {
            reason: format!("the issuer answered {}{why}", status.as_u16()),
            retry_after: retry_after(status, response.headers()),
        });
    }
    let body = response.body().limit(MAX_BODY_BYTES).await;
    body.map(Vec::from)
        .map_err(|error| FetchFailure::new(format!("the body is unusable: {error}")))
}

/// Much more than any sound key set needs.
const MAX_BODY_BYTES: usize = 64 * 1024;

/// Seconds, in the standard header or in the one that Better Auth's rate limit sends. A date is
/// not understood and leaves the pause to us.
fn retry_after(status: StatusCode, headers: &HeaderMap) -> Option<Duration> {
    if !matches!(
        status,
        StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE
    ) {
        return None;
    }
    let value = headers
        .get(header::RETRY_AFTER)
        .or_else(|| headers.get("x-retry-after"))?;
    value
        .to_str()
        .ok()?
        .trim()
        .parse()
        .map(Duration::from_secs)
        .ok()
}

fn is_loopback(host: &str) -> bool {
    let address = host.trim_start_matches('[').trim_end_matches(']');
    address.parse().map_or(
        host.eq_ignore_ascii_case("localhost") || host.ends_with(".localhost"),
        |address: std::net::IpAddr| address.is_loopback(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use actix_web::http::header::{HeaderName, HeaderValue};

    #[test]
    fn the_wish_for_a_pause_is_read_from_either_header() {
        let read = |status, name, value| {
            let mut headers = HeaderMap::new();
            headers.insert(
                HeaderName::from_static(name),
                HeaderValue::from_static(value),
            );
            retry_after(status, &headers).map(|wish| wish.as_secs())
        };
        let (limited, broken) = (StatusCode::TOO_MANY_REQUESTS, StatusCode::BAD_GATEWAY);
        assert_eq!(read(limited, "retry-after", "7"), Some(7));
        assert_eq!(read(limited, "x-retry-after", " 10 "), Some(10));
        assert_eq!(
            read(StatusCode::SERVICE_UNAVAILABLE, "retry-after", "0"),
            Some(0)
        );
        assert_eq!(read(broken, "retry-after", "7"), None);
        for nonsense in ["", "soon", "-1", "1e9", "Wed, 21 Oct 2026 07:28:00 GMT"] {
            assert_eq!(read(limited, "retry-after", nonsense), None, "{nonsense}");
        }
    }

    #[test]
    fn a_loopback_address_is_known_in_every_form() {
        for host in [
            "localhost",
            "LOCALHOST",
            "auth.localhost",
            "127.0.0.1",
            "127.8.8.8",
            "[::1]",
        ] {
            assert!(is_loopback(host), "{host}");
        }
        for host in [
            "web",
            "10.0.0.1",
            "127.0.0.1.example",
            "notlocalhost",
            "[::2]",
        ] {
            assert!(!is_loopback(host), "{host}");
        }
    }
}
