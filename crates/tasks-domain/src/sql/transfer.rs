//! All of a user's tasks and tags, out and in.

use super::{tag_arrays, tags_linked, task_columns};

/// The tags after id `$2`, at most `$3` of them, by id.
pub const EXPORT_TAGS: &str = "
    SELECT id, user_id, name, color, version, created_at, updated_at, NULL::bigint AS task_count
      FROM app.tags WHERE user_id = $1 AND id > $2 ORDER BY id LIMIT $3";

/// The tasks after id `$2`, in the trash or not, at most `$3` of them, by id.
pub const EXPORT_TASKS: &str = concat!(
    "SELECT ",
    task_columns!(),
    ", tags.*
       FROM (SELECT * FROM app.tasks WHERE user_id = $1 AND id > $2 ORDER BY id LIMIT $3) t CROSS JOIN LATERAL ",
    tags_linked!(),
    " tags ORDER BY t.id"
);

/// Deletes all that the user has, before it is put in anew. After the lock of the user's row.
pub const DELETE_ALL: &str = "
    WITH tasks AS (DELETE FROM app.tasks WHERE user_id = $1)
    DELETE FROM app.tags WHERE user_id = $1";

/// The version of a row that comes in: of one with its id there may have been other versions, but none beyond the number of the
/// user's last event, as each change has at least one.
macro_rules! first_version {
    () => {
        "(SELECT last_seq + 1 FROM app.users WHERE user_id = $1)"
    };
}

/// Puts tags in: `$2` ids, `$3` names, `$4` colours. One whose name there is already is that one, and keeps its colour. Gives the id
/// that each has here, in their order.
pub const IMPORT_TAGS: &str = concat!(
    "
    WITH given AS (
      SELECT * FROM unnest($2::uuid[], $3::text[], $4::text[]) WITH ORDINALITY AS g (id, name, color, place)
    ), made AS (
      INSERT INTO app.tags (user_id, id, name, color, version)
      SELECT DISTINCT ON (lower(g.name)) $1::uuid, CASE WHEN o.id IS NULL THEN g.id ELSE gen_random_uuid() END, g.name, g.color, ",
    first_version!(),
    "
        FROM given g LEFT JOIN app.tags o ON o.user_id = $1 AND o.id = g.id
       WHERE NOT EXISTS (SELECT FROM app.tags n WHERE n.user_id = $1 AND n.name_key = lower(g.name))
       ORDER BY lower(g.name), g.place
      RETURNING id, name_key
    )
    SELECT coalesce(m.id, n.id) AS id
      FROM given g
      LEFT JOIN made m ON m.name_key = lower(g.name)
      LEFT JOIN app.tags n ON n.user_id = $1 AND n.name_key = lower(g.name)
     ORDER BY g.place"
);

/// Puts tasks in: `$2` ids, `$3` titles, `$4` descriptions, `$5` when completed, `$6` priorities, `$7` due dates, `$8` reminders,
/// `$9` rules, `$10` time zones, `$11` beginnings of recurrences, `$12` positions, `$13` when made, `$14` when put into the trash,
/// `$15` what took their place. One that is there already becomes this one. What reminders tell of has been told.
pub const IMPORT_TASKS: &str = concat!(
    "
    INSERT INTO app.tasks (user_id, id, title, description, completed_at, priority, due_date, reminder_at, rrule, time_zone,
                           recurs_from, position, created_at, deleted_at, next_occurrence_id, reminded_at, version)
    SELECT $1, g.id, g.title, g.description, g.completed_at, g.priority, g.due_date, g.reminder_at, g.rrule, g.time_zone,
           g.recurs_from, g.position, least(g.created_at, now()), CASE WHEN g.deleted_at IS NOT NULL THEN least(g.deleted_at, now()) END,
           g.next_occurrence_id,
           CASE WHEN g.reminder_at <= now() THEN g.reminder_at END, ",
    first_version!(),
    "
      FROM unnest($2::uuid[], $3::text[], $4::text[], $5::timestamptz[], $6::smallint[], $7::timestamptz[], $8::timestamptz[],
                  $9::text[], $10::text[], $11::timestamptz[], $12::text[], $13::timestamptz[], $14::timestamptz[], $15::uuid[])
             AS g (id, title, description, completed_at, priority, due_date, reminder_at, rrule, time_zone, recurs_from, position,
                   created_at, deleted_at, next_occurrence_id)
    ON CONFLICT (user_id, id) DO UPDATE
       SET title = excluded.title, description = excluded.description, completed_at = excluded.completed_at,
           priority = excluded.priority, due_date = excluded.due_date, reminder_at = excluded.reminder_at,
           rrule = excluded.rrule, time_zone = excluded.time_zone, recurs_from = excluded.recurs_from,
           position = excluded.position, deleted_at = excluded.deleted_at,
           next_occurrence_id = excluded.next_occurrence_id, reminded_at = excluded.reminded_at,
           parent_id = NULL, version = tasks.version + 1,
           updated_at = greatest(now(), tasks.updated_at + interval '1 microsecond')
     WHERE tasks.user_id = $1"
);

/// Leaves the tasks `$2` without tags.
pub const UNLINK_TASKS: &str =
    "DELETE FROM app.task_tags WHERE user_id = $1 AND task_id = ANY ($2)";

/// Ties tasks `$2` to tags `$3`.
pub const LINK_TASKS: &str = "
    INSERT INTO app.task_tags (user_id, task_id, tag_id)
    SELECT $1, task, tag FROM unnest($2::uuid[], $3::uuid[]) AS l (task, tag)
    ON CONFLICT DO NOTHING";

/// Puts tasks `$2` below tasks `$3`, and gives the first of them whose parent is not there.
pub const IMPORT_PARENTS: &str = "
    WITH given AS (
      SELECT * FROM unnest($2::uuid[], $3::uuid[]) WITH ORDINALITY AS g (id, parent, place)
    ), moved AS (
      UPDATE app.tasks t SET parent_id = g.parent
        FROM given g
       WHERE t.user_id = $1 AND t.id = g.id
         AND EXISTS (SELECT FROM app.tasks p WHERE p.user_id = $1 AND p.id = g.parent
                        AND (p.deleted_at IS NULL OR t.deleted_at IS NOT NULL))
      RETURNING t.id
    )
    SELECT g.id FROM given g WHERE NOT EXISTS (SELECT FROM moved WHERE moved.id = g.id) ORDER BY g.place LIMIT 1";

/// The tasks that stand below themselves or on more levels than `$2`.
pub const FIND_TANGLED: &str = "
    WITH RECURSIVE down AS (
      SELECT t.id, 1 AS level FROM app.tasks t WHERE t.user_id = $1 AND t.parent_id IS NULL
      UNION ALL
      SELECT t.id, down.level + 1
        FROM down JOIN app.tasks t ON t.user_id = $1 AND t.parent_id = down.id WHERE down.level < $2 + 1
    )
    SELECT id FROM down WHERE level > $2
    UNION ALL
    (SELECT t.id FROM app.tasks t WHERE t.user_id = $1 AND NOT EXISTS (SELECT FROM down WHERE down.id = t.id))";

/// Takes live tasks from below tasks `$2`, which are in the trash now.
pub const LIFT_TASKS: &str = "
    UPDATE app.tasks
       SET parent_id = NULL, version = version + 1, updated_at = greatest(now(), updated_at + interval '1 microsecond')
     WHERE user_id = $1 AND parent_id = ANY ($2) AND deleted_at IS NULL";

/// Notes that much has changed at once: one event, about the user.
pub const NOTE_IMPORT: &str = "
    WITH seq AS (
      UPDATE app.users SET last_seq = last_seq + 1 WHERE user_id = $1 RETURNING last_seq
    )
    INSERT INTO app.events (user_id, seq, kind, entity_id, version)
    SELECT $1, last_seq, 'import.done', $1, 1 FROM seq";
