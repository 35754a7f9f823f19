//! Who is told: kept beside tasks, and nobody else's business. What is sent to them is changes-domain's own test's.

use actix_web::http::header;
use jiff::Timestamp;
use serde_json::{Map, Value, json};
use test_door::Ask;
use uuid::Uuid;

use super::{
    act::Act,
    shown::{just_now, new_id, only_page, refused},
};

/// Most of one user.
const MOST: usize = 10;

#[derive(Debug, Clone)]
pub struct Webhook {
    url: String,
    kinds: Value,
    enabled: bool,
    last_seq: usize,
    version: i64,
    created_at: Timestamp,
    updated_at: Timestamp,
}

impl Webhook {
    fn shown(&self, id: Uuid) -> Value {
        json!({
            "id": id, "url": self.url, "kinds": self.kinds, "enabled": self.enabled, "last_seq": self.last_seq,
            "failures": 0, "last_error": null, "disabled_at": null,
            "version": self.version, "created_at": self.created_at, "updated_at": self.updated_at,
        })
    }
}

impl Act<'_> {
    pub async fn webhooks(&mut self) {
        match self.me.dice.below(10) {
            0..3 => self.create_webhook().await,
            3 | 4 => self.list_webhooks().await,
            5 | 6 => self.read_webhook().await,
            7 | 8 => self.patch_webhook().await,
            _ => self.delete_webhook().await,
        }
    }

    async fn create_webhook(&mut self) {
        let mut body = Map::new();
        body.insert("url".into(), json!(self.any_url()));
        let kinds = self.any_kinds();
        if !kinds.is_null() || self.me.dice.chance(50) {
            body.insert("kinds".into(), kinds.clone());
        }
        let url = body["url"].as_str().unwrap().to_owned();
        let fault = self.spoil_webhook(&mut body, true);
        let ask = self.mine(Ask::post("/webhooks").json(&Value::Object(body)));
        let answer = self.ask("create a webhook", &ask).await;
        if let Some(fault) = fault {
            return refused(&answer, 422, "validation_failed", &[&fault]);
        }
        if self.me.webhooks.len() == MOST {
            return refused(&answer, 409, "too_many_webhooks", &[]);
        }
        assert_eq!(answer.status, 201, "{}", answer.text);
        let id = new_id(&answer.body["id"]);
        let made = just_now(&answer.body["created_at"]);
        let webhook = Webhook {
            url,
            kinds,
            enabled: true,
            last_seq: self.me.last_seq(),
            version: 1,
            created_at: made,
            updated_at: made,
        };
        let location = format!("/api/v1/{}/webhooks/{id}", ask.owner);
        assert_eq!(answer.header(header::LOCATION), location);
        let mut shown = webhook.shown(id);
        let secret = answer.body["secret"].as_str().unwrap();
        assert!(
            secret.starts_with("whsec_") && secret.len() == 50,
            "{secret}"
        );
        shown["secret"] = json!(secret);
        assert_eq!(answer.body, shown);
        self.me.webhooks.insert(id, webhook);
        let mut world = self.world.borrow_mut();
        world.keep_secret(secret.to_owned());
        world.shared[self.me.place].webhooks.push(id);
    }

    pub async fn list_webhooks(&mut self) {
        let ask = self.mine(Ask::get("/webhooks"));
        let answer = self.ask("list webhooks", &ask).await;
        let webhooks = self.me.webhooks.iter();
        let webhooks: Vec<Value> = webhooks.map(|(id, webhook)| webhook.shown(*id)).collect();
        assert_eq!(answer.body, only_page(&webhooks));
    }

    async fn read_webhook(&mut self) {
        let (id, text) = self.any_webhook();
        let ask = self.mine(Ask::get(format!("/webhooks/{text}")));
        let answer = self.ask("read a webhook", &ask).await;
        match id {
            Some(id) => assert_eq!(answer.body, self.me.webhooks[&id].shown(id)),
            None => refused(&answer, 404, "webhook_not_found", &[]),
        }
    }

    async fn patch_webhook(&mut self) {
        let (id, text) = self.any_webhook();
        let (url, kinds) = (self.any_url(), self.any_kinds());
        let enabled = self.me.dice.chance(50);
        let mut body = Map::new();
        let members = [
            ("url", json!(url)),
            ("kinds", kinds),
            ("enabled", json!(enabled)),
        ];
        for (member, value) in members {
            if self.me.dice.chance(40) {
                body.insert(member.into(), value);
            }
        }
        let change = body.clone();
        let fault = self.spoil_webhook(&mut body, false);
        let ask = Ask::patch(format!("/webhooks/{text}")).json(&Value::Object(body));
        let ask = self.mine(ask);
        let answer = self.ask("change a webhook", &ask).await;
        if text == "x" {
            return refused(&answer, 404, "webhook_not_found", &[]);
        }
        if let Some(fault) = fault {
            return refused(&answer, 422, "validation_failed", &[&fault]);
        }
        let Some(id) = id else {
            return refused(&answer, 404, "webhook_not_found", &[]);
        };
        let last_seq = self.me.last_seq();
        let webhook = self.me.webhooks.get_mut(&id).unwrap();
        if let Some(url) = change.get("url") {
            webhook.url = url.as_str().unwrap().to_owned();
        }
        if let Some(kinds) = change.get("kinds") {
            webhook.kinds = kinds.clone();
        }
        if let Some(enabled) = change.get("enabled").and_then(Value::as_bool) {
            // It begins anew.
            if enabled && !webhook.enabled {
                webhook.last_seq = last_seq;
            }
            webhook.enabled = enabled;
        }
        webhook.version += 1;
        let changed = just_now(&answer.body["updated_at"]);
        assert!(changed > webhook.updated_at);
        webhook.updated_at = changed;
        assert_eq!(answer.body, webhook.shown(id));
    }

    async fn delete_webhook(&mut self) {
        let (id, text) = self.any_webhook();
        let ask = self.mine(Ask::delete(format!("/webhooks/{text}")));
        let answer = self.ask("delete a webhook", &ask).await;
        let Some(id) = id else {
            return refused(&answer, 404, "webhook_not_found", &[]);
        };
        assert_eq!((answer.status.as_u16(), &*answer.text), (204, ""));
        self.me.webhooks.remove(&id);
    }

    /// Most often one's own.
    fn any_webhook(&mut self) -> (Option<Uuid>, String) {
        let another = self.another();
        let theirs = self.theirs(another, |shared| &shared.webhooks);
        let own = self.me.dice.any(self.me.webhooks.keys().copied());
        match (self.me.dice.below(10), own) {
            (0..7, Some(own)) => (Some(own), own.to_string()),
            (7, _) => (None, "x".to_owned()),
            _ => (None, theirs.to_string()),
        }
    }

    fn any_url(&mut self) -> String {
        let path = self.me.dice.pick(&["hook", "hook?of=tasks", ""]);
        format!("https://{}.example.com/{path}", self.me.word)
    }

    fn any_kinds(&mut self) -> Value {
        let some = [
            Value::Null,
            Value::Null,
            json!(["task.reminder"]),
            json!(["tag.created", "never.heard_of"]),
        ];
        self.me.dice.pick(&some)
    }

    /// Makes one thing wrong, sometimes.
    fn spoil_webhook(&mut self, body: &mut Map<String, Value>, new: bool) -> Option<String> {
        if !self.me.dice.chance(25) {
            return None;
        }
        let inward = "/url target_not_allowed";
        let mut faults = vec![
            ("url", json!("https://127.0.0.1/hook"), inward),
            ("url", json!("http://example.com/hook"), inward),
            ("url", json!("https://me:secret@example.com/"), inward),
            ("url", json!(7), "/url wrong_type"),
            ("url", Value::Null, "/url not_null"),
            ("kinds", json!([]), "/kinds too_many"),
            ("kinds", json!(["task"]), "/kinds unknown_value"),
            ("secret", json!("mine"), "/secret unknown_field"),
        ];
        if !new {
            faults.push(("enabled", Value::Null, "/enabled not_null"));
        }
        let (member, value, fault) = self.me.dice.pick(&faults);
        body.insert(member.into(), value);
        Some(fault.to_owned())
    }
}
