//! What a note is, and what clients send to make or change one.

use domain_kit::{Answer, Members, text};
use jiff::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

domain_kit::problems! {
    /// What can go wrong with notes, and with nothing else.
    pub enum NoteProblem {
        NoteNotFound = NOT_FOUND "note_not_found", "No such note",
            "The path names a note that is not one of the user's.", "It may have been deleted: read the list again.";
    }
}

/// A note. Every member is always there.
#[derive(Debug, Serialize, ToSchema)]
pub struct Note {
    pub id: Uuid,
    pub title: String,
    #[schema(required = true)]
    pub content: Option<String>,
    /// Counts the changes.
    pub version: i64,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
}

/// A note to be made.
#[derive(Debug, ToSchema)]
pub struct NewNote {
    /// White space around it is taken off.
    #[schema(min_length = 1, max_length = 200)]
    pub title: String,
    #[schema(max_length = 20_000)]
    pub content: Option<String>,
}

/// A change to a note (JSON merge patch, RFC 7396): what is absent stays, `null` empties.
#[derive(Debug, ToSchema)]
pub struct NotePatch {
    #[schema(min_length = 1, max_length = 200, nullable = false)]
    pub title: Option<String>,
    #[schema(value_type = Option<String>, max_length = 20_000)]
    pub content: Option<Option<String>>,
}

/// What the server decides.
const READ_ONLY: [&str; 4] = ["id", "version", "created_at", "updated_at"];

impl NewNote {
    pub fn read(mut body: Members) -> Answer<Self> {
        body.read_only(&READ_ONLY);
        let title = body.required("title", text(1, 200));
        let content = body.optional("content", text(0, 20_000)).flatten();
        body.finish_some(title.map(|title| Self { title, content }))
    }
}

impl NotePatch {
    pub fn read(mut body: Members) -> Answer<Self> {
        body.read_only(&READ_ONLY);
        let title = body.not_null("title", text(1, 200));
        let content = body.optional("content", text(0, 20_000));
        body.finish(Self { title, content })
    }

    /// What `note` says after it; `None` when it says nothing.
    pub fn apply(self, note: &Note) -> Option<NewNote> {
        (self.title.is_some() || self.content.is_some()).then(|| NewNote {
            title: self.title.unwrap_or_else(|| note.title.clone()),
            content: self.content.unwrap_or_else(|| note.content.clone()),
        })
    }
}
