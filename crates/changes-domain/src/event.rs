//! An event, as JSON and as a part of a stream.

use jiff::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

/// Something that has happened to something of the user's.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Event {
    /// Numbers the user's events, without gaps, from 1 on.
    #[schema(minimum = 1, example = 17)]
    pub seq: i64,
    pub at: Timestamp,
    /// What it was: `task.created`, `task.updated`, `tag.deleted` and so on. New ones may come.
    #[schema(example = "task.updated")]
    pub kind: String,
    /// What it has happened to.
    pub entity_id: Uuid,
    /// The version that this has after it. It may have a later one by now.
    #[schema(example = 3)]
    pub version: i64,
}

impl Event {
    /// As server-sent events are written (HTML, section 9.2.6). Neither of its parts has a line end in it.
    pub fn as_message(&self) -> Result<String, serde_json::Error> {
        let Self { seq, kind, .. } = self;
        let data = serde_json::to_string(self)?;
        Ok(format!("id: {seq}\nevent: {kind}\ndata: {data}\n\n"))
    }
}

/// The first message: that the stream has begun, and after which event. A client that comes back before another one says so.
pub fn beginning(seq: i64) -> String {
    format!("retry: 2000\nid: {seq}\nevent: ready\ndata: {{\"seq\":{seq}}}\n\n")
}

/// The last message to whoever has to bring another token.
pub const REAUTH: &str = "event: reauth\ndata: {}\n\n";

/// A comment, to keep the way open and to notice when it is not.
pub const HEARTBEAT: &str = ": \n\n";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_ends_with_an_empty_line_and_names_its_event_so_that_a_client_can_come_back() {
        let event = Event {
            seq: 7,
            at: "2026-03-01T09:00:00Z".parse().unwrap(),
            kind: "task.updated".to_owned(),
            entity_id: Uuid::nil(),
            version: 3,
        };
        assert_eq!(
            event.as_message().unwrap(),
            "id: 7\nevent: task.updated\ndata: {\"seq\":7,\"at\":\"2026-03-01T09:00:00Z\",\"kind\":\"task.updated\",\
             \"entity_id\":\"00000000-0000-0000-0000-000000000000\",\"version\":3}\n\n"
        );
        for message in [&beginning(7), REAUTH, HEARTBEAT] {
            assert!(message.ends_with("\n\n"));
        }
    }
}
