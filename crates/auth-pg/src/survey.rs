use tokio::time::timeout;
use tokio_postgres::{Client, Row, config::SslMode};

use crate::{PoolSettings, StoreError, pool::tls_connector};

/// What a database tells about itself and about Better Auth's tables in it, to whoever logs in with these settings: for tools
/// that explain. Only the catalogue is read, no row of anybody.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Survey {
    /// PostgreSQL's version, as it has it.
    pub server_version: String,
    /// Who is logged in.
    pub login: String,
    /// Whether that role could pass row-level security by, did requests not drop to another one.
    pub login_is_unbound: bool,
    /// Whether the connection is encrypted.
    pub encrypted: bool,
    /// Better Auth's tables, of every `"user"` table of its kind in schemas `auth` and `public`.
    pub better_auth: Vec<BetterAuthTables>,
    /// The table that our users are linked to, and whether all of them are there: `(auth."user", true)`.
    pub linked: Option<(String, bool)>,
    /// Tables of users outside of Better Auth's that keep a password of their own: a second way to log in.
    pub other_logins: Vec<String>,
}

/// Better Auth's tables in one schema.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct BetterAuthTables {
    /// The schema, quoted where it needs to be.
    pub schema: String,
    /// The type of `"user".id`.
    pub id_type: String,
    /// `"user".uuid`, if there is one.
    pub uuid: Option<UuidColumn>,
    /// Columns that every version since 1.3 has, and this schema lacks: `session.token`.
    pub missing: Vec<String>,
    /// Whether there is a table `jwks`.
    pub has_jwks: bool,
    /// What that table lacks of what version 1.7 writes.
    pub missing_of_jwks: Vec<String>,
}

/// The column that gives users an id of type `uuid` beside Better Auth's own.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct UuidColumn {
    /// Its type.
    pub data_type: String,
    /// Whether a user may be without.
    pub nullable: bool,
    /// Whether a new user gets one by itself.
    pub has_default: bool,
}

impl Survey {
    /// Connects, looks, and is gone.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] when the database cannot be reached, or does not let this role in.
    pub async fn take(settings: &PoolSettings) -> Result<Self, StoreError> {
        let config = settings.connection();
        let encrypted = config.get_ssl_mode() != SslMode::Disable;
        let connecting = config.connect(tls_connector(&config)?);
        let connected = timeout(settings.connect_within(), connecting).await;
        let connected =
            connected.map_err(|_| StoreError::Unavailable("no answer in time".into()))?;
        let (client, connection) =
            connected.map_err(|error| StoreError::Unavailable(error.into()))?;
        let driver = tokio::spawn(connection);
        let looked = timeout(settings.statement_deadline, look(&client, encrypted)).await;
        driver.abort();
        looked.map_err(|_| StoreError::OutcomeUnknown(None))?
    }
}

async fn look(client: &Client, encrypted: bool) -> Result<Survey, StoreError> {
    let row = client.query_one(LOGIN, &[]).await?;
    let tables = client.query(BETTER_AUTH, &[]).await?;
    let linked = client.query_opt(LINK, &[]).await?;
    let other_logins = client.query_one(OTHER_LOGINS, &[]).await?;
    Ok(Survey {
        server_version: row.try_get("version")?,
        login: row.try_get("login")?,
        login_is_unbound: row.try_get("unbound")?,
        encrypted: encrypted && row.try_get("encrypted")?,
        better_auth: tables.iter().map(tables_of).collect::<Result<_, _>>()?,
        linked: linked
            .map(|row| Ok::<_, StoreError>((row.try_get(0)?, row.try_get(1)?)))
            .transpose()?,
        other_logins: other_logins.try_get(0)?,
    })
}

fn tables_of(row: &Row) -> Result<BetterAuthTables, StoreError> {
    let data_type: Option<String> = row.try_get("uuid_type")?;
    let uuid = match data_type {
        Some(data_type) => Some(UuidColumn {
            data_type,
            nullable: row.try_get("uuid_nullable")?,
            has_default: row.try_get("uuid_default")?,
        }),
        None => None,
    };
    Ok(BetterAuthTables {
        schema: row.try_get("schema")?,
        id_type: row.try_get("id_type")?,
        uuid,
        missing: row.try_get("missing")?,
        has_jwks: row.try_get("has_jwks")?,
        missing_of_jwks: row.try_get("missing_of_jwks")?,
    })
}

const LOGIN: &str = "
    SELECT current_setting('server_version') AS version, current_user::text AS login,
           rolsuper OR rolbypassrls AS unbound,
           coalesce((SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()), false) AS encrypted
      FROM pg_roles WHERE rolname = current_user";

/// The catalogue, not `information_schema`: that hides what the role may not touch.
const BETTER_AUTH: &str = r#"
    WITH attribute AS (
      SELECT c.relnamespace AS space, c.relname AS relation, a.attname AS name, format_type(a.atttypid, NULL) AS type,
             NOT a.attnotnull AS nullable, a.atthasdef AS has_default
        FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
       WHERE c.relkind IN ('r', 'p', 'v', 'f')
    )
    SELECT quote_ident(n.nspname) AS schema,
           coalesce((SELECT type FROM attribute WHERE space = n.oid AND relation = 'user' AND name = 'id'), '') AS id_type,
           uuid.type AS uuid_type, uuid.nullable AS uuid_nullable, uuid.has_default AS uuid_default,
           ARRAY(SELECT wanted.relation || '.' || wanted.name
                   FROM (VALUES ('user', 'id'), ('user', 'email'),
                                ('session', 'id'), ('session', 'token'), ('session', 'userId'), ('session', 'expiresAt'),
                                ('account', 'id'), ('account', 'userId'), ('account', 'providerId'))
                        AS wanted (relation, name)
                  WHERE NOT EXISTS (SELECT FROM attribute a WHERE a.space = n.oid AND a.relation = wanted.relation
                                                              AND a.name = wanted.name)) AS missing,
           EXISTS (SELECT FROM pg_class c WHERE c.relnamespace = n.oid AND c.relname = 'jwks') AS has_jwks,
           ARRAY(SELECT 'jwks.' || wanted.name
                   FROM (VALUES ('id'), ('publicKey'), ('privateKey'), ('createdAt'), ('expiresAt'), ('alg'), ('crv'))
                        AS wanted (name)
                  WHERE NOT EXISTS (SELECT FROM attribute a WHERE a.space = n.oid AND a.relation = 'jwks'
                                                              AND a.name = wanted.name)) AS missing_of_jwks
      FROM pg_namespace n
      JOIN attribute known ON known.space = n.oid AND known.relation = 'user' AND known.name = 'emailVerified'
      LEFT JOIN attribute uuid ON uuid.space = n.oid AND uuid.relation = 'user' AND uuid.name = 'uuid'
     WHERE n.nspname IN ('auth', 'public')
     ORDER BY n.nspname"#;

const LINK: &str = "
    SELECT quote_ident(n.nspname) || '.' || quote_ident(t.relname), l.convalidated
      FROM pg_constraint l
      JOIN pg_class c ON c.oid = l.conrelid AND c.relname = 'users' AND c.relnamespace = to_regnamespace('app')
      JOIN pg_class t ON t.oid = l.confrelid
      JOIN pg_namespace n ON n.oid = t.relnamespace
     WHERE l.conname = 'users_better_auth'";

const OTHER_LOGINS: &str = "
    SELECT ARRAY(SELECT DISTINCT quote_ident(n.nspname) || '.' || quote_ident(c.relname)
                   FROM pg_class c
                   JOIN pg_namespace n ON n.oid = c.relnamespace
                   JOIN pg_attribute a ON a.attrelid = c.oid AND NOT a.attisdropped
                                      AND a.attname IN ('password_hash', 'hashed_password', 'passwordHash')
                  WHERE c.relkind IN ('r', 'p') AND n.nspname NOT IN ('pg_catalog', 'information_schema')
                    AND c.relname IN ('user', 'users', 'accounts', 'account')
                  ORDER BY 1)";
