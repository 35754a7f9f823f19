use auth_actix::{BetterAuthUrl, KeyFeedSettings};
use auth_core::Policy;

use super::{AccessTokenSettings, Faults, Sources, auth, parse, read};

/// All that judging a token needs.
#[derive(Debug, Clone)]
pub struct TrustSettings {
    /// What a token must say.
    pub policy: Policy,
    /// What an access token of Better Auth's oauth-provider must say; `None` takes none.
    pub access_tokens: Option<AccessTokenSettings>,
    /// Where the issuer's keys are, and how long they are believed.
    pub keys: KeyFeedSettings,
    /// What is allowed but should be known: one sentence each.
    pub warnings: Vec<String>,
}

impl TrustSettings {
    /// Reads all sources, of which only those about tokens matter here; unknown names are refused all the same.
    ///
    /// # Errors
    /// [`Faults`]: every problem there is, not only the first.
    pub fn load(sources: &Sources) -> Result<Self, Faults> {
        read(sources, |reader| {
            let trust = auth::read(reader);
            Some(Self {
                policy: trust.policy?,
                access_tokens: trust.access_tokens,
                keys: trust.keys?,
                warnings: trust.warnings,
            })
        })
    }
}

/// The base URL of Better Auth alone.
///
/// # Errors
/// [`Faults`]: every problem there is, not only the first.
pub fn better_auth_url(sources: &Sources) -> Result<BetterAuthUrl, Faults> {
    read(sources, |reader| {
        let url = reader.optional("auth.better_auth_url", parse::better_auth_url);
        if !reader.is_set("auth.better_auth_url") {
            reader.missing("auth.better_auth_url", auth::ADVICE);
        }
        url
    })
}
