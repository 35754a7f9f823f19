//! RSA signatures, whose paddings have been forged wherever a verifier read only some of them.

use auth_core::Algorithm;
use openssl::bn::BigNum;
use openssl::hash::{MessageDigest, hash};
use openssl::pkey::PKey;
use openssl::rsa::Padding;
use openssl::sign::{RsaPssSaltlen, Signer};
use serde_json::json;

use crate::forge::{Key, code, decode, good_claims, lasting, ring, sealed};

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

/// `00 01 ff .. ff 00 content`, as long as a modulus of 2048 bits.
fn block(content: &[u8]) -> Vec<u8> {
    let padding = vec![0xff; 256 - 3 - content.len()];
    [&[0, 1], &*padding, &[0], content].concat()
}

fn modulus(key: &Key) -> Vec<u8> {
    decode(key.jwk["n"].as_str().unwrap())
}
