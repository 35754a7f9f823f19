//! Log lines: one subscriber, one span per request, one line per request, and never a token in any of them.

use std::{
    io::{self, IsTerminal},
    time::Instant,
};

use actix_web::{
    Error, HttpMessage,
    body::MessageBody,
    dev::{ServiceRequest, ServiceResponse},
    http::Uri,
};
use auth_actix::RequestId;
use tracing::{Span, Subscriber, field::Empty, subscriber::SetGlobalDefaultError};
use tracing_actix_web::RootSpanBuilder;
use tracing_subscriber::{Layer, Registry, fmt::MakeWriter, layer::SubscriberExt};
use uuid::Uuid;

use crate::{
    metrics, panics,
    settings::{LogFormat, LogSettings},
};

#[cfg(feature = "otel")]
mod traces;

/// Ends what is told of this process when it is dropped: what has not been sent yet, is.
#[derive(Debug)]
#[must_use = "traces are sent as long as it is there"]
pub struct Telemetry {
    #[cfg(feature = "otel")]
    _traces: Option<traces::Traces>,
}

/// Why nothing can be told of this process.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TelemetryError {
    /// The process has a subscriber already.
    #[error(transparent)]
    Subscriber(#[from] SetGlobalDefaultError),
    /// What `OTEL_*` say of the collector will not do.
    #[cfg(feature = "otel")]
    #[error("cannot send traces; look at the variables OTEL_EXPORTER_OTLP_*")]
    Collector(#[source] opentelemetry_otlp::ExporterBuildError),
}

/// Sends this process's log to stderr, so that stdout carries only what a verb prints; and traces to a collector, in a build
/// with the feature `otel`, where `OTEL_EXPORTER_OTLP_ENDPOINT` says where one is.
///
/// # Errors
/// Any [`TelemetryError`].
pub fn init(settings: &LogSettings) -> Result<Telemetry, TelemetryError> {
    let terminal = io::stderr().is_terminal();
    let lines = lines(settings, terminal, io::stderr);
    #[cfg(feature = "otel")]
    let telemetry = {
        let traces = traces::Traces::start()?;
        let layer = traces.as_ref().map(traces::Traces::layer);
        tracing::subscriber::set_global_default(Registry::default().with(lines).with(layer))?;
        Telemetry { _traces: traces }
    };
    #[cfg(not(feature = "otel"))]
    let telemetry = {
        tracing::subscriber::set_global_default(Registry::default().with(lines))?;
        Telemetry {}
    };
    panics::log();
    Ok(telemetry)
}

/// The subscriber of log lines behind [`init`], with another writer.
pub fn subscriber<W>(
    settings: &LogSettings,
    terminal: bool,
    writer: W,
) -> impl Subscriber + Send + Sync + use<W>
where
    W: for<'a> MakeWriter<'a> + Send + Sync + 'static,
{
    Registry::default().with(lines(settings, terminal, writer))
}

fn lines<W>(
    settings: &LogSettings,
    terminal: bool,
    writer: W,
) -> impl Layer<Registry> + Send + Sync + use<W>
where
    W: for<'a> MakeWriter<'a> + Send + Sync + 'static,
{
    let json = match settings.format {
        LogFormat::Json => true,
        LogFormat::Pretty => false,
        LogFormat::Auto => !terminal,
    };
    let lines = tracing_subscriber::fmt::layer().with_writer(writer);
    let lines: Box<dyn Layer<Registry> + Send + Sync> = match json {
        true => lines
            .json()
            .flatten_event(true)
            .with_span_list(false)
            .boxed(),
        false => lines.with_ansi(terminal).boxed(),
    };
    lines.with_filter(settings.filter())
}

/// `error` and all its sources in one line.
pub fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(error) = source {
        let cause = error.to_string();
        // Some errors repeat their source's words.
        if !text.ends_with(&cause) {
            text.push_str(": ");
            text.push_str(&cause);
        }
        source = error.source();
    }
    text
}

/// The span of one request. The guard records `user.id` and `deny.code` on it.
#[derive(Debug)]
pub(crate) struct RequestSpan;

impl RootSpanBuilder for RequestSpan {
    fn on_request_start(request: &ServiceRequest) -> Span {
        request.extensions_mut().insert(Started(Instant::now()));
        let request_id = request
            .extensions()
            .get::<RequestId>()
            .map(|id| id.0.clone());
        let span = tracing::info_span!(
            "request",
            http.method = %request.method(),
            http.route = Empty,
            http.target = target(request.uri()),
            request_id,
            user.id = Empty,
            deny.code = Empty,
            status = Empty,
            // Only for traces.
            otel.kind = Empty,
            otel.status_code = Empty,
        );
        #[cfg(feature = "otel")]
        traces::begin(&span, request.headers());
        span
    }

    fn on_request_end<B: MessageBody>(span: Span, outcome: &Result<ServiceResponse<B>, Error>) {
        let status = match outcome {
            Ok(response) => response.status(),
            Err(error) => error.as_response_error().status_code(),
        };
        span.record("status", status.as_u16());
        let (mut elapsed_ms, mut is_probe) = (None, false);
        if let Ok(response) = outcome {
            let request = response.request();
            // Known only now: the router comes after the middlewares.
            let route = request.match_pattern();
            if let Some(route) = &route {
                is_probe = route.starts_with("/health");
                span.record("http.route", route);
            }
            let started = request
                .extensions()
                .get::<Started>()
                .map(|started| started.0);
            let took = started.map(|at| at.elapsed());
            elapsed_ms = took.map(|took| (took.as_secs_f64() * 1e6).round() / 1e3);
            if let Some(took) = took {
                metrics::request(request.method(), route.as_deref(), status, took);
            }
            #[cfg(feature = "otel")]
            traces::end(&span, request.method(), route.as_deref(), status);
        }
        // A probe every few seconds would bury the requests that somebody made.
        if is_probe {
            tracing::debug!(parent: &span, elapsed_ms, "request finished");
        } else {
            tracing::info!(parent: &span, elapsed_ms, "request finished");
        }
    }
}

#[derive(Clone, Copy)]
pub(crate) struct Started(Instant);

/// What of a request's target may be logged: the path, without segments that could be a token or another secret, and the
/// names, not the values, of the query's parameters.
fn target(uri: &Uri) -> String {
    const HIDDEN: &str = "[…]";
    let harmless = |text: &str| text.len() <= 24 || Uuid::try_parse(text).is_ok();
    let mut target = String::new();
    for (n, segment) in uri.path().split('/').enumerate() {
        if n == 16 {
            target.push_str("/…");
            break;
        }
        if n > 0 {
            target.push('/');
        }
        target.push_str(if harmless(segment) { segment } else { HIDDEN });
    }
    for (n, parameter) in uri
        .query()
        .into_iter()
        .flat_map(|query| query.split('&'))
        .enumerate()
    {
        let name = parameter.split('=').next().unwrap_or_default();
        target.push(if n == 0 { '?' } else { '&' });
        if n == 16 {
            target.push('…');
            break;
        }
        target.push_str(if harmless(name) { name } else { HIDDEN });
    }
    target
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(uri: &str) -> String {
        target(&uri.parse().unwrap())
    }

    #[test]
    fn a_usual_target_is_logged_with_the_names_of_its_parameters() {
        let id = "0192f0c1-2345-7abc-8def-0123456789ab";
        assert_eq!(
            of(&format!("/api/v1/{id}/tasks?limit=20&search=my+secret")),
            format!("/api/v1/{id}/tasks?limit&search")
        );
        assert_eq!(of("/"), "/");
    }

    #[test]
    fn a_token_in_path_or_query_is_not_logged() {
        let jwt = "eyJhbGciOiJFZERTQSIsImtpZCI6ImsxIn0.eyJzdWIiOiJ1In0.c2lnbmF0dXJl";
        let session = "T3AqVb6nQm9xKpLw2ZsRc8YtHd4JgF1e";
        for secret in [jwt, session] {
            for uri in [
                format!("/api/v1/{secret}/tasks"),
                format!("/x?access_token={secret}"),
                format!("/x?{secret}"),
                format!("/x?a=1&{secret}=1"),
            ] {
                assert!(!of(&uri).contains(secret), "{uri}");
            }
        }
    }

    #[test]
    fn a_hostile_target_makes_no_long_line() {
        let uri = format!("{}?{}", "/a".repeat(5_000), "b&".repeat(5_000));
        assert!(of(&uri).len() < 200, "{}", of(&uri));
    }
}
