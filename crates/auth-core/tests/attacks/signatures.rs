//! Signatures that arithmetic or a parser has once been talked into, for each algorithm.
//!
//! Most need a private key, or a bare RSA operation, to be made at all: what is shown is that the
//! verifier checks the whole form and not just enough of it.

use auth_core::Algorithm;
use openssl::bn::BigNum;
use openssl::hash::{MessageDigest, hash};
use openssl::pkey::PKey;
use openssl::rsa::Padding;
use openssl::sign::{RsaPssSaltlen, Signer};
use serde_json::json;

use crate::forge::{Key, code, decode, good_claims, lasting, ring, sealed};

/// The order of each curve's group (FIPS 186-5, SP 800-186 §3.2.1).
const ORDER_OF_P256: &str = "ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551";
const ORDER_OF_P521: &str = "01fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffa\
    51868783bf2f966b7fcc0148f709a5d03bb5c9b8899c47aebb6fb71e91386409";

/// CVE-2022-21449: a signature of zeros was good for every key and every message. Its relatives
/// are numbers that are zero once they are taken modulo the order.
#[test]
fn a_psychic_signature_is_refused() {
    for (algorithm, order) in [
        (Algorithm::Es256, ORDER_OF_P256),
        (Algorithm::Es512, ORDER_OF_P521),
    ] {
        let key = lasting(algorithm);
        let ring = ring([key]);
        let order = BigNum::from_hex_str(order).unwrap();
        let len = if algorithm == Algorithm::Es256 {
            32
        } else {
            66
        };
        let padded = |number: &BigNum| number.to_vec_padded(len as i32).unwrap();
        let small = |number: u32| BigNum::from_u32(number).unwrap();
        let mut numbers = vec![vec![0; len], padded(&small(1)), vec![0xff; len]];
        for offset in [0, 1, 2] {
            numbers.push(padded(&(&order + &small(offset))));
            numbers.push(padded(&(&order - &small(offset))));
        }
        for r in &numbers {
            for s in &numbers {
                let token = key.token_signed_by(|_| [&**r, s].concat());
                assert_eq!(code(&ring, &token), "signature_invalid", "{r:x?} {s:x?}");
            }
            // One number of a genuine signature does not carry the other.
            for genuine_half in [0, 1] {
                let token = key.token_signed_by(|input| {
                    let mut signature = key.sign(input);
                    let other = (1 - genuine_half) * len;
                    signature[other..other + len].copy_from_slice(r);
                    signature
                });
                assert_eq!(code(&ring, &token), "signature_invalid", "{r:x?}");
            }
        }
    }
}

/// The fields of ES512 have room for a number and the order besides: `r + n` is `r` to a verifier
/// that reduces before it looks.
#[test]
fn ecdsa_numbers_beyond_the_order_are_refused() {
    let key = lasting(Algorithm::Es512);
    let ring = ring([key]);
    let order = BigNum::from_hex_str(ORDER_OF_P521).unwrap();
    let plus_order = |bytes: &[u8]| {
        let sum = &BigNum::from_slice(bytes).unwrap() + &order;
        sum.to_vec_padded(66).unwrap()
    };
    for (raise_r, raise_s) in [(true, false), (false, true), (true, true)] {
        let token = key.token_signed_by(|input| {
            let signature = key.sign(input);
            let (r, s) = signature.split_at(66);
            let r = if raise_r { plus_order(r) } else { r.to_vec() };
            let s = if raise_s { plus_order(s) } else { s.to_vec() };
            [r, s].concat()
        });
        assert_eq!(code(&ring, &token), "signature_invalid");
    }
}

/// `(r, n - s)` is as good a signature as `(r, s)`, and JWS says nothing against it. So one login
/// can come in two texts: whoever bars a token must go by its claims, never by a hash of its text.
#[test]
fn an_ecdsa_signature_has_a_twin_for_the_same_claims() {
    for (algorithm, order) in [
        (Algorithm::Es256, ORDER_OF_P256),
        (Algorithm::Es512, ORDER_OF_P521),
    ] {
        let key = lasting(algorithm);
        let token = key.token_signed_by(|input| {
            let signature = key.sign(input);
            let (r, s) = signature.split_at(signature.len() / 2);
            let order = BigNum::from_hex_str(order).unwrap();
            let twin = &order - &BigNum::from_slice(s).unwrap();
            [r, &*twin.to_vec_padded(s.len() as i32).unwrap()].concat()
        });
        assert_eq!(code(&ring([key]), &token), "admitted", "{algorithm}");
    }
}

/// Ed25519 is stricter: `S + L`, `S + 2L`, ... say the same modulo `L` and are refused (RFC 8032
/// §5.1.7), as is an `R` that is no point, or one in a second spelling.
#[test]
fn an_ed25519_signature_has_one_form() {
    let key = lasting(Algorithm::EdDsa);
    let ring = ring([key]);
    let order = "1000000000000000000000000000000014def9dea2f79cd65812631a5cf5d3ed";
    let order = BigNum::from_hex_str(order).unwrap();
    let little_endian = |mut bytes: Vec<u8>| {
        bytes.reverse();
        bytes
    };
    for times in 1..16_u32 {
        let token = key.token_signed_by(|input| {
            let mut signature = key.sign(input);
            let mut s = BigNum::from_slice(&little_endian(signature[32..].to_vec())).unwrap();
            let mut offset = order.to_owned().unwrap();
            offset.mul_word(times).unwrap();
            s = &s + &offset;
            match s.to_vec_padded(32) {
                Ok(s) => signature[32..].copy_from_slice(&little_endian(s)),
                // Sixteen times the order no longer fits.
                Err(_) => signature[63] = 0xff,
            }
            signature
        });
        assert_eq!(code(&ring, &token), "signature_invalid", "S + {times} L");
    }
    for r in [
        [0; 32],
        [0xff; 32],
        first_byte(1),
        first_byte(2),
        // p and p + 1 spell 0 and 1 once more.
        below_two_to_the_255(0xed),
        below_two_to_the_255(0xee),
    ] {
        for s in [[0; 32], first_byte(1), [0xff; 32]] {
            let token = key.token_signed_by(|_| [r, s].concat());
            assert_eq!(code(&ring, &token), "signature_invalid", "{r:x?}");
        }
        let token = key.token_signed_by(|input| [&r, &key.sign(input)[32..]].concat());
        assert_eq!(code(&ring, &token), "signature_invalid", "{r:x?}");
    }
}

/// RFC 7518 §3.5: the salt is as long as the hash, and the mask is made with the same hash.
#[test]
fn a_pss_signature_with_another_salt_length_or_hash_is_refused() {
    let key = lasting(Algorithm::Ps256);
    let ring = ring([key]);
    let private = PKey::from_rsa(key.rsa()).unwrap();
    let pss = |salt: i32, digest: MessageDigest, mask: MessageDigest| {
        key.token_signed_by(|input| {
            let mut signer = Signer::new(digest, &private).unwrap();
            signer.set_rsa_padding(Padding::PKCS1_PSS).unwrap();
            signer
                .set_rsa_pss_saltlen(RsaPssSaltlen::custom(salt))
                .unwrap();
            signer.set_rsa_mgf1_md(mask).unwrap();
            signer.sign_oneshot_to_vec(input).unwrap()
        })
    };
    let sha256 = MessageDigest::sha256;
    assert_eq!(code(&ring, &pss(32, sha256(), sha256())), "admitted");
    for salt in [0, 1, 20, 31, 33, 48, 64, 222] {
        let token = pss(salt, sha256(), sha256());
        assert_eq!(code(&ring, &token), "signature_invalid", "salt of {salt}");
    }
    for (digest, mask) in [
        (sha256(), MessageDigest::sha1()),
        (sha256(), MessageDigest::sha512()),
        (MessageDigest::sha1(), sha256()),
        (MessageDigest::sha384(), sha256()),
        (MessageDigest::sha384(), MessageDigest::sha384()),
        (MessageDigest::sha512(), MessageDigest::sha512()),
    ] {
        let token = pss(32, digest, mask);
        assert_eq!(code(&ring, &token), "signature_invalid");
    }
}

/// One pair of numbers, published once for each padding: neither takes the other's signatures,
/// whatever the token calls itself.
#[test]
fn pkcs1_and_pss_signatures_of_one_rsa_key_are_not_exchanged() {
    let key = lasting(Algorithm::Ps256);
    let pkcs1 = |input: &[u8]| {
        let private = PKey::from_rsa(key.rsa()).unwrap();
        let mut signer = Signer::new(MessageDigest::sha256(), &private).unwrap();
        signer.sign_oneshot_to_vec(input).unwrap()
    };
    let for_pss = ring([key]);
    let mut relabelled = key.clone();
    relabelled.jwk["alg"] = json!("RS256");
    let for_pkcs1 = ring([&relabelled]);

    let token = |alg: &str, sign: &dyn Fn(&[u8]) -> Vec<u8>| {
        let header = json!({ "alg": alg, "kid": key.kid }).to_string();
        sealed(header, good_claims().to_string(), sign)
    };
    let pss = |input: &[u8]| key.sign(input);
    for (alg, sign, by_pss_key, by_pkcs1_key) in [
        (
            "PS256",
            &pss as &dyn Fn(&[u8]) -> Vec<u8>,
            "admitted",
            "algorithm_not_allowed",
        ),
        (
            "PS256",
            &pkcs1,
            "signature_invalid",
            "algorithm_not_allowed",
        ),
        ("RS256", &pss, "algorithm_not_allowed", "signature_invalid"),
        ("RS256", &pkcs1, "algorithm_not_allowed", "admitted"),
    ] {
        let token = token(alg, sign);
        assert_eq!(code(&for_pss, &token), by_pss_key, "{alg}");
        assert_eq!(code(&for_pkcs1, &token), by_pkcs1_key, "{alg}");
    }
}

/// RSASSA-PKCS1-v1_5 has exactly one right block for a message (RFC 8017 §8.2.2). Verifiers that
/// parsed it instead of comparing it have been forged since 2006, wherever one byte was not read.
#[test]
fn pkcs1_blocks_that_are_almost_right_are_refused() {
    const OF_SHA256: &[u8] = &[
        0x30, 0x31, 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01,
        0x05, 0x00, 0x04, 0x20,
    ];
    let key = lasting(Algorithm::Rs256);
    let ring = ring([key]);
    let digest = |input: &[u8]| hash(MessageDigest::sha256(), input).unwrap().to_vec();
    let right = |input: &[u8]| block(&[OF_SHA256, &digest(input)].concat());
    let token = |make: &dyn Fn(&[u8]) -> Vec<u8>| {
        key.token_signed_by(|input| {
            let (rsa, block) = (key.rsa(), make(input));
            let mut signature = vec![0; 256];
            rsa.private_encrypt(&block, &mut signature, Padding::NONE)
                .unwrap();
            signature
        })
    };
    assert_eq!(code(&ring, &token(&right)), "admitted");

    let replaced = |at: usize, byte: u8| {
        move |input: &[u8]| {
            let mut block = right(input);
            assert_ne!(block[at], byte);
            block[at] = byte;
            block
        }
    };
    // Each byte before the digest, one at a time: 00 01, the padding, 00, the digest's description.
    for at in 1..256 - 32 {
        for byte in [0x00, 0x01, 0xfe] {
            let already = right(b"")[at] == byte;
            if !already && (at % 8 == 1 || !(10..200).contains(&at)) {
                let token = token(&replaced(at, byte));
                assert_eq!(code(&ring, &token), "signature_invalid", "{byte:x} at {at}");
            }
        }
    }
    let wrong = |content: &dyn Fn(Vec<u8>) -> Vec<u8>, name: &str| {
        let token = token(&|input| block(&content(digest(input))));
        assert_eq!(code(&ring, &token), "signature_invalid", "{name}");
    };
    let described = |description: &[u8], digest: Vec<u8>| [description, &digest].concat();
    let null_left_out: Vec<u8> =
        [&[0x30, 0x2f, 0x30, 0x0b], &OF_SHA256[4..15], &[4, 0x20]].concat();
    let long_length: Vec<u8> = [&[0x30, 0x81, 0x31], &OF_SHA256[2..]].concat();
    let inner_long: Vec<u8> = [&[0x30, 0x32, 0x30, 0x81, 0x0d], &OF_SHA256[4..]].concat();
    let indefinite: Vec<u8> = [&[0x30, 0x80], &OF_SHA256[2..]].concat();
    let with_parameters: Vec<u8> = [
        &[0x30, 0x35, 0x30, 0x11],
        &OF_SHA256[4..15],
        &[4, 4, 1, 2, 3, 4, 4, 0x20],
    ]
    .concat();
    wrong(&|digest| described(&null_left_out, digest), "no NULL");
    wrong(&|digest| described(&long_length, digest), "long length");
    wrong(
        &|digest| described(&inner_long, digest),
        "long inner length",
    );
    wrong(
        &|digest| described(&indefinite, digest),
        "indefinite length",
    );
    wrong(
        &|digest| described(&with_parameters, digest),
        "room for garbage",
    );
    wrong(&|digest| digest, "no description at all");
    wrong(
        &|digest| described(&OF_SHA256[..17], digest),
        "no length of the digest",
    );
    wrong(
        &|digest| described(OF_SHA256, digest[..31].to_vec()),
        "a short digest",
    );
    wrong(&|_| described(OF_SHA256, vec![0; 32]), "another digest");
    wrong(
        &|digest| [described(OF_SHA256, digest), vec![0; 4]].concat(),
        "a tail",
    );

    // Bleichenbacher's: little padding, and garbage behind, where a cube root is free to choose.
    for padding in [0, 1, 8, 100] {
        let token = token(&|input| {
            let mut block = [&[0, 1], &*vec![0xff; padding], &[0]].concat();
            block.extend(described(OF_SHA256, digest(input)));
            block.resize(256, 0xaa);
            block
        });
        assert_eq!(
            code(&ring, &token),
            "signature_invalid",
            "{padding} of padding"
        );
    }
    // The right block of another hash.
    for (name, other) in [
        ("SHA-1", MessageDigest::sha1()),
        ("SHA-512", MessageDigest::sha512()),
    ] {
        let token = key.token_signed_by(|input| {
            let private = PKey::from_rsa(key.rsa()).unwrap();
            let mut signer = Signer::new(other, &private).unwrap();
            signer.sign_oneshot_to_vec(input).unwrap()
        });
        assert_eq!(code(&ring, &token), "signature_invalid", "{name}");
    }
}

/// An RSA signature is a number below the modulus, in as many bytes as the modulus has.
#[test]
fn rsa_signatures_outside_their_range_are_refused() {
    for algorithm in [Algorithm::Rs256, Algorithm::Ps256] {
        let key = lasting(algorithm);
        let ring = ring([key]);
        let n = BigNum::from_slice(&modulus(key)).unwrap();
        let one = BigNum::from_u32(1).unwrap();
        for (name, signature) in [
            ("zero", vec![0; 256]),
            ("one", one.to_vec_padded(256).unwrap()),
            ("the modulus less one", (&n - &one).to_vec()),
            ("the modulus", n.to_vec()),
            ("the modulus and one", (&n + &one).to_vec()),
            ("nothing but ones", vec![0xff; 256]),
        ] {
            let token = key.token_signed_by(|_| signature.clone());
            assert_eq!(
                code(&ring, &token),
                "signature_invalid",
                "{algorithm} {name}"
            );
        }
        // A genuine one and the modulus besides: mostly it fits into 257 bytes only, so both are
        // tried whenever they can be.
        for len in [256, 257] {
            let token = key.token_signed_by(|input| {
                let raised = &BigNum::from_slice(&key.sign(input)).unwrap() + &n;
                raised
                    .to_vec_padded(len)
                    .unwrap_or_else(|_| raised.to_vec())
            });
            assert_eq!(code(&ring, &token), "signature_invalid", "{algorithm}");
        }
    }
}

/// What a curve's key signed under the other curve's name, or under another hash, is no signature.
#[test]
fn an_ecdsa_signature_over_another_hash_is_refused() {
    for (algorithm, others) in [
        (
            Algorithm::Es256,
            [MessageDigest::sha1(), MessageDigest::sha512()],
        ),
        (
            Algorithm::Es512,
            [MessageDigest::sha256(), MessageDigest::sha384()],
        ),
    ] {
        let key = lasting(algorithm);
        let ring = ring([key]);
        let private = PKey::private_key_from_der(&key.private_der).unwrap();
        for other in others {
            let token = key.token_signed_by(|input| {
                let digest = hash(other, input).unwrap();
                let ec = private.ec_key().unwrap();
                let signature = openssl::ecdsa::EcdsaSig::sign(&digest, &ec).unwrap();
                let len = if algorithm == Algorithm::Es256 {
                    32
                } else {
                    66
                };
                let (r, s) = (signature.r(), signature.s());
                [r.to_vec_padded(len).unwrap(), s.to_vec_padded(len).unwrap()].concat()
            });
            assert_eq!(code(&ring, &token), "signature_invalid", "{algorithm}");
        }
    }
}

/// `00 01 ff .. ff 00 content`, as long as a modulus of 2048 bits.
fn block(content: &[u8]) -> Vec<u8> {
    let padding = vec![0xff; 256 - 3 - content.len()];
    [&[0, 1], &*padding, &[0], content].concat()
}

fn modulus(key: &Key) -> Vec<u8> {
    decode(key.jwk["n"].as_str().unwrap())
}

fn first_byte(byte: u8) -> [u8; 32] {
    let mut bytes = [0; 32];
    bytes[0] = byte;
    bytes
}

/// `2^255 - 256 + low`, in little endian.
fn below_two_to_the_255(low: u8) -> [u8; 32] {
    let mut bytes = [0xff; 32];
    (bytes[0], bytes[31]) = (low, 0x7f);
    bytes
}
