//! Everything of a user's, gone at their wish.

use std::time::Duration;

use test_door::{Ask, User};

use super::{act::Act, shown::refused};

/// Where rows of users are.
const TABLES: [&str; 7] = [
    "users",
    "tasks",
    "tags",
    "task_tags",
    "events",
    "idempotency",
    "webhooks",
];

impl Act<'_> {
    /// Seldom done, and often tried in vain.
    pub async fn erase(&mut self) {
        let id = self.me.id;
        let another = self.another();
        let theirs = self.world.borrow().id_of(another);
        self.me.user = self.house.user(id);
        let ask = self.mine(Ask::delete(""));
        match self.me.dice.below(6) {
            0 => {
                let answer = self.ask("erase", &ask).await;
                refused(&answer, 400, "invalid_header", &[]);
            }
            1 => {
                let ask = ask.header("confirm", theirs.to_string());
                let answer = self.ask("erase", &ask).await;
                refused(&answer, 400, "invalid_header", &[]);
            }
            2 => {
                let lain =
                    |token: auth_testkit::TokenBuilder| token.minted_ago(Duration::from_secs(360));
                let token = self.house.issuer.mint(id, lain);
                let fresh = std::mem::replace(&mut self.me.user, User { token });
                let ask = ask.header("confirm", id.to_string());
                let answer = self.ask("erase", &ask).await;
                self.me.user = fresh;
                refused(&answer, 403, "token_not_fresh", &[]);
            }
            // One has very many tags, of which there are to be more than come along with a page.
            _ if self.me.place == 0 => {}
            _ => {
                let ask = ask.header("confirm", id.to_string());
                let answer = self.ask("erase", &ask).await;
                assert_eq!((answer.status.as_u16(), &*answer.text), (204, ""));
                self.nothing_is_left().await;
            }
        }
    }

    async fn nothing_is_left(&mut self) {
        let mut kept = Vec::new();
        for table in TABLES {
            let sql = format!("SELECT count(*) FROM app.{table} WHERE user_id = $1");
            let row = self.house.admin.query_one(&sql, &[&self.me.id]).await;
            if row.unwrap().get::<_, i64>(0) > 0 {
                kept.push(table);
            }
        }
        assert!(kept.is_empty(), "{kept:?}");
        self.me.forget_all();
        // They come back, with another token: the old one is of a user who was there before.
        self.me.user = self.house.user(self.me.id);
        self.list_webhooks().await;
        self.look_back().await;
        self.look_at_everything().await;
        self.export().await;
    }
}
