//! What was signed comes out as it was, and nothing else comes out.

use std::collections::HashMap;
use std::sync::LazyLock;

use auth_core::{Algorithm, UserClaim};
use proptest::prelude::*;
use serde_json::Value;

use crate::forge::{Key, decode, encode, lasting, policy, ring};
use crate::given::{any_algorithm, good_claims_of_any_kind, good_tokens};
use crate::inputs::verify;
use crate::{bodies, cases, forge};

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
