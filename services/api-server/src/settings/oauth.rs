//! What OAuth clients may bring, and what they are told.

use auth_core::Policy;

use super::{
    AccessTokenSettings, ResourceSettings,
    auth::{ADVICE, Rules, Section},
    parse,
    read::Reader,
};

/// Access tokens of Better Auth's oauth-provider plugin, where somebody says for whom they are minted, and what they must be good
/// for. (Discovery of the keys needs the issuer, too.) Without the latter, every client that a user has let in for anything could do everything that the user can.
pub(super) fn access_tokens(
    reader: &mut Reader<'_>,
    rules: &Rules,
    issuer: Option<String>,
    discover: bool,
) -> Option<AccessTokenSettings> {
    let audiences = reader.list("auth.oauth.audience", parse::name);
    let scopes = reader.list("auth.oauth.scopes", parse::scope_token);
    let others = ["auth.oauth.issuer", "auth.oauth.scopes"];
    if !reader.is_set("auth.oauth.audience") {
        let wants_tokens = others.iter().any(|key| reader.is_set(key)) && !discover;
        if wants_tokens {
            let advice = "set it to the resource that clients ask for access to";
            reader.missing("auth.oauth.audience", advice);
        }
        return None;
    }
    if scopes.as_ref().is_none_or(Vec::is_empty) && !reader.is_set("auth.oauth.scopes") {
        let advice = "set it to the scopes that a client must have been granted to use this API";
        reader.missing("auth.oauth.scopes", advice);
    }
    let (audiences, scopes) = (audiences?, scopes?);
    let Some(issuer) = issuer else {
        reader.missing("auth.oauth.issuer", ADVICE);
        return None;
    };
    let new = Policy::oauth_access_token;
    let policy = rules.policy(reader, new, &issuer, &audiences, OAUTH)?;
    Some(AccessTokenSettings { policy, scopes })
}

const OAUTH: Section = Section {
    issuer: "auth.oauth.issuer",
    audience: "auth.oauth.audience",
};

/// What the service says about itself to OAuth clients (RFC 9728), where it has a name for itself. They will ask for tokens for
/// that name, so it must be one that is accepted.
pub(super) fn resource(reader: &mut Reader<'_>, accepted: &[&str]) -> Option<ResourceSettings> {
    let identifier = reader.optional("auth.resource", |text| match parse::http_url(text)? {
        url if parse::travels_in_the_clear(&url) => Err("an https URL".into()),
        _ => Ok(text.to_owned()),
    });
    let scopes = reader.list("auth.scopes", parse::scope_token);
    if scopes.is_some() && !reader.is_set("auth.resource") {
        let advice = "auth.scopes are published under its name";
        reader.missing("auth.resource", advice);
    }
    let identifier = identifier?;
    if !accepted.is_empty() && !accepted.contains(&&*identifier) {
        reader.refuse_value(
            "auth.resource",
            "one of auth.audience or auth.oauth.audience: clients will ask for tokens for it",
        );
    }
    Some(ResourceSettings {
        identifier,
        scopes: scopes.unwrap_or_default(),
    })
}
