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
        .oauth_access_tokens("https://api.example/mcp", ["tasks"]);
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
        servers(builder().audience("https://api.example")),
        serde_json::json!(["https://app.example"])
    );
    assert_eq!(
        servers(builder().oauth_access_tokens("https://api.example", ["a"])),
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
        .oauth_access_tokens("", ["a"])
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
    let builder = || {
        Drawbridge::better_auth("http://auth.internal")
            .audience("http://api.internal")
            .resource("http://api.internal")
    };
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

#[test]
fn no_mistake_shows_the_query_of_an_address() {
    let keys = KeyFeedSettings::new("https://app.example/jwks?key=hunter2");
    let mut other = keys.clone();
    other.wait = Duration::from_secs(9);
    let policy = |issuer| Policy::new(issuer, "api").unwrap();
    let builder = Drawbridge::better_auth("https://app.example")
        .also_trust(policy("https://one.example"), keys)
        .also_trust(policy("https://two.example"), other);
    assert_eq!(
        mistakes_of(&builder),
        ["also_trust: the keys of https://app.example/jwks are kept otherwise already"]
    );
}

#[test]
fn a_resource_that_no_accepted_token_is_for_is_a_mistake() {
    let builder = || Drawbridge::better_auth("https://app.example");
    let why = "resource: it is no audience of the tokens that clients would be sent for";
    for missed in [
        builder().resource("https://api.example"),
        // Byte by byte, as audiences are compared.
        builder()
            .audience("https://api.example")
            .resource("https://api.example/"),
    ] {
        assert_eq!(mistakes_of(&missed), [why]);
    }
    for met in [
        builder()
            .audience("https://api.example")
            .resource("https://api.example"),
        builder().resource("https://app.example"),
        builder()
            .danger_any_audience()
            .resource("https://api.example"),
    ] {
        assert!(met.plan().is_ok());
    }
}

#[test]
fn audiences_beside_any_audience_are_a_mistake() {
    let builder = Drawbridge::better_auth("https://app.example")
        .danger_any_audience()
        .audience("https://api.example");
    assert_eq!(
        mistakes_of(&builder),
        ["audience: it means nothing beside danger_any_audience"]
    );
}

#[test]
fn an_address_of_keys_takes_the_place_of_a_discovery() {
    let builder = Drawbridge::better_auth("https://app.example")
        .key_feed_settings(KeyFeedSettings::discover("https://app.example"))
        .jwks_url("https://app.example/keys");
    let plan = builder.plan().unwrap();
    assert_eq!(
        plan.trusted[0].1,
        KeyFeedSettings::new("https://app.example/keys")
    );
}

#[test]
fn settings_that_would_undo_what_was_said_of_the_keys_are_a_mistake() {
    let builder = || Drawbridge::better_auth("https://app.example");
    let discovered = || KeyFeedSettings::discover("https://app.example");
    for undone in [
        builder()
            .jwks_url("https://app.example/keys")
            .key_feed_settings(discovered()),
        builder()
            .key_feed(|keys| keys.max_age = Duration::from_secs(60))
            .key_feed_settings(discovered()),
    ] {
        assert_eq!(
            mistakes_of(&undone),
            ["key_feed_settings: it would undo what was said of the keys before it"]
        );
    }
    // Afterwards it changes them.
    let changed = builder()
        .key_feed_settings(discovered())
        .key_feed(|keys| keys.max_age = Duration::from_secs(60));
    let plan = changed.plan().unwrap();
    assert_eq!(plan.trusted[0].1.discovery, discovered().discovery);
    assert_eq!(plan.trusted[0].1.max_age, Duration::from_secs(60));
}

#[test]
fn access_tokens_without_a_scope_of_theirs_are_a_mistake() {
    let none =
        "access tokens need a scope: without one, every client could do all that its user can";
    let builder = || Drawbridge::better_auth("https://app.example");
    for without in [
        builder().oauth_access_tokens("https://api.example", [""; 0]),
        // Another audience's scope is none of its own.
        builder()
            .oauth_access_tokens("https://api.example", ["tasks"])
            .oauth_access_tokens("https://mcp.example", [""; 0]),
    ] {
        assert_eq!(
            mistakes_of(&without),
            [format!("oauth_access_tokens: {none}")]
        );
    }
    let partners = Policy::oauth_access_token("https://partner.example", "api").unwrap();
    let keys = KeyFeedSettings::new("https://partner.example/jwks");
    let trusting = || builder().also_trust(partners.clone(), keys.clone());
    assert_eq!(
        mistakes_of(&trusting()),
        [format!("also_trust: {none}; see access_token_scopes")]
    );
    let plan = trusting().access_token_scopes(["tasks"]).plan().unwrap();
    assert_eq!(plan.granted, ["tasks"]);
    for bad in ["", "a b", "a\"", "a\\", "\u{e9}", "a\n"] {
        assert_eq!(
            mistakes_of(&builder().oauth_access_tokens("https://api.example", [bad])),
            ["oauth_access_tokens: a scope is made of visible ASCII without \" and \\"],
            "{bad:?}"
        );
    }
}

#[test]
fn the_scopes_of_all_audiences_add_up_and_are_described() {
    let builder = Drawbridge::better_auth("https://app.example")
        .oauth_access_tokens("https://api.example", ["tasks", "profile"])
        .oauth_access_tokens("https://mcp.example", ["profile", "mcp"])
        .resource("https://api.example")
        .scopes(["tasks", "tasks:write"]);
    let plan = builder.plan().unwrap();
    assert_eq!(plan.granted, ["tasks", "profile", "mcp"]);
    let resource = serde_json::to_value(plan.resource.unwrap()).unwrap();
    assert_eq!(
        resource["scopes_supported"],
        serde_json::json!(["tasks", "profile", "mcp", "tasks:write"])
    );
}

#[test]
fn access_tokens_keep_their_audience_beside_any_audience() {
    let builder = Drawbridge::better_auth("https://app.example")
        .danger_any_audience()
        .oauth_access_tokens("https://api.example", ["tasks"]);
    let plan = builder.plan().unwrap();
    let any = plan.trusted.iter().map(|(policy, _)| policy.any_audience());
    assert_eq!(any.collect::<Vec<_>>(), [true, false]);
    // So clients cannot be sent for tokens for anything.
    assert_eq!(
        mistakes_of(&builder.resource("https://mcp.example")),
        ["resource: it is no audience of the tokens that clients would be sent for"]
    );
}
