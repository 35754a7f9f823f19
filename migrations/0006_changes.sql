-- What has happened to a user's data, for who follows it.
SET LOCAL ROLE tasks_owner;

-- Events up to this number are gone: who knows less has to read everything anew.
ALTER TABLE app.users ADD COLUMN history_from bigint NOT NULL DEFAULT 0;

-- Events come in the order of time: a block range index finds the old ones and costs next to nothing to keep.
CREATE INDEX events_by_time ON app.events USING brin (at);

-- The last numbers of many users at once, for servers who keep their streams: in one statement, and nothing but the numbers.
-- Requests see one user's row; so this runs as the owner, by policies of its own.
CREATE POLICY users_counted ON app.users FOR SELECT TO tasks_owner USING (true);
CREATE FUNCTION app.last_seqs(wanted uuid[]) RETURNS TABLE (user_id uuid, last_seq bigint)
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
  AS $$ SELECT u.user_id, u.last_seq FROM app.users u WHERE u.user_id = ANY (wanted) $$;
REVOKE ALL ON FUNCTION app.last_seqs(uuid[]) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION app.last_seqs(uuid[]) TO tasks_api;
