//! A pen for tokens: keys made here, headers and claims written as the test wants them.

use std::sync::OnceLock;

use auth_core::{Algorithm, Denied, Identity, KeyRing, Policy, UnixTime, UntrustedToken, Verifier};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use josekit::jwk::Jwk;
use josekit::jwk::alg::ed::EdCurve;
use josekit::jws::{ES256, ES512, EdDSA, HS256, JwsSigner, PS256, RS256};
use openssl::bn::BigNum;
use openssl::pkey::Private;
use openssl::rsa::Rsa;
use serde_json::{Map, Value, json};

pub(crate) const ISSUER: &str = "https://app.example";
pub(crate) const AUDIENCE: &str = "https://api.example";
pub(crate) const USER: &str = "040a5b41-3d3e-4f0c-998a-f44e5dd83b65";

/// The moment at which every test stands.
pub(crate) const NOW: UnixTime = UnixTime::from_secs(1_800_000_000);

#[derive(Clone)]
pub(crate) struct Key {
    pub(crate) kid: String,
    pub(crate) algorithm: Algorithm,
    /// The public half, with `alg` and `kid`.
    pub(crate) jwk: Value,
    pub(crate) private: Jwk,
    pub(crate) private_der: Vec<u8>,
    pub(crate) public_der: Vec<u8>,
    pub(crate) public_pem: Vec<u8>,
}

pub(crate) fn key(algorithm: Algorithm, kid: &str) -> Key {
    macro_rules! generate {
        ($pair:expr) => {{
            let pair = $pair.unwrap();
            (
                pair.to_jwk_private_key(),
                pair.to_der_private_key(),
                pair.to_jwk_public_key(),
                pair.to_der_public_key(),
                pair.to_pem_public_key(),
            )
        }};
    }
    let (private, private_der, public, public_der, public_pem) = match algorithm {
        Algorithm::EdDsa => generate!(EdDSA.generate_key_pair(EdCurve::Ed25519)),
        Algorithm::Es256 => generate!(ES256.generate_key_pair()),
        Algorithm::Es512 => generate!(ES512.generate_key_pair()),
        Algorithm::Rs256 => generate!(RS256.generate_key_pair(2048)),
        Algorithm::Ps256 => generate!(PS256.generate_key_pair(2048)),
    };
    let mut jwk: Map<String, Value> = public.into();
    jwk.insert("alg".into(), algorithm.name().into());
    jwk.insert("kid".into(), kid.into());
    Key {
        kid: kid.into(),
        algorithm,
        jwk: jwk.into(),
        private,
        private_der,
        public_der,
        public_pem,
    }
}

/// One key of each algorithm for the whole run, for tests that need any key rather than two
/// different ones: making an RSA key takes longer than most tests. Its id is `key-1`.
pub(crate) fn lasting(algorithm: Algorithm) -> &'static Key {
    static KEYS: [OnceLock<Key>; 5] = [const { OnceLock::new() }; 5];
    let at = Algorithm::ALL.iter().position(|&other| other == algorithm);
    KEYS[at.unwrap()].get_or_init(|| key(algorithm, "key-1"))
}

impl Key {
    pub(crate) fn sign(&self, message: &[u8]) -> Vec<u8> {
        let signer: Box<dyn JwsSigner> = match self.algorithm {
            Algorithm::EdDsa => Box::new(EdDSA.signer_from_jwk(&self.private).unwrap()),
            Algorithm::Es256 => Box::new(ES256.signer_from_jwk(&self.private).unwrap()),
            Algorithm::Es512 => Box::new(ES512.signer_from_jwk(&self.private).unwrap()),
            Algorithm::Rs256 => Box::new(RS256.signer_from_jwk(&self.private).unwrap()),
            Algorithm::Ps256 => Box::new(PS256.signer_from_jwk(&self.private).unwrap()),
        };
        signer.sign(message).unwrap()
    }

    /// The same key under another id.
    pub(crate) fn named(mut self, kid: &str) -> Self {
        self.kid = kid.into();
        self.jwk["kid"] = kid.into();
        self
    }

    /// Its own header.
    pub(crate) fn header(&self) -> Value {
        json!({ "alg": self.algorithm.name(), "kid": self.kid })
    }

    /// A token with good claims.
    pub(crate) fn good_token(&self) -> String {
        self.token(&self.header(), &good_claims())
    }

    /// A token of this header and these claims, rightly signed.
    pub(crate) fn token(&self, header: &Value, claims: &Value) -> String {
        self.token_of_text(header.to_string(), claims.to_string())
    }

    /// As [`token`](Self::token), of any text at all.
    pub(crate) fn token_of_text(
        &self,
        header: impl AsRef<[u8]>,
        claims: impl AsRef<[u8]>,
    ) -> String {
        sealed(header, claims, |input| self.sign(input))
    }

    /// A token of its own header and good claims, under whatever signature `sign` makes.
    pub(crate) fn token_signed_by(&self, sign: impl FnOnce(&[u8]) -> Vec<u8>) -> String {
        sealed(self.header().to_string(), good_claims().to_string(), sign)
    }

    /// The private half of an RSA key, for signatures that no sane signer makes.
    pub(crate) fn rsa(&self) -> Rsa<Private> {
        let number = |name: &str| {
            let text = self.private.parameter(name).unwrap().as_str().unwrap();
            BigNum::from_slice(&decode(text)).unwrap()
        };
        let [n, e, d, p, q, dp, dq, qi] = ["n", "e", "d", "p", "q", "dp", "dq", "qi"].map(number);
        Rsa::from_private_components(n, e, d, p, q, dp, dq, qi).unwrap()
    }
}

/// A token of any text under any signature.
pub(crate) fn sealed(
    header: impl AsRef<[u8]>,
    claims: impl AsRef<[u8]>,
    sign: impl FnOnce(&[u8]) -> Vec<u8>,
) -> String {
    let input = format!("{}.{}", encode(header), encode(claims));
    let signature = sign(input.as_bytes());
    format!("{input}.{}", encode(signature))
}

/// As a stranger signs who knows the `secret`, or takes something public for one.
pub(crate) fn hmac(secret: &[u8], message: &[u8]) -> Vec<u8> {
    let signer = HS256.signer_from_bytes(secret).unwrap();
    signer.sign(message).unwrap()
}

pub(crate) fn good_claims() -> Value {
    let now = NOW.as_secs();
    json!({
        "iat": now - 60,
        "name": "Alice Example",
        "email": "alice@example.com",
        "uuid": USER,
        "sub": "Jszgmg3fcdHl5vT8acWgkC13CzDGZgKl",
        "exp": now + 840,
        "iss": ISSUER,
        "aud": AUDIENCE,
    })
}

/// `object` with these members set; those set to [`ABSENT`] taken away.
pub(crate) fn with(mut object: Value, members: &Value) -> Value {
    let map = object.as_object_mut().unwrap();
    for (name, value) in members.as_object().unwrap() {
        match value == ABSENT {
            true => map.remove(name),
            false => map.insert(name.clone(), value.clone()),
        };
    }
    object
}

pub(crate) const ABSENT: &str = "(absent)";

pub(crate) fn encode(bytes: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

pub(crate) fn decode(text: &str) -> Vec<u8> {
    URL_SAFE_NO_PAD.decode(text).unwrap()
}

pub(crate) fn ring<'a>(keys: impl IntoIterator<Item = &'a Key>) -> KeyRing {
    let jwks: Vec<&Value> = keys.into_iter().map(|key| &key.jwk).collect();
    KeyRing::parse(json!({ "keys": jwks }).to_string().as_bytes()).unwrap()
}

pub(crate) fn policy() -> Policy {
    Policy::new(ISSUER, AUDIENCE).unwrap()
}

pub(crate) fn verify_with(policy: Policy, ring: &KeyRing, token: &str) -> Result<Identity, Denied> {
    Verifier::new(policy).verify(&UntrustedToken::parse(token)?, ring, NOW)
}

/// The code of the refusal, `admitted` when there is none. Whatever the refusal says, in any of its
/// texts, must be short and must not repeat what the token carries.
pub(crate) fn code(ring: &KeyRing, token: &str) -> &'static str {
    code_with(policy(), ring, token)
}

pub(crate) fn code_with(policy: Policy, ring: &KeyRing, token: &str) -> &'static str {
    let Err(denied) = verify_with(policy, ring, token) else {
        return "admitted";
    };
    let said = format!("{denied} {denied:?} {}", denied.hint());
    assert!(said.len() < 2000, "too long: {said}");
    assert!(
        said.is_ascii() && !said.contains(['\n', '\r', '\0']),
        "not escaped: {said}"
    );
    for secret in ["Alice", "alice@", "Jszgmg", "040a5b41"] {
        assert!(!said.contains(secret), "says {secret}: {said}");
    }
    for part in token.split('.').filter(|part| part.len() > 20) {
        assert!(!said.contains(part), "repeats the token: {said}");
    }
    denied.code()
}
