-- Takes over the rows of a task backend without our layer: the flat schema that such backends usually have, in `public`.
--
--   "user"    (uuid uuid)                                           and whatever else belongs to an account
--   tasks     (id uuid, user_id uuid, title, description, completed boolean, priority text, due_date, created_at, updated_at)
--   tags      (id uuid, user_id uuid, name, color)
--   task_tags (task_id uuid, tag_id uuid)
--
-- They come into schema `app` with the same ids, times and priorities, so that two servers can be asked for the same page and
-- measured side by side. Nothing in `public` is changed. What has been taken over before stays as it is in `app`, so the file can
-- be run again: it adds what is new. Run it after `api-server migrate`, as a superuser or a role with BYPASSRLS (others are refused):
--
--   psql "$DATABASE_MIGRATION_URL" --set ON_ERROR_STOP=1 --file tests/load/adopt.sql
--
-- It ends with a table: how many rows there are in `public`, how many were added now, and how many there are in `app`.
BEGIN;
-- Without it, a role that row-level security applies to would find and add nothing, and say so nowhere.
SET LOCAL row_security = off;
SET LOCAL search_path = pg_catalog, pg_temp;
SET LOCAL client_min_messages = warning;

CREATE TEMPORARY TABLE adopted (place int, what text, in_public bigint, added bigint);

WITH added AS (
  INSERT INTO app.users (user_id) SELECT uuid FROM public."user"
  ON CONFLICT DO NOTHING RETURNING user_id
)
INSERT INTO adopted SELECT 1, 'users', (SELECT count(*) FROM public."user"), count(*) FROM added;

-- In the order in which they were made, as if they had been made here.
WITH added AS (
  INSERT INTO app.tasks
         (user_id, id, title, description, completed_at, priority, due_date, created_at, updated_at)
  SELECT user_id, id,
         coalesce(nullif(btrim(left(btrim(title), 255)), ''), 'Untitled'),
         left(description, 10000),
         -- When it was completed is not known there; it was not later than the last change.
         CASE WHEN completed THEN updated_at END,
         CASE lower(priority) WHEN 'low' THEN 1 WHEN 'medium' THEN 2 WHEN 'high' THEN 3 ELSE 0 END,
         due_date, created_at, updated_at
    FROM public.tasks
   ORDER BY created_at, id
  ON CONFLICT DO NOTHING RETURNING id
)
INSERT INTO adopted SELECT 2, 'tasks', (SELECT count(*) FROM public.tasks), count(*) FROM added;

-- Ours are one where names differ by case alone, so several there may be one here. `kept` is its id: the one that bears the
-- name in `app` already, or else the first of them.
CREATE TEMPORARY TABLE tags_by_name AS
SELECT g.id, g.user_id, g.name, g.color,
       coalesce(ours.id, first_value(g.id) OVER (PARTITION BY g.user_id, lower(g.name) ORDER BY g.id)) AS kept
  FROM (SELECT id, user_id, btrim(left(btrim(name), 50)) AS name, color FROM public.tags) g
  LEFT JOIN app.tags ours ON ours.user_id = g.user_id AND ours.name_key = lower(g.name)
 WHERE g.name <> '';

WITH added AS (
  INSERT INTO app.tags (user_id, id, name, color)
  SELECT user_id, id, name, CASE WHEN color ~ '^#[0-9A-Fa-f]{6}$' THEN upper(color) ELSE '#6B7280' END
    FROM tags_by_name WHERE id = kept
  ON CONFLICT DO NOTHING RETURNING id
)
INSERT INTO adopted SELECT 3, 'tags', (SELECT count(*) FROM public.tags), count(*) FROM added;

WITH added AS (
  INSERT INTO app.task_tags (user_id, task_id, tag_id)
  SELECT DISTINCT t.user_id, t.id, g.kept
    FROM public.task_tags l
    JOIN public.tasks t ON t.id = l.task_id
    -- Only tags of the task's own user: a link to another user's has no place here.
    JOIN tags_by_name g ON g.id = l.tag_id AND g.user_id = t.user_id
  ON CONFLICT DO NOTHING RETURNING task_id
)
INSERT INTO adopted SELECT 4, 'tags of tasks', (SELECT count(*) FROM public.task_tags), count(*) FROM added;
COMMIT;

-- As after some time in use: statistics are there, and index-only scans need not look at the tables.
VACUUM (ANALYZE) app.users, app.tasks, app.tags, app.task_tags;

SELECT what, in_public AS "in public", added,
       CASE what WHEN 'users' THEN (SELECT count(*) FROM app.users)
                 WHEN 'tasks' THEN (SELECT count(*) FROM app.tasks)
                 WHEN 'tags' THEN (SELECT count(*) FROM app.tags)
                 ELSE (SELECT count(*) FROM app.task_tags) END AS "in app"
  FROM adopted ORDER BY place;
DROP TABLE adopted, tags_by_name;
