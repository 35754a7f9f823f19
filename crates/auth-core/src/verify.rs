use std::ops::Range;

use crate::claims::Claims;
use crate::excerpt::Excerpt;
use crate::token::ED25519;
use crate::{
    Algorithm, Denied, Identity, KeyRing, Policy, TokenCheck, TokenKind, UnixTime, UntrustedToken,
};

/// Turns a token into an [`Identity`], or says exactly why not.
///
/// Holds nothing but a [`Policy`]: the keys and the time come with each call.
#[derive(Debug, Clone)]
pub struct Verifier {
    policy: Policy,
}

impl Verifier {
    /// A verifier for the tokens that satisfy `policy`.
    pub fn new(policy: Policy) -> Self {
        Self { policy }
    }

    /// What it verifies against.
    pub fn policy(&self) -> &Policy {
        &self.policy
    }

    /// Every check, in order. The cheap ones come first, and nothing that the token claims is
    /// looked at before its signature: a forged token that is also expired is forged, not expired.
    ///
    /// The keys must be those of the policy's issuer, and of no other.
    ///
    /// # Errors
    /// [`Denied`], one variant per reason. [`Denied::KeyUnknown`] may be worth another try with a
    /// newer key ring; nothing else is.
    pub fn verify(
        &self,
        token: &UntrustedToken<'_>,
        keys: &KeyRing,
        now: UnixTime,
    ) -> Result<Identity, Denied> {
        self.go_through(token, keys, now, |_| ())
    }

    /// `passed` hears of each check that is passed, when it is.
    pub(crate) fn go_through(
        &self,
        token: &UntrustedToken<'_>,
        keys: &KeyRing,
        now: UnixTime,
        mut passed: impl FnMut(TokenCheck),
    ) -> Result<Identity, Denied> {
        self.screen_each(token, &mut passed)?;
        let key = keys.key_of(token)?;
        passed(TokenCheck::Key);
        let payload = key.open(token)?;
        passed(TokenCheck::Signature);

        let policy = &self.policy;
        let claims = Claims::read(&payload)?;
        passed(TokenCheck::Claims);
        claims.check_kind(policy)?;
        passed(TokenCheck::Kind);
        claims.check_issuer(policy)?;
        passed(TokenCheck::Issuer);
        claims.check_audience(policy)?;
        passed(TokenCheck::Audience);
        claims.check_times(policy, now)?;
        passed(TokenCheck::Times);
        let identity = claims.into_identity(policy)?;
        passed(TokenCheck::User);
        Ok(identity)
    }

    /// The checks that need no key. [`verify`](Self::verify) makes them, too; made before the keys are looked for, they keep a
    /// token that could never be good from having them fetched.
    ///
    /// # Errors
    /// [`Denied::TypeNotAllowed`], [`Denied::AlgorithmNotAllowed`] and [`Denied::KeyIdMissing`].
    pub fn screen(&self, token: &UntrustedToken<'_>) -> Result<(), Denied> {
        self.screen_each(token, |_| ())
    }

    pub(crate) fn screen_each(
        &self,
        token: &UntrustedToken<'_>,
        mut passed: impl FnMut(TokenCheck),
    ) -> Result<(), Denied> {
        let policy = &self.policy;
        self.screen_kind(token)?;
        passed(TokenCheck::Type);
        let newer_name = token.has_fully_specified_name();
        if !policy.algorithms().contains(&token.algorithm())
            || (newer_name && !policy.fully_specified_names())
        {
            let seen = match newer_name {
                true => ED25519,
                false => token.algorithm().name(),
            };
            return Err(Denied::AlgorithmNotAllowed {
                seen: Excerpt::of(seen),
                expected: Excerpt::of_each(
                    policy.algorithms().iter().copied().map(Algorithm::name),
                ),
            });
        }
        passed(TokenCheck::Algorithm);
        if token.key_id().is_none() && !policy.key_id_optional() {
            return Err(Denied::KeyIdMissing);
        }
        passed(TokenCheck::KeyId);
        Ok(())
    }

    pub(crate) fn screen_kind(&self, token: &UntrustedToken<'_>) -> Result<(), Denied> {
        match token.kind() == self.policy.kind() {
            true => Ok(()),
            false => Err(Denied::TypeNotAllowed {
                seen: Excerpt::of(match token.kind() {
                    TokenKind::Plain => "JWT",
                    TokenKind::Access => "at+jwt",
                }),
            }),
        }
    }

    /// From when to when a verified token is good, leeway included: what a cache of verified tokens
    /// must look at each time.
    pub(crate) fn validity(&self, identity: &Identity) -> Range<UnixTime> {
        let leeway = self.policy.leeway();
        let begins = identity.not_before().max(identity.issued_at());
        let begins = begins.map_or(UnixTime::from_millis(i64::MIN), |begins| begins - leeway);
        begins..identity.expires_at() + leeway
    }
}
