use std::sync::Arc;
use std::time::Duration;

use futures_util::future::join_all;

use super::builder::DrawbridgeBuilder;
use super::plan::Plan;
use super::start_error::StartError;
use super::{Drawbridge, NamedFeed, Parts};
use crate::address;
use crate::bridge::AuthBridge;
use crate::feed::KeyFeed;
use crate::require::Require;

impl DrawbridgeBuilder {
    /// Starts to fetch keys, and waits for the first ones.
    ///
    /// # Errors
    /// [`StartError::Settings`] with everything that does not make sense, and
    /// [`StartError::NoKeys`] if keys are required and there are none.
    pub async fn start(self) -> Result<Drawbridge, StartError> {
        let Plan {
            trusted,
            granted,
            resource,
        } = self.plan().map_err(StartError::Settings)?;
        let mut started: Vec<(String, KeyFeed)> = Vec::new();
        let mut bridge: Option<AuthBridge> = None;
        for (policy, keys) in trusted {
            let known = started.iter().find(|(url, _)| *url == keys.jwks_url);
            let feed = match known {
                Some((_, shared)) => shared.clone(),
                None => {
                    let feed = KeyFeed::start(&keys)?;
                    started.push((keys.jwks_url, feed.clone()));
                    feed
                }
            };
            bridge = Some(match bridge {
                None => AuthBridge::new(policy, feed),
                Some(bridge) => bridge
                    .with_issuer(policy, feed)
                    .expect("the plan repeats no issuer"),
            });
        }
        let mut bridge = bridge
            .expect("a plan trusts somebody")
            .with_cache(self.cache);
        if let Some(granted) = Require::all_granted(&granted) {
            bridge = bridge.with_granted(granted);
        }
        if let Some(accounts) = self.accounts {
            bridge = bridge.with_accounts(accounts);
        }
        if let Some(clock) = self.clock {
            bridge = bridge.with_clock(move || clock());
        }
        let mut face = self.face;
        if let Some(resource) = &resource {
            face = face.with_resource(resource);
        }

        let named = started.into_iter().map(|(url, feed)| NamedFeed {
            jwks_url: address::shown_text(&url),
            feed,
        });
        let feeds: Vec<NamedFeed> = named.collect();
        let limit = self.wait_for_keys;
        join_all(
            feeds
                .iter()
                .map(|it| it.first_keys(limit, self.require_keys)),
        )
        .await
        .into_iter()
        .collect::<Result<(), StartError>>()?;
        Ok(Drawbridge(Arc::new(Parts {
            bridge,
            face,
            resource,
            feeds,
        })))
    }
}

impl NamedFeed {
    async fn first_keys(&self, limit: Duration, required: bool) -> Result<(), StartError> {
        if self.feed.first_keys(limit).await.is_ok() {
            return Ok(());
        }
        let why = self.feed.status().last_error;
        let (jwks_url, waited) = (self.jwks_url.clone(), limit);
        if required {
            return Err(StartError::NoKeys {
                jwks_url,
                waited,
                why,
            });
        }
        tracing::warn!(jwks_url, why, "starting without the issuer's keys");
        Ok(())
    }
}
