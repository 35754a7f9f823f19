//! What is below a task goes with it: into the trash, out of it, to its end, and into its next occurrence.

use super::{events_of_all, position};

/// Looks at a parent `$3` for task `$2`, or for a new one: whether it is `there`, whether the task is above it (`cyclic`), and on how
/// many `levels` tasks would stand. What is in the trash counts, as it can come back. After the lock of the user's row.
pub const LOOK_AT_PARENT: &str = "
    WITH RECURSIVE up AS (
      SELECT t.id, t.parent_id, 1 AS level FROM app.tasks t WHERE t.user_id = $1 AND t.id = $3 AND t.deleted_at IS NULL
      UNION ALL
      SELECT t.id, t.parent_id, up.level + 1
        FROM up JOIN app.tasks t ON t.user_id = $1 AND t.id = up.parent_id WHERE up.level < 50
    ), down AS (
      SELECT t.id, 1 AS level FROM app.tasks t WHERE t.user_id = $1 AND t.id = $2
      UNION ALL
      SELECT t.id, down.level + 1
        FROM down JOIN app.tasks t ON t.user_id = $1 AND t.parent_id = down.id WHERE down.level < 50
    )
    SELECT EXISTS (SELECT FROM up) AS there, EXISTS (SELECT FROM up WHERE id = $2) AS cyclic,
           coalesce((SELECT max(level) FROM up), 0) + coalesce((SELECT max(level) FROM down), 1) AS levels";

/// Puts a task and all below it into the trash. `$2` id, `$3` versions or null. Gives a row where there is the task. After the lock
/// of the user's row.
pub const DELETE_TASK: &str = concat!(
    "WITH RECURSIVE target AS (
       SELECT t.id, $3::bigint[] IS NULL OR t.version = ANY ($3) AS current
         FROM app.tasks t WHERE t.user_id = $1 AND t.id = $2 AND t.deleted_at IS NULL
     ), tree AS (
       SELECT id FROM target WHERE current
       UNION ALL
       SELECT c.id FROM tree JOIN app.tasks c ON c.user_id = $1 AND c.parent_id = tree.id AND c.deleted_at IS NULL
     ), gone AS (
       UPDATE app.tasks t
          SET deleted_at = now(), version = t.version + 1,
              updated_at = greatest(now(), t.updated_at + interval '1 microsecond')
         FROM tree
        WHERE t.user_id = $1 AND t.id = tree.id
       RETURNING t.id, t.version
     ), ",
    events_of_all!("gone", "task.deleted"),
    " SELECT current FROM target"
);

/// Takes a task out of the trash, and all that went into it with the task. It comes back below the task that it was below, if that
/// is there. `$2` id, `$3` versions or null. Gives a row where there is the task, in the trash or not. After the lock of the user's row.
pub const RESTORE_TASK: &str = concat!(
    "WITH RECURSIVE target AS (
       SELECT t.id, t.deleted_at, $3::bigint[] IS NULL OR t.version = ANY ($3) AS current,
              EXISTS (SELECT FROM app.tasks p
                       WHERE p.user_id = $1 AND p.id = t.parent_id AND p.deleted_at IS NULL) AS below
         FROM app.tasks t WHERE t.user_id = $1 AND t.id = $2
     ), tree AS (
       SELECT id, deleted_at FROM target WHERE current AND deleted_at IS NOT NULL
       UNION ALL
       SELECT c.id, c.deleted_at
         FROM tree JOIN app.tasks c ON c.user_id = $1 AND c.parent_id = tree.id AND c.deleted_at = tree.deleted_at
     ), back AS (
       UPDATE app.tasks t
          SET deleted_at = NULL, version = t.version + 1,
              parent_id = CASE WHEN t.id <> target.id OR target.below THEN t.parent_id END,
              updated_at = greatest(now(), t.updated_at + interval '1 microsecond')
         FROM tree, target
        WHERE t.user_id = $1 AND t.id = tree.id
       RETURNING t.id, t.version
     ), ",
    events_of_all!("back", "task.restored"),
    " SELECT current FROM target"
);

/// Deletes a task, in the trash or not, and all below it. `$2` id, `$3` versions or null. Gives a row where there is the task. After
/// the lock of the user's row.
pub const PURGE_TASK: &str = concat!(
    "WITH RECURSIVE target AS (
       SELECT t.id, $3::bigint[] IS NULL OR t.version = ANY ($3) AS current
         FROM app.tasks t WHERE t.user_id = $1 AND t.id = $2
     ), tree AS (
       SELECT id FROM target WHERE current
       UNION ALL
       SELECT c.id FROM tree JOIN app.tasks c ON c.user_id = $1 AND c.parent_id = tree.id
     ), gone AS (
       DELETE FROM app.tasks t USING tree WHERE t.user_id = $1 AND t.id = tree.id RETURNING t.id, t.version + 1 AS version
     ), ",
    events_of_all!("gone", "task.purged"),
    " SELECT current FROM target"
);

/// Deletes what is in the trash, and gives how many that was. After the lock of the user's row.
pub const EMPTY_TRASH: &str = concat!(
    "WITH gone AS (
       DELETE FROM app.tasks t WHERE t.user_id = $1 AND t.deleted_at IS NOT NULL RETURNING t.id, t.version + 1 AS version
     ), ",
    events_of_all!("gone", "task.purged"),
    " SELECT count(*) AS purged FROM gone"
);

/// Completes what is open below task `$2`. After the lock of the user's row.
pub const COMPLETE_SUBTASKS: &str = concat!(
    "WITH RECURSIVE tree AS (
       SELECT t.id FROM app.tasks t WHERE t.user_id = $1 AND t.id = $2
       UNION ALL
       SELECT c.id FROM tree JOIN app.tasks c ON c.user_id = $1 AND c.parent_id = tree.id AND c.deleted_at IS NULL
     ), done AS (
       UPDATE app.tasks t
          SET completed_at = now(), version = t.version + 1,
              updated_at = greatest(now(), t.updated_at + interval '1 microsecond')
         FROM tree
        WHERE t.user_id = $1 AND t.id = tree.id AND t.id <> $2 AND t.completed_at IS NULL
       RETURNING t.id, t.version
     ), ",
    events_of_all!("done", "task.updated"),
    " SELECT $1::uuid"
);

/// Notes that task `$3` has taken the place of task `$2`, in the transaction that completes it.
pub const FOLLOW_TASK: &str = "
    UPDATE app.tasks SET next_occurrence_id = $3 WHERE user_id = $1 AND id = $2";

/// What is below task `$2` and not in the trash, from the top down and in its order, at most `$3` of it: `id` and `parent_id`.
pub const LIST_SUBTREE: &str = concat!(
    "WITH RECURSIVE tree AS (
       SELECT t.id, t.parent_id, 1 AS level, ",
    position!("t"),
    " AS place
         FROM app.tasks t WHERE t.user_id = $1 AND t.parent_id = $2 AND t.deleted_at IS NULL
       UNION ALL
       SELECT c.id, c.parent_id, tree.level + 1, ",
    position!("c"),
    "
         FROM tree JOIN app.tasks c ON c.user_id = $1 AND c.parent_id = tree.id AND c.deleted_at IS NULL
     )
     SELECT id, parent_id FROM tree ORDER BY level, place LIMIT $3"
);

/// Copies tasks `$2` as tasks `$3` below tasks `$4`, open, with their tags, and `$5` microseconds later where they have times. What
/// would be after the end of time has none.
pub const COPY_TASKS: &str = concat!(
    "WITH old AS (
       SELECT t.*, c.new, c.below, $5::bigint * interval '1 microsecond' AS later
         FROM unnest($2::uuid[], $3::uuid[], $4::uuid[]) AS c (old, new, below)
         JOIN app.tasks t ON t.user_id = $1 AND t.id = c.old
     ), made AS (
       INSERT INTO app.tasks (user_id, id, title, description, priority, parent_id,
                              due_date, reminder_at, rrule, time_zone, recurs_from)
       SELECT $1, o.new, o.title, o.description, o.priority, o.below,
              CASE WHEN o.in_time THEN o.due_date + o.later END, CASE WHEN o.in_time THEN o.reminder_at + o.later END,
              CASE WHEN o.in_time THEN o.rrule END, CASE WHEN o.in_time THEN o.time_zone END,
              CASE WHEN o.in_time THEN o.recurs_from + o.later END
         FROM (SELECT old.*, greatest(due_date, reminder_at, recurs_from) + later < '9999-12-30' AS in_time FROM old) o
       RETURNING id, version
     ), linked AS (
       INSERT INTO app.task_tags (user_id, task_id, tag_id)
       SELECT $1, old.new, l.tag_id FROM old JOIN app.task_tags l ON l.user_id = $1 AND l.task_id = old.id
     ), ",
    events_of_all!("made", "task.created"),
    " SELECT $1::uuid"
);
