use std::cell::RefCell;
use std::error::Error;
use std::io;
use std::rc::Rc;
use std::time::{Duration, SystemTime};

use actix_web::http::{StatusCode, Uri, header};
use auth_core::{Answer, FetchFailure, FetchFault};
use awc::error::{ConnectError, PayloadError, SendRequestError};
use tokio::time::timeout;

use crate::discovery::Discovery;
use crate::headers::{content_length, max_age, retry_after};
use crate::probe::KeyAnswer;
use crate::settings::{KeyFeedSettings, Source};

/// A good response, or so the issuer says.
pub(crate) struct Fetched {
    pub(crate) document: Vec<u8>,
    pub(crate) max_age: Option<Duration>,
}

impl Fetched {
    pub(crate) fn answer(&self) -> Answer<'_> {
        Answer {
            document: &self.document,
            max_age: self.max_age,
        }
    }
}

/// One attempt to have the key set: no redirect, no compression, bounded bodies, bounded time.
pub(crate) struct Fetcher {
    pub(crate) source: Source,
    pub(crate) timeout: Duration,
    pub(crate) connect_timeout: Duration,
    pub(crate) max_body: usize,
    /// Where every response's head is put down, for whoever wants to tell of it.
    pub(crate) seen: Option<Rc<RefCell<Vec<KeyAnswer>>>>,
}

impl Fetcher {
    pub(crate) fn new(source: Source, settings: &KeyFeedSettings) -> Self {
        Self {
            source,
            timeout: settings.timeout,
            connect_timeout: settings.connect_timeout,
            max_body: settings.max_body_bytes,
            seen: None,
        }
    }

    /// Makes the client, which belongs to the calling thread.
    pub(crate) fn open(self) -> impl AsyncFn() -> Result<Fetched, FetchFailure> {
        // The whole attempt has one limit below, the client's own would only cover parts of it.
        let client = awc::Client::builder()
            .connector(awc::Connector::new().timeout(self.connect_timeout))
            .disable_redirects()
            .disable_timeout()
            .finish();
        async move || {
            timeout(self.timeout, self.attempt(&client))
                .await
                .unwrap_or_else(|_| Err(late(self.timeout)))
        }
    }

    async fn attempt(&self, client: &awc::Client) -> Result<Fetched, FetchFailure> {
        let discovery = match &self.source {
            Source::Jwks(uri) => return self.fetch(client, uri).await,
            Source::Discovery(discovery) => discovery,
        };
        let Some((known, is_due)) = discovery.remembered() else {
            let found = self.discover(client, discovery).await?;
            return self.fetch(client, &found).await;
        };
        let mut uri = known;
        if is_due {
            // The keys are what matters: a document that hangs must leave them half of the time.
            discovery.postpone();
            let again = timeout(self.timeout / 2, self.discover(client, discovery)).await;
            match again.unwrap_or_else(|_| Err(late(self.timeout / 2))) {
                Ok(found) => uri = found,
                Err(failure) => tracing::warn!(
                    error = %failure,
                    "the issuer's configuration cannot be read again; what it said before holds"
                ),
            }
        }
        match self.fetch(client, &uri).await {
            Err(failure) if failure.fault == FetchFault::NotFound && !is_due => {
                let found = self.discover(client, discovery).await?;
                match found == uri {
                    true => Err(failure),
                    false => self.fetch(client, &found).await,
                }
            }
            answer => answer,
        }
    }

    async fn discover(
        &self,
        client: &awc::Client,
        discovery: &Discovery,
    ) -> Result<Uri, FetchFailure> {
        let answer = self.fetch(client, discovery.document()).await;
        let learnt = answer.and_then(|answer| discovery.learn(&answer.document));
        learnt.map_err(|failure| FetchFailure {
            reason: format!("discovery: {}", failure.reason),
            ..failure
        })
    }

    async fn fetch(&self, client: &awc::Client, uri: &Uri) -> Result<Fetched, FetchFailure> {
        match self.fetch_once(client, uri).await {
            Err(failure) if failure.fault.is_worth_a_quick_retry() => {
                self.fetch_once(client, uri).await
            }
            answer => answer,
        }
    }

    async fn fetch_once(&self, client: &awc::Client, uri: &Uri) -> Result<Fetched, FetchFailure> {
        let mut response = client
            .get(uri)
            .insert_header((header::ACCEPT, "application/json, application/jwk-set+json"))
            // Minutes pass between two attempts: a kept connection would be dead or in the way.
            .force_close()
            // What unpacks to more than was sent has no place here.
            .no_decompress()
            .send()
            .await
            .map_err(|error| self.unsent(error))?;

        let status = response.status();
        if let Some(seen) = &self.seen {
            let answer = KeyAnswer::of(uri, status, response.headers());
            seen.borrow_mut().push(answer);
        }
        if status != StatusCode::OK {
            let (fault, why) = match status {
                _ if status.is_redirection() => {
                    (FetchFault::Redirect, ", and redirects are not followed")
                }
                StatusCode::NOT_FOUND | StatusCode::GONE => (FetchFault::NotFound, ""),
                _ => (FetchFault::Status, ""),
            };
            return Err(FetchFailure {
                fault,
                reason: format!("the issuer answered {}{why}", status.as_u16()),
                retry_after: retry_after(response.headers(), SystemTime::now()),
            });
        }
        let max_age = max_age(response.headers());
        let announced = content_length(response.headers());
        match response.body().limit(self.max_body).await {
            // The client takes a connection that ends for the end of the body.
            Ok(body) if announced.is_some_and(|length| length != body.len()) => {
                Err(FetchFailure::new(
                    FetchFault::Body,
                    format!("the body broke off after {} bytes", body.len()),
                ))
            }
            Ok(body) => Ok(Fetched {
                document: body.into(),
                max_age,
            }),
            Err(PayloadError::Overflow) => Err(FetchFailure::new(
                FetchFault::TooLarge,
                format!("the body is larger than {} bytes", self.max_body),
            )),
            Err(error) => Err(FetchFailure::new(
                FetchFault::Body,
                format!("the body is unusable: {error}"),
            )),
        }
    }

    /// Why there is no response at all.
    fn unsent(&self, error: SendRequestError) -> FetchFailure {
        let (fault, reason) = match error {
            SendRequestError::Connect(ConnectError::Resolver(error)) => (
                FetchFault::Dns,
                format!("cannot find the issuer's host: {}", with_causes(&*error)),
            ),
            SendRequestError::Connect(ConnectError::NoRecords | ConnectError::Unresolved) => (
                FetchFault::Dns,
                "cannot find the issuer's host: it has no address".to_owned(),
            ),
            SendRequestError::Connect(ConnectError::Timeout) => (
                FetchFault::Timeout,
                format!("no connection within {:?}", self.connect_timeout),
            ),
            // The connector wraps whatever goes wrong in a handshake in an error of no kind.
            SendRequestError::Connect(ConnectError::Io(error))
                if error.kind() == io::ErrorKind::Other && error.raw_os_error().is_none() =>
            {
                (
                    FetchFault::Tls,
                    format!("the connection is not secure: {error}"),
                )
            }
            SendRequestError::Connect(error) => (
                FetchFault::Connect,
                format!("cannot connect to the issuer: {error}"),
            ),
            SendRequestError::Send(error) => (
                FetchFault::Connect,
                format!("the connection to the issuer broke: {error}"),
            ),
            error => (
                FetchFault::Body,
                format!("the issuer's response is unusable: {error}"),
            ),
        };
        FetchFailure::new(fault, reason)
    }
}

fn late(limit: Duration) -> FetchFailure {
    FetchFailure::new(FetchFault::Timeout, format!("no answer within {limit:?}"))
}

/// The client's errors say what failed, and leave the reason to their sources.
fn with_causes(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut next = error.source();
    while let Some(cause) = next {
        text.push_str(": ");
        text.push_str(&cause.to_string());
        next = cause.source();
    }
    text
}
