//! Whatever is sent or served is answered, and nobody is let in for the wrong reason.

use auth_core::{Algorithm, Identity, KeyRing, Policy};
use proptest::collection::vec;
use proptest::prelude::*;
use serde_json::json;

use crate::forge::{encode, good_claims, lasting, policy, ring, with};
use crate::given::{any_algorithm, any_edit, any_json, any_member, edited, good_tokens, overlaid};
use crate::{bodies, cases, forge, keybook};

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

pub(crate) fn verify(policy: Policy, ring: &KeyRing, token: &str) -> Option<Identity> {
    match forge::verify_with(policy, ring, token) {
        Ok(identity) => Some(identity),
        Err(denied) => {
            bodies::must_be_sayable(&denied);
            None
        }
    }
}
