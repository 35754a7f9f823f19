//! What operators and curious people ask: health, the API's description, and a page to try it. Outside of the guard.

use std::sync::Arc;

use actix_web::{
    FromRequest, Handler, HttpResponse, Resource, Responder,
    http::header,
    web::{self, Bytes, Data, Path, ServiceConfig},
};
use domain_kit::DomainSet;
use serde::Serialize;
use utoipa::{
    OpenApi as _, ToSchema,
    openapi::{Info, Server},
};

mod readiness;

pub use self::readiness::{Check, CheckStatus, Readiness, ReadinessReport};

/// Mounts all of it.
pub(crate) fn mount(readiness: &Readiness, document: &Document, cfg: &mut ServiceConfig) {
    let swagger = Arc::new(utoipa_swagger_ui::Config::from("../openapi.json"));
    cfg.app_data(Data::new(readiness.clone()))
        .app_data(Data::new(document.clone()))
        .app_data(Data::from(swagger))
        .service(read_only("/", index))
        .service(read_only("/health", live))
        .service(read_only("/health/live", live))
        .service(read_only("/health/ready", ready))
        .service(read_only("/openapi.json", openapi))
        .service(read_only("/docs", to_docs))
        .service(read_only("/docs/{file:.*}", docs));
}

/// A resource with GET and HEAD, that answers 405 to the rest.
fn read_only<H, Args>(path: &str, handler: H) -> Resource
where
    H: Handler<Args, Output: Responder + 'static>,
    Args: FromRequest + 'static,
{
    web::resource(path)
        .route(web::get().to(handler.clone()))
        .route(web::head().to(handler))
}

/// The OpenAPI document of the whole service, made once.
#[derive(Clone)]
pub struct Document(Bytes);

impl Document {
    /// The document of these domains and of the operations of this module.
    pub fn new(domains: &DomainSet) -> Self {
        let mut document = domains.openapi();
        document.merge(Operations::openapi());
        document.info = info();
        document.servers = Some(vec![Server::new("/")]);
        let mut text = document
            .to_pretty_json()
            .expect("the document consists of strings and maps");
        text.push('\n');
        Self(text.into())
    }

    /// Indented JSON with a line end.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

impl std::fmt::Debug for Document {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Document({} bytes)", self.0.len())
    }
}

#[derive(utoipa::OpenApi)]
#[openapi(
    paths(live, ready),
    components(schemas(Health, ReadinessReport)),
    tags((name = "health", description = "How the service is")),
)]
struct Operations;

fn info() -> Info {
    let mut info = Info::new("Drawbridge Tasks API", env!("CARGO_PKG_VERSION"));
    info.description = Some(DESCRIPTION.to_owned());
    info
}

const DESCRIPTION: &str = "\
Tasks and tags of the users of a Better Auth installation. Every path below `/api/v1/{user_id}` belongs to one user; `me` \
stands for the user of the token.

**How to get a token.** In the browser, with the client plugin `jwtClient()`: `const { data } = await authClient.token()`, \
then send `Authorization: Bearer ${data.token}`. On a command line, with the session cookie of a sign-in: \
`curl -b cookies.txt $BETTER_AUTH_URL/api/auth/token`. The session token itself is not a JWT and is refused.

**Errors** are `application/problem+json` (RFC 9457) with a stable `code` to branch on; each operation lists its own, with \
an example. New ones may come: treat a code that you do not know as what its status says. Quote `request_id`, which is also in the header \
`X-Request-ID`, when you ask about one.";

/// The process runs.
#[derive(Debug, Serialize, ToSchema)]
pub struct Health {
    /// Always `ok`.
    #[schema(example = "ok")]
    status: &'static str,
}

/// Is the process alive
///
/// Says nothing about the database or the issuer: restarting this process would heal neither.
#[utoipa::path(
    get,
    path = "/health/live",
    operation_id = "live",
    tag = "health",
    security(()),
    responses((status = 200, description = "It is", body = Health)),
)]
async fn live() -> HttpResponse {
    HttpResponse::Ok()
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .json(Health { status: "ok" })
}

/// Can it serve now
///
/// `checks` says what is missing.
#[utoipa::path(
    get,
    path = "/health/ready",
    operation_id = "ready",
    tag = "health",
    security(()),
    responses(
        (status = 200, description = "It can, perhaps with something to note", body = ReadinessReport),
        (status = 503, description = "It cannot", body = ReadinessReport),
    ),
)]
async fn ready(readiness: Data<Readiness>) -> HttpResponse {
    let report = readiness.report().await;
    let mut response = match report.is_ready() {
        true => HttpResponse::Ok(),
        false => HttpResponse::ServiceUnavailable(),
    };
    response
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .json(report)
}

async fn openapi(document: Data<Document>) -> HttpResponse {
    HttpResponse::Ok()
        .content_type("application/json")
        .body(document.0.clone())
}

/// What is where, for who opens the address in a browser.
async fn index() -> HttpResponse {
    HttpResponse::Ok().json(serde_json::json!({
        "name": "Drawbridge Tasks API",
        "version": env!("CARGO_PKG_VERSION"),
        "docs": "/docs/",
        "openapi": "/openapi.json",
        "health": "/health/ready",
        "you": "/api/v1/me",
    }))
}

/// With the slash, because the page's own links are relative.
async fn to_docs() -> HttpResponse {
    HttpResponse::PermanentRedirect()
        .insert_header((header::LOCATION, "docs/"))
        .finish()
}

async fn docs(
    file: Path<String>,
    config: Data<utoipa_swagger_ui::Config<'static>>,
) -> HttpResponse {
    let Ok(Some(file)) = utoipa_swagger_ui::serve(&file, config.into_inner()) else {
        return HttpResponse::NotFound().finish();
    };
    let mut response = HttpResponse::Ok();
    response
        .content_type(file.content_type)
        // The same for everybody, and large.
        .insert_header((header::CACHE_CONTROL, "public, max-age=3600"));
    if file.gzpipped {
        response.insert_header(header::ContentEncoding::Gzip);
    }
    response.body(file.bytes.into_owned())
}
