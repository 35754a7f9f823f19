//! Two walls stand between users: what a statement says (`user_id = $1`), and row-level security. Here each of them is taken
//! away, statement by statement and condition by condition, to see that the other holds.

use std::collections::BTreeSet;

use auth_testkit::identity_of;
use domain_kit::{Param, Row, ToSql, Type, UserScope};
use jiff::Timestamp;
use test_kit::TestDatabase;
use tokio_postgres::Client;
use uuid::Uuid;

use super::{list::list_tasks, order, stats, transfer, tree};
use crate::{
    selection::{Place, SortBy, SortKey, Start, TagFilter, TaskSelection},
    task::{NewTag, Priority, TagName},
};

type Value = Box<dyn ToSql + Sync + Send>;

/// A statement, and parameters by which somebody reaches for the rows of another user.
struct Case {
    name: String,
    sql: String,
    params: Vec<Value>,
}

/// Two users with a task and a tag each; the task carries the tag, and both have a link of their own.
struct Ground {
    db: TestDatabase,
    admin: Client,
    alice: Somebody,
    bob: Somebody,
}

struct Somebody {
    user: Uuid,
    task: Uuid,
    /// Below the task.
    subtask: Uuid,
    in_trash: Uuid,
    tag: Uuid,
    /// On none of the tasks.
    spare_tag: Uuid,
    /// On everything of theirs that has a text.
    word: &'static str,
}

impl Ground {
    async fn new() -> Self {
        let db = TestDatabase::new().await;
        let admin = db.admin().await;
        let alice = Somebody::with(&admin, "alices").await;
        let bob = Somebody::with(&admin, "bobs").await;
        Self {
            db,
            admin,
            alice,
            bob,
        }
    }

    fn as_bob(&self) -> UserScope {
        self.db.user_db().as_user(&identity_of(self.bob.user))
    }

    /// All that Alice has, to be compared.
    async fn alices_rows(&self) -> String {
        let sql = "SELECT concat_ws(';',
              (SELECT string_agg(t::text, ';' ORDER BY id) FROM app.tasks t WHERE user_id = $1),
              (SELECT string_agg(g::text, ';' ORDER BY id) FROM app.tags g WHERE user_id = $1),
              (SELECT string_agg(l::text, ';' ORDER BY task_id, tag_id) FROM app.task_tags l WHERE user_id = $1),
              (SELECT string_agg(e::text, ';' ORDER BY seq) FROM app.events e WHERE user_id = $1),
              (SELECT u::text FROM app.users u WHERE user_id = $1))";
        let row = self.admin.query_one(sql, &[&self.alice.user]).await;
        row.unwrap().get(0)
    }

    /// Whether what came back has something of Alice's in it.
    fn shows_alice(&self, rows: &[Row], sent: &BTreeSet<String>) -> bool {
        let Somebody {
            user,
            task,
            subtask,
            in_trash,
            tag,
            spare_tag,
            word,
        } = &self.alice;
        let hers = [user, task, subtask, in_trash, tag, spare_tag].map(Uuid::to_string);
        rows.iter()
            .flat_map(cells)
            .any(|cell| cell.contains(word) || hers.contains(&cell) && !sent.contains(&cell))
    }
}

impl Somebody {
    async fn with(admin: &Client, word: &'static str) -> Self {
        let it = Self {
            user: Uuid::new_v4(),
            task: Uuid::now_v7(),
            subtask: Uuid::now_v7(),
            in_trash: Uuid::now_v7(),
            tag: Uuid::now_v7(),
            spare_tag: Uuid::now_v7(),
            word,
        };
        let sql = "
            WITH u AS (INSERT INTO app.users (user_id, last_seq) VALUES ($1, 1) RETURNING user_id),
                 e AS (INSERT INTO app.events (user_id, seq, kind, entity_id, version)
                       SELECT user_id, 1, 'task.created', $2, 1 FROM u),
                 t AS (INSERT INTO app.tasks (user_id, id, title, due_date, deleted_at, parent_id)
                       SELECT user_id, $2, $5 || ' task', now(), NULL, NULL::uuid FROM u
                       UNION ALL SELECT user_id, $3, $5 || ' old task', now(), now(), NULL FROM u
                       UNION ALL SELECT user_id, $7, $5 || ' subtask', now(), NULL, $2 FROM u RETURNING id),
                 g AS (INSERT INTO app.tags (user_id, id, name, color)
                       SELECT user_id, $4::uuid, $5 || ' tag', '#AABBCC' FROM u
                       UNION ALL SELECT user_id, $6::uuid, $5 || ' spare tag', '#AABBCC' FROM u)
            INSERT INTO app.task_tags (user_id, task_id, tag_id) SELECT $1, t.id, $4 FROM t";
        let made = admin
            .execute(
                sql,
                &[
                    &it.user,
                    &it.task,
                    &it.in_trash,
                    &it.tag,
                    &it.word,
                    &it.spare_tag,
                    &it.subtask,
                ],
            )
            .await;
        made.unwrap();
        it
    }
}

/// Each statement with parameters of `whose`.
fn cases(whose: &Somebody) -> Vec<Case> {
    let no_versions = || Box::new(None::<Vec<i64>>) as Value;
    let uuids = |ids: &[Uuid]| Box::new(ids.to_vec()) as Value;
    let tag_name = format!("{} tag", whose.word);
    let change = |tags: Option<Vec<Uuid>>| -> Vec<Value> {
        vec![
            Box::new(whose.task),
            no_versions(),
            Box::new(Some("changed")),
            Box::new(true),
            Box::new(Some("changed")),
            Box::new(Some(true)),
            Box::new(false),
            Box::new(Some(3_i16)),
            Box::new(true),
            Box::new(None::<Timestamp>),
            Box::new(true),
            Box::new(None::<Timestamp>),
            Box::new(true),
            Box::new(None::<String>),
            Box::new(None::<String>),
            Box::new(true),
            Box::new(None::<Uuid>),
            Box::new(tags),
            Box::new(false),
        ]
    };
    let create = |tags: Option<Vec<Uuid>>| -> Vec<Value> {
        let mut params: Vec<Value> = vec![
            Box::new(Uuid::now_v7()),
            Box::new("made"),
            Box::new(None::<String>),
            Box::new(false),
            Box::new(0_i16),
            Box::new(None::<Timestamp>),
            Box::new(None::<Timestamp>),
            Box::new(None::<String>),
            Box::new(None::<String>),
            Box::new(None::<Timestamp>),
            Box::new(None::<Uuid>),
            Box::new(None::<String>),
        ];
        params.extend(tags.map(|tags| Box::new(tags) as Value));
        params
    };
    let import = |id: Uuid| -> Vec<Value> {
        let none = || Box::new(vec![None::<Timestamp>]) as Value;
        let no_text = || Box::new(vec![None::<String>]) as Value;
        vec![
            uuids(&[id]),
            Box::new(vec!["imported"]),
            no_text(),
            none(),
            Box::new(vec![0_i16]),
            none(),
            none(),
            no_text(),
            no_text(),
            none(),
            no_text(),
            none(),
            none(),
            Box::new(vec![None::<Uuid>]),
        ]
    };
    let new = NewTag::new(TagName::parse(&tag_name).unwrap(), None);
    let color = new.color.as_str().to_owned();
    let (id, tag) = (whose.task, whose.tag);
    let fixed: Vec<(&str, &str, Vec<Value>)> = vec![
        ("FIND_TASK", super::FIND_TASK, vec![Box::new(id)]),
        ("CREATE_TASK", super::CREATE_TASK, create(Some(vec![tag]))),
        (
            "CREATE_UNTAGGED_TASK",
            super::CREATE_UNTAGGED_TASK,
            create(None),
        ),
        ("CHANGE_TASK", super::CHANGE_TASK, change(None)),
        (
            "CHANGE_TASK with tags",
            super::CHANGE_TASK,
            change(Some(vec![tag])),
        ),
        (
            "CHANGE_TASK without tags",
            super::CHANGE_TASK,
            change(Some(Vec::new())),
        ),
        (
            "LOOK_AT_PARENT",
            tree::LOOK_AT_PARENT,
            vec![Box::new(whose.subtask), Box::new(id)],
        ),
        (
            "COMPLETE_SUBTASKS",
            tree::COMPLETE_SUBTASKS,
            vec![Box::new(id)],
        ),
        (
            "FOLLOW_TASK",
            tree::FOLLOW_TASK,
            vec![Box::new(id), Box::new(Uuid::now_v7())],
        ),
        (
            "LIST_SUBTREE",
            tree::LIST_SUBTREE,
            vec![Box::new(id), Box::new(100_i64)],
        ),
        (
            "COPY_TASKS",
            tree::COPY_TASKS,
            vec![
                uuids(&[whose.subtask]),
                uuids(&[Uuid::now_v7()]),
                Box::new(vec![None::<Uuid>]),
                Box::new(0_i64),
            ],
        ),
        (
            "DELETE_TASK",
            tree::DELETE_TASK,
            vec![Box::new(id), no_versions()],
        ),
        (
            "RESTORE_TASK",
            tree::RESTORE_TASK,
            vec![Box::new(whose.in_trash), no_versions()],
        ),
        (
            "PURGE_TASK",
            tree::PURGE_TASK,
            vec![Box::new(id), no_versions()],
        ),
        ("EMPTY_TRASH", tree::EMPTY_TRASH, Vec::new()),
        (
            "LOOK_AROUND",
            order::LOOK_AROUND,
            vec![Box::new(whose.in_trash), Box::new(id), Box::new(true)],
        ),
        (
            "MOVE_TASK",
            order::MOVE_TASK,
            vec![Box::new(id), no_versions(), Box::new("moved")],
        ),
        ("NUMBER_ANEW", order::NUMBER_ANEW, Vec::new()),
        (
            "ASSIGN_TAG",
            super::ASSIGN_TAG,
            vec![
                Box::new(id),
                no_versions(),
                Box::new(whose.spare_tag),
                Box::new(50_i64),
            ],
        ),
        (
            "UNASSIGN_TAG",
            super::UNASSIGN_TAG,
            vec![Box::new(id), no_versions(), Box::new(tag)],
        ),
        (
            "LIST_TAGS_OF_TASK",
            super::LIST_TAGS_OF_TASK,
            vec![Box::new(id)],
        ),
        (
            "LIST_TAGS",
            super::LIST_TAGS,
            vec![
                Box::new(""),
                Box::new(0_i64),
                Box::new(50_i64),
                Box::new(true),
                Box::new(true),
            ],
        ),
        (
            "EXPORT_TAGS",
            transfer::EXPORT_TAGS,
            vec![Box::new(Uuid::nil()), Box::new(10_i64)],
        ),
        (
            "EXPORT_TASKS",
            transfer::EXPORT_TASKS,
            vec![Box::new(Uuid::nil()), Box::new(10_i64)],
        ),
        ("DELETE_ALL", transfer::DELETE_ALL, Vec::new()),
        ("UNLINK_TASKS", transfer::UNLINK_TASKS, vec![uuids(&[id])]),
        (
            "LINK_TASKS",
            transfer::LINK_TASKS,
            vec![uuids(&[id]), uuids(&[whose.spare_tag])],
        ),
        (
            "IMPORT_PARENTS",
            transfer::IMPORT_PARENTS,
            vec![uuids(&[id]), uuids(&[whose.subtask])],
        ),
        (
            "FIND_TANGLED",
            transfer::FIND_TANGLED,
            vec![Box::new(1_i32)],
        ),
        ("LIFT_TASKS", transfer::LIFT_TASKS, vec![uuids(&[id])]),
        ("NOTE_IMPORT", transfer::NOTE_IMPORT, Vec::new()),
        ("FIND_TAG", super::FIND_TAG, vec![Box::new(tag)]),
        (
            "CREATE_TAG",
            super::CREATE_TAG,
            vec![
                Box::new(Uuid::now_v7()),
                Box::new("made"),
                Box::new("#AABBCC"),
            ],
        ),
        (
            "CHANGE_TAG",
            super::CHANGE_TAG,
            vec![
                Box::new(tag),
                no_versions(),
                Box::new(Some("changed")),
                Box::new(None::<String>),
            ],
        ),
        (
            "DELETE_TAG",
            super::DELETE_TAG,
            vec![Box::new(tag), no_versions()],
        ),
        (
            "IDS_TAKEN_FOR_NAMES",
            super::IDS_TAKEN_FOR_NAMES,
            vec![uuids(&[tag])],
        ),
        ("MISSING_TAG", super::MISSING_TAG, vec![uuids(&[tag])]),
        ("FIND_TAG_REFS", super::FIND_TAG_REFS, vec![uuids(&[tag])]),
        (
            "FIND_TAGS_BY_NAME",
            super::FIND_TAGS_BY_NAME,
            vec![Box::new(vec![tag_name.clone()])],
        ),
        (
            "MAKE_TAGS",
            super::MAKE_TAGS,
            vec![
                uuids(&[Uuid::now_v7()]),
                Box::new(vec![tag_name.clone()]),
                Box::new(vec![color]),
            ],
        ),
        (
            "IMPORT_TAGS",
            transfer::IMPORT_TAGS,
            vec![
                uuids(&[Uuid::now_v7()]),
                Box::new(vec![tag_name.clone()]),
                Box::new(vec!["#AABBCC"]),
            ],
        ),
        ("IMPORT_TASKS", transfer::IMPORT_TASKS, import(id)),
    ];
    let fixed = fixed.into_iter().map(|(name, sql, params)| Case {
        name: name.to_owned(),
        sql: sql.to_owned(),
        params,
    });
    let counts: Vec<(&str, &str, Vec<Value>)> = vec![
        (
            "COUNT_TASKS",
            stats::COUNT_TASKS,
            vec![
                Box::new(Timestamp::UNIX_EPOCH),
                Box::new(Timestamp::UNIX_EPOCH),
            ],
        ),
        ("COUNT_BY_TAG", stats::COUNT_BY_TAG, vec![Box::new(100_i64)]),
        (
            "COUNT_BY_DAY",
            stats::COUNT_BY_DAY,
            vec![Box::new(vec![
                Timestamp::UNIX_EPOCH,
                Timestamp::from_second(9_999_999_999).unwrap(),
            ])],
        ),
    ];
    let counts = counts.into_iter().map(|(name, sql, params)| Case {
        name: name.to_owned(),
        sql: sql.to_owned(),
        params,
    });
    // Lists and counts first: what the others make may have a word of hers in it, and counts.
    lists(whose, &new.name).chain(counts).chain(fixed).collect()
}

fn lists<'a>(whose: &'a Somebody, name: &'a TagName) -> impl Iterator<Item = Case> + 'a {
    let tags = |all, untagged| TagFilter {
        named: vec![name.clone()],
        ids: vec![whose.tag],
        all,
        untagged,
    };
    let place = |key| {
        Start::After(Place {
            key,
            id: Uuid::max(),
        })
    };
    let plain = TaskSelection::default();
    let all_filters = TaskSelection {
        completed: Some(false),
        priorities: vec![Priority::None],
        due_after: Some(Timestamp::UNIX_EPOCH),
        updated_after: Some(Timestamp::UNIX_EPOCH),
        search: Some(format!("{} task", whose.word)),
        ..plain.clone()
    };
    let of = |selection: &TaskSelection| selection.clone();
    let selections = vec![
        (of(&plain), Start::Beginning),
        (of(&plain), place(SortKey::Time(Timestamp::MAX))),
        (of(&plain), Start::Skip(0)),
        (all_filters, Start::Beginning),
        (
            TaskSelection {
                deleted: true,
                ..of(&plain)
            },
            Start::Beginning,
        ),
        (
            TaskSelection {
                overdue: Some(true),
                ..of(&plain)
            },
            Start::Beginning,
        ),
        (
            TaskSelection {
                parent: Some(Some(whose.task)),
                sort_by: SortBy::Position,
                ascending: true,
                ..of(&plain)
            },
            place(SortKey::Position("-".to_owned())),
        ),
        (
            TaskSelection {
                tags: tags(false, None),
                ..of(&plain)
            },
            Start::Beginning,
        ),
        (
            TaskSelection {
                tags: tags(true, None),
                ..of(&plain)
            },
            Start::Beginning,
        ),
        (
            TaskSelection {
                tags: tags(false, Some(true)),
                ..of(&plain)
            },
            Start::Beginning,
        ),
        (
            TaskSelection {
                tags: tags(false, Some(false)),
                ..of(&plain)
            },
            Start::Beginning,
        ),
        (
            TaskSelection {
                sort_by: SortBy::Title,
                ascending: true,
                ..of(&plain)
            },
            place(SortKey::Title(String::new())),
        ),
        (
            TaskSelection {
                sort_by: SortBy::DueDate,
                ..of(&plain)
            },
            place(SortKey::Due(Some(
                Timestamp::from_second(9_999_999_999).unwrap(),
            ))),
        ),
        (
            TaskSelection {
                sort_by: SortBy::Priority,
                ..of(&plain)
            },
            place(SortKey::Rank(9)),
        ),
    ];
    selections
        .into_iter()
        .enumerate()
        .map(|(number, (selection, start))| {
            // What PostgreSQL takes for the end of time is not what `Timestamp` does.
            let list = list_tasks(&selection, &start, 50, true);
            Case {
                name: format!("list {number}"),
                sql: list.sql,
                params: list.params.into_iter().map(|(value, _)| value).collect(),
            }
        })
}

/// The statement with a hole: of its conditions on the user, one is gone, or (the last) all are.
fn holes(sql: &str) -> Vec<String> {
    let mut places = Vec::new();
    for (at, _) in sql.match_indices("user_id = ") {
        let start = sql[..at].rfind(|c: char| !(c.is_alphanumeric() || c == '.' || c == '_'));
        let start = start.map_or(0, |it| it + 1);
        let value = at + "user_id = ".len();
        let end = sql[value..].find(|c: char| !(c.is_alphanumeric() || "._$".contains(c)));
        places.push(start..end.map_or(sql.len(), |it| value + it));
    }
    let without = |gone: &[std::ops::Range<usize>]| {
        let mut text = sql.to_owned();
        for place in gone.iter().rev() {
            // The parameter stays, for PostgreSQL to know its type.
            text.replace_range(place.clone(), "$1::uuid IS NOT NULL");
        }
        text
    };
    let mut holes: Vec<String> = (0..places.len())
        .map(|one| without(&places[one..=one]))
        .collect();
    holes.push(without(&places));
    holes
}

/// Every id and every text in a row.
fn cells(row: &Row) -> Vec<String> {
    let mut cells = Vec::new();
    for (at, column) in row.columns().iter().enumerate() {
        match *column.type_() {
            Type::UUID => {
                let id: Option<Uuid> = row.get(at);
                cells.extend(id.map(|id| id.to_string()));
            }
            Type::UUID_ARRAY => {
                let ids: Option<Vec<Uuid>> = row.get(at);
                cells.extend(ids.into_iter().flatten().map(|id| id.to_string()));
            }
            Type::TEXT => cells.extend(row.get::<_, Option<String>>(at)),
            Type::TEXT_ARRAY => {
                cells.extend(row.get::<_, Option<Vec<String>>>(at).into_iter().flatten());
            }
            _ => {}
        }
    }
    cells
}

fn borrowed(params: &[Value]) -> Vec<Param<'_>> {
    params.iter().map(|value| &**value as Param<'_>).collect()
}

fn refused_by_a_key(error: &tokio_postgres::Error) -> bool {
    error
        .code()
        .is_some_and(|code| code.code().starts_with("23"))
}

/// The highest number of tasks that a row tells of.
fn counted(rows: &[Row]) -> i64 {
    let count = |row: &Row| {
        let columns = row.columns().iter();
        let column = columns
            .map(tokio_postgres::Column::name)
            .find(|it| ["total", "many"].contains(it));
        column.and_then(|column| row.try_get(column).ok()).flatten()
    };
    rows.iter().filter_map(count).max().unwrap_or_default()
}

/// As many as each of them has of whatever is counted.
const OWN_COUNTS: i64 = 2;

/// What the statement was told, it may tell.
fn sent(case: &Case, whose: &Somebody) -> BTreeSet<String> {
    match case.name.as_str() {
        "MISSING_TAG" => BTreeSet::from([whose.tag.to_string()]),
        "IMPORT_PARENTS" => BTreeSet::from([whose.task.to_string()]),
        _ => BTreeSet::new(),
    }
}

#[actix_web::test]
async fn row_level_security_alone_keeps_users_apart_whichever_condition_is_forgotten() {
    let ground = Ground::new().await;
    let before = ground.alices_rows().await;
    let bob = ground.as_bob();
    let mut tried = 0;
    for case in cases(&ground.alice) {
        for hole in holes(&case.sql) {
            tried += 1;
            // Some cannot run with a hole in them; what matters is that nothing comes of it.
            if let Ok(rows) = bob.change(&hole, &borrowed(&case.params)).await {
                let sent = sent(&case, &ground.alice);
                assert!(!ground.shows_alice(&rows, &sent), "{}: {hole}", case.name);
                assert!(counted(&rows) <= OWN_COUNTS, "{}: {hole}", case.name);
            }
            assert_eq!(ground.alices_rows().await, before, "{}: {hole}", case.name);
        }
    }
    assert!(tried > 150, "{tried}");
}

#[actix_web::test]
async fn what_the_statements_say_alone_keeps_users_apart_without_row_level_security() {
    let ground = Ground::new().await;
    let before = ground.alices_rows().await;
    for case in cases(&ground.alice) {
        let mut params = borrowed(&case.params);
        params.insert(0, &ground.bob.user);
        // A superuser, whom no policy binds.
        let rows = match ground.admin.query(&case.sql, &params).await {
            Ok(rows) => rows,
            // The composite keys have refused it before anything was said.
            Err(error) if refused_by_a_key(&error) => continue,
            Err(error) => panic!("{}: {error:?}", case.name),
        };
        let sent = sent(&case, &ground.alice);
        assert!(!ground.shows_alice(&rows, &sent), "{}", case.name);
        assert!(counted(&rows) <= OWN_COUNTS, "{}", case.name);
        assert_eq!(ground.alices_rows().await, before, "{}", case.name);
    }
}

/// The two tests above could pass for want of anything to find.
#[actix_web::test]
async fn with_both_walls_down_every_statement_reaches_another_users_rows() {
    let ground = Ground::new().await;
    let before = ground.alices_rows().await;
    for case in cases(&ground.alice) {
        let mut reached = false;
        for hole in holes(&case.sql) {
            let mut params = borrowed(&case.params);
            params.insert(0, &ground.bob.user);
            ground.admin.batch_execute("BEGIN").await.unwrap();
            let rows = ground.admin.query(&hole, &params).await;
            if let Ok(rows) = &rows {
                reached |= match case.name.as_str() {
                    // Here it is the tag's absence that tells.
                    "MISSING_TAG" => rows.is_empty(),
                    "LOOK_AT_PARENT" => rows[0].get("there"),
                    // A row of one's own is all that it can name: there is nothing to forget.
                    "IMPORT_TASKS" => true,
                    // Two of his own, and what is hers.
                    "COUNT_TASKS" | "COUNT_BY_DAY" => counted(rows) > OWN_COUNTS,
                    _ => ground.shows_alice(rows, &BTreeSet::new()),
                };
                reached |= ground.alices_rows().await != before;
            } else {
                // Only the composite keys were left, and they have refused it.
                reached |= rows.is_err_and(|error| refused_by_a_key(&error));
            }
            ground.admin.batch_execute("ROLLBACK").await.unwrap();
        }
        assert!(reached, "{}", case.name);
    }
}

#[test]
fn a_hole_is_made_of_each_condition_on_the_user() {
    assert_eq!(
        holes("SELECT 1 FROM app.a x JOIN app.b y ON y.user_id = x.user_id WHERE x.user_id = $1"),
        [
            "SELECT 1 FROM app.a x JOIN app.b y ON $1::uuid IS NOT NULL WHERE x.user_id = $1",
            "SELECT 1 FROM app.a x JOIN app.b y ON y.user_id = x.user_id WHERE $1::uuid IS NOT NULL",
            "SELECT 1 FROM app.a x JOIN app.b y ON $1::uuid IS NOT NULL WHERE $1::uuid IS NOT NULL",
        ]
    );
}
