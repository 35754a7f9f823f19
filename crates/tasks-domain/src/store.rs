//! Tasks in PostgreSQL, as one user sees them. `$1` of every statement is the user, bound by the scope.

use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
};

use domain_kit::{IfMatch, Param, Row, StoreError, UserScope, UserTx};
use jiff::Timestamp;
use uuid::Uuid;

use crate::{
    recurrence::Recurrence,
    selection::{Place, SortBy, SortKey, Start, TaskSelection},
    sql::{self, list::ListTasks},
    task::{
        Completion, Description, MOST_TAGS, NewTag, Priority, Schedule, Series, Tag, TagChoice,
        TagChoices, TagRef, Task, TaskContent, TaskPatch, Title,
    },
};

pub mod batch;
pub mod order;
pub mod stats;
pub mod tags;
pub mod transfer;
pub mod tree;

/// Why a change was not made.
#[derive(Debug)]
pub enum Refusal {
    /// The user was erased meanwhile.
    UserGone,
    /// The user has no such live task.
    NoSuchTask,
    /// The user has no such tag.
    NoSuchTag,
    /// The tag at this place of a task's list is not one of the user's.
    NoSuchTagAt(usize),
    /// The task does not carry the tag.
    TagNotAssigned,
    /// The task carries the tag already.
    TagAssigned,
    /// The task carries as many tags as a task can.
    TooManyTags,
    /// It is not in a state that the client has seen.
    NotCurrent,
    /// The change would put the reminder on or after the due date.
    ReminderNotBeforeDue,
    /// The change would leave a task that recurs without a due date.
    RecursWithoutDue,
    /// The user has no live task to put this one below.
    NoSuchParent,
    /// The parent is the task itself, or below it.
    ParentBelow,
    /// There would be more levels than there can be.
    TooDeep,
    /// There is no task to stand beside.
    NoSuchNeighbour,
    /// The task does not recur.
    DoesNotRecur,
    /// The user has a tag of that name.
    TagNameTaken,
    Store(StoreError),
}

impl From<StoreError> for Refusal {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

/// A part of a list.
#[derive(Debug)]
pub struct Listed {
    /// As many as were asked for, or all that there are.
    pub tasks: Vec<Task>,
    /// What the last of them is sorted by, where it is not one of its members.
    pub title_keys: Vec<Option<String>>,
    /// How many there are in the whole list, if that was asked.
    pub total: Option<i64>,
}

impl Listed {
    /// Where the task at `index` stands in the list.
    pub fn place(&self, selection: &TaskSelection, index: usize) -> Option<Place> {
        let task = self.tasks.get(index)?;
        let key = match selection.sort_by {
            SortBy::CreatedAt => SortKey::Time(task.created_at),
            SortBy::UpdatedAt => SortKey::Time(task.updated_at),
            SortBy::DueDate => SortKey::Due(task.schedule.due_date()),
            SortBy::Priority => SortKey::Rank(task.priority.rank()),
            SortBy::Title => SortKey::Title(self.title_keys.get(index)?.clone()?),
            SortBy::Position => SortKey::Position(task.position().into_owned()),
        };
        Some(Place { key, id: task.id })
    }
}

/// The tasks that `selection` means, from `start` on, at most `limit`.
pub async fn list_tasks(
    user: &UserScope,
    selection: &TaskSelection,
    start: &Start,
    limit: u32,
    with_total: bool,
) -> Result<Listed, StoreError> {
    let ListTasks { sql, params } = sql::list::list_tasks(selection, start, limit, with_total);
    let kept = selection.is_common() && !with_total && !matches!(start, Start::Skip(_));
    let rows = if kept {
        let params: Vec<Param<'_>> = params.iter().map(|(value, _)| &**value as _).collect();
        user.query(&sql, &params).await?
    } else {
        let params: Vec<_> = params
            .iter()
            .map(|(value, kind)| (&**value as Param<'_>, kind.clone()))
            .collect();
        user.query_once(&sql, &params).await?
    };
    read_list(user, &rows).await
}

/// Which of `names` are ids of tags, and names of none: somebody took the one parameter for the other.
pub async fn ids_taken_for_names(
    user: &UserScope,
    names: &[Uuid],
) -> Result<Option<Uuid>, StoreError> {
    let rows = user.query(sql::IDS_TAKEN_FOR_NAMES, &[&names]).await?;
    Ok(rows.first().map(|row| row.try_get(0)).transpose()?)
}

pub async fn find_task(user: &UserScope, id: Uuid) -> Result<Option<Task>, StoreError> {
    user.query_opt(sql::FIND_TASK, &[&id])
        .await?
        .as_ref()
        .map(read_task)
        .transpose()
}

/// How the task recurs: the rule, from when it is counted, and after when the next occurrence is still to come.
pub async fn find_series(
    user: &UserScope,
    id: Uuid,
    now: Timestamp,
) -> Result<(Recurrence, Timestamp, Timestamp), Refusal> {
    let task = find_task(user, id).await?.ok_or(Refusal::NoSuchTask)?;
    let series = task.series.as_ref().ok_or(Refusal::DoesNotRecur)?;
    let due = task.schedule.due_date().unwrap_or(now);
    Ok((read_rule(series)?, series.from, due.max(now)))
}

fn read_rule(series: &Series) -> Result<Recurrence, StoreError> {
    Recurrence::parse(&series.rrule, &series.time_zone).map_err(|fault| {
        let detail = fault.detail();
        StoreError::Broken(format!("stored task has a bad recurrence: {detail}").into())
    })
}

/// Makes the task, and in the same transaction the tags that it names and nobody made yet.
pub async fn create_task(
    user: &UserScope,
    id: Uuid,
    content: &TaskContent,
) -> Result<Task, Refusal> {
    if content.tags.choices.is_empty() && content.parent_id.is_none() {
        let values = TaskValues::new(id, content);
        let made = user
            .query_opt(sql::CREATE_UNTAGGED_TASK, &values.params())
            .await?;
        let created_at = read(&made.ok_or(Refusal::UserGone)?, "created_at")?;
        return Ok(Task {
            id,
            user_id: user.user_id().as_uuid(),
            title: content.title.clone(),
            description: content.description.clone(),
            completed_at: content.completed.then_some(created_at),
            priority: content.priority,
            schedule: content.schedule,
            series: values.series(),
            next_occurrence_id: None,
            parent_id: None,
            position: None,
            tags: Vec::new(),
            version: 1,
            created_at,
            updated_at: created_at,
            deleted_at: None,
        });
    }
    if content.parent_id.is_none()
        && let Some(tags) = content.tags.all_ids()
    {
        let values = TaskValues::new(id, content);
        let made = user
            .query_opt(sql::CREATE_TASK, &values.params_and(&tags))
            .await?;
        return read_created(made, &content.tags);
    }
    user.transaction(async |tx| {
        tx.lock_user().await?;
        create_task_in(tx, id, content).await
    })
    .await
}

/// [`create_task`] as a part of a transaction that holds the user's other changes back.
pub async fn create_task_in(
    tx: &UserTx<'_>,
    id: Uuid,
    content: &TaskContent,
) -> Result<Task, Refusal> {
    if let Some(parent) = content.parent_id {
        tree::look_at_parent(tx, id, parent).await?;
    }
    let tags = resolve_tags(tx, &content.tags).await?;
    let values = TaskValues::new(id, content);
    let made = tx
        .query_opt(sql::CREATE_TASK, &values.params_and(&tags))
        .await?;
    read_created(made, &content.tags)
}

/// Changes a part of the task, or all of it.
pub async fn change_task(
    user: &UserScope,
    id: Uuid,
    if_match: &IfMatch,
    patch: &TaskPatch,
) -> Result<Task, Refusal> {
    if patch.is_empty() {
        let task = find_task(user, id).await?.ok_or(Refusal::NoSuchTask)?;
        return match if_match.allows(task.version) {
            true => Ok(task),
            false => Err(Refusal::NotCurrent),
        };
    }
    let choices = patch.tags.as_ref();
    let tags = choices.map(TagChoices::all_ids);
    // Of a parent there is more to be seen first, and tags that are made for a change are taken back by a refusal.
    if !matches!(tags, Some(None)) && !matches!(patch.parent_id, Some(Some(_))) {
        let values = PatchValues::new(id, if_match, patch, tags.flatten(), Extent::Alone);
        let row = user.change_opt(sql::CHANGE_TASK, &values.params()).await?;
        let row = row.ok_or(Refusal::NoSuchTask)?;
        if !calls_for_more(&row)? {
            return read_changed(&row, choices);
        }
    }
    let changed = user.transaction(async |tx| {
        if !tx.lock_user().await? {
            return Err(Refusal::NoSuchTask);
        }
        change_task_in(tx, id, if_match, patch).await
    });
    Ok(changed.await?.task)
}

/// A task after a change, and the one that took its place where it was completed and recurs.
#[derive(Debug)]
pub struct Changed {
    pub task: Task,
    pub next_occurrence: Option<Task>,
}

/// [`change_task`] as a part of a transaction that holds the user's other changes back.
pub async fn change_task_in(
    tx: &UserTx<'_>,
    id: Uuid,
    if_match: &IfMatch,
    patch: &TaskPatch,
) -> Result<Changed, Refusal> {
    // Whose task is not there, or not as it was seen, is not told of tags, and makes none.
    let found = tx.query_opt(sql::FIND_TASK, &[&id]).await?;
    let found = read_task(&found.ok_or(Refusal::NoSuchTask)?)?;
    if !if_match.allows(found.version) {
        return Err(Refusal::NotCurrent);
    }
    if patch.is_empty() {
        return Ok(Changed {
            task: found,
            next_occurrence: None,
        });
    }
    if let Some(Some(parent)) = patch.parent_id {
        tree::look_at_parent(tx, id, parent).await?;
    }
    let choices = patch.tags.as_ref();
    let tags = match choices {
        Some(choices) => Some(resolve_tags(tx, choices).await?),
        None => None,
    };
    let values = PatchValues::new(id, if_match, patch, tags, Extent::Part);
    let row = tx.query_opt(sql::CHANGE_TASK, &values.params()).await?;
    let row = row.ok_or(Refusal::NoSuchTask)?;
    let task = read_changed(&row, choices)?;
    match calls_for_more(&row)? {
        true => tree::complete(tx, task).await,
        false => Ok(Changed {
            task,
            next_occurrence: None,
        }),
    }
}

/// Sets the completion, and gives the task that takes the place of one that recurs: the one that was made for it now or before, where
/// it is still there.
pub async fn set_completion(
    user: &UserScope,
    id: Uuid,
    if_match: &IfMatch,
    completion: Completion,
) -> Result<Changed, Refusal> {
    let patch = TaskPatch {
        completion: Some(completion),
        ..TaskPatch::default()
    };
    let task = change_task(user, id, if_match, &patch).await?;
    let next_occurrence = match task
        .next_occurrence_id
        .filter(|_| task.completed_at.is_some())
    {
        Some(next) => find_task(user, next).await?,
        None => None,
    };
    Ok(Changed {
        task,
        next_occurrence,
    })
}

/// Leaves the task with these tags and no others, and gives them.
pub async fn replace_tags(
    user: &UserScope,
    id: Uuid,
    if_match: &IfMatch,
    tags: TagChoices,
) -> Result<Vec<Tag>, Refusal> {
    let patch = TaskPatch {
        tags: Some(tags),
        ..TaskPatch::default()
    };
    user.transaction(async |tx| {
        if !tx.lock_user().await? {
            return Err(Refusal::NoSuchTask);
        }
        change_task_in(tx, id, if_match, &patch).await?;
        let tags = tags::list_tags_of_task_in(tx, id).await?;
        tags.ok_or(Refusal::NoSuchTask)
    })
    .await
}

/// Puts a tag onto the task.
pub async fn assign_tag(
    user: &UserScope,
    task: Uuid,
    if_match: &IfMatch,
    tag: Uuid,
) -> Result<(), Refusal> {
    let versions = if_match.versions();
    let row = user
        .change_opt(sql::ASSIGN_TAG, &[&task, &versions, &tag, &MOST])
        .await?;
    read_assigned(row)
}

/// [`assign_tag`] as a part of a transaction that holds the user's other changes back.
pub async fn assign_tag_in(
    tx: &UserTx<'_>,
    task: Uuid,
    if_match: &IfMatch,
    tag: Uuid,
) -> Result<(), Refusal> {
    let versions = if_match.versions();
    let row = tx
        .query_opt(sql::ASSIGN_TAG, &[&task, &versions, &tag, &MOST])
        .await?;
    read_assigned(row)
}

/// Takes a tag off the task.
pub async fn unassign_tag(
    user: &UserScope,
    task: Uuid,
    if_match: &IfMatch,
    tag: Uuid,
) -> Result<(), Refusal> {
    let versions = if_match.versions();
    let row = user
        .change_opt(sql::UNASSIGN_TAG, &[&task, &versions, &tag])
        .await?;
    let row = row.ok_or(Refusal::NoSuchTask)?;
    only_current(&row)?;
    match read(&row, "assigned")? {
        true => Ok(()),
        false => Err(Refusal::TagNotAssigned),
    }
}

const MOST: i64 = MOST_TAGS as i64;

fn read_assigned(row: Option<Row>) -> Result<(), Refusal> {
    let row = row.ok_or(Refusal::NoSuchTask)?;
    only_current(&row)?;
    if !read::<bool>(&row, "tag_there")? {
        Err(Refusal::NoSuchTag)
    } else if read(&row, "assigned")? {
        Err(Refusal::TagAssigned)
    } else if read(&row, "crowded")? {
        Err(Refusal::TooManyTags)
    } else {
        Ok(())
    }
}

/// The ids of the chosen tags; those that are named and not there are made, unless only existing ones are wanted. Wants the lock
/// of the user's row. What is an id is looked for by the statement that takes it.
async fn resolve_tags(tx: &UserTx<'_>, tags: &TagChoices) -> Result<Vec<Uuid>, Refusal> {
    let mut ids = Vec::new();
    let mut places = Vec::new();
    let mut named: (Vec<Uuid>, Vec<&str>, Vec<&str>) = Default::default();
    for (place, choice) in tags.choices.iter().enumerate() {
        match choice {
            TagChoice::Id(id) => ids.push(*id),
            TagChoice::Named(NewTag { name, color }) => {
                places.push(place);
                named.0.push(Uuid::now_v7());
                named.1.push(name.as_str());
                named.2.push(color.as_str());
            }
        }
    }
    let missing = tx.query(sql::MISSING_TAG, &[&ids]).await?;
    if let Some(row) = missing.first() {
        let missing: Uuid = read(row, "id")?;
        let is_missing = |choice: &TagChoice| *choice == TagChoice::Id(missing);
        let place = tags.choices.iter().position(is_missing);
        return Err(Refusal::NoSuchTagAt(place.unwrap_or_default()));
    }
    if named.0.is_empty() {
        return Ok(ids);
    }
    if tags.only_existing {
        let found = tx.query(sql::FIND_TAGS_BY_NAME, &[&named.1]).await?;
        for (row, place) in found.iter().zip(places) {
            let id: Option<Uuid> = read(row, "id")?;
            ids.push(id.ok_or(Refusal::NoSuchTagAt(place))?);
        }
    } else {
        let made = tx
            .query(sql::MAKE_TAGS, &[&named.0, &named.1, &named.2])
            .await?;
        for row in made {
            ids.push(read(&row, "id")?);
        }
    }
    Ok(ids)
}

impl TagChoices {
    /// The ids, where no tag is chosen by its name.
    fn all_ids(&self) -> Option<Vec<Uuid>> {
        let id = |choice: &TagChoice| match choice {
            TagChoice::Id(id) => Some(*id),
            TagChoice::Named(_) => None,
        };
        self.choices.iter().map(id).collect()
    }
}

/// A task's content in the order of the parameters of [`sql::CREATE_TASK`].
struct TaskValues<'a> {
    id: Uuid,
    title: &'a str,
    description: Option<&'a str>,
    completed: bool,
    priority: i16,
    due_date: Option<Timestamp>,
    reminder_at: Option<Timestamp>,
    rrule: Option<&'a str>,
    time_zone: Option<&'a str>,
    recurs_from: Option<Timestamp>,
    parent_id: Option<Uuid>,
    position: Option<&'a str>,
}

impl<'a> TaskValues<'a> {
    fn new(id: Uuid, content: &'a TaskContent) -> Self {
        let due_date = content.schedule.due_date();
        let recurrence = content.recurrence.as_ref();
        Self {
            id,
            title: content.title.as_str(),
            description: content.description.as_ref().map(Description::as_str),
            completed: content.completed,
            priority: content.priority.rank(),
            due_date,
            reminder_at: content.schedule.reminder_at(),
            rrule: recurrence.map(Recurrence::rrule),
            time_zone: recurrence.map(Recurrence::time_zone),
            recurs_from: due_date.filter(|_| recurrence.is_some()),
            parent_id: content.parent_id,
            position: None,
        }
    }

    fn series(&self) -> Option<Series> {
        Some(Series {
            rrule: self.rrule?.to_owned(),
            time_zone: self.time_zone?.to_owned(),
            from: self.recurs_from?,
        })
    }

    fn params(&self) -> [Param<'_>; 12] {
        [
            &self.id,
            &self.title,
            &self.description,
            &self.completed,
            &self.priority,
            &self.due_date,
            &self.reminder_at,
            &self.rrule,
            &self.time_zone,
            &self.recurs_from,
            &self.parent_id,
            &self.position,
        ]
    }

    fn params_and<'b>(&'b self, tags: &'b Vec<Uuid>) -> Vec<Param<'b>> {
        let mut params = self.params().to_vec();
        params.push(tags);
        params
    }
}

/// A change in the order of the parameters of [`sql::CHANGE_TASK`].
struct PatchValues<'a> {
    id: Uuid,
    versions: Option<&'a [i64]>,
    title: Option<&'a str>,
    description: (bool, Option<&'a str>),
    completed: Option<bool>,
    toggle: bool,
    priority: Option<i16>,
    due_date: (bool, Option<Timestamp>),
    reminder_at: (bool, Option<Timestamp>),
    recurrence: (bool, Option<&'a str>, Option<&'a str>),
    parent_id: (bool, Option<Uuid>),
    tags: Option<Vec<Uuid>>,
    alone: bool,
}

/// Whether a change is all that is done, or what it calls for follows in the same transaction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Extent {
    Alone,
    Part,
}

impl<'a> PatchValues<'a> {
    fn new(
        id: Uuid,
        if_match: &'a IfMatch,
        patch: &'a TaskPatch,
        tags: Option<Vec<Uuid>>,
        extent: Extent,
    ) -> Self {
        let description = patch.description.as_ref();
        let recurrence = patch.recurrence.as_ref().and_then(Option::as_ref);
        Self {
            id,
            versions: if_match.versions(),
            title: patch.title.as_ref().map(Title::as_str),
            description: (
                description.is_some(),
                description.and_then(|to| to.as_ref().map(Description::as_str)),
            ),
            completed: match patch.completion {
                Some(Completion::Set(completed)) => Some(completed),
                Some(Completion::Toggle) | None => None,
            },
            toggle: patch.completion == Some(Completion::Toggle),
            priority: patch.priority.map(Priority::rank),
            due_date: (patch.due_date.is_some(), patch.due_date.flatten()),
            reminder_at: (patch.reminder_at.is_some(), patch.reminder_at.flatten()),
            recurrence: (
                patch.recurrence.is_some(),
                recurrence.map(Recurrence::rrule),
                recurrence.map(Recurrence::time_zone),
            ),
            parent_id: (patch.parent_id.is_some(), patch.parent_id.flatten()),
            tags,
            alone: extent == Extent::Alone,
        }
    }

    fn params(&self) -> [Param<'_>; 19] {
        [
            &self.id,
            &self.versions,
            &self.title,
            &self.description.0,
            &self.description.1,
            &self.completed,
            &self.toggle,
            &self.priority,
            &self.due_date.0,
            &self.due_date.1,
            &self.reminder_at.0,
            &self.reminder_at.1,
            &self.recurrence.0,
            &self.recurrence.1,
            &self.recurrence.2,
            &self.parent_id.0,
            &self.parent_id.1,
            &self.tags,
            &self.alone,
        ]
    }
}

fn read<'a, T: domain_kit::FromSql<'a>>(row: &'a Row, column: &str) -> Result<T, StoreError> {
    Ok(row.try_get(column)?)
}

fn only_current(row: &Row) -> Result<(), Refusal> {
    match read(row, "current")? {
        true => Ok(()),
        false => Err(Refusal::NotCurrent),
    }
}

fn read_created(row: Option<Row>, tags: &TagChoices) -> Result<Task, Refusal> {
    // Without the user's row there is none.
    let row = row.ok_or(Refusal::UserGone)?;
    all_tags_there(&row, Some(tags))?;
    match read::<Option<Uuid>>(&row, "id")? {
        Some(_) => Ok(read_task(&row)?),
        None => Err(Refusal::UserGone),
    }
}

fn read_changed(row: &Row, tags: Option<&TagChoices>) -> Result<Task, Refusal> {
    only_current(row)?;
    all_tags_there(row, tags)?;
    if read(row, "late").map(Option::unwrap_or_default)? {
        return Err(Refusal::ReminderNotBeforeDue);
    }
    if read(row, "undue")? {
        return Err(Refusal::RecursWithoutDue);
    }
    Ok(read_task(row)?)
}

/// Whether the change is one that completes the task, and with it more than the task. Where something else is wrong with it, that is
/// told instead.
fn calls_for_more(row: &Row) -> Result<bool, StoreError> {
    let wrong = !read::<bool>(row, "current")?
        || read::<Option<bool>>(row, "late")?.unwrap_or_default()
        || read::<bool>(row, "undue")?
        || read::<Option<i64>>(row, "missing")?.is_some();
    Ok(!wrong && read::<bool>(row, "more")?)
}

/// `missing` counts the ids among the choices from 1.
fn all_tags_there(row: &Row, tags: Option<&TagChoices>) -> Result<(), Refusal> {
    let Some(missing) = read::<Option<i64>>(row, "missing")? else {
        return Ok(());
    };
    let choices = tags.map_or(&[][..], |tags| &tags.choices);
    let ids = choices
        .iter()
        .enumerate()
        .filter(|(_, choice)| matches!(choice, TagChoice::Id(_)));
    let place = usize::try_from(missing - 1).unwrap_or_default();
    let place = ids.map(|(place, _)| place).nth(place);
    Err(Refusal::NoSuchTagAt(place.unwrap_or_default()))
}

/// The rows of [`sql::list::list_tasks`].
async fn read_list(user: &UserScope, rows: &[Row]) -> Result<Listed, StoreError> {
    let mut total = None;
    let mut tags: Vec<Arc<TagRef>> = Vec::new();
    let mut count = rows.len();
    // From the end, where tags and total are: then they are known when the tasks are read.
    for row in rows.iter().rev() {
        if let Some(counted) = row.try_get(TOTAL)? {
            total = Some(counted);
        } else if let Some(color) = row.try_get(COLOR)? {
            let (id, name) = (row.try_get(ID)?, row.try_get(TITLE)?);
            tags.push(Arc::new(TagRef { id, name, color }));
        } else {
            break;
        }
        count -= 1;
    }
    tags.reverse();
    let rows = &rows[..count];
    let mut carried = Vec::with_capacity(count);
    for row in rows {
        carried.push(row.try_get::<_, Vec<Uuid>>(TAG_IDS)?);
    }
    let mut places: HashMap<Uuid, usize> = tags.iter().map(|tag| tag.id).zip(0..).collect();
    if carried.iter().flatten().any(|id| !places.contains_key(id)) {
        // Somebody with very many tags.
        let all: HashSet<Uuid> = carried.iter().flatten().copied().collect();
        let all: Vec<Uuid> = all.into_iter().collect();
        tags = read_found_tags(&user.query(sql::FIND_TAG_REFS, &[&all]).await?)?;
        places = tags.iter().map(|tag| tag.id).zip(0..).collect();
    }
    let mut tasks = Vec::with_capacity(count);
    let mut title_keys = Vec::with_capacity(count);
    for (row, ids) in rows.iter().zip(carried) {
        // A tag that was deleted meanwhile, or that the second wall hides though a link leads to it, is not there.
        let known = ids.iter().filter_map(|id| places.get(id).copied());
        let mut known: Vec<usize> = known.collect();
        known.sort_unstable();
        let carried = known.iter().map(|place| Arc::clone(&tags[*place]));
        tasks.push(read_task_with(row, carried.collect())?);
        title_keys.push(row.try_get(TITLE_KEY)?);
    }
    Ok(Listed {
        tasks,
        title_keys,
        total,
    })
}

/// Places of columns, which are looked up for every row.
const ID: usize = 0;
const TITLE: usize = 2;
const TITLE_KEY: usize = sql::TASK_COLUMNS;
const TAG_IDS: usize = sql::TASK_COLUMNS + 1;
const COLOR: usize = sql::TASK_COLUMNS + 2;
const TOTAL: usize = sql::TASK_COLUMNS + 3;

fn read_found_tags(rows: &[Row]) -> Result<Vec<Arc<TagRef>>, StoreError> {
    let read_one = |row: &Row| {
        Ok(Arc::new(TagRef {
            id: row.try_get(0)?,
            name: row.try_get(1)?,
            color: row.try_get(2)?,
        }))
    };
    rows.iter().map(read_one).collect()
}

fn read_task(row: &Row) -> Result<Task, StoreError> {
    read_task_with(row, read_tag_refs(row)?)
}

/// A row whose columns begin with [`sql`]'s task columns. A row that is no task (a constraint of the schema was dropped by hand)
/// is an error.
fn read_task_with(row: &Row, tags: Vec<Arc<TagRef>>) -> Result<Task, StoreError> {
    let broken = |what: &str| StoreError::Broken(format!("stored task has {what}").into());
    // By place: by name, each of them would be looked for among all of them, in every row.
    let first = row
        .columns()
        .iter()
        .position(|column| column.name() == "id")
        .unwrap_or_default();
    let at = |place: usize| first + place;
    let description: Option<&str> = row.try_get(at(3))?;
    let series = match row.try_get::<_, Option<String>>(at(12))? {
        Some(rrule) => Some(Series {
            rrule,
            time_zone: row.try_get(at(13))?,
            from: row.try_get(at(14))?,
        }),
        None => None,
    };
    Ok(Task {
        id: row.try_get(at(0))?,
        user_id: row.try_get(at(1))?,
        title: Title::parse(row.try_get(at(2))?).map_err(|_| broken("a bad title"))?,
        description: description
            .map(Description::parse)
            .transpose()
            .map_err(|_| broken("a bad description"))?,
        completed_at: row.try_get(at(4))?,
        priority: Priority::from_rank(row.try_get(at(5))?)
            .ok_or_else(|| broken("a bad priority"))?,
        schedule: Schedule::new(row.try_get(at(6))?, row.try_get(at(7))?)
            .ok_or_else(|| broken("a reminder after its due date"))?,
        series,
        next_occurrence_id: row.try_get(at(15))?,
        parent_id: row.try_get(at(16))?,
        position: row.try_get(at(17))?,
        tags,
        version: row.try_get(at(8))?,
        created_at: row.try_get(at(9))?,
        updated_at: row.try_get(at(10))?,
        deleted_at: row.try_get(at(11))?,
    })
}

/// The three arrays of tags, null where there are none.
fn read_tag_refs(row: &Row) -> Result<Vec<Arc<TagRef>>, StoreError> {
    let ids: Option<Vec<Uuid>> = read(row, "tag_ids")?;
    let names: Option<Vec<String>> = read(row, "tag_names")?;
    let colors: Option<Vec<String>> = read(row, "tag_colors")?;
    let all = ids.into_iter().flatten();
    let all = all.zip(names.into_iter().flatten());
    let all = all.zip(colors.into_iter().flatten());
    Ok(all
        .map(|((id, name), color)| Arc::new(TagRef { id, name, color }))
        .collect())
}
