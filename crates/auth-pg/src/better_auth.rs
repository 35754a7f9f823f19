use tokio_postgres::{Client, Error};

mod access;

pub use self::access::AccountChecks;

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

/// Links, and opens what has to be read for that link; or undoes both.
pub(crate) async fn link(
    client: &mut Client,
    mode: LinkMode,
) -> Result<(Link, AccountChecks), Error> {
    let (link, schema) = link_users(client, mode).await?;
    let checks = match (schema, mode) {
        (Some(schema), LinkMode::Id) => access::open(client, &schema, "id").await?,
        (Some(schema), _) => access::open(client, &schema, "uuid").await?,
        (None, _) => AccountChecks::none(access::close(client).await?),
    };
    access::announce(client).await?;
    Ok((link, checks))
}

/// Gives the schema of the table that users are linked to, beside what there is to say.
async fn link_users(client: &mut Client, mode: LinkMode) -> Result<(Link, Option<String>), Error> {
    let key = match mode {
        LinkMode::Uuid => "uuid",
        LinkMode::Id => "id",
        LinkMode::Off => {
            unlink(client).await?;
            return Ok((Link::Off, None));
        }
    };
    // Better Auth's and not just any table of that name: the column is quoted camelCase in all its versions.
    let found = client
        .query_opt(
            r#"SELECT n.nspname, format_type(id.atttypid, NULL)
                 FROM pg_class c
                 JOIN pg_namespace n ON n.oid = c.relnamespace
                 JOIN pg_attribute id ON id.attrelid = c.oid AND id.attname = 'id' AND NOT id.attisdropped
                 JOIN pg_attribute ev ON ev.attrelid = c.oid AND ev.attname = 'emailVerified' AND NOT ev.attisdropped
                WHERE c.relname = 'user' AND c.relkind IN ('r', 'p') AND n.nspname IN ('auth', 'public')
                ORDER BY n.nspname LIMIT 1"#,
            &[],
        )
        .await?;
    let Some(row) = found else {
        return Ok((Link::NotFound, None));
    };
    let schema: String = row.try_get(0)?;
    let id_type: String = row.try_get(1)?;
    let table = format!("{schema}.\"user\"");
    if mode == LinkMode::Id && id_type != "uuid" {
        unlink(client).await?;
        return Ok((Link::IdIsNotUuid { table }, None));
    }

    let tx = client.transaction().await?;
    tx.batch_execute("SET LOCAL lock_timeout = '10s'").await?;
    if mode == LinkMode::Uuid {
        tx.batch_execute(&uuid_column(&table)).await?;
    }
    let there = tx
        .query_opt(
            "SELECT confrelid::regclass::text || '.' || a.attname = $1::text::regclass::text || '.' || $2, convalidated
               FROM pg_constraint c
               JOIN pg_attribute a ON a.attrelid = c.confrelid AND a.attnum = c.confkey[1]
              WHERE c.conrelid = 'app.users'::regclass AND c.conname = 'users_better_auth'",
            &[&table, &key],
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
    let column = format!("{table}.{key}");
    Ok((Link::To { column, orphans }, Some(schema)))
}

/// What is not linked must not refuse users or erase their rows.
async fn unlink(client: &Client) -> Result<(), Error> {
    client
        .batch_execute("ALTER TABLE app.users DROP CONSTRAINT IF EXISTS users_better_auth")
        .await
}

/// Right from every state that the column is found in: absent; as Better Auth's migrator makes it (`text`, no default, null
/// for new users, which yields tokens with `"uuid": null`); as it should be. In the last case nothing is changed or locked.
fn uuid_column(table: &str) -> String {
    format!(
        r#"
        DO $$
        BEGIN
          IF EXISTS (
            SELECT FROM pg_attribute a JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
             WHERE a.attrelid = '{table}'::regclass AND a.attname = 'uuid' AND a.atttypid = 'uuid'::regtype
               AND a.attnotnull AND pg_get_expr(d.adbin, d.adrelid) LIKE '%gen_random_uuid()'
          ) THEN RETURN; END IF;
          ALTER TABLE {table} ADD COLUMN IF NOT EXISTS uuid uuid;
          ALTER TABLE {table} ALTER COLUMN uuid DROP DEFAULT;
          ALTER TABLE {table} ALTER COLUMN uuid TYPE uuid USING uuid::uuid;
          UPDATE {table} SET uuid = gen_random_uuid() WHERE uuid IS NULL;
          ALTER TABLE {table} ALTER COLUMN uuid SET DEFAULT gen_random_uuid();
          ALTER TABLE {table} ALTER COLUMN uuid SET NOT NULL;
        END $$;
        DO $$
        BEGIN
          IF NOT EXISTS (
            SELECT FROM pg_index i
             WHERE i.indrelid = '{table}'::regclass AND i.indisunique AND i.indisvalid AND i.indnatts = 1
               AND i.indpred IS NULL
               AND i.indkey[0] = (SELECT attnum FROM pg_attribute WHERE attrelid = i.indrelid AND attname = 'uuid')
          ) THEN
            CREATE UNIQUE INDEX user_uuid_key ON {table} (uuid);
          END IF;
        END $$"#
    )
}
