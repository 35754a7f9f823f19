//! Notes of one user: a whole domain, as small as it can be and leave nothing out. `docs/adding-a-domain.md` walks through it.
//! `note.rs` says what a note is, `store.rs` how it is kept, and this file what clients can do with it.

use actix_web::{HttpRequest, HttpResponse, web};
use domain_kit::{
    Answer, AsUser, Domain, EntityTag, IdempotencyKey, IfMatch, IfNoneMatch, Keyed, Members,
    NoQuery, OpenApi, Page, Paging, ProblemKind, Reply, UserDb, answers_with, at_most_once,
    path_id, read_response, refuse_unknown_members,
};

mod note;
mod store;

use note::{NewNote, Note, NotePatch, NoteProblem};

/// Notes, kept in the database that it is made with.
#[derive(Debug, Clone)]
pub struct NotesDomain(UserDb);

impl NotesDomain {
    /// The domain over `db`.
    pub fn new(db: UserDb) -> Self {
        Self(db)
    }
}

impl Domain for NotesDomain {
    fn name(&self) -> &'static str {
        "notes"
    }

    fn routes(&self, cfg: &mut web::ServiceConfig) {
        let notes = web::resource("/notes").get(list_notes).head(list_notes);
        let note = web::resource("/notes/{note_id}")
            .get(find_note)
            .head(find_note);
        cfg.app_data(web::Data::new(self.0.for_worker()))
            .service(notes.post(create_note))
            .service(note.patch(patch_note).delete(delete_note));
    }

    fn openapi(&self) -> OpenApi {
        #[derive(utoipa::OpenApi)]
        #[openapi(paths(list_notes, create_note, find_note, patch_note, delete_note))]
        struct Fragment;
        let mut fragment = <Fragment as utoipa::OpenApi>::openapi();
        refuse_unknown_members(&mut fragment, &["NewNote", "NotePatch"]);
        for operation in ["find_note", "patch_note", "delete_note"] {
            answers_with(&mut fragment, operation, NoteProblem::kinds());
        }
        fragment
    }

    fn problems(&self) -> Vec<ProblemKind> {
        NoteProblem::kinds()
    }
}

path_id! {
    /// The note that the path names.
    struct NoteId = "note_id", else NoteProblem::NoteNotFound;
}

/// List notes, the newest first
#[utoipa::path(get, path = "/notes", tag = "notes", params(Paging),
    responses((status = 200, description = "A page of notes", body = Page<Note>)))]
async fn list_notes(user: AsUser, paging: Paging) -> Answer {
    let cursors = user.cursors("notes, the newest first").await?;
    let last = paging.after(&cursors)?;
    let notes = store::list(&user, last, paging.rows()).await?;
    let page = paging.page(notes, &cursors, |note| note.id);
    Ok(Reply::ok(&page)?.into_response())
}

/// Create a note
#[utoipa::path(post, path = "/notes", tag = "notes", params(IdempotencyKey), request_body = NewNote,
    responses((status = 201, description = "The note; `Location` says where it is", body = Note)))]
async fn create_note(req: HttpRequest, user: AsUser, _: NoQuery, new: Keyed<Members>) -> Answer {
    let note = NewNote::read(new.body)?;
    at_most_once(new.key.as_ref(), &user, async |tx| {
        let note = store::create(tx, &note).await?;
        let location = format!("{}/{}", req.path(), note.id);
        Ok(Reply::created(location, &note)?.version(note.version))
    })
    .await
}

/// Get a note
#[utoipa::path(get, path = "/notes/{note_id}", tag = "notes", params(NoteId, IfNoneMatch),
    responses((status = 200, description = "The note", body = Note), (status = 304, description = "It is as you have it")))]
async fn find_note(user: AsUser, id: NoteId, _: NoQuery, known: IfNoneMatch) -> Answer {
    let note = store::find(&user, id.0).await?;
    read_response(&known, &EntityTag::of_version(note.version), || Ok(&note))
}

/// Change a note
#[utoipa::path(patch, path = "/notes/{note_id}", tag = "notes", params(NoteId, IfMatch),
    request_body(content((NotePatch = "application/json"), (NotePatch = "application/merge-patch+json"))),
    responses((status = 200, description = "The note as it is now", body = Note)))]
async fn patch_note(user: AsUser, id: NoteId, _: NoQuery, seen: IfMatch, patch: Members) -> Answer {
    let note = store::change(&user, id.0, &seen, NotePatch::read(patch)?).await?;
    Ok(Reply::ok(&note)?.version(note.version).into_response())
}

/// Delete a note
#[utoipa::path(delete, path = "/notes/{note_id}", tag = "notes", params(NoteId, IfMatch),
    responses((status = 204, description = "Deleted")))]
async fn delete_note(user: AsUser, id: NoteId, _: NoQuery, seen: IfMatch) -> Answer {
    store::delete(&user, id.0, &seen).await?;
    Ok(HttpResponse::NoContent().finish())
}
