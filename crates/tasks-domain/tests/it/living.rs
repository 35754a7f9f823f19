//! Tasks below tasks, in the trash, in order, and coming again.

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use crate::support::{Answer, Ask, Door, House, User};

/// A user at the door, who makes tasks quickly.
pub struct Guest {
    pub house: House,
    pub door: Door,
    pub user: User,
}

impl Guest {
    pub async fn new() -> Self {
        let house = House::new().await;
        let (door, user) = (house.door().await, house.user());
        Self { house, door, user }
    }

    pub async fn ask(&self, ask: Ask) -> Answer {
        self.door.ask(&self.user, &ask).await
    }

    pub async fn make(&self, body: Value) -> String {
        let answer = self.ask(Ask::post("/tasks").json(&body)).await;
        assert_eq!(answer.status, 201, "{}", answer.text);
        answer.id().to_owned()
    }

    /// A task of this title, below another one.
    pub async fn below(&self, parent: &str, title: &str) -> String {
        self.make(json!({"title": title, "parent_id": parent}))
            .await
    }

    pub async fn read(&self, id: &str) -> Value {
        self.ask(Ask::get(format!("/tasks/{id}"))).await.body
    }

    pub async fn complete(&self, id: &str) -> Answer {
        let path = format!("/tasks/{id}/completion");
        self.ask(Ask::put(path).json(&json!({"completed": true})))
            .await
    }

    /// The titles of a list, in its order.
    pub async fn titles(&self, query: &str) -> Vec<String> {
        let answer = self.ask(Ask::get(format!("/tasks?{query}"))).await;
        assert_eq!(answer.status, 200, "{}", answer.text);
        let items = answer.body["items"].as_array().cloned().unwrap();
        let titles = items.iter().map(|task| task["title"].as_str().unwrap());
        titles.map(str::to_owned).collect()
    }

    /// `kind title` of all that has happened, in its order.
    pub async fn events(&self) -> Vec<String> {
        let sql = "SELECT e.kind || ' ' || coalesce(t.title, 'gone') FROM app.events e
                     LEFT JOIN app.tasks t ON t.id = e.entity_id ORDER BY e.seq";
        let admin = self.house.database.admin().await;
        let rows = admin.query(sql, &[]).await.unwrap();
        rows.iter().map(|row| row.get(0)).collect()
    }
}

fn time(value: &Value) -> Timestamp {
    value.as_str().unwrap().parse().unwrap()
}

#[actix_web::test]
async fn a_subtask_stands_below_its_task_and_a_list_shows_one_level() {
    let guest = Guest::new().await;
    let trip = guest.make(json!({"title": "Trip"})).await;
    let pack = guest.below(&trip, "Pack").await;
    guest.below(&pack, "Socks").await;
    assert_eq!(guest.read(&pack).await["parent_id"], json!(trip));
    assert_eq!(guest.titles("parent_id=none").await, ["Trip"]);
    assert_eq!(guest.titles(&format!("parent_id={trip}")).await, ["Pack"]);
    assert_eq!(guest.titles("sort_by=title&order=asc").await.len(), 3);

    let out = Ask::patch(format!("/tasks/{pack}")).json(&json!({"parent_id": null}));
    assert_eq!(guest.ask(out).await.body["parent_id"], Value::Null);
    assert_eq!(guest.titles("parent_id=none").await, ["Pack", "Trip"]);
}

#[actix_web::test]
async fn a_parent_is_ones_own_and_not_below_its_child_or_five_levels_down() {
    let guest = Guest::new().await;
    let mut line = vec![guest.make(json!({"title": "1"})).await];
    for level in 2..=5 {
        let last = line.last().unwrap().clone();
        line.push(guest.below(&last, &level.to_string()).await);
    }
    let other = guest.make(json!({"title": "other"})).await;
    let other_child = guest.below(&other, "other's").await;
    let stranger = guest.house.user();
    let theirs = guest
        .door
        .ask(&stranger, &Ask::post("/tasks").json(&json!({"title": "x"})))
        .await;
    let trashed = guest.make(json!({"title": "trashed"})).await;
    guest.ask(Ask::delete(format!("/tasks/{trashed}"))).await;

    let cases = [
        (&other, json!(theirs.id()), "parent_not_found"),
        (&other, json!(trashed), "parent_not_found"),
        (&other, json!(uuid::Uuid::now_v7()), "parent_not_found"),
        (&other, json!("x"), "invalid_id"),
        (&other, json!(7), "wrong_type"),
        (&line[0], json!(line[0]), "parent_cycle"),
        (&line[0], json!(line[4]), "parent_cycle"),
        (&line[3], json!(line[4]), "parent_cycle"),
        (&other, json!(line[4]), "too_deep"),
        // With what is below it.
        (&other, json!(line[3]), "too_deep"),
    ];
    for (task, parent, code) in cases {
        let before = guest.read(task).await;
        for ask in [
            Ask::patch(format!("/tasks/{task}")),
            Ask::put(format!("/tasks/{task}")),
        ] {
            let answer = guest
                .ask(ask.json(&json!({"title": "moved", "parent_id": parent})))
                .await;
            assert_eq!(answer.refusal(), (422, "validation_failed"), "{code}");
            assert_eq!(answer.errors(), [format!("/parent_id {code}")]);
        }
        assert_eq!(guest.read(task).await, before);
    }
    let new = json!({"title": "new", "parent_id": line[4]});
    let answer = guest.ask(Ask::post("/tasks").json(&new)).await;
    assert_eq!(answer.errors(), ["/parent_id too_deep"]);
    let moved = Ask::patch(format!("/tasks/{other}")).json(&json!({"parent_id": line[2]}));
    assert_eq!(guest.ask(moved).await.status, 200);
    assert_eq!(guest.read(&other_child).await["parent_id"], json!(other));
}

#[actix_web::test]
async fn a_task_takes_all_below_it_along_into_the_trash_and_back() {
    let guest = Guest::new().await;
    let trip = guest.make(json!({"title": "Trip"})).await;
    let pack = guest.below(&trip, "Pack").await;
    let socks = guest.below(&pack, "Socks").await;
    let hat = guest.below(&pack, "Hat").await;
    // Gone before, and by itself.
    guest.ask(Ask::delete(format!("/tasks/{hat}"))).await;
    let deleted = guest.ask(Ask::delete(format!("/tasks/{pack}"))).await;
    assert_eq!(deleted.status, 204);
    assert_eq!(guest.titles("").await, ["Trip"]);
    assert_eq!(
        guest.titles("deleted=only&sort_by=title&order=asc").await,
        ["Hat", "Pack", "Socks"]
    );

    let restored = guest.ask(Ask::post(format!("/tasks/{pack}/restore"))).await;
    assert_eq!(
        (restored.status.as_u16(), &restored.body["parent_id"]),
        (200, &json!(trip))
    );
    assert_eq!(restored.body["deleted_at"], Value::Null);
    assert_eq!(guest.read(&socks).await["parent_id"], json!(pack));
    assert_eq!(guest.titles("deleted=only").await, ["Hat"]);
    // Doing it again does nothing.
    let again = guest.ask(Ask::post(format!("/tasks/{pack}/restore"))).await;
    assert_eq!(again.body, restored.body);

    // What it was below is in the trash itself: it comes back on its own.
    guest.ask(Ask::delete(format!("/tasks/{trip}"))).await;
    let alone = guest
        .ask(Ask::post(format!("/tasks/{socks}/restore")))
        .await;
    assert_eq!(alone.body["parent_id"], Value::Null);
    let whole = guest.ask(Ask::post(format!("/tasks/{trip}/restore"))).await;
    assert_eq!(whole.status, 200);
    assert_eq!(guest.read(&pack).await["parent_id"], json!(trip));

    let stranger = guest.house.user();
    let ask = Ask::post(format!("/tasks/{hat}/restore"));
    let refused = guest.door.ask(&stranger, &ask).await;
    assert_eq!(refused.refusal(), (404, "task_not_found"));
    let stale = ask.header("if-match", "\"1\"");
    assert_eq!(
        guest.ask(stale).await.refusal(),
        (412, "precondition_failed")
    );
}

#[actix_web::test]
async fn what_is_deleted_for_good_is_gone_with_all_below_it_and_nothing_else_is() {
    let guest = Guest::new().await;
    let stranger = guest.house.user();
    let make = Ask::post("/tasks").json(&json!({"title": "theirs"}));
    let theirs = guest.door.ask(&stranger, &make).await;
    let theirs = theirs.id();
    guest
        .door
        .ask(&stranger, &Ask::delete(format!("/tasks/{theirs}")))
        .await;

    let trip = guest.make(json!({"title": "Trip", "tags": ["Home"]})).await;
    let pack = guest.below(&trip, "Pack").await;
    let rest = guest.make(json!({"title": "Rest"})).await;
    for id in [&pack, &rest] {
        guest.ask(Ask::delete(format!("/tasks/{id}"))).await;
    }
    let purged = Ask::delete(format!("/tasks/{trip}?permanent=true"));
    assert_eq!(guest.ask(purged.clone()).await.status, 204);
    assert_eq!(guest.ask(purged).await.refusal(), (404, "task_not_found"));
    assert_eq!(guest.titles("deleted=only").await, ["Rest"]);
    let emptied = guest.ask(Ask::delete("/trash")).await;
    assert_eq!(
        (emptied.status.as_u16(), emptied.body),
        (200, json!({"purged": 1}))
    );
    let emptied = guest.ask(Ask::delete("/trash")).await;
    assert_eq!(emptied.body, json!({"purged": 0}));
    // The tag stays, and so does the other user's trash.
    assert_eq!(
        guest.ask(Ask::get("/tags")).await.body["items"][0]["name"],
        "Home"
    );
    let ask = Ask::post(format!("/tasks/{theirs}/restore"));
    assert_eq!(guest.door.ask(&stranger, &ask).await.status, 200);
    for query in ["permanent=yes", "permanent=true&x=1"] {
        let ask = Ask::delete(format!("/tasks/{rest}?{query}"));
        assert_eq!(guest.ask(ask).await.status, 400, "{query}");
    }
}

#[actix_web::test]
async fn completing_a_task_completes_what_is_below_it_and_opening_it_opens_it_alone() {
    let guest = Guest::new().await;
    let trip = guest.make(json!({"title": "Trip"})).await;
    let pack = guest.below(&trip, "Pack").await;
    guest.below(&pack, "Socks").await;
    let answer = guest.complete(&trip).await;
    assert_eq!(answer.body["next_occurrence"], Value::Null);
    assert_eq!(guest.titles("status=incomplete").await.len(), 0);
    let opened = Ask::put(format!("/tasks/{trip}/completion")).json(&json!({"completed": false}));
    guest.ask(opened).await;
    assert_eq!(guest.titles("status=incomplete").await, ["Trip"]);
    let events = guest.events().await;
    assert_eq!(
        events[3..],
        [
            "task.updated Trip",
            "task.updated Pack",
            "task.updated Socks",
            "task.updated Trip"
        ]
    );
}

#[actix_web::test]
async fn tasks_stand_in_the_order_that_their_user_gives_and_new_ones_at_its_end() {
    let guest = Guest::new().await;
    let mut ids = Vec::new();
    for title in ["a", "b", "c", "d"] {
        ids.push(guest.make(json!({"title": title})).await);
    }
    let order = "sort_by=position";
    assert_eq!(guest.titles(order).await, ["a", "b", "c", "d"]);
    let moves = [
        (3, "before", 0, ["d", "a", "b", "c"]),
        (0, "after", 2, ["d", "b", "c", "a"]),
        (1, "before", 2, ["d", "b", "c", "a"]),
        (1, "after", 0, ["d", "c", "a", "b"]),
    ];
    for (moved, side, other, expected) in moves {
        let ask = Ask::put(format!("/tasks/{}/position", ids[moved]));
        let answer = guest.ask(ask.json(&json!({side: ids[other]}))).await;
        assert_eq!(answer.status, 200, "{}", answer.text);
        assert_eq!(guest.titles(order).await, expected);
    }
    guest.make(json!({"title": "e"})).await;
    assert_eq!(guest.titles(order).await, ["d", "c", "a", "b", "e"]);
    assert_eq!(
        guest.titles("sort_by=position&order=desc").await,
        ["e", "b", "a", "c", "d"]
    );

    // Page by page.
    let mut path = format!("/tasks?{order}&limit=2");
    let mut seen = Vec::new();
    loop {
        let page = guest.ask(Ask::get(path.clone())).await.body;
        seen.extend(
            page["items"]
                .as_array()
                .unwrap()
                .iter()
                .map(|task| task["title"].clone()),
        );
        let Some(cursor) = page["next_cursor"].as_str() else {
            break;
        };
        path = format!("/tasks?{order}&limit=2&cursor={cursor}");
    }
    assert_eq!(seen, ["d", "c", "a", "b", "e"]);
}

#[actix_web::test]
async fn a_place_that_is_used_again_and_again_never_runs_out() {
    let guest = Guest::new().await;
    let first = guest.make(json!({"title": "first"})).await;
    let (one, other) = (
        guest.make(json!({"title": "one"})).await,
        guest.make(json!({"title": "other"})).await,
    );
    let mut longest = 0;
    for turn in 0..700 {
        let moved = if turn % 2 == 0 { &one } else { &other };
        let ask = Ask::put(format!("/tasks/{moved}/position")).json(&json!({"after": first}));
        let answer = guest.ask(ask).await;
        assert_eq!(answer.status, 200, "{}", answer.text);
        longest = longest.max(answer.body["position"].as_str().unwrap().len());
    }
    assert!((40..=64).contains(&longest), "{longest}");
    assert_eq!(
        guest.titles("sort_by=position").await,
        ["first", "other", "one"]
    );
    // It was numbered anew meanwhile, and that was nobody's change.
    assert_eq!(guest.read(&first).await["version"], 1);
    guest.make(json!({"title": "new"})).await;
    assert_eq!(
        guest.titles("sort_by=position").await.last().unwrap(),
        "new"
    );
}

#[actix_web::test]
async fn a_move_that_leads_nowhere_is_refused() {
    let guest = Guest::new().await;
    let task = guest.make(json!({"title": "task"})).await;
    let stranger = guest.house.user();
    let make = Ask::post("/tasks").json(&json!({"title": "theirs"}));
    let theirs = guest.door.ask(&stranger, &make).await;
    for (body, errors) in [
        (json!({}), " required"),
        (json!({"before": task, "after": task}), " required"),
        (json!({"before": null}), "/before not_null"),
        (json!({"after": "x"}), "/after invalid_id"),
        (json!({"after": theirs.id()}), " neighbour_not_found"),
        (
            json!({"befor": task, "after": task}),
            "/befor unknown_field",
        ),
    ] {
        let ask = Ask::put(format!("/tasks/{task}/position")).json(&body);
        let answer = guest.ask(ask).await;
        assert_eq!(answer.status, 422, "{body}");
        assert_eq!(answer.errors(), [errors], "{body}");
    }
    let ask = Ask::put(format!("/tasks/{task}/position")).json(&json!({"after": theirs.id()}));
    assert_eq!(
        guest.door.ask(&stranger, &ask).await.refusal(),
        (404, "task_not_found")
    );
}

const MONDAY: &str = "2199-01-07T09:00:00Z";

#[actix_web::test]
async fn a_task_that_recurs_is_followed_by_its_next_occurrence_once() {
    let guest = Guest::new().await;
    let body = json!({
        "title": "Report", "description": "Weekly", "priority": "high", "due_date": MONDAY,
        "reminder_at": "2199-01-07T08:00:00Z", "tags": ["Work"],
        "recurrence": {"rrule": "freq=weekly", "timezone": "Europe/Berlin"},
    });
    let first = guest.make(body).await;
    let shown = guest.read(&first).await;
    assert_eq!(
        shown["recurrence"],
        json!({"rrule": "FREQ=WEEKLY", "timezone": "Europe/Berlin"})
    );
    assert_eq!(shown["recurrence_pattern"], "weekly");
    let draft = guest.below(&first, "Draft").await;
    guest.complete(&draft).await;

    let answer = guest.complete(&first).await;
    let next = answer.body["next_occurrence"].clone();
    assert_eq!(answer.body["task"]["next_occurrence_id"], next["id"]);
    assert_eq!(next["due_date"], "2199-01-14T09:00:00Z");
    assert_eq!(next["reminder_at"], "2199-01-14T08:00:00Z");
    for member in [
        "title",
        "description",
        "priority",
        "tags",
        "recurrence",
        "parent_id",
    ] {
        assert_eq!(next[member], shown[member], "{member}");
    }
    assert_eq!(
        (&next["completed"], &next["version"]),
        (&json!(false), &json!(1))
    );
    // What is below it comes again as well, open.
    let below = format!(
        "parent_id={}&status=incomplete",
        next["id"].as_str().unwrap()
    );
    assert_eq!(guest.titles(&below).await, ["Draft"]);

    // Again, by a retry, by the other road, and after it was opened again.
    let again = guest.complete(&first).await;
    assert_eq!(again.body["next_occurrence"], next);
    let open = Ask::put(format!("/tasks/{first}/completion")).json(&json!({"completed": false}));
    assert_eq!(guest.ask(open).await.body["next_occurrence"], Value::Null);
    guest
        .ask(Ask::patch(format!("/tasks/{first}/complete")))
        .await;
    assert_eq!(guest.titles("search=report").await.len(), 2);
}

#[actix_web::test]
async fn at_the_same_time_a_task_is_followed_once_too() {
    let guest = Guest::new().await;
    let body =
        json!({"title": "Report", "due_date": MONDAY, "recurrence": {"rrule": "FREQ=DAILY"}});
    let first = guest.make(body).await;
    let ask = Ask::put(format!("/tasks/{first}/completion")).json(&json!({"completed": true}));
    let answers = futures_util::future::join_all((0..8).map(|_| guest.ask(ask.clone()))).await;
    let next = &answers[0].body["next_occurrence"]["id"];
    assert!(next.is_string());
    assert!(
        answers
            .iter()
            .all(|answer| answer.body["next_occurrence"]["id"] == *next)
    );
    assert_eq!(guest.titles("").await.len(), 2);
}

#[actix_web::test]
async fn a_series_ends_by_count_or_until_and_goes_on_from_now_when_it_was_let_lie() {
    let guest = Guest::new().await;
    let rule =
        |rrule: &str| json!({"title": "x", "due_date": MONDAY, "recurrence": {"rrule": rrule}});
    for (rrule, many) in [
        ("FREQ=DAILY;COUNT=3", 3),
        ("FREQ=DAILY;UNTIL=21990108T090000Z", 2),
    ] {
        let mut id = guest.make(rule(rrule)).await;
        let mut followed = 1;
        while let Some(next) = guest.complete(&id).await.body["next_occurrence"]["id"].as_str() {
            id = next.to_owned();
            followed += 1;
        }
        assert_eq!(followed, many, "{rrule}");
    }
    // Due years ago: the next one is not in the past, and still at its time of the day.
    let body = json!({
        "title": "Plants", "due_date": "2021-03-01T07:30:00+01:00",
        "recurrence": {"rrule": "FREQ=DAILY;INTERVAL=2", "timezone": "Europe/Berlin"},
    });
    let old = guest.make(body).await;
    let next = guest.complete(&old).await.body["next_occurrence"]["due_date"].clone();
    let next = time(&next);
    let ahead = next.duration_since(Timestamp::now());
    assert!(
        ahead > SignedDuration::ZERO && ahead <= SignedDuration::from_hours(49),
        "{next}"
    );
    let local = next.to_zoned(jiff::tz::TimeZone::get("Europe/Berlin").unwrap());
    assert_eq!((local.hour(), local.minute()), (7, 30));
}

#[actix_web::test]
async fn a_series_is_counted_from_the_due_date_that_it_was_given_with() {
    let guest = Guest::new().await;
    let body = json!({
        "title": "Rent", "due_date": "2199-01-31T12:00:00Z", "recurrence": {"rrule": "FREQ=MONTHLY"},
    });
    let january = guest.make(body).await;
    // A month without a 31st is left out, and the day is not lost by it.
    let march = guest.complete(&january).await.body["next_occurrence"].clone();
    assert_eq!(march["due_date"], "2199-03-31T12:00:00Z");
    // Another due date begins it anew; anything else does not.
    let path = format!("/tasks/{}", march["id"].as_str().unwrap());
    guest
        .ask(Ask::patch(path.clone()).json(&json!({"title": "The rent"})))
        .await;
    guest
        .ask(Ask::patch(path.clone()).json(&json!({"due_date": "2199-03-15T12:00:00Z"})))
        .await;
    let ask = Ask::get(format!("{path}/occurrences?limit=2"));
    let listed = guest.ask(ask).await.body;
    assert_eq!(
        listed,
        json!({"occurrences": ["2199-04-15T12:00:00Z", "2199-05-15T12:00:00Z"], "ends": false})
    );
}

#[actix_web::test]
async fn what_would_come_of_a_rule_is_shown_before_a_task_has_it() {
    let guest = Guest::new().await;
    let ask = |query: &str| Ask::get(format!("/recurrence?{query}"));
    // Through the night in which clocks go forward.
    let berlin = "rrule=FREQ%3DDAILY&timezone=Europe/Berlin&due_date=2026-03-28T01:30:00Z&limit=2";
    let answer = guest.ask(ask(berlin)).await;
    assert_eq!(
        answer.body,
        json!({"occurrences": ["2026-03-29T01:30:00Z", "2026-03-30T00:30:00Z"], "ends": false}),
        "02:30 in winter; there is none on the 29th, read with the offset before the gap; and 02:30 in summer"
    );
    let ends = "rrule=FREQ%3DDAILY%3BCOUNT%3D2&due_date=2026-03-28T01:30:00Z";
    let answer = guest.ask(ask(ends)).await;
    assert_eq!(
        answer.body,
        json!({"occurrences": ["2026-03-29T01:30:00Z"], "ends": true})
    );
    for (query, code) in [
        (
            "rrule=FREQ%3DHOURLY&due_date=2026-03-28T01:30:00Z",
            "invalid_parameter",
        ),
        ("rrule=x&due_date=2026-03-28T01:30:00Z", "invalid_parameter"),
        (
            "rrule=FREQ%3DDAILY&due_date=2026-03-28T01:30:00Z&timezone=Mars/Base",
            "invalid_parameter",
        ),
        (
            "rrule=FREQ%3DDAILY&due_date=2026-03-28T01:30:00",
            "invalid_parameter",
        ),
        (
            "rrule=FREQ%3DDAILY&due_date=2026-03-28T01:30:00Z&limit=101",
            "invalid_parameter",
        ),
        ("rrule=FREQ%3DDAILY", "invalid_parameter"),
        (
            "rule=FREQ%3DDAILY&rrule=FREQ%3DDAILY&due_date=2026-03-28T01:30:00Z",
            "unknown_parameter",
        ),
    ] {
        assert_eq!(
            guest.ask(ask(query)).await.refusal(),
            (400, code),
            "{query}"
        );
    }
    let plain = guest.make(json!({"title": "once"})).await;
    let answer = guest
        .ask(Ask::get(format!("/tasks/{plain}/occurrences")))
        .await;
    assert_eq!(answer.refusal(), (409, "does_not_recur"));
}

#[actix_web::test]
async fn a_recurrence_that_is_none_is_told_which_part_is_wrong() {
    let guest = Guest::new().await;
    let due = MONDAY;
    for (body, error) in [
        (
            json!({"recurrence": {"rrule": "FREQ=DAILY"}}),
            "/recurrence needs_due_date",
        ),
        (
            json!({"due_date": due, "recurrence": {}}),
            "/recurrence/rrule required",
        ),
        (
            json!({"due_date": due, "recurrence": {"rrule": "DAILY"}}),
            "/recurrence/rrule invalid_recurrence",
        ),
        (
            json!({"due_date": due, "recurrence": {"rrule": "FREQ=SECONDLY"}}),
            "/recurrence/rrule recurs_too_often",
        ),
        (
            json!({"due_date": due, "recurrence": {"rrule": "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30"}}),
            "/recurrence/rrule never_occurs",
        ),
        (
            json!({"due_date": due, "recurrence": {"rrule": format!("FREQ=DAILY;BYMONTH={}", "1,".repeat(400))}}),
            "/recurrence/rrule too_long",
        ),
        (
            json!({"due_date": due, "recurrence": {"rrule": "FREQ=DAILY", "timezone": "Mars/Base"}}),
            "/recurrence/timezone unknown_time_zone",
        ),
        (
            json!({"due_date": due, "recurrence": {"rrule": "FREQ=DAILY", "zone": "UTC"}}),
            "/recurrence/zone unknown_field",
        ),
        (
            json!({"due_date": due, "recurrence": "FREQ=DAILY"}),
            "/recurrence wrong_type",
        ),
        (
            json!({"due_date": due, "recurrence_pattern": "hourly"}),
            "/recurrence_pattern unknown_value",
        ),
        (
            json!({"due_date": due, "recurrence_pattern": "custom"}),
            "/recurrence_config/rrule required",
        ),
        (
            json!({"due_date": due, "recurrence_config": {"rrule": "FREQ=DAILY", "exceptions": [due]}}),
            "/recurrence_config/exceptions invalid_recurrence",
        ),
    ] {
        let mut body = body;
        body["title"] = json!("x");
        let answer = guest.ask(Ask::post("/tasks").json(&body)).await;
        assert_eq!(
            (answer.status.as_u16(), answer.errors()),
            (422, vec![error.to_owned()]),
            "{body}"
        );
    }
    // Judged on the task that comes out.
    let task = guest
        .make(json!({"title": "x", "due_date": due, "recurrence": {"rrule": "FREQ=DAILY"}}))
        .await;
    let undue = Ask::patch(format!("/tasks/{task}")).json(&json!({"due_date": null}));
    assert_eq!(
        guest.ask(undue).await.errors(),
        ["/recurrence needs_due_date"]
    );
}

#[actix_web::test]
async fn clients_of_old_say_how_a_task_recurs_in_their_words() {
    let guest = Guest::new().await;
    for (body, rrule, zone, pattern) in [
        (
            json!({"recurrence_pattern": "daily"}),
            "FREQ=DAILY",
            "UTC",
            "daily",
        ),
        (
            json!({"recurrence_pattern": "monthly", "recurrence_config": {"timezone": "Asia/Kathmandu"}}),
            "FREQ=MONTHLY",
            "Asia/Kathmandu",
            "monthly",
        ),
        (
            json!({"recurrence_pattern": "weekly", "recurrence_config": {"end_date": "2199-03-01T00:00:00Z", "exceptions": []}}),
            "FREQ=WEEKLY;UNTIL=21990301T000000Z",
            "UTC",
            "weekly",
        ),
        (
            json!({"recurrence_pattern": "custom", "recurrence_config": {"rrule": "FREQ=DAILY;INTERVAL=2"}}),
            "FREQ=DAILY;INTERVAL=2",
            "UTC",
            "custom",
        ),
    ] {
        let mut body = body;
        body["title"] = json!("x");
        body["due_date"] = json!(MONDAY);
        let task = guest.make(body).await;
        let shown = guest.read(&task).await;
        assert_eq!(
            shown["recurrence"],
            json!({"rrule": rrule, "timezone": zone})
        );
        assert_eq!(shown["recurrence_pattern"], pattern);
        // What was read can be put back, and nothing begins anew.
        let put = guest
            .ask(Ask::put(format!("/tasks/{task}")).json(&shown))
            .await;
        assert_eq!(put.body["recurrence"], shown["recurrence"]);
        let none =
            Ask::patch(format!("/tasks/{task}")).json(&json!({"recurrence_pattern": "none"}));
        assert_eq!(guest.ask(none).await.body["recurrence"], Value::Null);
    }
}
