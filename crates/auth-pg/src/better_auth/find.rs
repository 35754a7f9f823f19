use tokio_postgres::{Client, Error, Row};

use super::LinkError;

/// One of Better Auth's `"user"` tables.
#[derive(Debug, Clone)]
pub(super) struct Users {
    /// Quoted where it needs to be.
    pub(super) schema: String,
    /// The table's name without its schema, as it is.
    pub(super) name: String,
    /// Schema and name, quoted where they need to be.
    pub(super) table: String,
    pub(super) id_type: String,
}

/// What there is to link to.
pub(super) struct Found {
    /// The table to link to; `None` where Better Auth has none here.
    pub(super) users: Option<Users>,
    /// The table that is linked to now.
    pub(super) linked: Option<Users>,
}

impl Found {
    /// Where nothing is to be linked to.
    pub(super) async fn linked_now(client: &Client) -> Result<Self, Error> {
        let rows = client.query(TABLES, &[]).await?;
        let mut linked = None;
        for row in &rows {
            if row.try_get("linked")? {
                linked = Some(Users::read(row)?);
            }
        }
        Ok(Self {
            users: None,
            linked,
        })
    }

    /// The table that is linked to already stays the one, as long as it is Better Auth's. Of several others nobody but the
    /// operator knows which it is.
    pub(super) async fn look(client: &Client) -> Result<Self, LinkError> {
        let rows = client.query(TABLES, &[]).await?;
        let mut linked = None;
        let mut known = Vec::new();
        for row in &rows {
            let users = Users::read(row)?;
            let is_known: bool = row.try_get("known")?;
            if row.try_get("linked")? {
                linked = Some((users.clone(), is_known));
            }
            if is_known {
                known.push(users);
            }
        }
        let users = match (&linked, known.len()) {
            (Some((users, true)), _) | (Some((users, _)), 0) => Some(users.clone()),
            (_, 0 | 1) => known.pop(),
            _ => {
                let tables = known.into_iter().map(|users| users.table).collect();
                return Err(LinkError::Several { tables });
            }
        };
        Ok(Self {
            users,
            linked: linked.map(|(users, _)| users),
        })
    }
}

impl Users {
    fn read(row: &Row) -> Result<Self, Error> {
        Ok(Self {
            schema: row.try_get("schema")?,
            name: row.try_get("name")?,
            table: row.try_get("table")?,
            id_type: row.try_get("id_type")?,
        })
    }
}

/// Better Auth's and not just any table of that name: the column is quoted camelCase in all its versions.
const TABLES: &str = r#"
    SELECT quote_ident(n.nspname) AS schema, c.relname::text AS name,
           quote_ident(n.nspname) || '.' || quote_ident(c.relname) AS table,
           format_type(id.atttypid, NULL) AS id_type, l.oid IS NOT NULL AS linked, k.known
      FROM pg_class c
      JOIN pg_namespace n ON n.oid = c.relnamespace
      JOIN pg_attribute id ON id.attrelid = c.oid AND id.attname = 'id' AND NOT id.attisdropped
      LEFT JOIN pg_attribute ev ON ev.attrelid = c.oid AND ev.attname = 'emailVerified' AND NOT ev.attisdropped
      LEFT JOIN pg_constraint l ON l.confrelid = c.oid AND l.conrelid = to_regclass('app.users')
                               AND l.conname = 'users_better_auth'
     CROSS JOIN LATERAL (SELECT ev.attnum IS NOT NULL AND c.relname = 'user' AND n.nspname IN ('auth', 'public')) k (known)
     WHERE c.relkind IN ('r', 'p') AND (k.known OR l.oid IS NOT NULL)
     ORDER BY n.nspname"#;
