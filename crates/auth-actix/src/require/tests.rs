use super::*;
use auth_testkit::{TokenBuilder, identity_from};
use uuid::Uuid;

fn refusal(require: &Require, change: impl FnOnce(TokenBuilder) -> TokenBuilder) -> &'static str {
    let who = identity_from(&change(TokenBuilder::for_user(Uuid::from_u128(7))));
    let now = who.issued_at().unwrap_or(UnixTime::from_secs(0)) + Duration::from_secs(60);
    let met = Require::check_all([require], &who, || now);
    met.map_or_else(|refusal| refusal.code(), |()| "met")
}

#[test]
fn a_role_is_one_of_the_tokens_byte_by_byte() {
    let admin = Require::role("admin");
    for (claim, expected) in [
        ("admin", "met"),
        ("user,admin", "met"),
        ("Admin", "role_missing"),
        ("administrator", "role_missing"),
        ("super-admin", "role_missing"),
        ("", "role_missing"),
    ] {
        let code = refusal(&admin, |token| token.claim("role", claim));
        assert_eq!(code, expected, "{claim:?}");
    }
    assert_eq!(refusal(&admin, |token| token), "role_missing");
    let either = Require::any_role(["editor", "admin"]);
    assert_eq!(
        refusal(&either, |token| token.claim("role", "editor")),
        "met"
    );
    let nobody = Require::any_role([""; 0]);
    assert_eq!(
        refusal(&nobody, |token| token.claim("role", "admin")),
        "role_missing"
    );
}

#[test]
fn a_scope_is_one_of_the_tokens_byte_by_byte() {
    let read = Require::scope("tasks:read");
    for (claim, expected) in [
        ("tasks:read", "met"),
        ("openid tasks:read email", "met"),
        ("tasks:read:all", "scope_missing"),
        ("TASKS:READ", "scope_missing"),
        ("tasks:", "scope_missing"),
    ] {
        let code = refusal(&read, |token| token.claim("scope", claim));
        assert_eq!(code, expected, "{claim:?}");
    }
    assert_eq!(refusal(&read, |token| token), "scope_missing");
    // Two scopes are two demands; a text of both is no scope.
    let text = Require::scope("a b");
    assert_eq!(
        refusal(&text, |token| token.claim("scope", "a b")),
        "scope_missing"
    );
}

#[test]
fn every_scope_is_named_when_one_is_missing() {
    let all = Require::scope("a")
        .and(Require::role("admin"))
        .and(Require::granted("b"))
        .and(Require::scope("a"));
    let who = identity_from(&TokenBuilder::for_user(Uuid::from_u128(7)));
    let now = || UnixTime::from_secs(0);
    let further = Require::scope("c");
    let refused = Require::check_all([&all, &further], &who, now).unwrap_err();
    let Refusal::ScopeMissing { expected } = refused else {
        panic!("{refused:?}");
    };
    assert_eq!(expected, "a b c");
    assert!(Require::check_all(None::<&Require>, &who, now).is_ok());
}

#[test]
fn a_token_is_fresh_up_to_its_age_and_never_when_it_has_none() {
    let within = |secs| Require::fresh(Duration::from_secs(secs));
    assert_eq!(refusal(&within(60), |token| token), "met");
    assert_eq!(refusal(&within(59), |token| token), "token_not_fresh");
    assert_eq!(refusal(&within(0), |token| token), "token_not_fresh");
    let unknown = |token: TokenBuilder| token.without_claim("iat");
    assert_eq!(refusal(&within(u64::MAX), unknown), "token_not_fresh");
}

#[test]
fn all_of_several_demands_have_to_be_met() {
    let both = Require::role("admin").and(Require::scope("write"));
    let admin = |token: TokenBuilder| token.claim("role", "admin");
    assert_eq!(refusal(&both, |token| token), "role_missing");
    assert_eq!(refusal(&both, admin), "scope_missing");
    assert_eq!(
        refusal(&both, |token| admin(token).claim("scope", "write")),
        "met"
    );
}
