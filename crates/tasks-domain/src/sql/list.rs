//! The statement of a list of tasks, put together from its filters, its order and its start.
//!
//! A filter that is not asked for is not in the text, so that PostgreSQL plans for what is asked. Nothing of the client's is
//! ever in the text: values are parameters.

use domain_kit::{ToSql, Type};

use super::{TASK_COLUMNS, position, task_columns};
use crate::{
    selection::{SortBy, SortKey, Start, TagFilter, TaskSelection},
    task::{Priority, TagName},
};

/// A statement and its parameters from `$2` on, with their types.
#[derive(Debug)]
pub struct ListTasks {
    pub sql: String,
    pub params: Vec<(Box<dyn ToSql + Sync + Send>, Type)>,
}

/// One row for each task of the page, in its order, with the ids of its tags; then one for each of the user's first
/// [`TAGS_ALONG`] tags, in the order of their names (`id`, the name as `title`, `color`); then, if it was asked for, one with the
/// `total`. Nearly always the tags of the page are among those; what is not has to be asked for.
///
/// Tags by themselves, because the same few are on most tasks, and because PostgreSQL takes longer to build JSON of them for each
/// task than for all the rest. A link is looked up by the task's key, which is as fast whatever the statistics say: with the ids of
/// the whole page at once, a planner that knows many links of the user reads them all. The rows of a `UNION ALL` come one part after
/// the other, each in its order.
pub fn list_tasks(
    selection: &TaskSelection,
    start: &Start,
    limit: u32,
    with_total: bool,
) -> ListTasks {
    let mut build = Build::default();
    build.filter(selection);
    let total = match with_total {
        true => format!(
            "
         UNION ALL
         SELECT {}NULL, NULL, NULL, count(*)
           FROM app.tasks t WHERE {}",
            "NULL, ".repeat(TASK_COLUMNS),
            build.text
        ),
        false => String::new(),
    };
    if let Start::After(place) = start {
        build.after(selection, &place.key, place.id);
    }
    let limit = build.param(i64::from(limit), Type::INT8);
    let skip = match start {
        Start::Skip(rows) => format!(" OFFSET {}", build.param(i64::from(*rows), Type::INT8)),
        Start::Beginning | Start::After(_) => String::new(),
    };
    let order = order(selection);
    let title_key = match selection.sort_by {
        SortBy::Title => "lower(t.title)",
        _ => "NULL::text",
    };
    let filters = build.text;
    let columns = task_columns!();
    let after_title = "NULL, ".repeat(TASK_COLUMNS - 3);
    let sql = format!(
        "(SELECT {columns}, {title_key} AS title_key,
                 ARRAY(SELECT l.tag_id FROM app.task_tags l WHERE l.user_id = $1 AND l.task_id = t.id) AS tag_ids,
                 NULL::text AS color, NULL::bigint AS total
            FROM app.tasks t
           WHERE {filters}
           ORDER BY {order} LIMIT {limit}{skip})
         UNION ALL
         (SELECT g.id, NULL, g.name, {after_title}NULL, NULL, g.color, NULL
            FROM app.tags g WHERE g.user_id = $1 ORDER BY g.name_key LIMIT {TAGS_ALONG}){total}"
    );
    ListTasks {
        sql,
        params: build.params,
    }
}

/// How many tags come along with every page.
const TAGS_ALONG: usize = 100;

#[derive(Default)]
struct Build {
    /// Conditions on `app.tasks t`, of which the first is that it is the user's.
    text: String,
    params: Vec<(Box<dyn ToSql + Sync + Send>, Type)>,
}

impl Build {
    fn param(&mut self, value: impl ToSql + Sync + Send + 'static, kind: Type) -> String {
        self.params.push((Box::new(value), kind));
        format!("${}", self.params.len() + 1)
    }

    fn and(&mut self, condition: &str) {
        self.text.push_str(" AND ");
        self.text.push_str(condition);
    }

    fn filter(&mut self, selection: &TaskSelection) {
        let TaskSelection {
            completed,
            priorities,
            tags,
            due_before,
            due_after,
            updated_before,
            updated_after,
            overdue,
            search,
            parent,
            deleted,
            sort_by: _,
            ascending: _,
        } = selection;
        self.text = match deleted {
            false => "t.user_id = $1 AND t.deleted_at IS NULL".to_owned(),
            true => "t.user_id = $1 AND t.deleted_at IS NOT NULL".to_owned(),
        };
        match completed {
            Some(true) => self.and("t.completed"),
            Some(false) => self.and("NOT t.completed"),
            None => {}
        }
        if !priorities.is_empty() {
            let ranks: Vec<i16> = priorities.iter().copied().map(Priority::rank).collect();
            let ranks = self.param(ranks, Type::INT2_ARRAY);
            self.and(&format!("t.priority = ANY ({ranks})"));
        }
        for (bound, condition) in [
            (due_before, "t.due_date <"),
            (due_after, "t.due_date >"),
            (updated_before, "t.updated_at <"),
            (updated_after, "t.updated_at >"),
        ] {
            if let Some(time) = bound {
                let time = self.param(*time, Type::TIMESTAMPTZ);
                self.and(&format!("{condition} {time}"));
            }
        }
        match overdue {
            Some(true) => self.and("t.due_date < now() AND NOT t.completed"),
            Some(false) => self.and("(t.due_date < now() AND NOT t.completed) IS NOT TRUE"),
            None => {}
        }
        if let Some(words) = search {
            let words = self.param(words.clone(), Type::TEXT);
            self.and(&format!(
                "t.search @@ websearch_to_tsquery('pg_catalog.english'::regconfig, {words})"
            ));
        }
        match parent {
            Some(Some(parent)) => {
                let parent = self.param(*parent, Type::UUID);
                self.and(&format!("t.parent_id = {parent}"));
            }
            Some(None) => self.and("t.parent_id IS NULL"),
            None => {}
        }
        self.tags(tags);
    }

    fn tags(&mut self, filter: &TagFilter) {
        const TAGGED: &str =
            "EXISTS (SELECT FROM app.task_tags l WHERE l.user_id = $1 AND l.task_id = t.id)";
        let TagFilter {
            named,
            ids,
            all,
            untagged,
        } = filter;
        let mut carried: Vec<String> = Vec::new();
        let name_of = |name: &TagName| name.as_str().to_owned();
        if *all {
            // Each of them by itself, as two of them can be one tag.
            for name in named {
                let name = self.param(name_of(name), Type::TEXT);
                carried.push(carries(&format!("g.name_key = lower({name})")));
            }
            for id in ids {
                let id = self.param(*id, Type::UUID);
                carried.push(carries(&format!("g.id = {id}")));
            }
        } else if !named.is_empty() || !ids.is_empty() {
            let names: Vec<String> = named.iter().map(name_of).collect();
            let names = self.param(names, Type::TEXT_ARRAY);
            let ids = self.param(ids.clone(), Type::UUID_ARRAY);
            carried.push(carries(&format!(
                "(g.name_key = ANY (ARRAY(SELECT lower(name) FROM unnest({names}::text[]) AS name)) OR g.id = ANY ({ids}))"
            )));
        }
        match untagged {
            Some(true) if carried.is_empty() => self.and(&format!("NOT {TAGGED}")),
            Some(true) => {
                let carried = carried.join(" AND ");
                self.and(&format!("({carried} OR NOT {TAGGED})"));
                return;
            }
            Some(false) => self.and(TAGGED),
            None => {}
        }
        carried.iter().for_each(|condition| self.and(condition));
    }

    /// What comes after a place in the order of [`order`].
    fn after(&mut self, selection: &TaskSelection, key: &SortKey, id: uuid::Uuid) {
        let further = if selection.ascending { '>' } else { '<' };
        let column = column(selection.sort_by);
        let (value, kind): (Box<dyn ToSql + Sync + Send>, _) = match key {
            SortKey::Time(time) | SortKey::Due(Some(time)) => (Box::new(*time), Type::TIMESTAMPTZ),
            SortKey::Rank(rank) => (Box::new(*rank), Type::INT2),
            SortKey::Title(text) | SortKey::Position(text) => (Box::new(text.clone()), Type::TEXT),
            SortKey::Due(None) => {
                // Among those without a due date, which are at the end.
                let id = self.param(id, Type::UUID);
                self.and(&format!("t.due_date IS NULL AND t.id {further} {id}"));
                return;
            }
        };
        self.params.push((value, kind));
        let value = format!("${}", self.params.len() + 1);
        let id = self.param(id, Type::UUID);
        let place = format!("({column}, t.id) {further} ({value}, {id})");
        match selection.sort_by {
            SortBy::DueDate => self.and(&format!("({place} OR t.due_date IS NULL)")),
            _ => self.and(&place),
        }
    }
}

/// That task `t` carries a tag `g` for which this holds.
fn carries(condition: &str) -> String {
    format!(
        "EXISTS (SELECT FROM app.task_tags l JOIN app.tags g ON g.user_id = l.user_id AND g.id = l.tag_id
                  WHERE l.user_id = $1 AND g.user_id = $1 AND l.task_id = t.id AND {condition})"
    )
}

fn column(sort_by: SortBy) -> &'static str {
    match sort_by {
        SortBy::CreatedAt => "t.created_at",
        SortBy::UpdatedAt => "t.updated_at",
        SortBy::DueDate => "t.due_date",
        SortBy::Priority => "t.priority",
        SortBy::Title => "lower(t.title)",
        SortBy::Position => position!("t"),
    }
}

fn order(selection: &TaskSelection) -> String {
    let column = column(selection.sort_by);
    match (selection.sort_by, selection.ascending) {
        (SortBy::DueDate, false) => format!("{column} DESC NULLS LAST, t.id DESC"),
        (_, false) => format!("{column} DESC, t.id DESC"),
        // Those without a value come last by themselves.
        (_, true) => format!("{column}, t.id"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::selection::Place;

    #[test]
    fn what_is_not_asked_for_is_not_in_the_text() {
        let plain = list_tasks(&TaskSelection::default(), &Start::Beginning, 50, false);
        for word in [
            "search",
            "completed_at IS",
            "lower",
            "count",
            "OFFSET",
            "EXISTS",
        ] {
            assert!(!plain.sql.contains(word), "{word}");
        }
        assert_eq!(plain.params.len(), 1, "the limit");
    }

    #[test]
    fn the_texts_that_are_kept_prepared_are_few() {
        let mut texts = std::collections::BTreeSet::new();
        for completed in [None, Some(true), Some(false)] {
            for limit in [1, 50, 200] {
                for nanosecond in [0, 1000, 2000] {
                    let selection = TaskSelection {
                        completed,
                        ..TaskSelection::default()
                    };
                    assert!(selection.is_common());
                    let key = SortKey::Time(jiff::Timestamp::new(0, nanosecond).unwrap());
                    let id = uuid::Uuid::now_v7();
                    for start in [Start::Beginning, Start::After(Place { key, id })] {
                        texts.insert(list_tasks(&selection, &start, limit, false).sql);
                    }
                }
            }
        }
        assert_eq!(texts.len(), 6);
    }

    #[test]
    fn parameters_are_numbered_in_their_order() {
        let selection = TaskSelection {
            completed: Some(false),
            priorities: vec![Priority::High],
            tags: TagFilter {
                named: vec![TagName::parse("Home").unwrap()],
                ids: vec![uuid::Uuid::nil()],
                all: true,
                untagged: None,
            },
            due_before: Some(jiff::Timestamp::UNIX_EPOCH),
            search: Some("plants".to_owned()),
            sort_by: SortBy::Title,
            ..TaskSelection::default()
        };
        let key = SortKey::Title("b".to_owned());
        let start = Start::After(Place {
            key,
            id: uuid::Uuid::nil(),
        });
        let list = list_tasks(&selection, &start, 20, true);
        for number in 2..=list.params.len() + 1 {
            assert!(list.sql.contains(&format!("${number}")), "${number}");
        }
        assert!(!list.sql.contains(&format!("${}", list.params.len() + 2)));
    }
}
