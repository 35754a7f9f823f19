use std::future::{Ready, ready};

use actix_web::{FromRequest, HttpRequest, dev::Payload};
use serde::{Serialize, de::DeserializeOwned};

use crate::{ApiError, Cursors, Page, QueryString};

/// The parameters `limit` and `cursor` of a list. For a list with no others this is an extractor; one with filters takes them from
/// its [`QueryString`] with [`take`](Self::take).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Paging {
    limit: u32,
    cursor: Option<String>,
}

impl Paging {
    /// Takes `limit` (1 to 200, and 50 when it was not given) and `cursor`.
    ///
    /// # Errors
    /// 400 `invalid_parameter`.
    pub fn take(query: &mut QueryString) -> Result<Self, ApiError> {
        let limit = query.take("limit", |text| match text.parse() {
            Ok(limit @ 1..=200) => Ok(limit),
            _ => Err("a number from 1 to 200"),
        })?;
        Ok(Self {
            limit: limit.unwrap_or(50),
            cursor: query.take("cursor", |text| Ok(text.to_owned()))?,
        })
    }

    /// The sort key of the last entry of the page before; `None` for the first page.
    ///
    /// # Errors
    /// 400 `invalid_cursor` when `cursors` did not make it.
    pub fn after<K: DeserializeOwned>(&self, cursors: &Cursors) -> Result<Option<K>, ApiError> {
        let cursor = self.cursor.as_deref();
        cursor.map(|text| cursors.read(text)).transpose()
    }

    /// How many rows to ask for: one more than the page has room for, which tells whether there is a next one.
    pub fn rows(&self) -> i64 {
        i64::from(self.limit) + 1
    }

    /// The page made of `rows`, of which there are at most [`rows`](Self::rows); `key` is the sort key of an entry.
    pub fn page<T, K: Serialize>(
        &self,
        rows: Vec<T>,
        cursors: &Cursors,
        key: impl FnOnce(&T) -> K,
    ) -> Page<T> {
        Page::from_one_too_many(rows, self.limit, |last| cursors.after(&key(last)))
    }
}

impl FromRequest for Paging {
    type Error = ApiError;
    type Future = Ready<Result<Self, ApiError>>;

    fn from_request(req: &HttpRequest, _: &mut Payload) -> Self::Future {
        let read = || {
            let mut query = QueryString::parse(req.query_string())?;
            let paging = Self::take(&mut query)?;
            query.finish()?;
            Ok(paging)
        };
        ready(read())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_has_fifty_entries_unless_it_was_asked_for_one_to_two_hundred() {
        let take = |text| Paging::take(&mut QueryString::parse(text).unwrap());
        for (text, rows) in [("", 51), ("limit=1", 2), ("limit=200&cursor=x", 201)] {
            assert_eq!(take(text).unwrap().rows(), rows);
        }
        for text in [
            "limit=0",
            "limit=201",
            "limit=-1",
            "limit=",
            "limit=x",
            "cursor=a&cursor=b",
        ] {
            let code = take(text).unwrap_err().problem().code();
            assert_eq!(code, "invalid_parameter", "{text}");
        }
    }
}
