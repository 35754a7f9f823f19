use auth_pg::{StoreError, UserDb};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use hmac::{Hmac, KeyInit, Mac as _};
use serde::{Serialize, de::DeserializeOwned};
use sha2::Sha256;
use utoipa::ToSchema;

use crate::{ApiError, KitProblem, UserId};

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

    /// The same page over borrowed entries.
    pub fn as_ref(&self) -> Page<&T> {
        Page {
            items: self.items.iter().collect(),
            limit: self.limit,
            next_cursor: self.next_cursor.clone(),
            has_more: self.has_more,
            total: self.total,
            page: self.page,
            total_pages: self.total_pages,
        }
    }

    /// With the number of entries on all pages.
    #[must_use]
    pub fn with_total(mut self, total: u64) -> Self {
        self.total = Some(total);
        self.total_pages = Some(total.div_ceil(u64::from(self.limit.max(1))));
        self
    }

    /// As the page of this number, for clients that count pages.
    #[must_use]
    pub fn numbered(mut self, page: u64) -> Self {
        self.page = Some(page);
        self
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

/// Makes and reads the cursors of one list for one user.
///
/// A cursor says where a page ends: the sort key of its last entry. It is authenticated (HMAC-SHA-256, under a key that all
/// replicas share) together with the user and the list that it was made for, its filters and order included; so one that was
/// pasted into another list, or made up, is refused and not misunderstood. It is not encrypted: the client has seen what is
/// in it.
#[derive(Debug)]
pub struct Cursors {
    mac: Mac,
}

type Mac = Hmac<Sha256>;

/// Longest cursor that is read, in bytes. The longest that is made holds a title of 255 characters.
const MOST_BYTES: usize = 4096;

const TAG_BYTES: usize = 16;

impl Cursors {
    /// For the list that `list` describes: what it lists, its filters and its order.
    ///
    /// # Errors
    /// Any [`StoreError`], the first time in a process: the key comes from the database.
    pub async fn of(db: &UserDb, user: UserId, list: &str) -> Result<Self, StoreError> {
        Ok(Self::with_key(db.secret().await?, user, list))
    }

    fn with_key(key: &[u8], user: UserId, list: &str) -> Self {
        let mut mac = Mac::new_from_slice(key).expect("HMAC takes a key of any length");
        // What else is made from the same secret begins with another word.
        mac.update(b"cursor 1");
        mac.update(user.as_uuid().as_bytes());
        mac.update(&(list.len() as u64).to_le_bytes());
        mac.update(list.as_bytes());
        Self { mac }
    }

    /// The cursor after the entry with this sort key.
    pub fn after(&self, key: &impl Serialize) -> String {
        // Strings, numbers and times serialize always.
        let mut bytes = serde_json::to_vec(key).unwrap_or_default();
        let tag = self
            .mac
            .clone()
            .chain_update(&bytes)
            .finalize()
            .into_bytes();
        bytes.extend_from_slice(&tag[..TAG_BYTES]);
        URL_SAFE_NO_PAD.encode(bytes)
    }

    /// The sort key in a cursor that [`after`](Self::after) made for the same user and list.
    ///
    /// # Errors
    /// 400 `invalid_cursor` for anything else.
    pub fn read<K: DeserializeOwned>(&self, text: &str) -> Result<K, ApiError> {
        let refused = || ApiError::from(KitProblem::InvalidCursor);
        if text.len() > MOST_BYTES {
            return Err(refused());
        }
        let bytes = URL_SAFE_NO_PAD.decode(text).map_err(|_| refused())?;
        let split = bytes.len().checked_sub(TAG_BYTES).ok_or_else(refused)?;
        let (key, tag) = bytes.split_at(split);
        let mac = self.mac.clone().chain_update(key);
        mac.verify_truncated_left(tag).map_err(|_| refused())?;
        serde_json::from_slice(key).map_err(|_| refused())
    }
}

#[cfg(test)]
mod tests {
    use auth_testkit::identity_of;
    use uuid::Uuid;

    use super::*;

    #[test]
    fn a_cursor_is_good_for_its_own_user_list_and_service_only() {
        let alice = identity_of(Uuid::new_v4()).user_id();
        let bob = identity_of(Uuid::new_v4()).user_id();
        let of = |key: &str, user, list| Cursors::with_key(key.as_bytes(), user, list);
        let cursor = of("k", alice, "tasks?status=all").after(&("2026-01-01", 7));
        let read = |cursors: Cursors, text: &str| cursors.read::<(String, u32)>(text);

        let key = read(of("k", alice, "tasks?status=all"), &cursor).unwrap();
        assert_eq!(key, ("2026-01-01".into(), 7));

        read(of("k", bob, "tasks?status=all"), &cursor).unwrap_err();
        read(of("k", alice, "tasks?status=complete"), &cursor).unwrap_err();
        read(of("another", alice, "tasks?status=all"), &cursor).unwrap_err();
        for text in ["", "x", "e30", "%%%", &cursor[1..], &"A".repeat(5000)] {
            read(of("k", alice, "tasks?status=all"), text).unwrap_err();
        }
    }

    #[test]
    fn a_cursor_of_which_any_character_was_changed_is_refused() {
        let alice = identity_of(Uuid::new_v4()).user_id();
        let cursors = Cursors::with_key(b"k", alice, "list");
        let cursor = cursors.after(&("2026-01-01", 7));
        for place in 0..cursor.len() {
            for other in ["A", "B", "_"] {
                let mut changed = cursor.clone();
                changed.replace_range(place..=place, other);
                if changed != cursor {
                    cursors.read::<(String, u32)>(&changed).unwrap_err();
                }
            }
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

    #[test]
    fn the_number_of_pages_is_rounded_up() {
        for (total, pages) in [(0, 0), (1, 1), (50, 1), (51, 2)] {
            let page = Page::from_one_too_many(vec![1], 50, ToString::to_string);
            let page = page.with_total(total);
            assert_eq!((page.total, page.total_pages), (Some(total), Some(pages)));
        }
    }
}
