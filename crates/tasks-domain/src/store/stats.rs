//! Counts of tasks.

use jiff::{ToSpan, civil::Date, tz::TimeZone};

use super::*;

/// How many tasks there are of each kind. Of priorities and tags, open ones are counted.
#[derive(Debug)]
pub struct Stats {
    pub total: i64,
    pub completed: i64,
    pub overdue: i64,
    pub due_today: i64,
    pub in_trash: i64,
    /// By rank.
    pub priorities: [i64; 4],
    pub tags: Vec<TagStats>,
    pub untagged: i64,
    pub days: Vec<DayStats>,
}

#[derive(Debug)]
pub struct TagStats {
    pub tag: TagRef,
    pub open: i64,
    pub completed: i64,
}

#[derive(Debug)]
pub struct DayStats {
    pub date: Date,
    pub created: i64,
    pub completed: i64,
    pub due: i64,
}

/// Most tags that are told of.
const MOST_COUNTED_TAGS: i64 = 100;

/// Counts, for the last so many days up to today, as days are in this zone.
pub async fn count(
    user: &UserScope,
    zone: &TimeZone,
    days: u16,
    now: Timestamp,
) -> Result<Stats, StoreError> {
    let today = now.to_zoned(zone.clone()).date();
    let dates: Vec<Date> = (0..=i64::from(days))
        .filter_map(|day| {
            let before = i64::from(days) - 1 - day;
            today.checked_sub(before.days()).ok()
        })
        .collect();
    let bounds: Vec<Timestamp> = dates
        .iter()
        .filter_map(|date| {
            Some(
                date.to_zoned(zone.clone())
                    .ok()?
                    .start_of_day()
                    .ok()?
                    .timestamp(),
            )
        })
        .collect();
    let [.., today, tomorrow] = bounds.as_slice() else {
        return Err(StoreError::Broken("a day has no bounds".into()));
    };

    let counted = user
        .query(sql::stats::COUNT_TASKS, &[today, tomorrow])
        .await?;
    let row = counted
        .first()
        .ok_or_else(|| StoreError::Broken("nothing was counted".into()))?;
    let by_tag = user
        .query(sql::stats::COUNT_BY_TAG, &[&MOST_COUNTED_TAGS])
        .await?;
    let by_day = user.query(sql::stats::COUNT_BY_DAY, &[&bounds]).await?;
    Ok(Stats {
        total: read(row, "total")?,
        completed: read(row, "completed")?,
        overdue: read(row, "overdue")?,
        due_today: read(row, "due_today")?,
        in_trash: read(row, "in_trash")?,
        priorities: [
            read(row, "none")?,
            read(row, "low")?,
            read(row, "medium")?,
            read(row, "high")?,
        ],
        tags: by_tag
            .iter()
            .map(read_tag_stats)
            .collect::<Result<_, _>>()?,
        untagged: read(row, "untagged")?,
        days: read_days(&dates, &by_day)?,
    })
}

fn read_tag_stats(row: &Row) -> Result<TagStats, StoreError> {
    Ok(TagStats {
        tag: TagRef {
            id: read(row, "id")?,
            name: read(row, "name")?,
            color: read(row, "color")?,
        },
        open: read(row, "open")?,
        completed: read(row, "completed")?,
    })
}

/// The last of the dates is tomorrow.
fn read_days(dates: &[Date], rows: &[Row]) -> Result<Vec<DayStats>, StoreError> {
    let mut days: Vec<DayStats> = dates[..dates.len().saturating_sub(1)]
        .iter()
        .map(|date| DayStats {
            date: *date,
            created: 0,
            completed: 0,
            due: 0,
        })
        .collect();
    for row in rows {
        let (kind, day, many): (i32, i32, i64) =
            (read(row, "kind")?, read(row, "day")?, read(row, "many")?);
        let place = usize::try_from(day - 1).unwrap_or(usize::MAX);
        let Some(day) = days.get_mut(place) else {
            continue;
        };
        match kind {
            0 => day.created = many,
            1 => day.completed = many,
            _ => day.due = many,
        }
    }
    Ok(days)
}
