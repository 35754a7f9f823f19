use actix_web::http::header;
use actix_web::{HttpResponse, web};
use serde::Serialize;

use crate::better_auth_url::plain_url;

/// The description of a protected resource (RFC 9728): which authorization servers its tokens come
/// from, and which scopes it knows. A client that is turned away finds it by the parameter
/// `resource_metadata` of the challenge, and then knows where to get a token.
///
/// ```
/// use auth_actix::ProtectedResource;
///
/// let tasks = ProtectedResource::new("https://api.example/tasks")?
///     .authorization_server("https://app.example/api/auth")
///     .scopes(["tasks:read", "tasks:write"])
///     .name("Tasks");
/// assert_eq!(
///     tasks.metadata_url(),
///     "https://api.example/.well-known/oauth-protected-resource/tasks",
/// );
/// # Ok::<(), auth_actix::ResourceError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ProtectedResource {
    resource: String,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    authorization_servers: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    scopes_supported: Vec<String>,
    bearer_methods_supported: [&'static str; 1],
    #[serde(skip_serializing_if = "Option::is_none")]
    resource_name: Option<String>,
    #[serde(skip)]
    origin: String,
    #[serde(skip)]
    path: String,
}

/// A text that identifies no resource (RFC 9728 §1.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct ResourceError(&'static str);

impl ProtectedResource {
    /// A resource by its identifier: an absolute `https` URL without query and fragment, the same
    /// that clients name when they ask for a token (RFC 8707) and tokens name as their audience.
    /// `http` will do for development.
    ///
    /// # Errors
    /// [`ResourceError`] for anything else.
    pub fn new(identifier: &str) -> Result<Self, ResourceError> {
        let url = plain_url(identifier).map_err(ResourceError)?;
        // What the router would take for a pattern, or see in another form than clients send it.
        let plain = |c: u8| c.is_ascii_alphanumeric() || b"/-._~".contains(&c);
        if !url.path().bytes().all(plain) {
            return Err(ResourceError(
                "its path must consist of letters, digits and any of / - . _ ~",
            ));
        }
        Ok(Self {
            resource: identifier.to_owned(),
            authorization_servers: Vec::new(),
            scopes_supported: Vec::new(),
            bearer_methods_supported: ["header"],
            resource_name: None,
            origin: url.origin().ascii_serialization(),
            // RFC 9728 §3.1: a slash that is the whole path is no path.
            path: match url.path() {
                "/" => String::new(),
                path => path.to_owned(),
            },
        })
    }

    /// Adds an authorization server, by its issuer identifier (RFC 8414 §2).
    #[must_use]
    pub fn authorization_server(mut self, issuer: impl Into<String>) -> Self {
        let issuer = issuer.into();
        if !self.authorization_servers.contains(&issuer) {
            self.authorization_servers.push(issuer);
        }
        self
    }

    /// Names the scopes that make a difference here.
    #[must_use]
    pub fn scopes<S: Into<String>>(mut self, scopes: impl IntoIterator<Item = S>) -> Self {
        self.scopes_supported = scopes.into_iter().map(Into::into).collect();
        self
    }

    /// Gives it a name for people.
    #[must_use]
    pub fn name(mut self, name: impl Into<String>) -> Self {
        self.resource_name = Some(name.into());
        self
    }

    /// Where its description is: the well-known path comes between host and path (RFC 9728 §3.1).
    #[must_use]
    pub fn metadata_url(&self) -> String {
        format!("{}{}", self.origin, self.metadata_path())
    }

    /// The path of [`metadata_url`](Self::metadata_url), as the server must see it.
    #[must_use]
    pub fn metadata_path(&self) -> String {
        format!("{WELL_KNOWN}{}", self.path)
    }

    /// Mounts the description at [`metadata_path`](Self::metadata_path), for GET and HEAD. It
    /// belongs to the root of the app, outside of every guard. Every page may read it, and caches
    /// may keep it for five minutes.
    pub fn configure(&self, cfg: &mut web::ServiceConfig) {
        let document = web::Bytes::from(serde_json::to_vec(self).expect("texts become JSON"));
        let show = move || {
            let document = document.clone();
            async move {
                HttpResponse::Ok()
                    .insert_header((header::CONTENT_TYPE, "application/json"))
                    .insert_header((header::CACHE_CONTROL, "public, max-age=300"))
                    .insert_header((header::ACCESS_CONTROL_ALLOW_ORIGIN, "*"))
                    .body(document)
            }
        };
        cfg.service(
            web::resource(self.metadata_path())
                .route(web::get().to(show.clone()))
                .route(web::head().to(show)),
        );
    }
}

const WELL_KNOWN: &str = "/.well-known/oauth-protected-resource";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_well_known_path_comes_between_host_and_path() {
        for (resource, url) in [
            (
                "https://api.example",
                "https://api.example/.well-known/oauth-protected-resource",
            ),
            (
                "https://api.example/",
                "https://api.example/.well-known/oauth-protected-resource",
            ),
            (
                "https://api.example/v1",
                "https://api.example/.well-known/oauth-protected-resource/v1",
            ),
            (
                "https://api.example/v1/",
                "https://api.example/.well-known/oauth-protected-resource/v1/",
            ),
            (
                "https://API.example:8443/a/b",
                "https://api.example:8443/.well-known/oauth-protected-resource/a/b",
            ),
            (
                "http://127.0.0.1:8000/x",
                "http://127.0.0.1:8000/.well-known/oauth-protected-resource/x",
            ),
        ] {
            assert_eq!(
                ProtectedResource::new(resource).unwrap().metadata_url(),
                url
            );
        }
    }

    #[test]
    fn what_identifies_no_resource_is_refused() {
        for bad in [
            "",
            "api.example",
            "/v1",
            "ftp://api.example",
            "urn:example:api",
            "https://me:secret@api.example",
            "https://api.example/?a=b",
            "https://api.example/#top",
            "https://api.example/{tail:.*}",
            "https://api.example/a%2Fb",
            "https://",
        ] {
            let refused = ProtectedResource::new(bad).unwrap_err().to_string();
            assert!(!refused.contains("secret"), "{refused}");
        }
    }

    #[test]
    fn the_description_has_no_empty_members_and_no_keys_of_others() {
        let plain = ProtectedResource::new("https://api.example/").unwrap();
        assert_eq!(
            serde_json::to_value(&plain).unwrap(),
            serde_json::json!({
                "resource": "https://api.example/",
                "bearer_methods_supported": ["header"],
            })
        );
        let full = plain
            .authorization_server("https://app.example")
            .authorization_server("https://app.example")
            .scopes(["read"])
            .name("API");
        assert_eq!(
            serde_json::to_value(&full).unwrap(),
            serde_json::json!({
                "resource": "https://api.example/",
                "authorization_servers": ["https://app.example"],
                "scopes_supported": ["read"],
                "bearer_methods_supported": ["header"],
                "resource_name": "API",
            })
        );
    }
}
