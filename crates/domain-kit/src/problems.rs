/// Lists the kinds of problems that a part of the API can answer with, as an enum: the one place where their codes, statuses
/// and words are.
///
/// Each variant becomes an [`ApiError`](crate::ApiError) by `into()`. `ALL` is every variant, in the order written, so that a
/// list made from it cannot lack one.
///
/// ```
/// domain_kit::problems! {
///     /// What can go wrong with notes.
///     pub enum NoteProblem {
///         NoteNotFound = NOT_FOUND "note_not_found",
///             "No such note",
///             "The path names a note that is not one of the user's.",
///             "It may have been deleted: read the list again.";
///     }
/// }
///
/// let error = domain_kit::ApiError::from(NoteProblem::NoteNotFound);
/// assert_eq!(error.problem().code(), "note_not_found");
/// assert_eq!(NoteProblem::ALL.len(), 1);
/// ```
#[macro_export]
macro_rules! problems {
    (
        $(#[$about:meta])*
        $visibility:vis enum $name:ident {
            $(
                $(#[$comment:meta])*
                $variant:ident = $status:ident $code:literal, $title:literal, $meaning:literal, $remedy:literal;
            )+
        }
    ) => {
        $(#[$about])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        $visibility enum $name {
            $($(#[$comment])* #[doc = $meaning] $variant,)+
        }

        impl $name {
            /// All of them, in the order in which they are written.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// Its code, status and words.
            pub const fn kind(self) -> $crate::ProblemKind {
                match self {
                    $(Self::$variant => $crate::ProblemKind {
                        code: $code,
                        status: $crate::StatusCode::$status,
                        title: $title,
                        meaning: $meaning,
                        remedy: $remedy,
                    },)+
                }
            }

            /// The kinds of all of them.
            pub fn kinds() -> ::std::vec::Vec<$crate::ProblemKind> {
                Self::ALL.iter().map(|problem| problem.kind()).collect()
            }
        }

        impl ::std::convert::From<$name> for $crate::ApiError {
            fn from(problem: $name) -> Self {
                Self::from($crate::Problem::of(&problem.kind()))
            }
        }
    };
}

problems! {
    /// What any operation of any domain can be answered with, beside the refusals of the guard.
    pub enum KitProblem {
        PathNotFound = NOT_FOUND "path_not_found",
            "No such path",
            "The API has no such path.",
            "This API has no such path; /openapi.json lists those that it has.";
        MethodNotAllowed = METHOD_NOT_ALLOWED "method_not_allowed",
            "The path does not have this method",
            "The path is there, and takes other methods.",
            "The header Allow lists the methods that this path has.";
        NotAcceptable = NOT_ACCEPTABLE "not_acceptable",
            "No acceptable form of the answer",
            "The header Accept leaves out JSON, and answers are JSON.",
            "Send Accept: application/json, or no Accept at all.";
        BadRequest = BAD_REQUEST "bad_request",
            "The request cannot be understood",
            "The request is not valid HTTP for its path.",
            "The request is not valid HTTP for this path.";
        InvalidParameter = BAD_REQUEST "invalid_parameter",
            "A query parameter is not right",
            "A query parameter has a value that it cannot have, or was given twice.",
            "The detail names the parameter and what was expected.";
        UnknownParameter = BAD_REQUEST "unknown_parameter",
            "A query parameter is not right",
            "The operation has no such query parameter. It is refused because a misspelt filter that is passed over shows too much.",
            "The detail names the parameters that there are.";
        InvalidCursor = BAD_REQUEST "invalid_cursor",
            "A query parameter is not right",
            "The cursor was not given out by this list for this user, these filters and this order.",
            "The cursor is not one that this list gave out for these filters. Start again without it.";
        InvalidHeader = BAD_REQUEST "invalid_header",
            "A header is not right",
            "If-Match, If-None-Match or Idempotency-Key has a value that it cannot have.",
            "The detail names the header and what was expected.";
        OriginNotAllowed = BAD_REQUEST "origin_not_allowed",
            "Cross-origin requests like this are not allowed",
            "A browser asked whether a page of another origin may send this request, and it may not.",
            "The page's origin is not one that this API lets in, or the request has a method or header that it does not. \
             Scheme, host and port count: http://localhost:3000 is not http://127.0.0.1:3000. The operator lists origins in \
             API__CORS__ORIGINS.";
        BodyIncomplete = BAD_REQUEST "body_incomplete",
            "The body did not arrive whole",
            "The body ended early or could not be decoded.",
            "Send the whole body again.";
        RequestTimeout = REQUEST_TIMEOUT "request_timeout",
            "The request took too long to arrive",
            "The body did not arrive in time.",
            "Send it again.";
        IdempotencyConflict = CONFLICT "idempotency_conflict",
            "The idempotency key belongs to another request",
            "The Idempotency-Key was used in the last 24 hours with another method, path or body.",
            "Send the same request again, or take a new key for a new one.";
        PreconditionFailed = PRECONDITION_FAILED "precondition_failed",
            "It has changed since it was read",
            "If-Match names no version that is current: somebody has changed it meanwhile.",
            "Read it again, and decide whether the change is still wanted.";
        BodyTooLarge = PAYLOAD_TOO_LARGE "body_too_large",
            "The body is too large",
            "The body is longer than 256 KiB, or than the operator allows.",
            "Send less at once.";
        UnsupportedMediaType = UNSUPPORTED_MEDIA_TYPE "unsupported_media_type",
            "The body's media type is not supported",
            "The body is not declared as JSON.",
            "Send JSON with `Content-Type: application/json`.";
        ValidationFailed = UNPROCESSABLE_ENTITY "validation_failed",
            "The body is not valid",
            "The body was read and is not right; `errors` says where and why.",
            "See errors: each has a pointer to its place and a code.";
        InternalError = INTERNAL_SERVER_ERROR "internal_error",
            "Internal error",
            "The service is wrong, not the request.",
            "This is our fault, not yours. It is in our log under the request id.";
        DatabaseUnavailable = SERVICE_UNAVAILABLE "database_unavailable",
            "The database cannot be reached at the moment",
            "The database is away, or did not answer in time.",
            "Nothing was changed. Try again shortly.";
        Unavailable = SERVICE_UNAVAILABLE "unavailable",
            "The service cannot answer now",
            "The service is not able to answer at the moment.",
            "Try again later.";
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn no_two_kinds_have_one_code() {
        let codes: BTreeSet<_> = KitProblem::kinds().iter().map(|kind| kind.code).collect();
        assert_eq!(codes.len(), KitProblem::ALL.len());
    }

    #[test]
    fn a_kind_says_its_status_its_title_and_what_to_do() {
        for kind in KitProblem::kinds() {
            assert!(kind.status.is_client_error() || kind.status.is_server_error());
            assert!(!kind.title.ends_with('.'), "{}", kind.title);
            assert!(kind.meaning.ends_with('.'), "{}", kind.meaning);
            assert!(kind.remedy.ends_with('.'), "{}", kind.remedy);
        }
    }
}
