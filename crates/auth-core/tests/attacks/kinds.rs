//! One Better Auth server signs tokens of several kinds with one key. Only one of them is the key
//! to this server, and which one must never be a matter of luck (RFC 8725 §3.11, §3.12).

use auth_core::{Algorithm, Policy, TokenKind, UntrustedToken, Verifier};
use serde_json::{Value, json};

use crate::forge::{
    ABSENT, AUDIENCE, ISSUER, NOW, USER, code, code_with, good_claims, hmac, lasting, policy, ring,
    sealed, verify_with, with,
};

fn access_policy() -> Policy {
    Policy::oauth_access_token(ISSUER, AUDIENCE).unwrap()
}

/// As `oauth-provider` mints them when a client asks for a `resource`, and a user id besides.
fn access_claims() -> Value {
    let more = json!({
        "aud": [AUDIENCE, "https://app.example/api/auth/oauth2/userinfo"],
        "client_id": "LkKdyAvuNTwbmOHkAoKJyvWRUtwoegBW",
        "azp": "LkKdyAvuNTwbmOHkAoKJyvWRUtwoegBW",
        "scope": "openid email offline_access tasks:read",
        "sid": "SPMcjRrF3VNkBnsrtobTn0epZDkoMi1j",
        "jti": "2DiUJkiTnugKl_0uBvktyKe2cElLg_7J",
    });
    with(good_claims(), &more)
}

#[test]
fn tokens_are_told_apart_by_their_type_in_both_directions() {
    let key = lasting(Algorithm::EdDsa);
    let ring = ring([key]);
    for (typ, plain, access) in [
        (json!(ABSENT), "admitted", "type_not_allowed"),
        (json!("JWT"), "admitted", "type_not_allowed"),
        (json!("jwt"), "admitted", "type_not_allowed"),
        (json!("Jwt"), "admitted", "type_not_allowed"),
        (json!("application/jwt"), "admitted", "type_not_allowed"),
        (json!("application/JWT"), "admitted", "type_not_allowed"),
        (json!("APPLICATION/jwt"), "admitted", "type_not_allowed"),
        (json!("at+jwt"), "type_not_allowed", "admitted"),
        (json!("AT+JWT"), "type_not_allowed", "admitted"),
        (json!("application/at+jwt"), "type_not_allowed", "admitted"),
    ] {
        let token = key.token(
            &with(key.header(), &json!({ "typ": typ })),
            &access_claims(),
        );
        assert_eq!(code(&ring, &token), plain, "{typ}");
        assert_eq!(code_with(access_policy(), &ring, &token), access, "{typ}");
    }
    for typ in [
        json!("at+jwt "),
        json!(" JWT"),
        json!("JWT\u{0}"),
        json!("at jwt"),
        json!("at%2Bjwt"),
        json!("application/application/jwt"),
        json!("text/jwt"),
        json!("application/"),
        json!("logout+jwt"),
        json!("secevent+jwt"),
        json!("dpop+jwt"),
        json!("token-introspection+jwt"),
        json!("oauth-authz-req+jwt"),
        json!("client-authentication+jwt"),
        json!("id_token+jwt"),
        json!("kb+jwt"),
        json!("dc+sd-jwt"),
        json!("better-auth.session-cache+jwt"),
        json!("JOSE"),
        json!("JOSE+JSON"),
        json!("JWE"),
        json!("JWS"),
        json!(""),
        json!(null),
        json!(7),
        json!(true),
        json!(["JWT"]),
        json!({ "typ": "JWT" }),
    ] {
        let token = key.token(
            &with(key.header(), &json!({ "typ": typ })),
            &access_claims(),
        );
        assert_eq!(code(&ring, &token), "type_not_allowed", "{typ}");
        let as_access = code_with(access_policy(), &ring, &token);
        assert_eq!(as_access, "type_not_allowed", "{typ}");
    }
}

/// The type is judged by what needs no key: neither a fetch nor a signature is spent on it.
#[test]
fn another_kind_is_refused_before_its_key_is_looked_for() {
    let header = json!({ "alg": "EdDSA", "kid": "nobodys", "typ": "at+jwt" }).to_string();
    let token = sealed(header, good_claims().to_string(), |_| vec![0; 64]);
    let token = UntrustedToken::parse(&token).unwrap();
    assert_eq!(token.kind(), TokenKind::Access);
    let denied = Verifier::new(policy()).screen(&token).unwrap_err();
    assert_eq!(denied.code(), "type_not_allowed");
    Verifier::new(access_policy()).screen(&token).unwrap();
}

/// RFC 9068 §2.2 asks for more than a plain JWT has, so that the two cannot be taken for each other
/// even where their types were ignored.
#[test]
fn an_access_token_carries_what_rfc_9068_asks_for() {
    let key = lasting(Algorithm::EdDsa);
    let ring = ring([key]);
    let header = with(key.header(), &json!({ "typ": "at+jwt" }));
    let code_of = |changed: Value| {
        let token = key.token(&header, &with(access_claims(), &changed));
        code_with(access_policy(), &ring, &token)
    };
    assert_eq!(code_of(json!({})), "admitted");
    for (claim, expected) in [
        ("client_id", "claims_malformed"),
        ("jti", "claims_malformed"),
        ("iat", "claims_malformed"),
        ("exp", "claims_malformed"),
        ("iss", "issuer_mismatch"),
        ("aud", "audience_mismatch"),
        ("sub", "subject_missing"),
        ("scope", "admitted"),
        ("sid", "admitted"),
    ] {
        assert_eq!(code_of(json!({ claim: ABSENT })), expected, "{claim}");
    }
    for claim in ["client_id", "jti", "iat", "sub", "iss", "aud", "exp"] {
        for wrong in [json!(null), json!({}), json!([1]), json!(false)] {
            let code = code_of(json!({ claim: wrong }));
            assert_eq!(code, "claims_malformed", "{claim}: {wrong}");
        }
    }
    for claim in ["client_id", "jti"] {
        assert_eq!(code_of(json!({ claim: "" })), "claims_malformed", "{claim}");
    }
    // A client's own token (`client_credentials`) has the client for its subject, and no user.
    let client = json!({ "sub": "LkKdyAvuNTwbmOHkAoKJyvWRUtwoegBW", "uuid": ABSENT });
    assert_eq!(code_of(client), "user_claim_missing");

    let token = key.token(&header, &access_claims());
    let identity = verify_with(access_policy(), &ring, &token).unwrap();
    assert_eq!(identity.kind(), TokenKind::Access);
    assert_eq!(
        identity.client_id(),
        Some("LkKdyAvuNTwbmOHkAoKJyvWRUtwoegBW")
    );
    assert_eq!(
        identity.token_id(),
        Some("2DiUJkiTnugKl_0uBvktyKe2cElLg_7J")
    );
    let scopes: Vec<_> = identity.scopes().collect();
    assert_eq!(scopes, ["openid", "email", "offline_access", "tasks:read"]);
    assert!(identity.has_scope("tasks:read"));
    for other in [
        "tasks",
        "tasks:read ",
        "read",
        "Tasks:Read",
        "openid email",
        "",
    ] {
        assert!(!identity.has_scope(other), "{other:?}");
    }
}

/// `session.cookieCache` with `strategy: "jwt"` and `jwt({ sessionCookieCache: true })` signs the
/// session cookie with the keys that are published, for the same issuer. It carries the session
/// token, and is for Better Auth alone.
#[test]
fn a_session_cookie_that_is_a_jwt_is_refused() {
    let key = lasting(Algorithm::EdDsa);
    let ring = ring([key]);
    let now = NOW.as_secs();
    let cookie = json!({
        "session": {
            "expiresAt": "2027-01-22T08:00:00.000Z",
            "token": "cqcEigmwYMoRaMTDUtainGYYNrtrhLGp",
            "userId": "Jszgmg3fcdHl5vT8acWgkC13CzDGZgKl",
            "id": "SPMcjRrF3VNkBnsrtobTn0epZDkoMi1j",
        },
        "user": { "name": "Alice Example", "email": "alice@example.com", "uuid": USER },
        "updatedAt": now * 1000,
        "version": "1",
        "sid": "cqcEigmwYMoRaMTDUtainGYYNrtrhLGp",
        "iat": now,
        "exp": now + 300,
        "iss": ISSUER,
        "aud": "better-auth:session-cache",
        "sub": "Jszgmg3fcdHl5vT8acWgkC13CzDGZgKl",
    });
    let its_type = json!({ "typ": "better-auth.session-cache+jwt" });
    let token = key.token(&with(key.header(), &its_type), &cookie);
    assert_eq!(code(&ring, &token), "type_not_allowed");
    // Were its type left out, its audience would do; and without that, it still names no user.
    let untyped = key.token(&key.header(), &cookie);
    assert_eq!(code(&ring, &untyped), "audience_mismatch");
    let any_audience = policy().danger_any_audience();
    assert_eq!(
        code_with(any_audience, &ring, &untyped),
        "user_claim_missing"
    );

    // Without the plugin's setting the cookie is signed with the server's secret instead.
    let secret = b"better-auth-secret-of-at-least-32-characters";
    let shared = sealed(r#"{"alg":"HS256"}"#, cookie.to_string(), |input| {
        hmac(secret, input)
    });
    assert_eq!(code(&ring, &shared), "algorithm_not_allowed");
}

/// An id token tells a client who has logged in. Whoever takes it for a key lets every client act
/// for all of its users.
#[test]
fn an_id_token_is_refused_whatever_else_fits() {
    let key = lasting(Algorithm::EdDsa);
    let ring = ring([key]);
    for claim in ["nonce", "at_hash", "c_hash"] {
        for value in [
            json!("v7jgoq1Np-F5uFfuyJHQlg"),
            json!(""),
            json!(null),
            json!(1),
        ] {
            let claims = with(access_claims(), &json!({ claim: value }));
            let token = key.token(&key.header(), &claims);
            for policy in [policy(), policy().danger_any_audience()] {
                assert_eq!(code_with(policy, &ring, &token), "id_token", "{claim}");
            }
            let typed = with(key.header(), &json!({ "typ": "at+jwt" }));
            let token = key.token(&typed, &claims);
            let as_access = code_with(access_policy(), &ring, &token);
            assert_eq!(as_access, "id_token", "{claim}");
        }
    }
    // Its usual form: no type, and for the client. The audience alone would refuse it as well.
    let usual = json!({ "aud": "LkKdyAvuNTwbmOHkAoKJyvWRUtwoegBW", "at_hash": ABSENT });
    let token = key.token(&key.header(), &with(good_claims(), &usual));
    assert_eq!(code(&ring, &token), "audience_mismatch");
}

/// A logout token says that somebody has left. It is typed `logout+jwt` now; older ones are not.
#[test]
fn a_logout_token_or_another_security_event_is_refused_typed_or_not() {
    let key = lasting(Algorithm::EdDsa);
    let ring = ring([key]);
    for events in [
        json!({ "http://schemas.openid.net/event/backchannel-logout": {} }),
        json!({}),
        json!(null),
        json!("http://schemas.openid.net/event/backchannel-logout"),
    ] {
        let claims = with(access_claims(), &json!({ "events": events }));
        let token = key.token(&key.header(), &claims);
        assert_eq!(code(&ring, &token), "logout_token", "{events}");
        for typ in ["logout+jwt", "secevent+jwt"] {
            let typed = with(key.header(), &json!({ "typ": typ }));
            let code = code(&ring, &key.token(&typed, &claims));
            assert_eq!(code, "type_not_allowed", "{typ}");
        }
        let disguised = with(key.header(), &json!({ "typ": "at+jwt" }));
        let token = key.token(&disguised, &claims);
        assert_eq!(code_with(access_policy(), &ring, &token), "logout_token");
    }
}

/// A role or scope in a shape that nobody expects must grant nothing, least of all everything.
#[test]
fn roles_and_scopes_of_the_wrong_shape_grant_nothing() {
    let key = lasting(Algorithm::EdDsa);
    let ring = ring([key]);
    let identity_with = |changed: Value| {
        let token = key.token(&key.header(), &with(good_claims(), &changed));
        verify_with(policy(), &ring, &token).unwrap()
    };
    for (role, expected) in [
        (json!("admin"), &["admin"][..]),
        (json!("user,admin"), &["user", "admin"]),
        (json!(" user , admin ,, "), &["user", "admin"]),
        (json!(["user", "admin"]), &["user", "admin"]),
        (json!(["user", 1, null, ["admin"]]), &["user"]),
        (json!(["user,admin"]), &["user,admin"]),
        (json!("user;admin"), &["user;admin"]),
        (json!(ABSENT), &[]),
        (json!(""), &[]),
        (json!(","), &[]),
        (json!(null), &[]),
        (json!(true), &[]),
        (json!({ "admin": true }), &[]),
    ] {
        let identity = identity_with(json!({ "role": role }));
        assert_eq!(identity.roles().collect::<Vec<_>>(), expected, "{role}");
        for other in ["", "Admin", "admi", "admin ", "*"] {
            assert!(!identity.has_role(other), "{other:?} of {role}");
        }
    }
    for (scope, expected) in [
        (json!("a b"), &["a", "b"][..]),
        (json!("  a   b "), &["a", "b"]),
        (json!("a\tb"), &["a\tb"]),
        (json!(ABSENT), &[]),
        (json!(""), &[]),
        (json!(["a"]), &[]),
        (json!(null), &[]),
        (json!(1), &[]),
        (json!({ "a": true }), &[]),
    ] {
        let identity = identity_with(json!({ "scope": scope }));
        assert_eq!(identity.scopes().collect::<Vec<_>>(), expected, "{scope}");
        assert!(!identity.has_scope(""), "{scope}");
    }
}
