use std::borrow::Cow;

use auth_pg::PoolSettings;
use secrecy::SecretString;
use tokio_postgres::{
    Config,
    config::{Host, SslMode},
};

use super::{parse, read::Expected};

/// A URL that the database's driver takes.
pub(super) struct DatabaseUrl {
    pub(super) text: SecretString,
    pub(super) config: Config,
    pub(super) pool: PoolSettings,
}

impl DatabaseUrl {
    /// What is wrong with `text` is said without repeating any of it: it may hold a password anywhere.
    pub(super) fn parse(text: &str) -> Result<Self, Expected> {
        match (PoolSettings::new(text), text.parse()) {
            (Ok(pool), Ok(config)) => Ok(Self {
                text: SecretString::from(text),
                config,
                pool,
            }),
            _ => Err(instead_of_unsupported(text).map_or(
                "postgres://user:password@host:port/database".into(),
                Cow::Owned,
            )),
        }
    }

    /// What to know about the way to this database, the value of `key`.
    pub(super) fn warning(&self, key: &str) -> Option<String> {
        let danger = match self.config.get_ssl_mode() {
            _ if self.stays_on_this_machine() => return None,
            SslMode::Require => return None,
            SslMode::Disable => "is never encrypted (sslmode=disable)",
            _ => {
                "is encrypted only if the server offers it, and nobody verifies which server that is"
            }
        };
        Some(format!(
            "{key}: the connection to another machine {danger}; add ?sslmode=require: certificate and host name are then \
             verified; for an own CA set SSL_CERT_FILE"
        ))
    }

    fn stays_on_this_machine(&self) -> bool {
        let addresses = self.config.get_hostaddrs();
        if !addresses.is_empty() {
            // Where there are addresses, names are for the certificate only.
            return addresses.iter().all(std::net::IpAddr::is_loopback);
        }
        self.config.get_hosts().iter().all(|host| match host {
            Host::Tcp(host) => parse::is_loopback(host),
            #[cfg(unix)]
            Host::Unix(_) => true,
        })
    }
}

/// What to write instead of the parameters in `text` that libpq or another driver takes and ours does not. They are looked
/// for by their known names, so nothing of `text` gets into the answer.
fn instead_of_unsupported(text: &str) -> Option<String> {
    let set: Vec<(&str, &str)> = parameters(text);
    let advice: Vec<String> = UNSUPPORTED
        .iter()
        .filter(|(name, _)| set.iter().any(|(set, _)| set == name))
        .map(|(name, instead)| format!("no {name}: {instead}"))
        .collect();
    let ssl_mode = set
        .iter()
        .any(|(name, value)| *name == "sslmode" && !SSL_MODES.contains(value))
        .then(|| SSL_MODE.to_owned());
    let all: Vec<String> = ssl_mode.into_iter().chain(advice).collect();
    (!all.is_empty()).then(|| all.join("; "))
}

/// Names and values, from `?name=value&…` of a URL or from `name=value …`.
fn parameters(text: &str) -> Vec<(&str, &str)> {
    let pairs: Vec<&str> = match text.split_once("://") {
        Some((_, rest)) => {
            // The first @ ends the credentials, in which a question mark means nothing.
            let address = rest.split_once('@').map_or(rest, |(_, address)| address);
            let query = address.split_once('?').map_or("", |(_, query)| query);
            query.split('&').collect()
        }
        None => text.split_whitespace().collect(),
    };
    pairs
        .into_iter()
        .filter_map(|pair| pair.split_once('='))
        .collect()
}

const SSL_MODES: [&str; 3] = ["disable", "prefer", "require"];

const SSL_MODE: &str = "sslmode to be disable, prefer or require \
                        (require verifies certificate and host name, as verify-full does elsewhere)";

const CA: &str = "sslmode=require trusts the CAs of the system; for an own CA set SSL_CERT_FILE";
const CLIENT_CERTIFICATE: &str = "client certificates are not supported, log in with a password";
const LEAVE_OUT: &str = "it is not supported, leave it out";

const UNSUPPORTED: &[(&str, &str)] = &[
    ("sslrootcert", CA),
    ("sslcert", CLIENT_CERTIFICATE),
    ("sslkey", CLIENT_CERTIFICATE),
    ("sslpassword", CLIENT_CERTIFICATE),
    (
        "passfile",
        "it is not supported, write the password into the URL",
    ),
    (
        "service",
        "it is not supported, write its host and database into the URL",
    ),
    (
        "schema",
        "tables are always in the schema app, leave it out",
    ),
    (
        "pgbouncer",
        "set database.prepared_statements = false where the pooler needs it",
    ),
    ("connection_limit", "set database.max_connections"),
    ("pool_timeout", "set database.wait_timeout"),
    ("sslcrl", LEAVE_OUT),
    ("sslcrldir", LEAVE_OUT),
    ("sslsni", LEAVE_OUT),
    ("sslcompression", LEAVE_OUT),
    ("ssl_min_protocol_version", LEAVE_OUT),
    ("ssl_max_protocol_version", LEAVE_OUT),
    ("gssencmode", LEAVE_OUT),
    ("krbsrvname", LEAVE_OUT),
    ("require_auth", LEAVE_OUT),
    ("requirepeer", LEAVE_OUT),
    ("client_encoding", LEAVE_OUT),
    ("fallback_application_name", LEAVE_OUT),
];
