//! Notes in PostgreSQL, as one user sees them. `$1` of every statement is the user, bound by the scope.

use domain_kit::{Answer, FromRow, IfMatch, UserScope, UserTx, from_row, logged};
use uuid::Uuid;

use crate::note::{NewNote, Note, NotePatch, NoteProblem};

from_row!(Note { id, title, content, version, created_at, updated_at } else NoteProblem::NoteNotFound);

/// `$2` the id before which to begin, `$3` how many. A UUIDv7 begins with its time: the newest note has the greatest id.
const LIST: &str =
    "SELECT * FROM app.notes WHERE user_id = $1 AND id < $2 ORDER BY id DESC LIMIT $3";
/// `$2` id.
const FIND: &str = "SELECT * FROM app.notes WHERE user_id = $1 AND id = $2";
/// `$2` id, `$3` title, `$4` content.
const CREATE: &str = logged!("note.created" =>
    "INSERT INTO app.notes (user_id, id, title, content) VALUES ($1, $2, $3, $4)");
/// Parameters as of [`CREATE`].
const CHANGE: &str = logged!("note.updated" =>
    "UPDATE app.notes SET title = $3, content = $4, version = version + 1, updated_at = now()
      WHERE user_id = $1 AND id = $2");
/// `$2` id.
const DELETE: &str =
    logged!("note.deleted" => "DELETE FROM app.notes WHERE user_id = $1 AND id = $2");

/// The newest first; those after `last`.
pub async fn list(user: &UserScope, last: Option<Uuid>, rows: i64) -> Answer<Vec<Note>> {
    let before = last.unwrap_or(Uuid::max());
    Note::all(&user.query(LIST, &[&before, &rows]).await?)
}

pub async fn find(user: &UserScope, id: Uuid) -> Answer<Note> {
    Note::found(user.query_opt(FIND, &[&id]).await?)
}

pub async fn create(tx: &UserTx<'_>, new: &NewNote) -> Answer<Note> {
    let NewNote { title, content } = new;
    Note::found(
        tx.query_opt(CREATE, &[&Uuid::now_v7(), title, content])
            .await?,
    )
}

pub async fn change(user: &UserScope, id: Uuid, seen: &IfMatch, patch: NotePatch) -> Answer<Note> {
    user.transaction(async |tx| {
        let note: Note = seen.hold(tx, FIND, &[&id]).await?;
        let Some(NewNote { title, content }) = patch.apply(&note) else {
            return Ok(note);
        };
        Note::found(tx.query_opt(CHANGE, &[&id, &title, &content]).await?)
    })
    .await
}

pub async fn delete(user: &UserScope, id: Uuid, seen: &IfMatch) -> Answer<()> {
    user.transaction(async |tx| {
        seen.hold::<Note>(tx, FIND, &[&id]).await?;
        Ok(tx.query(DELETE, &[&id]).await.map(drop)?)
    })
    .await
}
