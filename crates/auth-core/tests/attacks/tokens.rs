use auth_core::Algorithm;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use josekit::jws::{HS256, JwsSigner};
use serde_json::{Value, json};

use crate::forge::{ABSENT, Key, code, encode, good_claims, key, policy, ring, verify_with, with};

fn ed() -> Key {
    key(Algorithm::EdDsa, "key-1")
}

#[test]
fn the_tokens_that_everything_below_is_bent_from_are_good() {
    for algorithm in Algorithm::ALL {
        let key = key(algorithm, "key-1");
        assert_eq!(
            code(&ring([&key]), &key.good_token()),
            "admitted",
            "{algorithm}"
        );
    }
}

#[test]
fn unsigned_tokens_are_refused_in_every_spelling_of_none() {
    let key = ed();
    let ring = ring([&key]);
    for alg in [
        json!("none"),
        json!("None"),
        json!("NONE"),
        json!("nOnE"),
        json!("none "),
        json!(" none"),
        json!("none\u{0}"),
        json!("no\u{200b}ne"),
        json!(""),
        json!(null),
        json!(0),
        json!(false),
        json!([]),
        json!(["none"]),
        json!(["EdDSA"]),
        json!({}),
        json!(ABSENT),
    ] {
        let header = with(key.header(), &json!({ "alg": alg }));
        let signed = key.token(&header, &good_claims());
        let (input, _) = signed.rsplit_once('.').unwrap();
        for token in [signed.clone(), format!("{input}."), format!("{input}.AA")] {
            assert_eq!(code(&ring, &token), "algorithm_not_allowed", "{alg}");
        }
    }
}

#[test]
fn algorithm_names_are_compared_byte_by_byte() {
    let key = ed();
    let ring = ring([&key]);
    for alg in [
        "eddsa",
        "EDDSA",
        "EdDSA ",
        " EdDSA",
        "EdDSA\n",
        "EdDSA\u{0}",
        "Ed25519",
        "Ed448",
        "ES384",
        "ES256K",
        "RS384",
        "RS512",
        "PS384",
        "PS512",
        "HS256",
        "HS384",
        "HS512",
        "RSA-OAEP",
        "dir",
        "ECDH-ES",
        "ML-DSA-44",
    ] {
        let token = key.token(&with(key.header(), &json!({ "alg": alg })), &good_claims());
        assert_eq!(code(&ring, &token), "algorithm_not_allowed", "{alg:?}");
    }
}

/// CVE-2015-9235 and its many children: the verifier's public key used as an HMAC secret.
#[test]
fn a_public_key_is_not_a_shared_secret() {
    for algorithm in Algorithm::ALL {
        let key = key(algorithm, "key-1");
        let ring = ring([&key]);
        let number = if key.jwk["kty"] == "RSA" { "n" } else { "x" };
        let raw = URL_SAFE_NO_PAD
            .decode(key.jwk[number].as_str().unwrap())
            .unwrap();
        let jwks = json!({ "keys": [key.jwk] }).to_string().into_bytes();
        let pem_after_a_space = [b" ", &*key.public_pem].concat();
        for secret in [
            raw,
            key.jwk.to_string().into_bytes(),
            jwks,
            key.public_pem.clone(),
            pem_after_a_space,
            key.public_der.clone(),
        ] {
            for (alg, expected) in [
                ("HS256", "algorithm_not_allowed"),
                (algorithm.name(), "signature_invalid"),
            ] {
                let header = with(key.header(), &json!({ "alg": alg }));
                let input = format!(
                    "{}.{}",
                    encode(header.to_string()),
                    encode(good_claims().to_string())
                );
                let signer = HS256.signer_from_bytes(&secret).unwrap();
                let mac = signer.sign(input.as_bytes()).unwrap();
                let token = format!("{input}.{}", encode(mac));
                assert_eq!(code(&ring, &token), expected, "{algorithm} as {alg}");
            }
        }
    }
}

#[test]
fn a_key_serves_its_own_algorithm_only() {
    let keys = Algorithm::ALL.map(|algorithm| key(algorithm, algorithm.name()));
    let all = ring(&keys);
    for signer in &keys {
        for claimed in Algorithm::ALL
            .into_iter()
            .filter(|&alg| alg != signer.algorithm)
        {
            let header = json!({ "alg": claimed.name(), "kid": signer.kid });
            let token = signer.token(&header, &good_claims());
            assert_eq!(
                code(&all, &token),
                "algorithm_not_allowed",
                "{} as {claimed}",
                signer.kid
            );
            // The same, once a key of that name for that algorithm exists as well.
            let of_claimed = keys.iter().find(|key| key.algorithm == claimed).unwrap();
            let namesake = of_claimed.clone().named(&signer.kid);
            assert_eq!(
                code(&ring([signer, &namesake]), &token),
                "signature_invalid"
            );
        }
    }
}

/// RS256 and PS256 sign with the same kind of key: only `alg` in the key set tells them apart.
#[test]
fn an_rsa_key_for_one_padding_does_not_take_the_other() {
    let pss = key(Algorithm::Ps256, "key-1");
    let mut published_for_pkcs1 = key(Algorithm::Rs256, "key-1");
    published_for_pkcs1.jwk["n"] = pss.jwk["n"].clone();
    let ring = ring([&published_for_pkcs1]);
    assert_eq!(code(&ring, &pss.good_token()), "algorithm_not_allowed");
    let relabelled = pss.token(&json!({ "alg": "RS256", "kid": "key-1" }), &good_claims());
    assert_eq!(code(&ring, &relabelled), "signature_invalid");
}

#[test]
fn the_key_id_names_the_key_or_the_token_is_refused() {
    let key = ed();
    let other = self::key(Algorithm::EdDsa, "key-2");
    let ring = ring([&key, &other]);
    for (kid, expected) in [
        (json!("key-2"), "signature_invalid"),
        (json!("key-3"), "key_unknown"),
        (json!("KEY-1"), "key_unknown"),
        (json!("key-"), "key_unknown"),
        (json!("key-11"), "key_unknown"),
        (json!("../../../dev/null"), "key_unknown"),
        (json!("https://evil.example/jwks"), "key_unknown"),
        (json!("k".repeat(128)), "key_unknown"),
        (json!("k".repeat(129)), "token_malformed"),
        (json!("k".repeat(5000)), "token_malformed"),
        (json!("key-1 "), "token_malformed"),
        (json!("key-1\u{0}"), "token_malformed"),
        (json!("key-1\r\nset-cookie: a"), "token_malformed"),
        (json!("' OR 1=1 --"), "token_malformed"),
        (json!("$(id)"), "token_malformed"),
        (json!("%2e%2e%2f"), "token_malformed"),
        (json!("k\u{e9}y"), "token_malformed"),
        (json!(1), "token_malformed"),
        (json!(null), "token_malformed"),
        (json!(["key-1"]), "token_malformed"),
        (json!({ "kid": "key-1" }), "token_malformed"),
        (json!(""), "key_id_missing"),
        (json!(ABSENT), "key_id_missing"),
    ] {
        let token = key.token(&with(key.header(), &json!({ "kid": kid })), &good_claims());
        assert_eq!(code(&ring, &token), expected, "{kid}");
    }
}

/// CVE-2018-0114 and CVE-2026-27962: the token brings the key that it was signed with.
#[test]
fn a_token_cannot_bring_its_own_key_or_ask_for_other_rules() {
    let good = ed();
    let ring = ring([&good]);
    let attacker = key(Algorithm::EdDsa, "key-1");
    for (name, values) in [
        ("jwk", vec![attacker.jwk.clone(), json!(null), json!({})]),
        (
            "jku",
            vec![
                json!("https://evil.example/jwks"),
                json!("file:///etc/passwd"),
                json!(1),
            ],
        ),
        ("x5u", vec![json!("https://evil.example/cert")]),
        ("x5c", vec![json!(["MIIB"]), json!([])]),
        ("x5t", vec![json!("AAAA")]),
        ("x5t#S256", vec![json!("AAAA")]),
        (
            "crit",
            vec![
                json!([]),
                json!(["exp"]),
                json!(["b64"]),
                json!(null),
                json!("exp"),
            ],
        ),
        ("b64", vec![json!(false), json!(true), json!(null)]),
        ("cty", vec![json!("JWT"), json!("at+jwt")]),
    ] {
        for value in values {
            for signer in [&good, &attacker] {
                let header = with(signer.header(), &json!({ name: value }));
                let token = signer.token(&header, &good_claims());
                assert_eq!(code(&ring, &token), "header_not_allowed", "{name}: {value}");
            }
        }
    }
    let unencoded = with(good.header(), &json!({ "b64": false, "crit": ["b64"] }));
    assert_eq!(
        code(&ring, &good.token(&unencoded, &good_claims())),
        "header_not_allowed"
    );
    // Members that mean nothing here are ignored, as RFC 7515 §4 asks.
    let extra = with(
        good.header(),
        &json!({ "extra": { "crit": [], "jwk": {} } }),
    );
    assert_eq!(code(&ring, &good.token(&extra, &good_claims())), "admitted");
}

#[test]
fn any_flipped_bit_of_the_signature_is_noticed() {
    for algorithm in Algorithm::ALL {
        let key = key(algorithm, "key-1");
        let ring = ring([&key]);
        let good = key.good_token();
        let (input, signature) = good.rsplit_once('.').unwrap();
        let signature = URL_SAFE_NO_PAD.decode(signature).unwrap();
        for bit in 0..signature.len() * 8 {
            let mut flipped = signature.clone();
            flipped[bit / 8] ^= 1 << (bit % 8);
            let token = format!("{input}.{}", encode(flipped));
            assert_eq!(
                code(&ring, &token),
                "signature_invalid",
                "{algorithm} bit {bit}"
            );
        }
    }
}

/// What is changed under the signature is noticed by the signature or before it: no claim of a
/// changed token is ever judged.
#[test]
fn any_changed_symbol_under_the_signature_is_noticed() {
    let key = ed();
    let ring = ring([&key]);
    let good = key.good_token();
    for at in 0..good.rfind('.').unwrap() {
        for symbol in [b'A', b'b', b'-', b'.', b'='] {
            let mut changed = good.clone().into_bytes();
            if changed[at] == symbol {
                continue;
            }
            changed[at] = symbol;
            let code = code(&ring, std::str::from_utf8(&changed).unwrap());
            let before_claims = [
                "token_malformed",
                "algorithm_not_allowed",
                "key_id_missing",
                "key_unknown",
                "signature_invalid",
            ];
            assert!(
                before_claims.contains(&code),
                "{code} for {} at {at}",
                symbol as char
            );
        }
    }
}

#[test]
fn signatures_of_the_wrong_shape_are_refused() {
    for algorithm in Algorithm::ALL {
        let key = key(algorithm, "key-1");
        let ring = ring([&key]);
        let good = key.good_token();
        let (input, signature) = good.rsplit_once('.').unwrap();
        let signature = URL_SAFE_NO_PAD.decode(signature).unwrap();
        let len = signature.len();
        let swapped = [&signature[len / 2..], &signature[..len / 2]].concat();
        for (name, shaped) in [
            ("one byte", vec![0]),
            // CVE-2022-21449 took r = s = 0 for anybody's signature.
            ("all zero", vec![0; len]),
            ("all ones", vec![0xff; len]),
            (
                "r = s = 1",
                [vec![0; len / 2 - 1], vec![1], vec![0; len / 2 - 1], vec![1]].concat(),
            ),
            ("cut off", signature[..len - 1].to_vec()),
            ("half", signature[..len / 2].to_vec()),
            ("longer", [&*signature, &[0]].concat()),
            ("a zero before", [&[0], &*signature].concat()),
            ("twice", signature.repeat(2)),
            ("halves swapped", swapped),
            ("der", der_of(&signature)),
        ] {
            let token = format!("{input}.{}", encode(shaped));
            assert_eq!(
                code(&ring, &token),
                "signature_invalid",
                "{algorithm}: {name}"
            );
        }
    }
}

/// Ed25519 signatures have one form: `S + L` must not verify where `S` does (RFC 8032 §5.1.7).
#[test]
fn an_ed25519_signature_cannot_be_rewritten() {
    const L: [u8; 32] = [
        0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58, 0xd6, 0x9c, 0xf7, 0xa2, 0xde, 0xf9, 0xde,
        0x14, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x10,
    ];
    let key = ed();
    let good = key.good_token();
    let (input, signature) = good.rsplit_once('.').unwrap();
    let mut rewritten = URL_SAFE_NO_PAD.decode(signature).unwrap();
    let mut carry = 0;
    for (byte, addend) in rewritten[32..].iter_mut().zip(L) {
        let sum = u16::from(*byte) + u16::from(addend) + carry;
        *byte = sum as u8;
        carry = sum >> 8;
    }
    let token = format!("{input}.{}", encode(rewritten));
    assert_eq!(code(&ring([&key]), &token), "signature_invalid");
}

#[test]
fn a_forged_token_is_refused_as_forged_whatever_else_is_wrong_with_it() {
    let key = ed();
    let stranger = ed();
    let ring = ring([&key]);
    for claims in [
        with(good_claims(), &json!({ "exp": 1 })),
        with(good_claims(), &json!({ "iss": "https://evil.example" })),
        with(good_claims(), &json!({ "uuid": null })),
        json!([]),
    ] {
        let forged = stranger.token(&stranger.header(), &claims);
        assert_eq!(code(&ring, &forged), "signature_invalid", "{claims}");
        assert_ne!(
            code(&ring, &key.token(&key.header(), &claims)),
            "signature_invalid"
        );
    }
}

/// A key id means something within one issuer only.
#[test]
fn issuers_that_share_a_key_id_do_not_share_a_key() {
    let (ours, theirs) = (ed(), ed());
    let their_claims = with(good_claims(), &json!({ "iss": "https://other.example" }));
    let their_token = theirs.token(&theirs.header(), &their_claims);
    assert_eq!(code(&ring([&ours]), &their_token), "signature_invalid");
    assert_eq!(code(&ring([&theirs]), &their_token), "issuer_mismatch");
    assert_eq!(
        code(&ring([&theirs]), &ours.good_token()),
        "signature_invalid"
    );
    // Their key under our name is still their key.
    assert_eq!(
        code(&ring([&ours]), &theirs.good_token()),
        "signature_invalid"
    );
}

#[test]
fn what_is_logged_says_what_was_seen_and_expected_but_shortens_and_escapes_it() {
    let key = ed();
    let ring = ring([&key]);
    let shown = |header: Value| {
        let token = key.token(&header, &good_claims());
        verify_with(policy(), &ring, &token)
            .unwrap_err()
            .to_string()
    };
    assert_eq!(
        shown(with(key.header(), &json!({ "alg": "no\u{202e}ne\n\"" }))),
        "algorithm \"no\\u{202e}ne\\n\\\"\" is not allowed, expected \
         \"EdDSA\", \"ES256\", \"ES512\", \"RS256\", \"PS256\""
    );
    let long = shown(with(key.header(), &json!({ "alg": "n".repeat(3000) })));
    assert!(long.len() < 250 && long.contains("nnn\"..."), "{long}");
    assert_eq!(
        shown(with(key.header(), &json!({ "alg": "RS256" }))),
        "algorithm \"RS256\" is not allowed, expected \"EdDSA\""
    );
    assert_eq!(
        shown(with(key.header(), &json!({ "kid": "key-9" }))),
        "key \"key-9\" is unknown"
    );
}

/// An ECDSA signature `r || s` in the form that OpenSSL likes and JWS forbids.
fn der_of(signature: &[u8]) -> Vec<u8> {
    let integer = |bytes: &[u8]| {
        let zeros = bytes.iter().take_while(|byte| **byte == 0).count();
        let mut content = bytes[zeros..].to_vec();
        if content.first().is_none_or(|first| first & 0x80 != 0) {
            content.insert(0, 0);
        }
        [&[2, content.len() as u8], &*content].concat()
    };
    let (r, s) = signature.split_at(signature.len() / 2);
    let content = [integer(r), integer(s)].concat();
    match content.len() {
        len @ ..128 => [&[0x30, len as u8], &*content].concat(),
        len => [&[0x30, 0x81, len as u8], &*content].concat(),
    }
}
