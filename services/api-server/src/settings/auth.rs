use std::time::Duration;

use auth_actix::{BetterAuthUrl, KeyFeedSettings};
use auth_core::{Algorithm, Policy, PolicyError, UserClaim};
use auth_pg::{AccountsSettings, LinkMode, SessionCheck};
use url::Url;

use super::{AccessTokenSettings, ResourceSettings, key_feed, oauth, parse, read::Reader};

/// Whose tokens are good, which pages may call, and what to warn of. `None` stands beside a fault.
pub(super) struct Trust {
    pub(super) policy: Option<Policy>,
    pub(super) access_tokens: Option<AccessTokenSettings>,
    pub(super) keys: Option<KeyFeedSettings>,
    pub(super) resource: Option<ResourceSettings>,
    pub(super) cors_origins: Vec<String>,
    pub(super) warnings: Vec<String>,
}

/// Issuer, audience, JWKS URL and CORS origins follow from Better Auth's base URL unless they are set themselves.
pub(super) fn read(reader: &mut Reader<'_>) -> Trust {
    let better_auth = reader.optional("auth.better_auth_url", parse::better_auth_url);
    let origin = better_auth.as_ref().map(BetterAuthUrl::origin);

    let issuer = reader
        .optional("auth.issuer", parse::name)
        .or_else(|| origin.clone());
    let audiences = reader
        .list("auth.audience", parse::name)
        .or_else(|| origin.clone().map(|origin| vec![origin]));
    let jwks_url = reader
        .optional("auth.jwks_url", parse::http_url)
        .or_else(|| Url::parse(&better_auth.as_ref()?.jwks_url()).ok());
    let cors_origins = reader
        .list("cors.origins", parse::origin)
        .or_else(|| origin.map(|origin| vec![origin]))
        .unwrap_or_default();
    let discover = reader.value("auth.jwks.discover", parse::flag);
    if !reader.is_set("auth.better_auth_url") {
        let keys_from = match discover {
            true => "auth.oauth.issuer",
            false => "auth.jwks_url",
        };
        let derived = ["auth.issuer", "auth.audience", keys_from];
        let unset: Vec<_> = derived
            .into_iter()
            .filter(|key| !reader.is_set(key))
            .collect();
        match unset.len() {
            3 => reader.missing("auth.better_auth_url", ADVICE),
            _ => unset
                .into_iter()
                .for_each(|key| reader.missing(key, ADVICE)),
        }
    }
    let allow_http = reader.value("auth.danger_allow_http_issuer", parse::flag);
    let mut warnings = refuse_clear_text(reader, allow_http, jwks_url.as_ref(), issuer.as_deref());

    let rules = Rules::read(reader);
    if rules.max_lifetime.is_none() {
        warnings.push(
            "auth.max_token_lifetime is off: a token is good for as long as it says, and so is one that was stolen"
                .to_owned(),
        );
    }
    let oauth_issuer = reader
        .optional("auth.oauth.issuer", parse::name)
        .or_else(|| better_auth.as_ref().map(BetterAuthUrl::base));
    let discovered_from = oauth_issuer.as_deref().filter(|_| discover);
    let keys = key_feed::read(reader, jwks_url, allow_http, discovered_from);
    let access_tokens = oauth::access_tokens(reader, &rules, oauth_issuer, discover);
    let policy = issuer.zip(audiences).and_then(|(issuer, audiences)| {
        rules.policy(reader, Policy::new, &issuer, &audiences, PLAIN)
    });
    let accepted = policy
        .iter()
        .chain(access_tokens.iter().map(|it| &it.policy));
    let accepted: Vec<&str> = accepted
        .flat_map(Policy::audiences)
        .map(String::as_str)
        .collect();
    Trust {
        resource: oauth::resource(reader, &accepted),
        keys,
        access_tokens,
        policy,
        cors_origins,
        warnings,
    }
}

pub(super) const ADVICE: &str = "set BETTER_AUTH_URL to the base URL of your Better Auth, \
                      for instance BETTER_AUTH_URL=http://localhost:3000";

/// Keys that come over plain http can be exchanged on the way, and with them everybody's identity.
fn refuse_clear_text(
    reader: &mut Reader<'_>,
    allowed: bool,
    jwks_url: Option<&Url>,
    issuer: Option<&str>,
) -> Vec<String> {
    let issuer = issuer.and_then(|issuer| parse::http_url(issuer).ok());
    let mut warnings = Vec::new();
    for (key, url) in [
        ("auth.jwks_url", jwks_url),
        ("auth.issuer", issuer.as_ref()),
    ] {
        let Some(url) = url.filter(|url| parse::travels_in_the_clear(url)) else {
            continue;
        };
        if allowed {
            warnings.push(format!(
                "{key} is {url}: plain http lets anyone on the way forge every identity \
                 (auth.danger_allow_http_issuer is true)"
            ));
        } else {
            let set = if reader.is_set(key) {
                key
            } else {
                "auth.better_auth_url"
            };
            reader.refuse_value(
                set,
                "https, as this host is not this machine \
                 (auth.danger_allow_http_issuer = true allows http in a trusted network)",
            );
            // Both follow from one value: one fault says it.
            if set == "auth.better_auth_url" {
                break;
            }
        }
    }
    warnings
}

/// What is asked of every token, whoever minted it.
pub(super) struct Rules {
    algorithms: Option<Vec<Algorithm>>,
    claim: UserClaim,
    leeway: Duration,
    max_lifetime: Option<Duration>,
    key_id_optional: bool,
    fully_specified_names: bool,
}

impl Rules {
    fn read(reader: &mut Reader<'_>) -> Self {
        Self {
            algorithms: reader.list("auth.algorithms", |text| {
                text.parse::<Algorithm>()
                    .map_err(|_| "some of EdDSA, ES256, ES512, RS256, PS256".into())
            }),
            claim: user_claim(reader),
            leeway: reader.value("auth.leeway", |text| match parse::duration(text) {
                Ok(leeway) if leeway > Policy::MAX_LEEWAY => Err("at most 2m".into()),
                leeway => leeway,
            }),
            max_lifetime: reader.value("auth.max_token_lifetime", parse::limit),
            key_id_optional: reader.value("auth.key_id_optional", parse::flag),
            fully_specified_names: reader.value("auth.fully_specified_names", parse::flag),
        }
    }

    /// The policy that `new` makes for this issuer and these audiences, with these rules. A fault is told of the setting that
    /// `section` has for it.
    pub(super) fn policy(
        &self,
        reader: &mut Reader<'_>,
        new: fn(&str, &str) -> Result<Policy, PolicyError>,
        issuer: &str,
        audiences: &[String],
        section: Section,
    ) -> Option<Policy> {
        let policy = audiences
            .first()
            .ok_or(PolicyError::Audience)
            .and_then(|first| new(issuer, first))
            .and_then(|policy| self.apply(policy, audiences));
        policy
            .map_err(|error| {
                let key = match error {
                    PolicyError::Audience => section.audience,
                    PolicyError::Algorithms => "auth.algorithms",
                    PolicyError::Leeway => "auth.leeway",
                    _ => section.issuer,
                };
                reader.refuse_value(key, format!("something else: {error}"));
            })
            .ok()
    }

    fn apply(&self, policy: Policy, audiences: &[String]) -> Result<Policy, PolicyError> {
        let policy = policy
            .with_audiences(audiences)?
            .with_leeway(self.leeway)?
            .with_max_lifetime(self.max_lifetime)
            .with_key_id_optional(self.key_id_optional)
            .with_fully_specified_names(self.fully_specified_names)
            .with_user_claim(self.claim);
        match &self.algorithms {
            Some(algorithms) => policy.with_algorithms(algorithms.iter().copied()),
            // There is a fault beside it.
            None => Ok(policy),
        }
    }
}

/// Where the settings of one kind of token are.
#[derive(Clone, Copy)]
pub(super) struct Section {
    pub(super) issuer: &'static str,
    pub(super) audience: &'static str,
}

const PLAIN: Section = Section {
    issuer: "auth.issuer",
    audience: "auth.audience",
};

/// The claim that names the user.
pub(super) fn user_claim(reader: &mut Reader<'_>) -> UserClaim {
    reader.value("auth.user_claim", |text| {
        text.parse::<UserClaim>().map_err(|_| "uuid or sub".into())
    })
}

/// Whether Better Auth's users are to be looked for in the database of the domains.
pub(super) fn accounts_shared(reader: &mut Reader<'_>) -> bool {
    reader.value("auth.accounts.mode", |text| match text {
        "auto" => Ok(true),
        "off" => Ok(false),
        _ => Err("auto or off".into()),
    })
}

/// How `migrate` is to link users to Better Auth's.
pub(super) fn link(shared: bool, claim: UserClaim) -> LinkMode {
    match (shared, claim) {
        (false, _) => LinkMode::Off,
        (true, UserClaim::Uuid) => LinkMode::Uuid,
        (true, UserClaim::Sub) => LinkMode::Id,
    }
}

/// How far a token's account is looked at. Whether it is at all shows in the database, which `migrate` links by the mode.
pub(super) fn accounts(reader: &mut Reader<'_>, policy: Option<&Policy>) -> AccountsSettings {
    let shared = accounts_shared(reader);
    let mut settings = AccountsSettings::default();
    settings.sessions = reader.value("auth.accounts.sessions", |text| match text {
        "auto" => Ok(SessionCheck::Auto),
        "off" => Ok(SessionCheck::Off),
        _ => Err("auto or off".into()),
    });
    settings.listen = reader.value("auth.accounts.listen", parse::flag);
    settings.link = policy.map(|policy| link(shared, policy.user_claim()));
    settings
}
