use actix_web::HttpRequest;
use uuid::Uuid;

/// Makes the type of an id in the path, which a handler takes like a body: an extractor, so that the path is judged before the
/// headers and the body; in the document by `params(NoteId)`. What is no id is the id of nothing, and answered with the problem.
///
/// ```
/// # domain_kit::problems! {
/// #     /// What can go wrong with notes.
/// #     pub enum NoteProblem {
/// #         NoteNotFound = NOT_FOUND "note_not_found", "No such note", "There is none.", "Look again.";
/// #     }
/// # }
/// domain_kit::path_id! {
///     /// The note that the path names.
///     pub struct NoteId = "note_id", else NoteProblem::NoteNotFound;
/// }
///
/// async fn show(NoteId(id): NoteId) -> String {
///     id.to_string()
/// }
/// # let _ = show;
/// ```
#[macro_export]
macro_rules! path_id {
    (
        $(#[$about:meta])*
        $visibility:vis struct $name:ident = $parameter:literal, else $problem:expr;
    ) => {
        $(#[$about])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        $visibility struct $name($visibility $crate::__private::Uuid);

        impl $crate::__private::actix_web::FromRequest for $name {
            type Error = $crate::ApiError;
            type Future = ::std::future::Ready<::std::result::Result<Self, Self::Error>>;

            fn from_request(
                req: &$crate::__private::actix_web::HttpRequest,
                _: &mut $crate::__private::actix_web::dev::Payload,
            ) -> Self::Future {
                let id = $crate::__private::id_in_path(req, $parameter).map(Self);
                ::std::future::ready(id.ok_or_else(|| $problem.into()))
            }
        }

        impl $crate::__private::utoipa::IntoParams for $name {
            fn into_params(
                _: impl Fn() -> ::std::option::Option<$crate::__private::utoipa::openapi::path::ParameterIn>,
            ) -> ::std::vec::Vec<$crate::__private::utoipa::openapi::path::Parameter> {
                ::std::vec![$crate::__private::id_parameter($parameter)]
            }
        }
    };
}

/// An id as this API writes it: a UUID in its hyphenated form.
pub fn parse_id(text: &str) -> Option<Uuid> {
    // The parser alone would also take braces, "urn:uuid:" and the form without hyphens.
    (text.len() == 36).then(|| text.parse().ok()).flatten()
}

/// The id that the path has for this parameter.
pub fn id_in_path(req: &HttpRequest, parameter: &str) -> Option<Uuid> {
    parse_id(req.match_info().get(parameter)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_has_one_form() {
        let id = Uuid::now_v7();
        assert_eq!(parse_id(&id.to_string()), Some(id));
        for other in [
            id.simple().to_string(),
            id.braced().to_string(),
            id.urn().to_string(),
            format!("{id}0"),
            String::new(),
            "x".repeat(36),
        ] {
            assert_eq!(parse_id(&other), None, "{other}");
        }
    }
}
