-- Tasks below tasks, in an order of their user's, that come again.
SET LOCAL ROLE tasks_owner;

-- Where a task stands among its user's tasks: compared byte by byte. Null is where it was made: an id is a UUIDv7, so that its text
-- sorts by time, and is in the same alphabet.
CREATE DOMAIN app.task_position AS text COLLATE "C" CHECK (value ~ '^[-0-9a-z]{1,64}$');

ALTER TABLE app.tasks
  ADD COLUMN parent_id          uuid,
  ADD COLUMN position           app.task_position,
  -- RFC 5545, in the time zone of that name, counted from the due date that the task had when it was given the rule.
  ADD COLUMN rrule              text,
  ADD COLUMN time_zone          text,
  ADD COLUMN recurs_from        timestamptz,
  -- The task that took its place when it was completed. Once there is one, there will be no other.
  ADD COLUMN next_occurrence_id uuid,
  ADD CONSTRAINT tasks_parent FOREIGN KEY (user_id, parent_id) REFERENCES app.tasks (user_id, id) ON DELETE CASCADE,
  ADD CONSTRAINT tasks_recurrence_whole
    CHECK (num_nulls(rrule, time_zone, recurs_from) IN (0, 3) AND (rrule IS NULL OR due_date IS NOT NULL));
CREATE INDEX tasks_by_parent ON app.tasks (user_id, parent_id) WHERE parent_id IS NOT NULL;

GRANT UPDATE (parent_id, position, rrule, time_zone, recurs_from, next_occurrence_id) ON app.tasks TO tasks_api;
-- Out of the trash, for good.
GRANT DELETE ON app.tasks TO tasks_api;
