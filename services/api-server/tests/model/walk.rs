use std::cmp::Ordering;

use actix_web::http::{Method, header};
use serde_json::json;
use uuid::Uuid;

use super::{
    act::Act,
    lists::{Position, Query, Rows},
    shown::refused,
};
use test_door::{Answer, Ask, encoded};

/// A list that was read up to here.
#[derive(Debug, Clone)]
pub struct Walk {
    query: Query,
    after: Position,
    cursor: String,
}

/// A page that was read, as it was then.
#[derive(Debug, Clone)]
pub struct Known {
    page: Page,
    etag: String,
    text: String,
}

/// One page of a list.
#[derive(Debug, Clone)]
struct Page {
    query: Query,
    limit: Option<usize>,
    total: Option<&'static str>,
    number: Option<usize>,
    after: Option<(Position, String)>,
}

impl Page {
    fn ask(&self) -> Ask {
        let mut parameters = vec![self.query.text.clone()];
        parameters.extend(self.limit.map(|limit| format!("limit={limit}")));
        parameters.extend(self.total.map(|total| format!("total={total}")));
        parameters.extend(self.number.map(|number| format!("page={number}")));
        let cursor = self.after.as_ref().map(|(_, cursor)| encoded(cursor));
        parameters.extend(cursor.map(|cursor| format!("cursor={cursor}")));
        parameters.retain(|parameter| !parameter.is_empty());
        let question = if parameters.is_empty() { "" } else { "?" };
        Ask::get(format!(
            "{}{question}{}",
            self.query.path,
            parameters.join("&")
        ))
    }
}

impl Act<'_> {
    pub async fn list_tasks(&mut self) {
        let query = self.any_query();
        self.list(query).await;
    }

    pub async fn list_tags(&mut self) {
        let query = self.any_tags_query();
        self.list(query).await;
    }

    async fn list(&mut self, query: Query) {
        let dice = &mut self.me.dice;
        let page = Page {
            query,
            limit: dice.chance(80).then(|| 1 + dice.below(12)),
            total: dice.pick(&[None, None, Some("none"), Some("exact")]),
            number: dice.chance(15).then(|| 1 + dice.below(4)),
            after: None,
        };
        self.read(page).await;
        // To the end, often; what is left is read when other things have happened.
        while self.me.dice.chance(60) && !self.me.walks.is_empty() {
            self.walk_on().await;
        }
    }

    /// The page after one that was read just now or long ago: whatever comes after its last row now.
    pub async fn walk_on(&mut self) {
        let Some(walk) = self.me.walks.pop() else {
            return;
        };
        let mut walk = walk;
        if self.me.dice.chance(30) && !self.me.walks.is_empty() {
            let other = self.me.dice.below(self.me.walks.len());
            std::mem::swap(&mut walk, &mut self.me.walks[other]);
        }
        let dice = &mut self.me.dice;
        let page = Page {
            query: walk.query,
            limit: dice.chance(80).then(|| 1 + dice.below(20)),
            total: dice.pick(&[None, None, Some("none"), Some("exact")]),
            number: None,
            after: Some((walk.after, walk.cursor)),
        };
        self.read(page).await;
    }

    async fn read(&mut self, page: Page) {
        let ask = self.mine(page.ask());
        let kind = match page.query.rows {
            Rows::Tasks(..) => "list tasks",
            Rows::Tags { .. } => "list tags",
        };
        let answer = self.ask(kind, &ask).await;
        assert_eq!(answer.status, 200, "{}", answer.text);
        let rows = self.is_page(&page, &answer);
        let etag = answer.header(header::ETAG).to_owned();
        assert_ne!(etag, "");
        assert_eq!(answer.header(header::CACHE_CONTROL), "private, no-cache");
        let known = Known {
            page: page.clone(),
            etag: etag.clone(),
            text: answer.text.clone(),
        };
        if self.me.dice.chance(10) {
            self.ask_whether_changed(known.clone()).await;
        }
        self.me.known.truncate(20);
        self.me.known.insert(0, known);
        if self.me.dice.chance(5) {
            let head = Ask {
                method: Method::HEAD,
                ..ask
            };
            let answer = self.ask("ask about a list", &head).await;
            assert_eq!(
                (answer.status.as_u16(), answer.header(header::ETAG)),
                (200, &*etag)
            );
        }
        if let (Some(last), Some(cursor)) = (rows.last(), answer.body["next_cursor"].as_str()) {
            let shared = &mut self.world.borrow_mut().shared[self.me.place].cursors;
            let list = format!("{}?{}", page.query.path, page.query.text);
            shared.truncate(20);
            shared.insert(0, (list, cursor.to_owned()));
            self.me.walks.push(Walk {
                query: page.query.clone(),
                after: last.clone(),
                cursor: cursor.to_owned(),
            });
            if self.me.walks.len() > 30 {
                self.me.walks.remove(0);
            }
        }
    }

    /// Whether one of the pages that were read is still the same.
    pub async fn ask_again(&mut self) {
        if let Some(known) = self.me.dice.any(&self.me.known).cloned() {
            self.ask_whether_changed(known).await;
        }
    }

    /// One on which the tag is, if there is any.
    pub async fn ask_again_where_it_shows(&mut self, tag: Uuid) {
        let tag = tag.to_string();
        let showing = self
            .me
            .known
            .iter()
            .filter(|known| known.text.contains(&tag));
        if let Some(known) = self.me.dice.any(showing).cloned() {
            self.ask_whether_changed(known).await;
        }
    }

    /// Asks for a page that was read before, unless it is still the same.
    async fn ask_whether_changed(&mut self, known: Known) {
        let Known { page, etag, text } = known;
        let none_match =
            self.me
                .dice
                .pick(&[etag.clone(), format!("W/{etag}"), format!("\"x\", {etag}")]);
        let ask = self.mine(page.ask()).header("if-none-match", none_match);
        let answer = self.ask("ask whether a list has changed", &ask).await;
        match answer.status.as_u16() {
            304 => {
                assert_eq!((&*answer.text, answer.header(header::ETAG)), ("", &*etag));
                // Then what was shown is what there is.
                let as_it_was = Answer {
                    body: serde_json::from_str(&text).unwrap(),
                    text,
                    ..answer
                };
                self.is_page(&page, &as_it_was);
            }
            200 => {
                assert_ne!(answer.text, text, "nothing has changed");
                assert_ne!(answer.header(header::ETAG), etag);
                self.is_page(&page, &answer);
            }
            _ => panic!("{}", answer.text),
        }
    }

    /// Whether the page shows what it should, and which rows these are.
    fn is_page(&mut self, page: &Page, answer: &Answer) -> Vec<Position> {
        let rows = self.rows(&page.query);
        let total = rows.len();
        let limit = page.limit.unwrap_or(50);
        let ascending = page.query.ascending();
        let skipped = (page.number.unwrap_or(1) - 1) * limit;
        let mut rows = rows
            .into_iter()
            .filter(|row| match &page.after {
                Some((after, _)) => row.compare(after, ascending) == Ordering::Greater,
                None => true,
            })
            .skip(skipped);
        let shown: Vec<_> = rows.by_ref().take(limit).collect();
        let has_more = rows.next().is_some();
        if let Rows::Tags { .. } = page.query.rows {
            let items = answer.body["items"].as_array().cloned().unwrap_or_default();
            for (row, item) in shown.iter().zip(&items) {
                self.learn_times(row.id(), item);
            }
        }
        // Who asks for a page by its number wants to know of how many, unless they say otherwise.
        let counted = page
            .total
            .map_or(page.number.is_some(), |total| total == "exact");
        let cursor = &answer.body["next_cursor"];
        assert_eq!(
            answer.body,
            json!({
                "items": self.items(&page.query, &shown),
                "limit": limit,
                "next_cursor": cursor,
                "has_more": has_more,
                "total": counted.then_some(total),
                "page": page.number,
                "total_pages": counted.then(|| total.div_ceil(limit)),
            })
        );
        assert_eq!(cursor.is_string(), has_more, "{cursor}");
        shown
    }

    /// A cursor leads on in the list of its own user that it came from, and in no other.
    pub async fn use_a_cursor_elsewhere(&mut self) {
        let another = self.another();
        let own = self.me.dice.chance(40);
        let from = if own { self.me.place } else { another };
        let cursors = self.world.borrow().shared[from].cursors.clone();
        let Some((list, cursor)) = self.me.dice.any(cursors) else {
            return;
        };
        // Nobody has a word like this, so it is another list than all others.
        let list = match own {
            true => self
                .me
                .dice
                .pick(&["/tasks?search=elsewhere", "/tasks?tag=elsewhere"])
                .to_owned(),
            false => list,
        };
        // That one's own tag was named by its id is told first.
        if self
            .me
            .tags
            .keys()
            .any(|id| list.contains(&format!("tag={id}")))
        {
            return;
        }
        let ask = Ask::get(format!("{list}&cursor={}", encoded(&cursor)).replace("?&", "?"));
        let answer = self.ask("use a cursor elsewhere", &ask).await;
        refused(&answer, 400, "invalid_cursor", &[]);
    }

    /// All that there is, page by page.
    pub async fn look_at_everything(&mut self) {
        for in_trash in [false, true] {
            self.read_all(Query::of_all(in_trash)).await;
            self.read_all(Query::in_order(in_trash)).await;
        }
        let tags = Query {
            path: "/tags",
            text: "with_counts=true".to_owned(),
            rows: Rows::Tags { with_counts: true },
        };
        self.read_all(tags).await;
    }

    async fn read_all(&mut self, query: Query) {
        self.me.walks.clear();
        let page = Page {
            query,
            limit: Some(200),
            total: Some("exact"),
            number: None,
            after: None,
        };
        self.read(page).await;
        while let Some(walk) = self.me.walks.pop() {
            let page = Page {
                query: walk.query,
                limit: Some(200),
                total: Some("exact"),
                number: None,
                after: Some((walk.after, walk.cursor)),
            };
            self.read(page).await;
        }
    }
}
