use crate::claims::Claims;
use crate::excerpt::Excerpt;
use crate::token::TokenKind;
use crate::{Algorithm, Denied, Identity, KeyRing, Policy, UnixTime, UntrustedToken};

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
        self.screen(token)?;
        let payload = keys.open(token)?;

        let policy = &self.policy;
        let claims = Claims::read(&payload)?;
        claims.check_unbound()?;
        claims.check_issuer(policy)?;
        claims.check_audience(policy)?;
        claims.check_times(policy, now)?;
        claims.into_identity(policy.user_claim())
    }

    /// The checks that need no key. [`verify`](Self::verify) makes them, too; made before the keys are looked for, they keep a
    /// token that could never be good from having them fetched.
    ///
    /// # Errors
    /// [`Denied::AlgorithmNotAllowed`] and [`Denied::TypeNotAllowed`].
    pub fn screen(&self, token: &UntrustedToken<'_>) -> Result<(), Denied> {
        let policy = &self.policy;
        if !policy.algorithms().contains(&token.algorithm()) {
            return Err(Denied::AlgorithmNotAllowed {
                seen: Excerpt::of(token.algorithm().name()),
                expected: Excerpt::of_each(
                    policy.algorithms().iter().copied().map(Algorithm::name),
                ),
            });
        }
        if token.kind() == TokenKind::Access && !policy.access_token_type() {
            return Err(Denied::TypeNotAllowed {
                seen: Excerpt::of("at+jwt"),
            });
        }
        Ok(())
    }
}
