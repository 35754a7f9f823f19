use actix_web::{
    Error, HttpMessage,
    body::MessageBody,
    dev::{Payload, ServiceRequest, ServiceResponse},
    error::PayloadError,
    middleware::Next,
};
use futures_util::StreamExt;

/// Ends the transfer of a request's body after `limit` bytes, whatever the request said about its length. Who reads the body
/// sees [`PayloadError::Overflow`]; a body that nobody reads costs nothing.
pub(crate) async fn body_limit<B: MessageBody>(
    limit: usize,
    mut request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<B>, Error> {
    let payload = request.take_payload();
    if !matches!(payload, Payload::None) {
        let mut left = limit;
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
