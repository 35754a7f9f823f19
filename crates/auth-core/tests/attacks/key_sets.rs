use std::slice;
use std::time::{Duration, Instant};

use auth_core::{Algorithm, KeyRing, KeySetError, MAX_KEY_SET_BYTES, MAX_KEYS, SkipReason};
use serde_json::{Value, json};

use crate::forge::{ABSENT, Key, code, encode, good_claims, key, ring, with};

pub(crate) fn parse(keys: &[Value]) -> Result<KeyRing, KeySetError> {
    KeyRing::parse(json!({ "keys": keys }).to_string().as_bytes())
}

/// The one reason why this key is skipped; the good key beside it must not suffer.
pub(crate) fn skipped(jwk: &Value) -> SkipReason {
    let good = key(Algorithm::EdDsa, "good");
    let ring = parse(&[jwk.clone(), good.jwk.clone()]).unwrap();
    assert_eq!(ring.key_ids().collect::<Vec<_>>(), ["good"], "{jwk}");
    assert_eq!(code(&ring, &good.good_token()), "admitted");
    let [only] = ring.skipped() else {
        panic!("{jwk}: {:?}", ring.skipped());
    };
    assert_eq!(only.index, 0);
    only.reason.clone()
}

pub(crate) fn keys_of_each_algorithm() -> [Key; 5] {
    Algorithm::ALL.map(|algorithm| key(algorithm, "key-1"))
}

#[test]
fn a_bad_member_does_not_take_the_others_down() {
    for member in [
        json!(null),
        json!(1),
        json!("key"),
        json!([]),
        json!(["OKP", "Ed25519"]),
        json!({}),
        json!({ "kty": null }),
        json!({ "kty": 1, "kid": "a" }),
        // The post-quantum key that took whole sets down in 2026.
        json!({ "kty": "AKP", "alg": "ML-DSA-44", "kid": "pq", "pub": "AAAA" }),
        json!({ "kty": "OKP", "crv": "X25519", "kid": "a", "x": encode([9; 32]) }),
        json!({ "kty": "OKP", "crv": "Ed448", "kid": "a", "x": encode([9; 57]) }),
        json!({ "kty": "EC", "crv": "P-384", "kid": "a" }),
        json!({ "kty": "EC", "crv": "secp256k1", "kid": "a" }),
        json!({ "kty": "okp", "crv": "Ed25519", "kid": "a" }),
    ] {
        let reason = skipped(&member);
        assert!(
            matches!(
                reason,
                SkipReason::Malformed(_) | SkipReason::KeyType(_) | SkipReason::Curve(_)
            ),
            "{member}: {reason}"
        );
    }
}

#[test]
fn a_member_of_the_wrong_type_makes_that_key_unusable() {
    for key in keys_of_each_algorithm() {
        for name in [
            "kty", "crv", "alg", "kid", "use", "key_ops", "x", "y", "n", "e",
        ] {
            for wrong in [
                json!(null),
                json!(7),
                json!(["x"]),
                json!({ "x": 1 }),
                json!(true),
            ] {
                let has_it =
                    key.jwk.get(name).is_some() || ["use", "key_ops", "crv"].contains(&name);
                if has_it {
                    skipped(&with(key.jwk.clone(), &json!({ name: wrong })));
                }
            }
        }
    }
}

#[test]
fn a_name_twice_in_a_key_makes_it_unusable() {
    let good = key(Algorithm::EdDsa, "good");
    let other = key(Algorithm::EdDsa, "key-1");
    let text = other.jwk.to_string();
    let body = text.strip_suffix('}').unwrap();
    for again in [
        format!(r#"{body},"x":"AAAA"}}"#),
        format!(r#"{body},"y":{{"a":1,"a":1}}}}"#),
    ] {
        let jwks = format!(r#"{{"keys":[{again},{}]}}"#, good.jwk);
        let ring = KeyRing::parse(jwks.as_bytes()).unwrap();
        assert_eq!(ring.key_ids().collect::<Vec<_>>(), ["good"]);
        assert!(matches!(ring.skipped()[0].reason, SkipReason::Malformed(_)));
    }
    let lone_surrogate = format!(r#"{{"keys":[{{"kty":"\ud800"}},{}]}}"#, good.jwk);
    assert_eq!(KeyRing::parse(lone_surrogate.as_bytes()).unwrap().len(), 1);
}

#[test]
fn what_is_no_key_set_is_an_error() {
    let good = key(Algorithm::EdDsa, "good").jwk;
    for text in [
        String::new(),
        "null".into(),
        "[]".into(),
        format!("[{good}]"),
        format!("[[{good}]]"),
        good.to_string(),
        "{}".into(),
        r#"{"keys":null}"#.into(),
        r#"{"keys":{}}"#.into(),
        format!(r#"{{"keys":{good}}}"#),
        format!(r#"{{"Keys":[{good}]}}"#),
        format!(r#"{{"keys":[],"keys":[{good}]}}"#),
        format!(r#"{{"keys":[{good}]"#),
        format!(r#"{{"keys":[{good}]}} trailing"#),
        format!("\u{feff}{{\"keys\":[{good}]}}"),
        "<html>502 Bad Gateway</html>".into(),
    ] {
        assert_eq!(
            KeyRing::parse(text.as_bytes()).unwrap_err(),
            KeySetError::Malformed,
            "{text}"
        );
    }
    let not_utf8 = [good.to_string().as_bytes(), b"\xff"].concat();
    assert_eq!(
        KeyRing::parse(&not_utf8).unwrap_err(),
        KeySetError::Malformed
    );
    assert!(KeyRing::parse(format!(r#" {{"other":1,"keys":[{good}]}} "#).as_bytes()).is_ok());
}

#[test]
fn a_set_without_a_usable_key_is_an_error_that_tells_why() {
    let empty = parse(&[]).unwrap_err();
    assert_eq!(
        empty,
        KeySetError::NoUsableKey {
            skipped: Vec::new()
        }
    );
    assert_eq!(empty.to_string(), "key set has no usable key");
    let two = parse(&[json!({ "kty": "AKP", "kid": "pq" }), json!(null)]).unwrap_err();
    assert_eq!(
        two.to_string(),
        "key set has no usable key; key \"pq\" at 0: key type \"AKP\" is not supported; and 1 more"
    );
}

#[test]
fn a_set_is_measured_before_it_is_read() {
    let good = key(Algorithm::EdDsa, "good").jwk;
    let of_size = |size: usize| {
        let text = format!(r#"{{"keys":[{good}]}}"#);
        format!("{text}{}", " ".repeat(size - text.len()))
    };
    assert!(KeyRing::parse(of_size(MAX_KEY_SET_BYTES).as_bytes()).is_ok());
    let size = MAX_KEY_SET_BYTES + 1;
    let too_large = KeyRing::parse(of_size(size).as_bytes()).unwrap_err();
    assert_eq!(too_large, KeySetError::TooLarge { size });
}

#[test]
fn of_too_many_keys_the_last_are_used() {
    let x = key(Algorithm::EdDsa, "any").jwk["x"].clone();
    let set = |count: usize| {
        let keys = (0..count)
            .map(|i| json!({ "kty": "OKP", "crv": "Ed25519", "kid": format!("key-{i}"), "x": x }));
        parse(&keys.collect::<Vec<_>>()).unwrap()
    };
    assert_eq!(
        (set(MAX_KEYS).len(), set(MAX_KEYS).skipped().len()),
        (MAX_KEYS, 0)
    );
    let ring = set(MAX_KEYS + 3);
    assert_eq!(ring.len(), MAX_KEYS);
    assert!(!ring.contains("key-2") && ring.contains("key-3") && ring.contains("key-66"));
    // Said once, however many they are.
    assert_eq!(ring.skipped().len(), 1);
    let reason = &ring.skipped()[0].reason;
    assert_eq!(*reason, SkipReason::TooMany { ignored: 3 });
}

#[test]
fn keys_of_one_id_and_one_algorithm_are_ambiguous_and_none_is_used() {
    let (one, two) = (
        key(Algorithm::EdDsa, "key-1"),
        key(Algorithm::EdDsa, "key-1"),
    );
    let other = key(Algorithm::EdDsa, "key-2");
    for twins in [
        vec![one.jwk.clone(), two.jwk.clone()],
        vec![two.jwk.clone(), one.jwk.clone()],
        vec![one.jwk.clone(), one.jwk.clone()],
        vec![one.jwk.clone(), two.jwk.clone(), one.jwk.clone()],
        vec![
            one.jwk.clone(),
            with(two.jwk.clone(), &json!({ "alg": ABSENT })),
        ],
    ] {
        let ring = parse(&[slice::from_ref(&other.jwk), &*twins].concat()).unwrap();
        assert_eq!(code(&ring, &one.good_token()), "key_unknown");
        assert_eq!(code(&ring, &two.good_token()), "key_unknown");
        assert_eq!(code(&ring, &other.good_token()), "admitted");
        let skipped: Vec<_> = ring
            .skipped()
            .iter()
            .map(|key| (key.index, &key.reason))
            .collect();
        let expected: Vec<_> = (1..=twins.len())
            .map(|i| (i, &SkipReason::Ambiguous))
            .collect();
        assert_eq!(skipped, expected);
        assert!(matches!(
            parse(&twins),
            Err(KeySetError::NoUsableKey { .. })
        ));
    }
    // However they were found out, the skipped are listed in the order of the set.
    let ring = parse(&[one.jwk.clone(), two.jwk.clone(), json!(null), other.jwk]).unwrap();
    let skipped: Vec<_> = ring.skipped().iter().map(|key| key.index).collect();
    assert_eq!(skipped, [0, 1, 2]);

    // A namesake that cannot be used anyway is no rival.
    let broken = with(two.jwk.clone(), &json!({ "x": "AAAA" }));
    let ring = parse(&[broken, one.jwk.clone()]).unwrap();
    assert_eq!(code(&ring, &one.good_token()), "admitted");
}

#[test]
fn keys_of_one_id_and_different_algorithms_are_told_apart() {
    let keys = keys_of_each_algorithm();
    let ring = ring(&keys);
    assert_eq!((ring.len(), ring.key_ids().count()), (5, 1));
    for key in &keys {
        assert_eq!(
            code(&ring, &key.good_token()),
            "admitted",
            "{}",
            key.algorithm
        );
    }
}

/// What a successor must be compared by: not ids alone, which somebody may have given to another key.
#[test]
fn a_ring_tells_whether_its_successor_still_means_the_same_keys() {
    let (one, two) = (
        key(Algorithm::EdDsa, "key-1"),
        key(Algorithm::Es256, "key-2"),
    );
    let impostor = key(Algorithm::EdDsa, "key-1");
    let both_names = one.clone().named("key-3");
    let before = ring([&one, &two]);
    for (name, after, keeps_all, reused) in [
        ("the same", ring([&one, &two]), true, &[][..]),
        ("in another order", ring([&two, &one]), true, &[]),
        ("one more", ring([&one, &two, &both_names]), true, &[]),
        ("one less", ring([&one]), false, &[]),
        ("another key", ring([&impostor, &two]), false, &["key-1"]),
        ("another name", ring([&both_names, &two]), false, &[]),
        (
            "another algorithm",
            ring([&key(Algorithm::Es256, "key-1"), &two]),
            false,
            &["key-1"],
        ),
        ("all others", ring([&impostor]), false, &["key-1"]),
    ] {
        assert_eq!(after.keeps_all_of(&before), keeps_all, "{name}");
        assert_eq!(after.reused_ids(&before), reused, "{name}");
    }
    let mut relabelled = key(Algorithm::Rs256, "rsa");
    let rsa = ring([&relabelled]);
    relabelled.jwk["alg"] = json!("PS256");
    assert!(!ring([&relabelled]).keeps_all_of(&rsa));
}

/// What the set holds is somebody else's text: it is shortened and escaped before it is logged,
/// and numbers of a key are never shown.
#[test]
fn skipped_keys_are_described_safely() {
    let long = "n".repeat(3000);
    for jwk in [
        json!({ "kty": "\u{1b}[31m\n\u{202e}", "kid": "a\r\nb" }),
        json!({ "kty": long, "kid": long }),
        json!({ "kty": "OKP", "crv": long, "kid": long }),
        json!({ "kty": "RSA", "alg": long, "kid": long, "n": "bm4", "e": "AQAB" }),
    ] {
        let ring = parse(&[jwk, key(Algorithm::EdDsa, "good").jwk]).unwrap();
        let shown = format!("{} {ring:?}", ring.skipped()[0]);
        assert!(shown.len() < 1500 && shown.is_ascii(), "{shown}");
        assert!(!shown.contains(['\n', '\r', '\u{1b}']), "{shown}");
    }
    let private = with(
        key(Algorithm::EdDsa, "a").jwk,
        &json!({ "d": "c2VjcmV0LXNlY3JldA" }),
    );
    let error = parse(slice::from_ref(&private)).unwrap_err();
    let shown = format!("{error} {error:?}");
    assert!(
        !shown.contains("c2VjcmV0") && !shown.contains(private["x"].as_str().unwrap()),
        "{shown}"
    );
}

#[test]
fn a_hostile_set_costs_little() {
    let started = Instant::now();
    let names = (0..6000)
        .map(|i| format!(r#""{i}":0"#))
        .collect::<Vec<_>>()
        .join(",");
    let nulls = vec!["null"; 13_000].join(",");
    for text in [
        format!(r#"{{"keys":[{{{names}}}]}}"#),
        format!(r#"{{"keys":[{nulls}]}}"#),
        format!(r#"{{"keys":[{}]}}"#, "[".repeat(65_000)),
        format!(
            r#"{{"keys":[{}{}]}}"#,
            "[".repeat(32_000),
            "]".repeat(32_000)
        ),
        format!(
            r#"{{"keys":{}{}}}"#,
            r#"[{"a":"#.repeat(10_000),
            "}]".repeat(2_000)
        ),
    ] {
        assert!(text.len() <= MAX_KEY_SET_BYTES, "{}", text.len());
        KeyRing::parse(text.as_bytes()).unwrap_err();
    }
    // Milliseconds in truth; generous, so that a busy machine does not fail it.
    assert!(started.elapsed() < Duration::from_secs(5));
}

#[test]
fn good_claims_need_a_good_key_set() {
    let key = key(Algorithm::EdDsa, "key-1");
    let with_noise = json!({
        "keys": [null, { "kty": "AKP" }, key.jwk, 5],
        "issuer": "https://app.example",
    });
    let ring = KeyRing::parse(with_noise.to_string().as_bytes()).unwrap();
    assert_eq!(
        code(&ring, &key.token(&key.header(), &good_claims())),
        "admitted"
    );
    assert_eq!(
        ring.skipped()
            .iter()
            .map(|key| key.index)
            .collect::<Vec<_>>(),
        [0, 1, 3]
    );
}
