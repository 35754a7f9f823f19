use std::collections::BTreeMap;
use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use josekit::jwk::Jwk;
use josekit::jws::{ES256, ES512, EdDSA, PS256, RS256};
use josekit::{JoseError, Value};
use serde::Deserialize;
use serde_json::value::RawValue;

use crate::excerpt::Excerpt;
use crate::jwk::{self, Material, PublicKey, SkipReason, SkippedKey};
use crate::signature::SignatureKey;
use crate::{Algorithm, Denied, UntrustedToken};

/// The largest key set that is read, in bytes: some two hundred keys.
pub const MAX_KEY_SET_BYTES: usize = 64 * 1024;

/// How many members of a key set are used. Of a longer set, the last ones: Better Auth lists its
/// keys in the order of their making, and signs with the newest.
pub const MAX_KEYS: usize = 64;

/// The public keys of one issuer at one moment: a parsed JWKS (RFC 7517 §5), ready to verify.
///
/// Immutable, so that it can be shared while its successor is fetched. Each key is bound to one
/// id and one algorithm when the set is parsed, and made ready to verify then, once. Keys of two
/// issuers belong into two rings: an id means something within one issuer only.
///
/// ```
/// use auth_core::KeyRing;
///
/// let ring = KeyRing::parse(br#"{"keys":[
///     {"kty":"OKP","crv":"Ed25519","alg":"EdDSA","kid":"ZtH0QTEVhzLaDkkHg2qysy3rJgRFr0QZ",
///      "x":"-_k9w1v5EQRoTlEdY2plxHB_pHBneIOg936ACmMjUdw"},
///     {"kty":"AKP","alg":"ML-DSA-44","kid":"post-quantum","pub":"AA"}
/// ]}"#)?;
/// assert!(ring.contains("ZtH0QTEVhzLaDkkHg2qysy3rJgRFr0QZ"));
/// assert_eq!(
///     ring.skipped()[0].to_string(),
///     r#"key "post-quantum" at 1: key type "AKP" is not supported"#
/// );
/// # Ok::<(), auth_core::KeySetError>(())
/// ```
pub struct KeyRing {
    /// Sorted by id, then algorithm; no such pair stands twice.
    keys: Vec<VerifyingKey>,
    skipped: Vec<SkippedKey>,
}

impl KeyRing {
    /// Reads a JWKS. Members that cannot be used are skipped one by one and listed in
    /// [`skipped`](Self::skipped): an unknown kind of key must not take the others down.
    ///
    /// # Errors
    /// [`KeySetError`] when it is no JWKS, or when not one of its keys can be used. Whoever holds
    /// an older ring should then keep it.
    pub fn parse(jwks: &[u8]) -> Result<Self, KeySetError> {
        #[derive(Deserialize)]
        struct KeySet<'a> {
            #[serde(borrow)]
            keys: Vec<&'a RawValue>,
        }

        if jwks.len() > MAX_KEY_SET_BYTES {
            return Err(KeySetError::TooLarge { size: jwks.len() });
        }
        // The parser's own message may quote the input; a derived struct would also read an array.
        let is_object = jwks.trim_ascii_start().starts_with(b"{");
        let set: KeySet<'_> = match serde_json::from_slice(jwks) {
            Ok(set) if is_object => set,
            _ => return Err(KeySetError::Malformed),
        };

        let mut named: BTreeMap<(String, Algorithm), Vec<Member>> = BTreeMap::new();
        let mut skipped = Vec::new();
        let too_many = set.keys.len().saturating_sub(MAX_KEYS);
        if too_many > 0 {
            // One entry for all of them: there may be thousands.
            skipped.push(SkippedKey {
                index: 0,
                key_id: None,
                reason: SkipReason::TooMany { ignored: too_many },
            });
        }
        for (index, member) in set.keys.into_iter().enumerate().skip(too_many) {
            let built = jwk::judge(member.get().as_bytes()).and_then(|key| match admit(&key) {
                Ok(signature) => Ok((
                    (key.key_id, key.algorithm),
                    Member {
                        index,
                        signature,
                        material: key.material,
                    },
                )),
                Err(reason) => Err((Some(Excerpt::of(&key.key_id)), reason)),
            });
            match built {
                Ok((name, member)) => named.entry(name).or_default().push(member),
                Err((key_id, reason)) => skipped.push(SkippedKey {
                    index,
                    key_id,
                    reason,
                }),
            }
        }

        let mut keys = Vec::with_capacity(named.len());
        for ((key_id, algorithm), mut members) in named {
            match (members.pop(), &*members) {
                (Some(only), []) => {
                    keys.push(VerifyingKey {
                        key_id,
                        algorithm,
                        signature: only.signature,
                        material: only.material,
                    });
                }
                // Which one a token means would depend on the order of the set: none is used.
                (last, others) => {
                    let indexes = others.iter().chain(&last).map(|member| member.index);
                    skipped.extend(indexes.map(|index| SkippedKey {
                        index,
                        key_id: Some(Excerpt::of(&key_id)),
                        reason: SkipReason::Ambiguous,
                    }));
                }
            }
        }
        skipped.sort_by_key(|key| key.index);
        match keys.is_empty() {
            true => Err(KeySetError::NoUsableKey { skipped }),
            false => Ok(Self { keys, skipped }),
        }
    }

    /// How many keys can be used. A key id with two algorithms counts twice.
    #[expect(
        clippy::len_without_is_empty,
        reason = "a ring without a key cannot be made"
    )]
    pub fn len(&self) -> usize {
        self.keys.len()
    }

    /// The ids of the keys that can be used, sorted.
    pub fn key_ids(&self) -> impl Iterator<Item = &str> {
        let ids = self.keys.iter().map(|key| &*key.key_id);
        ids.enumerate()
            .filter(|&(i, id)| i == 0 || self.keys[i - 1].key_id != id)
            .map(|(_, id)| id)
    }

    /// The keys that can be used, each with the one algorithm that it is for: sorted by id.
    pub fn keys(&self) -> impl Iterator<Item = (&str, Algorithm)> {
        self.keys.iter().map(|key| (&*key.key_id, key.algorithm))
    }

    /// Whether a key of this id can be used, for whatever algorithm. When not, a newer set may
    /// have it.
    pub fn contains(&self, key_id: &str) -> bool {
        self.keys.iter().any(|key| key.key_id == key_id)
    }

    /// Whether every key of `previous` is here as well: under the same id, for the same algorithm,
    /// with the same numbers. When not, something that was verified with `previous` may not be
    /// good any more.
    pub fn keeps_all_of(&self, previous: &Self) -> bool {
        previous.keys.iter().all(|key| {
            let same = self.find(&key.key_id, key.algorithm);
            same.is_some_and(|same| same.material == key.material)
        })
    }

    /// The ids that meant another key in `previous`: an issuer that gives an id to a second key
    /// breaks RFC 7517 §4.5, or somebody else has put a key in its place.
    pub fn reused_ids(&self, previous: &Self) -> Vec<&str> {
        let is_kept = |key: &VerifyingKey| {
            let before = previous.find(&key.key_id, key.algorithm);
            before.is_some_and(|before| before.material == key.material)
        };
        self.key_ids()
            .filter(|id| previous.contains(id))
            .filter(|id| {
                !self
                    .keys
                    .iter()
                    .any(|key| key.key_id == *id && is_kept(key))
            })
            .collect()
    }

    /// The members of the set that are not used, in the order of the set.
    pub fn skipped(&self) -> &[SkippedKey] {
        &self.skipped
    }

    /// The one key that has the token's key id *and* algorithm. A token without a key id (if the policy takes one) means the
    /// only key there is.
    pub(crate) fn key_of(&self, token: &UntrustedToken<'_>) -> Result<&VerifyingKey, Denied> {
        let found = match (token.key_id(), &*self.keys) {
            (Some(key_id), _) => self.find(key_id, token.algorithm()),
            (None, [only]) => Some(only).filter(|only| only.algorithm == token.algorithm()),
            (None, _) => return Err(Denied::KeyIdMissing),
        };
        found.ok_or_else(|| self.why_not_found(token))
    }

    fn find(&self, key_id: &str, algorithm: Algorithm) -> Option<&VerifyingKey> {
        let wanted = (key_id, algorithm);
        let found = self
            .keys
            .binary_search_by(|key| (&*key.key_id, key.algorithm).cmp(&wanted));
        found.ok().map(|index| &self.keys[index])
    }

    fn why_not_found(&self, token: &UntrustedToken<'_>) -> Denied {
        let means = |key: &&VerifyingKey| token.key_id().is_none_or(|id| id == key.key_id);
        let algorithms: Vec<&str> = (self.keys.iter().filter(means))
            .map(|key| key.algorithm.name())
            .collect();
        match algorithms.is_empty() {
            true => Denied::KeyUnknown {
                key_id: Excerpt::of(token.key_id().unwrap_or_default()),
            },
            false => Denied::AlgorithmNotAllowed {
                seen: Excerpt::of(token.algorithm().name()),
                expected: Excerpt::of_each(algorithms),
            },
        }
    }
}

impl fmt::Debug for KeyRing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let keys = self.keys.iter().map(|key| (&key.key_id, key.algorithm));
        f.debug_struct("KeyRing")
            .field("keys", &keys.collect::<Vec<_>>())
            .field("skipped", &self.skipped)
            .finish()
    }
}

/// A document that is no usable key set.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum KeySetError {
    /// Longer than [`MAX_KEY_SET_BYTES`]; nothing of it was read.
    #[error("key set has {size} bytes, more than {MAX_KEY_SET_BYTES}")]
    TooLarge {
        /// Its length in bytes.
        size: usize,
    },
    /// Not a JSON object with an array `keys`.
    #[error("key set is not a json object with one array of keys")]
    Malformed,
    /// A key set, but with no key that can be used. Better Auth publishes an empty one when all of
    /// its keys are past their grace period and nobody has asked for a token since.
    #[error("key set has no usable key{}", first_of(skipped))]
    NoUsableKey {
        /// Why each member is not used.
        skipped: Vec<SkippedKey>,
    },
}

/// The payload of a token whose signature has been verified. Only this file makes one.
pub(crate) struct SignedPayload<'t>(&'t [u8]);

impl<'t> SignedPayload<'t> {
    pub(crate) fn bytes(&self) -> &'t [u8] {
        self.0
    }
}

pub(crate) struct VerifyingKey {
    key_id: String,
    algorithm: Algorithm,
    signature: SignatureKey,
    /// What the key is made of, to know it again in the next set.
    material: Material,
}

impl VerifyingKey {
    /// Judges the signature of a token that [means](KeyRing::key_of) this key; the payload comes out as a proof that it was
    /// signed.
    pub(crate) fn open<'t>(
        &self,
        token: &'t UntrustedToken<'_>,
    ) -> Result<SignedPayload<'t>, Denied> {
        match self
            .signature
            .verify(token.signing_input(), token.signature())
        {
            true => Ok(SignedPayload(token.payload())),
            false => Err(Denied::SignatureInvalid {
                key_id: Excerpt::of(&self.key_id),
            }),
        }
    }
}

/// A usable member of a set, while its namesakes are still looked for.
struct Member {
    index: usize,
    signature: SignatureKey,
    material: Material,
}

/// Makes a key ready that was judged. Two libraries that share no code must take it: josekit, which
/// checks it as a JWK for this algorithm, and the one that verifies with it.
fn admit(key: &PublicKey) -> Result<SignatureKey, SkipReason> {
    match (
        josekit_takes(key),
        SignatureKey::new(&key.material, key.algorithm),
    ) {
        (Ok(()), Ok(signature)) => Ok(signature),
        _ => Err(match key.material {
            Material::Ec { .. } => SkipReason::Point,
            Material::Ed25519 { .. } | Material::Rsa { .. } => SkipReason::Rejected,
        }),
    }
}

/// Offers josekit the members that were judged, and no others.
fn josekit_takes(key: &PublicKey) -> Result<(), JoseError> {
    let with =
        |kty: &str, crv: Option<&str>, numbers: &[(&str, &[u8])]| -> Result<Jwk, JoseError> {
            let mut jwk = Jwk::new(kty);
            jwk.set_algorithm(key.algorithm.name());
            if let Some(crv) = crv {
                jwk.set_curve(crv);
            }
            for (name, number) in numbers {
                jwk.set_parameter(name, Some(Value::String(URL_SAFE_NO_PAD.encode(number))))?;
            }
            Ok(jwk)
        };
    let jwk = match &key.material {
        Material::Ed25519 { x } => with("OKP", Some("Ed25519"), &[("x", x)]),
        Material::Ec { crv, x, y } => with("EC", Some(crv), &[("x", x), ("y", y)]),
        Material::Rsa { n, e } => with("RSA", None, &[("n", n), ("e", e)]),
    }?;
    match key.algorithm {
        Algorithm::EdDsa => EdDSA.verifier_from_jwk(&jwk).map(drop),
        Algorithm::Es256 => ES256.verifier_from_jwk(&jwk).map(drop),
        Algorithm::Es512 => ES512.verifier_from_jwk(&jwk).map(drop),
        Algorithm::Rs256 => RS256.verifier_from_jwk(&jwk).map(drop),
        Algorithm::Ps256 => PS256.verifier_from_jwk(&jwk).map(drop),
    }
}

fn first_of(skipped: &[SkippedKey]) -> String {
    match skipped {
        [] => String::new(),
        [only] => format!("; {only}"),
        [first, others @ ..] => format!("; {first}; and {} more", others.len()),
    }
}
