-- Notes. The key starts with user_id, so that an id tells nobody whether another user has it too.
SET LOCAL ROLE tasks_owner;

CREATE TABLE app.notes (
  user_id    uuid        NOT NULL REFERENCES app.users (user_id) ON DELETE CASCADE,
  id         uuid        NOT NULL,                 -- UUIDv7, made by the API: the key is also the order of the list
  title      text        NOT NULL CHECK (title = btrim(title) AND char_length(title) BETWEEN 1 AND 200),
  content    text                 CHECK (char_length(content) <= 20000),
  version    bigint      NOT NULL DEFAULT 1,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (user_id, id)
);

ALTER TABLE app.notes ENABLE ROW LEVEL SECURITY;
ALTER TABLE app.notes FORCE ROW LEVEL SECURITY;
CREATE POLICY notes_owner_only ON app.notes FOR ALL TO tasks_api
  USING (user_id = app.current_user_id()) WITH CHECK (user_id = app.current_user_id());

-- Column grants: nobody who serves requests can move a row to another user or give it another id.
GRANT SELECT, INSERT, DELETE ON app.notes TO tasks_api;
GRANT UPDATE (title, content, version, updated_at) ON app.notes TO tasks_api;
