//! Accounts in memory, as a guard asks them.

#![expect(clippy::unwrap_used, reason = "a test stops where it is wrong")]

use std::time::{Duration, Instant, SystemTime};

use auth_core::{Accounts, Identity, Standing, UnixTime};
use auth_testkit::{FakeAccounts, TokenBuilder, identity_from, identity_of};
use uuid::Uuid;

const ALICE: Uuid = Uuid::from_u128(0xA11CE);
const BOB: Uuid = Uuid::from_u128(0xB0B);

/// Both answers, which must be one.
async fn standing(accounts: &FakeAccounts, who: &Identity) -> Standing {
    let asked = accounts.standing(who).await.unwrap();
    assert_eq!(accounts.standing_now(who), Some(asked));
    asked
}

#[actix_rt::test]
async fn everybody_is_welcome_until_a_test_says_otherwise() {
    let accounts = FakeAccounts::new();
    let (alice, bob) = (identity_of(ALICE), identity_of(BOB));
    assert_eq!(standing(&accounts, &alice).await, Standing::Good);
    for (change, expected) in [
        (
            FakeAccounts::ban as fn(&FakeAccounts, Uuid),
            Standing::Banned,
        ),
        (FakeAccounts::delete, Standing::Unknown),
        (FakeAccounts::restore, Standing::Good),
    ] {
        // A clone is the same.
        change(&accounts.clone(), ALICE);
        assert_eq!(standing(&accounts, &alice).await, expected);
        assert_eq!(standing(&accounts, &bob).await, Standing::Good);
    }
}

#[actix_rt::test]
async fn sessions_end_and_tokens_are_revoked_one_by_one_or_by_their_age() {
    let accounts = FakeAccounts::new();
    let in_session = identity_from(&TokenBuilder::for_user(ALICE).session("session-1"));
    let named = identity_from(&TokenBuilder::for_user(ALICE).claim("jti", "token-1"));
    // A second old: `iat` has no fractions.
    let second = Duration::from_secs(1);
    let other = identity_from(&TokenBuilder::for_user(ALICE).minted_ago(second));

    accounts.sign_out("session-1");
    accounts.revoke_token("token-1");
    assert_eq!(standing(&accounts, &in_session).await, Standing::SignedOut);
    assert_eq!(standing(&accounts, &named).await, Standing::Revoked);
    assert_eq!(standing(&accounts, &other).await, Standing::Good);

    let minute = Duration::from_secs(60);
    let old = identity_from(&TokenBuilder::for_user(ALICE).minted_ago(minute));
    let undated = identity_from(&TokenBuilder::for_user(ALICE).without_claim("iat"));
    let begin = UnixTime::from(SystemTime::now()) - Duration::from_secs(30);
    accounts.revoke_before(ALICE, begin);
    assert_eq!(standing(&accounts, &old).await, Standing::Revoked);
    assert_eq!(standing(&accounts, &undated).await, Standing::Revoked);
    assert_eq!(standing(&accounts, &other).await, Standing::Good);
    accounts.revoke_all_of(ALICE);
    assert_eq!(standing(&accounts, &other).await, Standing::Revoked);
    assert_eq!(standing(&accounts, &identity_of(BOB)).await, Standing::Good);
}

#[actix_rt::test]
async fn out_of_reach_or_slow_they_have_no_answer_at_hand() {
    let (accounts, alice) = (FakeAccounts::new(), identity_of(ALICE));
    accounts.go_down();
    assert_eq!(accounts.standing_now(&alice), None);
    assert!(accounts.standing(&alice).await.is_err());
    accounts.come_back();
    assert_eq!(standing(&accounts, &alice).await, Standing::Good);

    accounts.answer_after(Duration::from_millis(100));
    assert_eq!(accounts.standing_now(&alice), None);
    let asked = Instant::now();
    assert_eq!(accounts.standing(&alice).await.unwrap(), Standing::Good);
    assert!(asked.elapsed() >= Duration::from_millis(100));
    accounts.answer_at_once();
    let before = accounts.questions();
    assert_eq!(standing(&accounts, &alice).await, Standing::Good);
    assert_eq!(accounts.questions(), before + 2);
}
