-- What the catalogue says of the second wall, as the requests' role sees it. One row:
--
--   role      what lets the role past every policy
--   holes     what else keeps users no longer apart, the worst first
--   readable  the fenced tables that the role may read, to be tried
--
-- Each hole is said as "what is wrong: what mends it". $1: tables that need no fence. A table is fenced when every row of it is
-- somebody's: it has a column user_id NOT NULL.
WITH me AS (
  SELECT oid, rolname, rolsuper, rolbypassrls FROM pg_roles WHERE rolname = current_user
),
-- Whose rights a request could use, by inheritance or by SET ROLE. A superuser could use everybody's, which says nothing more.
reach AS (
  SELECT r.oid, r.rolname, r.rolsuper, r.rolbypassrls
    FROM pg_roles r, me
   WHERE r.oid = me.oid OR NOT me.rolsuper AND pg_has_role(me.oid, r.oid, 'MEMBER')
),
-- Through whom a role is reached: the last link is the one to undo, those before it may be wanted.
link AS (
  SELECT m.roleid AS role, string_agg(DISTINCT quote_ident(r.rolname), ', ') AS members
    FROM pg_auth_members m JOIN reach r ON r.oid = m.member
   GROUP BY m.roleid
),
unbound AS (
  SELECT 1 AS rank,
         format('role %I is a superuser and can bypass row-level security: ALTER ROLE %1$I NOSUPERUSER', rolname) AS words
    FROM me WHERE rolsuper
  UNION ALL
  SELECT 2, format('role %I can bypass row-level security: ALTER ROLE %1$I NOBYPASSRLS', rolname)
    FROM me WHERE rolbypassrls AND NOT rolsuper
  UNION ALL
  SELECT 3, format('role %1$I is a member of %2$I, which %3$s: REVOKE %2$I FROM %4$s', me.rolname, r.rolname,
                   CASE WHEN r.rolsuper OR r.rolbypassrls THEN 'can bypass row-level security'
                        ELSE 'needs no grant to read or write' END,
                   link.members)
    FROM me, reach r JOIN link ON link.role = r.oid
   WHERE r.oid <> me.oid
     AND (r.rolsuper OR r.rolbypassrls
          OR r.rolname IN ('pg_read_all_data', 'pg_write_all_data', 'pg_read_server_files', 'pg_write_server_files',
                           'pg_execute_server_program'))
  UNION ALL
  -- A plan that was made for a login role that row-level security does not bind was used again for one that it binds, until the
  -- releases named here.
  SELECT 4, format('PostgreSQL %s may use a plan of %I for %I (CVE-2024-10976): log in as %3$I, or update PostgreSQL',
                   current_setting('server_version'), session_user, current_user)
    FROM pg_roles
   WHERE rolname = session_user AND (rolsuper OR rolbypassrls)
     AND current_setting('server_version_num')::int / 10000 IN (15, 16, 17)
     AND current_setting('server_version_num')::int <
         CASE current_setting('server_version_num')::int / 10000 WHEN 15 THEN 150009 WHEN 16 THEN 160005 ELSE 170001 END
),
relation AS (
  SELECT c.oid, c.relkind, c.relname, c.relowner, c.relacl, c.relrowsecurity, c.relforcerowsecurity,
         format('app.%I', c.relname) AS name, u.attnum AS user_id,
         c.relkind IN ('r', 'p') AND coalesce(u.attnotnull, false) AS fenced
    FROM pg_class c
    LEFT JOIN pg_attribute u ON u.attrelid = c.oid AND u.attname = 'user_id' AND NOT u.attisdropped
   WHERE c.relnamespace = to_regnamespace('app') AND c.relkind IN ('r', 'p', 'v', 'm', 'f')
),
-- Not those of an extension, which know nothing of ours.
routine AS (
  SELECT p.oid, p.proowner, p.proacl, p.oid::regprocedure::text AS name
    FROM pg_proc p
   WHERE p.pronamespace = to_regnamespace('app')
     AND NOT EXISTS (SELECT FROM pg_depend d
                      WHERE d.classid = 'pg_proc'::regclass AND d.objid = p.oid AND d.deptype = 'e')
),
-- What stands where the policies look for who is asking. Not found by its name alone: that is refused to who may not use the schema.
asked AS (
  SELECT p.oid, p.prosecdef, coalesce(pg_get_function_sqlbody(p.oid), p.prosrc) AS body
    FROM pg_proc p
   WHERE p.pronamespace = to_regnamespace('app') AND p.proname = 'current_user_id' AND p.pronargs = 0
),
owned AS (
  SELECT 'SCHEMA app' AS object, n.nspowner AS owner FROM pg_namespace n WHERE n.nspname = 'app'
  UNION ALL
  SELECT 'TABLE ' || name, relowner FROM relation
  UNION ALL
  SELECT 'ROUTINE ' || name, proowner FROM routine
),
-- The permissive policies by which the role sees or writes rows. Restrictive ones only take away.
policy AS (
  SELECT t.oid AS relation, t.name AS table_name, p.polname AS name, p.polcmd AS command,
         -- Asked once per statement instead of once per look, it is the same question.
         replace(pg_get_expr(p.polqual, p.polrelid), '( SELECT app.current_user_id() AS current_user_id)', 'app.current_user_id()')
           AS shows,
         pg_get_expr(p.polwithcheck, p.polrelid) AS takes,
         bool_or(CASE r.oid WHEN 0 THEN true ELSE pg_has_role(me.oid, r.oid, 'USAGE') END) AS inherited
    FROM me, relation t
    JOIN pg_policy p ON p.polrelid = t.oid AND p.polpermissive
   CROSS JOIN unnest(p.polroles) AS r (oid)
   WHERE t.fenced AND (r.oid = 0 OR r.oid IN (SELECT oid FROM reach))
   GROUP BY t.oid, t.name, p.oid
),
-- What the role or everybody was granted, but for what an owner has anyhow. Types are left out: they give no row.
granted AS (
  SELECT g.object, g.relation, g.column_name, g.privilege,
         CASE g.grantee WHEN 0 THEN 'PUBLIC' ELSE quote_ident(r.rolname) END AS grantee,
         g.privilege || coalesce(' (' || quote_ident(g.column_name) || ')', '') AS words
    FROM (SELECT 'SCHEMA app' AS object, NULL::oid AS relation, NULL::name AS column_name,
                 n.nspowner AS owner, a.grantee, a.privilege_type AS privilege
            FROM pg_namespace n, aclexplode(coalesce(n.nspacl, acldefault('n', n.nspowner))) a
           WHERE n.nspname = 'app'
          UNION ALL
          SELECT 'TABLE ' || t.name, t.oid, NULL, t.relowner, a.grantee, a.privilege_type
            FROM relation t, aclexplode(t.relacl) a
          UNION ALL
          SELECT 'TABLE ' || t.name, t.oid, c.attname, t.relowner, a.grantee, a.privilege_type
            FROM relation t JOIN pg_attribute c ON c.attrelid = t.oid AND NOT c.attisdropped, aclexplode(c.attacl) a
          UNION ALL
          SELECT format('SEQUENCE app.%I', s.relname), NULL, NULL, s.relowner, a.grantee, a.privilege_type
            FROM pg_class s, aclexplode(s.relacl) a
           WHERE s.relnamespace = to_regnamespace('app') AND s.relkind = 'S'
          UNION ALL
          -- Without a word, everybody may call a function.
          SELECT 'ROUTINE ' || f.name, NULL, NULL, f.proowner, a.grantee, a.privilege_type
            FROM routine f, aclexplode(coalesce(f.proacl, acldefault('f', f.proowner))) a) g
    LEFT JOIN reach r ON r.oid = g.grantee
   WHERE g.grantee = 0 OR r.oid IS NOT NULL AND g.grantee <> g.owner
),
hole AS (
  -- An owner can take the wall down.
  SELECT 10 AS rank,
         -- What it was granted ends with its being the owner.
         format('role %1$I owns %2$s: ALTER %2$s OWNER TO tasks_owner, then GRANT to %1$I what the migrations do',
                me.rolname, owned.object) AS words
    FROM me JOIN owned ON owned.owner = me.oid
  UNION ALL
  SELECT 11, format('role %1$I is a member of %2$I, which owns %3$s: REVOKE %2$I FROM %4$s', me.rolname, o.rolname,
                    string_agg(owned.object, ', ' ORDER BY owned.object), link.members)
    FROM me, reach o JOIN owned ON owned.owner = o.oid, link
   WHERE o.oid <> me.oid AND link.role = o.oid
   GROUP BY me.rolname, o.rolname, link.members
  UNION ALL
  -- Also where only some rows are about a user.
  SELECT 20, format('table %s does not enable row-level security: ALTER TABLE %1$s ENABLE ROW LEVEL SECURITY', name)
    FROM relation WHERE user_id IS NOT NULL AND relkind IN ('r', 'p') AND NOT relrowsecurity
  UNION ALL
  SELECT 21, format('table %s does not force row-level security: ALTER TABLE %1$s FORCE ROW LEVEL SECURITY', name)
    FROM relation WHERE user_id IS NOT NULL AND relkind IN ('r', 'p') AND NOT relforcerowsecurity
  UNION ALL
  SELECT 30, format('policy %1$I on table %2$s says %3$s, not only %4$s: ALTER POLICY %1$I ON %2$s %5$s', name, table_name,
                    concat_ws(' ', 'USING ' || shows, 'WITH CHECK ' || takes), $2::text,
                    concat_ws(' ', CASE WHEN command <> 'a' THEN 'USING ' || $2 END,
                                   CASE WHEN command IN ('*', 'a', 'w') THEN 'WITH CHECK ' || $2 END))
    FROM policy
   WHERE NOT (CASE command WHEN 'a' THEN takes IS NOT NULL ELSE shows IS NOT DISTINCT FROM $2 END
              AND coalesce(takes, $2) = $2)
  UNION ALL
  SELECT 31, format('table %1$s has no policy for role %2$I:'
                    ' CREATE POLICY %3$I ON %1$s FOR ALL TO %2$I USING %4$s WITH CHECK %4$s',
                    t.name, me.rolname, t.relname || '_owner_only', $2)
    FROM me, relation t
   WHERE t.fenced AND NOT EXISTS (SELECT FROM policy p WHERE p.relation = t.oid AND p.inherited)
  UNION ALL
  SELECT 40, 'function app.current_user_id() is not there: run the migrations on a new database'
   WHERE EXISTS (SELECT FROM relation WHERE fenced) AND NOT EXISTS (SELECT FROM asked)
  UNION ALL
  SELECT 41, format('function app.current_user_id() says %s: CREATE OR REPLACE FUNCTION app.current_user_id() RETURNS uuid'
                    ' LANGUAGE sql STABLE PARALLEL SAFE RETURN current_setting(''app.user_id'')::uuid', left(btrim(body), 200))
    FROM asked WHERE body <> 'RETURN (current_setting(''app.user_id''::text))::uuid'
  UNION ALL
  SELECT 42, 'function app.current_user_id() runs as its owner: ALTER FUNCTION app.current_user_id() SECURITY INVOKER'
    FROM asked WHERE prosecdef
  UNION ALL
  SELECT 50, format('table %s may be read by %s and has no column user_id NOT NULL to fence it by:'
                    ' add one, with a policy, or REVOKE SELECT ON TABLE %1$s FROM %2$s',
                    t.name, string_agg(DISTINCT g.grantee, ', '))
    FROM relation t JOIN granted g ON g.relation = t.oid AND g.privilege = 'SELECT'
   WHERE NOT t.fenced AND t.relname <> ALL ($1::text[])
   GROUP BY t.name
  UNION ALL
  -- What Better Auth keeps, and whoever holds it is that user, or can sign for every user.
  SELECT 60, format('role %1$I can read %2$s.%3$I: REVOKE SELECT ON TABLE %2$s FROM PUBLIC, %4$s, then run `api-server migrate`',
                    me.rolname, c.oid::regclass, a.attname, string_agg(quote_ident(r.rolname), ', '))
    FROM me, reach r, pg_namespace n
    JOIN pg_class c ON c.relnamespace = n.oid AND c.relkind IN ('r', 'p', 'v', 'm', 'f')
    JOIN pg_attribute a ON a.attrelid = c.oid AND NOT a.attisdropped
   WHERE n.nspname IN ('auth', 'public')
     AND (c.relname, a.attname) IN (('session', 'token'), ('account', 'password'), ('jwks', 'privateKey'))
     AND has_schema_privilege(r.oid, n.oid, 'USAGE') AND has_column_privilege(r.oid, c.oid, a.attnum, 'SELECT')
   GROUP BY me.rolname, c.oid, a.attname
  UNION ALL
  SELECT 70, format('%1$s is open to PUBLIC: REVOKE %2$s ON %1$s FROM PUBLIC', object, string_agg(words, ', ' ORDER BY words))
    FROM granted WHERE grantee = 'PUBLIC' GROUP BY object
  UNION ALL
  -- A row stays whose it is, and under its id; what has happened stays; and nothing is made here.
  SELECT 71, format('%1$s may do too much with %2$s: REVOKE %3$s ON %2$s FROM %1$s%4$s', grantee, object,
                    string_agg(g.words, ', ' ORDER BY g.words),
                    CASE WHEN bool_or(g.privilege = 'UPDATE' AND g.column_name IS NULL AND t.relname <> 'events')
                         THEN ', then GRANT it by column, as the migrations do' END)
    FROM granted g LEFT JOIN relation t ON t.oid = g.relation
   WHERE grantee <> 'PUBLIC'
     AND (g.object = 'SCHEMA app' AND g.privilege = 'CREATE'
          OR g.privilege IN ('TRUNCATE', 'REFERENCES', 'TRIGGER')
          OR t.fenced AND g.privilege = 'UPDATE' AND coalesce(g.column_name IN ('user_id', 'id'), true)
          OR t.relname = 'events' AND g.privilege IN ('UPDATE', 'DELETE'))
   GROUP BY object, grantee
  UNION ALL
  SELECT 80, format('the primary key of table %s does not begin with user_id: make it PRIMARY KEY (user_id, …)', t.name)
    FROM relation t
   WHERE t.fenced AND NOT EXISTS (SELECT FROM pg_constraint k
                                   WHERE k.conrelid = t.oid AND k.contype = 'p' AND k.conkey[1] = t.user_id)
  UNION ALL
  SELECT 81, format('foreign key %I of table %s can lead to another user''s row of %s:'
                    ' make it FOREIGN KEY (user_id, …) REFERENCES %3$s (user_id, …)', k.conname, f.name, t.name)
    FROM pg_constraint k
    JOIN relation f ON f.oid = k.conrelid AND f.fenced
    JOIN relation t ON t.oid = k.confrelid AND t.fenced
   WHERE k.contype = 'f' AND NOT EXISTS (SELECT FROM unnest(k.conkey, k.confkey) AS pair (here, there)
                                          WHERE pair.here = f.user_id AND pair.there = t.user_id)
)
SELECT ARRAY(SELECT words FROM unbound ORDER BY rank, words) AS role,
       -- A superuser's rights are not a list of holes, but one.
       ARRAY(SELECT words FROM hole, me WHERE NOT me.rolsuper ORDER BY rank, words) AS holes,
       ARRAY(SELECT name FROM relation WHERE fenced AND has_any_column_privilege(oid, 'SELECT') ORDER BY name) AS readable
