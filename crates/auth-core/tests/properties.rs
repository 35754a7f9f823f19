//! What must hold for every input, tried with inputs that nobody thought of.
//!
//! A failure is written to `properties.regressions` beside this file, which belongs into the
//! repository: from then on that input is tried first.

#![expect(clippy::unwrap_used, reason = "a test stops where it is wrong")]

use std::collections::HashMap;
use std::sync::LazyLock;

use auth_core::{Algorithm, Identity, KeyRing, Policy, TokenCache, UnixTime, UserClaim, Verifier};
use proptest::collection::{btree_map, vec};
use proptest::prelude::*;
use proptest::sample::{Index, select};
use proptest::test_runner::FileFailurePersistence;
use serde_json::{Map, Value, json};

#[path = "attacks/forge.rs"]
#[expect(dead_code, reason = "the attacks need more of it")]
mod forge;

#[path = "../fuzz/bodies.rs"]
mod bodies;

#[path = "../fuzz/keybook.rs"]
mod keybook;

use forge::{AUDIENCE, ISSUER, Key, NOW, decode, encode, good_claims, lasting, policy, ring, with};

fn cases(cases: u32) -> ProptestConfig {
    ProptestConfig {
        cases,
        failure_persistence: Some(Box::new(FileFailurePersistence::WithSource("regressions"))),
        ..ProptestConfig::default()
    }
}

fn any_algorithm() -> impl Strategy<Value = Algorithm> {
    select(&Algorithm::ALL[..])
}

fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        (1_799_000_000..1_801_000_000_i64).prop_map(Value::from),
        ".{0,12}".prop_map(Value::from),
        "[a-z0-9-]{0,40}".prop_map(Value::from),
        select(
            &[
                ISSUER,
                AUDIENCE,
                forge::USER,
                "JWT",
                "at+jwt",
                "EdDSA",
                "sig",
                "verify"
            ][..]
        )
        .prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 12, 4, |inner| {
        prop_oneof![
            vec(inner.clone(), 0..4).prop_map(Value::from),
            btree_map(".{0,6}", inner, 0..4)
                .prop_map(|object| Value::from(object.into_iter().collect::<Map<_, _>>())),
        ]
    })
}

/// `object` with some of its members, or of those that `names` lists, set to anything.
fn overlaid(object: Value, names: &'static [&'static str]) -> impl Strategy<Value = Value> {
    let name = prop_oneof![
        4 => select(names).prop_map(str::to_owned),
        1 => ".{0,8}",
    ];
    btree_map(name, any_json(), 0..4).prop_map(move |members| {
        let mut object = object.clone();
        object.as_object_mut().unwrap().extend(members);
        object
    })
}

/// One change to a text, at a place that is chosen when its length is known.
#[derive(Debug, Clone)]
enum Edit {
    Insert(Index, u8),
    Replace(Index, u8),
    Flip(Index, u8),
    Remove(Index, Index),
    Repeat(Index, Index),
    Swap(Index, Index),
}

fn any_edit() -> impl Strategy<Value = Edit> {
    let symbol = prop_oneof![
        4 => select(&b"ABCDabcd0189-_"[..]),
        2 => select(&b".=+/ \n\"{}[]:,\\0"[..]),
        1 => any::<u8>(),
    ];
    let at = any::<Index>;
    prop_oneof![
        (at(), symbol.clone()).prop_map(|(at, symbol)| Edit::Insert(at, symbol)),
        (at(), symbol).prop_map(|(at, symbol)| Edit::Replace(at, symbol)),
        (at(), 0..8_u8).prop_map(|(at, bit)| Edit::Flip(at, bit)),
        (at(), at()).prop_map(|(from, to)| Edit::Remove(from, to)),
        (at(), at()).prop_map(|(from, to)| Edit::Repeat(from, to)),
        (at(), at()).prop_map(|(one, two)| Edit::Swap(one, two)),
    ]
}

fn edited(text: &[u8], edits: &[Edit]) -> Vec<u8> {
    let mut text = text.to_vec();
    for edit in edits {
        if text.is_empty() {
            break;
        }
        let len = text.len();
        let range = |from: &Index, to: &Index| {
            let (from, to) = (from.index(len), to.index(len));
            // Mostly short, or little would be left to look at.
            from.min(to)..from.max(to).min(from.min(to) + 40)
        };
        match edit {
            Edit::Insert(at, symbol) => text.insert(at.index(len), *symbol),
            Edit::Replace(at, symbol) => text[at.index(len)] = *symbol,
            Edit::Flip(at, bit) => text[at.index(len)] ^= 1 << bit,
            Edit::Remove(from, to) => drop(text.drain(range(from, to))),
            Edit::Repeat(from, to) => {
                let again = text[range(from, to)].to_vec();
                text.extend(again);
            }
            Edit::Swap(one, two) => text.swap(one.index(len), two.index(len)),
        }
    }
    text
}

fn good_tokens() -> &'static HashMap<Algorithm, (String, KeyRing)> {
    static TOKENS: LazyLock<HashMap<Algorithm, (String, KeyRing)>> = LazyLock::new(|| {
        let made = |algorithm| {
            let key = lasting(algorithm);
            (algorithm, (key.good_token(), ring([key])))
        };
        Algorithm::ALL.map(made).into()
    });
    &TOKENS
}

fn verify(policy: Policy, ring: &KeyRing, token: &str) -> Option<Identity> {
    match forge::verify_with(policy, ring, token) {
        Ok(identity) => Some(identity),
        Err(denied) => {
            bodies::must_be_sayable(&denied);
            None
        }
    }
}

proptest! {
    #![proptest_config(cases(2000))]

    #[test]
    fn any_text_is_answered_and_none_is_a_token(text in ".{0,300}", bytes in vec(any::<u8>(), 0..300)) {
        bodies::token(text.as_bytes());
        bodies::token(&bytes);
        bodies::jwks(&bytes);
    }

    #[test]
    fn any_three_parts_are_answered_and_none_is_a_token(
        header in prop_oneof![
            vec(any::<u8>(), 0..80),
            any_json().prop_map(|json| json.to_string().into_bytes()),
        ],
        payload in vec(any::<u8>(), 0..80),
        signature in vec(any::<u8>(), 0..140),
    ) {
        let token = [header, payload, signature].map(encode).join(".");
        bodies::token(token.as_bytes());
    }

    /// Whatever a document says, no private, symmetric or weak key is taken from it.
    #[test]
    fn any_key_set_is_answered_and_gives_no_private_key(
        members in vec(any_member(), 0..6),
        edits in vec(any_edit(), 0..3),
    ) {
        let set = json!({ "keys": members }).to_string();
        bodies::jwks(set.as_bytes());
        bodies::jwks(&edited(set.as_bytes(), &edits));
    }
}

/// One of the five keys, changed a little or not at all, or something else.
fn any_member() -> impl Strategy<Value = Value> {
    const NAMES: &[&str] = &[
        "kty",
        "crv",
        "alg",
        "kid",
        "use",
        "key_ops",
        "x",
        "y",
        "n",
        "e",
        "d",
        "p",
        "q",
        "dp",
        "dq",
        "qi",
        "oth",
        "k",
        "priv",
        "x5c",
        "expiresAt",
    ];
    let key = any_algorithm().prop_flat_map(|algorithm| {
        let jwk = lasting(algorithm).jwk.clone();
        prop_oneof![
            Just(jwk.clone()),
            overlaid(jwk.clone(), NAMES),
            (select(&["x", "y", "n", "e"][..]), vec(any_edit(), 1..3)).prop_map(
                move |(name, edits)| {
                    let mut jwk = jwk.clone();
                    if let Some(number) = jwk[name].as_str() {
                        let number = edited(&decode(number), &edits);
                        jwk[name] = encode(number).into();
                    }
                    jwk
                }
            ),
        ]
    });
    let named = (key, "[a-z]{1,3}").prop_map(|(mut jwk, kid)| {
        if jwk["kid"].is_string() {
            jwk["kid"] = kid.into();
        }
        jwk
    });
    prop_oneof![4 => named, 1 => any_json()]
}

proptest! {
    #![proptest_config(cases(1000))]

    /// Whatever happens to an issuer's keys, in whatever order, with the clock set back between.
    #[test]
    fn any_life_of_keys_keeps_its_promises(steps in vec(any::<u8>(), 0..400)) {
        keybook::keybook(&steps);
    }
}

proptest! {
    #![proptest_config(cases(600))]

    #[test]
    fn a_token_that_is_nearly_good_is_refused(
        algorithm in any_algorithm(),
        edits in vec(any_edit(), 1..5),
    ) {
        let (good, ring) = &good_tokens()[&algorithm];
        let changed = edited(good.as_bytes(), &edits);
        if let Ok(changed) = str::from_utf8(&changed) {
            let admitted = verify(policy(), ring, changed).is_some();
            prop_assert_eq!(admitted, changed == good, "{} became {}", good, changed);
        }
    }

    /// Rightly signed, but with any header at all.
    #[test]
    fn a_header_is_accepted_only_for_what_it_says(
        header in overlaid(
            json!({ "alg": "EdDSA", "kid": "key-1" }),
            &["alg", "kid", "typ", "cty", "crit", "b64", "jwk", "jku", "x5u", "x5c", "x5t", "zip", "enc"],
        ),
    ) {
        let key = lasting(Algorithm::EdDsa);
        let token = key.token(&header, &good_claims());
        if verify(policy(), &ring([key]), &token).is_some() {
            prop_assert_eq!(&header["alg"], "EdDSA");
            prop_assert_eq!(&header["kid"], "key-1");
            for never in ["cty", "crit", "b64", "jwk", "jku", "x5u", "x5c", "x5t", "x5t#S256"] {
                prop_assert!(header.get(never).is_none(), "{}", never);
            }
            let typ = header.get("typ").map(|typ| typ.as_str().unwrap().to_lowercase());
            prop_assert!(matches!(typ.as_deref(), None | Some("jwt" | "application/jwt")));
        }
    }

    /// Rightly signed, but with any claims at all: judged once more, by other means.
    #[test]
    fn claims_are_accepted_only_for_what_they_say(
        choice in 0..16_u8,
        claims in overlaid(
            with(good_claims(), &json!({ "client_id": "c", "jti": "j" })),
            &[
                "iss", "aud", "exp", "nbf", "iat", "sub", "uuid", "sid", "jti", "cnf", "nonce",
                "at_hash", "c_hash", "events", "scope", "role", "client_id",
            ],
        ),
        edits in vec(any_edit(), 0..2),
    ) {
        let claims = claims.to_string();
        let payload = [&[choice], claims.as_bytes()].concat();
        bodies::claims(&payload);
        let payload = [&[choice], &*edited(claims.as_bytes(), &edits)].concat();
        bodies::claims(&payload);
    }
}

/// Claims as an issuer may write them, each within its type, and good at [`NOW`].
fn good_claims_of_any_kind() -> impl Strategy<Value = Value> {
    let now = NOW.as_secs();
    let times = (0..86_000_i64, 1..400_i64, any::<bool>(), 0..1000_i64);
    let ids = (
        any::<u128>().prop_filter("the nil uuid is nobody", |id| *id != 0),
        ".{1,20}",
        proptest::option::of(".{1,20}"),
        proptest::option::of(".{1,20}"),
    );
    let lists = (
        vec("[a-z:]{1,8}", 0..4),
        vec("[a-z]{1,8}", 0..4),
        0..3_usize,
    );
    // No name that means something here begins with a capital.
    let others = btree_map("[A-Z].{0,8}", any_json(), 0..4);
    (times, ids, lists, others).prop_map(
        move |(
            (age, left, fraction, nbf),
            (id, sub, sid, jti),
            (scopes, roles, audiences),
            others,
        )| {
            let mut aud = vec!["https://elsewhere.example"; audiences];
            aud.push(AUDIENCE);
            let exp = (now + left) as f64 + if fraction { 0.5 } else { 0.0 };
            let mut claims = json!({
                "iss": ISSUER,
                "aud": if audiences == 0 { json!(AUDIENCE) } else { json!(aud) },
                "exp": if fraction { json!(exp) } else { json!(now + left) },
                "iat": now - age,
                "nbf": now - nbf,
                "sub": sub,
                "uuid": hyphenated(id),
                "scope": scopes.join(" "),
                "role": roles.join(","),
            });
            let members = claims.as_object_mut().unwrap();
            members.extend(others);
            members.extend(sid.map(|sid| ("sid".into(), sid.into())));
            members.extend(jti.map(|jti| ("jti".into(), jti.into())));
            claims
        },
    )
}

fn hyphenated(id: u128) -> String {
    let hex = format!("{id:032x}");
    [
        &hex[..8],
        &hex[8..12],
        &hex[12..16],
        &hex[16..20],
        &hex[20..],
    ]
    .join("-")
}

proptest! {
    #![proptest_config(cases(300))]

    #[test]
    fn what_was_signed_is_what_comes_out(
        algorithm in any_algorithm(),
        claims in good_claims_of_any_kind(),
    ) {
        let key = lasting(algorithm);
        let token = key.token(&key.header(), &claims);
        let identity = forge::verify_with(policy(), &ring([key]), &token).unwrap();
        bodies::must_be_justified(&identity, claims.to_string().as_bytes(), &policy());
        // Through text, as a number may be written with more digits than it is read with.
        let written: Value = serde_json::from_str(&claims.to_string()).unwrap();
        prop_assert_eq!(identity.claims::<Value>().unwrap(), written);
        let scopes: Vec<_> = identity.scopes().collect();
        prop_assert_eq!(scopes.join(" "), claims["scope"].as_str().unwrap());
        let roles: Vec<_> = identity.roles().collect();
        prop_assert_eq!(roles.join(","), claims["role"].as_str().unwrap());
        prop_assert_eq!(identity.issued_at().unwrap().as_secs(), claims["iat"].as_i64().unwrap());
        prop_assert_eq!(identity.not_before().unwrap().as_secs(), claims["nbf"].as_i64().unwrap());

        // The same claims under the other reading of who the user is.
        let by_sub = forge::verify_with(policy().with_user_claim(UserClaim::Sub), &ring([key]), &token);
        let subject_is_uuid = by_sub.is_ok_and(|who| who.user_id().to_string() == identity.subject());
        prop_assert!(!subject_is_uuid || identity.subject().len() == 36);
    }

    /// Two keys of one algorithm: what one signed, the other never takes.
    #[test]
    fn nobody_elses_key_will_do(algorithm in any_algorithm(), claims in good_claims_of_any_kind()) {
        static STRANGERS: LazyLock<HashMap<Algorithm, Key>> =
            LazyLock::new(|| Algorithm::ALL.map(|a| (a, forge::key(a, "key-1"))).into());
        let (key, stranger) = (lasting(algorithm), &STRANGERS[&algorithm]);
        let token = stranger.token(&key.header(), &claims);
        let denied = forge::verify_with(policy(), &ring([key]), &token).unwrap_err();
        prop_assert_eq!(denied.code(), "signature_invalid");
    }
}

/// Every bit of a whole token, as its text is sent and as its parts are decoded: there is no bit
/// that does not matter.
#[test]
fn any_flipped_bit_of_a_good_token_is_refused() {
    for algorithm in Algorithm::ALL {
        let (good, ring) = &good_tokens()[&algorithm];
        let mut tried = 0;
        for bit in 0..good.len() * 8 {
            let mut text = good.clone().into_bytes();
            text[bit / 8] ^= 1 << (bit % 8);
            // What is no text cannot even be asked about.
            if let Ok(text) = str::from_utf8(&text) {
                assert!(
                    verify(policy(), ring, text).is_none(),
                    "{algorithm} bit {bit} of the text"
                );
                tried += 1;
            }
        }
        assert_eq!(tried, good.len() * 7, "{algorithm}");
        let parts: Vec<Vec<u8>> = good.split('.').map(decode).collect();
        for (at, part) in parts.iter().enumerate() {
            for bit in 0..part.len() * 8 {
                let mut flipped = parts.clone();
                flipped[at][bit / 8] ^= 1 << (bit % 8);
                let text = flipped.iter().map(encode).collect::<Vec<_>>().join(".");
                assert!(
                    verify(policy(), ring, &text).is_none(),
                    "{algorithm} bit {bit} of {at}"
                );
            }
        }
    }
}

#[derive(Debug, Clone)]
enum Step {
    Remember {
        user: usize,
        epoch: u64,
    },
    Ask {
        user: usize,
        epoch: Option<u64>,
        after: i64,
    },
    AskForNobody {
        user: usize,
        edits: Vec<Edit>,
    },
}

fn any_step() -> impl Strategy<Value = Step> {
    let epoch = 0..3_u64;
    let user = 0..USERS;
    prop_oneof![
        (user.clone(), epoch.clone()).prop_map(|(user, epoch)| Step::Remember { user, epoch }),
        (user.clone(), proptest::option::of(epoch), -200..1200_i64)
            .prop_map(|(user, epoch, after)| Step::Ask { user, epoch, after }),
        (user, vec(any_edit(), 1..3)).prop_map(|(user, edits)| Step::AskForNobody { user, edits }),
    ]
}

const USERS: usize = 24;

/// Tokens that differ in as little as their user, each with what verifying it gave.
fn verified() -> &'static [(String, Identity)] {
    static VERIFIED: LazyLock<Vec<(String, Identity)>> = LazyLock::new(|| {
        let key = lasting(Algorithm::EdDsa);
        let ring = ring([key]);
        let of = |user: usize| {
            let claims =
                json!({ "uuid": hyphenated(1 + user as u128), "padding": "p".repeat(user % 5) });
            let token = key.token(&key.header(), &with(good_claims(), &claims));
            let identity = forge::verify_with(policy(), &ring, &token).unwrap();
            (token, identity)
        };
        (0..USERS).map(of).collect()
    });
    &VERIFIED
}

proptest! {
    #![proptest_config(cases(400))]

    /// Against a model that remembers everything: the cache may forget, but what it says is what
    /// was put in for that very token, in that epoch, and in its time.
    #[test]
    fn a_cache_never_answers_with_anything_but_the_tokens_own_identity(
        kib in select(&[0_usize, 1, 8, 64, 1024][..]),
        steps in vec(any_step(), 1..120),
    ) {
        let cache = TokenCache::new(kib * 1024);
        let verifier = Verifier::new(policy());
        let mut model: HashMap<usize, u64> = HashMap::new();
        let mut hits = 0;
        for step in steps {
            match step {
                Step::Remember { user, epoch } => {
                    let (token, identity) = &verified()[user];
                    cache.insert(token, identity, &verifier, 5, epoch);
                    model.insert(user, epoch);
                }
                Step::Ask { user, epoch, after } => {
                    let (token, identity) = &verified()[user];
                    let now = UnixTime::from_secs(NOW.as_secs() + after);
                    let found = cache.get(token, now, |issuer| {
                        assert_eq!(issuer, 5);
                        epoch
                    });
                    let Some(found) = found else { continue };
                    hits += 1;
                    prop_assert_eq!(epoch, model.get(&user).copied());
                    // Minted a minute ago, for fifteen minutes; the leeway is thirty seconds.
                    prop_assert!(after >= -90);
                    match found {
                        Ok(found) => {
                            prop_assert_eq!(&found, identity);
                            prop_assert!(after < 870);
                        }
                        Err(denied) => {
                            prop_assert_eq!(denied.code(), "token_expired");
                            prop_assert!(after >= 870);
                        }
                    }
                }
                Step::AskForNobody { user, edits } => {
                    let (token, _) = &verified()[user];
                    let other = edited(token.as_bytes(), &edits);
                    let Ok(other) = str::from_utf8(&other) else { continue };
                    let known = verified().iter().any(|(token, _)| token == other);
                    let found = (0..3).any(|epoch| cache.get(other, NOW, |_| Some(epoch)).is_some());
                    prop_assert!(known || !found, "{} for {}", other, token);
                }
            }
            prop_assert!(cache.bytes() <= kib as u64 * 1024);
            prop_assert!(cache.len() <= model.len());
        }
        // In a cache with room for all, what was asked for rightly was found.
        prop_assert!(kib < 1024 || cache.len() == model.len(), "{} hits", hits);
    }
}
