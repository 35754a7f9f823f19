use std::hash::{DefaultHasher, Hash, Hasher};

use actix_web::http::header;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use uuid::Uuid;

use super::{act::Act, person::PRIORITIES};
use test_door::Answer;

impl Act<'_> {
    /// The task as every answer has to show it.
    pub fn shown(&self, id: Uuid) -> Value {
        let task = &self.me.tasks[&id];
        json!({
            "id": id,
            "user_id": self.me.id,
            "title": task.title,
            "description": task.description,
            "completed": task.completed_at.is_some(),
            "completed_at": task.completed_at,
            "priority": PRIORITIES[task.priority],
            "priority_rank": task.priority,
            "due_date": task.due_date,
            "reminder_at": task.reminder_at,
            "recurrence": task.series.as_ref().map(|series| series.rule.shown()),
            "recurrence_pattern": task.series.as_ref().map(|series| series.rule.pattern()),
            "next_occurrence_id": task.next_occurrence_id,
            "parent_id": task.parent_id,
            "position": task.stands(id),
            "tags": self.tags_shown(id),
            "version": task.version,
            "created_at": task.created_at,
            "updated_at": task.updated_at,
            "deleted_at": task.deleted_at,
        })
    }

    fn tags_shown(&self, id: Uuid) -> Vec<Value> {
        let tags = self.tags_by_name(id).into_iter();
        tags.map(|id| {
            let tag = &self.me.tags[&id];
            json!({"id": id, "name": tag.name, "color": tag.color})
        })
        .collect()
    }

    pub fn tags_by_name(&self, task: Uuid) -> Vec<Uuid> {
        let mut tags: Vec<Uuid> = self.me.tasks[&task].tags.iter().copied().collect();
        tags.sort_by_key(|id| self.words.rank(&self.me.tags[id].name));
        tags
    }

    pub fn is_task(&mut self, answer: &Answer, shown: &Value, id: Uuid) {
        self.is_shown(shown, id);
        self.is_etag_of_task(answer.header(header::ETAG), id);
    }

    /// What the server decided about it is taken over, when it was not known yet.
    pub fn is_shown(&mut self, shown: &Value, id: Uuid) {
        self.settle(id, shown);
        assert_eq!(*shown, self.shown(id));
    }

    pub fn is_page_of_tags(&mut self, answer: &Answer, task: Uuid) {
        let tags = self.tags_by_name(task);
        let items = answer.body["items"].as_array().cloned().unwrap_or_default();
        for (id, shown) in tags.iter().zip(&items) {
            self.learn_times(*id, shown);
        }
        let tags = tags.into_iter().map(|id| self.shown_tag(id, None));
        assert_eq!(answer.body, only_page(&tags.collect::<Vec<_>>()));
    }

    /// The version, and what stands for the position and the tags that are shown: the same for the same ones, another for others.
    pub fn is_etag_of_task(&mut self, etag: &str, id: Uuid) {
        let unversioned = self.unversioned(id);
        let task = self.me.tasks.get_mut(&id).unwrap();
        let inner = etag
            .strip_prefix('"')
            .and_then(|rest| rest.strip_suffix('"'));
        let (version, mark) = inner.and_then(|inner| inner.split_once('-')).unwrap();
        assert_eq!(version, task.version.to_string(), "{etag}");
        let plain = |b: u8| b.is_ascii_alphanumeric() || b == b'-' || b == b'_';
        assert!(mark.len() == 16 && mark.bytes().all(plain), "{etag}");
        let known = task.marks.iter().find(|(known, _)| **known != unversioned);
        assert!(
            known.is_none_or(|(_, other)| other != mark),
            "other tags or another position, the same {etag}"
        );
        let first = task
            .marks
            .entry(unversioned)
            .or_insert_with(|| mark.to_owned());
        assert_eq!(first, mark, "the same tags and position, another {etag}");
        let mut hasher = DefaultHasher::new();
        self.shown(id).to_string().hash(&mut hasher);
        let hash = hasher.finish();
        let was = self
            .me
            .under_etags
            .entry((id, etag.to_owned()))
            .or_insert(hash);
        assert_eq!(*was, hash, "another task of this id, the same {etag}");
    }

    /// What its entity tag covers beside the version.
    fn unversioned(&self, id: Uuid) -> String {
        json!([self.me.tasks[&id].position, self.tags_shown(id)]).to_string()
    }

    /// The entity tag that the task has now, if one like it has been seen.
    pub fn etag(&self, id: Uuid) -> Option<String> {
        let task = &self.me.tasks[&id];
        let mark = task.marks.get(&self.unversioned(id))?;
        Some(format!("\"{}-{mark}\"", task.version))
    }
}

pub fn refused(answer: &Answer, status: u16, code: &str, errors: &[&str]) {
    assert_eq!(answer.refusal(), (status, code), "{}", answer.text);
    assert_eq!(answer.errors(), errors);
}

/// A time that the server just took, as far as a busy machine lets anybody say so.
pub fn just_now(value: &Value) -> Timestamp {
    let time = time(value);
    is_now(time);
    time
}

pub fn is_now(time: Timestamp) {
    let distance = Timestamp::now().duration_since(time).abs();
    assert!(distance < SignedDuration::from_mins(5), "{time} is not now");
}

pub fn time(value: &Value) -> Timestamp {
    let text = value
        .as_str()
        .unwrap_or_else(|| panic!("{value} is no time"));
    text.parse().unwrap()
}

/// The id of something that was just made: a UUIDv7 of this moment.
pub fn new_id(value: &Value) -> Uuid {
    let id: Uuid = value.as_str().unwrap().parse().unwrap();
    assert_eq!(id.get_version_num(), 7, "{id}");
    let (seconds, _) = id.get_timestamp().unwrap().to_unix();
    let made = Timestamp::from_second(i64::try_from(seconds).unwrap()).unwrap();
    just_now(&json!(made));
    id
}

/// All of a page but its items, where there is only the one.
pub fn only_page(items: &[Value]) -> Value {
    json!({
        "items": items, "limit": 50, "next_cursor": null, "has_more": false,
        "total": null, "page": null, "total_pages": null,
    })
}
