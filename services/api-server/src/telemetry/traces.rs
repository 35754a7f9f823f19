//! Requests and their statements as spans of OpenTelemetry, sent by OTLP over HTTP. Whoever calls may pass its own trace on
//! (W3C Trace Context, `traceparent`). Everything is set by the variables that OpenTelemetry has for it, `OTEL_*`.

use std::{env, time::Duration};

use actix_web::http::{
    Method, StatusCode,
    header::{HeaderMap, HeaderName},
};
use opentelemetry::{
    propagation::{Extractor, TextMapPropagator},
    trace::{TraceContextExt, TracerProvider},
};
use opentelemetry_otlp::SpanExporter;
use opentelemetry_sdk::{Resource, propagation::TraceContextPropagator, trace::SdkTracerProvider};
use tracing::{Level, Span, Subscriber};
use tracing_opentelemetry::OpenTelemetrySpanExt;
use tracing_subscriber::{Layer, filter::Targets, registry::LookupSpan};

use super::TelemetryError;

/// Sends what it has when it is dropped.
#[derive(Debug)]
pub(super) struct Traces(SdkTracerProvider);

impl Traces {
    /// `None` where nobody says where a collector is.
    pub(super) fn start() -> Result<Option<Self>, TelemetryError> {
        let named = [
            "OTEL_EXPORTER_OTLP_ENDPOINT",
            "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT",
        ];
        if !named.iter().any(|name| env::var_os(name).is_some()) {
            return Ok(None);
        }
        let exporter = SpanExporter::builder().with_http().build();
        let exporter = exporter.map_err(TelemetryError::Collector)?;
        let resource = match env::var_os("OTEL_SERVICE_NAME") {
            Some(_) => Resource::builder(),
            None => Resource::builder().with_service_name("api-server"),
        };
        let provider = SdkTracerProvider::builder()
            .with_resource(resource.build())
            .with_batch_exporter(exporter)
            .build();
        Ok(Some(Self(provider)))
    }

    /// Spans of requests and statements; log lines stay in the log.
    pub(super) fn layer<S>(&self) -> impl Layer<S> + use<S>
    where
        S: Subscriber + for<'a> LookupSpan<'a>,
    {
        let wanted = Targets::new()
            .with_target("api_server", Level::INFO)
            .with_target("auth_pg::statement", Level::DEBUG);
        tracing_opentelemetry::layer()
            .with_tracer(self.0.tracer("api-server"))
            .with_context_activation(false)
            .with_location(false)
            .with_threads(false)
            .with_filter(wanted)
    }
}

impl Drop for Traces {
    fn drop(&mut self) {
        // A collector that does not answer must not keep the process.
        let _ = self.0.shutdown_with_timeout(Duration::from_secs(5));
    }
}

/// The span belongs to the trace that the caller has begun, if it says so.
pub(super) fn begin(span: &Span, headers: &HeaderMap) {
    span.record("otel.kind", "server");
    let parent = TraceContextPropagator::new().extract(&Incoming(headers));
    // It fails where no collector is told, and there is nothing to belong to.
    let _ = span.set_parent(parent);
}

/// The names of OpenTelemetry's semantic conventions for HTTP.
pub(super) fn end(span: &Span, method: &Method, route: Option<&str>, status: StatusCode) {
    span.set_attribute("http.request.method", method.to_string());
    span.set_attribute("http.response.status_code", i64::from(status.as_u16()));
    let name = match route {
        Some(route) => format!("{method} {route}"),
        None => method.to_string(),
    };
    // A field `otel.name` would be too late once a statement has made the span a parent.
    span.context().span().update_name(name);
    if status.is_server_error() {
        span.record("otel.status_code", "error");
    }
}

struct Incoming<'a>(&'a HeaderMap);

impl Extractor for Incoming<'_> {
    fn get(&self, key: &str) -> Option<&str> {
        self.0.get(key)?.to_str().ok()
    }

    fn keys(&self) -> Vec<&str> {
        self.0.keys().map(HeaderName::as_str).collect()
    }
}
