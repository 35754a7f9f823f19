//! Which problems an operation can be answered with, in the document: one response for each status, which lists the codes with
//! what they mean and has an example of each.

use std::{collections::BTreeMap, time::Duration};

use actix_web::http::StatusCode;
use auth_actix::Refusal;
use utoipa::{
    ToSchema,
    openapi::{
        Content, ContentBuilder, Header, HeaderBuilder, ObjectBuilder, OpenApi, Ref, RefOr,
        Response, ResponseBuilder,
        example::ExampleBuilder,
        path::{Operation, ParameterIn},
        schema::{SchemaType, Type},
    },
};

use super::operations;
use crate::{KitProblem, ProblemKind, mount::MOUNT_PATH, schema::Problem};

/// A response that carries a problem.
pub fn problem_response(description: &str) -> Response {
    ResponseBuilder::new()
        .description(description)
        .content(MEDIA_TYPE, problem_content())
        .build()
}

/// Documents the problems that an operation of a fragment can be answered with, beside those that follow from where it is mounted
/// and what it takes: the set adds those of the guard, of query parameters and cursors, of `If-Match`, `If-None-Match` and
/// `Idempotency-Key`, and of bodies. What is documented already is added to.
///
/// The operation must be there; a build for development panics when it is not.
pub fn answers_with(
    fragment: &mut OpenApi,
    operation_id: &str,
    kinds: impl IntoIterator<Item = ProblemKind>,
) {
    let found = fragment
        .paths
        .paths
        .iter_mut()
        .flat_map(|(path, item)| operations(item).map(move |operation| (path, operation)))
        .find(|(_, operation)| operation.operation_id.as_deref() == Some(operation_id));
    debug_assert!(found.is_some(), "there is no operation {operation_id}");
    let Some((path, operation)) = found else {
        return;
    };
    let path = format!("{MOUNT_PATH}{path}");
    for (status, kinds) in by_status(kinds) {
        add_to_operation(operation, status, &kinds, &path);
    }
}

/// Documents the problems that follow from where `operation` is mounted and what it takes. What only some operations have is
/// written with them; what is the same everywhere is one of [`shared`].
pub(super) fn document_common(operation: &mut Operation, path: &str) {
    let shared = everywhere_by_status();
    for (status, kinds) in by_status(common(operation)) {
        let responses = &mut operation.responses.responses;
        if !responses.contains_key(status.as_str()) && shared.get(&status) == Some(&kinds) {
            let response = RefOr::Ref(Ref::from_response_name(name_of(status)));
            responses.insert(status.as_str().to_owned(), response);
        } else {
            add_to_operation(operation, status, &kinds, path);
        }
    }
}

/// The responses that many operations have in common, by their names as components.
pub(super) fn shared() -> impl Iterator<Item = (String, RefOr<Response>)> {
    everywhere_by_status().into_iter().map(|(status, kinds)| {
        let mut response = problem_response("");
        add_to_response(&mut response, status, &kinds, MOUNT_PATH);
        (name_of(status), RefOr::T(response))
    })
}

const MEDIA_TYPE: &str = "application/problem+json";

/// What any operation with a body can be answered with, and one without a body as far as it is no matter of bodies.
fn everywhere_by_status() -> BTreeMap<StatusCode, Vec<ProblemKind>> {
    by_status(everywhere().into_iter().chain(of_bodies()))
}

fn common(operation: &Operation) -> Vec<ProblemKind> {
    let mut kinds = everywhere();
    if operation.request_body.is_some() {
        kinds.extend(of_bodies());
    }
    let takes = |place: ParameterIn, name: &str| {
        let parameters = operation.parameters.iter().flatten();
        parameters.into_iter().any(|parameter| match parameter {
            RefOr::T(it) => it.parameter_in == place && it.name.eq_ignore_ascii_case(name),
            RefOr::Ref(_) => false,
        })
    };
    let if_match = takes(ParameterIn::Header, "If-Match");
    let key = takes(ParameterIn::Header, "Idempotency-Key");
    for (is_taken, problem) in [
        (
            takes(ParameterIn::Query, "cursor"),
            KitProblem::InvalidCursor,
        ),
        (
            if_match || key || takes(ParameterIn::Header, "If-None-Match"),
            KitProblem::InvalidHeader,
        ),
        (if_match, KitProblem::PreconditionFailed),
        (key, KitProblem::IdempotencyConflict),
    ] {
        if is_taken {
            kinds.push(problem.kind());
        }
    }
    kinds
}

/// What every operation behind a service's guard can be answered with.
fn everywhere() -> Vec<ProblemKind> {
    let expected = String::new();
    let of_the_guard = Refusal::kinds()
        .into_iter()
        .filter(|kind| [who(), often(), later()].contains(&kind.status));
    // A guard has more reasons for a 403; a service that has set it up for them documents those itself.
    let also = [
        Refusal::MultipleCredentials.kind(),
        Refusal::UserMismatch.kind(),
        Refusal::ScopeMissing { expected }.kind(),
    ];
    let of_the_kit = [
        KitProblem::InvalidParameter,
        KitProblem::UnknownParameter,
        KitProblem::NotAcceptable,
        KitProblem::InternalError,
        KitProblem::DatabaseUnavailable,
    ];
    of_the_guard
        .chain(also)
        .chain(of_the_kit.map(KitProblem::kind))
        .collect()
}

fn of_bodies() -> [ProblemKind; 5] {
    [
        KitProblem::BodyIncomplete,
        KitProblem::RequestTimeout,
        KitProblem::BodyTooLarge,
        KitProblem::UnsupportedMediaType,
        KitProblem::ValidationFailed,
    ]
    .map(KitProblem::kind)
}

fn by_status(
    kinds: impl IntoIterator<Item = ProblemKind>,
) -> BTreeMap<StatusCode, Vec<ProblemKind>> {
    let mut statuses: BTreeMap<_, Vec<_>> = BTreeMap::new();
    for kind in kinds {
        statuses.entry(kind.status).or_default().push(kind);
    }
    statuses
}

/// `NotAcceptable` for 406.
fn name_of(status: StatusCode) -> String {
    let reason = status.canonical_reason().unwrap_or(status.as_str());
    reason.split([' ', '-']).collect()
}

fn add_to_operation(
    operation: &mut Operation,
    status: StatusCode,
    kinds: &[ProblemKind],
    path: &str,
) {
    let responses = &mut operation.responses.responses;
    let response = responses
        .entry(status.as_str().to_owned())
        .or_insert_with(|| RefOr::T(problem_response("")));
    // Who refers to a response of their own has said all there is to say.
    if let RefOr::T(response) = response {
        add_to_response(response, status, kinds, path);
    }
}

/// Adds what is not there yet: a line of the description and an example for each kind, and the headers that come with the status.
fn add_to_response(response: &mut Response, status: StatusCode, kinds: &[ProblemKind], path: &str) {
    let content = response
        .content
        .entry(MEDIA_TYPE.to_owned())
        .or_insert_with(|| RefOr::T(problem_content()));
    for kind in kinds {
        let code = format!("`{}`", kind.code);
        if !response.description.contains(&code) {
            if !response.description.is_empty() {
                response.description.push('\n');
            }
            response.description += &format!("- {code}: {}", kind.meaning);
        }
        if let RefOr::T(content) = content {
            content
                .examples
                .entry(kind.code.to_owned())
                .or_insert_with(|| {
                    let example = serde_json::to_value(Problem::example(kind, &instance_of(path)));
                    RefOr::T(
                        ExampleBuilder::new()
                            .summary(kind.title)
                            .value(Some(example.expect("consists of strings and numbers")))
                            .build(),
                    )
                });
        }
    }
    let mut add_header = |name: &str, value, description| {
        let headers = &mut response.headers;
        headers
            .entry(name.to_owned())
            .or_insert_with(|| header(value, description));
    };
    if status == who() {
        let description = "The challenge of RFC 6750, section 3";
        add_header("WWW-Authenticate", Type::String, description);
    }
    if status == often() {
        let description = "How many requests are left, and in how many seconds there are all again";
        add_header("RateLimit", Type::String, description);
        let description = "How many requests a user has in how many seconds";
        add_header("RateLimit-Policy", Type::String, description);
    }
    if status == often() || status == later() {
        let description = "Seconds to wait before trying again";
        add_header("Retry-After", Type::Integer, description);
    }
}

/// The status of who is not known. Which that is, is chosen where refusals are.
fn who() -> StatusCode {
    Refusal::TokenMissing.kind().status
}

/// The status of who asks too often.
fn often() -> StatusCode {
    Refusal::RateLimited {
        retry_after: Duration::ZERO,
    }
    .kind()
    .status
}

/// The status of what cannot be decided now.
fn later() -> StatusCode {
    KitProblem::DatabaseUnavailable.kind().status
}

/// A path that a request could have: `me`, and some id for every other parameter.
fn instance_of(path: &str) -> String {
    let segments = path.split('/').map(|segment| match segment {
        "{user_id}" => "me",
        other if other.starts_with('{') => "0199a3f2-6c1e-7b52-9d0a-4f1f6d0f2c11",
        other => other,
    });
    segments.collect::<Vec<_>>().join("/")
}

fn problem_content() -> Content {
    ContentBuilder::new()
        .schema(Some(Ref::from_schema_name(Problem::name())))
        .build()
}

fn header(value: Type, description: &str) -> RefOr<Header> {
    let schema = ObjectBuilder::new()
        .schema_type(SchemaType::Type(value))
        .build();
    RefOr::T(
        HeaderBuilder::new()
            .schema(Some(schema))
            .description(Some(description))
            .build(),
    )
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use utoipa::openapi::{
        PathItem,
        path::{HttpMethod, OperationBuilder, ParameterBuilder},
        request_body::RequestBodyBuilder,
    };

    use super::*;
    use crate::openapi::merged;

    const NO_BOOK: ProblemKind = ProblemKind {
        code: "book_not_found",
        status: StatusCode::NOT_FOUND,
        title: "No such book",
        meaning: "The path names a book that is not one of the user's.",
        remedy: "Read the list again.",
    };

    const LENT: ProblemKind = ProblemKind {
        code: "book_lent",
        status: StatusCode::CONFLICT,
        ..NO_BOOK
    };

    /// `PUT /books/{book_id}` with a body, `If-Match` and a key.
    fn fragment() -> OpenApi {
        let header = |name| {
            ParameterBuilder::new()
                .name(name)
                .parameter_in(ParameterIn::Header)
        };
        let operation = OperationBuilder::new()
            .operation_id(Some("replace_book"))
            .parameter(header("If-Match"))
            .parameter(header("Idempotency-Key"))
            .request_body(Some(RequestBodyBuilder::new().build()));
        let mut fragment = OpenApi::default();
        fragment.paths.paths.insert(
            "/books/{book_id}".to_owned(),
            PathItem::new(HttpMethod::Put, operation),
        );
        fragment
    }

    fn documented() -> OpenApi {
        let mut fragment = fragment();
        answers_with(&mut fragment, "replace_book", [NO_BOOK, LENT]);
        merged([fragment].into_iter())
    }

    /// Status, description and examples of every response of an operation that carries a problem.
    fn answers(document: &OpenApi, path: &str) -> Vec<(u16, String, BTreeMap<String, Problem>)> {
        let mut document = serde_json::to_value(document).unwrap();
        let responses = document["paths"][path]
            .as_object_mut()
            .unwrap()
            .values_mut()
            .next()
            .unwrap()["responses"]
            .take();
        let mut answers = Vec::new();
        for (status, response) in responses.as_object().unwrap() {
            let response = match response["$ref"].as_str() {
                Some(reference) => document.pointer(&reference[1..]).unwrap(),
                None => response,
            };
            let content = &response["content"][MEDIA_TYPE];
            if content.is_null() {
                continue;
            }
            assert_eq!(content["schema"]["$ref"], "#/components/schemas/Problem");
            let examples = content["examples"].as_object().unwrap().iter();
            let examples = examples.map(|(code, example)| {
                let example = serde_json::from_value(example["value"].clone()).unwrap();
                (code.clone(), example)
            });
            answers.push((
                status.parse().unwrap(),
                response["description"].as_str().unwrap().to_owned(),
                examples.collect(),
            ));
        }
        answers
    }

    #[test]
    fn every_code_of_an_operation_is_explained_and_has_a_whole_problem_as_its_example() {
        let document = documented();
        let answers = answers(&document, "/api/v1/{user_id}/books/{book_id}");
        for (status, description, examples) in &answers {
            assert!(!examples.is_empty(), "{status}");
            for (code, example) in examples {
                assert_eq!((example.status, &example.code), (*status, code));
                assert_eq!(example.kind, format!("urn:drawbridge:problem:{code}"));
                assert!(
                    example.instance.is_some() && example.request_id.is_some(),
                    "{code}"
                );
                assert_eq!(example.errors.is_some(), code == "validation_failed");
                assert!(
                    description.contains(&format!("- `{code}`: ")),
                    "{code} in {description}"
                );
            }
        }
        let codes: BTreeSet<_> = answers
            .iter()
            .flat_map(|(_, _, examples)| examples.keys())
            .collect();
        for code in [
            "book_not_found",
            "book_lent",
            "invalid_header",
            "precondition_failed",
            "idempotency_conflict",
            "unknown_parameter",
            "multiple_credentials",
            "token_expired",
            "user_mismatch",
            "scope_missing",
            "not_acceptable",
            "body_incomplete",
            "request_timeout",
            "body_too_large",
            "unsupported_media_type",
            "validation_failed",
            "internal_error",
            "rate_limited",
            "too_many_failures",
            "keys_unavailable",
            "accounts_unavailable",
            "database_unavailable",
        ] {
            assert!(codes.contains(&code.to_owned()), "{code}");
        }
        assert!(!codes.contains(&"invalid_cursor".to_owned()));
    }

    #[test]
    fn an_operation_without_a_body_is_not_said_to_refuse_bodies() {
        let statuses: Vec<_> = answers(&documented(), MOUNT_PATH)
            .into_iter()
            .map(|(status, ..)| status)
            .collect();
        assert_eq!(statuses, [400, 401, 403, 406, 429, 500, 503]);
    }

    #[test]
    fn what_a_status_says_already_is_added_to_and_nothing_is_said_twice() {
        let mut fragment = fragment();
        let operations = fragment.paths.paths.values_mut().flat_map(operations);
        for operation in operations {
            let responses = &mut operation.responses.responses;
            let own = problem_response("The shelf is locked.");
            responses.insert("409".to_owned(), RefOr::T(own));
        }
        for _ in 0..2 {
            answers_with(&mut fragment, "replace_book", [LENT, NO_BOOK]);
        }
        let document = merged([fragment].into_iter());
        let answers = answers(&document, "/api/v1/{user_id}/books/{book_id}");
        let (_, description, examples) =
            answers.iter().find(|(status, ..)| *status == 409).unwrap();
        let codes: Vec<_> = examples.keys().map(String::as_str).collect();
        assert_eq!(codes, ["book_lent", "idempotency_conflict"]);
        assert_eq!(
            *description,
            format!(
                "The shelf is locked.\n- `book_lent`: {}\n- `idempotency_conflict`: {}",
                LENT.meaning,
                KitProblem::IdempotencyConflict.kind().meaning
            )
        );
    }

    #[test]
    fn an_example_names_a_path_that_a_request_could_have() {
        let document = documented();
        let answers = answers(&document, "/api/v1/{user_id}/books/{book_id}");
        let (_, _, examples) = answers.iter().find(|(status, ..)| *status == 404).unwrap();
        let instance = examples["book_not_found"].instance.as_deref().unwrap();
        let id = instance.strip_prefix("/api/v1/me/books/").unwrap();
        assert!(uuid::Uuid::try_parse(id).is_ok(), "{instance}");
    }

    #[test]
    #[should_panic(expected = "there is no operation replace_bok")]
    #[cfg(debug_assertions)]
    fn a_misspelt_operation_is_told() {
        answers_with(&mut fragment(), "replace_bok", [NO_BOOK]);
    }
}
