use std::{
    collections::BTreeMap,
    future::{Ready, ready},
};

use actix_web::{FromRequest, HttpRequest, dev::Payload, web};
use percent_encoding::percent_decode_str;

use crate::{ApiError, KitProblem, body::closest};

/// The query string of a request, read parameter by parameter; what nobody has taken in the end is refused, so that a
/// misspelt filter is never silently ignored.
///
/// ```
/// use domain_kit::QueryString;
///
/// let mut query = QueryString::parse("limit=20&color=red").unwrap();
/// let limit: Option<u32> = query.take("limit", |text| text.parse().map_err(|_| "a number")).unwrap();
/// assert_eq!(limit, Some(20));
/// assert!(query.finish().is_err(), "color was not taken");
/// ```
#[derive(Debug)]
pub struct QueryString {
    given: BTreeMap<String, Vec<String>>,
    asked: Vec<&'static str>,
}

impl QueryString {
    /// Splits and percent-decodes `text` (without the `?`).
    ///
    /// # Errors
    /// 400 `invalid_parameter` when it is not a query string of UTF-8 text.
    pub fn parse(text: &str) -> Result<Self, ApiError> {
        // What reads the pairs puts U+FFFD in the place of what is no text, and a filter would be another than was sent.
        if percent_decode_str(text).decode_utf8().is_err() {
            return Err(invalid("The query string is not UTF-8.".to_owned()));
        }
        let pairs = web::Query::<Vec<(String, String)>>::from_query(text)
            .map_err(|_| invalid("The query string cannot be decoded.".to_owned()))?;
        let mut given: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for (name, value) in pairs.into_inner() {
            if value.contains('\0') {
                let shown = shorten(&name);
                return Err(invalid(format!(
                    "{shown}: the character U+0000 cannot be searched for."
                )));
            }
            given.entry(name).or_default().push(value);
        }
        Ok(Self {
            given,
            asked: Vec::new(),
        })
    }

    /// Takes the parameter `name`, if it was given, through `parse`, which answers what it expected.
    ///
    /// # Errors
    /// 400 `invalid_parameter` when `parse` refuses it or it was given more than once.
    pub fn take<T>(
        &mut self,
        name: &'static str,
        parse: impl FnMut(&str) -> Result<T, &'static str>,
    ) -> Result<Option<T>, ApiError> {
        let mut values = self.take_all(name, parse)?;
        match values.len() {
            0 | 1 => Ok(values.pop()),
            _ => Err(invalid(format!("{name} was given more than once."))),
        }
    }

    /// Takes the parameter `name` as often as it was given.
    ///
    /// # Errors
    /// 400 `invalid_parameter` when `parse` refuses one of its values.
    pub fn take_all<T>(
        &mut self,
        name: &'static str,
        mut parse: impl FnMut(&str) -> Result<T, &'static str>,
    ) -> Result<Vec<T>, ApiError> {
        self.asked.push(name);
        let values = self.given.remove(name).unwrap_or_default();
        let parsed = values.iter().map(|value| {
            parse(value).map_err(|expected| invalid(format!("{name}: expected {expected}.")))
        });
        parsed.collect()
    }

    /// Ends the reading.
    ///
    /// # Errors
    /// 400 `unknown_parameter` when a parameter was given that nobody asked for.
    pub fn finish(self) -> Result<(), ApiError> {
        let Some(name) = self.given.keys().next() else {
            return Ok(());
        };
        let shown = shorten(name);
        let detail = match closest(name, &self.asked) {
            None if self.asked.is_empty() => {
                format!("There is no parameter {shown}; this operation has none.")
            }
            Some(meant) => format!("There is no parameter {shown}. Did you mean {meant}?"),
            None => format!(
                "There is no parameter {shown}. Known: {}.",
                self.asked.join(", ")
            ),
        };
        Err(ApiError::bad_parameter(
            KitProblem::UnknownParameter,
            detail,
        ))
    }
}

fn invalid(detail: String) -> ApiError {
    ApiError::bad_parameter(KitProblem::InvalidParameter, detail)
}

fn shorten(name: &str) -> String {
    name.chars().take(64).collect()
}

/// For an operation without parameters: any is refused. `DELETE …?dry_run=true` must not delete.
#[derive(Debug)]
pub struct NoQuery;

impl FromRequest for NoQuery {
    type Error = ApiError;
    type Future = Ready<Result<Self, ApiError>>;

    fn from_request(req: &HttpRequest, _: &mut Payload) -> Self::Future {
        let read = QueryString::parse(req.query_string()).and_then(QueryString::finish);
        ready(read.map(|()| Self))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code(result: Result<impl std::fmt::Debug, ApiError>) -> &'static str {
        result.unwrap_err().problem().code()
    }

    #[test]
    fn a_parameter_given_twice_is_refused() {
        let mut query = QueryString::parse("a=1&a=2").unwrap();
        assert_eq!(code(query.take("a", |_| Ok(()))), "invalid_parameter");
    }

    #[test]
    fn an_unknown_parameter_is_named_with_its_likely_meaning() {
        let mut query = QueryString::parse("limt=5").unwrap();
        query.take("limit", |_| Ok(())).unwrap();
        let error = query.finish().unwrap_err();
        assert_eq!(error.problem().code(), "unknown_parameter");
    }

    #[test]
    fn text_that_is_not_utf8_is_refused() {
        for text in ["%ff=1", "a=%FF", "a=%ED%A0%80", "a=%C3%28"] {
            assert_eq!(
                code(QueryString::parse(text)),
                "invalid_parameter",
                "{text}"
            );
        }
        QueryString::parse("a=%EF%BF%BD&b=%C3%A4").unwrap();
    }

    #[test]
    fn odd_text_is_read_without_a_panic() {
        for text in ["a=%", "a=%zz", "=", "&&&", "a"] {
            if let Ok(mut query) = QueryString::parse(text) {
                let _ = query.take("a", |_| Ok(()));
            }
        }
    }
}
