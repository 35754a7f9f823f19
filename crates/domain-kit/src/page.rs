use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use sha2::{Digest, Sha256};
use utoipa::ToSchema;

use crate::{ApiError, UserId};

/// One page of a list: the only shape in which a list is answered.
#[derive(Debug, Serialize, ToSchema)]
pub struct Page<T> {
    /// The entries; an empty array when there are none.
    pub items: Vec<T>,
    /// The most entries that this page could have had.
    pub limit: u32,
    /// Give this as `cursor` to get the next page; null on the last one.
    #[schema(required = true)]
    pub next_cursor: Option<String>,
    /// Whether there is a next page.
    pub has_more: bool,
    /// How many entries there are on all pages; null unless it was asked for.
    #[schema(required = true)]
    pub total: Option<u64>,
    /// The number of this page; null when paging by cursor.
    #[schema(required = true)]
    pub page: Option<u64>,
    /// How many pages there are; null unless it was asked for.
    #[schema(required = true)]
    pub total_pages: Option<u64>,
}

impl<T> Page<T> {
    /// The page made of `rows`, which were fetched with a limit of one more than `limit`, so that the last one tells whether
    /// there is a next page. `cursor` makes the next page's cursor from the last entry shown.
    pub fn from_one_too_many(
        mut rows: Vec<T>,
        limit: u32,
        cursor: impl FnOnce(&T) -> String,
    ) -> Self {
        let has_more = rows.len() > limit as usize;
        rows.truncate(limit as usize);
        let next_cursor = if has_more {
            rows.last().map(cursor)
        } else {
            None
        };
        Self {
            items: rows,
            limit,
            next_cursor,
            has_more,
            total: None,
            page: None,
            total_pages: None,
        }
    }

    /// The same page with every entry in another shape.
    pub fn map<U>(self, shape: impl FnMut(T) -> U) -> Page<U> {
        Page {
            items: self.items.into_iter().map(shape).collect(),
            limit: self.limit,
            next_cursor: self.next_cursor,
            has_more: self.has_more,
            total: self.total,
            page: self.page,
            total_pages: self.total_pages,
        }
    }
}

/// Where a page ends, as an opaque text for the client: the sort key of its last entry, bound to the user and to the list with
/// its filters that it was made for.
///
/// The binding catches mistakes (a cursor pasted into another list); it is no secret. A forged cursor can only move its own
/// user within their own rows.
#[derive(Debug, Serialize, Deserialize)]
struct Cursor<K> {
    v: u8,
    list: String,
    key: K,
}

/// The cursor after the entry with sort key `key`, for the list that `list` describes (its path, filters and order).
pub fn cursor_after(user: UserId, list: &str, key: &impl Serialize) -> String {
    let cursor = Cursor {
        v: 1,
        list: fingerprint(user, list),
        key,
    };
    // Strings, numbers and times serialize always.
    URL_SAFE_NO_PAD.encode(serde_json::to_vec(&cursor).unwrap_or_default())
}

/// The sort key in a cursor that [`cursor_after`] made for the same user and list.
///
/// # Errors
/// 400 `invalid_cursor` for anything else.
pub fn read_cursor<K: DeserializeOwned>(
    user: UserId,
    list: &str,
    text: &str,
) -> Result<K, ApiError> {
    if text.len() > 1024 {
        return Err(ApiError::invalid_cursor());
    }
    let bytes = URL_SAFE_NO_PAD
        .decode(text)
        .map_err(|_| ApiError::invalid_cursor())?;
    let cursor: Cursor<K> =
        serde_json::from_slice(&bytes).map_err(|_| ApiError::invalid_cursor())?;
    if cursor.v != 1 || cursor.list != fingerprint(user, list) {
        return Err(ApiError::invalid_cursor());
    }
    Ok(cursor.key)
}

fn fingerprint(user: UserId, list: &str) -> String {
    let mut hasher = Sha256::new();
    hasher.update(user.as_uuid().as_bytes());
    hasher.update(list);
    URL_SAFE_NO_PAD.encode(&hasher.finalize()[..9])
}

#[cfg(test)]
mod tests {
    use auth_testkit::identity_of;
    use uuid::Uuid;

    use super::*;

    #[test]
    fn a_cursor_is_good_for_its_own_user_and_list_only() {
        let alice = identity_of(Uuid::new_v4()).user_id();
        let bob = identity_of(Uuid::new_v4()).user_id();
        let cursor = cursor_after(alice, "tasks?status=all", &("2026-01-01", 7));

        let key: (String, u32) = read_cursor(alice, "tasks?status=all", &cursor).unwrap();
        assert_eq!(key, ("2026-01-01".into(), 7));

        read_cursor::<(String, u32)>(bob, "tasks?status=all", &cursor).unwrap_err();
        read_cursor::<(String, u32)>(alice, "tasks?status=complete", &cursor).unwrap_err();
        for text in ["", "x", "e30", "%%%", &cursor[1..], &"A".repeat(2000)] {
            read_cursor::<(String, u32)>(alice, "tasks?status=all", text).unwrap_err();
        }
    }

    #[test]
    fn the_extra_row_tells_of_a_next_page_and_is_not_shown() {
        let page = Page::from_one_too_many(vec![1, 2, 3], 2, ToString::to_string);
        assert_eq!(
            (page.items, page.next_cursor.as_deref(), page.has_more),
            (vec![1, 2], Some("2"), true)
        );
        let page = Page::from_one_too_many(vec![1, 2], 2, ToString::to_string);
        assert_eq!(
            (page.items.len(), page.next_cursor, page.has_more),
            (2, None, false)
        );
    }
}
