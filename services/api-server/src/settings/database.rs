use auth_pg::{ChangeFeedSettings, PoolSettings, RoleName};
use secrecy::SecretString;

use super::{database_url::DatabaseUrl, parse, read::Reader};

/// The pool of `serve`, and what to know about it.
pub(super) fn pool(reader: &mut Reader<'_>, warnings: &mut Vec<String>) -> Option<PoolSettings> {
    let url = url(reader, "database.url");
    let max_connections = reader.value("database.max_connections", parse::number(1..=10_000));
    let connect_timeout = reader.value("database.connect_timeout", parse::database_wait);
    let wait_timeout = reader.value("database.wait_timeout", parse::database_wait);
    let statement_deadline = reader.value("database.statement_deadline", parse::database_wait);
    let prepared_statements = reader.value("database.prepared_statements", parse::flag);
    // Not used by `serve`, but a slip in it should not wait for the next migration.
    reader.optional("database.migration_url", DatabaseUrl::parse);

    let url = url?;
    warnings.extend(url.warning("database.url"));
    let mut pool = url.pool;
    pool.max_connections = max_connections;
    pool.connect_timeout = connect_timeout;
    pool.wait_timeout = wait_timeout;
    pool.statement_deadline = statement_deadline;
    pool.prepared_statements = prepared_statements;
    Some(pool)
}

/// How changes of users' data are heard of.
pub(super) fn changes(reader: &mut Reader<'_>) -> ChangeFeedSettings {
    let mut settings = ChangeFeedSettings::default();
    settings.listen = reader.value("changes.listen", parse::flag);
    settings.poll_every = reader.value("changes.poll_every", parse::database_wait);
    settings
}

/// Where `migrate` connects, and what to know about the way there.
pub(super) fn migration_url(
    reader: &mut Reader<'_>,
    warnings: &mut Vec<String>,
) -> Option<SecretString> {
    let key = match reader.is_set("database.migration_url") {
        true => "database.migration_url",
        false => "database.url",
    };
    let url = url(reader, key)?;
    warnings.extend(url.warning(key));
    Some(url.text)
}

/// The API's own role and its password, from `database.url`. Any other role in it is a fault: no other role is given a
/// password.
pub(super) fn login(reader: &mut Reader<'_>) -> Option<(RoleName, SecretString)> {
    let url = url(reader, "database.url")?;
    let (config, role) = (url.config, url.pool.role);
    let password = config
        .get_password()
        .and_then(|password| std::str::from_utf8(password).ok());
    match (config.get_user(), password) {
        (Some(user), Some(password)) if user == role.as_str() && !password.is_empty() => {
            Some((role, SecretString::from(password)))
        }
        _ => {
            reader.refuse_value(
                "database.url",
                format!(
                    "a URL with user {} and a password, as --grant-login gives that role this password",
                    role.as_str()
                ),
            );
            None
        }
    }
}

fn url(reader: &mut Reader<'_>, key: &'static str) -> Option<DatabaseUrl> {
    if !reader.is_set(key) {
        reader.missing(
            key,
            "set DATABASE_URL=postgres://user:password@host:port/database, \
             or run `cargo xtask dev`, which brings a database for development",
        );
    }
    reader.optional(key, DatabaseUrl::parse)
}
