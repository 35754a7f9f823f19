use std::time::Duration;

use auth_actix::KeyFeedSettings;
use auth_core::{Algorithm, Policy, PolicyError, UserClaim};
use url::Url;

use super::{parse, read::Reader};

/// Whose tokens are good, which pages may call, and what to warn of. `None` stands beside a fault.
pub(super) struct Trust {
    pub(super) policy: Option<Policy>,
    pub(super) keys: Option<KeyFeedSettings>,
    pub(super) cors_origins: Vec<String>,
    pub(super) warnings: Vec<String>,
}

/// Issuer, audience, JWKS URL and CORS origins follow from Better Auth's base URL unless they are set themselves.
pub(super) fn read(reader: &mut Reader<'_>) -> Trust {
    let better_auth = reader.optional("auth.better_auth_url", parse::http_url);
    let origin = better_auth
        .as_ref()
        .map(|url| url.origin().ascii_serialization());

    let issuer = reader
        .optional("auth.issuer", parse::name)
        .or_else(|| origin.clone());
    let audiences = reader
        .list("auth.audience", parse::name)
        .or_else(|| origin.clone().map(|origin| vec![origin]));
    let jwks_url = reader
        .optional("auth.jwks_url", parse::http_url)
        .or_else(|| better_auth.as_ref().map(jwks_url_of));
    let cors_origins = reader
        .list("cors.origins", parse::origin)
        .or_else(|| origin.map(|origin| vec![origin]))
        .unwrap_or_default();
    if !reader.is_set("auth.better_auth_url") {
        let derived = ["auth.issuer", "auth.audience", "auth.jwks_url"];
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
    let warnings = refuse_clear_text(reader, jwks_url.as_ref(), issuer.as_deref());
    // `migrate` acts on it; a slip in it should not wait until then.
    accounts_shared(reader);

    Trust {
        policy: policy(reader, issuer, audiences),
        keys: key_feed(reader, jwks_url),
        cors_origins,
        warnings,
    }
}

const ADVICE: &str = "set BETTER_AUTH_URL to the base URL of your Better Auth, \
                      for instance BETTER_AUTH_URL=http://localhost:3000";

/// Better Auth adds `/api/auth` to a base URL without a path, and takes a path that is there as it is.
fn jwks_url_of(better_auth: &Url) -> Url {
    let mut url = better_auth.clone();
    let path = match better_auth.path().trim_end_matches('/') {
        "" => "/api/auth",
        path => path,
    };
    url.set_path(&format!("{path}/jwks"));
    url
}

/// Keys that come over plain http can be exchanged on the way, and with them everybody's identity.
fn refuse_clear_text(
    reader: &mut Reader<'_>,
    jwks_url: Option<&Url>,
    issuer: Option<&str>,
) -> Vec<String> {
    let allowed = reader.value("auth.danger_allow_http_issuer", parse::flag);
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

fn policy(
    reader: &mut Reader<'_>,
    issuer: Option<String>,
    audiences: Option<Vec<String>>,
) -> Option<Policy> {
    let algorithms = reader.list("auth.algorithms", |text| {
        text.parse::<Algorithm>()
            .map_err(|_| "some of EdDSA, ES256, ES512, RS256, PS256".into())
    });
    let claim = user_claim(reader);
    let leeway = reader.value("auth.leeway", |text| match parse::duration(text) {
        Ok(leeway) if leeway > Policy::MAX_LEEWAY => Err("at most 2m".into()),
        leeway => leeway,
    });

    let (issuer, audiences, algorithms) = (issuer?, audiences?, algorithms?);
    let policy = audiences
        .first()
        .ok_or(PolicyError::Audience)
        .and_then(|first| Policy::new(&issuer, first))
        .and_then(|policy| policy.with_audiences(&audiences))
        .and_then(|policy| policy.with_algorithms(algorithms))
        .and_then(|policy| policy.with_leeway(leeway))
        .map(|policy| policy.with_user_claim(claim));
    policy
        .map_err(|error| {
            let key = match error {
                PolicyError::Audience => "auth.audience",
                PolicyError::Algorithms => "auth.algorithms",
                PolicyError::Leeway => "auth.leeway",
                _ => "auth.issuer",
            };
            reader.refuse_value(key, format!("something else: {error}"));
        })
        .ok()
}

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

fn key_feed(reader: &mut Reader<'_>, url: Option<Url>) -> Option<KeyFeedSettings> {
    let max_age = reader.value("auth.jwks.max_age", |text| match parse::duration(text) {
        Ok(max_age) if max_age < Duration::from_secs(1) => Err("at least 1s".into()),
        max_age => max_age,
    });
    let cooldown = reader.value("auth.jwks.cooldown", parse::positive_duration);
    let timeout = reader.value("auth.jwks.timeout", parse::positive_duration);
    let max_stale = reader.value("auth.jwks.max_stale", parse::positive_duration);
    if max_stale < max_age {
        reader.refuse_value("auth.jwks.max_stale", "at least auth.jwks.max_age");
    }
    let mut settings = KeyFeedSettings::new(url?.as_str());
    settings.max_age = max_age;
    settings.cooldown = cooldown;
    settings.timeout = timeout;
    settings.connect_timeout = settings.connect_timeout.min(timeout);
    settings.max_stale = max_stale;
    Some(settings)
}
