use actix_web::http::{Method, header};
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::{
    act::Act,
    draft::{around, color},
    faults::Fault,
    shown::{just_now, new_id, refused},
    target::Target,
    words,
};
use test_door::Ask;

impl Act<'_> {
    pub async fn create_very_many_tags(&mut self) {
        for name in words::many_names(self.me.word) {
            self.create_tag_named(&name).await;
        }
    }

    pub async fn create_tag(&mut self) {
        let name = self.me.dice.any(words::names(self.me.word)).unwrap();
        self.create_tag_named(&name).await;
    }

    async fn create_tag_named(&mut self, name: &str) {
        let (sent, mut kept) = color(&mut self.me.dice);
        let mut body = Map::new();
        body.insert("name".into(), json!(around(&mut self.me.dice, name)));
        if self.me.dice.chance(70) {
            body.insert("color".into(), sent);
        } else {
            kept = None;
        }
        let fault = self.spoil_tag(&mut body, true);
        let ask = self.mine(Ask::post("/tags").json(&Value::Object(body)));
        let (ask, key) = self.key(ask);
        let answer = self.ask("create a tag", &ask).await;
        self.keep(key, &ask, &answer);
        if let Some(fault) = fault {
            return refused(&answer, 422, "validation_failed", &[&fault.error]);
        }
        if self.tag_named(name).is_some() {
            return refused(&answer, 409, "tag_name_conflict", &[]);
        }
        assert_eq!(answer.status, 201, "{}", answer.text);
        let id = new_id(&answer.body["id"]);
        self.new_tag(id, name, kept.as_deref(), &answer.body["color"]);
        self.me.happened([("tag.created", id, 1)]);
        let location = format!("/api/v1/{}/tags/{id}", ask.owner);
        assert_eq!(answer.header(header::LOCATION), location);
        self.is_tag(&answer.body, answer.header(header::ETAG), id);
    }

    pub async fn read_tag(&mut self) {
        let target = self.tag();
        let method = self.me.dice.pick(&[Method::GET, Method::GET, Method::HEAD]);
        let mut ask = self.mine(Ask::new(method.clone(), format!("/tags/{}", target.text())));
        let mut same = false;
        if let Target::There(id) = target
            && self.me.dice.chance(40)
        {
            let version = self.me.tags[&id].version;
            let (none_match, matches) = self.me.dice.pick(&[
                (format!("\"{version}\""), true),
                (format!("W/\"{version}\", \"0\""), true),
                ("*".to_owned(), true),
                (format!("\"{}\"", version + 1), false),
            ]);
            ask = ask.header("if-none-match", none_match);
            same = matches;
        }
        let answer = self.ask("read a tag", &ask).await;
        match target {
            Target::There(id) if same => {
                assert_eq!((answer.status.as_u16(), &*answer.text), (304, ""));
                let version = self.me.tags[&id].version;
                assert_eq!(answer.header(header::ETAG), format!("\"{version}\""));
            }
            Target::There(id) => {
                assert_eq!(answer.status, 200);
                if method == Method::GET {
                    self.is_tag(&answer.body, answer.header(header::ETAG), id);
                }
                assert_eq!(answer.header(header::CACHE_CONTROL), "private, no-cache");
            }
            _ if method == Method::HEAD => assert_eq!(answer.status, 404),
            _ => refused(&answer, 404, "tag_not_found", &[]),
        }
    }

    pub async fn put_or_patch_tag(&mut self) {
        let target = self.tag();
        let whole = self.me.dice.chance(50);
        let method = if whole { Method::PUT } else { Method::PATCH };
        let ask = Ask::new(method, format!("/tags/{}", target.text()));
        let (ask, precondition) = self.precondition(ask, target);

        let mut body = Map::new();
        let (mut name, mut kept) = (None, None);
        if let (true, Target::There(id), true) = (whole, target, self.me.dice.chance(30)) {
            // As it was read.
            let tag = self.me.tags[&id].clone();
            let Value::Object(read) = self.shown_tag(id, None) else {
                unreachable!("a tag is an object")
            };
            body = read;
            (name, kept) = (Some(tag.name), Some(tag.color));
        }
        if self.me.dice.chance(60) {
            let new = self.me.dice.any(words::names(self.me.word)).unwrap();
            body.insert("name".into(), json!(around(&mut self.me.dice, &new)));
            name = Some(new);
        }
        if (whole && body.is_empty()) || self.me.dice.chance(40) {
            let (sent, new) = color(&mut self.me.dice);
            if new.is_some() {
                body.insert("color".into(), sent);
                kept = new;
            }
        }
        let empty = body.is_empty();
        if whole && empty {
            return;
        }
        let fault = self.spoil_tag(&mut body, !whole);
        let ask = self.mine(ask.json(&Value::Object(body)));
        let kind = if whole {
            "replace a tag"
        } else {
            "change a tag"
        };
        let answer = self.ask(kind, &ask).await;
        let fault = fault.as_ref();
        let Some(id) = self.admitted(&answer, target, &precondition, fault, "tag_not_found") else {
            return;
        };
        let taken = name.as_deref().and_then(|name| self.tag_named(name));
        if taken.is_some_and(|other| other != id) {
            return refused(&answer, 409, "tag_name_conflict", &[]);
        }
        assert_eq!(answer.status, 200, "{}", answer.text);
        if !empty {
            let tag = self.me.tags.get_mut(&id).unwrap();
            tag.name = name.unwrap_or_else(|| tag.name.clone());
            tag.color = kept.unwrap_or_else(|| tag.color.clone());
            tag.version += 1;
            if let Some((_, updated_at)) = &mut tag.times {
                let now = just_now(&answer.body["updated_at"]);
                assert!(now > *updated_at, "changed after the last change");
                *updated_at = now;
            }
            let version = tag.version;
            self.me.happened([("tag.updated", id, version)]);
        }
        self.is_tag(&answer.body, answer.header(header::ETAG), id);
        self.ask_again_where_it_shows(id).await;
    }

    pub async fn delete_tag(&mut self) {
        let target = self.tag();
        let ask = Ask::delete(format!("/tags/{}", target.text()));
        let (ask, precondition) = self.precondition(ask, target);
        let ask = self.mine(ask);
        let answer = self.ask("delete a tag", &ask).await;
        let Some(id) = self.admitted(&answer, target, &precondition, None, "tag_not_found") else {
            return;
        };
        assert_eq!((answer.status.as_u16(), &*answer.text), (204, ""));
        let tag = self.me.tags.remove(&id).unwrap();
        for task in self.me.tasks.values_mut() {
            task.tags.remove(&id);
        }
        self.me.happened([("tag.deleted", id, tag.version + 1)]);
        self.ask_again_where_it_shows(id).await;
    }

    /// Makes one thing wrong, sometimes.
    fn spoil_tag(&mut self, body: &mut Map<String, Value>, no_read_only: bool) -> Option<Fault> {
        if !self.me.dice.chance(10) {
            return None;
        }
        let mut faults = vec![
            ("name", json!("  "), "blank"),
            ("name", json!("n".repeat(51)), "too_long"),
            ("name", Value::Null, "not_null"),
            ("name", json!(["x"]), "wrong_type"),
            ("color", json!("red"), "invalid_color"),
            ("color", json!(255), "wrong_type"),
            ("colour", json!("#000"), "unknown_field"),
        ];
        if no_read_only {
            faults.push(("task_count", json!(1), "read_only"));
            faults.push(("version", json!(1), "read_only"));
        }
        let (member, value, code) = self.me.dice.pick(&faults);
        body.insert(member.into(), value);
        Some(Fault::new(format!("/{member} {code}")))
    }

    fn is_tag(&mut self, shown: &Value, etag: &str, id: Uuid) {
        self.learn_times(id, shown);
        assert_eq!(*shown, self.shown_tag(id, None));
        let version = self.me.tags[&id].version;
        assert_eq!(etag, format!("\"{version}\""));
    }

    /// A tag that came with a task is shown for the first time.
    pub fn learn_times(&mut self, id: Uuid, shown: &Value) {
        let tag = self.me.tags.get_mut(&id).unwrap();
        tag.times.get_or_insert_with(|| {
            let time = |member: &str| super::shown::time(&shown[member]);
            let (created_at, updated_at) = (time("created_at"), time("updated_at"));
            let unchanged = tag.version == tag.first_version;
            assert_eq!(created_at == updated_at, unchanged, "{shown}");
            assert!(created_at <= updated_at);
            (created_at, updated_at)
        });
    }

    /// The tag as every answer has to show it.
    pub fn shown_tag(&self, id: Uuid, task_count: Option<usize>) -> Value {
        let tag = &self.me.tags[&id];
        let times = tag
            .times
            .map(|(created_at, updated_at)| [created_at, updated_at]);
        json!({
            "id": id,
            "user_id": self.me.id,
            "name": tag.name,
            "color": tag.color,
            "task_count": task_count,
            "version": tag.version,
            "created_at": times.map(|times| times[0]),
            "updated_at": times.map(|times| times[1]),
        })
    }

    /// How many tasks carry it that are not in the trash.
    pub fn task_count(&self, tag: Uuid) -> usize {
        self.me
            .live()
            .filter(|(_, task)| task.tags.contains(&tag))
            .count()
    }
}
