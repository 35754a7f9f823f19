//! Tokens that were verified before: what a hit saves, and what it does not.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicUsize, Ordering};
use std::time::{Duration, SystemTime};

use actix_web::web;
use auth_actix::{AuthBridge, Drawbridge, Policy, UnixTime};
use auth_testkit::{FakeAccounts, FakeIssuer, Flaw};
use uuid::Uuid;

use crate::support::{ALICE, BOB, bearer, builder, eventually, whoami};

fn routes(drawbridge: &Drawbridge) -> impl FnOnce(&mut web::ServiceConfig) {
    let guard = drawbridge.guard();
    |cfg| {
        cfg.service(
            web::scope("/api")
                .wrap(guard)
                .route("/whoami", web::get().to(whoami)),
        );
    }
}

async fn code(bridge: &AuthBridge, token: &str) -> &'static str {
    let admitted = bridge.admit(token).await;
    admitted.map_or_else(|refusal| refusal.code(), |_| "ok")
}

#[actix_web::test]
async fn a_good_token_is_remembered_once_and_a_refused_one_never() {
    let issuer = FakeIssuer::start();
    let drawbridge = builder(&issuer).start().await.unwrap();
    let app = app!(routes(&drawbridge));
    for &flaw in Flaw::ALL {
        let token = issuer.mint_bad(ALICE, flaw);
        for _ in 0..2 {
            let answer = ask!(&app, bearer("/api/whoami", &token));
            assert_eq!(answer.refusal(), (401, flaw.code().to_owned()), "{flaw:?}");
        }
    }
    assert_eq!(drawbridge.status().cached_tokens, 0);

    let token = issuer.token_for(ALICE);
    for _ in 0..3 {
        let answer = ask!(&app, bearer("/api/whoami", &token));
        assert_eq!((answer.status, answer.body), (200, ALICE.to_string()));
    }
    let status = drawbridge.status();
    assert_eq!(status.cached_tokens, 1);
    assert!(status.cached_bytes as usize > token.len());
}

#[actix_web::test]
async fn hundreds_of_tokens_of_many_users_never_mix() {
    let issuer = FakeIssuer::start();
    let users: Vec<Uuid> = (0..150).map(|_| Uuid::new_v4()).collect();
    let minted = |session: &str| {
        let tokens = users
            .iter()
            .map(|user| issuer.mint(*user, |token| token.session(session)));
        tokens.collect::<Vec<_>>()
    };
    let tokens: Vec<_> = users
        .iter()
        .cycle()
        .zip([minted("a"), minted("b")].concat())
        .collect();
    // Room for all of them, and for some of them.
    for bytes in [32 << 20, 64 << 10] {
        let drawbridge = builder(&issuer).cache_bytes(bytes).start().await.unwrap();
        let app = app!(routes(&drawbridge));
        for step in [1, 7, 113] {
            for i in 0..tokens.len() {
                let (user, token) = &tokens[i * step % tokens.len()];
                let answer = ask!(&app, bearer("/api/whoami", token));
                assert_eq!((answer.status, answer.body), (200, user.to_string()));
            }
        }
        let status = drawbridge.status();
        assert_eq!(status.cached_tokens == tokens.len(), bytes == 32 << 20);
        assert!(status.cached_tokens > 0 && status.cached_bytes <= bytes as u64);
    }
}

#[actix_web::test]
async fn a_remembered_token_dies_when_its_key_is_withdrawn() {
    let issuer = FakeIssuer::start();
    let drawbridge = builder(&issuer).start().await.unwrap();
    let app = app!(routes(&drawbridge));
    let (old_key, old) = (issuer.key_id(), issuer.token_for(ALICE));
    assert_eq!(ask!(&app, bearer("/api/whoami", &old)).status, 200);

    // A key that is added takes nothing away.
    issuer.rotate();
    let new = issuer.token_for(ALICE);
    assert_eq!(ask!(&app, bearer("/api/whoami", &new)).status, 200);
    assert_eq!(ask!(&app, bearer("/api/whoami", &old)).status, 200);
    assert_eq!(drawbridge.status().cached_tokens, 2);

    issuer.withdraw(&old_key);
    drawbridge.bridge().feed().refresh_now();
    eventually(|| drawbridge.status().key_sets[0].feed.keys == 1).await;
    assert_eq!(
        ask!(&app, bearer("/api/whoami", &old)).refusal(),
        (401, "key_unknown".into())
    );
    assert_eq!(ask!(&app, bearer("/api/whoami", &new)).status, 200);
}

#[actix_web::test]
async fn a_remembered_token_dies_when_its_keys_id_comes_to_mean_another_key() {
    let issuer = FakeIssuer::start();
    let drawbridge = builder(&issuer).start().await.unwrap();
    let bridge = drawbridge.bridge();
    let old = issuer.token_for(ALICE);
    assert_eq!(code(bridge, &old).await, "ok");
    let epoch = bridge.feed().epoch();
    issuer.reuse_key_id();
    bridge.feed().refresh_now();
    eventually(|| bridge.feed().epoch() != epoch).await;
    assert_eq!(code(bridge, &old).await, "signature_invalid");
    assert_eq!(code(bridge, &issuer.token_for(ALICE)).await, "ok");
}

#[actix_web::test]
async fn a_remembered_token_is_503_while_the_keys_are_too_old_to_be_relied_on() {
    let issuer = FakeIssuer::start();
    let drawbridge = builder(&issuer)
        .key_feed(|keys| {
            keys.max_age = Duration::from_secs(2);
            keys.max_stale = Duration::from_secs(2);
            keys.timeout = Duration::from_millis(200);
            keys.wait = Duration::from_millis(50);
        })
        .start()
        .await
        .unwrap();
    let app = app!(routes(&drawbridge));
    let token = issuer.token_for(ALICE);
    assert_eq!(ask!(&app, bearer("/api/whoami", &token)).status, 200);
    issuer.go_down();
    eventually(|| !drawbridge.status().is_ready()).await;
    let answer = ask!(&app, bearer("/api/whoami", &token));
    assert_eq!(answer.refusal(), (503, "keys_unavailable".into()));
    assert_ne!(answer.header("retry-after"), "");
    issuer.come_back();
    eventually(|| drawbridge.status().is_ready()).await;
    assert_eq!(ask!(&app, bearer("/api/whoami", &token)).status, 200);
}

#[actix_web::test]
async fn a_remembered_token_dies_at_its_time_and_not_before() {
    let issuer = FakeIssuer::start();
    let now = UnixTime::from(SystemTime::now());
    let ahead = Arc::new(AtomicI64::new(0));
    let clock = Arc::clone(&ahead);
    let drawbridge = builder(&issuer)
        .clock(move || now + Duration::from_secs(clock.load(Ordering::Relaxed) as u64))
        .start()
        .await
        .unwrap();
    let token = issuer.mint(ALICE, |token| {
        token.expires_at(now + Duration::from_secs(100))
    });
    let leeway = Policy::DEFAULT_LEEWAY.as_secs() as i64;
    for (seconds, expected) in [
        (0, "ok"),
        (99, "ok"),
        // `exp` is in whole seconds, so it may have been cut by almost one.
        (100 + leeway - 2, "ok"),
        (100 + leeway, "token_expired"),
        (100_000, "token_expired"),
        (50, "ok"),
    ] {
        ahead.store(seconds, Ordering::Relaxed);
        for _ in 0..2 {
            let code = code(drawbridge.bridge(), &token).await;
            assert_eq!(code, expected, "{seconds}");
        }
    }
    assert_eq!(drawbridge.status().cached_tokens, 1);
}

#[actix_web::test]
async fn revocation_reaches_a_remembered_token_at_once() {
    let issuer = FakeIssuer::start();
    let accounts = FakeAccounts::new();
    let drawbridge = builder(&issuer)
        .accounts(Arc::new(accounts.clone()))
        .start()
        .await
        .unwrap();
    let app = app!(routes(&drawbridge));
    let minted = |user, session: &str| {
        issuer.mint(user, |token| {
            token
                .session(session)
                .claim("jti", format!("jti-{session}"))
        })
    };
    // Whether the answer is at hand, or has to be awaited.
    for at_hand in [true, false] {
        match at_hand {
            true => accounts.answer_at_once(),
            false => accounts.answer_after(Duration::from_millis(1)),
        }
        let tag = if at_hand { "now" } else { "later" };
        let (token, other_session) = (minted(ALICE, tag), minted(ALICE, &format!("{tag}-2")));
        let bobs = minted(BOB, &format!("{tag}-3"));
        for token in [&token, &other_session, &bobs, &token] {
            assert_eq!(ask!(&app, bearer("/api/whoami", token)).status, 200);
        }

        accounts.ban(ALICE);
        let banned = ask!(&app, bearer("/api/whoami", &token));
        assert_eq!(banned.refusal(), (401, "user_banned".into()));
        assert_eq!(
            banned.header("www-authenticate"),
            r#"Bearer realm="drawbridge", error="invalid_token", error_description="The account of this token is banned.""#
        );
        accounts.delete(ALICE);
        let deleted = ask!(&app, bearer("/api/whoami", &token));
        assert_eq!(deleted.refusal(), (401, "user_not_found".into()));
        assert_eq!(ask!(&app, bearer("/api/whoami", &bobs)).status, 200);
        accounts.restore(ALICE);
        assert_eq!(ask!(&app, bearer("/api/whoami", &token)).status, 200);

        accounts.sign_out(tag);
        let ended = ask!(&app, bearer("/api/whoami", &token));
        assert_eq!(ended.refusal(), (401, "session_ended".into()));
        assert_eq!(
            ask!(&app, bearer("/api/whoami", &other_session)).status,
            200
        );
        accounts.revoke_token(&format!("jti-{tag}-2"));
        let revoked = ask!(&app, bearer("/api/whoami", &other_session));
        assert_eq!(revoked.refusal(), (401, "token_revoked".into()));

        accounts.go_down();
        let unknown = ask!(&app, bearer("/api/whoami", &bobs));
        assert_eq!(unknown.refusal(), (503, "accounts_unavailable".into()));
        assert_eq!(unknown.header("retry-after"), "1");
        accounts.come_back();
    }
    let in_a_minute = UnixTime::from(SystemTime::now()) + Duration::from_secs(60);
    let bobs = minted(BOB, "last");
    assert_eq!(ask!(&app, bearer("/api/whoami", &bobs)).status, 200);
    accounts.answer_at_once();
    accounts.revoke_before(BOB, in_a_minute);
    let revoked = ask!(&app, bearer("/api/whoami", &bobs));
    assert_eq!(revoked.refusal(), (401, "token_revoked".into()));
}

#[actix_web::test]
async fn the_accounts_are_asked_on_every_request_hit_or_miss() {
    let issuer = FakeIssuer::start();
    let accounts = FakeAccounts::new();
    let drawbridge = builder(&issuer)
        .accounts(Arc::new(accounts.clone()))
        .start()
        .await
        .unwrap();
    let app = app!(routes(&drawbridge));
    let token = issuer.token_for(ALICE);
    for asked in 1..=5 {
        assert_eq!(ask!(&app, bearer("/api/whoami", &token)).status, 200);
        assert_eq!(accounts.questions(), asked);
    }
    // And never about a token that is not good.
    ask!(
        &app,
        bearer(
            "/api/whoami",
            &issuer.mint_bad(ALICE, Flaw::SignatureTampered)
        )
    );
    assert_eq!(accounts.questions(), 5);
}

#[actix_web::test]
async fn one_setting_turns_it_off() {
    let issuer = FakeIssuer::start();
    for off in [
        builder(&issuer).without_cache(),
        builder(&issuer).cache_bytes(0),
    ] {
        let drawbridge = off.start().await.unwrap();
        let token = issuer.token_for(ALICE);
        for _ in 0..3 {
            assert_eq!(code(drawbridge.bridge(), &token).await, "ok");
        }
        assert!(drawbridge.bridge().cache().is_none());
        assert_eq!(drawbridge.status().cached_tokens, 0);
    }
}

#[actix_web::test]
async fn bridges_with_other_issuers_do_not_share_what_they_remember() {
    let (ours, theirs, strangers) = (
        FakeIssuer::start(),
        FakeIssuer::start(),
        FakeIssuer::start(),
    );
    let drawbridge = builder(&ours).start().await.unwrap();
    let another = async |issuer: &FakeIssuer| {
        let bridge = builder(issuer).start().await.unwrap().bridge().clone();
        let (policy, feed) = bridge.issuers().next().unwrap();
        let bridge = drawbridge.bridge().clone();
        bridge.with_issuer(policy.clone(), feed.clone()).unwrap()
    };
    let (with_theirs, with_strangers) = (another(&theirs).await, another(&strangers).await);
    let token = strangers.token_for(ALICE);
    assert_eq!(code(&with_strangers, &token).await, "ok");
    assert_eq!(code(&with_theirs, &token).await, "issuer_mismatch");
    assert_eq!(code(drawbridge.bridge(), &token).await, "key_unknown");
}

/// Each look at what is remembered reads the clock, and asks whether the keys are in force, which
/// counts a request as served with stale keys where they are.
#[actix_web::test]
async fn a_hit_looks_once_at_what_is_remembered_also_when_its_account_must_be_awaited() {
    let issuer = FakeIssuer::start();
    let accounts = FakeAccounts::new();
    let looks = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&looks);
    let drawbridge = builder(&issuer)
        .accounts(Arc::new(accounts.clone()))
        .clock(move || {
            counted.fetch_add(1, Ordering::Relaxed);
            SystemTime::now().into()
        })
        .start()
        .await
        .unwrap();
    let app = app!(routes(&drawbridge));
    let token = issuer.token_for(ALICE);
    assert_eq!(ask!(&app, bearer("/api/whoami", &token)).status, 200);
    for awaited in [false, true] {
        if awaited {
            accounts.answer_after(Duration::ZERO);
        }
        looks.store(0, Ordering::Relaxed);
        assert_eq!(ask!(&app, bearer("/api/whoami", &token)).status, 200);
        assert_eq!(looks.load(Ordering::Relaxed), 1, "awaited: {awaited}");
    }
}
