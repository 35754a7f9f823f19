//! Nobody ever gets another's identity from the cache.

use std::collections::HashMap;
use std::sync::LazyLock;

use auth_core::{Algorithm, Identity, TokenCache, UnixTime, Verifier};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use serde_json::json;

use crate::forge::{NOW, good_claims, lasting, policy, ring, with};
use crate::given::{Edit, any_edit, edited, hyphenated};
use crate::{cases, forge};

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
