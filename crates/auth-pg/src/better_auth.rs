use tokio_postgres::{Client, Error};

mod access;
mod column;
mod find;

pub use self::access::AccountChecks;
use self::find::{Found, Users};

/// Whether [`migrate`](crate::migrate()) looks for Better Auth's `"user"` table, and by which column it links to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum LinkMode {
    /// Link to `"user".uuid`, adding or repairing that column. For the claim `uuid`. The default.
    #[default]
    Uuid,
    /// Link to `"user".id`, which must be of type `uuid` (Better Auth's `generateId: "uuid"`). For the claim `sub`.
    Id,
    /// Better Auth lives elsewhere; look at nothing.
    Off,
}

/// What became of the link from `app.users` to Better Auth's `"user"` table.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Link {
    /// `app.users.user_id` references this column: deleting the user there erases their rows here, and a token of a user whom
    /// Better Auth does not know is refused.
    To {
        /// For instance `auth."user".uuid`.
        column: String,
        /// Users of ours whom Better Auth does not know; their rows were left alone.
        orphans: i64,
    },
    /// No Better Auth `"user"` table is in schemas `auth` or `public`. Run `migrate` again when there is one.
    NotFound,
    /// There is one, but its `id` is not of type `uuid`.
    IdIsNotUuid {
        /// For instance `auth."user"`.
        table: String,
    },
    /// Not wanted.
    Off,
}

/// Why there is no link though there should be one.
#[derive(Debug)]
pub(crate) enum LinkError {
    Database(Error),
    Several {
        tables: Vec<String>,
    },
    ForeignCode {
        table: String,
        code: String,
        owner: String,
        statements: String,
    },
}

impl From<Error> for LinkError {
    fn from(error: Error) -> Self {
        Self::Database(error)
    }
}

/// Links, and opens what has to be read for that link; or undoes both. What an earlier link opened elsewhere is closed.
pub(crate) async fn link(
    client: &mut Client,
    mode: LinkMode,
) -> Result<(Link, AccountChecks), LinkError> {
    let found = match mode {
        LinkMode::Off => Found::linked_now(client).await?,
        _ => Found::look(client).await?,
    };
    let before = found.linked.as_ref();
    let key = match mode {
        LinkMode::Id => "id",
        _ => "uuid",
    };
    let outcome = match (mode, found.users) {
        (LinkMode::Off, _) => Err(Link::Off),
        (_, None) => Err(Link::NotFound),
        (LinkMode::Id, Some(users)) if users.id_type != "uuid" => {
            Err(Link::IdIsNotUuid { table: users.table })
        }
        (_, Some(users)) => Ok(users),
    };
    let done = match outcome {
        Ok(users) => {
            let orphans = link_users(client, &users, key).await?;
            let mut trouble = access::close(client, before, Some(&users.schema)).await?;
            let mut checks = access::open(client, &users, key).await?;
            trouble.append(&mut checks.trouble);
            checks.trouble = trouble;
            let column = format!("{}.{key}", users.table);
            (Link::To { column, orphans }, checks)
        }
        Err(link) => {
            // In this order: a link that is gone while its traces are there looks like one that was lost.
            let trouble = access::close(client, before, None).await?;
            unlink(client).await?;
            (link, AccountChecks::none(trouble))
        }
    };
    access::announce(client).await?;
    Ok(done)
}

/// Gives the number of users of ours whom Better Auth does not know.
async fn link_users(client: &mut Client, users: &Users, key: &str) -> Result<i64, LinkError> {
    let table = &users.table;
    let tx = client.transaction().await?;
    // With row security off, a policy of Better Auth's is an error and not code that runs as we do.
    tx.batch_execute("SET LOCAL lock_timeout = '10s'; SET LOCAL row_security = off")
        .await?;
    if key == "uuid" {
        column::make_right(&tx, users).await?;
    }
    let there = tx
        .query_opt(
            "SELECT confrelid::regclass::text || '.' || a.attname = $1::text::regclass::text || '.' || $2, convalidated
               FROM pg_constraint c
               JOIN pg_attribute a ON a.attrelid = c.confrelid AND a.attnum = c.confkey[1]
              WHERE c.conrelid = 'app.users'::regclass AND c.conname = 'users_better_auth'",
            &[table, &key],
        )
        .await?;
    let (points_there, validated) = match there {
        Some(row) => (row.try_get(0)?, row.try_get(1)?),
        None => (false, false),
    };
    if !points_there {
        // NOT VALID: rows of users whom Better Auth does not know are reported, not refused and not deleted; every new row
        // is checked, and deletes cascade all the same.
        tx.batch_execute(&format!(
            "ALTER TABLE app.users DROP CONSTRAINT IF EXISTS users_better_auth;
             ALTER TABLE app.users ADD CONSTRAINT users_better_auth
               FOREIGN KEY (user_id) REFERENCES {table} ({key}) ON DELETE CASCADE NOT VALID"
        ))
        .await?;
    }
    let mut orphans = 0;
    if !(points_there && validated) {
        // An installer who is no superuser reads the rows as their tables' owner does, and forced row-level security hides
        // them from the owner. It is lifted while this transaction holds the table, so nobody else sees it lifted.
        tx.batch_execute("ALTER TABLE app.users NO FORCE ROW LEVEL SECURITY")
            .await?;
        let count = format!(
            "SELECT count(*) FROM app.users u WHERE NOT EXISTS (SELECT FROM {table} b WHERE b.{key} = u.user_id)"
        );
        orphans = tx.query_one(&count, &[]).await?.try_get(0)?;
        if orphans == 0 {
            tx.batch_execute("ALTER TABLE app.users VALIDATE CONSTRAINT users_better_auth")
                .await?;
        }
        tx.batch_execute("ALTER TABLE app.users FORCE ROW LEVEL SECURITY")
            .await?;
    }
    tx.commit().await?;
    Ok(orphans)
}

/// What is not linked must not refuse users or erase their rows.
async fn unlink(client: &Client) -> Result<(), Error> {
    let sql = "SELECT FROM pg_constraint WHERE conrelid = 'app.users'::regclass AND conname = 'users_better_auth'";
    match client.query_opt(sql, &[]).await? {
        Some(_) => {
            let sql = "ALTER TABLE app.users DROP CONSTRAINT IF EXISTS users_better_auth";
            client.batch_execute(sql).await
        }
        None => Ok(()),
    }
}
