use crate::{Denied, Excerpt, Policy, PolicyError, UntrustedToken, Verifier};

/// The issuers that a server trusts, each with its own policy. Their keys are never pooled: a key
/// id means something within one issuer only, and what one issuer signs is no proof of what
/// another one says.
///
/// ```
/// use auth_core::{Issuers, Policy};
///
/// // One Better Auth server, its plain JWTs and the access tokens of its oauth-provider plugin.
/// let issuers = Issuers::new([
///     Policy::new("https://app.example", "https://api.example")?,
///     Policy::oauth_access_token("https://app.example/api/auth", "https://api.example")?,
/// ])?;
/// assert_eq!(issuers.verifiers().len(), 2);
/// # Ok::<(), auth_core::PolicyError>(())
/// ```
#[derive(Debug, Clone)]
pub struct Issuers {
    /// At least one.
    verifiers: Vec<Verifier>,
}

impl Issuers {
    /// One issuer for each policy, in this order.
    ///
    /// # Errors
    /// [`PolicyError::NoIssuer`] without any, and [`PolicyError::DuplicateIssuer`] when two
    /// policies are about the same kind of token of the same issuer.
    pub fn new(policies: impl IntoIterator<Item = Policy>) -> Result<Self, PolicyError> {
        let verifiers: Vec<Verifier> = policies.into_iter().map(Verifier::new).collect();
        let about = |i: usize| (verifiers[i].policy().issuer(), verifiers[i].policy().kind());
        let is_repeated = |i| (0..i).any(|earlier| about(earlier) == about(i));
        if verifiers.is_empty() {
            Err(PolicyError::NoIssuer)
        } else if (0..verifiers.len()).any(is_repeated) {
            Err(PolicyError::DuplicateIssuer)
        } else {
            Ok(Self { verifiers })
        }
    }

    /// Who judges this token: the index of an issuer, and its verifier.
    ///
    /// Where there is one issuer, it is that one, whatever the token says. Else it is the one that
    /// the token claims to come from, byte by byte. That claim is not verified, and does not have
    /// to be: it only chooses whose keys the signature must then match.
    ///
    /// # Errors
    /// [`Denied::IssuerMismatch`] when none of them is claimed, and [`Denied::TypeNotAllowed`] when
    /// the issuer is trusted for another kind of token.
    pub fn select(&self, token: &UntrustedToken<'_>) -> Result<(usize, &Verifier), Denied> {
        if let [only] = &*self.verifiers {
            return Ok((0, only));
        }
        let claimed = token.claimed_issuer();
        let of_issuer = || {
            let numbered = self.verifiers.iter().enumerate();
            numbered.filter(|(_, verifier)| Some(verifier.policy().issuer()) == claimed.as_deref())
        };
        let of_kind = of_issuer().find(|(_, verifier)| verifier.policy().kind() == token.kind());
        match of_kind.or_else(|| of_issuer().next()) {
            Some((index, verifier)) => {
                verifier.screen_kind(token)?;
                Ok((index, verifier))
            }
            None => Err(Denied::IssuerMismatch {
                seen: Excerpt::of_each(claimed.as_deref()),
                expected: Excerpt::of_each(
                    self.verifiers
                        .iter()
                        .map(|verifier| verifier.policy().issuer()),
                ),
            }),
        }
    }

    /// The verifiers, in the order of the policies; at least one.
    pub fn verifiers(&self) -> &[Verifier] {
        &self.verifiers
    }
}
