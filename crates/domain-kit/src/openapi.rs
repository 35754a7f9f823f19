use utoipa::{
    OpenApi as _, ToSchema,
    openapi::{
        ObjectBuilder, OpenApi, PathItem, RefOr, Required,
        path::{Operation, Parameter, ParameterBuilder, ParameterIn},
        schema::{AdditionalProperties, Schema, SchemaFormat, SchemaType, Type},
        security::{Http, HttpAuthScheme, SecurityRequirement, SecurityScheme},
    },
};

use crate::{me, mount::MOUNT_PATH, schema::Problem};

mod problems;

pub use self::problems::{answers_with, problem_response};

/// The name of the security scheme in the document.
const BEARER: &str = "better_auth_jwt";

#[derive(utoipa::OpenApi)]
#[openapi(
    paths(me::show),
    components(schemas(Problem)),
    tags((name = "account", description = "Whose token it is")),
)]
struct Common;

/// One document of all fragments, each path below [`MOUNT_PATH`], with what every guarded operation has in common.
pub(crate) fn merged(fragments: impl Iterator<Item = OpenApi>) -> OpenApi {
    let mut document = OpenApi::default();
    for fragment in std::iter::once(Common::openapi()).chain(fragments) {
        document = document.nest(MOUNT_PATH, fragment);
    }
    for (path, item) in &mut document.paths.paths {
        for operation in operations(item) {
            complete(operation, path);
        }
    }
    let components = document.components.get_or_insert_default();
    components.responses.extend(problems::shared());
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

fn complete(operation: &mut Operation, path: &str) {
    let parameters = operation.parameters.get_or_insert_default();
    parameters.insert(0, RefOr::T(user_id()));
    operation.security = Some(vec![SecurityRequirement::new::<_, _, String>(BEARER, [])]);
    problems::document_common(operation, path);
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
                for status in ["400", "401", "403", "406", "500", "503"] {
                    assert!(operation.responses.responses.contains_key(status));
                }
            }
        }
        assert_eq!(seen, 1);
        assert!(document.paths.paths.contains_key(MOUNT_PATH));
    }
}
