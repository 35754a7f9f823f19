use std::{
    fmt,
    future::{Ready, ready},
};

use actix_web::{
    FromRequest, HttpRequest,
    dev::Payload,
    http::header::{self, HeaderName, HeaderValue},
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use sha2::{Digest, Sha256};

use crate::{ApiError, FromRow, KitProblem, Param, StoreError, UserTx};

/// A strong entity tag (RFC 9110, section 8.8.3): the name of one state of a resource.
///
/// It begins with the version of the row, which is what `If-Match` is about; what else the answer shows, such as the names of
/// a task's tags, goes into a digest behind it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EntityTag(String);

impl EntityTag {
    /// `"7"`: for a resource that is one row.
    pub fn of_version(version: i64) -> Self {
        Self(format!("\"{version}\""))
    }

    /// `"7-…"`: for a row that is shown with others, which change without it.
    pub fn of_version_and(version: i64, shown: StateDigest) -> Self {
        Self(format!("\"{version}-{}\"", shown.finish()))
    }

    /// `"…"`: for what has no version of its own, such as a page of a list.
    pub fn of_state(shown: StateDigest) -> Self {
        Self(format!("\"{}\"", shown.finish()))
    }

    /// As it stands in a header, with its quotes.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// As the value of the header `ETag`.
    pub fn header_value(&self) -> HeaderValue {
        HeaderValue::from_str(&self.0).expect("made of digits, letters, hyphens and quotes")
    }
}

impl fmt::Display for EntityTag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Collects what an answer shows, to be told from what it showed before.
///
/// ```
/// use domain_kit::{EntityTag, StateDigest};
///
/// let mut shown = StateDigest::default();
/// shown.add(b"Home");
/// let tag = EntityTag::of_version_and(7, shown);
/// assert!(tag.as_str().starts_with("\"7-"));
/// ```
#[derive(Debug, Clone, Default)]
pub struct StateDigest(Sha256);

impl StateDigest {
    /// Adds one part. Its length goes along, so that `ab` + `c` is not `a` + `bc`.
    pub fn add(&mut self, part: &[u8]) {
        self.0.update((part.len() as u64).to_le_bytes());
        self.0.update(part);
    }

    fn finish(self) -> String {
        // 96 bits: a user's states are compared with each other only, and nobody gains by a collision with oneself.
        URL_SAFE_NO_PAD.encode(&self.0.finalize()[..12])
    }
}

/// The header `If-Match` (RFC 9110, section 13.1.1): make the change only if the resource is still in a state that the client
/// has seen. Without the header, in any state.
///
/// 400 `invalid_header` for what is no list of entity tags.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct IfMatch(Option<Vec<i64>>);

impl IfMatch {
    /// The versions of which the row must have one; `None` when any will do. Empty when no version will do, as for a weak tag
    /// or one that is not of this API.
    pub fn versions(&self) -> Option<&[i64]> {
        self.0.as_deref()
    }

    /// Whether a row of this version may be changed.
    pub fn allows(&self, version: i64) -> bool {
        self.versions()
            .is_none_or(|versions| versions.contains(&version))
    }

    /// Lets a change to a row of this version pass.
    ///
    /// # Errors
    /// 412 `precondition_failed` when the client has seen other versions only.
    pub fn check(&self, version: i64) -> Result<(), ApiError> {
        match self.allows(version) {
            true => Ok(()),
            false => Err(KitProblem::PreconditionFailed.into()),
        }
    }

    /// The row that `sql` finds, to be changed in `tx`: if there is one, and in a state that the client has seen. The user's
    /// other changes wait until `tx` ends, so that it stays in that state. `sql` gives the columns of `T`, `version` among them.
    ///
    /// # Errors
    /// [`FromRow::absent`], as of [`check`](Self::check), and any [`StoreError`].
    pub async fn hold<T: FromRow>(
        &self,
        tx: &UserTx<'_>,
        sql: &str,
        params: &[Param<'_>],
    ) -> Result<T, ApiError> {
        // Without the user there is no row either.
        tx.lock_user().await?;
        let row = tx.query_opt(sql, params).await?.ok_or_else(T::absent)?;
        self.check(row.try_get("version").map_err(StoreError::from)?)?;
        Ok(T::from_row(&row)?)
    }

    /// What the header would say with this value, for requests that carry several changes. `None` for what is no list of entity
    /// tags.
    pub fn parse(value: &str) -> Option<Self> {
        let tags = parse_tags(value)?;
        let few = !matches!(&tags, Tags::Listed(tags) if tags.len() > MOST_TAGS);
        few.then(|| Self::of(&tags))
    }

    fn read(req: &HttpRequest) -> Result<Self, ApiError> {
        let tags = entity_tags(req, &header::IF_MATCH)?;
        Ok(tags.as_ref().map(Self::of).unwrap_or_default())
    }

    fn of(tags: &Tags) -> Self {
        Self(match tags {
            Tags::Any => None,
            Tags::Listed(tags) => Some(tags.iter().filter_map(Tag::version).collect()),
        })
    }
}

impl FromRequest for IfMatch {
    type Error = ApiError;
    type Future = Ready<Result<Self, ApiError>>;

    fn from_request(req: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(Self::read(req))
    }
}

/// The header `If-None-Match` (RFC 9110, section 13.1.2) of a read: the states that the client has already.
///
/// 400 `invalid_header` for what is no list of entity tags.
#[derive(Debug, Clone)]
pub struct IfNoneMatch(Option<Tags>);

impl IfNoneMatch {
    /// Whether the client has this state, so that 304 is all it needs. Weak tags count: a proxy that compresses makes them.
    pub fn has(&self, tag: &EntityTag) -> bool {
        match &self.0 {
            None => false,
            Some(Tags::Any) => true,
            Some(Tags::Listed(tags)) => tags.iter().any(|known| known.quoted == tag.0),
        }
    }
}

impl FromRequest for IfNoneMatch {
    type Error = ApiError;
    type Future = Ready<Result<Self, ApiError>>;

    fn from_request(req: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(entity_tags(req, &header::IF_NONE_MATCH).map(Self))
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Tags {
    Any,
    Listed(Vec<Tag>),
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Tag {
    weak: bool,
    /// With its quotes.
    quoted: String,
}

impl Tag {
    /// The version that one of our tags begins with. Strong comparison: a weak tag never matches.
    fn version(&self) -> Option<i64> {
        let inner = self.quoted.trim_matches('"');
        let digits = inner.split_once('-').map_or(inner, |(version, _)| version);
        let plain = !self.weak && digits.bytes().all(|b| b.is_ascii_digit());
        plain.then(|| digits.parse().ok()).flatten()
    }
}

/// What the value of a header with entity tags is expected to be.
pub(crate) const ENTITY_TAGS: &str =
    "* or entity tags such as \"7\", with their quotes and separated by commas";

/// Most entity tags that are read of one request.
const MOST_TAGS: usize = 50;

fn entity_tags(req: &HttpRequest, name: &HeaderName) -> Result<Option<Tags>, ApiError> {
    let mut found = None;
    for value in req.headers().get_all(name) {
        let read = value.to_str().ok().and_then(parse_tags);
        found = match (found, read) {
            (None, Some(tags)) => Some(tags),
            (Some(Tags::Listed(mut all)), Some(Tags::Listed(more))) => {
                all.extend(more);
                Some(Tags::Listed(all))
            }
            _ => return Err(ApiError::bad_header(name, ENTITY_TAGS)),
        };
    }
    match found {
        Some(Tags::Listed(tags)) if tags.len() > MOST_TAGS => {
            Err(ApiError::bad_header(name, "at most 50 entity tags"))
        }
        found => Ok(found),
    }
}

/// `None` for what is neither `*` nor a list of entity tags. Empty members of a list are passed over (RFC 9110, section 5.6.1).
fn parse_tags(text: &str) -> Option<Tags> {
    let text = text.trim();
    if text == "*" {
        return Some(Tags::Any);
    }
    let mut tags = Vec::new();
    let mut rest = text;
    loop {
        rest = rest.trim_start_matches([' ', '\t', ',']);
        if rest.is_empty() {
            break;
        }
        let (weak, opened) = match rest.strip_prefix("W/") {
            Some(rest) => (true, rest),
            None => (false, rest),
        };
        let inner = opened.strip_prefix('"')?;
        let end = inner.find('"')?;
        // etagc: visible ASCII without the quote (and obs-text, which `to_str` has refused).
        if !inner[..end].bytes().all(|b| b.is_ascii_graphic()) {
            return None;
        }
        tags.push(Tag {
            weak,
            quoted: opened[..end + 2].to_owned(),
        });
        rest = inner[end + 1..].trim_start_matches([' ', '\t']);
        if !rest.is_empty() && !rest.starts_with(',') {
            return None;
        }
    }
    (!tags.is_empty()).then_some(Tags::Listed(tags))
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;

    use super::*;

    fn if_match(values: &[&str]) -> Result<IfMatch, ApiError> {
        let mut request = TestRequest::default();
        for value in values {
            request = request.append_header((header::IF_MATCH, *value));
        }
        IfMatch::read(&request.to_http_request())
    }

    #[test]
    fn a_version_is_read_from_strong_tags_of_ours_and_from_nothing_else() {
        for (value, versions) in [
            ("\"7\"", Some(&[7][..])),
            ("\"7-abc_-\"", Some(&[7])),
            ("\"7\", \"8-x\"", Some(&[7, 8])),
            (" , \"7\" ,, ", Some(&[7])),
            ("W/\"7\"", Some(&[])),
            ("\"seven\"", Some(&[])),
            ("\"-7\"", Some(&[])),
            ("\"+7\"", Some(&[])),
            ("\"\"", Some(&[])),
            ("\"99999999999999999999\"", Some(&[])),
            ("*", None),
        ] {
            assert_eq!(if_match(&[value]).unwrap().versions(), versions, "{value}");
        }
        assert_eq!(if_match(&[]).unwrap().versions(), None);
        assert!(if_match(&[]).unwrap().check(7).is_ok());
        let refused = if_match(&["\"7\""]).unwrap().check(8).unwrap_err();
        assert_eq!(refused.problem().code(), "precondition_failed");
        assert_eq!(
            if_match(&["\"1\"", "\"2\""]).unwrap().versions(),
            Some(&[1, 2][..])
        );
    }

    #[test]
    fn what_is_no_list_of_entity_tags_is_refused() {
        for value in [
            "7",
            "\"7",
            "7\"",
            "\"7\" \"8\"",
            "*, \"7\"",
            "",
            ",",
            "w/\"7\"",
            "\"a b\"",
            "'7'",
        ] {
            let code = if_match(&[value]).unwrap_err().problem().code();
            assert_eq!(code, "invalid_header", "{value}");
        }
        if_match(&["*", "\"7\""]).unwrap_err();
        if_match(&[&"\"1\",".repeat(51)]).unwrap_err();
    }

    #[test]
    fn a_state_that_the_client_has_is_known_also_by_its_weak_tag() {
        let tag = EntityTag::of_version(7);
        let has = |value: &'static str| {
            let request = TestRequest::default().insert_header((header::IF_NONE_MATCH, value));
            let tags = entity_tags(&request.to_http_request(), &header::IF_NONE_MATCH).unwrap();
            IfNoneMatch(tags).has(&tag)
        };
        for value in ["\"7\"", "W/\"7\"", "\"6\", \"7\"", "*"] {
            assert!(has(value), "{value}");
        }
        assert!(!has("\"8\"") && !has("\"7-x\""));
    }

    #[test]
    fn parts_of_a_state_do_not_run_into_each_other() {
        let of = |parts: &[&str]| {
            let mut digest = StateDigest::default();
            parts.iter().for_each(|part| digest.add(part.as_bytes()));
            EntityTag::of_state(digest)
        };
        assert_eq!(of(&["ab", "c"]), of(&["ab", "c"]));
        assert_ne!(of(&["ab", "c"]), of(&["a", "bc"]));
    }
}
