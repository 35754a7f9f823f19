use std::cell::RefCell;

use serde_json::json;
use uuid::Uuid;

use super::{
    WORDS,
    house::House,
    moment::UNKNOWN,
    person::Person,
    words::Words,
    world::{Shared, World},
};
use test_door::{Answer, Ask, Door};

/// One user at the door.
pub struct Act<'a> {
    door: &'a Door,
    pub house: &'a House,
    pub words: &'a Words,
    pub world: &'a RefCell<World>,
    pub me: &'a mut Person,
}

impl<'a> Act<'a> {
    pub fn new(
        door: &'a Door,
        house: &'a House,
        words: &'a Words,
        world: &'a RefCell<World>,
        me: &'a mut Person,
    ) -> Self {
        Self {
            door,
            house,
            words,
            world,
            me,
        }
    }

    pub async fn anything(&mut self) {
        // Nothing is known yet of the change that this may make.
        self.me.moment = UNKNOWN;
        // Few enough tasks that most requests meet one which others have met.
        if self.me.live().count() > 50 && self.me.dice.chance(40) {
            // Not often a whole tree, which takes long to grow.
            let target = self.task();
            return self.delete_task(target).await;
        }
        if self.me.dice.chance(15) {
            return self.look_beyond_tasks().await;
        }
        match self.me.dice.below(100) {
            0..11 => self.create_task().await,
            11..16 => self.read_task().await,
            16..29 => self.list_tasks().await,
            29..33 => self.walk_on().await,
            33..38 => self.put_task().await,
            38..47 => self.patch_task().await,
            47..51 => self.set_completion().await,
            51..54 => self.complete_or_toggle().await,
            54..57 => {
                let target = self.task_or_parent();
                self.delete_task(target).await;
            }
            57..60 => self.restore_task().await,
            60 => self.purge_task().await,
            61 => self.empty_trash().await,
            62..66 => self.move_task().await,
            66..73 => self.change_several().await,
            73 => self.count_tasks().await,
            74 | 75 => self.list_tags_of_task().await,
            76..79 => self.link_tag().await,
            79 | 80 => self.set_tags().await,
            81 | 82 => self.unlink_tag().await,
            83..86 => self.list_tags().await,
            86 | 87 => self.create_tag().await,
            88 => self.read_tag().await,
            89 => self.list_occurrences().await,
            90 => self.put_or_patch_tag().await,
            91 => self.delete_tag().await,
            92..95 => self.repeat_with_the_same_key().await,
            95 => self.use_a_key_again().await,
            96 => self.use_a_cursor_elsewhere().await,
            97 | 98 => self.ask_again().await,
            _ => self.knock_at_another_door().await,
        }
    }

    /// What comes of tasks, and all of them at once.
    async fn look_beyond_tasks(&mut self) {
        match self.me.dice.below(100) {
            0..12 => self.catch_up().await,
            12..30 => self.look_back().await,
            30..47 => self.listen().await,
            47..54 => self.export().await,
            54..69 => self.import().await,
            69..74 => self.calendar().await,
            74..96 => self.webhooks().await,
            96..98 => self.grow_old().await,
            _ => self.erase().await,
        }
    }

    pub async fn ask(&mut self, kind: &'static str, ask: &Ask) -> Answer {
        let answer = self.door.ask(&self.me.user, ask).await;
        self.noted(kind, ask, answer)
    }

    /// So many messages of a stream, or a refusal.
    pub async fn ask_for_messages(
        &mut self,
        kind: &'static str,
        ask: &Ask,
        messages: usize,
    ) -> Answer {
        let answer = self.door.listen(&self.me.user, ask, messages).await;
        self.noted(kind, ask, answer)
    }

    fn noted(&self, kind: &'static str, ask: &Ask, answer: Answer) -> Answer {
        let mut world = self.world.borrow_mut();
        world.count(kind, answer.status.as_u16());
        world.note(self.me.place, ask, &answer);
        answer
    }

    pub fn saw(&self, what: &'static str, times: usize) {
        self.world.borrow_mut().saw(what, times);
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
        let ask = match self.me.dice.below(17) {
            10 => Ask::get("/changes?since=0"),
            11 => Ask::get("/events"),
            12 => Ask::get("/export"),
            13 => Ask::post("/import?mode=replace").body("application/x-ndjson", "{}"),
            14 => Ask::get("/webhooks"),
            15 => Ask::post("/webhooks").json(&json!({"url": "https://example.com/"})),
            16 => Ask::delete("").header("confirm", owner.to_string()),
            0 => Ask::get("/tasks"),
            1 => Ask::get(format!("/tasks/{task}")),
            2 => Ask::post("/tasks").json(&json!({"title": "for you"})),
            3 => Ask::delete(format!("/tasks/{task}")),
            4 => Ask::get("/tags?color=red"),
            5 => Ask::post(format!("/tasks/{task}/restore")),
            6 => Ask::delete("/trash"),
            7 => Ask::get("/tasks/stats"),
            8 => Ask::post("/tasks/batch")
                .json(&json!({"operations": [{"op": "delete", "id": task}]})),
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
        let theirs = self.me.dice.any(of(&world.shared[other]).iter().copied());
        // What was brought in from them has the same id here.
        let mine = |id: &Uuid| {
            let me = &self.me;
            me.tasks.contains_key(id) || me.tags.contains_key(id) || me.webhooks.contains_key(id)
        };
        theirs.filter(|id| !mine(id)).unwrap_or_else(Uuid::now_v7)
    }
}
