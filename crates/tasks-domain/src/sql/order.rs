//! The order that a user gives to tasks.

use super::{events_of_all, position};

/// `$2` the task to be moved, `$3` the one to stand beside, `$4` whether before it. Gives where that stands (`anchor`), and what stands
/// next to it on that side (`neighbour`), if anything does; no row where it is not there. After the lock of the user's row.
pub const LOOK_AROUND: &str = concat!(
    "SELECT a.place AS anchor,
            CASE WHEN $4
                 THEN (SELECT max(",
    position!("t"),
    ") FROM app.tasks t WHERE t.user_id = $1 AND t.id <> $2 AND ",
    position!("t"),
    " < a.place)
                 ELSE (SELECT min(",
    position!("t"),
    ") FROM app.tasks t WHERE t.user_id = $1 AND t.id <> $2 AND ",
    position!("t"),
    " > a.place)
            END AS neighbour
       FROM (SELECT ",
    position!("t"),
    " AS place FROM app.tasks t WHERE t.user_id = $1 AND t.id = $3 AND t.deleted_at IS NULL) a"
);

/// `$2` id, `$3` versions or null, `$4` where to. Gives a row where there is the task. After the lock of the user's row.
pub const MOVE_TASK: &str = concat!(
    "WITH target AS (
       SELECT t.id, $3::bigint[] IS NULL OR t.version = ANY ($3) AS current
         FROM app.tasks t WHERE t.user_id = $1 AND t.id = $2 AND t.deleted_at IS NULL
     ), moved AS (
       UPDATE app.tasks t
          SET position = $4::text, version = t.version + 1,
              updated_at = greatest(now(), t.updated_at + interval '1 microsecond')
         FROM target
        WHERE t.user_id = $1 AND t.id = target.id AND target.current
       RETURNING t.id, t.version
     ), ",
    events_of_all!("moved", "task.updated"),
    " SELECT current FROM target"
);

/// Gives all the user's tasks short positions, in the order in which they stand, before those of tasks that are made later. None of
/// them moves, so none of them changes.
pub const NUMBER_ANEW: &str = concat!(
    "UPDATE app.tasks t SET position = '00' || lpad(to_hex(n.nth), 8, '0') || 'i'
       FROM (SELECT t.id, row_number() OVER (ORDER BY ",
    position!("t"),
    ") AS nth FROM app.tasks t WHERE t.user_id = $1) n
      WHERE t.user_id = $1 AND t.id = n.id"
);
