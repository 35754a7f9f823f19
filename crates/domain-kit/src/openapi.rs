use utoipa::{
    OpenApi as _, ToSchema,
    openapi::{
        Content, ContentBuilder, Header, HeaderBuilder, ObjectBuilder, OpenApi, PathItem, Ref,
        RefOr, Required, Response, ResponseBuilder,
        path::{Operation, Parameter, ParameterBuilder, ParameterIn},
        schema::{AdditionalProperties, Schema, SchemaFormat, SchemaType, Type},
        security::{Http, HttpAuthScheme, SecurityRequirement, SecurityScheme},
    },
};

use crate::{ProblemKind, me, mount::MOUNT_PATH, schema::Problem};

/// The name of the security scheme in the document.
const BEARER: &str = "better_auth_jwt";

#[derive(utoipa::OpenApi)]
#[openapi(paths(me::show), components(schemas(Problem)))]
struct Common;

/// One document of all fragments, each path below [`MOUNT_PATH`], with what every guarded operation has in common.
pub(crate) fn merged(fragments: impl Iterator<Item = OpenApi>) -> OpenApi {
    let mut document = OpenApi::default();
    for fragment in std::iter::once(Common::openapi()).chain(fragments) {
        document = document.nest(MOUNT_PATH, fragment);
    }
    for item in document.paths.paths.values_mut() {
        for operation in operations(item) {
            complete(operation);
        }
    }
    let components = document.components.get_or_insert_default();
    let (name, schema) = (
        Problem::name().into_owned(),
        <Problem as utoipa::PartialSchema>::schema(),
    );
    components.schemas.insert(name, schema);
    components.add_security_scheme(
        BEARER,
        SecurityScheme::Http({
            let mut http = Http::new(HttpAuthScheme::Bearer);
            http.bearer_format = Some("JWT".into());
            http.description = Some(
                "The JWT of Better Auth's `jwt()` plugin: `authClient.token()` in the browser, or `GET /api/auth/token` \
                 with the session cookie. Not the session token."
                    .into(),
            );
            http
        }),
    );
    document
}

/// A response that carries a problem, for fragments and for what is added to every operation.
pub fn problem_response(description: &str) -> Response {
    ResponseBuilder::new()
        .description(description)
        .content("application/problem+json", problem_content())
        .build()
}

/// Documents the problems that an operation of a fragment can be answered with, beside those that every operation has in common:
/// one response for each status, which lists the codes.
pub fn answers_with(
    fragment: &mut OpenApi,
    operation_id: &str,
    kinds: impl IntoIterator<Item = ProblemKind>,
) {
    let kinds: Vec<_> = kinds.into_iter().collect();
    let items = fragment.paths.paths.values_mut();
    let operation = items
        .flat_map(operations)
        .find(|operation| operation.operation_id.as_deref() == Some(operation_id));
    let Some(operation) = operation else { return };
    for kind in &kinds {
        let codes: Vec<_> = kinds
            .iter()
            .filter(|other| other.status == kind.status)
            .map(|kind| format!("`{}`: {}", kind.code, kind.meaning))
            .collect();
        operation
            .responses
            .responses
            .entry(kind.status.as_str().to_owned())
            .or_insert_with(|| RefOr::T(problem_response(&codes.join(" "))));
    }
}

/// Says of the named component schemas that they have no members but the listed ones, which is how
/// [`Violations::unknown_members`](crate::Violations::unknown_members) treats them.
pub fn refuse_unknown_members(fragment: &mut OpenApi, schemas: &[&str]) {
    let Some(components) = &mut fragment.components else {
        return;
    };
    for name in schemas {
        if let Some(RefOr::T(Schema::Object(object))) = components.schemas.get_mut(*name) {
            object.additional_properties = Some(Box::new(AdditionalProperties::FreeForm(false)));
        }
    }
}

/// `path` with its parameters' names taken out: what the router matches by.
pub(crate) fn without_names(path: &str) -> String {
    let mut shape = String::with_capacity(path.len());
    let mut inside = false;
    for c in path.chars() {
        match c {
            '{' => {
                inside = true;
                shape.push_str("{}");
            }
            '}' => inside = false,
            c if !inside => shape.push(c),
            _ => {}
        }
    }
    shape
}

fn complete(operation: &mut Operation) {
    let parameters = operation.parameters.get_or_insert_default();
    parameters.insert(0, RefOr::T(user_id()));
    operation.security = Some(vec![SecurityRequirement::new::<_, _, String>(BEARER, [])]);
    let responses = &mut operation.responses.responses;
    let mut add = |status: &str, response: Response| {
        responses
            .entry(status.to_owned())
            .or_insert_with(|| RefOr::T(response));
    };
    add(
        "400",
        problem_response(
            "A query parameter is unknown or not right (`unknown_parameter`, `invalid_parameter`), or there is more than \
             one `Authorization` header (`multiple_credentials`).",
        ),
    );
    add("401", {
        let mut response = problem_response(
            "No token, or one that is refused. `code` says why, for instance `token_missing`, `token_expired`, \
             `session_token`, `signature_invalid`, `user_not_found`.",
        );
        let text = "The challenge of RFC 6750, section 3";
        response
            .headers
            .insert("WWW-Authenticate".into(), header(Type::String, text));
        response
    });
    add(
        "403",
        problem_response(
            "The path names another user than the token (`user_mismatch`), or an access token lacks a scope (`scope_missing`).",
        ),
    );
    add("503", {
        let mut response = problem_response(
            "Cannot decide now: signing keys, accounts or database out of reach (`keys_unavailable`, `accounts_unavailable`, `database_unavailable`).",
        );
        let text = "Seconds to wait before trying again";
        response
            .headers
            .insert("Retry-After".into(), header(Type::Integer, text));
        response
    });
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

fn user_id() -> Parameter {
    ParameterBuilder::new()
        .name("user_id")
        .parameter_in(ParameterIn::Path)
        .required(Required::True)
        .description(Some("The user's UUID, or `me` for the token's user"))
        .schema(Some(
            ObjectBuilder::new()
                .schema_type(SchemaType::Type(Type::String))
                .format(Some(SchemaFormat::Custom("uuid-or-me".into())))
                .build(),
        ))
        .example(Some("me".into()))
        .build()
}

fn problem_content() -> Content {
    ContentBuilder::new()
        .schema(Some(Ref::from_schema_name(Problem::name())))
        .build()
}

fn operations(item: &mut PathItem) -> impl Iterator<Item = &mut Operation> {
    [
        &mut item.get,
        &mut item.put,
        &mut item.post,
        &mut item.delete,
        &mut item.options,
        &mut item.head,
        &mut item.patch,
        &mut item.trace,
    ]
    .into_iter()
    .flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_paths_that_differ_in_parameter_names_have_one_shape() {
        assert_eq!(
            without_names("/tasks/{task_id}/tags"),
            without_names("/tasks/{id}/tags")
        );
        assert_ne!(without_names("/tasks/{id}"), without_names("/tasks/stats"));
    }

    #[test]
    fn every_operation_is_documented_as_guarded() {
        let mut document = merged(std::iter::empty());
        let mut seen = 0;
        for item in document.paths.paths.values_mut() {
            for operation in operations(item) {
                seen += 1;
                assert!(operation.security.as_ref().is_some_and(|s| !s.is_empty()));
                for status in ["400", "401", "403", "503"] {
                    assert!(operation.responses.responses.contains_key(status));
                }
            }
        }
        assert_eq!(seen, 1);
        assert!(document.paths.paths.contains_key(MOUNT_PATH));
    }
}
