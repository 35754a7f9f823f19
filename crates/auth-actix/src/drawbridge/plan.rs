use std::fmt;

use auth_core::{Issuers, Policy, PolicyError, TokenKind};

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
                    let why = format!("the keys of {} are kept otherwise already", keys.jwks_url);
                    mistakes.add("also_trust", why);
                }
            }
            trusted.push((policy.clone(), keys));
        }
        let policies = trusted.iter().map(|(policy, _)| policy.clone());
        if let Err(error @ PolicyError::DuplicateIssuer) = Issuers::new(policies) {
            mistakes.add("also_trust", error);
        }
        let resource = self.described(&trusted, &mut mistakes);
        match mistakes.0.is_empty() {
            true => Ok(Plan { trusted, resource }),
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
        let mut policies = Vec::new();
        match Policy::new(issuer, &origin) {
            Ok(plain) => policies.push(self.shaped(plain, "audience", audiences, mistakes)),
            Err(error) => mistakes.add("issuer", error),
        }
        let audiences = &*self.access_token_audiences;
        if !audiences.is_empty() {
            let access = Policy::oauth_access_token(&base.base(), &origin);
            let access = access.expect("a URL has no white space");
            policies.push(self.shaped(access, "oauth_access_tokens", audiences, mistakes));
        }
        policies
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
        if self.any_audience {
            policy = policy.danger_any_audience();
        }
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
        let mut resource = match ProtectedResource::new(identifier) {
            Ok(resource) => resource.scopes(self.scopes.iter().cloned()),
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
        let issues_access_tokens = |policy: &&Policy| policy.kind() == TokenKind::Access;
        let policies = || trusted.iter().map(|(policy, _)| policy);
        let any = policies().any(|policy| issues_access_tokens(&policy));
        Some(
            policies()
                .filter(|policy| !any || issues_access_tokens(policy))
                .fold(resource, |resource, policy| {
                    resource.authorization_server(policy.issuer())
                }),
        )
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
