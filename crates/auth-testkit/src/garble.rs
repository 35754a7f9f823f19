use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use actix_http::body::{BodySize, BoxBody, MessageBody};
use actix_rt::time::Sleep;
use bytes::Bytes;
use serde_json::{Value, json};

/// Ways to answer 200 to a fetch of the keys with something that is no key set: none of them may
/// cost a resource server the keys that it has, nor more than a moment and some kilobytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Garble {
    /// Nothing at all.
    Empty,
    /// Some words.
    NotJson,
    /// Bytes that are no UTF-8.
    NotUtf8,
    /// The first half of the key set, as if that were all of it.
    CutShort,
    /// `null`.
    Null,
    /// An array of keys, with no object around it.
    Array,
    /// An object without `keys`.
    EmptyObject,
    /// An error of Better Auth's, with a good status.
    ErrorObject,
    /// `keys` is null.
    KeysNull,
    /// `keys` is an object.
    KeysObject,
    /// `keys` has one member, which is null.
    KeysOfNull,
    /// `keys` has no member: what Better Auth publishes when all keys have expired.
    EmptySet,
    /// `keys` has members, none of which may verify anything: a shared secret, a key of an unknown
    /// kind, a key for encryption.
    UnusableKeys,
    /// `keys` stands twice: the right ones, and none.
    DuplicateKeys,
    /// A page for people, as a proxy or a captive portal puts in between.
    HtmlPage,
    /// The right keys and a mebibyte of padding.
    Huge,
    /// White space, and no end of it.
    Endless,
    /// White space, one byte in a tenth of a second, and no end of it.
    Dripping,
    /// Half of the bytes that `Content-Length` announced; then the connection is closed.
    BrokenOff,
}

impl Garble {
    /// All of them.
    pub const ALL: &'static [Self] = &[
        Self::Empty,
        Self::NotJson,
        Self::NotUtf8,
        Self::CutShort,
        Self::Null,
        Self::Array,
        Self::EmptyObject,
        Self::ErrorObject,
        Self::KeysNull,
        Self::KeysObject,
        Self::KeysOfNull,
        Self::EmptySet,
        Self::UnusableKeys,
        Self::DuplicateKeys,
        Self::HtmlPage,
        Self::Huge,
        Self::Endless,
        Self::Dripping,
        Self::BrokenOff,
    ];

    pub(crate) fn content_type(self) -> &'static str {
        match self {
            Self::HtmlPage => "text/html; charset=utf-8",
            _ => "application/json",
        }
    }

    /// What is sent instead of these keys.
    pub(crate) fn body(self, jwks: &Value) -> BoxBody {
        let good = jwks.to_string();
        let whole = match self {
            Self::Endless => return BoxBody::new(Trickle::without_end(Duration::ZERO)),
            Self::Dripping => return BoxBody::new(Trickle::without_end(DRIP)),
            Self::BrokenOff => return BoxBody::new(Trickle::broken_off(good)),
            Self::Empty => Vec::new(),
            Self::NotJson => b"keys to the castle".to_vec(),
            Self::NotUtf8 => [good.as_bytes(), &[0xFF]].concat(),
            Self::CutShort => good.as_bytes()[..good.len() / 2].to_vec(),
            Self::Null => b"null".to_vec(),
            Self::Array => jwks["keys"].to_string().into_bytes(),
            Self::EmptyObject => b"{}".to_vec(),
            Self::ErrorObject => br#"{"message":"Too many requests"}"#.to_vec(),
            Self::KeysNull => br#"{"keys":null}"#.to_vec(),
            Self::KeysObject => br#"{"keys":{}}"#.to_vec(),
            Self::KeysOfNull => br#"{"keys":[null]}"#.to_vec(),
            Self::EmptySet => br#"{"keys":[]}"#.to_vec(),
            Self::UnusableKeys => unusable(jwks).to_string().into_bytes(),
            Self::DuplicateKeys => {
                let keys = &jwks["keys"];
                format!(r#"{{"keys":{keys},"keys":[]}}"#).into_bytes()
            }
            Self::HtmlPage => b"<!doctype html><title>Log in to the network</title>".to_vec(),
            Self::Huge => {
                let padding = "x".repeat(1 << 20);
                json!({ "keys": jwks["keys"], "padding": padding })
                    .to_string()
                    .into_bytes()
            }
        };
        BoxBody::new(whole)
    }
}

const DRIP: Duration = Duration::from_millis(100);

fn unusable(jwks: &Value) -> Value {
    let mut for_encryption = jwks["keys"][0].clone();
    if let Some(members) = for_encryption.as_object_mut() {
        members.insert("use".into(), "enc".into());
    }
    json!({ "keys": [
        { "kty": "oct", "kid": "shared", "alg": "HS256", "k": "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA" },
        { "kty": "AKP", "kid": "of-another-time", "alg": "ML-DSA-44", "pub": "AAAA" },
        for_encryption,
    ] })
}

/// A body that comes in pieces and does not end well.
#[derive(Debug)]
struct Trickle {
    size: BodySize,
    left: Option<Bytes>,
    pace: Duration,
    pause: Pin<Box<Sleep>>,
}

impl Trickle {
    fn without_end(pace: Duration) -> Self {
        Self {
            size: BodySize::Stream,
            left: None,
            pace,
            pause: Box::pin(actix_rt::time::sleep(pace)),
        }
    }

    fn broken_off(good: String) -> Self {
        let mut first_half = Bytes::from(good);
        let size = BodySize::Sized(first_half.len() as u64);
        first_half.truncate(first_half.len() / 2);
        Self {
            size,
            left: Some(first_half),
            // Time for the first half to go out before the connection is closed.
            pace: DRIP,
            pause: Box::pin(actix_rt::time::sleep(Duration::ZERO)),
        }
    }
}

impl MessageBody for Trickle {
    type Error = io::Error;

    fn size(&self) -> BodySize {
        self.size
    }

    fn poll_next(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Bytes, io::Error>>> {
        if self.pause.as_mut().poll(cx).is_pending() {
            return Poll::Pending;
        }
        self.pause = Box::pin(actix_rt::time::sleep(self.pace));
        Poll::Ready(Some(match (self.size, self.left.take()) {
            (BodySize::Stream, _) if self.pace.is_zero() => Ok(Bytes::from(vec![b' '; 8 * 1024])),
            (BodySize::Stream, _) => Ok(Bytes::from_static(b" ")),
            (_, Some(half)) => Ok(half),
            (_, None) => Err(io::Error::other("broken off on purpose")),
        }))
    }
}
