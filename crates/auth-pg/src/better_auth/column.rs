use tokio_postgres::{Error, Transaction};

use super::{LinkError, Users};

/// Sees to the column `uuid`, from every state that it is found in: absent; as Better Auth's migrator makes it (`text`, no
/// default, null for new users, which yields tokens with `"uuid": null`); as it should be. In the last case nothing is changed
/// or locked.
///
/// The table is somebody else's, and what stands on it runs for whoever changes its rows. So that happens as its owner, and not
/// at all where code would run: that could make itself the installer again.
pub(super) async fn make_right(tx: &Transaction<'_>, users: &Users) -> Result<(), LinkError> {
    let table = &users.table;
    let row = tx.query_one(STATE, &[table]).await?;
    let (column, index): (bool, bool) = (row.try_get(0)?, row.try_get(1)?);
    if !column {
        // Nobody can put anything there from here on.
        tx.batch_execute(&format!("LOCK TABLE {table} IN ACCESS EXCLUSIVE MODE"))
            .await?;
        let row = tx.query_one(OWNER, &[table]).await?;
        let (owner, trusted): (String, bool) = (row.try_get(0)?, row.try_get(1)?);
        let statements = statements(table);
        if let Some(code) = code(tx, table, trusted).await? {
            return Err(LinkError::ForeignCode {
                table: table.clone(),
                code,
                owner,
                statements,
            });
        }
        let sql = format!("SET LOCAL ROLE {owner};{statements};RESET ROLE");
        tx.batch_execute(&sql).await?;
    }
    if !index {
        let sql = format!("CREATE UNIQUE INDEX user_uuid_key ON {table} (uuid)");
        tx.batch_execute(&sql).await?;
    }
    Ok(())
}

fn statements(table: &str) -> String {
    format!(
        "ALTER TABLE {table} ADD COLUMN IF NOT EXISTS uuid uuid;
ALTER TABLE {table} ALTER COLUMN uuid DROP DEFAULT;
ALTER TABLE {table} ALTER COLUMN uuid TYPE uuid USING uuid::uuid;
UPDATE {table} SET uuid = gen_random_uuid() WHERE uuid IS NULL;
ALTER TABLE {table} ALTER COLUMN uuid SET DEFAULT gen_random_uuid();
ALTER TABLE {table} ALTER COLUMN uuid SET NOT NULL"
    )
}

/// What would run for whoever changes the table's rows, as far as somebody else has put it there.
async fn code(tx: &Transaction<'_>, table: &str, trusted: bool) -> Result<Option<String>, Error> {
    tx.query_one(CODE, &[&table, &trusted]).await?.try_get(0)
}

/// Whether the column is as it should be, and whether it has a unique index.
const STATE: &str = "
    SELECT EXISTS (
             SELECT FROM pg_attribute a JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
              WHERE a.attrelid = t.oid AND a.attname = 'uuid' AND a.atttypid = 'uuid'::regtype
                AND a.attnotnull AND pg_get_expr(d.adbin, d.adrelid) LIKE '%gen_random_uuid()'),
           EXISTS (
             SELECT FROM pg_index i
              WHERE i.indrelid = t.oid AND i.indisunique AND i.indisvalid AND i.indnatts = 1 AND i.indpred IS NULL
                AND i.indkey[0] = (SELECT attnum FROM pg_attribute WHERE attrelid = i.indrelid AND attname = 'uuid'))
      FROM (SELECT $1::text::regclass::oid AS oid) t";

/// The owner's name, quoted where it needs to be, and whether they could do as much without us.
const OWNER: &str = "
    SELECT quote_ident(o.rolname), o.rolsuper OR o.rolname = current_user
      FROM pg_class c JOIN pg_roles o ON o.oid = c.relowner
     WHERE c.oid = $1::text::regclass";

/// Of a table whose owner is trusted (`$2`), only what others may put there: triggers. What calls none but PostgreSQL's own
/// functions is no code, unless those can be made to run more: of these there are none that are immutable, as indexes and
/// generated columns want it.
const CODE: &str = "
    WITH RECURSIVE tree (oid) AS (
      SELECT $1::text::regclass::oid
      UNION
      SELECT i.inhrelid FROM pg_inherits i JOIN tree ON i.inhparent = tree.oid
    ), calls (classid, objid) AS (
      SELECT d.classid, d.objid FROM pg_depend d
       WHERE d.refclassid IN ('pg_proc'::regclass, 'pg_operator'::regclass)
    ), code (what, needs_the_owner) AS (
      SELECT 'trigger ' || quote_ident(g.tgname),
             EXISTS (SELECT FROM pg_proc f JOIN pg_roles o ON o.oid = f.proowner
                      WHERE f.oid = g.tgfoid AND (o.rolsuper OR o.rolname = current_user))
        FROM pg_trigger g JOIN tree ON tree.oid = g.tgrelid
       WHERE NOT g.tgisinternal AND g.tgenabled <> 'D'
         AND g.tgfoid IS DISTINCT FROM to_regprocedure('app.accounts_changed()')::oid
      UNION ALL
      SELECT 'constraint ' || quote_ident(c.conname), true
        FROM pg_constraint c JOIN tree ON tree.oid = c.conrelid WHERE c.contype = 'c'
      UNION ALL
      SELECT 'rule ' || quote_ident(r.rulename), true FROM pg_rewrite r JOIN tree ON tree.oid = r.ev_class
      UNION ALL
      SELECT 'policy ' || quote_ident(p.polname), true
        FROM pg_policy p JOIN tree ON tree.oid = p.polrelid JOIN pg_class t ON t.oid = p.polrelid AND t.relforcerowsecurity
      UNION ALL
      SELECT 'index ' || quote_ident(x.relname), true
        FROM pg_index i JOIN tree ON tree.oid = i.indrelid JOIN pg_class x ON x.oid = i.indexrelid
       WHERE EXISTS (SELECT FROM calls WHERE classid = 'pg_class'::regclass AND objid = x.oid)
      UNION ALL
      SELECT 'column ' || quote_ident(a.attname), true
        FROM pg_attribute a JOIN tree ON tree.oid = a.attrelid
        JOIN pg_type t ON t.oid = a.atttypid
        LEFT JOIN pg_type e ON e.oid = t.typelem AND t.typelem <> 0
        LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum AND a.attgenerated <> ''
       WHERE a.attnum > 0 AND NOT a.attisdropped
         AND (EXISTS (SELECT FROM calls WHERE classid = 'pg_attrdef'::regclass AND objid = d.oid)
              OR t.typnamespace <> 'pg_catalog'::regnamespace AND coalesce(e.typtype, t.typtype) NOT IN ('b', 'e')
              OR a.attname = 'uuid' AND a.atttypid NOT IN ('text'::regtype, 'varchar'::regtype, 'uuid'::regtype))
      UNION ALL
      SELECT 'foreign table ' || t.oid::regclass::text, true
        FROM pg_class t JOIN tree ON tree.oid = t.oid WHERE t.relkind = 'f'
    )
    SELECT string_agg(DISTINCT what, ', ') FROM code WHERE NOT ($2 AND needs_the_owner)";
