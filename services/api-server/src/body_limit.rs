use actix_web::{
    Error, HttpMessage,
    body::MessageBody,
    dev::{Payload, ServiceRequest, ServiceResponse},
    error::PayloadError,
    middleware::Next,
};
use futures_util::StreamExt;

/// Longest bodies that are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct BodyLimits {
    /// Of a request, in bytes.
    pub(crate) any: usize,
    /// Of one to [`IMPORTS`], which is read as it comes and never kept.
    pub(crate) import: usize,
}

/// Where bodies are streams.
const IMPORTS: &str = "/import";

/// Ends the transfer of a request's body after so many bytes, whatever the request said about its length. Who reads the body
/// sees [`PayloadError::Overflow`]; a body that nobody reads costs nothing.
pub(crate) async fn body_limit<B: MessageBody>(
    limits: BodyLimits,
    mut request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<B>, Error> {
    let payload = request.take_payload();
    if !matches!(payload, Payload::None) {
        let mut left = match request.path().ends_with(IMPORTS) {
            true => limits.import,
            false => limits.any,
        };
        let limited = payload.map(move |chunk| {
            let chunk = chunk?;
            left = left
                .checked_sub(chunk.len())
                .ok_or(PayloadError::Overflow)?;
            Ok(chunk)
        });
        request.set_payload(Payload::Stream {
            payload: Box::pin(limited),
        });
    }
    next.call(request).await
}
