use std::fmt;

use auth_core::{Issuers, Policy, PolicyError, TokenKind, is_scope};

use super::builder::DrawbridgeBuilder;
use super::start_error::Mistake;
use crate::address;
use crate::better_auth_url::BetterAuthUrl;
use crate::metadata::ProtectedResource;
use crate::settings::{KeyFeedError, KeyFeedSettings};

/// What a builder's options amount to, checked: nothing in it can fail but the system.
#[derive(Debug)]
pub(super) struct Plan {
    /// At least one, each issuer and kind of token once. The same address of keys always has the
    /// same settings.
    pub(super) trusted: Vec<(Policy, KeyFeedSettings)>,
    /// The scopes that every access token must carry; some, if anybody's are trusted.
    pub(super) granted: Vec<String>,
    pub(super) resource: Option<ProtectedResource>,
}

impl DrawbridgeBuilder {
    pub(super) fn plan(&self) -> Result<Plan, Vec<Mistake>> {
        let mut mistakes = Mistakes(Vec::new());
        // In place of a base URL that cannot be read, so that what else is wrong is told as well.
        let base = self.base.clone().unwrap_or_else(|why| {
            mistakes.add("better_auth", why);
            BetterAuthUrl::parse("https://unknown.invalid").expect("it is a base URL")
        });
        let allowed = |keys: &KeyFeedSettings| KeyFeedSettings {
            danger_allow_http: self.allow_http || keys.danger_allow_http,
            ..keys.clone()
        };
        let mut trusted = Vec::new();
        for policy in self.policies(&base, &mut mistakes) {
            trusted.push((policy, allowed(&self.keys)));
        }
        if self.keys_undone {
            let why = "it would undo what was said of the keys before it";
            mistakes.add("key_feed_settings", why);
        }
        // Without a base URL, this one would follow from it.
        if self.base.is_ok() || !self.keys.jwks_url.is_empty() {
            let derived = self.keys.jwks_url == base.jwks_url();
            let address = if derived { "better_auth" } else { "jwks_url" };
            mistakes.add_fault(address, "key_feed", &allowed(&self.keys));
        }
        for (policy, keys) in &self.others {
            let keys = allowed(keys);
            mistakes.add_fault("also_trust", "also_trust", &keys);
            for (_, known) in &trusted {
                if known.jwks_url != keys.jwks_url {
                    if known.snapshot_file.is_some() && known.snapshot_file == keys.snapshot_file {
                        mistakes.add(
                            "also_trust",
                            "its snapshot_file is another issuer's already",
                        );
                    }
                } else if *known != keys {
                    let address = address::shown_text(&keys.jwks_url);
                    let why = format!("the keys of {address} are kept otherwise already");
                    mistakes.add("also_trust", why);
                }
            }
            trusted.push((policy.clone(), keys));
        }
        let policies = trusted.iter().map(|(policy, _)| policy.clone());
        if let Err(error @ PolicyError::DuplicateIssuer) = Issuers::new(policies) {
            mistakes.add("also_trust", error);
        }
        let granted = self.granted(&mut mistakes);
        let resource = self.described(&trusted, &granted, &mut mistakes);
        match mistakes.0.is_empty() {
            true => Ok(Plan {
                trusted,
                granted,
                resource,
            }),
            false => Err(mistakes.0),
        }
    }

    /// Of this Better Auth server: its plain JWTs, and its access tokens if they are wanted.
    fn policies(&self, base: &BetterAuthUrl, mistakes: &mut Mistakes) -> Vec<Policy> {
        let origin = base.origin();
        let issuer = self.issuer.as_ref().unwrap_or(&origin);
        let audiences = match &*self.audiences {
            [] => std::slice::from_ref(&origin),
            audiences => audiences,
        };
        if self.any_audience && !self.audiences.is_empty() {
            mistakes.add("audience", "it means nothing beside danger_any_audience");
        }
        let mut policies = Vec::new();
        match Policy::new(issuer, &origin) {
            Ok(mut plain) => {
                if self.any_audience {
                    plain = plain.danger_any_audience();
                }
                policies.push(self.shaped(plain, "audience", audiences, mistakes));
            }
            Err(error) => mistakes.add("issuer", error),
        }
        let audiences: Vec<String> = self
            .access_tokens
            .iter()
            .map(|tokens| tokens.audience.clone())
            .collect();
        if !audiences.is_empty() {
            let access = Policy::oauth_access_token(&base.base(), &origin);
            let access = access.expect("a URL has no white space");
            policies.push(self.shaped(access, "oauth_access_tokens", &audiences, mistakes));
        }
        policies
    }

    /// What every access token must carry: each scope once.
    fn granted(&self, mistakes: &mut Mistakes) -> Vec<String> {
        let none = "access tokens need a scope: without one, every client could do all that its \
                    user can";
        let mut granted: Vec<String> = Vec::new();
        let said = self
            .access_tokens
            .iter()
            .map(|tokens| ("oauth_access_tokens", &tokens.scopes))
            .chain([("access_token_scopes", &self.access_token_scopes)]);
        for (option, scopes) in said {
            if option == "oauth_access_tokens" && scopes.is_empty() {
                mistakes.add(option, none);
            }
            for scope in scopes {
                if !is_scope(scope) {
                    mistakes.add(option, "a scope is made of visible ASCII without \" and \\");
                } else if !granted.contains(scope) {
                    granted.push(scope.clone());
                }
            }
        }
        let others = self.others.iter().map(|(policy, _)| policy.kind());
        if granted.is_empty() && others.into_iter().any(|kind| kind != TokenKind::Plain) {
            mistakes.add(
                "also_trust",
                format_args!("{none}; see access_token_scopes"),
            );
        }
        granted
    }

    /// What the two kinds of token have in common.
    fn shaped(
        &self,
        policy: Policy,
        audience_option: &'static str,
        audiences: &[String],
        mistakes: &mut Mistakes,
    ) -> Policy {
        let mut policy = policy
            .with_user_claim(self.user_claim)
            .with_max_lifetime(self.max_lifetime)
            .with_key_id_optional(self.key_id_optional)
            .with_fully_specified_names(self.fully_specified_names);
        type Change<'a> = &'a dyn Fn(Policy) -> Result<Policy, PolicyError>;
        let changes: [(&'static str, Change<'_>); 3] = [
            (audience_option, &|policy| policy.with_audiences(audiences)),
            ("algorithms", &|policy| {
                policy.with_algorithms(self.algorithms.iter().copied())
            }),
            ("leeway", &|policy| policy.with_leeway(self.leeway)),
        ];
        for (option, change) in changes {
            match change(policy.clone()) {
                Ok(changed) => policy = changed,
                Err(error) => mistakes.add(option, error),
            }
        }
        policy
    }

    fn described(
        &self,
        trusted: &[(Policy, KeyFeedSettings)],
        granted: &[String],
        mistakes: &mut Mistakes,
    ) -> Option<ProtectedResource> {
        let Some(identifier) = &self.resource else {
            for (option, set) in [
                ("scopes", !self.scopes.is_empty()),
                ("resource_name", self.resource_name.is_some()),
            ] {
                if set {
                    mistakes.add(option, "there is no resource that it would describe");
                }
            }
            return None;
        };
        let in_the_clear = address::parse(identifier).is_ok_and(|it| address::is_in_the_clear(&it));
        if in_the_clear && !self.allow_http {
            mistakes.add("resource", "it is not https, and not this machine");
        }
        let further = self.scopes.iter().filter(|scope| !granted.contains(scope));
        let mut resource = match ProtectedResource::new(identifier) {
            Ok(resource) => resource.scopes(granted.iter().chain(further)),
            Err(error) => {
                mistakes.add("resource", error);
                return None;
            }
        };
        if let Some(name) = &self.resource_name {
            resource = resource.name(name);
        }
        // An authorization server is who issues access tokens. Where nobody does, clients learn at
        // least whose tokens are taken.
        let all = || trusted.iter().map(|(policy, _)| policy);
        let access = |policy: &&Policy| policy.kind() == TokenKind::Access;
        let any = all().any(|policy| access(&policy));
        let named: Vec<_> = all().filter(|policy| !any || access(policy)).collect();
        // Clients ask there for a token for this resource (RFC 8707).
        let is_for_it =
            |policy: &&Policy| policy.any_audience() || policy.audiences().contains(identifier);
        if !named.iter().any(is_for_it) {
            let why = "it is no audience of the tokens that clients would be sent for";
            mistakes.add("resource", why);
        }
        Some(named.iter().fold(resource, |resource, policy| {
            resource.authorization_server(policy.issuer())
        }))
    }
}

/// Each is told once.
struct Mistakes(Vec<Mistake>);

impl Mistakes {
    fn add(&mut self, option: &'static str, why: impl fmt::Display) {
        let why = why.to_string();
        let mistake = Mistake { option, why };
        if !self.0.contains(&mistake) {
            self.0.push(mistake);
        }
    }

    /// What the feed would refuse to start with.
    fn add_fault(
        &mut self,
        address_option: &'static str,
        other_option: &'static str,
        keys: &KeyFeedSettings,
    ) {
        match keys.checked() {
            Ok(_) => {}
            Err(error @ (KeyFeedError::Url(_) | KeyFeedError::PlainHttp { .. })) => {
                self.add(address_option, error);
            }
            Err(error) => self.add(other_option, error),
        }
    }
}

#[cfg(test)]
mod tests;
