//! Every statement of this domain. `$1` is the user in each of them: the scope binds it, and PostgreSQL refuses a statement that
//! does not name it. A change writes its row of `app.events` itself, numbered under the lock of the user's row.

/// Columns of `app.tasks t`.
macro_rules! task_columns {
    () => {
        "t.id, t.user_id, t.title, t.description, t.completed_at, t.priority, t.due_date, t.reminder_at,
         t.version, t.created_at, t.updated_at, t.deleted_at"
    };
}

/// The tags of task `t` as a JSON array, in the order of their names.
macro_rules! tags_linked {
    () => {
        "coalesce((SELECT jsonb_agg(jsonb_build_object('id', g.id, 'name', g.name, 'color', g.color)
                                    ORDER BY g.name_key)
                     FROM app.task_tags l JOIN app.tags g ON g.user_id = l.user_id AND g.id = l.tag_id
                    WHERE l.user_id = $1 AND l.task_id = t.id), '[]') AS tags"
    };
}

/// The same for tags that the statement itself links (`$9`): a statement does not see its own new rows.
macro_rules! tags_given {
    () => {
        "coalesce((SELECT jsonb_agg(jsonb_build_object('id', g.id, 'name', g.name, 'color', g.color)
                                    ORDER BY g.name_key)
                     FROM app.tags g WHERE g.user_id = $1 AND g.id = ANY($9)), '[]') AS tags"
    };
}

/// `$2`, `$3` the place after which to begin, `$4` completed or null, `$5` how many.
pub const LIST_TASKS: &str = concat!(
    "SELECT ",
    task_columns!(),
    ", ",
    tags_linked!(),
    "
       FROM app.tasks t
      WHERE t.user_id = $1 AND t.deleted_at IS NULL
        AND (t.created_at, t.id) < ($2, $3)
        AND ($4::boolean IS NULL OR t.completed = $4)
      ORDER BY t.created_at DESC, t.id DESC
      LIMIT $5"
);

/// `$2` id.
pub const FIND_TASK: &str = concat!(
    "SELECT ",
    task_columns!(),
    ", ",
    tags_linked!(),
    "
       FROM app.tasks t
      WHERE t.user_id = $1 AND t.id = $2 AND t.deleted_at IS NULL"
);

/// `$2` id, `$3` title, `$4` description, `$5` completed, `$6` priority, `$7` due date, `$8` reminder, `$9` tags.
pub const CREATE_TASK: &str = concat!(
    "WITH seq AS (
       UPDATE app.users SET last_seq = last_seq + 1 WHERE user_id = $1 RETURNING last_seq
     ), t AS (
       INSERT INTO app.tasks (user_id, id, title, description, completed_at, priority, due_date, reminder_at)
       SELECT $1, $2, $3, $4, CASE WHEN $5::boolean THEN now() END, $6, $7, $8 FROM seq
       RETURNING *
     ), linked AS (
       INSERT INTO app.task_tags (user_id, task_id, tag_id)
       SELECT $1, t.id, tag FROM t, unnest($9::uuid[]) AS tag
     ), logged AS (
       INSERT INTO app.events (user_id, seq, kind, entity_id, version)
       SELECT $1, seq.last_seq, 'task.created', t.id, t.version FROM seq, t
     )
     SELECT ",
    task_columns!(),
    ", ",
    tags_given!(),
    " FROM t"
);

/// Parameters as of [`CREATE_TASK`]. Completing keeps the time at which it was completed first.
pub const CHANGE_TASK: &str = concat!(
    "WITH t AS (
       UPDATE app.tasks t
          SET title = $3, description = $4, priority = $6, due_date = $7, reminder_at = $8,
              completed_at = CASE WHEN $5::boolean THEN coalesce(t.completed_at, now()) END,
              version = t.version + 1,
              updated_at = greatest(now(), t.updated_at + interval '1 microsecond')
        WHERE t.user_id = $1 AND t.id = $2 AND t.deleted_at IS NULL
       RETURNING t.*
     ), seq AS (
       UPDATE app.users u SET last_seq = u.last_seq + 1 FROM t WHERE u.user_id = $1 RETURNING u.last_seq
     ), unlinked AS (
       DELETE FROM app.task_tags l USING t
        WHERE l.user_id = $1 AND l.task_id = t.id AND l.tag_id <> ALL ($9)
     ), linked AS (
       INSERT INTO app.task_tags (user_id, task_id, tag_id)
       SELECT $1, t.id, tag FROM t, unnest($9::uuid[]) AS tag
       ON CONFLICT DO NOTHING
     ), logged AS (
       INSERT INTO app.events (user_id, seq, kind, entity_id, version)
       SELECT $1, seq.last_seq, 'task.updated', t.id, t.version FROM seq, t
     )
     SELECT ",
    task_columns!(),
    ", ",
    tags_given!(),
    " FROM t"
);

/// The user's row is locked before the task's, as in every other change, so that two changes cannot wait for each other.
pub const DELETE_TASK: &str = "
        WITH one_at_a_time AS MATERIALIZED (
          SELECT user_id FROM app.users WHERE user_id = $1 FOR UPDATE
        ), gone AS (
          UPDATE app.tasks t
             SET deleted_at = now(), version = t.version + 1,
                 updated_at = greatest(now(), t.updated_at + interval '1 microsecond')
            FROM one_at_a_time
           WHERE t.user_id = $1 AND t.id = $2 AND t.deleted_at IS NULL
          RETURNING t.id, t.version
        ), seq AS (
          UPDATE app.users u SET last_seq = u.last_seq + 1 FROM gone WHERE u.user_id = $1
          RETURNING u.last_seq
        )
        INSERT INTO app.events (user_id, seq, kind, entity_id, version)
        SELECT $1, seq.last_seq, 'task.deleted', gone.id, gone.version FROM gone, seq
        RETURNING seq";

/// `$2` the name after which to begin, `$3` how many.
pub const LIST_TAGS: &str = "
        SELECT id, user_id, name, color, version, created_at, updated_at, name_key
          FROM app.tags
         WHERE user_id = $1 AND name_key > $2
         ORDER BY name_key
         LIMIT $3";

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
        SELECT id, user_id, name, color, version, created_at, updated_at FROM new";

/// Holds the user's other changes back until the transaction ends.
pub const LOCK_USER: &str = "SELECT user_id FROM app.users WHERE user_id = $1 FOR UPDATE";

/// `$2` ids.
pub const FIND_TAGS: &str = "SELECT id FROM app.tags WHERE user_id = $1 AND id = ANY($2)";

/// `$2` new ids, `$3` names, `$4` colours. Answers the ids of all that bear these names, made now or before. lower() is
/// PostgreSQL's here and in the column name_key, so that both agree on every alphabet.
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
