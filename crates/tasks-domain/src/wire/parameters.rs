//! The query parameters of lists.

use domain_kit::{ApiError, FieldProblem, KitProblem, QueryString, parse_timestamp};
use jiff::{Timestamp, tz::TimeZone};
use uuid::Uuid;

use super::parse_id;
use crate::{
    recurrence::Recurrence,
    selection::{SortBy, TagFilter, TaskSelection},
    task::{Priority, TagName},
};

/// Which part of a list is wanted, and whether its length is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Paging {
    pub limit: u32,
    pub cursor: Option<String>,
    /// For clients that count pages.
    pub page: Option<u32>,
    pub with_total: bool,
}

/// Most rows that are skipped to reach a page by its number.
pub const MOST_SKIPPED: u32 = 10_000;

impl Paging {
    pub fn read(query: &mut QueryString) -> Result<Self, ApiError> {
        let limit = query.take("limit", |text| {
            number(text, 1..=200).ok_or("a number from 1 to 200")
        })?;
        let cursor = query.take("cursor", |text| Ok(text.to_owned()))?;
        let page = query.take("page", |text| {
            number(text, 1..=u32::MAX).ok_or("a number from 1 on")
        })?;
        let total = query.take("total", |text| match text {
            "exact" => Ok(true),
            "none" => Ok(false),
            _ => Err("none or exact"),
        })?;
        if page.is_some() && cursor.is_some() {
            return Err(invalid("Give page or cursor, not both.".to_owned()));
        }
        let paging = Self {
            limit: limit.unwrap_or(50),
            cursor,
            page,
            with_total: total.unwrap_or(page.is_some()),
        };
        match paging.skip() {
            Some(rows) if rows <= MOST_SKIPPED => Ok(paging),
            _ => Err(invalid(format!(
                "page: at most {MOST_SKIPPED} rows are skipped; follow next_cursor instead."
            ))),
        }
    }

    /// How many rows come before the page.
    pub fn skip(&self) -> Option<u32> {
        (self.page.unwrap_or(1) - 1).checked_mul(self.limit)
    }
}

/// Most tags that one list is filtered by.
const MOST_FILTER_TAGS: usize = 20;

/// Filters and order of a list of tasks.
pub fn read_selection(query: &mut QueryString) -> Result<TaskSelection, ApiError> {
    let completed = query.take("status", |text| match text {
        "complete" | "completed" => Ok(Some(true)),
        "incomplete" | "active" => Ok(Some(false)),
        "all" => Ok(None),
        _ => Err("complete, incomplete or all"),
    })?;
    let mut priorities = query.take_all("priority", |text| {
        Priority::parse(text).map_err(|_| "none, low, medium or high")
    })?;
    priorities.sort_unstable();
    priorities.dedup();
    let tags = read_tags(query)?;
    let due_before = query.take("due_before", instant)?;
    let due_after = query.take("due_after", instant)?;
    let updated_before = query.take("updated_before", instant)?;
    let updated_after = query.take("updated_after", instant)?;
    let overdue = query.take("overdue", flag)?;
    let search = query.take("search", |text| {
        let text = text.trim();
        match text.chars().count() {
            0 => Ok(None),
            1..=255 => Ok(Some(text.to_owned())),
            _ => Err("at most 255 characters"),
        }
    })?;
    let parent = query.take("parent_id", |text| match text {
        "none" => Ok(None),
        text => parse_id(text).map(Some).ok_or("the id of a task, or none"),
    })?;
    let deleted = query.take("deleted", |text| match text {
        "only" => Ok(true),
        "false" => Ok(false),
        _ => Err("false or only"),
    })?;
    let sort_by = query.take("sort_by", |text| match text {
        "created_at" | "created" => Ok(SortBy::CreatedAt),
        "updated_at" | "updated" => Ok(SortBy::UpdatedAt),
        "due_date" | "due" => Ok(SortBy::DueDate),
        "priority" => Ok(SortBy::Priority),
        "title" => Ok(SortBy::Title),
        "position" => Ok(SortBy::Position),
        _ => Err("created_at, updated_at, due_date, priority, title or position"),
    })?;
    let sort_by = sort_by.unwrap_or_default();
    let ascending = query.take("order", |text| match text {
        "asc" => Ok(true),
        "desc" => Ok(false),
        _ => Err("asc or desc"),
    })?;
    Ok(TaskSelection {
        completed: completed.flatten(),
        priorities,
        tags,
        due_before,
        due_after,
        updated_before,
        updated_after,
        overdue,
        search: search.flatten(),
        parent,
        deleted: deleted.unwrap_or_default(),
        sort_by,
        ascending: ascending.unwrap_or(sort_by == SortBy::Position),
    })
}

fn read_tags(query: &mut QueryString) -> Result<TagFilter, ApiError> {
    let mut none = false;
    let named = query.take_all("tag", |text| match text {
        "none" => {
            none = true;
            Ok(None)
        }
        text => match TagName::parse(text) {
            Ok(name) => Ok(Some(name)),
            Err(_) => Err("the name of a tag, or none"),
        },
    })?;
    let mut named: Vec<TagName> = named.into_iter().flatten().collect();
    named.sort_unstable();
    named.dedup();
    let mut ids = query.take_all("tag_id", |text| {
        parse_id(text).ok_or("the id of a tag; a name goes into the parameter tag")
    })?;
    ids.sort_unstable();
    ids.dedup();
    let untagged = query.take("untagged", flag)?;
    let all = query.take("tag_match", |text| match text {
        "any" => Ok(false),
        "all" => Ok(true),
        _ => Err("any or all"),
    })?;
    if named.len() + ids.len() > MOST_FILTER_TAGS {
        return Err(invalid(format!(
            "tag, tag_id: at most {MOST_FILTER_TAGS} of them together."
        )));
    }
    if none && untagged == Some(false) {
        return Err(invalid(
            "tag=none and untagged=false contradict each other.".to_owned(),
        ));
    }
    let filter = TagFilter {
        all: all.unwrap_or_default() && named.len() + ids.len() > 1,
        untagged: if none { Some(true) } else { untagged },
        named,
        ids,
    };
    let tags = !filter.named.is_empty() || !filter.ids.is_empty();
    if all == Some(true) && filter.untagged == Some(true) && tags {
        return Err(invalid(
            "tag_match=all: no task has a tag and is untagged.".to_owned(),
        ));
    }
    Ok(filter)
}

/// A rule that no task has yet.
pub struct RuleQuery {
    pub recurrence: Recurrence,
    pub due_date: Timestamp,
}

/// Reads one.
pub fn rule(query: &mut QueryString) -> Result<RuleQuery, ApiError> {
    let rrule = query.take("rrule", |text| Ok(text.to_owned()))?;
    let zone = query.take("timezone", |text| Ok(text.to_owned()))?;
    let due_date = query.take("due_date", instant)?;
    let (Some(rrule), Some(due_date)) = (rrule, due_date) else {
        return Err(invalid("rrule and due_date are needed.".to_owned()));
    };
    let zone = zone.as_deref().unwrap_or("UTC");
    let recurrence = Recurrence::parse(&rrule, zone).map_err(|fault| {
        let parameter = match fault.is_of_time_zone() {
            true => "timezone",
            false => "rrule",
        };
        invalid(format!("{parameter}: {}", fault.detail()))
    })?;
    Ok(RuleQuery {
        recurrence,
        due_date,
    })
}

/// The time zone whose days are meant.
pub fn time_zone(query: &mut QueryString) -> Result<TimeZone, ApiError> {
    let zone = query.take("timezone", |text| {
        TimeZone::get(text).map_err(|_| "the IANA name of a time zone, like Europe/Berlin")
    })?;
    Ok(zone.unwrap_or(TimeZone::UTC))
}

/// How many days are counted.
pub fn days(query: &mut QueryString) -> Result<u16, ApiError> {
    let days = query.take("days", |text| {
        number(text, 1..=366).ok_or("a number from 1 to 366")
    })?;
    Ok(days.and_then(|days| days.try_into().ok()).unwrap_or(30))
}

/// How many occurrences are wanted.
pub fn occurrences(query: &mut QueryString) -> Result<usize, ApiError> {
    let limit = query.take("limit", |text| {
        number(text, 1..=100).ok_or("a number from 1 to 100")
    })?;
    Ok(limit.map_or(10, |limit| limit as usize))
}

/// The names that could have been meant as ids.
pub fn names_like_ids(filter: &TagFilter) -> Vec<Uuid> {
    let names = filter.named.iter();
    names.filter_map(|name| parse_id(name.as_str())).collect()
}

/// What to say when one was.
pub fn id_taken_for_name(id: Uuid) -> ApiError {
    invalid(format!(
        "tag: expected the name of a tag; {id} is the id of one, which goes into the parameter tag_id."
    ))
}

pub fn flag(text: &str) -> Result<bool, &'static str> {
    match text {
        "true" => Ok(true),
        "false" => Ok(false),
        _ => Err("true or false"),
    }
}

fn instant(text: &str) -> Result<Timestamp, &'static str> {
    parse_timestamp(text).map_err(|(code, _)| match code {
        code if code == FieldProblem::MissingOffset.code() => {
            "a time with its offset from UTC, like 2026-03-01T09:00:00Z (a + is written %2B)"
        }
        _ => "an RFC 3339 date and time with offset, like 2026-03-01T09:00:00Z",
    })
}

fn number(text: &str, range: std::ops::RangeInclusive<u32>) -> Option<u32> {
    // The parser alone would also take a sign.
    let digits = text.bytes().all(|b| b.is_ascii_digit());
    let number = text.parse().ok().filter(|number| range.contains(number));
    number.filter(|_| digits)
}

fn invalid(detail: String) -> ApiError {
    ApiError::bad_parameter(KitProblem::InvalidParameter, detail)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn selection(query: &str) -> Result<TaskSelection, ApiError> {
        let mut query = QueryString::parse(query)?;
        let selection = read_selection(&mut query)?;
        query.finish()?;
        Ok(selection)
    }

    #[test]
    fn the_same_filters_in_another_order_are_the_same_selection() {
        for (one, other) in [
            (
                "priority=high&priority=low",
                "priority=low&priority=high&priority=low",
            ),
            ("tag=b&tag=a", "tag=a&tag=b"),
            ("sort_by=created&order=desc", ""),
            ("status=all&search=%20&deleted=false&tag_match=any", ""),
            ("tag=a&tag_match=all", "tag=a"),
            ("tag=none", "untagged=true"),
        ] {
            assert_eq!(selection(one).unwrap(), selection(other).unwrap(), "{one}");
        }
    }

    #[test]
    fn filters_that_contradict_each_other_are_refused() {
        for query in [
            "tag=none&untagged=false",
            "tag=a&untagged=true&tag_match=all",
            "tag=none&tag=a&tag_match=all",
        ] {
            let code = selection(query).unwrap_err().problem().code();
            assert_eq!(code, "invalid_parameter", "{query}");
        }
    }

    #[test]
    fn a_page_far_down_is_not_reached_by_its_number() {
        let paging = |query: &str| Paging::read(&mut QueryString::parse(query).unwrap());
        assert_eq!(paging("page=201&limit=50").unwrap().skip(), Some(10_000));
        for query in [
            "page=202&limit=50",
            "page=4294967295&limit=200",
            "page=0",
            "page=1&cursor=x",
        ] {
            paging(query).unwrap_err();
        }
        assert!(paging("page=2").unwrap().with_total);
        assert!(!paging("page=2&total=none").unwrap().with_total);
    }
}
