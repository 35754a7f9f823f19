use super::*;
use crate::Drawbridge;
use std::time::Duration;

fn policies_of(builder: &DrawbridgeBuilder) -> Vec<(String, Vec<String>, TokenKind)> {
    let plan = builder.plan().unwrap();
    let described = plan.trusted.iter().map(|(policy, _)| {
        let audiences = policy.audiences().to_vec();
        (policy.issuer().to_owned(), audiences, policy.kind())
    });
    described.collect()
}

fn mistakes_of(builder: &DrawbridgeBuilder) -> Vec<String> {
    let mistakes = builder.plan().unwrap_err();
    mistakes.iter().map(Mistake::to_string).collect()
}

#[test]
fn everything_follows_from_the_base_url() {
    let builder = Drawbridge::better_auth("https://app.example/");
    let plan = builder.plan().unwrap();
    let [(policy, keys)] = &*plan.trusted else {
        panic!("{plan:?}");
    };
    assert_eq!(
        *policy,
        Policy::new("https://app.example", "https://app.example").unwrap()
    );
    let jwks_url = "https://app.example/api/auth/jwks";
    assert_eq!(*keys, KeyFeedSettings::new(jwks_url));
    assert_eq!(plan.resource, None);
}

#[test]
fn access_tokens_are_a_second_issuer_with_the_same_keys() {
    let builder = Drawbridge::better_auth("https://app.example/auth")
        .audience("https://api.example")
        .audience("tasks")
        .oauth_access_tokens("https://api.example/mcp");
    let texts = |texts: &[&str]| texts.iter().map(|it| (*it).to_owned()).collect::<Vec<_>>();
    assert_eq!(
        policies_of(&builder),
        [
            (
                "https://app.example".to_owned(),
                texts(&["https://api.example", "tasks"]),
                TokenKind::Plain
            ),
            (
                "https://app.example/auth".to_owned(),
                texts(&["https://api.example/mcp"]),
                TokenKind::Access
            ),
        ]
    );
    let plan = builder.plan().unwrap();
    assert_eq!(plan.trusted[0].1, plan.trusted[1].1);
}

#[test]
fn the_resource_names_who_issues_access_tokens_or_else_whose_tokens_are_taken() {
    let servers = |builder: DrawbridgeBuilder| {
        let plan = builder.resource("https://api.example").plan().unwrap();
        let resource = serde_json::to_value(plan.resource.unwrap()).unwrap();
        resource["authorization_servers"].clone()
    };
    let builder = || Drawbridge::better_auth("https://app.example");
    assert_eq!(
        servers(builder()),
        serde_json::json!(["https://app.example"])
    );
    assert_eq!(
        servers(builder().oauth_access_tokens("https://api.example")),
        serde_json::json!(["https://app.example/api/auth"])
    );
}

#[test]
fn all_mistakes_are_told_together_and_by_name() {
    let partner = Policy::new("https://partner.example", "api").unwrap();
    let keys = KeyFeedSettings::new("http://partner.example/jwks");
    let builder = Drawbridge::better_auth("app.example")
        .issuer("")
        .audience("a b")
        .oauth_access_tokens("")
        .algorithms([])
        .leeway(Duration::from_secs(600))
        .also_trust(partner.clone(), keys.clone())
        .also_trust(partner, keys)
        .resource("api.example")
        .scopes(["read"]);
    assert_eq!(
        mistakes_of(&builder),
        [
            "better_auth: it is no absolute URL",
            "issuer: issuer must be a text without white space",
            "oauth_access_tokens: audience must be one or more texts without white space",
            "algorithms: algorithms must name at least one of EdDSA, ES256, ES512, RS256, PS256",
            "leeway: leeway must be at most 120 s",
            "also_trust: http://partner.example/jwks is not https, and not this machine",
            "also_trust: two policies are about the same kind of token of one issuer",
            "resource: it is no absolute URL",
        ]
    );
    let builder = Drawbridge::better_auth("https://app.example")
        .audience("a b")
        .jwks_url("ftp://keys")
        .scopes(["read"])
        .resource_name("API");
    assert_eq!(
        mistakes_of(&builder),
        [
            "audience: audience must be one or more texts without white space",
            "jwks_url: jwks url is unusable: it must begin with https:// or http://",
            "scopes: there is no resource that it would describe",
            "resource_name: there is no resource that it would describe",
        ]
    );
}

#[test]
fn plain_http_beyond_this_machine_is_a_mistake_unless_it_is_wanted() {
    let builder =
        || Drawbridge::better_auth("http://auth.internal").resource("http://api.internal");
    assert_eq!(
        mistakes_of(&builder()),
        [
            "better_auth: http://auth.internal/api/auth/jwks is not https, and not this machine",
            "resource: it is not https, and not this machine",
        ]
    );
    assert!(builder().danger_allow_http().plan().is_ok());
    assert!(
        Drawbridge::better_auth("http://localhost:3000")
            .plan()
            .is_ok()
    );
}

#[test]
fn one_address_of_keys_has_one_way_of_keeping_them() {
    let jwks_url = "https://app.example/api/auth/jwks";
    let trust = |keys: KeyFeedSettings| {
        let another = Policy::new("https://another.example", "api").unwrap();
        Drawbridge::better_auth("https://app.example").also_trust(another, keys)
    };
    assert!(trust(KeyFeedSettings::new(jwks_url)).plan().is_ok());
    let mut other = KeyFeedSettings::new(jwks_url);
    other.wait = Duration::from_secs(9);
    assert_eq!(
        mistakes_of(&trust(other)),
        [format!(
            "also_trust: the keys of {jwks_url} are kept otherwise already"
        )]
    );
}
