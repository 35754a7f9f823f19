use actix_web::{HttpRequest, HttpResponse, web};
use domain_kit::{
    Body, CurrentUser, Cursors, EntityTag, IfMatch, IfNoneMatch, Keyed, NoQuery, Page, QueryString,
    Reply, StateDigest, UserDb, read_response,
};
use uuid::Uuid;

use super::{Answer, TagId, add_page, finish_page};
use crate::{
    problem::TaskProblem,
    store::tags::{self, TagQuery},
    task::Tag,
    wire::{
        TagOut,
        bodies::{NewTagBody, PatchTagBody, ReplaceTagBody},
        parameters::{Paging, flag},
    },
};

/// List tags
///
/// In the order of their names, a page at a time.
#[utoipa::path(
    get, path = "/tags", tag = "tags", operation_id = "list_tags",
    params(
        ("with_counts" = Option<bool>, Query, description = "`true` counts the tasks of each tag"),
        ("limit" = Option<u32>, Query, description = "Most tags on the page; 50, unless said otherwise", minimum = 1, maximum = 200, example = 50),
        ("cursor" = Option<String>, Query, description = "`next_cursor` of the page before"),
        ("total" = Option<String>, Query, description = "`exact` counts the tags on all pages; `none` is the default", example = "exact"),
        ("page" = Option<u32>, Query, description = "The number of the page, for clients that count pages; counts them, too. At most 10,000 tags are skipped", minimum = 1),
        ("If-None-Match" = Option<String>, Header, description = "Entity tags of pages that the client has"),
    ),
    responses(
        (status = 200, description = "A page of tags", body = Page<TagOut>, headers(("ETag" = String, description = "Names this state of the page"))),
        (status = 304, description = "The client has this page already"),
    ),
)]
pub async fn list_tags(
    req: HttpRequest,
    user: CurrentUser,
    known: IfNoneMatch,
    db: web::Data<UserDb>,
) -> Answer {
    let mut query = QueryString::parse(req.query_string())?;
    let with_counts = query.take("with_counts", flag)?.unwrap_or_default();
    let paging = Paging::read(&mut query)?;
    query.finish()?;

    let cursors = Cursors::of(&db, user.user_id(), "tags by name").await?;
    let after: Option<String> = match &paging.cursor {
        Some(cursor) => Some(cursors.read(cursor)?),
        None => None,
    };
    let query = TagQuery {
        after,
        skip: paging.skip().unwrap_or_default(),
        limit: paging.limit + 1,
        with_total: paging.with_total,
        with_counts,
    };
    let listed = tags::list_tags(&db.as_user(&user), &query).await?;
    let page = Page::from_one_too_many(listed.tags, paging.limit, |(name_key, _)| {
        cursors.after(name_key)
    });
    let page = finish_page(page, &paging, listed.total);
    let mut state = StateDigest::default();
    add_page(&mut state, &page, &paging);
    for (_, tag) in &page.items {
        state.add(tag.id.as_bytes());
        state.add(&tag.version.to_le_bytes());
        state.add(format!("{:?}", tag.task_count).as_bytes());
    }
    read_response(&known, &EntityTag::of_state(state), || {
        Ok(page.as_ref().map(|(_, tag)| TagOut::from(tag)))
    })
}

/// Create a tag
///
/// Sent again with the same `Idempotency-Key` it is created once.
#[utoipa::path(
    post, path = "/tags", tag = "tags", operation_id = "create_tag",
    params(("Idempotency-Key" = Option<String>, Header, description = "Of the client's choice, 1 to 255 visible ASCII characters; the first answer is given again for 24 hours", max_length = 255, example = "5f0c7d0e")),
    request_body = NewTagBody,
    responses((status = 201, description = "The tag", body = TagOut, headers(
        ("Location" = String, description = "Where the tag is from now on"),
        ("ETag" = String, description = "Names this state of the tag"),
        ("Idempotency-Replayed" = String, description = "`true` where this is the answer to an earlier request with this key"),
    ))),
)]
pub async fn create_tag(
    req: HttpRequest,
    user: CurrentUser,
    _: NoQuery,
    db: web::Data<UserDb>,
    body: Keyed<NewTagBody>,
) -> Answer {
    let Keyed { body, key } = body;
    let tag = body.parse()?;
    let scope = db.as_user(&user);
    let id = Uuid::now_v7();
    let reply = |tag: &Tag| {
        let location = format!("{}/{}", req.path(), tag.id);
        let reply = Reply::created(location, &TagOut::from(tag))?;
        Ok(reply.entity_tag(&EntityTag::of_version(tag.version)))
    };
    match key {
        None => {
            let tag = tags::create_tag(&scope, id, &tag).await?;
            Ok(reply(&tag)?.into_response())
        }
        Some(key) => {
            key.once(&scope, async |tx| {
                reply(&tags::create_tag_in(tx, id, &tag).await?)
            })
            .await
        }
    }
}

/// Get a tag
///
/// Without the number of its tasks, which the list tells that is asked `with_counts`.
#[utoipa::path(
    get, path = "/tags/{tag_id}", tag = "tags", operation_id = "find_tag",
    params(
        ("tag_id" = Uuid, Path, description = "The tag's id"),
        ("If-None-Match" = Option<String>, Header, description = "Entity tags of states that the client has"),
    ),
    responses(
        (status = 200, description = "The tag", body = TagOut, headers(("ETag" = String, description = "Names this state of the tag"))),
        (status = 304, description = "The client has this state already"),
    ),
)]
pub async fn find_tag(
    user: CurrentUser,
    TagId(id): TagId,
    _: NoQuery,
    known: IfNoneMatch,
    db: web::Data<UserDb>,
) -> Answer {
    let found = tags::find_tag(&db.as_user(&user), id).await?;
    let tag = found.ok_or(TaskProblem::TagNotFound)?;
    read_response(&known, &EntityTag::of_version(tag.version), || {
        Ok(TagOut::from(&tag))
    })
}

/// Update a tag
///
/// What the body leaves out stays, as it did in the API that this one follows. A tag as it was read is a legal body.
#[utoipa::path(
    put, path = "/tags/{tag_id}", tag = "tags", operation_id = "replace_tag",
    params(
        ("tag_id" = Uuid, Path, description = "The tag's id"),
        ("If-Match" = Option<String>, Header, description = "Entity tags of which the tag must have one; else 412", example = "\"1\""),
    ),
    request_body(content = ReplaceTagBody, example = json!({"name": "Garden", "color": "#10B981"})),
    responses((status = 200, description = "The tag as it is now", body = TagOut, headers(("ETag" = String, description = "Names this state of the tag")))),
)]
pub async fn replace_tag(
    user: CurrentUser,
    TagId(id): TagId,
    _: NoQuery,
    if_match: IfMatch,
    db: web::Data<UserDb>,
    body: Body<ReplaceTagBody>,
) -> Answer {
    let patch = body.0.parse()?;
    changed(&tags::change_tag(&db.as_user(&user), id, &if_match, &patch).await?)
}

/// Change a tag
///
/// A JSON merge patch (RFC 7396): what is absent stays.
#[utoipa::path(
    patch, path = "/tags/{tag_id}", tag = "tags", operation_id = "patch_tag",
    params(
        ("tag_id" = Uuid, Path, description = "The tag's id"),
        ("If-Match" = Option<String>, Header, description = "Entity tags of which the tag must have one; else 412", example = "\"1\""),
    ),
    request_body(content((PatchTagBody = "application/json", example = json!({"color": "#3B82F6"})), (PatchTagBody = "application/merge-patch+json", example = json!({"color": "#3B82F6"})))),
    responses((status = 200, description = "The tag as it is now", body = TagOut, headers(("ETag" = String, description = "Names this state of the tag")))),
)]
pub async fn patch_tag(
    user: CurrentUser,
    TagId(id): TagId,
    _: NoQuery,
    if_match: IfMatch,
    db: web::Data<UserDb>,
    body: Body<PatchTagBody>,
) -> Answer {
    let patch = body.0.parse()?;
    changed(&tags::change_tag(&db.as_user(&user), id, &if_match, &patch).await?)
}

/// Delete a tag
///
/// For good: tasks that carry it lose it, and its name is free.
#[utoipa::path(
    delete, path = "/tags/{tag_id}", tag = "tags", operation_id = "delete_tag",
    params(
        ("tag_id" = Uuid, Path, description = "The tag's id"),
        ("If-Match" = Option<String>, Header, description = "Entity tags of which the tag must have one; else 412", example = "\"1\""),
    ),
    responses((status = 204, description = "Deleted")),
)]
pub async fn delete_tag(
    user: CurrentUser,
    TagId(id): TagId,
    _: NoQuery,
    if_match: IfMatch,
    db: web::Data<UserDb>,
) -> Answer {
    tags::delete_tag(&db.as_user(&user), id, &if_match).await?;
    Ok(HttpResponse::NoContent().finish())
}

fn changed(tag: &Tag) -> Answer {
    let reply = Reply::ok(&TagOut::from(tag))?;
    let tag = EntityTag::of_version(tag.version);
    Ok(reply.entity_tag(&tag).into_response())
}
