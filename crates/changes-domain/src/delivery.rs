//! Tells webhooks of events. Any number of servers does it at once: whoever has claimed a webhook has it for a while.

use std::{error::Error as StdError, io, net::SocketAddr, rc::Rc, time::Duration};

use actix_tls::connect::{Connector, Resolve, Resolver};
use actix_web::rt;
use awc::http::{StatusCode, header};
use base64::{Engine, engine::general_purpose::STANDARD};
use domain_kit::{Background, Param, Row, StoreError, now};
use futures_util::future::{LocalBoxFuture, join_all};
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use tokio::{net::lookup_host, time::sleep};
use uuid::Uuid;

use crate::target::Reach;

/// How webhooks are delivered.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub struct DeliverySettings {
    /// Which addresses may be called.
    pub reach: Reach,
    /// From one look for something to tell to the next. Default 1 s.
    pub look_every: Duration,
    /// How long a receiver may take. Default 10 s.
    pub timeout: Duration,
}

impl Default for DeliverySettings {
    fn default() -> Self {
        Self {
            reach: Reach::Public,
            look_every: Duration::from_secs(1),
            timeout: Duration::from_secs(10),
        }
    }
}

/// Who delivers; stops when this is dropped.
#[derive(Debug)]
pub struct Deliveries(rt::task::JoinHandle<()>);

/// At once, of one server.
const AT_ONCE: i32 = 20;

impl Deliveries {
    /// Delivers on this thread, which has to be one of Actix.
    pub fn start(background: Background, settings: DeliverySettings) -> Self {
        Self(rt::spawn(async move {
            let courier = Courier::new(settings);
            let mut failing = false;
            loop {
                sleep(settings.look_every).await;
                match courier.round(&background).await {
                    Ok(()) => failing = false,
                    Err(error) => {
                        if !failing {
                            tracing::warn!(%error, "webhooks cannot be looked for; tried again");
                        }
                        failing = true;
                    }
                }
            }
        }))
    }
}

impl Drop for Deliveries {
    fn drop(&mut self) {
        self.0.abort();
    }
}

struct Courier {
    client: awc::Client,
    settings: DeliverySettings,
}

/// Something to be told.
struct Parcel {
    user: Uuid,
    id: Uuid,
    url: String,
    secret: Vec<u8>,
    up_to: i64,
    /// JSON; `None` where none of the events is of a kind that is wanted.
    events: Option<String>,
}

const CLAIM: &str = "SELECT * FROM app.claim_webhooks($1::int4, make_interval(secs => $2))";
const SETTLE: &str = "SELECT app.settle_webhook($1, $2, $3, $4)";

impl Courier {
    fn new(settings: DeliverySettings) -> Self {
        // What a name resolves to is judged at the moment of connecting, so that it cannot become another address in between.
        let resolver = Resolver::custom(Outward(settings.reach));
        let connector = awc::Connector::new()
            .connector(Connector::new(resolver).service())
            .timeout(settings.timeout)
            .limit(100);
        let client = awc::Client::builder()
            .connector(connector)
            .timeout(settings.timeout)
            // What leads elsewhere could lead inward.
            .disable_redirects()
            .no_default_headers()
            .finish();
        Self { client, settings }
    }

    async fn round(&self, background: &Background) -> Result<(), StoreError> {
        let lease = (3 * self.settings.timeout).as_secs_f64();
        let rows = background.query(CLAIM, &[&AT_ONCE, &lease]).await?;
        let parcels = rows.iter().map(Parcel::read);
        let parcels: Vec<Parcel> = parcels.collect::<Result<_, _>>()?;
        let settled = parcels.iter().map(async |parcel| {
            let failure = match &parcel.events {
                Some(events) => self.deliver(parcel, events).await.err(),
                None => None,
            };
            let outcome = if failure.is_some() {
                "failed"
            } else {
                "delivered"
            };
            metrics::counter!("webhook_deliveries_total", "outcome" => outcome).increment(1);
            let params: [Param<'_>; 4] = [&parcel.user, &parcel.id, &parcel.up_to, &failure];
            background.query(SETTLE, &params).await.map(drop)
        });
        join_all(settled).await.into_iter().collect()
    }

    /// Signed as Standard Webhooks are.
    async fn deliver(&self, parcel: &Parcel, events: &str) -> Result<(), String> {
        let uri = self.settings.reach.read(&parcel.url);
        let uri = uri.map_err(|refused| refused.to_string())?;
        let body = format!(r#"{{"user_id":"{}","events":{events}}}"#, parcel.user);
        let id = format!("{}-{}", parcel.id, parcel.up_to);
        let timestamp = now().as_second().to_string();
        let sent = self
            .client
            .post(uri)
            .insert_header((header::CONTENT_TYPE, "application/json"))
            .insert_header((header::USER_AGENT, "drawbridge-webhooks"))
            .insert_header((
                "webhook-signature",
                signature(&parcel.secret, &id, &timestamp, &body),
            ))
            .insert_header(("webhook-id", id))
            .insert_header(("webhook-timestamp", timestamp))
            .send_body(body)
            .await;
        match sent {
            Ok(response) if response.status().is_success() => Ok(()),
            Ok(response) => Err(answered(response.status())),
            Err(error) => Err(chain(&error)),
        }
    }
}

fn answered(status: StatusCode) -> String {
    format!("The receiver answered {}.", status.as_u16())
}

fn chain(error: &dyn StdError) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        let more = error.to_string();
        if !text.contains(&more) {
            text = format!("{text}: {more}");
        }
        cause = error.source();
    }
    text
}

/// `v1,` and the HMAC of id, time and body.
pub fn signature(secret: &[u8], id: &str, timestamp: &str, body: &str) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret).expect("HMAC takes a key of any length");
    for part in [id, ".", timestamp, ".", body] {
        mac.update(part.as_bytes());
    }
    format!("v1,{}", STANDARD.encode(mac.finalize().into_bytes()))
}

impl Parcel {
    fn read(row: &Row) -> Result<Self, StoreError> {
        Ok(Self {
            user: row.try_get("webhook_user")?,
            id: row.try_get("webhook_id")?,
            url: row.try_get("webhook_url")?,
            secret: row.try_get("webhook_secret")?,
            up_to: row.try_get("up_to")?,
            events: row.try_get("events")?,
        })
    }
}

/// Resolves names, to addresses outside only.
struct Outward(Reach);

impl Resolve for Outward {
    fn lookup<'a>(
        &'a self,
        host: &'a str,
        port: u16,
    ) -> LocalBoxFuture<'a, Result<Vec<SocketAddr>, Box<dyn StdError>>> {
        let reach = self.0;
        let host: Rc<str> = host.into();
        Box::pin(async move {
            let found = lookup_host((&*host, port)).await?;
            let allowed: Vec<SocketAddr> = found.filter(|it| reach.allows(it.ip())).collect();
            match allowed.is_empty() {
                true => Err(io::Error::other("the name leads to no public address").into()),
                false => Ok(allowed),
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example of the Standard Webhooks specification.
    #[test]
    fn a_delivery_is_signed_as_the_specification_shows() {
        let secret = STANDARD.decode("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw").unwrap();
        let signed = signature(
            &secret,
            "msg_p5jXN8AQM9LWM0D4loKWxJek",
            "1614265330",
            r#"{"test": 2432232314}"#,
        );
        assert_eq!(signed, "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
    }
}
