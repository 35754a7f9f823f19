//! The claims of a signed token, typed, and the checks that turn them into an [`Identity`].

use serde::Deserialize;
use serde_json::Value;
use uuid::Uuid;

use crate::excerpt::Excerpt;
use crate::identity::Proven;
use crate::json::{self, Member};
use crate::keys::SignedPayload;
use crate::{Denied, Identity, Policy, UnixTime, UserClaim};

/// What a token says, each claim in its type. Read only after the signature was judged.
pub(crate) struct Claims {
    issuer: Option<String>,
    audiences: Vec<String>,
    expires_at: UnixTime,
    not_before: Option<UnixTime>,
    issued_at: Option<UnixTime>,
    subject: Option<String>,
    session_id: Option<String>,
    uuid: Member,
    bound: bool,
}

impl Claims {
    /// Types the claims: one that is there must have the type that RFC 7519 §4.1 gives it.
    pub(crate) fn read(payload: &SignedPayload<'_>) -> Result<Self, Denied> {
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
            uuid: Member,
            cnf: Member,
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
            session_id: session("sid", members.sid)?,
            uuid: members.uuid,
            bound: members.cnf.is_present(),
        })
    }

    /// `cnf` binds the token to a key that its sender must prove to hold.
    pub(crate) fn check_unbound(&self) -> Result<(), Denied> {
        match self.bound {
            true => Err(Denied::TokenBound),
            false => Ok(()),
        }
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
        match self
            .audiences
            .iter()
            .any(|audience| policy.audiences().contains(audience))
        {
            true => Ok(()),
            false => Err(Denied::AudienceMismatch {
                seen: Excerpt::of_each(self.audiences.iter().map(String::as_str)),
                expected: Excerpt::of_each(policy.audiences().iter().map(String::as_str)),
            }),
        }
    }

    /// A token is good in `[nbf - leeway, exp + leeway)`, and not minted after `now + leeway`.
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
        Ok(())
    }

    /// The last step, after every check: who it is.
    pub(crate) fn into_identity(self, user_claim: UserClaim) -> Result<Identity, Denied> {
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
            issued_at: self.issued_at,
            expires_at: self.expires_at,
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

/// An empty id would look up nobody's session, and so could never be signed out.
fn session(claim: &'static str, member: Member) -> Result<Option<String>, Denied> {
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
