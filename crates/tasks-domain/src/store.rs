//! Tasks and tags in PostgreSQL, as one user sees them. `$1` of every statement is the user, bound by the scope.

use std::collections::HashSet;

use domain_kit::{Json, Param, Row, StoreError, UserScope, UserTx};
use jiff::Timestamp;
use uuid::Uuid;

use crate::{
    sql,
    task::{
        Description, NewTag, Priority, Schedule, Tag, TagChoice, TagRef, Task, TaskContent,
        TaskPatch, Title,
    },
};

/// Why a change was not made.
#[derive(Debug)]
pub enum Refusal {
    /// The user was erased meanwhile.
    UserGone,
    /// The user has no such live task.
    NoSuchTask,
    /// The tag at this place of the list is not one of the user's.
    NoSuchTag(usize),
    /// The change would put the reminder on or after the due date.
    ReminderNotBeforeDue,
    /// The user has a tag of that name.
    TagNameTaken,
    Store(StoreError),
}

impl From<StoreError> for Refusal {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

/// Which tasks, and how many.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TaskQuery {
    /// Only the completed ones, or only the others.
    pub completed: Option<bool>,
    /// Those that come after this one.
    pub after: Option<(Timestamp, Uuid)>,
    /// At most so many.
    pub limit: i64,
}

/// The newest first.
pub async fn list_tasks(user: &UserScope, query: &TaskQuery) -> Result<Vec<Task>, StoreError> {
    // Without a cursor: after a task from the end of time. The one statement then always enters the index at a key.
    let (created_at, id) = query.after.unwrap_or((END_OF_TIME, Uuid::max()));
    let rows = user
        .query(
            sql::LIST_TASKS,
            &[&created_at, &id, &query.completed, &query.limit],
        )
        .await?;
    rows.iter().map(read_task).collect()
}

pub async fn find_task(user: &UserScope, id: Uuid) -> Result<Option<Task>, StoreError> {
    user.query_opt(sql::FIND_TASK, &[&id])
        .await?
        .as_ref()
        .map(read_task)
        .transpose()
}

/// Makes the task, and in the same transaction the tags that it names and nobody made yet.
pub async fn create_task(
    user: &UserScope,
    id: Uuid,
    content: &TaskContent,
) -> Result<Task, Refusal> {
    if content.tags.is_empty() {
        let values = TaskValues::new(id, content, Vec::new());
        let row = user.query_opt(sql::CREATE_TASK, &values.params()).await?;
        return Ok(read_task(&row.ok_or(Refusal::UserGone)?)?);
    }
    user.transaction(async |tx| {
        lock_user(tx).await?;
        let tags = resolve_tags(tx, &content.tags).await?;
        let values = TaskValues::new(id, content, tags);
        let row = tx.query_opt(sql::CREATE_TASK, &values.params()).await?;
        Ok(read_task(&row.ok_or(Refusal::UserGone)?)?)
    })
    .await
}

/// Puts `content` in the place of what the task was.
pub async fn replace_task(
    user: &UserScope,
    id: Uuid,
    content: &TaskContent,
) -> Result<Task, Refusal> {
    change_task(user, id, |_| Some(content.clone())).await
}

/// Changes a part of the task.
pub async fn patch_task(user: &UserScope, id: Uuid, patch: TaskPatch) -> Result<Task, Refusal> {
    if patch.is_empty() {
        return find_task(user, id).await?.ok_or(Refusal::NoSuchTask);
    }
    change_task(user, id, |task| patch.apply(task)).await
}

/// Puts the task into the trash. `false` when there was no such live task.
pub async fn delete_task(user: &UserScope, id: Uuid) -> Result<bool, StoreError> {
    Ok(user.query_opt(sql::DELETE_TASK, &[&id]).await?.is_some())
}

/// By name, whatever its case; after the one with this lower-case name.
pub async fn list_tags(
    user: &UserScope,
    after: Option<&str>,
    limit: i64,
) -> Result<Vec<(String, Tag)>, StoreError> {
    let rows = user
        .query(sql::LIST_TAGS, &[&after.unwrap_or_default(), &limit])
        .await?;
    rows.iter()
        .map(|row| Ok((row.try_get("name_key")?, read_tag(row)?)))
        .collect()
}

pub async fn create_tag(user: &UserScope, id: Uuid, tag: &NewTag) -> Result<Tag, Refusal> {
    let made = user
        .query_opt(
            sql::CREATE_TAG,
            &[&id, &tag.name.as_str(), &tag.color.as_str()],
        )
        .await;
    match made {
        Ok(Some(row)) => Ok(read_tag(&row)?),
        Ok(None) => Err(Refusal::UserGone),
        Err(error) if error.is_constraint("tags_name_unique") => Err(Refusal::TagNameTaken),
        Err(error) => Err(error.into()),
    }
}

async fn change_task(
    user: &UserScope,
    id: Uuid,
    change: impl FnOnce(&Task) -> Option<TaskContent>,
) -> Result<Task, Refusal> {
    user.transaction(async |tx| {
        lock_user(tx).await?;
        let found = tx.query_opt(sql::FIND_TASK, &[&id]).await?;
        let task = read_task(&found.ok_or(Refusal::NoSuchTask)?)?;
        let content = change(&task).ok_or(Refusal::ReminderNotBeforeDue)?;
        let tags = resolve_tags(tx, &content.tags).await?;
        let values = TaskValues::new(id, &content, tags);
        let row = tx.query_opt(sql::CHANGE_TASK, &values.params()).await?;
        Ok(read_task(&row.ok_or(Refusal::NoSuchTask)?)?)
    })
    .await
}

/// Holds the user's other changes back until this transaction ends: reads made after it stay true.
async fn lock_user(tx: &UserTx<'_>) -> Result<(), Refusal> {
    tx.query_opt(sql::LOCK_USER, &[])
        .await?
        .map(drop)
        .ok_or(Refusal::UserGone)
}

/// The ids of the chosen tags, each once; those that are named and not there are made. Wants [`lock_user`] first.
async fn resolve_tags(tx: &UserTx<'_>, choices: &[TagChoice]) -> Result<Vec<Uuid>, Refusal> {
    let ids: Vec<Uuid> = choices
        .iter()
        .filter_map(|choice| match choice {
            TagChoice::Id(id) => Some(*id),
            TagChoice::Named(_) => None,
        })
        .collect();
    let mut found = HashSet::new();
    if !ids.is_empty() {
        for row in tx.query(sql::FIND_TAGS, &[&ids]).await? {
            found.insert(row.try_get::<_, Uuid>(0).map_err(StoreError::from)?);
        }
        let missing =
            |choice: &TagChoice| matches!(choice, TagChoice::Id(id) if !found.contains(id));
        if let Some(place) = choices.iter().position(missing) {
            return Err(Refusal::NoSuchTag(place));
        }
    }

    let mut named: (Vec<Uuid>, Vec<&str>, Vec<&str>) = Default::default();
    for choice in choices {
        if let TagChoice::Named(NewTag { name, color }) = choice {
            named.0.push(Uuid::now_v7());
            named.1.push(name.as_str());
            named.2.push(color.as_str());
        }
    }
    if !named.0.is_empty() {
        for row in tx
            .query(sql::MAKE_TAGS, &[&named.0, &named.1, &named.2])
            .await?
        {
            found.insert(row.try_get::<_, Uuid>(0).map_err(StoreError::from)?);
        }
    }
    Ok(found.into_iter().collect())
}

/// Later than every instant that a task can be made at.
const END_OF_TIME: Timestamp = Timestamp::constant(253_402_207_200, 0);

/// A task's content in the order of the parameters of [`sql::CREATE_TASK`] and [`sql::CHANGE_TASK`].
struct TaskValues<'a> {
    id: Uuid,
    title: &'a str,
    description: Option<&'a str>,
    completed: bool,
    priority: i16,
    due_date: Option<Timestamp>,
    reminder_at: Option<Timestamp>,
    tags: Vec<Uuid>,
}

impl<'a> TaskValues<'a> {
    fn new(id: Uuid, content: &'a TaskContent, tags: Vec<Uuid>) -> Self {
        Self {
            id,
            title: content.title.as_str(),
            description: content.description.as_ref().map(Description::as_str),
            completed: content.completed,
            priority: content.priority.rank(),
            due_date: content.schedule.due_date(),
            reminder_at: content.schedule.reminder_at(),
            tags,
        }
    }

    fn params(&self) -> [Param<'_>; 8] {
        let Self {
            id,
            title,
            description,
            completed,
            priority,
            due_date,
            reminder_at,
            tags,
        } = self;
        [
            id,
            title,
            description,
            completed,
            priority,
            due_date,
            reminder_at,
            tags,
        ]
    }
}

/// A row of [`sql`]'s task columns. A row that is no task (a constraint of the schema was dropped by hand) is an error.
fn read_task(row: &Row) -> Result<Task, StoreError> {
    let broken = |what: &str| StoreError::Broken(format!("stored task has {what}").into());
    let description: Option<&str> = row.try_get("description")?;
    let Json(tags): Json<Vec<TagRef>> = row.try_get("tags")?;
    Ok(Task {
        id: row.try_get("id")?,
        user_id: row.try_get("user_id")?,
        title: Title::parse(row.try_get("title")?).map_err(|_| broken("a bad title"))?,
        description: description
            .map(Description::parse)
            .transpose()
            .map_err(|_| broken("a bad description"))?,
        completed_at: row.try_get("completed_at")?,
        priority: Priority::from_rank(row.try_get("priority")?)
            .ok_or_else(|| broken("a bad priority"))?,
        schedule: Schedule::new(row.try_get("due_date")?, row.try_get("reminder_at")?)
            .ok_or_else(|| broken("a reminder after its due date"))?,
        tags,
        version: row.try_get("version")?,
        created_at: row.try_get("created_at")?,
        updated_at: row.try_get("updated_at")?,
        deleted_at: row.try_get("deleted_at")?,
    })
}

fn read_tag(row: &Row) -> Result<Tag, StoreError> {
    Ok(Tag {
        id: row.try_get("id")?,
        user_id: row.try_get("user_id")?,
        name: row.try_get("name")?,
        color: row.try_get("color")?,
        version: row.try_get("version")?,
        created_at: row.try_get("created_at")?,
        updated_at: row.try_get("updated_at")?,
    })
}
