/// One setting: its place, its names in the environment, and what it is when nobody sets it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Key {
    /// Path in the file, with dots: `auth.jwks.max_age`.
    pub(super) path: &'static str,
    /// The well-known name in the environment; every key also has its `API__…` name.
    pub(super) alias: Option<&'static str>,
    /// The default, written as a person would write it. `None`: absent, or derived from other settings.
    pub(super) default: Option<&'static str>,
    /// The value is never repeated in a message.
    pub(super) secret: bool,
    /// It takes several values.
    pub(super) list: bool,
}

impl Key {
    const fn new(path: &'static str) -> Self {
        Self {
            path,
            alias: None,
            default: None,
            secret: false,
            list: false,
        }
    }

    const fn default(self, default: &'static str) -> Self {
        Self {
            default: Some(default),
            ..self
        }
    }

    const fn alias(self, alias: &'static str) -> Self {
        Self {
            alias: Some(alias),
            ..self
        }
    }

    const fn secret(self) -> Self {
        Self {
            secret: true,
            ..self
        }
    }

    const fn list(self) -> Self {
        Self { list: true, ..self }
    }

    /// `auth.jwks.max_age` → `API__AUTH__JWKS__MAX_AGE`.
    pub(super) fn variable(&self) -> String {
        format!(
            "{PREFIX}{}",
            self.path.replace('.', "__").to_ascii_uppercase()
        )
    }

    /// Every name in the environment that sets this key.
    pub(super) fn variables(&self) -> impl Iterator<Item = String> {
        self.alias
            .map(str::to_owned)
            .into_iter()
            .chain([self.variable()])
    }
}

/// What the name of a variable of ours begins with.
pub(super) const PREFIX: &str = "API__";

/// Every setting there is. `deploy/api-server.toml` explains each one.
pub(super) const KEYS: &[Key] = &[
    Key::new("server.host").default("127.0.0.1"),
    Key::new("server.port").default("8000"),
    Key::new("server.workers"),
    Key::new("server.body_limit").default("256KiB"),
    Key::new("server.import_limit").default("256MiB"),
    Key::new("server.shutdown_delay").default("0s"),
    Key::new("server.shutdown_timeout").default("30s"),
    Key::new("server.database_grace").default("30s"),
    Key::new("server.problems_url"),
    Key::new("server.profile").default("development"),
    Key::new("server.max_connections").default("20000"),
    Key::new("server.header_timeout").default("5s"),
    Key::new("server.keep_alive").default("75s"),
    Key::new("server.unread_timeout").default("30s"),
    Key::new("server.trusted_proxies").list(),
    Key::new("limits.requests_per_user").default("6000/1m"),
    Key::new("limits.failures_per_address").default("300/1m"),
    Key::new("metrics.address"),
    Key::new("auth.better_auth_url").alias("BETTER_AUTH_URL"),
    Key::new("auth.issuer"),
    Key::new("auth.audience").list(),
    Key::new("auth.jwks_url"),
    Key::new("auth.user_claim").default("uuid"),
    Key::new("auth.algorithms")
        .default("EdDSA,ES256,ES512,RS256,PS256")
        .list(),
    Key::new("auth.leeway").default("30s"),
    Key::new("auth.max_token_lifetime").default("24h"),
    Key::new("auth.key_id_optional").default("false"),
    Key::new("auth.fully_specified_names").default("false"),
    Key::new("auth.danger_allow_http_issuer").default("false"),
    Key::new("auth.resource"),
    Key::new("auth.scopes").list(),
    Key::new("auth.oauth.audience").list(),
    Key::new("auth.oauth.scopes").list(),
    Key::new("auth.oauth.issuer"),
    Key::new("auth.cache.max_bytes").default("32MiB"),
    Key::new("auth.jwks.max_age").default("5m"),
    Key::new("auth.jwks.cooldown").default("15s"),
    Key::new("auth.jwks.burst").default("2"),
    Key::new("auth.jwks.wait").default("1s"),
    Key::new("auth.jwks.timeout").default("5s"),
    Key::new("auth.jwks.connect_timeout").default("2s"),
    Key::new("auth.jwks.max_stale").default("24h"),
    Key::new("auth.jwks.shortest_told_age").default("1m"),
    Key::new("auth.jwks.longest_told_age").default("1h"),
    Key::new("auth.jwks.absent_for").default("30s"),
    Key::new("auth.jwks.absent_keys").default("1024"),
    Key::new("auth.jwks.refresh_at_percent").default("80"),
    Key::new("auth.jwks.jitter_percent").default("10"),
    Key::new("auth.jwks.max_body").default("64KiB"),
    Key::new("auth.jwks.first_pause").default("5s"),
    Key::new("auth.jwks.longest_pause").default("60s"),
    Key::new("auth.jwks.first_pause_without_keys").default("500ms"),
    Key::new("auth.jwks.longest_pause_without_keys").default("30s"),
    Key::new("auth.jwks.longest_wish").default("5m"),
    Key::new("auth.jwks.discover").default("false"),
    Key::new("auth.jwks.rediscover_after").default("1h"),
    Key::new("auth.jwks.seed_file"),
    Key::new("auth.jwks.snapshot_file"),
    Key::new("auth.jwks.required_at_start").default("false"),
    Key::new("auth.accounts.mode").default("auto"),
    Key::new("auth.accounts.sessions").default("auto"),
    Key::new("auth.accounts.listen").default("true"),
    Key::new("changes.listen").default("true"),
    Key::new("changes.poll_every").default("5s"),
    Key::new("changes.history").default("30d"),
    Key::new("tasks.trash_retention").default("30d"),
    Key::new("webhooks.timeout").default("10s"),
    Key::new("webhooks.danger_allow_private_targets").default("false"),
    Key::new("cors.origins").list(),
    Key::new("database.url").alias("DATABASE_URL").secret(),
    Key::new("database.migration_url")
        .alias("DATABASE_MIGRATION_URL")
        .secret(),
    Key::new("database.max_connections").default("16"),
    Key::new("database.connect_timeout").default("3s"),
    Key::new("database.wait_timeout").default("2s"),
    Key::new("database.statement_deadline").default("5s"),
    Key::new("database.prepared_statements").default("true"),
    Key::new("log.format").default("auto"),
    // actix_http logs whatever a stranger sends that is no HTTP as an error of ours.
    Key::new("log.filter")
        .alias("RUST_LOG")
        .default("info,actix_http=off"),
];

/// The key at `path`.
pub(super) fn key(path: &str) -> Option<&'static Key> {
    KEYS.iter().find(|key| key.path == path)
}

/// Whether keys live below `path`, as below `auth.jwks`.
pub(super) fn is_section(path: &str) -> bool {
    KEYS.iter().any(|key| {
        key.path
            .strip_prefix(path)
            .is_some_and(|rest| rest.starts_with('.'))
    })
}

/// The candidate that is most like `name`, if one is like enough to be what was meant.
pub(super) fn nearest(name: &str, candidates: impl Iterator<Item = String>) -> Option<String> {
    candidates
        .map(|candidate| {
            (
                strsim::normalized_damerau_levenshtein(name, &candidate),
                candidate,
            )
        })
        .filter(|(likeness, _)| *likeness >= 0.6)
        .max_by(|(a, _), (b, _)| a.total_cmp(b))
        .map(|(_, candidate)| candidate)
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn every_name_in_the_environment_belongs_to_one_key() {
        let names: Vec<String> = KEYS.iter().flat_map(Key::variables).collect();
        assert_eq!(names.iter().collect::<HashSet<_>>().len(), names.len());
        assert_eq!(
            key("auth.jwks.max_age").unwrap().variable(),
            "API__AUTH__JWKS__MAX_AGE"
        );
    }

    #[test]
    fn no_key_is_also_a_section() {
        for key in KEYS {
            assert!(!is_section(key.path), "{}", key.path);
        }
        assert!(is_section("auth") && is_section("auth.jwks") && !is_section("aut"));
    }

    #[test]
    fn a_typing_slip_finds_its_key_and_nonsense_finds_none() {
        let paths = || KEYS.iter().map(|key| key.path.to_owned());
        assert_eq!(
            nearest("server.prot", paths()).as_deref(),
            Some("server.port")
        );
        assert_eq!(
            nearest("auth.jwks.maxage", paths()).as_deref(),
            Some("auth.jwks.max_age")
        );
        assert_eq!(nearest("zzz", paths()), None);
    }
}
