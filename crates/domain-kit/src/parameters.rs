//! What the extractors of this crate read, for OpenAPI: `params(Paging)`, `params(IfMatch)`.

use utoipa::{
    IntoParams,
    openapi::{
        ObjectBuilder, Required,
        path::{Parameter, ParameterBuilder, ParameterIn},
        schema::{SchemaFormat, SchemaType, Type},
    },
};

use crate::{IdempotencyKey, IfMatch, IfNoneMatch, Paging};

impl IntoParams for Paging {
    fn into_params(_: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        let limit = ObjectBuilder::new()
            .schema_type(SchemaType::Type(Type::Integer))
            .minimum(Some(1))
            .maximum(Some(200))
            .default(Some(50.into()));
        vec![
            parameter(
                ParameterIn::Query,
                "limit",
                "Most entries on the page",
                limit,
            ),
            parameter(
                ParameterIn::Query,
                "cursor",
                "`next_cursor` of the page before",
                string(),
            ),
        ]
    }
}

impl IntoParams for IfMatch {
    fn into_params(_: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        let text = "Make the change only if it is still in the state of this `ETag`; `*` or nothing: in any state";
        vec![parameter(ParameterIn::Header, "If-Match", text, string())]
    }
}

impl IntoParams for IfNoneMatch {
    fn into_params(_: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        let text = "The `ETag` of what you have: answered with 304 when that is still how it is";
        vec![parameter(
            ParameterIn::Header,
            "If-None-Match",
            text,
            string(),
        )]
    }
}

impl IntoParams for IdempotencyKey {
    fn into_params(_: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        let text = "Makes it safe to send the request again: for 24 hours the same key gets the same answer, and nothing is done twice";
        let key = string().min_length(Some(1)).max_length(Some(255));
        vec![parameter(ParameterIn::Header, "Idempotency-Key", text, key)]
    }
}

/// The parameter of a [`path_id!`](crate::path_id).
pub fn id_parameter(name: &str) -> Parameter {
    let id = string().format(Some(SchemaFormat::Custom("uuid".into())));
    let parameter = parameter(ParameterIn::Path, name, "Its id", id);
    ParameterBuilder::from(parameter)
        .required(Required::True)
        .build()
}

fn string() -> ObjectBuilder {
    ObjectBuilder::new().schema_type(SchemaType::Type(Type::String))
}

fn parameter(place: ParameterIn, name: &str, text: &str, schema: ObjectBuilder) -> Parameter {
    ParameterBuilder::new()
        .name(name)
        .parameter_in(place)
        .required(Required::False)
        .description(Some(text))
        .schema(Some(schema.build()))
        .build()
}
