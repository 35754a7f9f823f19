use std::{io, net::SocketAddr};

use auth_actix::{KeyFeedError, ResourceError};
use auth_core::PolicyError;
use auth_pg::{MigrateError, SchemaState, StoreError};
use domain_kit::Clash;

/// Why the service does not start.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StartError {
    /// The address is taken, or not this machine's, or the port needs more rights.
    #[error("cannot listen on {address}; set API__SERVER__HOST and API__SERVER__PORT to others")]
    Listen {
        /// Where it was to listen.
        address: SocketAddr,
        /// What the system said.
        #[source]
        source: io::Error,
    },
    /// The client of the database cannot be set up.
    #[error("the database client cannot be set up")]
    Database(#[source] StoreError),
    /// The database answers, and its schema cannot be read.
    #[error("the database's schema version cannot be read")]
    SchemaUnreadable(#[source] StoreError),
    /// The database's schema is not the one that this program was built for, or does not keep users apart.
    #[error("{state}; {}", advice(.state))]
    Schema {
        /// How it differs.
        state: SchemaState,
    },
    /// Two domains want one path, or mean different things by one code.
    #[error(transparent)]
    Domains(#[from] Clash),
    /// The embedded migrations are not a sequence.
    #[error(transparent)]
    Migrations(#[from] MigrateError),
    /// The key feed cannot run.
    #[error("the key feed cannot be started")]
    Keys(#[from] KeyFeedError),
    /// The issuer's keys are required (`auth.jwks.required_at_start`), and there are none.
    #[error("the issuer's keys cannot be had{}", because(.cause.as_deref()))]
    NoKeys {
        /// What went wrong last.
        cause: Option<String>,
    },
    /// Two kinds of token cannot be told apart.
    #[error("auth.oauth.issuer and auth.issuer are in each other's way")]
    Issuers(#[from] PolicyError),
    /// The service's own name is none.
    #[error("auth.resource cannot be published")]
    Resource(#[from] ResourceError),
    /// The server's workers cannot be set up.
    #[error("the server cannot be set up")]
    Server(#[source] io::Error),
}

fn because(cause: Option<&str>) -> String {
    cause.map_or_else(String::new, |cause| format!(": {cause}"))
}

fn advice(state: &SchemaState) -> &'static str {
    match state {
        SchemaState::Older { .. } => "run `api-server migrate` first",
        SchemaState::Newer { .. } => "deploy the release that ran it, or a later one",
        SchemaState::Unprotected { .. } => "nobody is served until that is mended",
        _ => "run the program that the database was migrated with, or restore the migration's text",
    }
}
