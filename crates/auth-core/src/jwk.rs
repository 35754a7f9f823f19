//! One member of a JWKS, judged: a public key for exactly one algorithm, or the reason why not.

use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use curve25519_dalek::edwards::CompressedEdwardsY;
use serde::Deserialize;
use serde_json::Value;

use crate::Algorithm;
use crate::excerpt::Excerpt;
use crate::json::{self, Member};
use crate::token::{ED25519, is_key_id};

/// A public key that may verify tokens, bound to its id and to one algorithm.
pub(crate) struct PublicKey {
    pub(crate) key_id: String,
    pub(crate) algorithm: Algorithm,
    pub(crate) material: Material,
}

/// The numbers of a key, big-endian and without padding (RFC 7518 §6, RFC 8037 §2).
#[derive(PartialEq, Eq)]
pub(crate) enum Material {
    Ed25519 {
        x: [u8; 32],
    },
    Ec {
        crv: &'static str,
        x: Vec<u8>,
        y: Vec<u8>,
    },
    Rsa {
        n: Vec<u8>,
        e: Vec<u8>,
    },
}

impl Material {
    /// The uncompressed point of an elliptic-curve key (SEC 1 §2.3.3).
    pub(crate) fn ec_point(&self) -> Vec<u8> {
        match self {
            Self::Ec { x, y, .. } => [&[4], &**x, &**y].concat(),
            Self::Ed25519 { .. } | Self::Rsa { .. } => Vec::new(),
        }
    }
}

/// A member of a JWKS that is not used, and why. The rest of the set is not affected.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct SkippedKey {
    /// Its place in the set, from 0.
    pub index: usize,
    /// Its `kid`, when it has one.
    pub key_id: Option<Excerpt>,
    /// Why it is not used.
    pub reason: SkipReason,
}

impl fmt::Display for SkippedKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { index, reason, .. } = self;
        match &self.key_id {
            Some(key_id) => write!(f, "key {key_id} at {index}: {reason}"),
            None => write!(f, "key at {index}: {reason}"),
        }
    }
}

/// Why a member of a JWKS is not used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SkipReason {
    /// Not a JSON object with unique names.
    #[error("{0}")]
    Malformed(&'static str),
    /// A kind of key that signs none of the five algorithms: post-quantum, symmetric, ...
    #[error("key type {0} is not supported")]
    KeyType(Excerpt),
    /// It has private or symmetric members. Whoever published them has leaked the key.
    #[error("it carries private key material in member {0}")]
    Private(&'static str),
    /// `use` or `key_ops` says that it is for something else (RFC 7517 §4.2, §4.3).
    #[error("it is not meant for verifying signatures")]
    Purpose,
    /// No token could name it: its `kid` is missing or not one.
    #[error("its key id is missing, too long, or has characters no key id has")]
    KeyId,
    /// A curve that belongs to none of the five algorithms.
    #[error("curve {0} is not supported")]
    Curve(Excerpt),
    /// Its `alg` is none of the five.
    #[error("algorithm {0} is not supported")]
    Algorithm(Excerpt),
    /// Its `alg` belongs to another kind of key.
    #[error("algorithm {0} contradicts the key's type or curve")]
    Contradiction(Algorithm),
    /// An RSA key that does not say which RSA algorithm it is for.
    #[error("it is an rsa key without alg, which could mean several algorithms")]
    NoAlgorithm,
    /// A number of the key is missing, not base64url, or has the wrong length.
    #[error("member {0} is missing or not a number of the right length")]
    Number(&'static str),
    /// An RSA modulus outside [2048, 8192] bits, or even.
    #[error("its modulus is even or not between 2048 and 8192 bits long")]
    Modulus,
    /// An RSA exponent that is even, below 65537, or longer than 32 bits (FIPS 186-5 §5.4).
    #[error("its exponent is even, below 65537 or longer than 32 bits")]
    Exponent,
    /// The modulus bears the mark of a generator whose keys can be factored (ROCA, CVE-2017-15361).
    #[error("its modulus was made by a flawed generator and can be factored (roca)")]
    Roca,
    /// The numbers are no point of the curve, or not in their only encoding.
    #[error("it is not a point of its curve")]
    Point,
    /// An Ed25519 point of small order: it accepts forged signatures.
    #[error("it is a point of small order")]
    SmallOrder,
    /// The cryptographic library does not take the key, although its numbers look right.
    #[error("the cryptographic library does not take it")]
    Rejected,
    /// Another key of the set has the same id and the same algorithm.
    #[error("another key has the same id and algorithm")]
    Ambiguous,
    /// The set has more than [`MAX_KEYS`](crate::MAX_KEYS) members. Stands once for all of those
    /// at its beginning that are not looked at.
    #[error("the set has too many keys, so that its first {ignored} are ignored")]
    TooMany {
        /// How many.
        ignored: usize,
    },
}

/// Judges one member. An error comes with the member's `kid`, when there is one to tell.
pub(crate) fn judge(jwk: &[u8]) -> Result<PublicKey, (Option<Excerpt>, SkipReason)> {
    let jwk: Jwk = json::object(jwk).map_err(|fault| (None, SkipReason::Malformed(fault.why())))?;
    let key_id = jwk.kid.as_str().map(Excerpt::of);
    jwk.into_key().map_err(|reason| (key_id, reason))
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Jwk {
    kty: Member,
    crv: Member,
    alg: Member,
    kid: Member,
    #[serde(rename = "use")]
    usage: Member,
    key_ops: Member,
    x: Member,
    y: Member,
    n: Member,
    e: Member,
    d: Member,
    p: Member,
    q: Member,
    dp: Member,
    dq: Member,
    qi: Member,
    oth: Member,
    k: Member,
    #[serde(rename = "priv")]
    private: Member,
}

impl Jwk {
    fn into_key(self) -> Result<PublicKey, SkipReason> {
        // First of all: whoever published private members must hear of that.
        self.refuse_private_members()?;
        let algorithm = self.algorithm()?;
        self.refuse_other_purposes()?;
        let key_id = self.kid.as_str().filter(|id| is_key_id(id));
        let key_id = key_id.ok_or(SkipReason::KeyId)?.to_owned();
        let material = match algorithm {
            Algorithm::EdDsa => ed25519(&self.x)?,
            Algorithm::Es256 => Material::Ec {
                crv: "P-256",
                x: coordinate("x", &self.x, 32)?,
                y: coordinate("y", &self.y, 32)?,
            },
            Algorithm::Es512 => Material::Ec {
                crv: "P-521",
                x: coordinate("x", &self.x, 66)?,
                y: coordinate("y", &self.y, 66)?,
            },
            Algorithm::Rs256 | Algorithm::Ps256 => rsa(&self.n, &self.e)?,
        };
        Ok(PublicKey {
            key_id,
            algorithm,
            material,
        })
    }

    fn refuse_private_members(&self) -> Result<(), SkipReason> {
        let private = [
            ("d", &self.d),
            ("p", &self.p),
            ("q", &self.q),
            ("dp", &self.dp),
            ("dq", &self.dq),
            ("qi", &self.qi),
            ("oth", &self.oth),
            ("k", &self.k),
            ("priv", &self.private),
        ];
        match private.into_iter().find(|(_, member)| member.is_present()) {
            Some((name, _)) => Err(SkipReason::Private(name)),
            None => Ok(()),
        }
    }

    fn refuse_other_purposes(&self) -> Result<(), SkipReason> {
        let usage_fits = !self.usage.is_present() || self.usage.as_str() == Some("sig");
        let operations_fit = match &self.key_ops {
            Member::Absent => true,
            Member::Is(Value::Array(operations)) => {
                operations.iter().all(Value::is_string)
                    && operations.iter().any(|operation| operation == "verify")
            }
            Member::Is(_) => false,
        };
        match usage_fits && operations_fit {
            true => Ok(()),
            false => Err(SkipReason::Purpose),
        }
    }

    /// The one algorithm of the key. `kty` and `crv` decide; `alg` may only agree with them, and
    /// must choose between the two that an RSA key could do: a key that leaves the choice to the
    /// token's header is what algorithm confusion is made of (RFC 8725 §3.1).
    fn algorithm(&self) -> Result<Algorithm, SkipReason> {
        let possible: &[Algorithm] = match (self.kty.as_str(), self.crv.as_str()) {
            (Some("OKP"), Some("Ed25519")) => &[Algorithm::EdDsa],
            (Some("EC"), Some("P-256")) => &[Algorithm::Es256],
            (Some("EC"), Some("P-521")) => &[Algorithm::Es512],
            (Some("RSA"), None) if !self.crv.is_present() => &[Algorithm::Rs256, Algorithm::Ps256],
            (Some("OKP" | "EC" | "RSA"), _) => return Err(SkipReason::Curve(self.crv.excerpt())),
            _ => return Err(SkipReason::KeyType(self.kty.excerpt())),
        };
        let named = match &self.alg {
            Member::Absent => None,
            alg => {
                let known = alg.as_str().and_then(|name| match name {
                    ED25519 => Some(Algorithm::EdDsa),
                    name => name.parse::<Algorithm>().ok(),
                });
                Some(known.ok_or_else(|| SkipReason::Algorithm(alg.excerpt()))?)
            }
        };
        match (named, possible) {
            (Some(named), _) if possible.contains(&named) => Ok(named),
            (Some(named), _) => Err(SkipReason::Contradiction(named)),
            (None, [only]) => Ok(*only),
            (None, _) => Err(SkipReason::NoAlgorithm),
        }
    }
}

/// A coordinate of exactly `len` bytes, leading zeros included (RFC 7518 §6.2.1.2).
fn coordinate(name: &'static str, member: &Member, len: usize) -> Result<Vec<u8>, SkipReason> {
    let bytes = number(name, member)?;
    match bytes.len() == len {
        true => Ok(bytes),
        false => Err(SkipReason::Number(name)),
    }
}

/// Libraries take most 32 bytes for an Ed25519 key. Under the neutral element, for one, the same
/// signature fits every message, so points of small order are refused here, and so are second
/// encodings of a point (RFC 8032 §5.1.3).
fn ed25519(x: &Member) -> Result<Material, SkipReason> {
    let x: [u8; 32] = number("x", x)?
        .try_into()
        .map_err(|_| SkipReason::Number("x"))?;
    let encoded = CompressedEdwardsY(x);
    let point = encoded.decompress().ok_or(SkipReason::Point)?;
    if point.compress() != encoded {
        return Err(SkipReason::Point);
    }
    if point.is_small_order() {
        return Err(SkipReason::SmallOrder);
    }
    Ok(Material::Ed25519 { x })
}

fn rsa(n: &Member, e: &Member) -> Result<Material, SkipReason> {
    let (modulus, exponent) = (number("n", n)?, number("e", e)?);
    // A leading zero is not minimal (RFC 7518 §2), and would pass a short modulus off as long.
    let bits = match modulus.first() {
        Some(&first @ 1..) => modulus.len() * 8 - first.leading_zeros() as usize,
        _ => return Err(SkipReason::Number("n")),
    };
    let is_odd = |number: &[u8]| number.last().is_some_and(|byte| byte % 2 == 1);
    if !is_odd(&modulus) || !(2048..=8192).contains(&bits) {
        return Err(SkipReason::Modulus);
    }
    // Three or four bytes and odd: the first such number is 65537.
    let three_or_four = matches!(*exponent, [first, _, _] | [first, _, _, _] if first != 0);
    if !is_odd(&exponent) || !three_or_four {
        return Err(SkipReason::Exponent);
    }
    if has_roca_mark(&modulus) {
        return Err(SkipReason::Roca);
    }
    Ok(Material::Rsa {
        n: modulus,
        e: exponent,
    })
}

/// The flawed generator's primes are powers of 65537 modulo the product of all small primes, and so
/// are the moduli made of them. Of other moduli, one in a billion looks like that.
fn has_roca_mark(modulus: &[u8]) -> bool {
    const SMALL_PRIMES: [u32; 38] = [
        3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41, 43, 47, 53, 59, 61, 67, 71, 73, 79, 83, 89,
        97, 101, 103, 107, 109, 113, 127, 131, 137, 139, 149, 151, 157, 163, 167,
    ];
    SMALL_PRIMES.iter().all(|prime| {
        let digit = |rest: u32, byte: &u8| (rest * 256 + u32::from(*byte)) % prime;
        let rest = modulus.iter().fold(0, digit);
        let powers = std::iter::successors(Some(1), |power| Some(power * 65537 % prime));
        powers.take(*prime as usize).any(|power| power == rest)
    })
}

/// A big-endian number.
fn number(name: &'static str, member: &Member) -> Result<Vec<u8>, SkipReason> {
    let bytes = member.as_str().map(|text| URL_SAFE_NO_PAD.decode(text));
    match bytes {
        Some(Ok(bytes)) => Ok(bytes),
        _ => Err(SkipReason::Number(name)),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn rsa_key(modulus: &[u8]) -> Option<SkipReason> {
        let jwk = json!({
            "kty": "RSA", "alg": "RS256", "kid": "key-1", "e": "AQAB",
            "n": URL_SAFE_NO_PAD.encode(modulus),
        });
        judge(jwk.to_string().as_bytes())
            .err()
            .map(|(_, reason)| reason)
    }

    /// 65537 to the power of 128: a power of it modulo every prime, and 2049 bits long.
    fn marked() -> Vec<u8> {
        let mut number = vec![1_u8];
        for _ in 0..128 {
            // Times 65536 is two more bytes; and once again the number itself.
            let mut product = [&*number, &[0, 0]].concat();
            let mut carry = 0;
            for (i, place) in (0..product.len()).rev().enumerate() {
                let add = number.iter().rev().nth(i).copied().unwrap_or(0);
                let sum = u16::from(product[place]) + u16::from(add) + carry;
                product[place] = sum as u8;
                carry = sum >> 8;
            }
            number = product;
        }
        number
    }

    #[test]
    fn a_modulus_with_the_mark_of_the_roca_generator_is_refused() {
        let marked = marked();
        assert_eq!(rsa_key(&marked), Some(SkipReason::Roca));
        // Two more is as odd and as long, and no power of 65537 any more.
        let mut unmarked = marked;
        *unmarked.last_mut().unwrap() += 2;
        assert_eq!(rsa_key(&unmarked), None);
    }
}
