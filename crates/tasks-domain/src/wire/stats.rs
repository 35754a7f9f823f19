//! Counts of tasks as JSON.

use jiff::{civil::Date, tz::TimeZone};
use serde::Serialize;
use utoipa::ToSchema;

use super::TagRefOut;
use crate::store::stats::{DayStats, Stats, TagStats};

/// How many tasks there are. Those in the trash are counted as such and nowhere else.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Stats)]
pub struct StatsOut<'a> {
    #[schema(minimum = 0, example = 12)]
    total: i64,
    #[schema(minimum = 0, example = 7)]
    completed: i64,
    /// Not completed.
    #[schema(minimum = 0, example = 5)]
    open: i64,
    /// Open, and due before now.
    #[schema(minimum = 0, example = 1)]
    overdue: i64,
    /// Open, and due today.
    #[schema(minimum = 0, example = 2)]
    due_today: i64,
    #[schema(minimum = 0, example = 0)]
    in_trash: i64,
    /// Open ones.
    priorities: PrioritiesOut,
    /// The hundred that most open tasks carry.
    tags: Vec<TagStatsOut<'a>>,
    /// Open ones without a tag.
    #[schema(minimum = 0, example = 1)]
    untagged: i64,
    /// The days up to today, which is the last.
    days: Vec<DayStatsOut>,
    /// The time zone whose days these are.
    #[schema(value_type = String, example = "Europe/Berlin")]
    timezone: &'a str,
}

/// How many open tasks have each priority.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = PriorityStats)]
struct PrioritiesOut {
    #[schema(minimum = 0)]
    none: i64,
    #[schema(minimum = 0)]
    low: i64,
    #[schema(minimum = 0)]
    medium: i64,
    #[schema(minimum = 0)]
    high: i64,
}

/// How many tasks carry a tag.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = TagStats)]
struct TagStatsOut<'a> {
    #[schema(value_type = TagRefOut<'static>)]
    tag: TagRefOut<'a>,
    #[schema(minimum = 0)]
    open: i64,
    #[schema(minimum = 0)]
    completed: i64,
}

/// What was on one day.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = DayStats)]
struct DayStatsOut {
    #[schema(value_type = String, format = Date, example = "2026-03-01")]
    date: Date,
    /// Made on it.
    #[schema(minimum = 0)]
    created: i64,
    /// Completed on it.
    #[schema(minimum = 0)]
    completed: i64,
    /// Due on it, completed or not.
    #[schema(minimum = 0)]
    due: i64,
}

impl<'a> StatsOut<'a> {
    pub fn new(stats: &'a Stats, zone: &'a TimeZone) -> Self {
        let [none, low, medium, high] = stats.priorities;
        Self {
            total: stats.total,
            completed: stats.completed,
            open: stats.total - stats.completed,
            overdue: stats.overdue,
            due_today: stats.due_today,
            in_trash: stats.in_trash,
            priorities: PrioritiesOut {
                none,
                low,
                medium,
                high,
            },
            tags: stats.tags.iter().map(TagStatsOut::from).collect(),
            untagged: stats.untagged,
            days: stats.days.iter().map(DayStatsOut::from).collect(),
            timezone: zone.iana_name().unwrap_or("UTC"),
        }
    }
}

impl<'a> From<&'a TagStats> for TagStatsOut<'a> {
    fn from(stats: &'a TagStats) -> Self {
        Self {
            tag: (&stats.tag).into(),
            open: stats.open,
            completed: stats.completed,
        }
    }
}

impl From<&DayStats> for DayStatsOut {
    fn from(stats: &DayStats) -> Self {
        Self {
            date: stats.date,
            created: stats.created,
            completed: stats.completed,
            due: stats.due,
        }
    }
}
