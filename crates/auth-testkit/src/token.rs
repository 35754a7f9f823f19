use std::time::{Duration, SystemTime};

use auth_core::UnixTime;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Map, Value};
use uuid::Uuid;

use crate::SigningKey;
use crate::flaw::{Flaw, forge};

/// The issuer of a [`TokenBuilder`]'s token, unless it is told otherwise.
pub const ISSUER: &str = "https://app.example";

/// The audience of a [`TokenBuilder`]'s token, unless it is told otherwise.
pub const AUDIENCE: &str = "https://api.example";

/// How long a [`TokenBuilder`]'s token is good for, unless it is told otherwise: as Better Auth's.
pub const LIFETIME: Duration = Duration::from_secs(15 * 60);

/// How long an access token of [`TokenBuilder::access_for`] is good for: as
/// `@better-auth/oauth-provider`'s.
pub const ACCESS_LIFETIME: Duration = Duration::from_secs(60 * 60);

/// A token before it is signed: good as it starts, and anything after that.
///
/// It starts as Better Auth would write it for a user with a `uuid`, minted now. Every header
/// member and every claim can then be set, to values of any type, or taken away.
///
/// ```
/// use auth_core::{Algorithm, KeyRing, Policy, UntrustedToken, Verifier};
/// use auth_testkit::{AUDIENCE, ISSUER, SigningKey, TokenBuilder};
/// use serde_json::json;
/// use std::time::SystemTime;
/// use uuid::Uuid;
///
/// let key = SigningKey::generate(Algorithm::EdDsa, "key-1");
/// let keys = KeyRing::parse(json!({"keys": [key.public_jwk()]}).to_string().as_bytes())?;
/// let verifier = Verifier::new(Policy::new(ISSUER, AUDIENCE)?);
///
/// let admin = TokenBuilder::for_user(Uuid::from_u128(7)).claim("uuid", json!(["admin"])).sign(&key);
/// let denied = verifier
///     .verify(&UntrustedToken::parse(&admin)?, &keys, SystemTime::now().into())
///     .unwrap_err();
/// assert_eq!(denied.code(), "user_claim_invalid");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone)]
#[must_use = "a token builder makes no token until it signs"]
pub struct TokenBuilder {
    header: Map<String, Value>,
    claims: Map<String, Value>,
    absent_header: Vec<String>,
    raw_header: Option<String>,
    raw_payload: Option<String>,
    flaw: Option<Flaw>,
}

impl TokenBuilder {
    /// A good token for this user, minted now. The subject is another id than the UUID, as it is
    /// with Better Auth's default ids: the same for the same user.
    pub fn for_user(user: Uuid) -> Self {
        let now = now();
        Self::blank()
            .claim("iat", now.as_secs())
            .claim("uuid", user.to_string())
            .subject(subject_of(user))
            .expires_at(now + LIFETIME)
            .issuer(ISSUER)
            .audience(AUDIENCE)
    }

    /// A good OAuth access token for this user, as `@better-auth/oauth-provider` mints it for a
    /// client that named [`AUDIENCE`] as its resource (RFC 9068, RFC 8707): of type `at+jwt`, from
    /// the issuer [`ISSUER`]`/api/auth`, for that audience and the provider's own, with `uuid` as
    /// `customAccessTokenClaims` adds it.
    ///
    /// ```
    /// use auth_testkit::{SigningKey, TokenBuilder};
    /// use uuid::Uuid;
    ///
    /// # use auth_core::{Algorithm, UntrustedToken};
    /// # let key = SigningKey::generate(Algorithm::EdDsa, "key-1");
    /// let reader = TokenBuilder::access_for(Uuid::from_u128(7), &["openid", "tasks:read"]);
    /// # UntrustedToken::parse(&reader.sign(&key))?;
    /// # Ok::<(), auth_core::Denied>(())
    /// ```
    pub fn access_for(user: Uuid, scopes: &[&str]) -> Self {
        let now = now();
        Self::blank()
            .header("typ", "at+jwt")
            .subject(subject_of(user))
            .client("auth-testkit")
            .claim("scope", scopes.join(" "))
            .session(format!("session-of-{}", user.simple()))
            .claim("iat", now.as_secs())
            .expires_at(now + ACCESS_LIFETIME)
            .claim("jti", Uuid::new_v4().simple().to_string())
            .claim("uuid", user.to_string())
            .access_issuer(ISSUER, AUDIENCE)
    }

    fn blank() -> Self {
        Self {
            header: Map::new(),
            claims: Map::new(),
            absent_header: Vec::new(),
            raw_header: None,
            raw_payload: None,
            flaw: None,
        }
    }

    /// Sets `iss` and `aud` as the OAuth provider of the Better Auth server at `origin` does.
    pub(crate) fn access_issuer(self, origin: &str, audience: &str) -> Self {
        let provider = oauth_issuer_of(origin);
        let userinfo = format!("{provider}/oauth2/userinfo");
        self.issuer(provider).audience(vec![audience, &*userinfo])
    }

    /// Sets `iss`.
    pub fn issuer(self, issuer: impl Into<Value>) -> Self {
        self.claim("iss", issuer)
    }

    /// Sets `aud`: one text, or a list.
    pub fn audience(self, audience: impl Into<Value>) -> Self {
        self.claim("aud", audience)
    }

    /// Sets `sub`.
    pub fn subject(self, subject: impl Into<Value>) -> Self {
        self.claim("sub", subject)
    }

    /// Sets `sid`, the Better Auth session.
    pub fn session(self, session_id: impl Into<Value>) -> Self {
        self.claim("sid", session_id)
    }

    /// Sets `client_id` and `azp`, the OAuth client that the token was minted for.
    pub fn client(self, client_id: &str) -> Self {
        self.claim("client_id", client_id).claim("azp", client_id)
    }

    /// Sets `role`, as the plugin `admin` writes it: one name, or several with commas.
    pub fn role(self, role: impl Into<Value>) -> Self {
        self.claim("role", role)
    }

    /// Sets `exp`, in whole seconds.
    pub fn expires_at(self, time: UnixTime) -> Self {
        self.claim("exp", time.as_secs())
    }

    /// Minted two hours ago and over since an hour and three quarters, beyond any leeway.
    pub fn expired(self) -> Self {
        let minted = now() - Duration::from_secs(2 * 60 * 60);
        self.claim("iat", minted.as_secs())
            .expires_at(minted + LIFETIME)
    }

    /// Minted `age` ago, for guards that want a fresh token. `exp` stays as it is.
    pub fn minted_ago(self, age: Duration) -> Self {
        self.claim("iat", (now() - age).as_secs())
    }

    /// Makes it bad in this one way, which takes effect last, when it is signed. A second flaw
    /// replaces the first.
    ///
    /// ```
    /// use auth_core::{Algorithm, UntrustedToken};
    /// use auth_testkit::{Flaw, SigningKey, TokenBuilder};
    /// use uuid::Uuid;
    ///
    /// let key = SigningKey::generate(Algorithm::EdDsa, "key-1");
    /// let unsigned = TokenBuilder::for_user(Uuid::from_u128(7)).flawed(Flaw::AlgorithmNone);
    /// let denied = UntrustedToken::parse(&unsigned.sign(&key)).unwrap_err();
    /// assert_eq!(denied.code(), Flaw::AlgorithmNone.code());
    /// ```
    pub fn flawed(mut self, flaw: Flaw) -> Self {
        self.flaw = Some(flaw);
        self
    }

    /// Sets any claim to anything.
    pub fn claim(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.claims.insert(name.into(), value.into());
        self
    }

    /// Takes a claim away.
    pub fn without_claim(mut self, name: &str) -> Self {
        self.claims.remove(name);
        self
    }

    /// Sets any header member to anything, also `alg` and `kid`, which otherwise are the key's.
    pub fn header(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.absent_header.retain(|absent| absent != name);
        self.header.insert(name.into(), value.into());
        self
    }

    /// Takes a header member away, also `alg` and `kid`.
    pub fn without_header(mut self, name: &str) -> Self {
        self.header.remove(name);
        self.absent_header.push(name.into());
        self
    }

    /// Uses this text as the header, whatever it is: duplicate names, no JSON at all.
    pub fn raw_header(mut self, text: impl Into<String>) -> Self {
        self.raw_header = Some(text.into());
        self
    }

    /// Uses this text as the payload, whatever it is.
    pub fn raw_payload(mut self, text: impl Into<String>) -> Self {
        self.raw_payload = Some(text.into());
        self
    }

    /// Signs it: the signature is right, whatever the header says about it, unless a
    /// [flaw](Self::flawed) says otherwise.
    pub fn sign(&self, key: &SigningKey) -> String {
        match self.flaw {
            None => self.sign_with(key, |input| key.sign(input)),
            Some(flaw) => {
                let mut otherwise_good = self.clone();
                otherwise_good.flaw = None;
                forge(flaw, otherwise_good, key)
            }
        }
    }

    /// With the header that names this key, and whatever `signature` makes of the signing input.
    pub(crate) fn sign_with(
        &self,
        key: &SigningKey,
        signature: impl FnOnce(&[u8]) -> Vec<u8>,
    ) -> String {
        let header = encode(self.header_text(key));
        let signing_input = format!("{header}.{}", encode(self.payload_text()));
        let signature = encode(signature(signing_input.as_bytes()));
        format!("{signing_input}.{signature}")
    }

    /// What stands in the first part when this key signs.
    pub(crate) fn header_text(&self, key: &SigningKey) -> String {
        self.raw_header.clone().unwrap_or_else(|| {
            let mut header = Map::new();
            header.insert("alg".into(), key.algorithm().name().into());
            header.insert("kid".into(), key.key_id().into());
            header.extend(self.header.clone());
            header.retain(|name, _| !self.absent_header.contains(name));
            Value::Object(header).to_string()
        })
    }

    /// What stands in the second part.
    pub(crate) fn payload_text(&self) -> String {
        let raw = self.raw_payload.clone();
        raw.unwrap_or_else(|| Value::Object(self.claims.clone()).to_string())
    }

    /// The value of a claim that is set.
    pub(crate) fn claim_value(&self, name: &str) -> Option<&Value> {
        self.claims.get(name)
    }
}

/// The same token with one bit of its signature flipped: as well-formed as before, and forged.
///
/// # Panics
/// When the token has no signature to flip.
pub fn tampered(token: &str) -> String {
    let (signing_input, signature) = token.rsplit_once('.').expect("a token has three parts");
    let mut signature = URL_SAFE_NO_PAD
        .decode(signature)
        .expect("a signature is base64url");
    let first = signature.first_mut().expect("a signature is not empty");
    *first ^= 1;
    format!("{signing_input}.{}", URL_SAFE_NO_PAD.encode(signature))
}

/// `iss` of the OAuth provider's tokens where Better Auth runs at `origin`.
pub(crate) fn oauth_issuer_of(origin: &str) -> String {
    format!("{origin}/api/auth")
}

pub(crate) fn now() -> UnixTime {
    SystemTime::now().into()
}

pub(crate) fn encode(part: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode(part)
}

fn subject_of(user: Uuid) -> String {
    format!("sub-{}", user.simple())
}

#[cfg(test)]
mod tests {
    use auth_core::Algorithm;

    use super::*;

    fn part(token: &str, index: usize) -> Value {
        let part = token.split('.').nth(index).unwrap();
        serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).unwrap()).unwrap()
    }

    #[test]
    fn a_good_token_has_the_shape_of_better_auths() {
        let key = SigningKey::generate(Algorithm::EdDsa, "key-1");
        let token = TokenBuilder::for_user(Uuid::from_u128(7)).sign(&key);
        let (header, claims) = (part(&token, 0), part(&token, 1));
        assert_eq!(
            header,
            serde_json::json!({ "alg": "EdDSA", "kid": "key-1" })
        );
        assert_eq!(claims["uuid"], Uuid::from_u128(7).to_string());
        assert_ne!(claims["sub"], claims["uuid"]);
        let lifetime = claims["exp"].as_u64().unwrap() - claims["iat"].as_u64().unwrap();
        assert_eq!(lifetime, LIFETIME.as_secs());
    }

    #[test]
    fn header_members_can_be_taken_away_and_put_back() {
        let key = SigningKey::generate(Algorithm::EdDsa, "key-1");
        let token = TokenBuilder::for_user(Uuid::from_u128(7)).without_header("kid");
        assert_eq!(
            part(&token.sign(&key), 0),
            serde_json::json!({ "alg": "EdDSA" })
        );
        let token = token.header("kid", 5);
        assert_eq!(part(&token.sign(&key), 0)["kid"], 5);
    }
}
