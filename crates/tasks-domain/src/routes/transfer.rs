//! All of a user's tasks and tags, out and in, as they flow.

use std::{collections::VecDeque, sync::Arc, time::Duration};

use actix_web::{
    HttpRequest, HttpResponse,
    http::header,
    web::{self, Bytes, BytesMut},
};
use domain_kit::{
    ApiError, CurrentUser, FieldProblem, KitProblem, QueryString, Reply, StoreError, UserDb,
    UserScope, UserTx, now,
};
use futures_util::{StreamExt, stream};
use serde::Serialize;
use serde_json::json;
use tokio::{
    sync::{Semaphore, mpsc},
    time::timeout,
};
use uuid::Uuid;

use super::Answer;
use crate::{
    icalendar,
    problem::TaskProblem,
    store::{
        Refusal,
        transfer::{AT_ONCE, Import, Unfit, export_tags, export_tasks},
    },
    task::{Tag, Task, TaskField},
    transfer::{
        Fault, IncomingTag, IncomingTask, LONGEST_LINE, Line, MOST_FAULTS, MOST_TASKS, Report,
    },
    wire::{
        TagOut, TaskOut,
        transfer::{Format, ImportQuery, LineOut, ReportOut, VERSION, read_line, refused},
    },
};

/// How many imports a server does at once: each keeps a connection to the database.
#[derive(Debug, Clone)]
pub struct Importing(Arc<Semaphore>);

impl Default for Importing {
    fn default() -> Self {
        Self(Arc::new(Semaphore::new(2)))
    }
}

/// Export everything
///
/// All tags and tasks of the user, those in the trash as well: one JSON object a line, as they are read. The last line says how many
/// there were, so that a part is not taken for the whole. With `format=ics` as a calendar (RFC 5545, VTODO), without the trash.
#[utoipa::path(
    get, path = "/export", tag = "transfer", operation_id = "export",
    params(("format" = Option<String>, Query, description = "`ndjson`, which is the default, or `ics`", example = "ndjson")),
    responses((status = 200, description = "The lines, or the calendar", content(
        (String = "application/x-ndjson"),
        (String = "text/calendar"),
    ))),
)]
pub async fn export(req: HttpRequest, user: CurrentUser, db: web::Data<UserDb>) -> Answer {
    let mut query = QueryString::parse(req.query_string())?;
    let format = Format::read(&mut query)?;
    query.finish()?;
    let scope = db.as_user(&user);
    let (media, name) = match format {
        Format::Ndjson => ("application/x-ndjson", "tasks.ndjson"),
        Format::Icalendar => ("text/calendar; charset=utf-8", "tasks.ics"),
    };
    // The first part before anything is said: that the database is away is an answer of its own.
    let mut export = Export::new(scope, format);
    let first = export.next().await.map_err(ApiError::from)?;
    let rest = stream::unfold(Some(export), |export| async {
        let mut export = export?;
        match export.next().await {
            Ok(Some(part)) => Some((Ok(part), Some(export))),
            Ok(None) => None,
            // Cut off, which its reader sees by the last line.
            Err(error) => Some((Err(error), None)),
        }
    });
    let parts = stream::iter(first.map(Ok::<_, StoreError>)).chain(rest);
    Ok(HttpResponse::Ok()
        .insert_header((header::CONTENT_TYPE, media))
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .insert_header((
            header::CONTENT_DISPOSITION,
            format!("attachment; filename=\"{name}\""),
        ))
        .streaming(Box::pin(parts)))
}

/// An export under way: a part at a time, however much there is.
struct Export {
    scope: UserScope,
    format: Format,
    step: Step,
    tags: usize,
    tasks: usize,
    calendar: icalendar::Calendar,
}

enum Step {
    Head,
    Tags(Uuid),
    Tasks(Uuid),
    End,
    Over,
}

impl Export {
    fn new(scope: UserScope, format: Format) -> Self {
        Self {
            scope,
            format,
            step: Step::Head,
            tags: 0,
            tasks: 0,
            calendar: icalendar::Calendar::default(),
        }
    }

    async fn next(&mut self) -> Result<Option<Bytes>, StoreError> {
        let mut part = String::new();
        while part.is_empty() {
            match self.step {
                Step::Head => {
                    self.head(&mut part)?;
                    self.step = match self.format {
                        Format::Ndjson => Step::Tags(Uuid::nil()),
                        Format::Icalendar => Step::Tasks(Uuid::nil()),
                    };
                }
                Step::Tags(after) => {
                    let tags = export_tags(&self.scope, after).await?;
                    self.tags += tags.len();
                    for tag in &tags {
                        write_line(
                            &mut part,
                            &LineOut::Tag {
                                tag: TagOut::from(tag),
                            },
                        )?;
                    }
                    self.step = match last_of(&tags, |tag: &Tag| tag.id) {
                        Some(last) => Step::Tags(last),
                        None => Step::Tasks(Uuid::nil()),
                    };
                }
                Step::Tasks(after) => {
                    let tasks = export_tasks(&self.scope, after).await?;
                    self.tasks += tasks.len();
                    for task in &tasks {
                        self.task(&mut part, task)?;
                    }
                    self.step = match last_of(&tasks, |task: &Task| task.id) {
                        Some(last) => Step::Tasks(last),
                        None => Step::End,
                    };
                }
                Step::End => {
                    let (tags, tasks) = (self.tags, self.tasks);
                    match self.format {
                        Format::Ndjson => write_line(&mut part, &LineOut::End { tags, tasks })?,
                        Format::Icalendar => part.push_str(icalendar::END),
                    }
                    self.step = Step::Over;
                }
                Step::Over => return Ok(None),
            }
        }
        Ok(Some(part.into()))
    }

    fn head(&self, part: &mut String) -> Result<(), StoreError> {
        match self.format {
            Format::Icalendar => part.push_str(icalendar::BEGIN),
            Format::Ndjson => {
                let head = LineOut::Export {
                    version: VERSION,
                    user_id: self.scope.user_id().as_uuid(),
                    exported_at: now(),
                };
                write_line(part, &head)?;
            }
        }
        Ok(())
    }

    fn task(&mut self, part: &mut String, task: &Task) -> Result<(), StoreError> {
        match self.format {
            Format::Ndjson => {
                let recurs_from = task.series.as_ref().map(|series| series.from);
                let task = TaskOut::from(task);
                write_line(part, &LineOut::Task { task, recurs_from })
            }
            Format::Icalendar => {
                if task.deleted_at.is_none() {
                    self.calendar.write(part, task);
                }
                Ok(())
            }
        }
    }
}

/// Where the next part begins; `None` when this one was the last.
fn last_of<T>(rows: &[T], id: impl Fn(&T) -> Uuid) -> Option<Uuid> {
    rows.last().filter(|_| rows.len() == AT_ONCE).map(id)
}

fn write_line(part: &mut String, line: &impl Serialize) -> Result<(), StoreError> {
    let text = serde_json::to_string(line);
    part.push_str(&text.map_err(|error| StoreError::Broken(error.into()))?);
    part.push('\n');
    Ok(())
}

/// Import
///
/// Lines as an export has them, in one transaction: all of them, or nothing where one is wrong; what is wrong is told by its line
/// (`/17/task/title`). A task with an id that is there becomes the one that comes in; with `mode=replace` nothing else is left. `dry_run`
/// looks at everything and changes nothing. Who accepts `application/x-ndjson` is told in the meantime how far it is, a line
/// each, of which the last has `result` or `problem`.
#[utoipa::path(
    post, path = "/import", tag = "transfer", operation_id = "import",
    params(
        ("mode" = Option<String>, Query, description = "`merge`, which is the default, or `replace`", example = "merge"),
        ("dry_run" = Option<bool>, Query, description = "Whether nothing is to be changed", example = false),
    ),
    request_body(content = String, content_type = "application/x-ndjson"),
    responses((status = 200, description = "What was done", content(
        (ReportOut = "application/json"),
        (String = "application/x-ndjson"),
    ))),
)]
pub async fn import(
    req: HttpRequest,
    user: CurrentUser,
    db: web::Data<UserDb>,
    importing: web::Data<Importing>,
    body: web::Payload,
) -> Answer {
    let mut query = QueryString::parse(req.query_string())?;
    let wanted = ImportQuery::read(&mut query)?;
    query.finish()?;
    let media = req
        .headers()
        .get(header::CONTENT_TYPE)
        .and_then(|it| it.to_str().ok());
    let media = media.map(|media| media.split(';').next().unwrap_or_default().trim());
    if !media.is_some_and(|it| it.eq_ignore_ascii_case("application/x-ndjson")) {
        return Err(KitProblem::UnsupportedMediaType.into());
    }
    let turn = Arc::clone(&importing.0).try_acquire_owned();
    let turn = turn.map_err(|_| TaskProblem::ImportBusy)?;
    let scope = db.as_user(&user);
    let (progress, mut told) = mpsc::channel(16);
    let work = async move {
        // Given up half-way, its transaction is rolled back.
        let done = timeout(LONGEST, run(&scope, wanted, Lines::new(body), &progress)).await;
        drop(turn);
        done.map_err(|_| KitProblem::RequestTimeout)?
    };
    if !wants_progress(&req) {
        told.close();
        let report = work.await?;
        return Ok(Reply::ok(&ReportOut::new(report, wanted.dry_run))?.into_response());
    }
    Ok(with_progress(req, wanted, work, told))
}

fn wants_progress(req: &HttpRequest) -> bool {
    let accept = req
        .headers()
        .get(header::ACCEPT)
        .and_then(|it| it.to_str().ok());
    accept.is_some_and(|accept| accept.contains("application/x-ndjson"))
}

/// The answer that tells how far it is. The work goes on as it is read: who goes away has nothing imported.
fn with_progress(
    req: HttpRequest,
    wanted: ImportQuery,
    work: impl Future<Output = Result<Report, ApiError>> + 'static,
    told: mpsc::Receiver<Report>,
) -> HttpResponse {
    let state = Some((Box::pin(work), told));
    let lines = stream::unfold((state, req), move |(state, req)| async move {
        let (mut work, mut told) = state?;
        let line = tokio::select! {
            biased;
            Some(Report { lines, tags, tasks }) = told.recv() => {
                let progress = json!({"progress": {"lines": lines, "tags": tags, "tasks": tasks}});
                return Some((line_of(&progress), (Some((work, told)), req)));
            }
            done = &mut work => match done {
                Ok(report) => json!({"result": ReportOut::new(report, wanted.dry_run)}),
                Err(error) => json!({"problem": error.rendered_for(&req)}),
            },
        };
        Some((line_of(&line), (None, req)))
    });
    HttpResponse::Ok()
        .insert_header((header::CONTENT_TYPE, "application/x-ndjson"))
        .insert_header((header::CONTENT_ENCODING, "identity"))
        .streaming(Box::pin(lines))
}

fn line_of(value: &serde_json::Value) -> Result<Bytes, StoreError> {
    Ok(format!("{value}\n").into())
}

/// From one sign of progress to the next.
const TOLD_EVERY: usize = 1_000;

async fn run(
    user: &UserScope,
    wanted: ImportQuery,
    mut lines: Lines,
    progress: &mpsc::Sender<Report>,
) -> Result<Report, ApiError> {
    let done = user
        .transaction(async |tx| {
            let import = Import::begin(tx, wanted.mode)
                .await
                .map_err(Ended::refused)?;
            let mut reading = Reading::new(import);
            while let Some(text) = lines.next().await.map_err(Ended::Failed)? {
                reading.take(tx, &text).await.map_err(Ended::refused)?;
                if reading.report.lines.is_multiple_of(TOLD_EVERY) {
                    // Who does not read is not waited for.
                    let _ = progress.try_send(reading.report);
                }
            }
            let report = reading.finish(tx).await?;
            match wanted.dry_run {
                true => Err(Ended::Tried(report)),
                false => Ok(report),
            }
        })
        .await;
    match done {
        Ok(report) | Err(Ended::Tried(report)) => Ok(report),
        Err(Ended::Faulty(faults)) => Err(refused(&faults)),
        Err(Ended::Failed(error)) => Err(error),
    }
}

/// Why nothing of an import is kept.
enum Ended {
    /// That was the wish.
    Tried(Report),
    Faulty(Vec<Fault>),
    Failed(ApiError),
}

impl Ended {
    fn refused(refusal: Refusal) -> Self {
        Self::Failed(refusal.into())
    }
}

impl From<StoreError> for Ended {
    fn from(error: StoreError) -> Self {
        Self::Failed(error.into())
    }
}

/// What has been read and not been written yet.
struct Reading {
    import: Import,
    report: Report,
    faults: Vec<Fault>,
    tags: Vec<IncomingTag>,
    tasks: Vec<IncomingTask>,
    ended: bool,
}

impl Reading {
    fn new(import: Import) -> Self {
        Self {
            import,
            report: Report::default(),
            faults: Vec::new(),
            tags: Vec::new(),
            tasks: Vec::new(),
            ended: false,
        }
    }

    async fn take(&mut self, tx: &UserTx<'_>, text: &Text) -> Result<(), Refusal> {
        self.report.lines += 1;
        let text = match text {
            Text::Line(text) if text.trim().is_empty() => return Ok(()),
            Text::Line(text) => text,
            Text::NotUnicode => {
                self.fault(
                    "",
                    FieldProblem::MalformedJson.code(),
                    "This line is not UTF-8.",
                );
                return Ok(());
            }
        };
        if self.ended {
            let after = "Nothing comes after the last line of an export.";
            self.fault("/type", FieldProblem::UnknownValue.code(), after);
            return Ok(());
        }
        match read_line(text) {
            Ok(line) => self.take_line(tx, line).await,
            Err(error) => {
                for fault in error.problem().parts().errors {
                    self.fault(&fault.pointer, fault.code, &fault.detail);
                }
                Ok(())
            }
        }
    }

    async fn take_line(&mut self, tx: &UserTx<'_>, line: Line) -> Result<(), Refusal> {
        match line {
            Line::Head => {}
            Line::Tag(tag) => {
                self.report.tags += 1;
                self.tags.push(tag);
                if self.tags.len() == AT_ONCE {
                    self.write_tags(tx).await?;
                }
            }
            Line::Task(mut task) => {
                self.write_tags(tx).await?;
                self.report.tasks += 1;
                task.line = self.report.lines;
                if self.report.tasks > MOST_TASKS {
                    let most = format!("At most {MOST_TASKS} tasks.");
                    self.fault("", FieldProblem::TooMany.code(), &most);
                    return Ok(());
                }
                match self.import.look_at(&task) {
                    Ok(()) => self.tasks.push(*task),
                    Err(Unfit::Twice) => {
                        let before = "There was a task with this id before.";
                        self.fault("/task/id", TaskField::DuplicateId.code(), before);
                    }
                    Err(Unfit::NoSuchTag(place)) => {
                        let pointer = format!("/task/tags/{place}");
                        let before = "No line before has told of this tag.";
                        self.fault(&pointer, TaskField::TagNotFound.code(), before);
                    }
                }
                if self.tasks.len() == AT_ONCE {
                    self.write_tasks(tx).await?;
                }
            }
            Line::End { tags, tasks } => {
                self.ended = true;
                if (tags, tasks) != (self.report.tags, self.report.tasks) {
                    let (found, of) = (self.report.tasks, self.report.tags);
                    let part = format!(
                        "Lines are missing: there were {of} tags and {found} tasks before."
                    );
                    self.fault("", TaskField::Incomplete.code(), &part);
                }
            }
        }
        Ok(())
    }

    async fn write_tags(&mut self, tx: &UserTx<'_>) -> Result<(), Refusal> {
        if self.tags.is_empty() {
            return Ok(());
        }
        self.import.take_tags(tx, &self.tags).await?;
        self.tags.clear();
        Ok(())
    }

    async fn write_tasks(&mut self, tx: &UserTx<'_>) -> Result<(), Refusal> {
        // What is refused anyhow need not be written.
        if self.faults.is_empty() && !self.tasks.is_empty() {
            self.import.take_tasks(tx, &self.tasks).await?;
        }
        self.tasks.clear();
        Ok(())
    }

    async fn finish(mut self, tx: &UserTx<'_>) -> Result<Report, Ended> {
        self.write_tags(tx).await.map_err(Ended::refused)?;
        self.write_tasks(tx).await.map_err(Ended::refused)?;
        if self.faults.is_empty() && !self.ended {
            self.report.lines += 1;
            let cut = "The last line, which says how many there are, is missing.";
            self.fault("", TaskField::Incomplete.code(), cut);
        }
        if !self.faults.is_empty() {
            return Err(Ended::Faulty(self.faults));
        }
        let lost = self.import.finish(tx).await.map_err(Ended::refused)?;
        match lost {
            None => Ok(self.report),
            Some(line) => Err(Ended::Faulty(vec![Fault {
                line,
                pointer: "/task/parent_id".to_owned(),
                code: TaskField::ParentNotFound.code(),
                detail: "There is no such task to stand below, or it would be too deep.".to_owned(),
            }])),
        }
    }

    fn fault(&mut self, pointer: &str, code: &'static str, detail: &str) {
        if self.faults.len() < MOST_FAULTS {
            self.faults.push(Fault {
                line: self.report.lines,
                pointer: pointer.to_owned(),
                code,
                detail: detail.to_owned(),
            });
        }
    }
}

/// A body by its lines, of which no more than one is kept.
struct Lines {
    body: web::Payload,
    rest: BytesMut,
    ready: VecDeque<Text>,
    over: bool,
}

enum Text {
    Line(String),
    NotUnicode,
}

/// Longest time that an import may take: others wait for its turn.
const LONGEST: Duration = Duration::from_secs(5 * 60);

/// Longest time that the next bytes may take: a transaction is open meanwhile.
const SILENCE: Duration = Duration::from_secs(5);

impl Lines {
    fn new(body: web::Payload) -> Self {
        Self {
            body,
            rest: BytesMut::new(),
            ready: VecDeque::new(),
            over: false,
        }
    }

    async fn next(&mut self) -> Result<Option<Text>, ApiError> {
        loop {
            if let Some(line) = self.ready.pop_front() {
                return Ok(Some(line));
            }
            if self.over {
                let last = std::mem::take(&mut self.rest);
                return Ok((!last.is_empty()).then(|| text_of(&last)));
            }
            let chunk = timeout(SILENCE, self.body.next()).await;
            match chunk.map_err(|_| KitProblem::RequestTimeout)? {
                Some(Ok(chunk)) => self.add(&chunk)?,
                Some(Err(actix_web::error::PayloadError::Overflow)) => {
                    return Err(KitProblem::BodyTooLarge.into());
                }
                Some(Err(_)) => return Err(KitProblem::BodyIncomplete.into()),
                None => self.over = true,
            }
        }
    }

    fn add(&mut self, chunk: &[u8]) -> Result<(), ApiError> {
        for piece in chunk.split_inclusive(|byte| *byte == b'\n') {
            if self.rest.len() + piece.len() > LONGEST_LINE {
                return Err(TaskProblem::LineTooLong.into());
            }
            self.rest.extend_from_slice(piece);
            if piece.ends_with(b"\n") {
                let line = std::mem::take(&mut self.rest);
                self.ready.push_back(text_of(&line));
            }
        }
        Ok(())
    }
}

fn text_of(line: &[u8]) -> Text {
    match std::str::from_utf8(line) {
        Ok(text) => Text::Line(text.to_owned()),
        Err(_) => Text::NotUnicode,
    }
}
