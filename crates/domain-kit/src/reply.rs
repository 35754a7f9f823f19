use actix_web::{
    HttpResponse,
    http::{
        StatusCode,
        header::{self, HeaderValue},
    },
};
use serde::Serialize;

use crate::{ApiError, EntityTag, IfNoneMatch};

/// A successful answer in JSON, in a form that can also be kept and given again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reply {
    pub(crate) status: StatusCode,
    pub(crate) location: Option<String>,
    pub(crate) entity_tag: Option<String>,
    pub(crate) body: Vec<u8>,
}

impl Reply {
    /// 200 with this body.
    ///
    /// # Errors
    /// 500 when it cannot be written as JSON, which what a domain answers with always can.
    pub fn ok(body: &impl Serialize) -> Result<Self, ApiError> {
        Self::new(StatusCode::OK, body)
    }

    /// 201 with this body, for what can be found at `location` from now on.
    ///
    /// # Errors
    /// As of [`ok`](Self::ok).
    pub fn created(location: String, body: &impl Serialize) -> Result<Self, ApiError> {
        let mut reply = Self::new(StatusCode::CREATED, body)?;
        reply.location = Some(location);
        Ok(reply)
    }

    fn new(status: StatusCode, body: &impl Serialize) -> Result<Self, ApiError> {
        // A page has some kilobytes; growing there by doubling moves most of it twice.
        let mut bytes = Vec::with_capacity(2048);
        serde_json::to_writer(&mut bytes, body).map_err(ApiError::broken)?;
        let body = bytes;
        Ok(Self {
            status,
            location: None,
            entity_tag: None,
            body,
        })
    }

    /// The state that the body shows.
    #[must_use]
    pub fn entity_tag(mut self, tag: &EntityTag) -> Self {
        self.entity_tag = Some(tag.as_str().to_owned());
        self
    }

    /// The state that the body shows, where it is one row of this version.
    #[must_use]
    pub fn version(self, version: i64) -> Self {
        self.entity_tag(&EntityTag::of_version(version))
    }

    /// The response.
    pub fn into_response(self) -> HttpResponse {
        let mut response = HttpResponse::build(self.status);
        response.insert_header((header::CONTENT_TYPE, JSON));
        if let Some(tag) = self.entity_tag {
            response.insert_header((header::ETAG, tag));
        }
        if let Some(location) = self.location {
            response.insert_header((header::LOCATION, location));
        }
        response.body(self.body)
    }
}

/// The answer to a read of something in state `tag`: 304 when the client has that state already, else 200 with what `body`
/// makes. The client may keep it and has to ask each time whether it is still good.
///
/// # Errors
/// What `body` answers.
pub fn read_response<B: Serialize>(
    known: &IfNoneMatch,
    tag: &EntityTag,
    body: impl FnOnce() -> Result<B, ApiError>,
) -> Result<HttpResponse, ApiError> {
    let mut response = if known.has(tag) {
        HttpResponse::NotModified().finish()
    } else {
        Reply::ok(&body()?)?.into_response()
    };
    let headers = response.headers_mut();
    headers.insert(header::ETAG, tag.header_value());
    headers.insert(header::CACHE_CONTROL, REVALIDATE);
    Ok(response)
}

const JSON: HeaderValue = HeaderValue::from_static("application/json");
const REVALIDATE: HeaderValue = HeaderValue::from_static("private, no-cache");
