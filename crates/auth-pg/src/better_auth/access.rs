use tokio_postgres::{Client, Error, Transaction};

use super::Users;
use crate::accounts::{CHANNEL, Check, MOVED, Reach, SessionCheck};

/// What the API can check of Better Auth's accounts after [`migrate`](crate::migrate()).
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct AccountChecks {
    /// Whether users who were deleted are noticed by the poll.
    pub users: Check,
    /// Whether bans are; [`Check::Absent`] without Better Auth's admin plugin.
    pub bans: Check,
    /// Whether sessions that ended are.
    pub sessions: Check,
    /// Whether Better Auth's tables say at once that something has changed.
    pub notices: Check,
    /// What PostgreSQL said where something could not be done. All else works without it.
    pub trouble: Vec<String>,
}

impl AccountChecks {
    pub(super) fn none(trouble: Vec<String>) -> Self {
        Self {
            users: Check::Absent,
            bans: Check::Absent,
            sessions: Check::Absent,
            notices: Check::Absent,
            trouble,
        }
    }
}

/// Lets the API's role read what it has to know of Better Auth's users and sessions, by column, and puts triggers there that say
/// when it changes. What is there already is left alone; what may not be done is reported.
pub(super) async fn open(
    client: &mut Client,
    users: &Users,
    key: &str,
) -> Result<AccountChecks, Error> {
    let Users {
        schema,
        name,
        table,
        ..
    } = users;
    let sessions = format!("{schema}.session");
    let mut tx = client.transaction().await?;
    // Short, because Better Auth's own writes wait behind a lock that is waited for.
    tx.batch_execute("SET LOCAL lock_timeout = '2s'").await?;
    let mut trouble = Vec::new();

    let user = columns(&tx, schema, name, &["id", key, "banned", "banExpires"]).await?;
    let session = columns(&tx, schema, "session", &["id", "userId", "expiresAt"]).await?;
    // Another table of that name is none of our business.
    let session = if session.len() == 3 {
        session
    } else {
        Vec::new()
    };
    let may_enter =
        "SELECT has_schema_privilege('tasks_api', $1::text::regnamespace::oid, 'USAGE')";
    if !tx.query_one(may_enter, &[schema]).await?.try_get(0)? {
        let sql = format!("GRANT USAGE ON SCHEMA {schema} TO tasks_api");
        attempt(&mut tx, &sql, &mut trouble).await?;
    }
    for (table, columns) in [(table, &user), (&sessions, &session)] {
        let missing: Vec<_> = columns
            .iter()
            .filter(|column| !column.readable)
            .map(|column| format!("\"{}\"", column.name))
            .collect();
        if !missing.is_empty() {
            let missing = missing.join(", ");
            let sql = format!("GRANT SELECT ({missing}) ON {table} TO tasks_api");
            attempt(&mut tx, &sql, &mut trouble).await?;
        }
    }
    let notices = triggers(&mut tx, (table, &user), (&sessions, &session), &mut trouble).await?;

    // Seen with the eyes of the role that will look.
    let look = tx.transaction().await?;
    let seen = match look.batch_execute("SET LOCAL ROLE tasks_api").await {
        Ok(()) => Some(Reach::probe(look.client(), SessionCheck::Auto).await?),
        Err(error) => {
            note(&error, &mut trouble);
            None
        }
    };
    look.rollback().await?;
    tx.commit().await?;

    let checks = AccountChecks {
        notices,
        ..AccountChecks::none(trouble)
    };
    Ok(match seen {
        Some(seen) => AccountChecks {
            users: seen.users,
            bans: seen.bans,
            sessions: seen.sessions,
            ..checks
        },
        None => AccountChecks {
            users: Check::NotPermitted,
            ..checks
        },
    })
}

/// Takes away what [`open`] gave, outside of the schema `except`, and gives what could not be taken. `linked` is the table that
/// was opened, wherever it is by now. What somebody else has granted stays.
pub(super) async fn close(
    client: &mut Client,
    linked: Option<&Users>,
    except: Option<&str>,
) -> Result<Vec<String>, Error> {
    let (schema, table) = linked.map(|it| (&it.schema, &it.table)).unzip();
    let mut trouble = Vec::new();
    let mut tx = client.transaction().await?;
    tx.batch_execute("SET LOCAL lock_timeout = '2s'").await?;
    let mut undo = Vec::new();
    if except.is_some() {
        let elsewhere = "
            SELECT format('DROP TRIGGER IF EXISTS %I ON %s', g.tgname, c.oid::regclass)
              FROM pg_trigger g JOIN pg_class c ON c.oid = g.tgrelid
             WHERE g.tgfoid = to_regprocedure('app.accounts_changed()')::oid AND g.tgparentid = 0
               AND c.relnamespace IS DISTINCT FROM to_regnamespace($1::text)::oid";
        undo.extend(tx.query(elsewhere, &[&except]).await?);
    } else if function(&tx).await?.is_some() {
        let sql = "DROP FUNCTION app.accounts_changed() CASCADE";
        attempt(&mut tx, sql, &mut trouble).await?;
    }
    undo.extend(
        tx.query(COLUMNS_GRANTED, &[&schema, &except, &table])
            .await?,
    );
    for row in undo {
        attempt(&mut tx, row.try_get(0)?, &mut trouble).await?;
    }
    // After the tables: a schema's name says nothing once its tables cannot be found.
    for row in tx.query(SCHEMAS_GRANTED, &[&schema, &except]).await? {
        attempt(&mut tx, row.try_get(0)?, &mut trouble).await?;
    }
    tx.commit().await?;
    Ok(trouble)
}

/// Those that [`open`] grants, and no other.
const COLUMNS_GRANTED: &str = r#"
    SELECT format('REVOKE SELECT (%s) ON %s FROM tasks_api', string_agg(quote_ident(a.attname), ', '), c.oid::regclass)
      FROM pg_class c
      JOIN pg_namespace n ON n.oid = c.relnamespace
      JOIN pg_attribute a ON a.attrelid = c.oid AND NOT a.attisdropped
       AND (c.relname <> 'session' AND a.attname IN ('id', 'uuid', 'banned', 'banExpires')
            OR c.relname = 'session' AND a.attname IN ('id', 'userId', 'expiresAt'))
     WHERE (n.nspname IN ('auth', 'public') OR n.oid = to_regnamespace($1::text)::oid)
       AND (c.relname IN ('user', 'session') OR c.oid = to_regclass($3::text)::oid)
       AND n.oid IS DISTINCT FROM to_regnamespace($2::text)::oid AND c.relkind IN ('r', 'p')
       AND EXISTS (SELECT FROM aclexplode(a.attacl) g
                    WHERE g.grantee = 'tasks_api'::regrole AND g.privilege_type = 'SELECT')
     GROUP BY c.oid"#;

/// Those in which the API's role has been granted nothing else.
const SCHEMAS_GRANTED: &str = "
    SELECT format('REVOKE USAGE ON SCHEMA %I FROM tasks_api', n.nspname)
      FROM pg_namespace n
     WHERE (n.nspname IN ('auth', 'public') OR n.oid = to_regnamespace($1::text)::oid)
       AND n.oid IS DISTINCT FROM to_regnamespace($2::text)::oid
       AND EXISTS (SELECT FROM aclexplode(n.nspacl) g
                    WHERE g.grantee = 'tasks_api'::regrole AND g.privilege_type = 'USAGE')
       AND NOT EXISTS (
         SELECT FROM pg_class c, aclexplode(c.relacl) g
          WHERE c.relnamespace = n.oid AND g.grantee = 'tasks_api'::regrole
         UNION ALL
         SELECT FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid, aclexplode(a.attacl) g
          WHERE c.relnamespace = n.oid AND g.grantee = 'tasks_api'::regrole
         UNION ALL
         SELECT FROM pg_proc f, aclexplode(f.proacl) g
          WHERE f.pronamespace = n.oid AND g.grantee = 'tasks_api'::regrole
         UNION ALL
         SELECT FROM pg_type t, aclexplode(t.typacl) g
          WHERE t.typnamespace = n.oid AND g.grantee = 'tasks_api'::regrole)";

/// Tells servers that are running to look again at what they can read.
pub(super) async fn announce(client: &mut Client) -> Result<(), Error> {
    let mut tx = client.transaction().await?;
    let sql = format!("SELECT pg_notify('{CHANNEL}', '{MOVED}')");
    // Where there is no such thing, they look once a minute.
    attempt(&mut tx, &sql, &mut Vec::new()).await?;
    tx.commit().await
}

struct Column {
    name: String,
    readable: bool,
}

/// Those of `wanted` that the table has.
async fn columns(
    tx: &Transaction<'_>,
    schema: &str,
    table: &str,
    wanted: &[&str],
) -> Result<Vec<Column>, Error> {
    let rows = tx
        .query(
            "SELECT a.attname, has_column_privilege('tasks_api', c.oid, a.attnum, 'SELECT')
               FROM pg_class c
               JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = ANY ($3::text[]) AND NOT a.attisdropped
              WHERE c.relnamespace = $1::text::regnamespace AND c.relname = $2 AND c.relkind IN ('r', 'p')
              ORDER BY a.attnum",
            &[&schema, &table, &wanted],
        )
        .await?;
    rows.iter()
        .map(|row| {
            Ok(Column {
                name: row.try_get(0)?,
                readable: row.try_get(1)?,
            })
        })
        .collect()
}

async fn triggers(
    tx: &mut Transaction<'_>,
    (users, user): (&str, &[Column]),
    (sessions, session): (&str, &[Column]),
    trouble: &mut Vec<String>,
) -> Result<Check, Error> {
    let before = trouble.len();
    if function(tx).await?.as_deref() != Some(BODY) {
        let sql = format!(
            "SET LOCAL ROLE tasks_owner;
             CREATE OR REPLACE FUNCTION app.accounts_changed() RETURNS trigger
               LANGUAGE plpgsql SECURITY INVOKER SET search_path = pg_catalog, pg_temp AS $body${BODY}$body$;
             REVOKE ALL ON FUNCTION app.accounts_changed() FROM PUBLIC;
             RESET ROLE"
        );
        attempt(tx, &sql, trouble).await?;
    }
    let ban: Vec<_> = user
        .iter()
        .filter(|column| matches!(column.name.as_str(), "banned" | "banExpires"))
        .map(|column| format!("\"{}\"", column.name))
        .collect();
    let ban_columns = i64::try_from(ban.len()).unwrap_or(0);
    let wanted = [
        (true, "drawbridge_user_deleted", "DELETE", users, 0),
        (
            !ban.is_empty(),
            "drawbridge_user_banned",
            &format!("UPDATE OF {}", ban.join(", ")),
            users,
            ban_columns,
        ),
        (
            !session.is_empty(),
            "drawbridge_session_deleted",
            "DELETE",
            sessions,
            0,
        ),
    ];
    for (wanted, name, event, table, columns) in wanted {
        if !wanted || trouble.len() > before {
            continue;
        }
        let there = tx
            .query_opt(
                "SELECT (SELECT count(*) FROM unnest(tgattr::int2[])) = $2 FROM pg_trigger
                  WHERE tgrelid = $1::text::regclass AND tgname = $3 AND NOT tgisinternal",
                &[&table, &columns, &name],
            )
            .await?;
        if let Some(row) = there
            && row.try_get(0)?
        {
            continue;
        }
        let sql = format!(
            "DROP TRIGGER IF EXISTS {name} ON {table};
             CREATE TRIGGER {name} AFTER {event} ON {table}
               FOR EACH STATEMENT EXECUTE FUNCTION app.accounts_changed()"
        );
        attempt(tx, &sql, trouble).await?;
    }
    Ok(match trouble.len() > before {
        true => Check::NotPermitted,
        false => Check::Done,
    })
}

/// Runs for whoever writes to Better Auth's tables, so it must never fail their statement, nor their commit: a queue of
/// notifications that is full does that, and nobody here needs it filled.
const BODY: &str = "
BEGIN
  IF pg_notification_queue_usage() < 0.5 THEN
    PERFORM pg_notify('drawbridge_accounts', '');
  END IF;
  RETURN NULL;
EXCEPTION WHEN OTHERS THEN
  RETURN NULL;
END ";

/// The body of the triggers' function, where there is one.
async fn function(tx: &Transaction<'_>) -> Result<Option<String>, Error> {
    let sql =
        "SELECT prosrc FROM pg_proc WHERE oid = to_regprocedure('app.accounts_changed()')::oid";
    let found = tx.query_opt(sql, &[]).await?;
    found.map(|row| row.try_get(0)).transpose()
}

/// Runs `sql` if it may be; what the database has against it goes to `trouble`.
async fn attempt(
    tx: &mut Transaction<'_>,
    sql: &str,
    trouble: &mut Vec<String>,
) -> Result<(), Error> {
    let nested = tx.transaction().await?;
    match nested.batch_execute(sql).await {
        Ok(()) => nested.commit().await,
        Err(error) if error.as_db_error().is_some() => {
            note(&error, trouble);
            nested.rollback().await
        }
        Err(error) => Err(error),
    }
}

fn note(error: &Error, trouble: &mut Vec<String>) {
    if let Some(error) = error.as_db_error() {
        trouble.push(error.message().to_owned());
    }
}
