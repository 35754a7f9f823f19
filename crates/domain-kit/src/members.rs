use std::fmt;

use actix_web::{FromRequest, HttpRequest, dev::Payload};
use futures_util::future::LocalBoxFuture;
use serde::{
    Deserialize, Deserializer,
    de::{DeserializeOwned, Error as _, MapAccess, Visitor},
};
use serde_json::{Map, Value};

use crate::{ApiError, Body, Field, FieldProblem, Violations};

/// The members of a JSON object, read one by one: what [`QueryString`](crate::QueryString) is for queries. All that is wrong is
/// collected into one 422; what nobody has taken in the end is refused, so that a misspelt member is never silently ignored.
///
/// A handler takes it as it is, or as `Keyed<Members>`, and makes a type of the domain's from it:
///
/// ```
/// use domain_kit::{ApiError, Members, text};
///
/// struct NewNote {
///     title: String,
///     content: Option<String>,
/// }
///
/// fn read(mut body: Members) -> Result<NewNote, ApiError> {
///     let title = body.required("title", text(1, 200));
///     let content = body.optional("content", text(0, 20_000)).flatten();
///     body.finish_some(title.map(|title| NewNote { title, content }))
/// }
///
/// let read = |json| read(serde_json::from_str(json).unwrap());
/// assert!(read(r#"{"title": " Milk "}"#).is_ok_and(|note| note.title == "Milk" && note.content.is_none()));
/// assert!(read(r#"{"title": "Milk", "contents": "2 l"}"#).is_err());
/// ```
#[derive(Debug)]
pub struct Members {
    given: Map<String, Value>,
    asked: Vec<&'static str>,
    violations: Violations,
}

impl Members {
    /// The member `name`, which must be there, parsed by `parse`, which answers `(code, detail)` for a bad value. `None` says that
    /// something was noted.
    pub fn required<T: DeserializeOwned, U, C: Into<&'static str>, D: Into<String>>(
        &mut self,
        name: &'static str,
        parse: impl FnOnce(T) -> Result<U, (C, D)>,
    ) -> Option<U> {
        let field = self.take(name);
        self.violations.required(&pointer(name), field, parse)
    }

    /// The member `name`, which may be absent (`None`) but not null.
    pub fn not_null<T: DeserializeOwned, U, C: Into<&'static str>, D: Into<String>>(
        &mut self,
        name: &'static str,
        parse: impl FnOnce(T) -> Result<U, (C, D)>,
    ) -> Option<U> {
        let field = self.take(name);
        self.violations.not_null(&pointer(name), field, parse)
    }

    /// The member `name`, which may be absent (`None`) or null (`Some(None)`).
    pub fn optional<T: DeserializeOwned, U, C: Into<&'static str>, D: Into<String>>(
        &mut self,
        name: &'static str,
        parse: impl FnOnce(T) -> Result<U, (C, D)>,
    ) -> Option<Option<U>> {
        let field = self.take(name);
        self.violations.optional(&pointer(name), field, parse)
    }

    /// The member `name` as it was given, for what the methods above cannot say; [`violations`](Self::violations) takes what is
    /// wrong with it.
    pub fn take<T: DeserializeOwned>(&mut self, name: &'static str) -> Field<T> {
        self.asked.push(name);
        let given = self.given.remove(name);
        given.map_or(Field::Absent, |value| {
            Field::deserialize(value).unwrap_or_default()
        })
    }

    /// Refuses the members `names`, which the server decides.
    pub fn read_only(&mut self, names: &[&str]) {
        for name in names {
            if self.given.remove(*name).is_some() {
                let detail = "The server decides this; leave it out.";
                self.violations
                    .add(pointer(name), FieldProblem::ReadOnly, detail);
            }
        }
    }

    /// What is wrong so far, to add what concerns more than one member.
    pub fn violations(&mut self) -> &mut Violations {
        &mut self.violations
    }

    /// `value`, if nothing is wrong.
    ///
    /// # Errors
    /// The 422 with all that was noted, and with the members that nobody asked for.
    pub fn finish<T>(mut self, value: T) -> Result<T, ApiError> {
        self.violations
            .unknown_members("", &self.given, &self.asked);
        self.violations.finish(value)
    }

    /// [`finish`](Self::finish) for what could not be made without a required member; `None` says that this was noted.
    ///
    /// # Errors
    /// As of [`finish`](Self::finish).
    pub fn finish_some<T>(mut self, value: Option<T>) -> Result<T, ApiError> {
        self.violations
            .unknown_members("", &self.given, &self.asked);
        self.violations.finish_some(value)
    }
}

fn pointer(name: &str) -> String {
    format!("/{name}")
}

impl FromRequest for Members {
    type Error = ApiError;
    type Future = LocalBoxFuture<'static, Result<Self, ApiError>>;

    fn from_request(req: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let body = Body::from_request(req, payload);
        Box::pin(async move { Ok(body.await?.0) })
    }
}

impl<'de> Deserialize<'de> for Members {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Self {
            given: deserializer.deserialize_map(ObjectVisitor)?,
            asked: Vec::new(),
            violations: Violations::default(),
        })
    }
}

struct ObjectVisitor;

impl<'de> Visitor<'de> for ObjectVisitor {
    type Value = Map<String, Value>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut object: A) -> Result<Self::Value, A::Error> {
        let mut members = Map::new();
        while let Some((name, value)) = object.next_entry::<String, Value>()? {
            // One of the two would be passed over.
            if members.insert(name, value).is_some() {
                return Err(A::Error::custom("a member is there twice"));
            }
        }
        Ok(members)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text;

    fn wrong<T>(read: Result<T, ApiError>) -> Vec<String> {
        let error = read.map(drop).unwrap_err();
        let errors = error.problem().parts().errors.iter();
        errors
            .map(|it| format!("{} {}", it.pointer, it.code))
            .collect()
    }

    #[test]
    fn everything_that_is_wrong_is_told_at_once() {
        let mut members: Members = serde_json::from_str(
            r#"{"a": 1, "b": null, "c": "", "id": 7, "versoin": 1, "fine": " x "}"#,
        )
        .unwrap();
        assert_eq!(members.required("a", text(1, 9)), None);
        assert_eq!(members.not_null("b", text(1, 9)), None);
        assert_eq!(members.optional("c", text(1, 9)), None);
        assert_eq!(members.required("d", text(1, 9)), None);
        assert_eq!(members.not_null("e", text(1, 9)), None);
        assert_eq!(members.required("fine", text(1, 9)).as_deref(), Some("x"));
        members.read_only(&["id", "version"]);
        assert_eq!(
            wrong(members.finish(())),
            [
                "/a wrong_type",
                "/b not_null",
                "/c blank",
                "/d required",
                "/id read_only",
                "/versoin unknown_field"
            ]
        );
    }

    #[test]
    fn an_absent_member_differs_from_a_null_one() {
        let mut members: Members = serde_json::from_str(r#"{"a": null}"#).unwrap();
        assert_eq!(members.optional("a", text(0, 9)), Some(None));
        assert_eq!(members.optional("b", text(0, 9)), None);
        assert!(members.finish(()).is_ok());
    }

    #[test]
    fn what_is_no_object_or_has_a_member_twice_is_not_read() {
        for json in ["[]", "1", "null", r#"{"a": 1, "a": 1}"#] {
            let error = serde_json::from_str::<Members>(json).unwrap_err();
            assert!(error.is_data(), "{json}");
        }
    }
}
