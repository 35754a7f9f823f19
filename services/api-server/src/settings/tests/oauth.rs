use auth_core::{Algorithm, TokenKind};

use super::*;

const AUDIENCE: (&str, &str) = (
    "API__AUTH__OAUTH__AUDIENCE",
    "https://api.example.com,tasks",
);
const SCOPES: (&str, &str) = ("API__AUTH__OAUTH__SCOPES", "tasks:write");

#[test]
fn access_tokens_are_accepted_where_their_audience_is_set_and_their_issuer_follows_from_the_base_url()
 {
    assert_eq!(load(&[]).unwrap().access_tokens, None);
    for (base, issuer) in [
        (
            "https://app.example.com",
            "https://app.example.com/api/auth",
        ),
        (
            "https://app.example.com/login/",
            "https://app.example.com/login",
        ),
    ] {
        let variables = [DATABASE_URL, ("BETTER_AUTH_URL", base), AUDIENCE, SCOPES];
        let settings = Settings::load(&sources(None, &variables)).unwrap();
        let AccessTokenSettings { policy, scopes } = settings.access_tokens.unwrap();
        assert_eq!(policy.kind(), TokenKind::Access);
        assert_eq!(policy.issuer(), issuer);
        assert_eq!(policy.audiences(), ["https://api.example.com", "tasks"]);
        assert_eq!(scopes, ["tasks:write"]);
    }
    for other in [
        ("API__AUTH__OAUTH__ISSUER", "https://app.example.com"),
        SCOPES,
    ] {
        let line = fault(other.0, other.1);
        assert!(line.starts_with("auth.oauth.audience is not set"), "{line}");
    }
}

#[test]
fn no_access_token_is_accepted_without_a_scope_that_it_must_carry() {
    let line = fault(AUDIENCE.0, AUDIENCE.1);
    assert!(line.starts_with("auth.oauth.scopes is not set"), "{line}");
    let bad = faults(load(&[("API__AUTH__OAUTH__AUDIENCE", "a b"), SCOPES]));
    assert_eq!(bad.len(), 1, "{bad:?}");
    assert!(bad[0].contains("without white space"), "{bad:?}");
    let bad = faults(load(&[AUDIENCE, ("API__AUTH__OAUTH__SCOPES", "a b")]));
    assert_eq!(bad.len(), 1, "{bad:?}");
    assert!(bad[0].contains("expected a scope"), "{bad:?}");
}

#[test]
fn what_is_asked_of_tokens_is_asked_of_both_kinds() {
    let settings = load(&[
        AUDIENCE,
        SCOPES,
        ("API__AUTH__MAX_TOKEN_LIFETIME", "1h"),
        ("API__AUTH__LEEWAY", "5s"),
        ("API__AUTH__ALGORITHMS", "ES256"),
        ("API__AUTH__USER_CLAIM", "sub"),
        ("API__AUTH__KEY_ID_OPTIONAL", "true"),
        ("API__AUTH__FULLY_SPECIFIED_NAMES", "true"),
    ])
    .unwrap();
    for policy in [settings.policy, settings.access_tokens.unwrap().policy] {
        assert_eq!(policy.max_lifetime(), Some(Duration::from_secs(3600)));
        assert_eq!(policy.leeway(), Duration::from_secs(5));
        assert_eq!(policy.algorithms(), [Algorithm::Es256]);
        assert_eq!(policy.user_claim(), UserClaim::Sub);
        assert!(policy.key_id_optional() && policy.fully_specified_names());
    }
    let unlimited = load(&[("API__AUTH__MAX_TOKEN_LIFETIME", "off")]).unwrap();
    assert_eq!(unlimited.policy.max_lifetime(), None);
    assert!(!unlimited.policy.key_id_optional() && !unlimited.policy.fully_specified_names());
}

#[test]
fn a_resource_is_an_https_url_that_tokens_can_be_meant_for() {
    let line = fault("API__AUTH__RESOURCE", "http://api.example.com");
    assert!(line.contains("expected an https URL"), "{line}");
    let line = fault("API__AUTH__RESOURCE", "https://api.example.com");
    assert!(
        line.contains("one of auth.audience or auth.oauth.audience"),
        "{line}"
    );
    let line = fault("API__AUTH__SCOPES", "tasks:read");
    assert!(line.starts_with("auth.resource is not set"), "{line}");

    let resource = ("API__AUTH__RESOURCE", "https://api.example.com");
    let scopes = ("API__AUTH__SCOPES", "tasks:read, tasks:write");
    let audience = ("API__AUTH__AUDIENCE", "https://api.example.com");
    for accepted in [&[audience][..], &[AUDIENCE, SCOPES]] {
        let settings = load(&[&[resource, scopes], accepted].concat()).unwrap();
        let resource = settings.resource.unwrap();
        assert_eq!(resource.identifier, "https://api.example.com");
        assert_eq!(resource.scopes, ["tasks:read", "tasks:write"]);
    }
}
