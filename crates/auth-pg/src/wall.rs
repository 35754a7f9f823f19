use futures_util::{future::try_join_all, join};
use tokio_postgres::{
    Client, Error,
    error::SqlState,
    types::{ToSql, Type},
};
use uuid::Uuid;

/// Whether row-level security keeps users apart here, as far as the catalogue tells: roles, owners, tables, policies, grants and
/// keys of schema `app`.
///
/// A table is looked at because it is there, not because it is known: one that a later domain brings is held to the same.
#[derive(Debug)]
pub(crate) struct Wall {
    role: Vec<String>,
    holes: Vec<String>,
    readable: Vec<String>,
}

/// What every policy has to say, in PostgreSQL's own spelling: any other text might show more.
const OURS: &str = "(user_id = app.current_user_id())";

/// Tables of schema `app` that requests may read though not every row of them is somebody's.
const UNFENCED: [&str; 3] = [
    // Which migrations have run here.
    "schema_migrations",
    // Rows about users, not of them, and read for all of them at once.
    "revocations",
    // The service's own keys: no request shows them, and each needs the same.
    "secrets",
];

impl Wall {
    /// One round trip. Wants a transaction of the requests' role, whose search path has PostgreSQL spell names in full.
    pub(crate) async fn read(client: &Client) -> Result<Self, Error> {
        let params: [(&(dyn ToSql + Sync), Type); 2] = [
            (&UNFENCED.as_slice(), Type::TEXT_ARRAY),
            (&OURS, Type::TEXT),
        ];
        let rows = client.query_typed(CATALOGUE, &params).await?;
        let row = rows.first().expect("a SELECT of arrays gives one row");
        Ok(Self {
            role: row.try_get("role")?,
            holes: row.try_get("holes")?,
            readable: row.try_get("readable")?,
        })
    }

    /// Why no wall binds the role, with all that is wrong besides: true whatever schema is there.
    pub(crate) fn unbound(&self) -> Option<String> {
        match self.role.is_empty() {
            true => None,
            false => said(&[&self.role[..], &self.holes].concat()),
        }
    }

    /// All that is wrong where the role is bound, the worst first. Where the catalogue is as it should be, the wall is tried, in two round trips. Where
    /// it is not, trying would only tell what follows from that, and might read a whole table to find it out.
    pub(crate) async fn breaches(self, client: &Client) -> Result<Option<String>, Error> {
        let mut found = self.holes;
        if found.is_empty() {
            found = without_a_user(client, &self.readable).await?;
        }
        if found.is_empty() {
            found = as_a_stranger(client, &self.readable).await?;
        }
        Ok(said(&found))
    }
}

fn said(found: &[String]) -> Option<String> {
    (!found.is_empty()).then(|| found.join("; "))
}

/// Nobody is asking: to read must be an error. "No rows" would hide that a statement runs outside of a user's transaction.
async fn without_a_user(client: &Client, tables: &[String]) -> Result<Vec<String>, Error> {
    let looks = tables.iter().map(async |table| {
        let look = format!("SAVEPOINT nobody; SELECT FROM {table} LIMIT 1");
        let (read, back) = join!(
            client.batch_execute(&look),
            client.batch_execute("ROLLBACK TO nobody; RELEASE nobody"),
        );
        back?;
        match read {
            Ok(()) => Ok(Some(format!("table {table} can be read"))),
            Err(error) => match error.as_db_error() {
                Some(db) if NOBODY_IS_ASKING.contains(db.code()) => Ok(None),
                // What the policy, or the function in it, says; others come and go by themselves.
                Some(db) if matches!(db.code().code().get(..2), Some("22" | "42" | "P0")) => {
                    Ok(Some(format!("table {table} says \"{}\"", db.message())))
                }
                _ => Err(error),
            },
        }
    });
    let seen: Vec<_> = try_join_all(looks).await?.into_iter().flatten().collect();
    Ok(match seen.is_empty() {
        true => seen,
        false => vec![format!(
            "{} while nobody is asking, which must be the error that there is no app.user_id: \
             compare app.current_user_id() and its grants with the migrations, \
             and take away what sets app.user_id (ALTER DATABASE … RESET, ALTER ROLE … RESET)",
            seen.join(", ")
        )],
    })
}

/// What `app.current_user_id()` fails with: there is no such setting, or it is the empty text that a transaction before left.
const NOBODY_IS_ASKING: [SqlState; 2] = [
    SqlState::UNDEFINED_OBJECT,
    SqlState::INVALID_TEXT_REPRESENTATION,
];

/// A user who is nobody: is taken for who it is, and sees no row.
async fn as_a_stranger(client: &Client, tables: &[String]) -> Result<Vec<String>, Error> {
    let stranger = Uuid::new_v4();
    let set = format!("SET LOCAL app.user_id='{}'", stranger.hyphenated());
    let exist: String = tables
        .iter()
        .map(|table| format!(", EXISTS (SELECT FROM {table})"))
        .collect();
    let look = format!("SELECT app.current_user_id(){exist}");
    let (set, rows) = join!(client.batch_execute(&set), client.query_typed(&look, &[]));
    set?;
    let rows = rows?;
    let row = rows.first().expect("a SELECT without FROM gives one row");

    let mut found = Vec::new();
    if row.try_get::<_, Option<Uuid>>(0)? != Some(stranger) {
        found.push(
            "function app.current_user_id() answers with another user than the one who is asking: \
             drop the casts to uuid that PostgreSQL did not bring, then make the function anew"
                .to_owned(),
        );
    }
    for (column, table) in (1..).zip(tables) {
        if row.try_get(column)? {
            found.push(format!(
                "table {table} shows rows to a user who has none: \
                 compare its policies and app.current_user_id() with the migrations"
            ));
        }
    }
    Ok(found)
}

const CATALOGUE: &str = include_str!("wall/catalogue.sql");
