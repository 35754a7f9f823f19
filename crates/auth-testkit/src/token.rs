use std::time::{Duration, SystemTime};

use auth_core::UnixTime;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Map, Value};
use uuid::Uuid;

use crate::SigningKey;

/// The issuer of a [`TokenBuilder`]'s token, unless it is told otherwise.
pub const ISSUER: &str = "https://app.example";

/// The audience of a [`TokenBuilder`]'s token, unless it is told otherwise.
pub const AUDIENCE: &str = "https://api.example";

/// How long a [`TokenBuilder`]'s token is good for, unless it is told otherwise: as Better Auth's.
pub const LIFETIME: Duration = Duration::from_secs(15 * 60);

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
}

impl TokenBuilder {
    /// A good token for this user, minted now. The subject is another id than the UUID, as it is
    /// with Better Auth's default ids: the same for the same user.
    pub fn for_user(user: Uuid) -> Self {
        let now = UnixTime::from(SystemTime::now());
        let blank = Self {
            header: Map::new(),
            claims: Map::new(),
            absent_header: Vec::new(),
            raw_header: None,
            raw_payload: None,
        };
        blank
            .claim("iat", now.as_secs())
            .claim("uuid", user.to_string())
            .subject(format!("sub-{}", user.simple()))
            .expires_at(now + LIFETIME)
            .issuer(ISSUER)
            .audience(AUDIENCE)
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

    /// Sets `exp`, in whole seconds.
    pub fn expires_at(self, time: UnixTime) -> Self {
        self.claim("exp", time.as_secs())
    }

    /// Minted two hours ago and over since an hour and three quarters, beyond any leeway.
    pub fn expired(self) -> Self {
        let minted = UnixTime::from(SystemTime::now()) - Duration::from_secs(2 * 60 * 60);
        self.claim("iat", minted.as_secs())
            .expires_at(minted + LIFETIME)
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

    /// Signs it: the signature is right, whatever the header says about it.
    pub fn sign(&self, key: &SigningKey) -> String {
        let header = self.raw_header.clone().unwrap_or_else(|| {
            let mut header = Map::new();
            header.insert("alg".into(), key.algorithm().name().into());
            header.insert("kid".into(), key.key_id().into());
            header.extend(self.header.clone());
            header.retain(|name, _| !self.absent_header.contains(name));
            Value::Object(header).to_string()
        });
        let payload = self.raw_payload.clone();
        let payload = payload.unwrap_or_else(|| Value::Object(self.claims.clone()).to_string());
        let signing_input = format!(
            "{}.{}",
            URL_SAFE_NO_PAD.encode(header),
            URL_SAFE_NO_PAD.encode(payload)
        );
        let signature = key.sign(signing_input.as_bytes());
        format!("{signing_input}.{}", URL_SAFE_NO_PAD.encode(signature))
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
