use std::cell::RefCell;

use serde_json::json;
use uuid::Uuid;

use super::{
    WORDS,
    person::Person,
    words::Words,
    world::{Shared, World},
};
use crate::support::{Answer, Ask, Door};

/// One user at the door.
pub struct Act<'a> {
    door: &'a Door,
    pub words: &'a Words,
    pub world: &'a RefCell<World>,
    pub me: &'a mut Person,
}

impl<'a> Act<'a> {
    pub fn new(
        door: &'a Door,
        words: &'a Words,
        world: &'a RefCell<World>,
        me: &'a mut Person,
    ) -> Self {
        Self {
            door,
            words,
            world,
            me,
        }
    }

    pub async fn anything(&mut self) {
        // Few enough tasks that most requests meet one which others have met.
        if self.me.live().count() > 50 && self.me.dice.chance(40) {
            return self.delete_task().await;
        }
        match self.me.dice.below(100) {
            0..12 => self.create_task().await,
            12..20 => self.read_task().await,
            20..36 => self.list_tasks().await,
            36..40 => self.walk_on().await,
            40..45 => self.put_task().await,
            45..54 => self.patch_task().await,
            54..57 => self.set_completion().await,
            57..60 => self.complete_or_toggle().await,
            60..63 => self.delete_task().await,
            63..66 => self.list_tags_of_task().await,
            66..69 => self.link_tag().await,
            69..72 => self.set_tags().await,
            72..75 => self.unlink_tag().await,
            75..79 => self.list_tags().await,
            79..83 => self.create_tag().await,
            83..85 => self.read_tag().await,
            85..88 => self.put_or_patch_tag().await,
            88..90 => self.delete_tag().await,
            90..94 => self.repeat_with_the_same_key().await,
            94..96 => self.use_a_key_again().await,
            96 => self.use_a_cursor_elsewhere().await,
            97 | 98 => self.ask_again().await,
            _ => self.knock_at_another_door().await,
        }
    }

    pub async fn ask(&mut self, kind: &'static str, ask: &Ask) -> Answer {
        let answer = self.door.ask(&self.me.user, ask).await;
        let mut world = self.world.borrow_mut();
        world.count(kind, answer.status.as_u16());
        world.note(self.me.place, ask, &answer);
        answer
    }

    /// The same request, sent to one of the names of the same place.
    pub fn mine(&mut self, ask: Ask) -> Ask {
        match self.me.dice.below(10) {
            0 => ask.of(self.me.id.to_string()),
            1 => ask.of(self.me.id.to_string().to_uppercase()),
            _ => ask,
        }
    }

    pub fn another(&mut self) -> usize {
        let step = 1 + self.me.dice.below(WORDS.len() - 1);
        (self.me.place + step) % WORDS.len()
    }

    /// Another user's path is forbidden, whatever is asked of it.
    async fn knock_at_another_door(&mut self) {
        let another = self.another();
        let task = self.theirs(another, |shared| &shared.tasks);
        let owner = self.world.borrow().id_of(another);
        let ask = match self.me.dice.below(6) {
            0 => Ask::get("/tasks"),
            1 => Ask::get(format!("/tasks/{task}")),
            2 => Ask::post("/tasks").json(&json!({"title": "for you"})),
            3 => Ask::delete(format!("/tasks/{task}")),
            4 => Ask::get("/tags?color=red"),
            _ => Ask::patch(format!("/tasks/{task}/complete")),
        };
        let answer = self
            .ask("another user's path", &ask.of(owner.to_string()))
            .await;
        assert_eq!(answer.refusal(), (403, "user_mismatch"));
    }

    /// An id that another user has; any, as long as they have none.
    pub fn theirs(&mut self, other: usize, of: impl Fn(&Shared) -> &Vec<Uuid>) -> Uuid {
        let world = self.world.borrow();
        let ids = of(&world.shared[other]);
        if ids.is_empty() {
            Uuid::now_v7()
        } else {
            self.me.dice.pick(ids)
        }
    }
}
