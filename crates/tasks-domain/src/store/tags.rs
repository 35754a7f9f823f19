//! Tags in PostgreSQL, as one user sees them.

use domain_kit::{IfMatch, Row, StoreError, UserScope, UserTx};
use uuid::Uuid;

use super::{Refusal, only_current, read};
use crate::{
    sql,
    task::{Color, NewTag, Tag, TagName, TagPatch},
};

/// Which tags, and what about them.
#[derive(Debug, Clone, Default)]
pub struct TagQuery {
    /// Those after the one with this name in lower case.
    pub after: Option<String>,
    pub skip: u32,
    /// At most so many.
    pub limit: u32,
    pub with_total: bool,
    pub with_counts: bool,
}

/// A part of the list of tags.
#[derive(Debug)]
pub struct ListedTags {
    /// Each with its name in lower case, which they are sorted by.
    pub tags: Vec<(String, Tag)>,
    pub total: Option<i64>,
}

/// By name, whatever its case.
pub async fn list_tags(user: &UserScope, query: &TagQuery) -> Result<ListedTags, StoreError> {
    let after = query.after.as_deref().unwrap_or_default();
    let (skip, limit) = (i64::from(query.skip), i64::from(query.limit));
    let rows = user
        .query(
            sql::LIST_TAGS,
            &[&after, &skip, &limit, &query.with_total, &query.with_counts],
        )
        .await?;
    let total: Option<Option<i64>> = rows.first().map(|row| read(row, "total")).transpose()?;
    let mut tags = Vec::with_capacity(rows.len());
    for row in &rows {
        // Without a tag there is a row for the total alone.
        if let Some(name_key) = read(row, "name_key")? {
            tags.push((name_key, read_tag(row)?));
        }
    }
    Ok(ListedTags {
        tags,
        total: total.flatten(),
    })
}

/// The tags of one task, by name; `None` when there is no such live task.
pub async fn list_tags_of_task(
    user: &UserScope,
    task: Uuid,
) -> Result<Option<Vec<Tag>>, StoreError> {
    read_tags_of_task(&user.query(sql::LIST_TAGS_OF_TASK, &[&task]).await?)
}

/// [`list_tags_of_task`] as a part of a transaction.
pub async fn list_tags_of_task_in(
    tx: &UserTx<'_>,
    task: Uuid,
) -> Result<Option<Vec<Tag>>, StoreError> {
    read_tags_of_task(&tx.query(sql::LIST_TAGS_OF_TASK, &[&task]).await?)
}

fn read_tags_of_task(rows: &[Row]) -> Result<Option<Vec<Tag>>, StoreError> {
    if rows.is_empty() {
        return Ok(None);
    }
    let mut tags = Vec::with_capacity(rows.len());
    for row in rows {
        if read::<Option<Uuid>>(row, "id")?.is_some() {
            tags.push(read_tag(row)?);
        }
    }
    Ok(Some(tags))
}

pub async fn find_tag(user: &UserScope, id: Uuid) -> Result<Option<Tag>, StoreError> {
    let row = user.query_opt(sql::FIND_TAG, &[&id]).await?;
    row.as_ref().map(read_tag).transpose()
}

pub async fn create_tag(user: &UserScope, id: Uuid, tag: &NewTag) -> Result<Tag, Refusal> {
    let (name, color) = (tag.name.as_str(), tag.color.as_str());
    let made = user.query_opt(sql::CREATE_TAG, &[&id, &name, &color]).await;
    read_created(made)
}

/// [`create_tag`] as a part of a transaction that holds the user's other changes back.
pub async fn create_tag_in(tx: &UserTx<'_>, id: Uuid, tag: &NewTag) -> Result<Tag, Refusal> {
    let (name, color) = (tag.name.as_str(), tag.color.as_str());
    let made = tx.query_opt(sql::CREATE_TAG, &[&id, &name, &color]).await;
    read_created(made)
}

pub async fn change_tag(
    user: &UserScope,
    id: Uuid,
    if_match: &IfMatch,
    patch: &TagPatch,
) -> Result<Tag, Refusal> {
    if patch.is_empty() {
        let tag = find_tag(user, id).await?.ok_or(Refusal::NoSuchTag)?;
        return match if_match.allows(tag.version) {
            true => Ok(tag),
            false => Err(Refusal::NotCurrent),
        };
    }
    let versions = if_match.versions();
    let name = patch.name.as_ref().map(TagName::as_str);
    let color = patch.color.as_ref().map(Color::as_str);
    let changed = user
        .change_opt(sql::CHANGE_TAG, &[&id, &versions, &name, &color])
        .await
        .map_err(name_taken)?;
    let row = changed.ok_or(Refusal::NoSuchTag)?;
    only_current(&row)?;
    Ok(read_tag(&row)?)
}

/// For good; tasks that carry it lose it.
pub async fn delete_tag(user: &UserScope, id: Uuid, if_match: &IfMatch) -> Result<(), Refusal> {
    let versions = if_match.versions();
    let row = user.change_opt(sql::DELETE_TAG, &[&id, &versions]).await?;
    only_current(&row.ok_or(Refusal::NoSuchTag)?)
}

fn read_created(made: Result<Option<Row>, StoreError>) -> Result<Tag, Refusal> {
    let row = made.map_err(name_taken)?.ok_or(Refusal::UserGone)?;
    Ok(read_tag(&row)?)
}

fn name_taken(error: StoreError) -> Refusal {
    match error.is_constraint("tags_name_unique") {
        true => Refusal::TagNameTaken,
        false => error.into(),
    }
}

pub(super) fn read_tag(row: &Row) -> Result<Tag, StoreError> {
    Ok(Tag {
        id: row.try_get("id")?,
        user_id: row.try_get("user_id")?,
        name: row.try_get("name")?,
        color: row.try_get("color")?,
        version: row.try_get("version")?,
        created_at: row.try_get("created_at")?,
        updated_at: row.try_get("updated_at")?,
        task_count: row.try_get("task_count")?,
    })
}
