//! Inputs of every kind: any text, any JSON, good things with a change or two, and good claims as
//! an issuer may write them.

use std::collections::HashMap;
use std::sync::LazyLock;

use auth_core::{Algorithm, KeyRing};
use proptest::collection::{btree_map, vec};
use proptest::prelude::*;
use proptest::sample::{Index, select};
use serde_json::{Map, Value, json};

use crate::forge::{AUDIENCE, ISSUER, NOW, USER, decode, encode, lasting, ring};

pub(crate) fn any_algorithm() -> impl Strategy<Value = Algorithm> {
    select(&Algorithm::ALL[..])
}

pub(crate) fn any_json() -> impl Strategy<Value = Value> {
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
                ISSUER, AUDIENCE, USER, "JWT", "at+jwt", "EdDSA", "sig", "verify"
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
pub(crate) fn overlaid(
    object: Value,
    names: &'static [&'static str],
) -> impl Strategy<Value = Value> {
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
pub(crate) enum Edit {
    Insert(Index, u8),
    Replace(Index, u8),
    Flip(Index, u8),
    Remove(Index, Index),
    Repeat(Index, Index),
    Swap(Index, Index),
}

pub(crate) fn any_edit() -> impl Strategy<Value = Edit> {
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

pub(crate) fn edited(text: &[u8], edits: &[Edit]) -> Vec<u8> {
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

pub(crate) fn good_tokens() -> &'static HashMap<Algorithm, (String, KeyRing)> {
    static TOKENS: LazyLock<HashMap<Algorithm, (String, KeyRing)>> = LazyLock::new(|| {
        let made = |algorithm| {
            let key = lasting(algorithm);
            (algorithm, (key.good_token(), ring([key])))
        };
        Algorithm::ALL.map(made).into()
    });
    &TOKENS
}

/// One of the five keys, changed a little or not at all, or something else.
pub(crate) fn any_member() -> impl Strategy<Value = Value> {
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

/// Claims as an issuer may write them, each within its type, and good at [`NOW`].
pub(crate) fn good_claims_of_any_kind() -> impl Strategy<Value = Value> {
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

pub(crate) fn hyphenated(id: u128) -> String {
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
