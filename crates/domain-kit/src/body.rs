use std::{future::Future, pin::Pin, time::Duration};

use actix_web::{
    FromRequest, HttpRequest, dev::Payload, error::PayloadError, http::header, rt::time::timeout,
    web::BytesMut,
};
use auth_actix::FieldError;
use futures_util::StreamExt;
use serde::{Deserialize, Deserializer, de::DeserializeOwned};
use serde_json::{Map, Value};

use crate::{ApiError, FieldProblem, KitProblem};

/// Most bytes of a JSON body that are read.
pub const BODY_LIMIT: usize = 256 * 1024;

/// Longest time that a body may take to arrive: a connection that stalls is not waited for.
pub const BODY_TIME: Duration = Duration::from_secs(30);

/// A JSON body of at most [`BODY_LIMIT`] bytes, there within [`BODY_TIME`].
///
/// 415 unless its media type is JSON, 413 when it is longer, 408 when it is slower, 422 when it is not JSON or not of `T`'s shape. Give `T` fields of
/// type [`Field`], so that one answer can name everything that is wrong and an absent member differs from a `null` one.
#[derive(Debug)]
pub struct Body<T>(pub T);

impl<T: DeserializeOwned> FromRequest for Body<T> {
    type Error = ApiError;
    type Future = Pin<Box<dyn Future<Output = Result<Self, ApiError>>>>;

    fn from_request(req: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let body = read_body(req, payload);
        Box::pin(async move { parse(&body.await?).map(Self) })
    }
}

/// A JSON body as [`Body`] reads it, or none: a request without one need not say of what type it is.
#[derive(Debug)]
pub struct MaybeBody<T>(pub Option<T>);

impl<T: DeserializeOwned> FromRequest for MaybeBody<T> {
    type Error = ApiError;
    type Future = Pin<Box<dyn Future<Output = Result<Self, ApiError>>>>;

    fn from_request(req: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let of_json = check_media(req);
        let bytes = read_bytes(req, payload);
        Box::pin(async move {
            let body = bytes.await?;
            if body.is_empty() {
                return Ok(Self(None));
            }
            of_json?;
            parse(&body).map(|body| Self(Some(body)))
        })
    }
}

/// The bytes of a body that is declared as JSON.
pub(crate) fn read_body(
    req: &HttpRequest,
    payload: &mut Payload,
) -> impl Future<Output = Result<BytesMut, ApiError>> + use<> {
    let of_json = check_media(req);
    let bytes = read_bytes(req, payload);
    async move {
        of_json?;
        bytes.await
    }
}

/// What is made room for before any of it has come.
const FIRST_BYTES: usize = 8 * 1024;

fn read_bytes(
    req: &HttpRequest,
    payload: &mut Payload,
) -> impl Future<Output = Result<BytesMut, ApiError>> + use<> {
    let checked = check_length(req);
    let mut payload = payload.take();
    async move {
        let announced = checked?;
        let arrival = async {
            let mut body = BytesMut::with_capacity(announced.unwrap_or_default().min(FIRST_BYTES));
            while let Some(chunk) = payload.next().await {
                let chunk = chunk.map_err(|error| broken_transfer(&error))?;
                if body.len() + chunk.len() > BODY_LIMIT {
                    return Err(too_large());
                }
                body.extend_from_slice(&chunk);
            }
            Ok(body)
        };
        timeout(BODY_TIME, arrival).await.map_err(|_| too_slow())?
    }
}

/// One member of a JSON object, with what the client said about it.
///
/// Deserializing never fails: a value of the wrong type is kept as [`Wrong`](Self::Wrong), to be reported together with
/// everything else. Use `#[serde(default)]` so that a member that is not there is [`Absent`](Self::Absent).
#[derive(Debug, Clone, PartialEq, Default)]
pub enum Field<T> {
    /// The object has no such member.
    #[default]
    Absent,
    /// The member is `null`.
    Null,
    /// The member has a value of the right type.
    Given(T),
    /// The member has a value of another type; the text says what was expected.
    Wrong(String),
}

impl<'de, T: DeserializeOwned> Deserialize<'de> for Field<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(match Value::deserialize(deserializer)? {
            Value::Null => Self::Null,
            value => {
                T::deserialize(value).map_or_else(|error| Self::Wrong(shorten(&error)), Self::Given)
            }
        })
    }
}

/// Collects what is wrong with a body, then either lets the result out or turns into the 422.
///
/// ```
/// use domain_kit::{Field, Violations};
///
/// let mut violations = Violations::default();
/// let name: Field<String> = Field::Null;
/// violations.required("/name", name, |name| Ok::<_, (&str, &str)>(name));
/// assert!(violations.finish(()).is_err());
/// ```
#[derive(Debug, Default)]
pub struct Violations {
    errors: Vec<FieldError>,
}

impl Violations {
    /// Notes that the value at `pointer` (RFC 6901) is wrong. Of a body with very many faults, the first hundred are told.
    ///
    /// The code is a [`FieldProblem`] or one of the domain's own, from [`field_problems!`](crate::field_problems).
    pub fn add(
        &mut self,
        pointer: impl Into<String>,
        code: impl Into<&'static str>,
        detail: impl Into<String>,
    ) {
        if self.errors.len() < MOST_TOLD {
            self.errors.push(FieldError {
                pointer: pointer.into(),
                code: code.into(),
                detail: detail.into(),
            });
        }
    }

    /// Notes every member in `unknown` as one that the object at pointer `at` must not have; a misspelt one is told its right
    /// name.
    pub fn unknown_members(&mut self, at: &str, unknown: &Map<String, Value>, known: &[&str]) {
        for name in unknown.keys().take(MOST_TOLD) {
            let shown: String = name.chars().take(64).collect();
            let pointer = format!("{at}/{}", shown.replace('~', "~0").replace('/', "~1"));
            let detail = match closest(name, known) {
                Some(meant) => format!("There is no such member. Did you mean {meant}?"),
                None => format!("There is no such member. Known: {}.", known.join(", ")),
            };
            self.add(pointer, FieldProblem::UnknownField, detail);
        }
    }

    /// The value of a member that must be there, parsed by `parse`, which answers `(code, detail)` for a bad value.
    pub fn required<T, U, C: Into<&'static str>, D: Into<String>>(
        &mut self,
        pointer: &str,
        field: Field<T>,
        parse: impl FnOnce(T) -> Result<U, (C, D)>,
    ) -> Option<U> {
        match field {
            Field::Absent => {
                self.add(pointer, FieldProblem::Required, "This member is required.");
                None
            }
            Field::Null => {
                self.add(
                    pointer,
                    FieldProblem::NotNull,
                    "This member cannot be null.",
                );
                None
            }
            given => self.optional(pointer, given, parse).flatten(),
        }
    }

    /// The value of a member that may be absent (`None`) or null (`Some(None)`), parsed by `parse`.
    pub fn optional<T, U, C: Into<&'static str>, D: Into<String>>(
        &mut self,
        pointer: &str,
        field: Field<T>,
        parse: impl FnOnce(T) -> Result<U, (C, D)>,
    ) -> Option<Option<U>> {
        match field {
            Field::Absent => None,
            Field::Null => Some(None),
            Field::Given(value) => match parse(value) {
                Ok(parsed) => Some(Some(parsed)),
                Err((code, detail)) => {
                    self.add(pointer, code, detail);
                    None
                }
            },
            Field::Wrong(expected) => {
                self.add(pointer, FieldProblem::WrongType, expected);
                None
            }
        }
    }

    /// The value of a member that may be absent (`None`) but not null, parsed by `parse`.
    pub fn not_null<T, U, C: Into<&'static str>, D: Into<String>>(
        &mut self,
        pointer: &str,
        field: Field<T>,
        parse: impl FnOnce(T) -> Result<U, (C, D)>,
    ) -> Option<U> {
        match field {
            Field::Absent => None,
            given => self.required(pointer, given, parse),
        }
    }

    /// Whether nothing is wrong so far.
    pub fn is_empty(&self) -> bool {
        self.errors.is_empty()
    }

    /// `value` if nothing was noted.
    ///
    /// # Errors
    /// The 422 with everything that was noted.
    pub fn finish<T>(self, value: T) -> Result<T, ApiError> {
        if self.errors.is_empty() {
            Ok(value)
        } else {
            Err(ApiError::invalid_body(self.errors))
        }
    }

    /// `value` if nothing was noted, for what could not be made without a member that is [`required`](Self::required): `None`
    /// says that its absence was noted.
    ///
    /// # Errors
    /// The 422 with everything that was noted.
    pub fn finish_some<T>(self, value: Option<T>) -> Result<T, ApiError> {
        self.finish(value)?
            .ok_or_else(|| ApiError::broken("a value is missing, and nothing was noted about it"))
    }
}

/// An answer must not be many times as long as what it answers.
const MOST_TOLD: usize = 100;

/// The name in `known` that `name` is likely to be a misspelling of.
pub(crate) fn closest<'a>(name: &str, known: &[&'a str]) -> Option<&'a str> {
    if name.len() > 32 {
        return None;
    }
    known
        .iter()
        .map(|candidate| (strsim::damerau_levenshtein(name, candidate), *candidate))
        .filter(|(distance, candidate)| *distance <= 1 + candidate.len() / 4)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

fn check_media(req: &HttpRequest) -> Result<(), ApiError> {
    let media = req
        .headers()
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .map(|value| value.split(';').next().unwrap_or_default().trim());
    let is = |json: &str| media.is_some_and(|media| media.eq_ignore_ascii_case(json));
    match is("application/json") || is("application/merge-patch+json") {
        true => Ok(()),
        false => Err(KitProblem::UnsupportedMediaType.into()),
    }
}

/// How long the body is going to be, where that is told.
fn check_length(req: &HttpRequest) -> Result<Option<usize>, ApiError> {
    let announced = req
        .headers()
        .get(header::CONTENT_LENGTH)
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.parse::<usize>().ok());
    match announced {
        Some(length) if length > BODY_LIMIT => Err(too_large()),
        announced => Ok(announced),
    }
}

pub(crate) fn parse<T: DeserializeOwned>(body: &[u8]) -> Result<T, ApiError> {
    serde_json::from_slice(body).map_err(|error| {
        let (problem, detail) = if error.is_data() {
            (FieldProblem::WrongType, shorten(&error))
        } else {
            let detail = format!("Not JSON: {}", shorten(&error));
            (FieldProblem::MalformedJson, detail)
        };
        ApiError::invalid_body(vec![FieldError {
            pointer: String::new(),
            code: problem.code(),
            detail,
        }])
    })
}

/// serde's words may repeat a long value of the client's.
fn shorten(error: &serde_json::Error) -> String {
    let text = error.to_string();
    match text.char_indices().nth(200) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text,
    }
}

fn too_large() -> ApiError {
    KitProblem::BodyTooLarge.into()
}

fn too_slow() -> ApiError {
    KitProblem::RequestTimeout.into()
}

fn broken_transfer(error: &PayloadError) -> ApiError {
    match error {
        PayloadError::Overflow => too_large(),
        _ => KitProblem::BodyIncomplete.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, Deserialize)]
    struct Cat {
        #[serde(default)]
        name: Field<String>,
        #[serde(default)]
        lives: Field<u8>,
        #[serde(flatten)]
        rest: Map<String, Value>,
    }

    fn cat(json: &str) -> Cat {
        parse(json.as_bytes()).unwrap()
    }

    #[test]
    fn absent_null_given_and_wrong_are_four_different_things() {
        let tom = cat(r#"{"name":null,"lives":"nine","tail":1}"#);
        assert_eq!(tom.name, Field::Null);
        assert!(matches!(tom.lives, Field::Wrong(_)));
        assert_eq!(tom.rest.len(), 1);
        let tom = cat(r#"{"lives":9}"#);
        assert_eq!(tom.name, Field::Absent);
        assert_eq!(tom.lives, Field::Given(9));
    }

    #[test]
    fn a_member_given_twice_is_refused() {
        let error = parse::<Cat>(br#"{"name":"a","name":"b"}"#).unwrap_err();
        assert_eq!(error.problem().status().as_u16(), 422);
    }

    #[test]
    fn what_is_not_json_is_refused_as_such() {
        for body in ["", "{", "{\"name\":\"\\ud800\"}", "\u{feff}{}", "nul"] {
            let error = parse::<Cat>(body.as_bytes()).unwrap_err();
            assert_eq!(error.problem().code(), "validation_failed", "{body}");
        }
        parse::<Cat>(b"{\"name\":\"\xff\"}").unwrap_err();
        parse::<Cat>(b"[]").unwrap_err();
        parse::<Cat>("[".repeat(100_000).as_bytes()).unwrap_err();
    }

    #[test]
    fn a_body_of_faults_does_not_make_an_answer_of_many_times_its_length() {
        let members: Vec<String> = (0..20_000).map(|n| format!("\"nam{n}\":0")).collect();
        let Cat { rest, .. } = cat(&format!("{{{}}}", members.join(",")));
        let mut violations = Violations::default();
        violations.unknown_members("", &rest, &["name", "lives"]);
        assert_eq!(violations.errors.len(), MOST_TOLD);
    }

    #[test]
    fn everything_wrong_is_reported_at_once() {
        let Cat { name, lives, rest } = cat(r#"{"name":7,"nmae":"Tom"}"#);
        let mut violations = Violations::default();
        violations.required("/name", name, Ok::<_, (&str, &str)>);
        violations.required("/lives", lives, Ok::<_, (&str, &str)>);
        violations.unknown_members("", &rest, &["name", "lives"]);
        let codes: Vec<_> = violations.errors.iter().map(|e| e.code).collect();
        assert_eq!(codes, ["wrong_type", "required", "unknown_field"]);
        assert!(violations.errors[2].detail.contains("Did you mean name?"));
    }
}
