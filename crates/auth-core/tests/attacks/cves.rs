//! What has been published against other JWT libraries, one test each: the attack as it was, and
//! the reason for which it is refused here. Each needs only what its attacker had.

use std::time::{Duration, Instant};

use auth_core::{Algorithm, MAX_TOKEN_BYTES, TokenCache, UntrustedToken, Verifier};
use serde_json::{Value, json};

use crate::forge::{
    ABSENT, ISSUER, Key, NOW, code, decode, encode, good_claims, hmac, key, lasting, policy, ring,
    sealed, verify_with, with,
};

/// A token that says HS256 and is authenticated with `secret`, under the name of `key`.
fn keyed_with(secret: &[u8], key: &Key) -> String {
    let header = json!({ "alg": "HS256", "typ": "JWT", "kid": key.kid });
    sealed(header.to_string(), good_claims().to_string(), |input| {
        hmac(secret, input)
    })
}

/// Each key's public half as the HMAC secret, in the form that `secret` gives it.
fn is_refused_as_a_secret(secret: impl Fn(&Key) -> Vec<u8>) {
    for algorithm in Algorithm::ALL {
        let key = lasting(algorithm);
        let token = keyed_with(&secret(key), key);
        assert_eq!(code(&ring([key]), &token), "algorithm_not_allowed");
        // The same bytes where the header tells the truth about the key.
        let relabelled = key.token_signed_by(|input| hmac(&secret(key), input));
        assert_eq!(code(&ring([key]), &relabelled), "signature_invalid");
    }
}

#[test]
fn cve_2015_9235_a_public_key_is_taken_for_an_hmac_secret() {
    is_refused_as_a_secret(|key| key.public_pem.clone());
}

#[test]
fn cve_2016_10555_the_header_turns_rs256_into_hs256() {
    is_refused_as_a_secret(|key| key.public_der.clone());
}

#[test]
fn cve_2018_0114_the_token_brings_its_own_jwk() {
    let (ours, theirs) = (lasting(Algorithm::Rs256), key(Algorithm::Rs256, "key-1"));
    let header = with(theirs.header(), &json!({ "jwk": theirs.jwk }));
    let token = theirs.token(&header, &good_claims());
    assert_eq!(code(&ring([ours]), &token), "header_not_allowed");
}

#[test]
fn cve_2018_1000531_an_unsigned_token_passes_where_a_key_is_set() {
    let key = lasting(Algorithm::Rs256);
    let header = with(key.header(), &json!({ "alg": "none" }));
    let token = sealed(header.to_string(), good_claims().to_string(), |_| vec![]);
    assert_eq!(code(&ring([key]), &token), "algorithm_not_allowed");
}

#[test]
fn cve_2020_28042_an_empty_signature_passes() {
    for algorithm in Algorithm::ALL {
        let key = lasting(algorithm);
        let token = key.token_signed_by(|_| vec![]);
        assert_eq!(code(&ring([key]), &token), "token_malformed");
        // And with the last dot gone as well.
        let two_parts = token.strip_suffix('.').unwrap();
        assert_eq!(code(&ring([key]), two_parts), "token_malformed");
    }
}

#[test]
fn cve_2022_21449_zeros_are_a_signature_of_everybody() {
    for (algorithm, len) in [(Algorithm::Es256, 64), (Algorithm::Es512, 132)] {
        let key = lasting(algorithm);
        for psychic in [vec![0; len], hex("3006020100020100")] {
            let token = key.token_signed_by(|_| psychic.clone());
            assert_eq!(code(&ring([key]), &token), "signature_invalid");
        }
    }
}

#[test]
fn cve_2022_23539_a_key_of_another_kind_serves_an_algorithm() {
    for signer in Algorithm::ALL {
        let signer = lasting(signer);
        for claimed in Algorithm::ALL {
            if claimed != signer.algorithm {
                let header = with(signer.header(), &json!({ "alg": claimed.name() }));
                let token = signer.token(&header, &good_claims());
                assert_eq!(code(&ring([signer]), &token), "algorithm_not_allowed");
            }
        }
    }
}

#[test]
fn cve_2022_23540_without_a_list_of_algorithms_none_is_one() {
    // There is no verifier without a list: the list of all five is where it starts.
    let key = lasting(Algorithm::EdDsa);
    for alg in [json!("none"), json!(""), json!(null), json!(ABSENT)] {
        let header = with(key.header(), &json!({ "alg": alg }));
        let token = sealed(header.to_string(), good_claims().to_string(), |_| vec![]);
        assert_eq!(code(&ring([key]), &token), "algorithm_not_allowed");
    }
}

#[test]
fn cve_2022_23541_whatever_finds_the_key_does_not_say_what_kind_it_is() {
    is_refused_as_a_secret(|key| {
        decode(key.jwk.get("n").unwrap_or(&key.jwk["x"]).as_str().unwrap())
    });
}

#[test]
fn cve_2022_29217_a_key_in_an_unforeseen_form_is_a_secret() {
    // PyJWT looked for the PEM and SSH beginnings that it knew.
    is_refused_as_a_secret(|key| [b"ssh-ed25519 ", encode(&key.public_der).as_bytes()].concat());
    is_refused_as_a_secret(|key| [b"ecdsa-sha2-nistp256 ", &*key.public_der].concat());
}

#[test]
fn cve_2023_48223_a_pem_of_another_label_is_a_secret() {
    is_refused_as_a_secret(|key| {
        let pem = String::from_utf8(key.public_pem.clone()).unwrap();
        pem.replace("PUBLIC KEY", "RSA PUBLIC KEY").into_bytes()
    });
}

#[test]
fn cve_2023_51774_an_encrypted_token_is_taken_for_a_signed_one() {
    // Whoever has the public key can encrypt to it.
    let key = lasting(Algorithm::Rs256);
    let header = json!({ "alg": "RSA-OAEP", "enc": "A128GCM", "kid": key.kid });
    let jwe = [
        header.to_string(),
        "cek".into(),
        "iv".into(),
        good_claims().to_string(),
        "tag".into(),
    ];
    let jwe = jwe.map(encode).join(".");
    assert_eq!(code(&ring([key]), &jwe), "token_malformed");
    // Its header over three parts.
    let three = key.token(&header, &good_claims());
    assert_eq!(code(&ring([key]), &three), "algorithm_not_allowed");
}

#[test]
fn cve_2024_33663_an_ecdsa_key_in_openssh_form_is_a_secret() {
    is_refused_as_a_secret(|key| {
        let line = format!("ecdsa-sha2-nistp256 {} a@b", encode(&key.public_der));
        line.into_bytes()
    });
}

#[test]
fn cve_2024_33664_a_small_encrypted_token_inflates_to_a_large_one() {
    assert_refused_at_once(json!({ "alg": "dir", "enc": "A256GCM", "zip": "DEF" }));
}

/// CVE-2022-36083 and CVE-2023-50658: the sender chooses how long the key derivation takes.
#[test]
fn cve_2023_50658_a_token_says_how_often_to_hash() {
    assert_refused_at_once(
        json!({ "alg": "PBES2-HS512+A256KW", "enc": "A256GCM", "p2s": "AAAA", "p2c": 1e9 as u64 }),
    );
}

#[test]
fn cve_2024_37568_a_public_key_without_a_declared_algorithm_does_hmac() {
    for algorithm in [Algorithm::EdDsa, Algorithm::Es256, Algorithm::Es512] {
        let key = lasting(algorithm);
        let mut undeclared = key.clone();
        undeclared.jwk = with(key.jwk.clone(), &json!({ "alg": ABSENT }));
        let token = keyed_with(&key.public_pem, key);
        assert_eq!(code(&ring([&undeclared]), &token), "algorithm_not_allowed");
    }
}

#[test]
fn cve_2024_54150_the_key_is_used_as_the_header_says() {
    for alg in ["HS256", "HS384", "HS512"] {
        let key = lasting(Algorithm::Es256);
        let header = with(key.header(), &json!({ "alg": alg }));
        let token = sealed(header.to_string(), good_claims().to_string(), |input| {
            hmac(&key.public_der, input)
        });
        assert_eq!(code(&ring([key]), &token), "algorithm_not_allowed", "{alg}");
    }
}

#[test]
fn cve_2024_53861_part_of_the_issuer_is_taken_for_the_issuer() {
    let key = lasting(Algorithm::EdDsa);
    let ring = ring([key]);
    for end in 0..ISSUER.len() {
        for part in [&ISSUER[..end], &ISSUER[end + 1..]] {
            let claims = with(good_claims(), &json!({ "iss": part }));
            let token = key.token(&key.header(), &claims);
            assert_eq!(code(&ring, &token), "issuer_mismatch", "{part:?}");
        }
    }
}

#[test]
fn cve_2025_27144_a_token_of_dots_takes_memory_for_each_part() {
    assert_dots_cost_nothing(16 * 1024 * 1024);
}

#[test]
fn cve_2025_30144_a_list_of_issuers_contains_the_right_one() {
    let key = lasting(Algorithm::EdDsa);
    for iss in [json!(["https://evil.example", ISSUER]), json!([ISSUER])] {
        let claims = with(good_claims(), &json!({ "iss": iss }));
        let token = key.token(&key.header(), &claims);
        assert_eq!(code(&ring([key]), &token), "claims_malformed");
    }
}

#[test]
fn cve_2025_30204_a_header_of_dots_takes_memory_for_each_part() {
    assert_dots_cost_nothing(MAX_TOKEN_BYTES);
}

#[test]
fn cve_2026_22817_a_key_without_alg_leaves_the_choice_to_the_header() {
    // An RSA key without `alg` could do two of the five, so it is not used; the others can do one.
    let rsa = lasting(Algorithm::Rs256);
    let other = key(Algorithm::EdDsa, "key-2");
    let mut undeclared = rsa.clone();
    undeclared.jwk = with(rsa.jwk.clone(), &json!({ "alg": ABSENT }));
    for alg in ["RS256", "PS256", "HS256"] {
        let header = with(rsa.header(), &json!({ "alg": alg }));
        let refused = code(
            &ring([&undeclared, &other]),
            &rsa.token(&header, &good_claims()),
        );
        let expected = if alg == "HS256" {
            "algorithm_not_allowed"
        } else {
            "key_unknown"
        };
        assert_eq!(refused, expected, "{alg}");
    }
    let ec = lasting(Algorithm::Es256);
    let mut undeclared = ec.clone();
    undeclared.jwk = with(ec.jwk.clone(), &json!({ "alg": ABSENT }));
    let token = keyed_with(&ec.public_pem, ec);
    assert_eq!(code(&ring([&undeclared]), &token), "algorithm_not_allowed");
}

#[test]
fn cve_2026_25537_a_time_of_the_wrong_type_counts_as_none() {
    let key = lasting(Algorithm::EdDsa);
    for name in ["exp", "nbf", "iat"] {
        for wrong in [json!("1"), json!(null), json!([]), json!({}), json!(true)] {
            let claims = with(good_claims(), &json!({ name: wrong }));
            let token = key.token(&key.header(), &claims);
            let refused = code(&ring([key]), &token);
            assert_eq!(refused, "claims_malformed", "{name}: {wrong}");
        }
    }
}

#[test]
fn cve_2026_27962_the_header_s_jwk_wins_over_the_configured_key() {
    let ours = lasting(Algorithm::EdDsa);
    let theirs = key(Algorithm::EdDsa, "key-1");
    for jwk in [theirs.jwk.clone(), json!({}), json!(null), ours.jwk.clone()] {
        for signer in [ours, &theirs] {
            let header = with(signer.header(), &json!({ "jwk": jwk }));
            let token = signer.token(&header, &good_claims());
            assert_eq!(code(&ring([ours]), &token), "header_not_allowed");
        }
    }
}

/// pac4j-jwt decrypted what was encrypted to its public key, and found an unsigned token inside.
#[test]
fn cve_2026_29000_an_encrypted_token_wraps_an_unsigned_one() {
    let key = lasting(Algorithm::Rs256);
    let unsigned = format!(
        "{}.{}.",
        encode(r#"{"alg":"none"}"#),
        encode(good_claims().to_string())
    );
    let header = json!({ "alg": "RSA-OAEP-256", "enc": "A256GCM", "cty": "JWT", "kid": key.kid });
    let parts = [&*header.to_string(), "cek", "iv", &unsigned, "tag"];
    let jwe = parts.map(encode).join(".");
    assert_eq!(code(&ring([key]), &jwe), "token_malformed");
    // A right signature around it makes it no better: there are no tokens inside tokens.
    let nested = with(key.header(), &json!({ "cty": "JWT" }));
    let nested = key.token_of_text(nested.to_string(), &unsigned);
    assert_eq!(code(&ring([key]), &nested), "header_not_allowed");
    let undeclared = key.token_of_text(key.header().to_string(), &unsigned);
    assert_eq!(code(&ring([key]), &undeclared), "claims_malformed");
}

#[test]
fn cve_2026_33322_a_client_secret_signs_tokens_of_users() {
    let key = lasting(Algorithm::Rs256);
    let token = keyed_with(b"the-secret-of-some-oauth-client-of-ours", key);
    assert_eq!(code(&ring([key]), &token), "algorithm_not_allowed");
}

#[test]
fn cve_2026_34950_white_space_before_a_pem_makes_it_a_secret() {
    for space in [" ", "\n", "\t", "\r\n", "\u{feff}", "\0"] {
        is_refused_as_a_secret(|key| [space.as_bytes(), &key.public_pem].concat());
    }
}

/// fast-jwt cached tokens under a key that several of them could share.
#[test]
fn cve_2026_35039_two_tokens_share_a_place_in_the_cache() {
    let key = lasting(Algorithm::EdDsa);
    let ring = ring([key]);
    let verifier = Verifier::new(policy());
    let cache = TokenCache::new(TokenCache::DEFAULT_BYTES);
    let token_of = |uuid: &str, email: &str| {
        let claims = json!({ "uuid": uuid, "email": email });
        key.token(&key.header(), &with(good_claims(), &claims))
    };
    let alice = token_of("00000000-0000-4000-8000-00000000000a", "alice@example.com");
    let mallory = token_of("00000000-0000-4000-8000-00000000000b", "alice@example.com");
    let identity = verify_with(policy(), &ring, &alice).unwrap();
    cache.insert(&alice, &identity, &verifier, 0, 1);

    let found = |token: &str| cache.get(token, NOW, |_| Some(1));
    assert_eq!(found(&alice), Some(Ok(identity)));
    assert_eq!(found(&mallory), None);
    // Whatever is cut off, added or swapped: another text is another token.
    let (signed, signature) = alice.rsplit_once('.').unwrap();
    let (_, other_signature) = mallory.rsplit_once('.').unwrap();
    let (header, claims) = signed.split_once('.').unwrap();
    for other in [
        format!("{signed}.{other_signature}"),
        format!("{signed}."),
        signed.to_owned(),
        signature.to_owned(),
        format!("{header}..{signature}"),
        format!("{claims}.{header}.{signature}"),
        format!("{alice} "),
        format!("{alice}="),
        alice[1..].to_owned(),
        alice.to_lowercase(),
        String::new(),
    ] {
        assert_eq!(found(&other), None);
    }
}

/// Also CVE-2025-59420 (Authlib) and CVE-2026-32597 (PyJWT).
#[test]
fn cve_2026_35042_an_unknown_critical_extension_is_ignored() {
    let key = lasting(Algorithm::EdDsa);
    for (crit, extension) in [
        (json!(["x-policy"]), json!({ "x-policy": "must" })),
        (json!(["cnf"]), json!({ "cnf": { "jkt": "AAAA" } })),
        (json!([]), json!({})),
        (json!(["alg"]), json!({})),
        (json!(null), json!({})),
    ] {
        let header = with(with(key.header(), &extension), &json!({ "crit": crit }));
        let token = key.token(&header, &good_claims());
        assert_eq!(code(&ring([key]), &token), "header_not_allowed", "{crit}");
    }
}

#[test]
fn cve_2026_48526_a_jwk_in_json_is_a_secret() {
    is_refused_as_a_secret(|key| key.jwk.to_string().into_bytes());
    is_refused_as_a_secret(|key| json!({ "keys": [key.jwk] }).to_string().into_bytes());
    is_refused_as_a_secret(|key| serde_json::to_vec_pretty(&key.jwk).unwrap());
}

/// With the JSON serialisations there is an unprotected header, which nobody has signed.
#[test]
fn ghsa_jc38_x7x8_2xc8_the_algorithm_comes_from_an_unprotected_header() {
    let key = lasting(Algorithm::EdDsa);
    let good = key.good_token();
    let [header, payload, signature]: [&str; 3] =
        good.split('.').collect::<Vec<_>>().try_into().unwrap();
    let unprotected = json!({ "alg": "none", "kid": key.kid });
    for json in [
        json!({ "payload": payload, "protected": header, "signature": signature }),
        json!({ "payload": payload, "header": unprotected, "signature": "" }),
        json!({ "payload": payload, "signatures": [
            { "protected": header, "header": unprotected, "signature": signature },
        ] }),
    ] {
        for text in [json.to_string(), encode(json.to_string())] {
            assert_eq!(code(&ring([key]), &text), "token_malformed");
        }
    }
}

/// Five parts or three: refused by its shape or its header, before anything is derived, decrypted
/// or inflated.
fn assert_refused_at_once(header: Value) {
    let key = lasting(Algorithm::EdDsa);
    let ring = ring([key]);
    let header = with(header, &json!({ "kid": key.kid }));
    let part = encode(vec![0; 1500]);
    let jwe = format!("{}.{part}.AAAA.{part}.AAAA", encode(header.to_string()));
    let signed = key.token(&header, &good_claims());
    let started = Instant::now();
    for _ in 0..100 {
        assert_eq!(code(&ring, &jwe), "token_malformed");
        assert_eq!(code(&ring, &signed), "algorithm_not_allowed");
    }
    // Microseconds in truth; generous, so that a busy machine does not fail it.
    assert!(
        started.elapsed() < Duration::from_secs(1),
        "{:?}",
        started.elapsed()
    );
}

fn assert_dots_cost_nothing(len: usize) {
    let dots = ".".repeat(len);
    let expected = if len > MAX_TOKEN_BYTES {
        "token_too_large"
    } else {
        "token_malformed"
    };
    let started = Instant::now();
    for _ in 0..100 {
        assert_eq!(UntrustedToken::parse(&dots).unwrap_err().code(), expected);
    }
    assert!(
        started.elapsed() < Duration::from_secs(1),
        "{:?}",
        started.elapsed()
    );
}

fn hex(text: &str) -> Vec<u8> {
    let byte = |at| u8::from_str_radix(&text[at..at + 2], 16).unwrap();
    (0..text.len()).step_by(2).map(byte).collect()
}
