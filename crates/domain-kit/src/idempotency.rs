use std::{future::Future, pin::Pin};

use actix_web::{
    FromRequest, HttpRequest, HttpResponse,
    dev::Payload,
    http::{StatusCode, header::HeaderName},
};
use auth_pg::{StoreError, UserScope, UserTx};
use serde::de::DeserializeOwned;
use sha2::{Digest, Sha256};

use crate::{
    ApiError, KitProblem,
    body::{parse, read_body},
    reply::Reply,
};

/// A JSON body, as [`Body`](crate::Body) reads it, of a request that may carry an `Idempotency-Key`.
///
/// The header is that of the IETF draft of this name, as Stripe has it: 1 to 255 visible ASCII characters, without quotes of its
/// own. 400 `invalid_header` for anything else.
#[derive(Debug)]
pub struct Keyed<T> {
    /// The body.
    pub body: T,
    /// How the request can be told from others, if it asks to be.
    pub key: Option<IdempotencyKey>,
}

/// A key, and the request that it stands for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IdempotencyKey {
    key: String,
    /// SHA-256 of method, path and body.
    request: [u8; 32],
}

impl<T: DeserializeOwned> FromRequest for Keyed<T> {
    type Error = ApiError;
    type Future = Pin<Box<dyn Future<Output = Result<Self, ApiError>>>>;

    fn from_request(req: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let key = read_key(req);
        let body = read_body(req, payload);
        let req = req.clone();
        Box::pin(async move {
            let key = key?;
            let body = body.await?;
            let key = key.map(|key| IdempotencyKey {
                key,
                request: fingerprint(&req, &body),
            });
            Ok(Self {
                body: parse(&body)?,
                key,
            })
        })
    }
}

impl IdempotencyKey {
    /// Does `work` in a transaction and keeps its answer in the same transaction, for 24 hours; or, when this request has been
    /// here before, gives that answer again and does nothing. Two at once follow each other. What `work` refuses is not kept:
    /// the key is free for a better attempt.
    ///
    /// `work` begins with the user's other changes held back ([`UserTx::lock_user`]).
    ///
    /// # Errors
    /// 409 `idempotency_conflict` when the key stands for another request, and what `work` answers.
    pub async fn once(
        &self,
        user: &UserScope,
        work: impl AsyncFnOnce(&UserTx<'_>) -> Result<Reply, ApiError>,
    ) -> Result<HttpResponse, ApiError> {
        let (reply, replayed) = user
            .transaction(async |tx| {
                if !tx.lock_user().await? {
                    return Err(ApiError::user_gone());
                }
                if let Some(reply) = self.kept(tx).await? {
                    return Ok((reply, true));
                }
                let reply = work(tx).await?;
                self.keep(tx, &reply).await?;
                Ok((reply, false))
            })
            .await?;
        let mut response = reply.into_response();
        if replayed {
            let value = actix_web::http::header::HeaderValue::from_static("true");
            response.headers_mut().insert(REPLAYED, value);
        }
        Ok(response)
    }

    async fn kept(&self, tx: &UserTx<'_>) -> Result<Option<Reply>, ApiError> {
        let Some(row) = tx.query_opt(FIND, &[&self.key, &KEEP_SECONDS]).await? else {
            return Ok(None);
        };
        let read = || -> Result<(Vec<u8>, Reply), StoreError> {
            let status: i16 = row.try_get("status")?;
            let status = u16::try_from(status).ok();
            let status = status.and_then(|status| StatusCode::from_u16(status).ok());
            let unknown = || StoreError::Broken("a kept answer has no valid status".into());
            let reply = Reply {
                status: status.ok_or_else(unknown)?,
                location: row.try_get("location")?,
                entity_tag: row.try_get("etag")?,
                body: row.try_get("body")?,
            };
            Ok((row.try_get("request")?, reply))
        };
        let (request, reply) = read()?;
        match request == self.request {
            true => Ok(Some(reply)),
            false => Err(KitProblem::IdempotencyConflict.into()),
        }
    }

    async fn keep(&self, tx: &UserTx<'_>, reply: &Reply) -> Result<(), StoreError> {
        let Reply {
            status,
            location,
            entity_tag,
            body,
        } = reply;
        let status = i16::try_from(status.as_u16()).unwrap_or(200);
        let request = &self.request[..];
        tx.query(
            KEEP,
            &[
                &self.key,
                &request,
                &status,
                location,
                entity_tag,
                body,
                &KEEP_SECONDS,
            ],
        )
        .await
        .map(drop)
    }
}

/// Does `work` as [`IdempotencyKey::once`] does when the request has a key; without one in a transaction of its own, of which
/// nothing is kept. Either way it begins with the user's other changes held back.
///
/// # Errors
/// As of [`IdempotencyKey::once`].
pub async fn at_most_once(
    key: Option<&IdempotencyKey>,
    user: &UserScope,
    work: impl AsyncFnOnce(&UserTx<'_>) -> Result<Reply, ApiError>,
) -> Result<HttpResponse, ApiError> {
    if let Some(key) = key {
        return key.once(user, work).await;
    }
    let reply = user
        .transaction(async |tx| match tx.lock_user().await? {
            true => work(tx).await,
            false => Err(ApiError::user_gone()),
        })
        .await?;
    Ok(reply.into_response())
}

const KEY: HeaderName = HeaderName::from_static("idempotency-key");
const REPLAYED: HeaderName = HeaderName::from_static("idempotency-replayed");

/// How long an answer is kept.
const KEEP_SECONDS: f64 = 24.0 * 60.0 * 60.0;

/// `$2` the key, `$3` seconds.
const FIND: &str = "
    SELECT request, status, location, etag, body FROM app.idempotency
     WHERE user_id = $1 AND key = $2 AND created_at > now() - make_interval(secs => $3)";

/// `$2` key, `$3` request, `$4` status, `$5` location, `$6` entity tag, `$7` body, `$8` seconds. Who keeps an answer takes away
/// the user's own whose time is over. One under the same key is overwritten: were its time not over, it would have been found.
const KEEP: &str = "
    WITH over AS (
      DELETE FROM app.idempotency WHERE user_id = $1 AND created_at <= now() - make_interval(secs => $8) AND key <> $2
    )
    INSERT INTO app.idempotency (user_id, key, request, status, location, etag, body)
    VALUES ($1, $2, $3, $4, $5, $6, $7)
    ON CONFLICT (user_id, key) DO UPDATE
       SET request = excluded.request, status = excluded.status, location = excluded.location, etag = excluded.etag,
           body = excluded.body, created_at = now()";

fn read_key(req: &HttpRequest) -> Result<Option<String>, ApiError> {
    let mut values = req.headers().get_all(&KEY);
    let Some(value) = values.next() else {
        return Ok(None);
    };
    let text = value.to_str().ok().filter(|text| {
        (1..=255).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_graphic())
    });
    match (text, values.next()) {
        (Some(text), None) => Ok(Some(text.to_owned())),
        _ => Err(ApiError::bad_header(
            &KEY,
            "one key of 1 to 255 visible ASCII characters",
        )),
    }
}

fn fingerprint(req: &HttpRequest, body: &[u8]) -> [u8; 32] {
    let mut hasher = Sha256::new();
    // Neither a method nor a path has a line end in it.
    hasher.update(req.method().as_str());
    hasher.update(b"\n");
    hasher.update(req.path());
    hasher.update(b"\n");
    hasher.update(body);
    hasher.finalize().into()
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;

    use super::*;

    #[test]
    fn a_key_is_visible_ascii_and_given_once() {
        let read = |values: &[&str]| {
            let mut request = TestRequest::default();
            for value in values {
                request = request.append_header((KEY, *value));
            }
            read_key(&request.to_http_request())
        };
        assert_eq!(read(&[]).unwrap(), None);
        assert_eq!(read(&["a-1"]).unwrap().as_deref(), Some("a-1"));
        assert!(read(&[&"x".repeat(255)]).is_ok());
        for values in [&[""][..], &["a b"], &["a", "b"], &[&"x".repeat(256)]] {
            let code = read(values).unwrap_err().problem().code();
            assert_eq!(code, "invalid_header", "{values:?}");
        }
    }

    #[test]
    fn requests_that_differ_in_method_path_or_body_are_not_the_same() {
        let of = |request: TestRequest, body: &[u8]| fingerprint(&request.to_http_request(), body);
        let one = of(TestRequest::post().uri("/a"), b"{}");
        assert_eq!(one, of(TestRequest::post().uri("/a"), b"{}"));
        assert_ne!(one, of(TestRequest::put().uri("/a"), b"{}"));
        assert_ne!(one, of(TestRequest::post().uri("/b"), b"{}"));
        assert_ne!(one, of(TestRequest::post().uri("/a"), b"{ }"));
    }
}
