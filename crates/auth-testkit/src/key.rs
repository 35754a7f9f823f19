use std::fmt;

use auth_core::Algorithm;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use josekit::JoseError;
use josekit::jwk::Jwk;
use josekit::jwk::alg::ed::EdCurve;
use josekit::jws::{ES256, ES512, EdDSA, JwsSigner, PS256, RS256};
use serde_json::{Map, Value};

/// A private key made for a test, with its id: what Better Auth keeps in its table `jwks`.
///
/// `Debug` shows the id and the algorithm.
pub struct SigningKey {
    key_id: String,
    algorithm: Algorithm,
    public: Map<String, Value>,
    pem: Vec<u8>,
    signer: Box<dyn JwsSigner>,
}

impl SigningKey {
    /// Makes a key that no other test has. RSA keys (2048 bits) take the longest.
    ///
    /// # Panics
    /// When OpenSSL cannot make one.
    pub fn generate(algorithm: Algorithm, key_id: impl Into<String>) -> Self {
        let (public, pem, signer) =
            generate(algorithm).expect("openssl makes keys of these five kinds");
        Self {
            key_id: key_id.into(),
            algorithm,
            public: public.into(),
            pem,
            signer,
        }
    }

    /// The key's id, `kid`.
    pub fn key_id(&self) -> &str {
        &self.key_id
    }

    /// What it signs with.
    pub fn algorithm(&self) -> Algorithm {
        self.algorithm
    }

    /// The public half as Better Auth publishes it: `alg`, `kty`, `kid` and the key's numbers.
    pub fn public_jwk(&self) -> Value {
        let mut jwk = Map::new();
        jwk.insert("alg".into(), self.algorithm.name().into());
        for member in ["crv", "x", "y", "n", "e", "kty"] {
            if let Some(value) = self.public.get(member) {
                jwk.insert(member.into(), value.clone());
            }
        }
        jwk.insert("kid".into(), self.key_id.clone().into());
        Value::Object(jwk)
    }

    /// The public half in PEM, the spelling that libraries have mistaken for a shared secret.
    pub fn public_pem(&self) -> &[u8] {
        &self.pem
    }

    /// The public half as bare bytes: an Ed25519 key itself, else its first coordinate or modulus.
    pub(crate) fn public_bytes(&self) -> Vec<u8> {
        let number = self.public.get("x").or_else(|| self.public.get("n"));
        let number = number.and_then(Value::as_str).unwrap_or_default();
        URL_SAFE_NO_PAD.decode(number).unwrap_or_default()
    }

    /// Signs any bytes at all; a JWT's are its first two parts with the dot between them.
    ///
    /// # Panics
    /// When OpenSSL cannot sign.
    pub fn sign(&self, message: &[u8]) -> Vec<u8> {
        self.signer
            .sign(message)
            .expect("a fresh key signs any message")
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SigningKey")
            .field("key_id", &self.key_id)
            .field("algorithm", &self.algorithm)
            .finish_non_exhaustive()
    }
}

/// The public key as a JWK and in PEM, and what signs with the private one.
type Generated = (Jwk, Vec<u8>, Box<dyn JwsSigner>);

fn generate(algorithm: Algorithm) -> Result<Generated, JoseError> {
    const RSA_BITS: u32 = 2048;
    Ok(match algorithm {
        Algorithm::EdDsa => {
            let pair = EdDSA.generate_key_pair(EdCurve::Ed25519)?;
            let signer = EdDSA.signer_from_jwk(&pair.to_jwk_private_key())?;
            (
                pair.to_jwk_public_key(),
                pair.to_pem_public_key(),
                Box::new(signer),
            )
        }
        Algorithm::Es256 => {
            let pair = ES256.generate_key_pair()?;
            let signer = ES256.signer_from_jwk(&pair.to_jwk_private_key())?;
            (
                pair.to_jwk_public_key(),
                pair.to_pem_public_key(),
                Box::new(signer),
            )
        }
        Algorithm::Es512 => {
            let pair = ES512.generate_key_pair()?;
            let signer = ES512.signer_from_jwk(&pair.to_jwk_private_key())?;
            (
                pair.to_jwk_public_key(),
                pair.to_pem_public_key(),
                Box::new(signer),
            )
        }
        Algorithm::Rs256 => {
            let pair = RS256.generate_key_pair(RSA_BITS)?;
            let signer = RS256.signer_from_jwk(&pair.to_jwk_private_key())?;
            (
                pair.to_jwk_public_key(),
                pair.to_pem_public_key(),
                Box::new(signer),
            )
        }
        Algorithm::Ps256 => {
            let pair = PS256.generate_key_pair(RSA_BITS)?;
            let signer = PS256.signer_from_jwk(&pair.to_jwk_private_key())?;
            (
                pair.to_jwk_public_key(),
                pair.to_pem_public_key(),
                Box::new(signer),
            )
        }
    })
}
