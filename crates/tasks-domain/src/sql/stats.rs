//! Counts of tasks.

/// `$2` when the user's day began, `$3` when it ends. One row.
pub const COUNT_TASKS: &str = "
    SELECT count(*) FILTER (WHERE t.live) AS total,
           count(*) FILTER (WHERE t.live AND t.completed) AS completed,
           count(*) FILTER (WHERE t.open AND t.due_date < now()) AS overdue,
           count(*) FILTER (WHERE t.open AND t.due_date >= $2 AND t.due_date < $3) AS due_today,
           count(*) FILTER (WHERE NOT t.live) AS in_trash,
           count(*) FILTER (WHERE t.open AND t.priority = 0) AS none,
           count(*) FILTER (WHERE t.open AND t.priority = 1) AS low,
           count(*) FILTER (WHERE t.open AND t.priority = 2) AS medium,
           count(*) FILTER (WHERE t.open AND t.priority = 3) AS high,
           count(*) FILTER (WHERE t.open AND NOT EXISTS (
             SELECT FROM app.task_tags l WHERE l.user_id = $1 AND l.task_id = t.id)) AS untagged
      FROM (SELECT id, priority, due_date, completed, deleted_at IS NULL AS live,
                   deleted_at IS NULL AND NOT completed AS open
              FROM app.tasks WHERE user_id = $1) t";

/// The `$2` tags that most open tasks carry, those with the most first.
pub const COUNT_BY_TAG: &str = "
    SELECT g.id, g.name, g.color, count(*) FILTER (WHERE NOT t.completed) AS open,
           count(*) FILTER (WHERE t.completed) AS completed
      FROM app.tags g
      LEFT JOIN (app.task_tags l JOIN app.tasks t ON t.user_id = l.user_id AND t.id = l.task_id AND t.user_id = $1
                                                  AND t.deleted_at IS NULL)
        ON l.user_id = g.user_id AND l.tag_id = g.id
     WHERE g.user_id = $1
     GROUP BY g.id, g.name, g.color, g.name_key
     ORDER BY open DESC, g.name_key
     LIMIT $2";

/// How many tasks were made (`kind` 0), were completed (1) and are or were due (2) on each of the days that these moments `$2` bound:
/// on the first (`day` 1) from the first moment to the second, and so on.
pub const COUNT_BY_DAY: &str = "
    SELECT e.kind, width_bucket(e.at, $2::timestamptz[]) AS day, count(*) AS many
      FROM (SELECT 0 AS kind, t.created_at AS at FROM app.tasks t WHERE t.user_id = $1 AND t.deleted_at IS NULL
            UNION ALL
            SELECT 1, t.completed_at FROM app.tasks t WHERE t.user_id = $1 AND t.deleted_at IS NULL AND t.completed
            UNION ALL
            SELECT 2, t.due_date FROM app.tasks t WHERE t.user_id = $1 AND t.deleted_at IS NULL AND t.due_date IS NOT NULL) e
     WHERE e.at >= ($2::timestamptz[])[1] AND e.at < ($2::timestamptz[])[cardinality($2::timestamptz[])]
     GROUP BY e.kind, day";
