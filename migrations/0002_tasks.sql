-- Tasks, tags, and which task carries which tag. Keys start with user_id and the links are composite, so that no row can
-- point at another user's row, whoever writes it, and an id tells nobody whether another user has it too.
SET LOCAL ROLE tasks_owner;

CREATE TABLE app.tasks (
  user_id      uuid        NOT NULL REFERENCES app.users (user_id) ON DELETE CASCADE,
  id           uuid        NOT NULL,               -- UUIDv7, made by the API
  title        text        NOT NULL CHECK (title = btrim(title) AND char_length(title) BETWEEN 1 AND 255),
  description  text                 CHECK (char_length(description) <= 10000),
  completed_at timestamptz,
  completed    boolean     NOT NULL GENERATED ALWAYS AS (completed_at IS NOT NULL) STORED,
  -- 0 none, 1 low, 2 medium, 3 high. A smallint, not an enum: enum operators are not leakproof, and under row-level
  -- security the planner uses an index only through leakproof operators.
  priority     smallint    NOT NULL DEFAULT 0 CHECK (priority BETWEEN 0 AND 3),
  due_date     timestamptz,
  reminder_at  timestamptz,
  version      bigint      NOT NULL DEFAULT 1,
  created_at   timestamptz NOT NULL DEFAULT now(),
  updated_at   timestamptz NOT NULL DEFAULT now(),
  deleted_at   timestamptz,
  PRIMARY KEY (user_id, id),
  CONSTRAINT tasks_reminder_before_due
    CHECK (reminder_at IS NULL OR due_date IS NULL OR reminder_at < due_date)
);
CREATE INDEX tasks_newest_first ON app.tasks (user_id, created_at DESC, id DESC) WHERE deleted_at IS NULL;

CREATE TABLE app.tags (
  user_id    uuid        NOT NULL REFERENCES app.users (user_id) ON DELETE CASCADE,
  id         uuid        NOT NULL,
  name       text        NOT NULL CHECK (name = btrim(name) AND char_length(name) BETWEEN 1 AND 50),
  -- Stored, because lower() is not leakproof and an index on the expression could not be used.
  name_key   text        NOT NULL GENERATED ALWAYS AS (lower(name)) STORED,
  color      text        NOT NULL CHECK (color ~ '^#[0-9A-F]{6}$'),
  version    bigint      NOT NULL DEFAULT 1,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (user_id, id),
  CONSTRAINT tags_name_unique UNIQUE (user_id, name_key)
);

CREATE TABLE app.task_tags (
  user_id uuid NOT NULL,
  task_id uuid NOT NULL,
  tag_id  uuid NOT NULL,
  PRIMARY KEY (user_id, task_id, tag_id),
  CONSTRAINT task_tags_task FOREIGN KEY (user_id, task_id) REFERENCES app.tasks (user_id, id) ON DELETE CASCADE,
  CONSTRAINT task_tags_tag  FOREIGN KEY (user_id, tag_id)  REFERENCES app.tags  (user_id, id) ON DELETE CASCADE
);
CREATE INDEX task_tags_by_tag ON app.task_tags (user_id, tag_id, task_id);

DO $$
DECLARE t text;
BEGIN
  FOREACH t IN ARRAY ARRAY['tasks', 'tags', 'task_tags'] LOOP
    EXECUTE format('ALTER TABLE app.%I ENABLE ROW LEVEL SECURITY', t);
    EXECUTE format('ALTER TABLE app.%I FORCE ROW LEVEL SECURITY', t);
    EXECUTE format(
      'CREATE POLICY %I ON app.%I FOR ALL TO tasks_api
         USING (user_id = app.current_user_id()) WITH CHECK (user_id = app.current_user_id())',
      t || '_owner_only', t);
  END LOOP;
END $$;

-- Column grants: nobody who serves requests can move a row to another user or give it another id.
GRANT SELECT, INSERT ON app.tasks TO tasks_api;
GRANT UPDATE (title, description, completed_at, priority, due_date, reminder_at, version, updated_at, deleted_at)
  ON app.tasks TO tasks_api;
GRANT SELECT, INSERT ON app.tags TO tasks_api;
GRANT SELECT, INSERT, DELETE ON app.task_tags TO tasks_api;
