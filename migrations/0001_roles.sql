-- Who may do what. Roles belong to the whole cluster, so every step tolerates that another database of it has been here
-- before, or is here at this very moment.
--
--   tasks_owner  owns schema app and its tables; nobody logs in as it.
--   tasks_api    what the API is while it serves a request: no table of its own, no way around row-level security.
DO $$
DECLARE
  too_strong text;
BEGIN
  -- Asked first: where a DBA has made the roles, the installer needs no right to make any.
  IF to_regrole('tasks_owner') IS NULL THEN
    BEGIN
      CREATE ROLE tasks_owner NOLOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOBYPASSRLS;
    EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL;
    END;
  END IF;
  IF to_regrole('tasks_api') IS NULL THEN
    BEGIN
      CREATE ROLE tasks_api NOLOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOBYPASSRLS NOINHERIT;
    EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL;
    END;
  END IF;
  SELECT rolname INTO too_strong FROM pg_roles
   WHERE rolname IN ('tasks_owner', 'tasks_api') AND (rolsuper OR rolbypassrls);
  IF too_strong IS NOT NULL THEN
    RAISE EXCEPTION 'role % can bypass row-level security: ALTER ROLE % NOSUPERUSER NOBYPASSRLS', too_strong, too_strong;
  END IF;
  -- A superuser may act as either role as it is; any other installer needs to be a member.
  IF NOT pg_has_role(current_user, 'tasks_owner', 'USAGE') THEN
    EXECUTE format('GRANT tasks_owner TO %I', current_user);
  END IF;
  IF NOT pg_has_role(current_user, 'tasks_api', 'USAGE') THEN
    EXECUTE format('GRANT tasks_api TO %I', current_user);
  END IF;
END $$;

ALTER SCHEMA app OWNER TO tasks_owner;
REVOKE ALL ON SCHEMA app FROM PUBLIC;
GRANT USAGE ON SCHEMA app TO tasks_api;
-- `serve` reads which migrations have run before it accepts a request.
GRANT SELECT ON app.schema_migrations TO tasks_api;

SET LOCAL ROLE tasks_owner;

-- The one source of "who is asking". No missing_ok: a statement outside a user's transaction is an error, never "all rows"
-- and never a silent "no rows". SQL-language, so that the planner inlines it.
CREATE FUNCTION app.current_user_id() RETURNS uuid
  LANGUAGE sql STABLE PARALLEL SAFE
  RETURN current_setting('app.user_id')::uuid;
REVOKE ALL ON FUNCTION app.current_user_id() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION app.current_user_id() TO tasks_api;

-- The one anchor of everything a user owns. Where Better Auth lives in the same database, `api-server migrate` adds a
-- foreign key from here to its "user" table, so that deleting the user there erases the rows here.
CREATE TABLE app.users (
  user_id    uuid        PRIMARY KEY,
  created_at timestamptz NOT NULL DEFAULT now(),
  last_seq   bigint      NOT NULL DEFAULT 0        -- of app.events; the row lock on it puts one user's writes in order
);
ALTER TABLE app.users ENABLE ROW LEVEL SECURITY;
ALTER TABLE app.users FORCE ROW LEVEL SECURITY;
CREATE POLICY users_owner_only ON app.users FOR ALL TO tasks_api
  USING (user_id = app.current_user_id()) WITH CHECK (user_id = app.current_user_id());
GRANT SELECT, INSERT ON app.users TO tasks_api;
GRANT UPDATE (last_seq) ON app.users TO tasks_api;

-- One row a change, written by the statement that makes the change. Append-only for the API.
CREATE TABLE app.events (
  user_id   uuid        NOT NULL REFERENCES app.users (user_id) ON DELETE CASCADE,
  seq       bigint      NOT NULL,                  -- gapless per user, in the order of commits
  at        timestamptz NOT NULL DEFAULT clock_timestamp(),
  kind      text        NOT NULL CHECK (kind ~ '^[a-z]+\.[a-z_]+$'),
  entity_id uuid        NOT NULL,
  version   bigint      NOT NULL,
  PRIMARY KEY (user_id, seq)
);
ALTER TABLE app.events ENABLE ROW LEVEL SECURITY;
ALTER TABLE app.events FORCE ROW LEVEL SECURITY;
CREATE POLICY events_owner_only ON app.events FOR ALL TO tasks_api
  USING (user_id = app.current_user_id()) WITH CHECK (user_id = app.current_user_id());
GRANT SELECT, INSERT ON app.events TO tasks_api;
