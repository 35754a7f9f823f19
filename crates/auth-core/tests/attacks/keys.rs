//! Keys that an issuer could publish and that no signature may be judged by.

use auth_core::{Algorithm, MAX_KEY_ID_BYTES, SkipReason};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use josekit::jwk::Jwk;
use josekit::jws::{EdDSA, JwsVerifier};
use serde_json::{Value, json};

use crate::forge::{ABSENT, code, encode, key, with};
use crate::key_sets::{keys_of_each_algorithm, parse, skipped};

#[test]
fn private_and_symmetric_keys_are_never_used() {
    for key in keys_of_each_algorithm() {
        let whole: Value = Value::Object(key.private.into());
        let leaked = with(key.jwk.clone(), &whole);
        assert!(
            matches!(skipped(&leaked), SkipReason::Private(_)),
            "{}",
            key.algorithm
        );
        for member in ["d", "p", "q", "dp", "dq", "qi", "oth", "k", "priv"] {
            for value in [json!("AAAA"), json!(null), json!("")] {
                let leaked = with(key.jwk.clone(), &json!({ member: value }));
                assert_eq!(skipped(&leaked), SkipReason::Private(member));
            }
        }
    }
    let symmetric = json!({ "kty": "oct", "alg": "HS256", "kid": "a", "k": "c2VjcmV0" });
    assert_eq!(skipped(&symmetric), SkipReason::Private("k"));
    let empty = json!({ "kty": "oct", "alg": "HS256", "kid": "a" });
    assert!(matches!(skipped(&empty), SkipReason::KeyType(_)));
}

#[test]
fn keys_for_other_purposes_are_not_used() {
    let key = key(Algorithm::Es256, "key-1");
    for (purpose, fits) in [
        (json!({ "use": "sig" }), true),
        (json!({ "key_ops": ["verify"] }), true),
        (json!({ "key_ops": ["sign", "verify"] }), true),
        (json!({ "use": "sig", "key_ops": ["verify"] }), true),
        (json!({ "use": "enc" }), false),
        (json!({ "use": "SIG" }), false),
        (json!({ "use": "" }), false),
        (json!({ "use": null }), false),
        (json!({ "key_ops": [] }), false),
        (json!({ "key_ops": ["sign"] }), false),
        (json!({ "key_ops": ["deriveKey"] }), false),
        (json!({ "key_ops": "verify" }), false),
        (json!({ "key_ops": ["verify", 1] }), false),
        (json!({ "use": "sig", "key_ops": ["encrypt"] }), false),
        (json!({ "use": "enc", "key_ops": ["verify"] }), false),
    ] {
        let jwk = with(key.jwk.clone(), &purpose);
        match fits {
            true => assert_eq!(parse(&[jwk]).unwrap().len(), 1, "{purpose}"),
            false => assert_eq!(skipped(&jwk), SkipReason::Purpose, "{purpose}"),
        }
    }
}

/// A key without `alg` must not leave the choice to the token's header (CVE-2026-22817).
#[test]
fn a_key_is_bound_to_one_algorithm_when_it_is_loaded() {
    for key in keys_of_each_algorithm() {
        let unnamed = with(key.jwk.clone(), &json!({ "alg": ABSENT }));
        if key.jwk["kty"] == "RSA" {
            assert_eq!(skipped(&unnamed), SkipReason::NoAlgorithm);
        } else {
            let ring = parse(&[unnamed]).unwrap();
            assert_eq!(code(&ring, &key.good_token()), "admitted");
        }
        for other in Algorithm::ALL
            .into_iter()
            .filter(|&other| other != key.algorithm)
        {
            let relabelled = with(key.jwk.clone(), &json!({ "alg": other.name() }));
            let both_rsa = key.jwk["kty"] == "RSA"
                && other.name().ends_with("S256")
                && other != Algorithm::Es256;
            match both_rsa {
                true => assert_eq!(
                    code(&parse(&[relabelled]).unwrap(), &key.good_token()),
                    "algorithm_not_allowed"
                ),
                // Better Auth up to 1.6 labels an old Ed25519 key so after a change of algorithm.
                false => assert_eq!(skipped(&relabelled), SkipReason::Contradiction(other)),
            }
        }
        // RFC 9864's name for what an Ed25519 key does anyway; for others as wrong as EdDSA.
        let renamed = with(key.jwk.clone(), &json!({ "alg": "Ed25519" }));
        match key.algorithm {
            Algorithm::EdDsa => assert_eq!(
                code(&parse(&[renamed]).unwrap(), &key.good_token()),
                "admitted"
            ),
            _ => assert_eq!(
                skipped(&renamed),
                SkipReason::Contradiction(Algorithm::EdDsa)
            ),
        }
        for unknown in ["none", "HS256", "RS384", "eddsa", "Ed448", "ECDH-ES", ""] {
            let relabelled = with(key.jwk.clone(), &json!({ "alg": unknown }));
            assert!(
                matches!(skipped(&relabelled), SkipReason::Algorithm(_)),
                "{unknown}"
            );
        }
    }
    let with_curve = with(key(Algorithm::Rs256, "a").jwk, &json!({ "crv": "P-256" }));
    assert!(matches!(skipped(&with_curve), SkipReason::Curve(_)));
}

#[test]
fn a_key_needs_an_id_that_a_token_can_name() {
    let key = key(Algorithm::EdDsa, "key-1");
    for kid in [
        json!(ABSENT),
        json!(""),
        json!("a b"),
        json!("a\n"),
        json!("\u{e9}"),
        json!("a\""),
    ] {
        assert_eq!(
            skipped(&with(key.jwk.clone(), &json!({ "kid": kid }))),
            SkipReason::KeyId
        );
    }
    let of_length = |len: usize| with(key.jwk.clone(), &json!({ "kid": "k".repeat(len) }));
    assert_eq!(parse(&[of_length(MAX_KEY_ID_BYTES)]).unwrap().len(), 1);
    assert_eq!(skipped(&of_length(MAX_KEY_ID_BYTES + 1)), SkipReason::KeyId);
}

#[test]
fn weak_rsa_keys_are_refused() {
    let good = key(Algorithm::Rs256, "key-1").jwk;
    // Odd numbers of that many bits; whether they are products of primes nobody can see.
    let modulus = |bits: usize| {
        let mut bytes = vec![0xff; bits.div_ceil(8)];
        bytes[0] >>= bits.div_ceil(8) * 8 - bits;
        bytes
    };
    let even = [&modulus(2048)[1..], &[0xfe]].concat();
    for (n, reason) in [
        (modulus(512), Some(SkipReason::Modulus)),
        (modulus(1024), Some(SkipReason::Modulus)),
        (modulus(2047), Some(SkipReason::Modulus)),
        (modulus(2041), Some(SkipReason::Modulus)),
        (modulus(2048), None),
        (modulus(4096), None),
        (modulus(8192), None),
        (modulus(8193), Some(SkipReason::Modulus)),
        (even, Some(SkipReason::Modulus)),
        (
            [&[0], &*modulus(2048)].concat(),
            Some(SkipReason::Number("n")),
        ),
        (
            [vec![0; 128], modulus(1024)].concat(),
            Some(SkipReason::Number("n")),
        ),
        (vec![0; 256], Some(SkipReason::Number("n"))),
        (vec![], Some(SkipReason::Number("n"))),
    ] {
        let jwk = with(good.clone(), &json!({ "n": encode(&n) }));
        match reason {
            Some(reason) => assert_eq!(skipped(&jwk), reason, "{} bytes", n.len()),
            None => assert_eq!(parse(&[jwk]).unwrap().len(), 1, "{} bytes", n.len()),
        }
    }
    for (e, fits) in [
        (vec![1, 0, 1], true),
        (vec![1, 0, 3], true),
        (vec![0xff, 0xff, 0xff, 0xff], true),
        (vec![], false),
        (vec![0], false),
        (vec![1], false),
        (vec![2], false),
        (vec![3], false),
        (vec![17], false),
        (vec![0xff, 0xff], false),
        (vec![1, 0, 0], false),
        (vec![0, 1, 0, 1], false),
        (vec![1, 0, 0, 0, 1], false),
        (vec![0xff; 256], false),
    ] {
        let jwk = with(good.clone(), &json!({ "e": encode(&e) }));
        match fits {
            true => assert_eq!(parse(&[jwk]).unwrap().len(), 1, "{e:?}"),
            false => assert_eq!(skipped(&jwk), SkipReason::Exponent, "{e:?}"),
        }
    }
}

#[test]
fn numbers_have_one_spelling_and_their_full_length() {
    for key in keys_of_each_algorithm() {
        for name in ["x", "y", "n", "e"] {
            let Some(text) = key.jwk[name].as_str() else {
                continue;
            };
            let bytes = URL_SAFE_NO_PAD.decode(text).unwrap();
            for wrong in [
                String::new(),
                format!("{text}="),
                format!("{text} "),
                format!("{text}\n"),
                format!("+/{}", &text[2..]),
                encode([&[0], &*bytes].concat()),
                encode(&bytes[..bytes.len() - 1]),
                encode([&*bytes, &[0]].concat()),
            ] {
                skipped(&with(key.jwk.clone(), &json!({ name: wrong })));
            }
            skipped(&with(key.jwk.clone(), &json!({ name: ABSENT })));
        }
    }
}

#[test]
fn points_off_their_curve_are_refused() {
    for algorithm in [Algorithm::Es256, Algorithm::Es512] {
        let (one, two) = (key(algorithm, "key-1"), key(algorithm, "key-1"));
        let mixed = with(one.jwk.clone(), &json!({ "y": two.jwk["y"] }));
        assert_eq!(skipped(&mixed), SkipReason::Point);
        let swapped = json!({ "x": one.jwk["y"], "y": one.jwk["x"] });
        assert_eq!(skipped(&with(one.jwk.clone(), &swapped)), SkipReason::Point);
        let len = URL_SAFE_NO_PAD
            .decode(one.jwk["x"].as_str().unwrap())
            .unwrap()
            .len();
        let zero = json!({ "x": encode(vec![0; len]), "y": encode(vec![0; len]) });
        assert_eq!(skipped(&with(one.jwk.clone(), &zero)), SkipReason::Point);
        let huge = json!({ "x": encode(vec![0xff; len]), "y": encode(vec![0xff; len]) });
        assert_eq!(skipped(&with(one.jwk.clone(), &huge)), SkipReason::Point);
    }
    // y = 2 is no point of Curve25519: (y² - 1) / (dy² + 1) has no root there.
    let no_point = [&[2], &[0; 31][..]].concat();
    let ed = key(Algorithm::EdDsa, "key-1").jwk;
    assert_eq!(
        skipped(&with(ed, &json!({ "x": encode(no_point) }))),
        SkipReason::Point
    );
}

/// The eight points of small order, and the other ways to write them and their kind.
#[test]
fn ed25519_points_of_small_order_or_in_a_second_spelling_are_refused() {
    let ed = key(Algorithm::EdDsa, "key-1").jwk;
    for (hex, reason) in [
        (
            "0100000000000000000000000000000000000000000000000000000000000000",
            SkipReason::SmallOrder,
        ),
        (
            "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
            SkipReason::SmallOrder,
        ),
        (
            "0000000000000000000000000000000000000000000000000000000000000000",
            SkipReason::SmallOrder,
        ),
        (
            "0000000000000000000000000000000000000000000000000000000000000080",
            SkipReason::SmallOrder,
        ),
        (
            "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
            SkipReason::SmallOrder,
        ),
        (
            "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85",
            SkipReason::SmallOrder,
        ),
        (
            "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
            SkipReason::SmallOrder,
        ),
        (
            "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa",
            SkipReason::SmallOrder,
        ),
        // y = 1 and y = -1 with the sign of an x that is zero.
        (
            "0100000000000000000000000000000000000000000000000000000000000080",
            SkipReason::Point,
        ),
        (
            "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
            SkipReason::Point,
        ),
        // y = p and y = p + 1, which are 0 and 1.
        (
            "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
            SkipReason::Point,
        ),
        (
            "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
            SkipReason::Point,
        ),
        (
            "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
            SkipReason::Point,
        ),
        (
            "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
            SkipReason::Point,
        ),
    ] {
        let bytes: Vec<u8> = (0..32)
            .map(|i| u8::from_str_radix(&hex[2 * i..2 * i + 2], 16).unwrap())
            .collect();
        let jwk = with(ed.clone(), &json!({ "x": encode(bytes) }));
        assert_eq!(skipped(&jwk), reason, "{hex}");
    }
}

/// Why the test above matters: under the neutral element one signature, made without any private
/// key, fits every message, and the library beneath us takes it.
#[test]
fn a_small_order_key_would_admit_forged_tokens() {
    let neutral = [&[1], &[0; 31][..]].concat();
    let mut jwk = Jwk::new("OKP");
    jwk.set_parameter("crv", Some(json!("Ed25519"))).unwrap();
    jwk.set_parameter("x", Some(json!(encode(&neutral))))
        .unwrap();
    let verifier = EdDSA.verifier_from_jwk(&jwk).unwrap();
    let signature_of_nobody = [&*neutral, &[0; 32]].concat();
    verifier
        .verify(b"any message", &signature_of_nobody)
        .unwrap();
    verifier
        .verify(b"any other message", &signature_of_nobody)
        .unwrap();
}
