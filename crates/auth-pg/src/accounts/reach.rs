use auth_core::Standing;
use tokio_postgres::{Client, Row};

use super::{Check, SessionCheck};
use crate::LinkMode;

/// How far the database lets us look into Better Auth's tables, and the statements that look as far.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Reach {
    /// By which column `app.users` is linked to Better Auth's `"user"`.
    pub(super) link: LinkMode,
    /// There is no link, and nobody has undone it: whoever is asked for here could be anybody.
    pub(super) link_lost: bool,
    pub(crate) users: Check,
    pub(crate) bans: Check,
    pub(crate) sessions: Check,
    /// Asks for one principal, and gives a user in good standing their anchor.
    pub(super) ask_one: String,
    /// Asks for many, and answers with one letter for each. `None` where it could not see that a user is gone.
    pub(super) ask_many: Option<String>,
}

impl Reach {
    /// What the role of this connection can see. From the catalog: no row of Better Auth's is read for it.
    pub(crate) async fn probe(
        client: &Client,
        sessions: SessionCheck,
    ) -> Result<Self, tokio_postgres::Error> {
        match client.query_typed(PROBE, &[]).await?.first() {
            Some(row) => Self::linked(row, sessions),
            None => {
                let traces = client.query_typed(TRACES, &[]).await?;
                let link_lost = traces.first().map_or(Ok(false), |row| row.try_get(0))?;
                let mut reach = Self::new(None, sessions);
                if link_lost {
                    (reach.link_lost, reach.ask_many) = (true, None);
                }
                Ok(reach)
            }
        }
    }

    fn linked(row: &Row, sessions: SessionCheck) -> Result<Self, tokio_postgres::Error> {
        let tables = Tables {
            schema: row.try_get("schema")?,
            user: row.try_get("user")?,
            key: row.try_get("key")?,
            user_readable: row.try_get("user_readable")?,
            ban_is_flag: row.try_get("ban_is_flag")?,
            ban_readable: row.try_get("ban_readable")?,
            ban_ends_type: row.try_get("ban_ends_type")?,
            session_there: row.try_get("session_there")?,
            session_ends_type: row.try_get("session_ends_type")?,
            session_id_type: row.try_get("session_id_type")?,
            session_readable: row.try_get("session_readable")?,
        };
        Ok(Self::new(Some(tables), sessions))
    }

    fn new(tables: Option<Tables>, wanted: SessionCheck) -> Self {
        let Some(tables) = tables else {
            let verdict = format!("CASE {REVOKED} ELSE 'G' END");
            return Self {
                link: LinkMode::Off,
                link_lost: false,
                users: Check::Absent,
                bans: Check::Absent,
                sessions: Check::Absent,
                ask_one: ask_one(&verdict, ""),
                ask_many: Some(ask_many(&verdict, "")),
            };
        };
        let readable = |readable| match readable {
            true => Check::Done,
            false => Check::NotPermitted,
        };
        let users = readable(tables.user_readable);
        let ban_ends = tables.ban_ends_type.as_deref();
        let bans = match tables.ban_is_flag {
            None => Check::Absent,
            Some(flag) if !flag || !ban_ends.is_none_or(is_a_time) => Check::NotUnderstood,
            Some(_) => readable(tables.user_readable && tables.ban_readable),
        };
        let session_id = tables.session_id_type.as_deref().and_then(session_id_as);
        let session_ends = tables.session_ends_type.as_deref().is_some_and(is_a_time);
        let sessions = match (wanted, session_id) {
            (SessionCheck::Off, _) => Check::Off,
            _ if !tables.session_there => Check::Absent,
            (_, Some(_)) if session_ends => {
                readable(tables.user_readable && tables.session_readable)
            }
            _ => Check::NotUnderstood,
        };

        let Tables {
            schema, user, key, ..
        } = &tables;
        let (mut cases, mut joins) = (String::new(), String::new());
        // LIMIT keeps each of them a look into the index, once for each principal: joined freely, the planner reads a whole table
        // for a large batch, or all sessions of a user to find one.
        if users == Check::Done {
            let (columns, banned) = match (bans, ban_ends.is_some()) {
                (Check::Done, true) => (
                    r#", banned, "banExpires""#,
                    r#"u.banned AND (u."banExpires" IS NULL OR u."banExpires" > statement_timestamp())"#,
                ),
                (Check::Done, false) => (", banned", "u.banned"),
                _ => ("", ""),
            };
            joins += &format!(
                r#" LEFT JOIN LATERAL (SELECT id{columns} FROM {user} WHERE {key} = p.user_id LIMIT 1) u ON true"#
            );
            cases += " WHEN u.id IS NULL THEN 'U'";
            if !banned.is_empty() {
                cases += &format!(" WHEN {banned} THEN 'B'");
            }
        }
        if let (Check::Done, Some(id)) = (sessions, session_id) {
            joins += &format!(
                r#" LEFT JOIN LATERAL (SELECT "userId", "expiresAt" FROM {schema}.session WHERE id = {id} LIMIT 1) s ON true"#
            );
            cases += r#" WHEN p.session_id IS NOT NULL
                          AND (s."userId" IS DISTINCT FROM u.id OR s."expiresAt" <= statement_timestamp()) THEN 'S'"#;
        }
        let verdict = format!("CASE{cases} {REVOKED} ELSE 'G' END");
        Self {
            link: match key.as_str() {
                "id" => LinkMode::Id,
                _ => LinkMode::Uuid,
            },
            link_lost: false,
            users,
            bans,
            sessions,
            ask_one: ask_one(&verdict, &joins),
            // The foreign key says it as well, but only when an anchor is written.
            ask_many: (users == Check::Done).then(|| ask_many(&verdict, &joins)),
        }
    }

    /// What is there and may not be looked at, for a warning.
    pub(super) fn unreadable(&self) -> Option<String> {
        self.parts(Check::NotPermitted)
    }

    /// What is there and not as Better Auth makes it, for a warning.
    pub(super) fn not_understood(&self) -> Option<String> {
        self.parts(Check::NotUnderstood)
    }

    fn parts(&self, wanted: Check) -> Option<String> {
        let parts = [
            (self.users, "users"),
            (self.bans, "bans"),
            (self.sessions, "sessions"),
        ];
        let parts: Vec<_> = parts
            .into_iter()
            .filter(|(check, _)| *check == wanted)
            .map(|(_, name)| name)
            .collect();
        (!parts.is_empty()).then(|| parts.join(" and "))
    }
}

/// The standing that a letter of the statements stands for.
pub(super) fn standing_of(letter: u8) -> Option<Standing> {
    match letter {
        b'G' => Some(Standing::Good),
        b'U' => Some(Standing::Unknown),
        b'B' => Some(Standing::Banned),
        b'S' => Some(Standing::SignedOut),
        b'R' => Some(Standing::Revoked),
        _ => None,
    }
}

/// What the catalog says of Better Auth's tables, as far as it matters here. Names are quoted where they need to be.
struct Tables {
    schema: String,
    /// With its schema.
    user: String,
    key: String,
    user_readable: bool,
    /// `None` where Better Auth's admin plugin has never been.
    ban_is_flag: Option<bool>,
    ban_readable: bool,
    ban_ends_type: Option<String>,
    session_there: bool,
    session_ends_type: Option<String>,
    session_id_type: Option<String>,
    session_readable: bool,
}

/// Without a zone it is taken for UTC, which is the time zone of every transaction of ours.
fn is_a_time(column_type: &str) -> bool {
    matches!(
        column_type,
        "timestamp with time zone" | "timestamp without time zone"
    )
}

/// The claim `sid` as a value of the column's type, by an expression that no claim can make fail. `None` for a type that Better
/// Auth does not make.
fn session_id_as(column_type: &str) -> Option<&'static str> {
    match column_type {
        "text" | "character varying" => Some("p.session_id"),
        "uuid" => Some(
            "CASE WHEN p.session_id ~ '^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$' \
             THEN p.session_id::uuid END",
        ),
        "integer" | "bigint" => {
            Some("CASE WHEN p.session_id ~ '^[0-9]{1,18}$' THEN p.session_id::bigint END")
        }
        _ => None,
    }
}

/// A single statement, because the anchor must not be written for somebody who is refused. For a user already there it writes
/// nothing: the conflict is found before a row is made.
fn ask_one(verdict: &str, joins: &str) -> String {
    format!(
        "WITH asked AS (
           SELECT {verdict} AS standing
             FROM (SELECT $1::uuid AS user_id, $2::text AS session_id, $3::text AS token_id, $4::float8 AS issued_at) p{joins}
         ), anchored AS (
           INSERT INTO app.users (user_id) SELECT $1 FROM asked WHERE standing = 'G' ON CONFLICT (user_id) DO NOTHING
         )
         SELECT standing FROM asked"
    )
}

fn ask_many(verdict: &str, joins: &str) -> String {
    format!(
        "SELECT coalesce(string_agg({verdict}, '' ORDER BY p.place), '')
           FROM unnest($1::uuid[], $2::text[], $3::text[], $4::float8[])
                WITH ORDINALITY AS p (user_id, session_id, token_id, issued_at, place){joins}"
    )
}

/// The entries against a principal. One that names a user counts for that user's tokens only. Whether there are any at all is
/// found out once for a whole batch.
///
/// Each is the first row of an index, by an order that no other index it may use has (hence `id > 0`, see the migration): how many entries there are of one user
/// must matter neither to the others' answers nor to the planner.
const REVOKED: &str = "
    WHEN (SELECT keep_until FROM app.revocations WHERE id > 0 ORDER BY keep_until DESC LIMIT 1) > statement_timestamp()
     AND ((SELECT true FROM app.revocations r
            WHERE r.kind = 'user' AND r.user_id = p.user_id AND r.keep_until > statement_timestamp()
              AND r.not_before > coalesce(to_timestamp(p.issued_at), '-infinity')
            ORDER BY r.not_before DESC LIMIT 1)
       OR (SELECT r.keep_until FROM app.revocations r
            WHERE r.kind = 'session' AND r.user_id IS NULL AND r.session_id = p.session_id
            ORDER BY r.keep_until DESC LIMIT 1) > statement_timestamp()
       OR (SELECT r.keep_until FROM app.revocations r
            WHERE r.kind = 'session' AND r.user_id = p.user_id AND r.session_id = p.session_id
            ORDER BY r.keep_until DESC LIMIT 1) > statement_timestamp()
       OR (SELECT r.keep_until FROM app.revocations r
            WHERE r.kind = 'token' AND r.user_id IS NULL AND r.token_id = p.token_id
            ORDER BY r.keep_until DESC LIMIT 1) > statement_timestamp()
       OR (SELECT r.keep_until FROM app.revocations r
            WHERE r.kind = 'token' AND r.user_id = p.user_id AND r.token_id = p.token_id
            ORDER BY r.keep_until DESC LIMIT 1) > statement_timestamp()) THEN 'R'";

/// One row where `app.users` is linked. A table whose own row-level security applies to us counts as not readable: rows that
/// are hidden would look like users who are gone.
const PROBE: &str = r#"
    SELECT quote_ident(n.nspname) AS schema, quote_ident(n.nspname) || '.' || quote_ident(u.relname) AS user,
           quote_ident(k.attname) AS key,
           has_schema_privilege(n.oid, 'USAGE') AND NOT row_security_active(u.oid)
             AND has_column_privilege(u.oid, k.attnum, 'SELECT') AND has_column_privilege(u.oid, i.attnum, 'SELECT')
             AS user_readable,
           b.atttypid = 'boolean'::regtype AS ban_is_flag,
           coalesce(has_column_privilege(u.oid, b.attnum, 'SELECT'), false)
             AND coalesce(has_column_privilege(u.oid, e.attnum, 'SELECT'), true) AS ban_readable,
           format_type(e.atttypid, NULL) AS ban_ends_type,
           s.oid IS NOT NULL AS session_there, format_type(se.atttypid, NULL) AS session_ends_type,
           CASE WHEN su.attnum IS NOT NULL AND se.attnum IS NOT NULL THEN format_type(si.atttypid, NULL) END AS session_id_type,
           has_schema_privilege(n.oid, 'USAGE') AND coalesce(NOT row_security_active(s.oid)
             AND has_column_privilege(s.oid, si.attnum, 'SELECT') AND has_column_privilege(s.oid, su.attnum, 'SELECT')
             AND has_column_privilege(s.oid, se.attnum, 'SELECT'), false) AS session_readable
      FROM pg_constraint c
      JOIN pg_class u ON u.oid = c.confrelid
      JOIN pg_namespace n ON n.oid = u.relnamespace
      JOIN pg_attribute k ON k.attrelid = u.oid AND k.attnum = c.confkey[1]
      JOIN pg_attribute i ON i.attrelid = u.oid AND i.attname = 'id' AND NOT i.attisdropped
      LEFT JOIN pg_attribute b ON b.attrelid = u.oid AND b.attname = 'banned' AND NOT b.attisdropped
      LEFT JOIN pg_attribute e ON e.attrelid = u.oid AND e.attname = 'banExpires' AND NOT e.attisdropped
      LEFT JOIN pg_class s ON s.relnamespace = n.oid AND s.relname = 'session' AND s.relkind IN ('r', 'p')
      LEFT JOIN pg_attribute si ON si.attrelid = s.oid AND si.attname = 'id' AND NOT si.attisdropped
      LEFT JOIN pg_attribute su ON su.attrelid = s.oid AND su.attname = 'userId' AND NOT su.attisdropped
      LEFT JOIN pg_attribute se ON se.attrelid = s.oid AND se.attname = 'expiresAt' AND NOT se.attisdropped
     WHERE c.conrelid = to_regclass('app.users') AND c.conname = 'users_better_auth'"#;

/// Asked where `app.users` is not linked: whether it has been, and `migrate` has not undone it. The function is made for the
/// link's triggers, goes when the link is undone, and stays when Better Auth's tables are dropped.
const TRACES: &str = "SELECT to_regprocedure('app.accounts_changed()') IS NOT NULL";
