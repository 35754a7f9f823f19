//! Every statement of this domain. `$1` is the user in each of them: the scope binds it, and PostgreSQL refuses a statement that
//! does not name it. A change writes its row of `app.events` itself, numbered under the lock of the user's row.

pub mod list;
pub mod order;
pub mod stats;
pub mod transfer;
pub mod tree;
#[cfg(test)]
mod walls;

/// Columns of `app.tasks t`.
macro_rules! task_columns {
    () => {
        "t.id, t.user_id, t.title, t.description, t.completed_at, t.priority, t.due_date, t.reminder_at,
         t.version, t.created_at, t.updated_at, t.deleted_at, t.rrule, t.time_zone, t.recurs_from,
         t.next_occurrence_id, t.parent_id, t.position"
    };
}
pub(crate) use task_columns;

/// How many they are.
pub const TASK_COLUMNS: usize = 18;

/// Where a task stands in its user's order: its id, when it was never moved. Both in the order of their bytes.
macro_rules! position {
    ($table:literal) => {
        concat!(
            "(coalesce(",
            $table,
            ".position, ",
            $table,
            ".id::text) COLLATE \"C\")"
        )
    };
}
pub(crate) use position;

/// The end of a statement that has changed several tasks, told by `$changed` (`id`, `version`): numbers, and an event of this kind
/// for each.
macro_rules! events_of_all {
    ($changed:literal, $kind:literal) => {
        concat!(
            "seq AS (
               UPDATE app.users u SET last_seq = u.last_seq + n.many
                 FROM (SELECT count(*) AS many FROM ",
            $changed,
            ") n
                WHERE u.user_id = $1 AND n.many > 0
               RETURNING u.last_seq, n.many
             ), logged AS (
               INSERT INTO app.events (user_id, seq, kind, entity_id, version)
               SELECT $1, seq.last_seq - seq.many + c.nth, '",
            $kind,
            "', c.id, c.version
                 FROM (SELECT id, version, row_number() OVER (ORDER BY id) AS nth FROM ",
            $changed,
            ") c, seq
             )"
        )
    };
}
pub(crate) use events_of_all;

/// Three arrays of the same length, of the tags that `$source` yields in the order of their names. Arrays, because building
/// JSON costs PostgreSQL several times as much.
macro_rules! tag_arrays {
    ($source:literal) => {
        concat!(
            "(SELECT array_agg(g.id) AS tag_ids, array_agg(g.name) AS tag_names, array_agg(g.color) AS tag_colors
                FROM (SELECT g.id, g.name, g.color FROM ",
            $source,
            " ORDER BY g.name_key) g)"
        )
    };
}
pub(crate) use tag_arrays;

/// The tags of task `t`.
macro_rules! tags_linked {
    () => {
        tag_arrays!(
            "app.task_tags l JOIN app.tags g ON g.user_id = l.user_id AND g.id = l.tag_id
              WHERE l.user_id = $1 AND l.task_id = t.id"
        )
    };
}
pub(crate) use tags_linked;

/// Not of one user: see the migration that makes these functions. `$1` of the second is how many seconds to keep what is in the trash.
pub const REMIND: &str = "SELECT changed_user FROM app.remind(1000)";
pub const PURGE_TRASH: &str =
    "SELECT changed_user FROM app.purge_trash(make_interval(secs => $1), 100)";

/// `$2` id.
pub const FIND_TASK: &str = concat!(
    "SELECT ",
    task_columns!(),
    ", tags.*
       FROM app.tasks t CROSS JOIN LATERAL ",
    tags_linked!(),
    " tags
      WHERE t.user_id = $1 AND t.id = $2 AND t.deleted_at IS NULL"
);

/// `$2` id, `$3` title, `$4` description, `$5` completed, `$6` priority, `$7` due date, `$8` reminder; `$9` rule, `$10` time zone and
/// `$11` beginning of a recurrence; `$12` parent, which was looked for; `$13` position; `$14` tags. Gives `missing`, the place in `$14`
/// of the first tag that is not there; then the task was not made.
pub const CREATE_TASK: &str = concat!(
    "WITH missing AS (
       SELECT min(c.place) AS place FROM unnest($14::uuid[]) WITH ORDINALITY AS c (id, place)
        WHERE NOT EXISTS (SELECT FROM app.tags g WHERE g.user_id = $1 AND g.id = c.id)
     ), seq AS (
       UPDATE app.users u SET last_seq = u.last_seq + 1 FROM missing
        WHERE u.user_id = $1 AND missing.place IS NULL RETURNING u.last_seq
     ), t AS (
       INSERT INTO app.tasks (user_id, id, title, description, completed_at, priority, due_date, reminder_at,
                              rrule, time_zone, recurs_from, parent_id, position)
       SELECT $1, $2, $3::text, $4::text, CASE WHEN $5::boolean THEN now() END, $6::smallint, $7, $8,
              $9, $10, $11, $12, $13::text FROM seq
       RETURNING *
     ), linked AS (
       INSERT INTO app.task_tags (user_id, task_id, tag_id)
       SELECT DISTINCT $1::uuid, t.id, tag FROM t, unnest($14::uuid[]) AS tag
     ), logged AS (
       INSERT INTO app.events (user_id, seq, kind, entity_id, version)
       SELECT $1, seq.last_seq, 'task.created', t.id, t.version FROM seq, t
     )
     SELECT missing.place AS missing, ",
    task_columns!(),
    ", tags.*
       FROM missing LEFT JOIN t ON true CROSS JOIN LATERAL ",
    // A statement does not see the rows that it links itself.
    tag_arrays!("app.tags g WHERE g.user_id = $1 AND g.id = ANY ($14)"),
    " tags"
);

/// [`CREATE_TASK`] for a task without tags, which is most of them: `$2` to `$13`. Gives its time, which is all that the server does
/// not know of it.
pub const CREATE_UNTAGGED_TASK: &str = "
    WITH seq AS (
      UPDATE app.users SET last_seq = last_seq + 1 WHERE user_id = $1 RETURNING last_seq
    ), t AS (
      INSERT INTO app.tasks (user_id, id, title, description, completed_at, priority, due_date, reminder_at,
                             rrule, time_zone, recurs_from, parent_id, position)
      SELECT $1, $2, $3::text, $4::text, CASE WHEN $5::boolean THEN now() END, $6::smallint, $7, $8,
             $9, $10, $11, $12, $13::text FROM seq
    )
    INSERT INTO app.events (user_id, seq, kind, entity_id, version)
    SELECT $1, last_seq, 'task.created', $2, 1 FROM seq
    RETURNING now() AS created_at";

/// Changes what is given and keeps the rest. `$2` id, `$3` versions of which the task must have one, or null; `$4` title;
/// `$5` whether to set the description, `$6` to what; `$7` completed, `$8` whether to toggle that; `$9` priority; `$10` whether to
/// set the due date, `$11` to what; `$12` whether to set the reminder, `$13` to what; `$14` whether to set the recurrence, to rule `$15`
/// in time zone `$16`; `$17` whether to set the parent, to `$18`, which was looked for; `$19` tags; `$20` whether this is all that is
/// done.
///
/// Gives a row where there is the task, and in it what kept it from being changed, if anything did: `current`, `late`
/// (reminder), `undue` (recurrence), `missing` (place of a tag in `$19`); and `more`: completing it calls for more than this (a next
/// occurrence, subtasks), so it was not changed if this were all. Completing keeps the time at which it was completed first. A
/// series is counted from the due date that the task gets with it. To be run after the lock of the user's row, which makes what is
/// read here true until the end.
pub const CHANGE_TASK: &str = concat!(
    "WITH target AS (
       SELECT m.id, m.current, m.late, m.rrule IS NOT NULL AND m.due_date IS NULL AS undue, m.missing,
              m.completes AND (m.rrule IS NOT NULL AND m.next_occurrence_id IS NULL
                OR EXISTS (SELECT FROM app.tasks c WHERE c.user_id = $1 AND c.parent_id = m.id
                              AND c.deleted_at IS NULL)) AS more,
              m.rrule, m.time_zone, m.due_date,
              CASE WHEN m.rrule IS NULL THEN NULL
                   WHEN m.same THEN m.recurs_from
                   ELSE m.due_date END AS recurs_from
         FROM (SELECT t.id, $3::bigint[] IS NULL OR t.version = ANY ($3) AS current,
                      CASE WHEN $12 THEN $13 ELSE t.reminder_at END >= CASE WHEN $10 THEN $11 ELSE t.due_date END AS late,
                      (SELECT min(c.place) FROM unnest($19::uuid[]) WITH ORDINALITY AS c (id, place)
                        WHERE NOT EXISTS (SELECT FROM app.tags g WHERE g.user_id = $1 AND g.id = c.id)) AS missing,
                      t.completed_at IS NULL AND ($8 OR coalesce($7, false)) AS completes,
                      CASE WHEN $14 THEN $15::text ELSE t.rrule END AS rrule,
                      CASE WHEN $14 THEN $16::text ELSE t.time_zone END AS time_zone,
                      CASE WHEN $10 THEN $11 ELSE t.due_date END AS due_date,
                      (NOT $14 OR ($15::text, $16::text) IS NOT DISTINCT FROM (t.rrule, t.time_zone))
                        AND (NOT $10 OR $11 IS NOT DISTINCT FROM t.due_date) AS same,
                      t.recurs_from, t.next_occurrence_id
                 FROM app.tasks t
                WHERE t.user_id = $1 AND t.id = $2 AND t.deleted_at IS NULL) m
     ), t AS (
       UPDATE app.tasks t
          SET title = coalesce($4::text, t.title),
              description = CASE WHEN $5 THEN $6::text ELSE t.description END,
              completed_at = CASE WHEN $8 THEN CASE WHEN t.completed_at IS NULL THEN now() END
                                  WHEN $7 THEN coalesce(t.completed_at, now())
                                  WHEN NOT $7 THEN NULL
                                  ELSE t.completed_at END,
              priority = coalesce($9::smallint, t.priority),
              due_date = target.due_date,
              reminder_at = CASE WHEN $12 THEN $13 ELSE t.reminder_at END,
              rrule = target.rrule, time_zone = target.time_zone, recurs_from = target.recurs_from,
              parent_id = CASE WHEN $17 THEN $18 ELSE t.parent_id END,
              version = t.version + 1,
              updated_at = greatest(now(), t.updated_at + interval '1 microsecond')
         FROM target
        WHERE t.user_id = $1 AND t.id = $2 AND t.deleted_at IS NULL
          AND target.current AND target.late IS NOT TRUE AND NOT target.undue AND target.missing IS NULL
          AND NOT (target.more AND $20)
       RETURNING t.*
     ), seq AS (
       UPDATE app.users u SET last_seq = u.last_seq + 1 FROM t WHERE u.user_id = $1 RETURNING u.last_seq
     ), unlinked AS (
       DELETE FROM app.task_tags l USING t
        WHERE l.user_id = $1 AND l.task_id = t.id AND l.tag_id <> ALL ($19)
     ), linked AS (
       INSERT INTO app.task_tags (user_id, task_id, tag_id)
       SELECT $1, t.id, tag FROM t, unnest($19::uuid[]) AS tag
       ON CONFLICT DO NOTHING
     ), logged AS (
       INSERT INTO app.events (user_id, seq, kind, entity_id, version)
       SELECT $1, seq.last_seq, 'task.updated', t.id, t.version FROM seq, t
     )
     SELECT target.current, target.late, target.undue, target.missing, target.more, ",
    task_columns!(),
    ", tags.*
       FROM target LEFT JOIN t ON true CROSS JOIN LATERAL ",
    tag_arrays!(
        "app.tags g
          WHERE g.user_id = $1
            AND g.id = ANY (coalesce($19, ARRAY(SELECT l.tag_id FROM app.task_tags l WHERE l.user_id = $1 AND l.task_id = $2)))"
    ),
    " tags"
);

/// Puts one tag onto a task. `$2` task, `$3` versions or null, `$4` tag, `$5` most tags of a task. Gives a row where there is the
/// task: `current`, `tag_there`, `assigned` (before), `crowded`. After the lock of the user's row.
pub const ASSIGN_TAG: &str = "
    WITH target AS (
      SELECT t.id, $3::bigint[] IS NULL OR t.version = ANY ($3) AS current,
             EXISTS (SELECT FROM app.tags g WHERE g.user_id = $1 AND g.id = $4) AS tag_there,
             EXISTS (SELECT FROM app.task_tags l WHERE l.user_id = $1 AND l.task_id = t.id AND l.tag_id = $4) AS assigned,
             (SELECT count(*) FROM app.task_tags l WHERE l.user_id = $1 AND l.task_id = t.id) >= $5 AS crowded
        FROM app.tasks t WHERE t.user_id = $1 AND t.id = $2 AND t.deleted_at IS NULL
    ), t AS (
      UPDATE app.tasks t
         SET version = t.version + 1, updated_at = greatest(now(), t.updated_at + interval '1 microsecond')
        FROM target
       WHERE t.user_id = $1 AND t.id = target.id
         AND target.current AND target.tag_there AND NOT target.assigned AND NOT target.crowded
      RETURNING t.id, t.version
    ), linked AS (
      INSERT INTO app.task_tags (user_id, task_id, tag_id) SELECT $1, t.id, $4 FROM t
    ), seq AS (
      UPDATE app.users u SET last_seq = u.last_seq + 1 FROM t WHERE u.user_id = $1 RETURNING u.last_seq
    ), logged AS (
      INSERT INTO app.events (user_id, seq, kind, entity_id, version)
      SELECT $1, seq.last_seq, 'task.updated', t.id, t.version FROM seq, t
    )
    SELECT current, tag_there, assigned, crowded FROM target";

/// Takes one tag off a task. `$2` task, `$3` versions or null, `$4` tag. Gives a row where there is the task: `current`, `assigned`
/// (before). After the lock of the user's row.
pub const UNASSIGN_TAG: &str = "
    WITH target AS (
      SELECT t.id, $3::bigint[] IS NULL OR t.version = ANY ($3) AS current,
             EXISTS (SELECT FROM app.task_tags l WHERE l.user_id = $1 AND l.task_id = t.id AND l.tag_id = $4) AS assigned
        FROM app.tasks t WHERE t.user_id = $1 AND t.id = $2 AND t.deleted_at IS NULL
    ), t AS (
      UPDATE app.tasks t
         SET version = t.version + 1, updated_at = greatest(now(), t.updated_at + interval '1 microsecond')
        FROM target
       WHERE t.user_id = $1 AND t.id = target.id AND target.current AND target.assigned
      RETURNING t.id, t.version
    ), unlinked AS (
      DELETE FROM app.task_tags l USING t WHERE l.user_id = $1 AND l.task_id = t.id AND l.tag_id = $4
    ), seq AS (
      UPDATE app.users u SET last_seq = u.last_seq + 1 FROM t WHERE u.user_id = $1 RETURNING u.last_seq
    ), logged AS (
      INSERT INTO app.events (user_id, seq, kind, entity_id, version)
      SELECT $1, seq.last_seq, 'task.updated', t.id, t.version FROM seq, t
    )
    SELECT current, assigned FROM target";

/// The tags of one task, in the order of their names. `$2` task. Gives nothing where there is no such task, and one row of nulls
/// where it has no tags.
pub const LIST_TAGS_OF_TASK: &str = "
    SELECT g.id, g.user_id, g.name, g.color, g.version, g.created_at, g.updated_at, NULL::bigint AS task_count
      FROM app.tasks t
      LEFT JOIN (app.task_tags l JOIN app.tags g ON g.user_id = l.user_id AND g.id = l.tag_id AND g.user_id = $1)
        ON l.user_id = t.user_id AND l.task_id = t.id
     WHERE t.user_id = $1 AND t.id = $2 AND t.deleted_at IS NULL
     ORDER BY g.name_key";

/// `$2` the name after which to begin, `$3` how many to skip, `$4` how many to give, `$5` whether to count all, `$6` whether to count
/// the tasks of each. At least one row, which without a tag has the total alone.
pub const LIST_TAGS: &str = "
    SELECT n.total, g.*
      FROM (SELECT CASE WHEN $5 THEN (SELECT count(*) FROM app.tags WHERE user_id = $1) END AS total) n
      LEFT JOIN LATERAL (
        SELECT g.id, g.user_id, g.name, g.color, g.version, g.created_at, g.updated_at, g.name_key,
               CASE WHEN $6 THEN (
                 SELECT count(*) FROM app.task_tags l JOIN app.tasks t ON t.user_id = l.user_id AND t.id = l.task_id
                  WHERE l.user_id = $1 AND l.tag_id = g.id AND t.deleted_at IS NULL
               ) END AS task_count
          FROM app.tags g
         WHERE g.user_id = $1 AND g.name_key > $2
         ORDER BY g.name_key
        OFFSET $3 LIMIT $4
      ) g ON true
     ORDER BY g.name_key";

/// `$2` id.
pub const FIND_TAG: &str = "
    SELECT id, user_id, name, color, version, created_at, updated_at, NULL::bigint AS task_count
      FROM app.tags WHERE user_id = $1 AND id = $2";

/// `$2` id, `$3` name, `$4` colour.
pub const CREATE_TAG: &str = "
    WITH seq AS (
      UPDATE app.users SET last_seq = last_seq + 1 WHERE user_id = $1 RETURNING last_seq
    ), new AS (
      INSERT INTO app.tags (user_id, id, name, color)
      SELECT $1, $2, $3, $4 FROM seq
      RETURNING *
    ), logged AS (
      INSERT INTO app.events (user_id, seq, kind, entity_id, version)
      SELECT $1, seq.last_seq, 'tag.created', new.id, new.version FROM seq, new
    )
    SELECT id, user_id, name, color, version, created_at, updated_at, NULL::bigint AS task_count FROM new";

/// `$2` id, `$3` versions or null, `$4` name or null, `$5` colour or null. Gives a row where there is the tag. After the lock of the
/// user's row.
pub const CHANGE_TAG: &str = "
    WITH target AS (
      SELECT g.id, $3::bigint[] IS NULL OR g.version = ANY ($3) AS current
        FROM app.tags g WHERE g.user_id = $1 AND g.id = $2
    ), g AS (
      UPDATE app.tags g
         SET name = coalesce($4, g.name), color = coalesce($5, g.color), version = g.version + 1,
             updated_at = greatest(now(), g.updated_at + interval '1 microsecond')
        FROM target
       WHERE g.user_id = $1 AND g.id = target.id AND target.current
      RETURNING g.*
    ), seq AS (
      UPDATE app.users u SET last_seq = u.last_seq + 1 FROM g WHERE u.user_id = $1 RETURNING u.last_seq
    ), logged AS (
      INSERT INTO app.events (user_id, seq, kind, entity_id, version)
      SELECT $1, seq.last_seq, 'tag.updated', g.id, g.version FROM seq, g
    )
    SELECT target.current, g.id, g.user_id, g.name, g.color, g.version, g.created_at, g.updated_at, NULL::bigint AS task_count
      FROM target LEFT JOIN g ON true";

/// `$2` id, `$3` versions or null. Gives a row where there is the tag. After the lock of the user's row.
pub const DELETE_TAG: &str = "
    WITH target AS (
      SELECT g.id, g.version, $3::bigint[] IS NULL OR g.version = ANY ($3) AS current
        FROM app.tags g WHERE g.user_id = $1 AND g.id = $2
    ), unlinked AS (
      DELETE FROM app.task_tags l USING target WHERE l.user_id = $1 AND l.tag_id = target.id AND target.current
    ), gone AS (
      DELETE FROM app.tags g USING target WHERE g.user_id = $1 AND g.id = target.id AND target.current
      RETURNING g.id, g.version
    ), seq AS (
      UPDATE app.users u SET last_seq = u.last_seq + 1 FROM gone WHERE u.user_id = $1 RETURNING u.last_seq
    ), logged AS (
      INSERT INTO app.events (user_id, seq, kind, entity_id, version)
      SELECT $1, seq.last_seq, 'tag.deleted', gone.id, gone.version + 1 FROM gone, seq
    )
    SELECT current FROM target";

/// Which of the ids `$2` are tags' while no tag has them as its name.
pub const IDS_TAKEN_FOR_NAMES: &str = "
    SELECT g.id FROM app.tags g
     WHERE g.user_id = $1 AND g.id = ANY ($2)
       AND NOT EXISTS (SELECT FROM app.tags n WHERE n.user_id = $1 AND n.name_key = g.id::text)";

/// The first of the ids `$2` that no tag has.
pub const MISSING_TAG: &str = "
    SELECT c.id FROM unnest($2::uuid[]) WITH ORDINALITY AS c (id, place)
     WHERE NOT EXISTS (SELECT FROM app.tags g WHERE g.user_id = $1 AND g.id = c.id)
     ORDER BY c.place LIMIT 1";

/// Those of the tags `$2` that there are, in the order of their names.
pub const FIND_TAG_REFS: &str = "
    SELECT id, name, color FROM app.tags WHERE user_id = $1 AND id = ANY ($2) ORDER BY name_key";

/// The ids of the tags with the names `$2`, in the order of these, null where there is none. lower() is PostgreSQL's here and in
/// the column name_key, so that both agree on every alphabet.
pub const FIND_TAGS_BY_NAME: &str = "
    SELECT g.id
      FROM unnest($2::text[]) WITH ORDINALITY AS w (name, place)
      LEFT JOIN app.tags g ON g.user_id = $1 AND g.name_key = lower(w.name)
     ORDER BY w.place";

/// `$2` new ids, `$3` names, `$4` colours. Answers the ids of all that bear these names, made now or before.
pub const MAKE_TAGS: &str = "
    WITH wanted AS (
      SELECT DISTINCT ON (lower(w.name)) w.id, w.name, lower(w.name) AS name_key, w.color
        FROM unnest($2::uuid[], $3::text[], $4::text[]) AS w (id, name, color)
       ORDER BY lower(w.name), w.id
    ), missing AS (
      SELECT w.id, w.name, w.color, row_number() OVER (ORDER BY w.id) AS nth,
             count(*) OVER () AS many
        FROM wanted w
       WHERE NOT EXISTS (SELECT FROM app.tags g WHERE g.user_id = $1 AND g.name_key = w.name_key)
    ), seq AS (
      UPDATE app.users u SET last_seq = u.last_seq + m.many
        FROM (SELECT many FROM missing LIMIT 1) m
       WHERE u.user_id = $1
      RETURNING u.last_seq
    ), made AS (
      INSERT INTO app.tags (user_id, id, name, color)
      SELECT $1, id, name, color FROM missing
      RETURNING id, version
    ), logged AS (
      INSERT INTO app.events (user_id, seq, kind, entity_id, version)
      SELECT $1, seq.last_seq - missing.many + missing.nth, 'tag.created', made.id, made.version
        FROM made JOIN missing USING (id), seq
    )
    SELECT g.id FROM app.tags g JOIN wanted w USING (name_key) WHERE g.user_id = $1
    UNION ALL
    SELECT id FROM made";
