//! Looks at all that is stored, past every wall: rows and the events that tell of them.

use test_kit::Client;

/// What is not as it has to be; nothing, after whatever was done or given up.
pub async fn not_whole(admin: &Client) -> Vec<&'static str> {
    let mut broken = Vec::new();
    for (what, sql) in WHOLE {
        let count: i64 = admin.query_one(sql, &[]).await.unwrap().get(0);
        if count > 0 {
            broken.push(what);
        }
    }
    broken
}

/// How many things are not as they have to be.
const WHOLE: [(&str, &str); 5] = [
    (
        "a task has as many events as versions",
        "SELECT count(*) FROM app.tasks t
          WHERE t.version <> (SELECT count(*) FROM app.events e WHERE e.user_id = t.user_id AND e.entity_id = t.id)
             OR t.version <> (SELECT max(e.version) FROM app.events e WHERE e.user_id = t.user_id AND e.entity_id = t.id)
             OR (t.deleted_at IS NOT NULL) <> EXISTS (SELECT FROM app.events e WHERE e.user_id = t.user_id
                                                         AND e.entity_id = t.id AND e.kind = 'task.deleted')",
    ),
    (
        "a tag has as many events as versions",
        "SELECT count(*) FROM app.tags t
          WHERE t.version <> (SELECT count(*) FROM app.events e WHERE e.user_id = t.user_id AND e.entity_id = t.id)",
    ),
    (
        "a tag or task of which events tell is there, or its end is told",
        "SELECT count(*) FROM app.events e
          WHERE e.kind IN ('task.created', 'tag.created')
            AND NOT EXISTS (SELECT FROM app.tasks t WHERE t.user_id = e.user_id AND t.id = e.entity_id)
            AND NOT EXISTS (SELECT FROM app.tags t WHERE t.user_id = e.user_id AND t.id = e.entity_id)
            AND NOT EXISTS (SELECT FROM app.events d WHERE d.user_id = e.user_id AND d.entity_id = e.entity_id
                               AND d.kind = 'tag.deleted')",
    ),
    (
        "a tag whose end is told is gone",
        "SELECT count(*) FROM app.events e JOIN app.tags t ON t.user_id = e.user_id AND t.id = e.entity_id
          WHERE e.kind = 'tag.deleted'",
    ),
    (
        "events are numbered without gaps",
        "SELECT count(*) FROM app.users u
          WHERE u.last_seq <> (SELECT count(*) FROM app.events e WHERE e.user_id = u.user_id)
             OR u.last_seq <> coalesce((SELECT max(seq) FROM app.events e WHERE e.user_id = u.user_id), 0)",
    ),
];
