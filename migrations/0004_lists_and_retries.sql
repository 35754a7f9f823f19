-- What filters, cursors and retried requests need beside the rows themselves.
SET LOCAL ROLE tasks_owner;

-- What a value may be, as types: PostgreSQL reads the text of every CHECK of a table anew for every row that is written, and
-- that of a type once in a session. A tenth of what it costs to make a task.
CREATE DOMAIN app.task_title AS text CHECK (value = btrim(value) AND char_length(value) BETWEEN 1 AND 255);
CREATE DOMAIN app.task_description AS text CHECK (char_length(value) <= 10000);
CREATE DOMAIN app.task_priority AS smallint CHECK (value BETWEEN 0 AND 3);
CREATE DOMAIN app.event_kind AS text CHECK (value ~ '^[a-z]+\.[a-z_]+$');
ALTER TABLE app.tasks
  DROP CONSTRAINT tasks_title_check,
  DROP CONSTRAINT tasks_description_check,
  DROP CONSTRAINT tasks_priority_check,
  ALTER COLUMN title TYPE app.task_title,
  ALTER COLUMN description TYPE app.task_description,
  ALTER COLUMN priority TYPE app.task_priority;
ALTER TABLE app.events DROP CONSTRAINT events_kind_check, ALTER COLUMN kind TYPE app.event_kind;

-- Searched as it is stored: under row-level security @@ could use no GIN index (ts_match_vq is not leakproof), so there is none
-- to keep. A search reads its user's own rows, and not their texts.
ALTER TABLE app.tasks
  ADD COLUMN search tsvector NOT NULL
  GENERATED ALWAYS AS (to_tsvector('pg_catalog.english'::regconfig, title || ' ' || coalesce(description, ''))) STORED;

-- Overdue, due ranges, and the order by due date with those last that have none.
CREATE INDEX tasks_by_due ON app.tasks (user_id, due_date, id) WHERE deleted_at IS NULL;
CREATE INDEX tasks_in_trash ON app.tasks (user_id, deleted_at DESC, id DESC) WHERE deleted_at IS NOT NULL;

-- A list looks up the links of each of its tasks. As a sub-select the user is asked for once per statement, not at each look.
ALTER POLICY task_tags_owner_only ON app.task_tags USING (user_id = (SELECT app.current_user_id()));

GRANT UPDATE (name, color, version, updated_at) ON app.tags TO tasks_api;
GRANT DELETE ON app.tags TO tasks_api;

-- The first answer to a request that carried an Idempotency-Key, kept in the transaction that did what was asked.
CREATE TABLE app.idempotency (
  user_id    uuid        NOT NULL REFERENCES app.users (user_id) ON DELETE CASCADE,
  key        text        NOT NULL CHECK (octet_length(key) BETWEEN 1 AND 255),
  request    bytea       NOT NULL CHECK (octet_length(request) = 32),   -- SHA-256 of method, path and body
  status     smallint    NOT NULL CHECK (status BETWEEN 200 AND 299),
  location   text,
  etag       text,
  body       bytea       NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (user_id, key)
);
CREATE INDEX idempotency_by_age ON app.idempotency (user_id, created_at);
ALTER TABLE app.idempotency ENABLE ROW LEVEL SECURITY;
ALTER TABLE app.idempotency FORCE ROW LEVEL SECURITY;
CREATE POLICY idempotency_owner_only ON app.idempotency FOR ALL TO tasks_api
  USING (user_id = app.current_user_id()) WITH CHECK (user_id = app.current_user_id());
GRANT SELECT, INSERT, DELETE ON app.idempotency TO tasks_api;
GRANT UPDATE (request, status, location, etag, body, created_at) ON app.idempotency TO tasks_api;

-- What all replicas of the service share and nobody else knows. Made here, so that nobody has to think of one.
CREATE TABLE app.secrets (
  name  text  PRIMARY KEY,
  value bytea NOT NULL CHECK (octet_length(value) >= 32)
);
INSERT INTO app.secrets (name, value)
VALUES ('service', sha256(convert_to(gen_random_uuid()::text || gen_random_uuid()::text || gen_random_uuid()::text, 'UTF8')));
ALTER TABLE app.secrets ENABLE ROW LEVEL SECURITY;
ALTER TABLE app.secrets FORCE ROW LEVEL SECURITY;
-- No user's rows: the same for whoever asks.
CREATE POLICY secrets_read ON app.secrets FOR SELECT TO tasks_api USING (true);
CREATE POLICY secrets_operator ON app.secrets FOR ALL TO tasks_owner USING (true) WITH CHECK (true);
GRANT SELECT ON app.secrets TO tasks_api;
