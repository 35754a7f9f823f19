use std::fmt;
use std::str::FromStr;
use std::time::Duration;

/// What a token must satisfy to be let in. Built once at start-up and never wrong afterwards:
/// every constructor checks what it is given.
///
/// The defaults fit a Better Auth server with its `jwt()` plugin and a `uuid` claim: all five
/// algorithms, claim `uuid`, 30 s of leeway, 24 h of life, plain JWTs only.
///
/// ```
/// use std::time::Duration;
/// use auth_core::{Algorithm, Policy, UserClaim};
///
/// let policy = Policy::new("https://app.example", "https://api.example")?
///     .with_algorithms([Algorithm::EdDsa])?
///     .with_user_claim(UserClaim::Sub)
///     .with_leeway(Duration::from_secs(5))?;
/// assert_eq!(policy.issuer(), "https://app.example");
/// # Ok::<(), auth_core::PolicyError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Policy {
    issuer: String,
    audiences: Vec<String>,
    algorithms: Vec<Algorithm>,
    user_claim: UserClaim,
    leeway: Duration,
    max_lifetime: Option<Duration>,
    kind: TokenKind,
    key_id_optional: bool,
    fully_specified_names: bool,
    any_audience: bool,
}

/// Which kind of token a policy is about; told by the header's `typ` (RFC 8725 §3.11). Tokens of
/// the other kind are refused, also where one key signs both.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum TokenKind {
    /// `typ` is `JWT` or absent: what Better Auth's `jwt()` plugin mints.
    Plain,
    /// `typ` is `at+jwt`: an OAuth access token (RFC 9068 §2.1), as Better Auth's `oauth-provider`
    /// plugin mints them.
    Access,
}

impl Policy {
    /// The largest leeway that [`with_leeway`](Self::with_leeway) takes.
    pub const MAX_LEEWAY: Duration = Duration::from_secs(120);
    /// The leeway of a new policy.
    pub const DEFAULT_LEEWAY: Duration = Duration::from_secs(30);
    /// The longest life of a token under a new policy.
    pub const DEFAULT_MAX_LIFETIME: Duration = Duration::from_secs(24 * 60 * 60);

    /// A policy for tokens of `issuer` (claim `iss`, compared byte by byte) that are meant for
    /// `audience` (claim `aud`, likewise). Better Auth sets both to the origin of its base URL
    /// unless told otherwise; a trailing slash makes another issuer.
    ///
    /// # Errors
    /// When one of them is empty, or has white space or control characters in it.
    pub fn new(issuer: &str, audience: &str) -> Result<Self, PolicyError> {
        if !is_name(issuer) {
            return Err(PolicyError::Issuer);
        }
        let policy = Self {
            issuer: issuer.to_owned(),
            audiences: Vec::new(),
            algorithms: Algorithm::ALL.to_vec(),
            user_claim: UserClaim::Uuid,
            leeway: Self::DEFAULT_LEEWAY,
            max_lifetime: Some(Self::DEFAULT_MAX_LIFETIME),
            kind: TokenKind::Plain,
            key_id_optional: false,
            fully_specified_names: false,
            any_audience: false,
        };
        policy.with_audiences([audience])
    }

    /// A policy for OAuth access tokens (RFC 9068) of Better Auth's `oauth-provider` plugin: `typ`
    /// must be `at+jwt`, and the claims `client_id`, `iat` and `jti` must be there. The issuer is
    /// the base URL with its path, `https://app.example/api/auth`: another one than that of plain
    /// JWTs, with the same keys. The audience is what the client asked for as `resource` (RFC 8707).
    ///
    /// These tokens carry `uuid` only if `customAccessTokenClaims` adds it; else see
    /// [`with_user_claim`](Self::with_user_claim).
    ///
    /// ```
    /// use auth_core::{Policy, TokenKind};
    ///
    /// let policy = Policy::oauth_access_token("https://app.example/api/auth", "https://api.example")?;
    /// assert_eq!(policy.kind(), TokenKind::Access);
    /// # Ok::<(), auth_core::PolicyError>(())
    /// ```
    ///
    /// # Errors
    /// As [`new`](Self::new).
    pub fn oauth_access_token(issuer: &str, audience: &str) -> Result<Self, PolicyError> {
        Ok(Self {
            kind: TokenKind::Access,
            ..Self::new(issuer, audience)?
        })
    }

    /// Replaces the audiences: a token must name at least one of these.
    ///
    /// # Errors
    /// When there is none, or one is empty or has white space or control characters in it.
    pub fn with_audiences<A: Into<String>>(
        mut self,
        audiences: impl IntoIterator<Item = A>,
    ) -> Result<Self, PolicyError> {
        self.audiences = audiences.into_iter().map(Into::into).collect();
        match !self.audiences.is_empty() && self.audiences.iter().all(|name| is_name(name)) {
            true => Ok(self),
            false => Err(PolicyError::Audience),
        }
    }

    /// Replaces the accepted algorithms.
    ///
    /// # Errors
    /// When there is none.
    pub fn with_algorithms(
        mut self,
        algorithms: impl IntoIterator<Item = Algorithm>,
    ) -> Result<Self, PolicyError> {
        self.algorithms = algorithms.into_iter().collect();
        self.algorithms.sort_unstable();
        self.algorithms.dedup();
        match self.algorithms.is_empty() {
            true => Err(PolicyError::Algorithms),
            false => Ok(self),
        }
    }

    /// Says which claim names the user.
    pub fn with_user_claim(mut self, claim: UserClaim) -> Self {
        self.user_claim = claim;
        self
    }

    /// Says by how much the clocks of issuer and verifier may differ, in either direction.
    ///
    /// # Errors
    /// When it is longer than [`MAX_LEEWAY`](Self::MAX_LEEWAY): a long leeway is a longer token.
    pub fn with_leeway(mut self, leeway: Duration) -> Result<Self, PolicyError> {
        if leeway > Self::MAX_LEEWAY {
            return Err(PolicyError::Leeway);
        }
        self.leeway = leeway;
        Ok(self)
    }

    /// Says how long a token may live from `iat` to `exp`; one without `iat` from now. A token is
    /// as good as a password for as long, so one that was minted for years, by a slip or a thief,
    /// is refused. `None`: as long as it likes.
    pub fn with_max_lifetime(mut self, longest: Option<Duration>) -> Self {
        self.max_lifetime = longest;
        self
    }

    /// Also accepts tokens that name no key (`kid`), while the issuer publishes exactly one that
    /// can be used. Better Auth always names it.
    ///
    /// Such a token does not tell that it is signed with a new key: after a rotation, tokens are
    /// refused until the set is renewed by time.
    pub fn with_key_id_optional(mut self, optional: bool) -> Self {
        self.key_id_optional = optional;
        self
    }

    /// Also accepts the fully-specified name `Ed25519` (RFC 9864 §2.2) where `EdDSA` is accepted:
    /// the same algorithm under its newer name.
    pub fn with_fully_specified_names(mut self, accepted: bool) -> Self {
        self.fully_specified_names = accepted;
        self
    }

    /// Accepts tokens for whatever audience, also without any. **Dangerous**: whoever runs another
    /// server that the issuer mints tokens for can then use its users' tokens here.
    pub fn danger_any_audience(mut self) -> Self {
        self.any_audience = true;
        self
    }

    /// The one accepted `iss`.
    pub fn issuer(&self) -> &str {
        &self.issuer
    }

    /// The accepted audiences; at least one.
    pub fn audiences(&self) -> &[String] {
        &self.audiences
    }

    /// The accepted algorithms, sorted; at least one.
    pub fn algorithms(&self) -> &[Algorithm] {
        &self.algorithms
    }

    /// The claim that names the user.
    pub fn user_claim(&self) -> UserClaim {
        self.user_claim
    }

    /// By how much the clocks may differ.
    pub fn leeway(&self) -> Duration {
        self.leeway
    }

    /// How long a token may live, if there is a limit.
    pub fn max_lifetime(&self) -> Option<Duration> {
        self.max_lifetime
    }

    /// Which kind of token it is about.
    pub fn kind(&self) -> TokenKind {
        self.kind
    }

    /// Whether a token may leave out which key signed it.
    pub fn key_id_optional(&self) -> bool {
        self.key_id_optional
    }

    /// Whether `alg` may be `Ed25519`.
    pub fn fully_specified_names(&self) -> bool {
        self.fully_specified_names
    }

    /// Whether the audience is not looked at.
    pub fn any_audience(&self) -> bool {
        self.any_audience
    }
}

/// A setting that makes no sound policy.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PolicyError {
    /// The issuer is empty, or has white space or control characters in it.
    #[error("issuer must be a text without white space")]
    Issuer,
    /// There is no audience, or one is empty or has white space or control characters in it.
    #[error("audience must be one or more texts without white space")]
    Audience,
    /// No algorithm is accepted.
    #[error("algorithms must name at least one of EdDSA, ES256, ES512, RS256, PS256")]
    Algorithms,
    /// The leeway is longer than [`Policy::MAX_LEEWAY`].
    #[error("leeway must be at most 120 s")]
    Leeway,
    /// Two policies are about the same kind of token of the same issuer: nobody could say which
    /// of them judges.
    #[error("two policies are about the same kind of token of one issuer")]
    DuplicateIssuer,
    /// There is no policy at all.
    #[error("there is no issuer")]
    NoIssuer,
}

/// Whether a text can be one scope (`scope-token`, RFC 6749 §3.3). With a space in it it would be two,
/// and no token would carry it.
///
/// ```
/// assert!(auth_core::is_scope("tasks:read"));
/// assert!(!auth_core::is_scope("tasks:read tasks:write"));
/// ```
#[must_use]
pub fn is_scope(text: &str) -> bool {
    let allowed = |c: u8| c.is_ascii_graphic() && !matches!(c, b'"' | b'\\');
    !text.is_empty() && text.bytes().all(allowed)
}

/// A signature algorithm, as Better Auth can be configured to use it.
///
/// Each stands for one kind of key and one way to sign, nothing is negotiable. Symmetric
/// algorithms and `none` are not refused anywhere: they cannot be said.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Algorithm {
    /// Ed25519 (RFC 8037 §3.1), Better Auth's default. Ed448 is not accepted under this name.
    EdDsa,
    /// ECDSA over P-256 with SHA-256 (RFC 7518 §3.4).
    Es256,
    /// ECDSA over P-521 with SHA-512 (RFC 7518 §3.4).
    Es512,
    /// RSASSA-PKCS1-v1_5 with SHA-256 (RFC 7518 §3.3).
    Rs256,
    /// RSASSA-PSS with SHA-256 (RFC 7518 §3.5).
    Ps256,
}

impl Algorithm {
    /// All of them.
    pub const ALL: [Self; 5] = [
        Self::EdDsa,
        Self::Es256,
        Self::Es512,
        Self::Rs256,
        Self::Ps256,
    ];

    /// The registered name: the exact value of `alg`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::EdDsa => "EdDSA",
            Self::Es256 => "ES256",
            Self::Es512 => "ES512",
            Self::Rs256 => "RS256",
            Self::Ps256 => "PS256",
        }
    }
}

/// Takes the registered names only, byte by byte (RFC 7515 §4.1.1 makes `alg` case-sensitive).
impl FromStr for Algorithm {
    type Err = UnknownName;

    fn from_str(name: &str) -> Result<Self, UnknownName> {
        Self::ALL
            .into_iter()
            .find(|algorithm| algorithm.name() == name)
            .ok_or(UnknownName("EdDSA, ES256, ES512, RS256 or PS256"))
    }
}

impl fmt::Display for Algorithm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// The claim that names the user. Its value must be a UUID.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum UserClaim {
    /// `uuid`: a column beside Better Auth's own text id, put into the token by `definePayload`.
    Uuid,
    /// `sub`: Better Auth's own id, where it is configured to generate UUIDs.
    Sub,
}

impl UserClaim {
    /// The claim's name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Uuid => "uuid",
            Self::Sub => "sub",
        }
    }
}

/// Takes `uuid` and `sub`.
impl FromStr for UserClaim {
    type Err = UnknownName;

    fn from_str(name: &str) -> Result<Self, UnknownName> {
        match name {
            "uuid" => Ok(Self::Uuid),
            "sub" => Ok(Self::Sub),
            _ => Err(UnknownName("uuid or sub")),
        }
    }
}

impl fmt::Display for UserClaim {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// A name that is none of the expected ones.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("expected {0}")]
pub struct UnknownName(&'static str);

fn is_name(text: &str) -> bool {
    !text.is_empty() && !text.chars().any(|c| c.is_whitespace() || c.is_control())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn policy() -> Policy {
        Policy::new("https://app.example", "https://api.example").unwrap()
    }

    #[test]
    fn an_issuer_or_audience_that_no_token_could_carry_is_refused() {
        for bad in ["", " ", "https://app.example ", "a\nb", "a\u{a0}b", "a\0"] {
            assert_eq!(Policy::new(bad, "api"), Err(PolicyError::Issuer), "{bad:?}");
            assert_eq!(
                Policy::new("app", bad),
                Err(PolicyError::Audience),
                "{bad:?}"
            );
            assert_eq!(
                policy().with_audiences(["api", bad]),
                Err(PolicyError::Audience),
                "{bad:?}"
            );
        }
    }

    #[test]
    fn empty_lists_and_long_leeways_are_refused() {
        assert_eq!(policy().with_audiences([""; 0]), Err(PolicyError::Audience));
        assert_eq!(policy().with_algorithms([]), Err(PolicyError::Algorithms));
        assert!(policy().with_leeway(Policy::MAX_LEEWAY).is_ok());
        assert_eq!(
            policy().with_leeway(Policy::MAX_LEEWAY + Duration::from_nanos(1)),
            Err(PolicyError::Leeway)
        );
    }

    #[test]
    fn algorithms_are_a_set() {
        let policy = policy()
            .with_algorithms([Algorithm::Ps256, Algorithm::EdDsa, Algorithm::Ps256])
            .unwrap();
        assert_eq!(policy.algorithms(), [Algorithm::EdDsa, Algorithm::Ps256]);
    }

    #[test]
    fn algorithm_names_are_exact() {
        for algorithm in Algorithm::ALL {
            assert_eq!(algorithm.name().parse(), Ok(algorithm));
        }
        for other in [
            "", "none", "eddsa", "EDDSA", "EdDSA ", "HS256", "Ed25519", "RS384", "ES256K",
        ] {
            assert!(other.parse::<Algorithm>().is_err(), "{other:?}");
        }
    }

    #[test]
    fn the_texts_name_the_constants() {
        let leeway = PolicyError::Leeway.to_string();
        assert!(leeway.contains(&Policy::MAX_LEEWAY.as_secs().to_string()));
        let algorithms = PolicyError::Algorithms.to_string();
        assert!(Algorithm::ALL.iter().all(|a| algorithms.contains(a.name())));
    }
}
