//! The claims of a signed token, typed, and the checks that turn them into an [`Identity`].

use serde::Deserialize;
use serde_json::Value;
use uuid::Uuid;

use crate::excerpt::Excerpt;
use crate::identity::Proven;
use crate::json::{self, Member};
use crate::keys::SignedPayload;
use crate::{Denied, Identity, Policy, TokenKind, UnixTime, UserClaim};

/// What a token says, each claim in its type. Read only after the signature was judged.
pub(crate) struct Claims<'t> {
    issuer: Option<String>,
    audiences: Vec<String>,
    expires_at: UnixTime,
    not_before: Option<UnixTime>,
    issued_at: Option<UnixTime>,
    subject: Option<String>,
    session_id: Option<String>,
    token_id: Option<String>,
    client_id: Option<String>,
    scope: Member,
    role: Member,
    uuid: Member,
    bound: bool,
    /// A claim that only an id token has.
    of_id_token: Option<&'static str>,
    of_event: bool,
    payload: &'t [u8],
}

impl<'t> Claims<'t> {
    /// Types the claims: one that is there must have the type that RFC 7519 §4.1 gives it.
    pub(crate) fn read(payload: &SignedPayload<'t>) -> Result<Self, Denied> {
        #[derive(Default, Deserialize)]
        #[serde(default)]
        struct Members {
            iss: Member,
            aud: Member,
            exp: Member,
            nbf: Member,
            iat: Member,
            sub: Member,
            sid: Member,
            jti: Member,
            client_id: Member,
            scope: Member,
            role: Member,
            uuid: Member,
            cnf: Member,
            nonce: Member,
            at_hash: Member,
            c_hash: Member,
            events: Member,
        }

        let members: Members = json::object(payload.bytes())
            .map_err(|fault| Denied::ClaimsMalformed { why: fault.why() })?;
        Ok(Self {
            issuer: text("iss", members.iss)?,
            audiences: texts("aud", members.aud)?,
            expires_at: time("exp", members.exp)?.ok_or(malformed("exp", "it is missing"))?,
            not_before: time("nbf", members.nbf)?,
            issued_at: time("iat", members.iat)?,
            subject: text("sub", members.sub)?,
            session_id: id("sid", members.sid)?,
            token_id: id("jti", members.jti)?,
            client_id: id("client_id", members.client_id)?,
            scope: members.scope,
            role: members.role,
            uuid: members.uuid,
            bound: members.cnf.is_present(),
            of_id_token: [
                ("nonce", members.nonce),
                ("at_hash", members.at_hash),
                ("c_hash", members.c_hash),
            ]
            .into_iter()
            .find_map(|(name, member)| member.is_present().then_some(name)),
            of_event: members.events.is_present(),
            payload: payload.bytes(),
        })
    }

    /// One key signs tokens of several kinds, and not all of them say so in `typ` (RFC 8725 §3.12).
    pub(crate) fn check_kind(&self, policy: &Policy) -> Result<(), Denied> {
        // Bound to a key that its sender must prove to hold.
        if self.bound {
            return Err(Denied::TokenBound);
        }
        if self.of_event {
            return Err(Denied::LogoutToken);
        }
        if let Some(claim) = self.of_id_token {
            return Err(Denied::IdToken { claim });
        }
        if policy.kind() == TokenKind::Access {
            // RFC 9068 §2.2; `iss`, `exp`, `aud` and `sub` are asked of every token.
            for (claim, is_there) in [
                ("client_id", self.client_id.is_some()),
                ("iat", self.issued_at.is_some()),
                ("jti", self.token_id.is_some()),
            ] {
                if !is_there {
                    return Err(malformed(claim, "it is missing"));
                }
            }
        }
        Ok(())
    }

    pub(crate) fn check_issuer(&self, policy: &Policy) -> Result<(), Denied> {
        match self.issuer.as_deref() == Some(policy.issuer()) {
            true => Ok(()),
            false => Err(Denied::IssuerMismatch {
                seen: Excerpt::of_each(self.issuer.as_deref()),
                expected: Excerpt::of(policy.issuer()),
            }),
        }
    }

    pub(crate) fn check_audience(&self, policy: &Policy) -> Result<(), Denied> {
        let ours = |audience| policy.audiences().contains(audience);
        match policy.any_audience() || self.audiences.iter().any(ours) {
            true => Ok(()),
            false => Err(Denied::AudienceMismatch {
                seen: Excerpt::of_each(self.audiences.iter().map(String::as_str)),
                expected: Excerpt::of_each(policy.audiences().iter().map(String::as_str)),
            }),
        }
    }

    /// A token is good in `[nbf - leeway, exp + leeway)`, not minted after `now + leeway`, and not
    /// for longer than the policy's limit.
    pub(crate) fn check_times(&self, policy: &Policy, now: UnixTime) -> Result<(), Denied> {
        let leeway = policy.leeway();
        if now >= self.expires_at + leeway {
            return Err(Denied::TokenExpired {
                expired_at: self.expires_at,
                now,
            });
        }
        if let Some(not_before) = self.not_before.filter(|&begin| now + leeway < begin) {
            return Err(Denied::TokenNotYetValid { not_before, now });
        }
        if let Some(issued_at) = self.issued_at.filter(|&minted| now + leeway < minted) {
            return Err(Denied::IssuedInFuture { issued_at, now });
        }
        let lifetime = self
            .expires_at
            .duration_since(self.issued_at.unwrap_or(now));
        match policy.max_lifetime().filter(|&longest| lifetime > longest) {
            Some(longest) => Err(Denied::TokenLifetime { lifetime, longest }),
            None => Ok(()),
        }
    }

    /// The last step, after every check: who it is.
    pub(crate) fn into_identity(self, policy: &Policy) -> Result<Identity, Denied> {
        let user_claim = policy.user_claim();
        let (Some(issuer), Some(subject)) =
            (self.issuer, self.subject.filter(|sub| !sub.is_empty()))
        else {
            return Err(Denied::SubjectMissing);
        };
        let user_id = match user_claim {
            UserClaim::Sub => user_id(user_claim, &subject)?,
            UserClaim::Uuid => match &self.uuid {
                Member::Is(Value::String(text)) => user_id(user_claim, text)?,
                Member::Is(Value::Null) => {
                    return Err(Denied::UserClaimNull { claim: user_claim });
                }
                Member::Is(_) => {
                    let why = "it is not a string";
                    return Err(Denied::UserClaimInvalid {
                        claim: user_claim,
                        why,
                    });
                }
                Member::Absent => return Err(Denied::UserClaimMissing { claim: user_claim }),
            },
        };
        Ok(Identity::new(Proven {
            user_id,
            subject,
            issuer,
            session_id: self.session_id,
            token_id: self.token_id,
            client_id: self.client_id,
            kind: policy.kind(),
            scope: only_text(self.scope),
            roles: roles(self.role),
            issued_at: self.issued_at,
            not_before: self.not_before,
            expires_at: self.expires_at,
            payload: self.payload.into(),
        }))
    }
}

/// Hyphenated, in either case; braces, URNs, bare digits and the nil UUID are nobody's id.
fn user_id(claim: UserClaim, text: &str) -> Result<Uuid, Denied> {
    const HYPHENATED: usize = uuid::fmt::Hyphenated::LENGTH;
    let invalid = |why| Denied::UserClaimInvalid { claim, why };
    match Uuid::try_parse(text) {
        Ok(id) if id.is_nil() => Err(invalid("it is the nil uuid")),
        Ok(id) if text.len() == HYPHENATED => Ok(id),
        _ => Err(invalid("it is not a hyphenated uuid")),
    }
}

fn text(claim: &'static str, member: Member) -> Result<Option<String>, Denied> {
    match member {
        Member::Absent => Ok(None),
        Member::Is(Value::String(text)) => Ok(Some(text)),
        Member::Is(_) => Err(malformed(claim, "it is not a string")),
    }
}

/// A claim that grants something, in a shape that is not the one expected, grants nothing.
fn only_text(member: Member) -> Option<String> {
    match member {
        Member::Is(Value::String(text)) => Some(text),
        _ => None,
    }
}

fn roles(member: Member) -> Vec<String> {
    let trimmed = |text: &str| Some(text.trim().to_owned()).filter(|role| !role.is_empty());
    match member {
        Member::Is(Value::String(text)) => text.split(',').filter_map(trimmed).collect(),
        Member::Is(Value::Array(several)) => {
            let texts = several.iter().filter_map(Value::as_str);
            texts.filter_map(trimmed).collect()
        }
        _ => Vec::new(),
    }
}

/// An empty id would look up nobody's session, and so could never be signed out.
fn id(claim: &'static str, member: Member) -> Result<Option<String>, Denied> {
    match text(claim, member)? {
        Some(id) if id.is_empty() => Err(malformed(claim, "it is empty")),
        id => Ok(id),
    }
}

fn texts(claim: &'static str, member: Member) -> Result<Vec<String>, Denied> {
    let one = |value| match value {
        Value::String(text) => Ok(text),
        _ => Err(malformed(
            claim,
            "it is neither a string nor an array of strings",
        )),
    };
    match member {
        Member::Absent => Ok(Vec::new()),
        Member::Is(Value::Array(several)) => several.into_iter().map(one).collect(),
        Member::Is(value) => Ok(vec![one(value)?]),
    }
}

/// Seconds since the epoch, perhaps with a fraction, between 1970 and 9999: a time in
/// milliseconds, which is what JavaScript likes to write, lies far outside.
fn time(claim: &'static str, member: Member) -> Result<Option<UnixTime>, Denied> {
    const END_OF_9999: i64 = 253_402_300_799;
    let number = match member {
        Member::Absent => return Ok(None),
        Member::Is(Value::Number(number)) => number,
        Member::Is(_) => return Err(malformed(claim, "it is not a number")),
    };
    let time = match (number.as_i64(), number.as_f64()) {
        (Some(secs @ 0..=END_OF_9999), _) => UnixTime::from_secs(secs),
        (None, Some(secs)) if (0.0..=END_OF_9999 as f64).contains(&secs) => {
            UnixTime::from_millis((secs * 1000.0) as i64)
        }
        _ => return Err(malformed(claim, "it is not a time in seconds since 1970")),
    };
    Ok(Some(time))
}

fn malformed(claim: &'static str, why: &'static str) -> Denied {
    Denied::ClaimMalformed { claim, why }
}
