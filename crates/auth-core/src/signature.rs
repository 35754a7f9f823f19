//! Verifying signatures: each algorithm by the fastest sound library that does it.

use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED, ECDSA_P521_SHA512_FIXED, ParsedPublicKey, RSA_PKCS1_2048_8192_SHA256,
    RSA_PSS_2048_8192_SHA256, RsaPublicKeyComponents,
};
use ed25519_dalek::{Signature, Verifier, VerifyingKey};

use crate::Algorithm;
use crate::jwk::Material;

/// A public key, made ready once and used for every token after that.
///
/// Ed25519 goes through dalek, whose AVX-512 code is the fastest there is; the rest through AWS-LC.
/// Neither allocates or logs anything about a signature that does not match.
#[derive(Debug, Clone)]
pub(crate) enum SignatureKey {
    Ed25519(Box<VerifyingKey>),
    AwsLc(ParsedPublicKey),
}

/// The library does not take the numbers for a key.
#[derive(Debug)]
pub(crate) struct KeyRefused;

impl SignatureKey {
    pub(crate) fn new(material: &Material, algorithm: Algorithm) -> Result<Self, KeyRefused> {
        match (algorithm, material) {
            (Algorithm::EdDsa, Material::Ed25519 { x }) => match VerifyingKey::from_bytes(x) {
                Ok(key) => Ok(Self::Ed25519(Box::new(key))),
                Err(_) => Err(KeyRefused),
            },
            (Algorithm::Es256, Material::Ec { .. }) => aws_lc(ParsedPublicKey::new(
                &ECDSA_P256_SHA256_FIXED,
                material.ec_point(),
            )),
            (Algorithm::Es512, Material::Ec { .. }) => aws_lc(ParsedPublicKey::new(
                &ECDSA_P521_SHA512_FIXED,
                material.ec_point(),
            )),
            (Algorithm::Rs256, Material::Rsa { n, e }) => aws_lc(
                RsaPublicKeyComponents { n, e }.to_parsed_public_key(&RSA_PKCS1_2048_8192_SHA256),
            ),
            (Algorithm::Ps256, Material::Rsa { n, e }) => aws_lc(
                RsaPublicKeyComponents { n, e }.to_parsed_public_key(&RSA_PSS_2048_8192_SHA256),
            ),
            _ => Err(KeyRefused),
        }
    }

    /// Whether `signature`, in the form that RFC 7518 §3 and RFC 8037 §3.1 give it, is this key's
    /// over `message`.
    pub(crate) fn verify(&self, message: &[u8], signature: &[u8]) -> bool {
        match self {
            // Not `verify_strict`, which looks for small-order points each time: keys of that kind
            // are refused when they are loaded. What both require is the one canonical encoding of
            // R and S, so that no second signature can be made from a first.
            Self::Ed25519(key) => Signature::from_slice(signature)
                .is_ok_and(|signature| key.verify(message, &signature).is_ok()),
            Self::AwsLc(key) => key.verify_sig(message, signature).is_ok(),
        }
    }
}

fn aws_lc<E>(key: Result<ParsedPublicKey, E>) -> Result<SignatureKey, KeyRefused> {
    key.map(SignatureKey::AwsLc).map_err(|_| KeyRefused)
}

#[cfg(test)]
mod wycheproof;
