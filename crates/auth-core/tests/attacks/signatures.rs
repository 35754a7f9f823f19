//! Signatures over curves that arithmetic or a parser has once been talked into.
//!
//! Most need a private key, or a bare RSA operation, to be made at all: what is shown is that the
//! verifier checks the whole form and not just enough of it.

use auth_core::Algorithm;
use openssl::bn::BigNum;
use openssl::hash::{MessageDigest, hash};
use openssl::pkey::PKey;

use crate::forge::{code, lasting, ring};

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
