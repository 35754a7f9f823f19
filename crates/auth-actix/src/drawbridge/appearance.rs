//! What strangers see: how the API describes itself, and how it turns them away.

use std::borrow::Cow;

use super::builder::DrawbridgeBuilder;
use crate::render::Render;

impl DrawbridgeBuilder {
    /// The identifier of this API as a protected resource (RFC 9728): it is described at its
    /// well-known address, and challenges point there. Clients ask for tokens for it, so it must be
    /// an audience of those that are accepted. See
    /// [`ProtectedResource::new`](crate::ProtectedResource::new).
    pub fn resource(mut self, identifier: impl Into<String>) -> Self {
        self.resource = Some(identifier.into());
        self
    }

    /// The scopes that the [resource](Self::resource)'s description names, besides those that
    /// every access token must carry.
    pub fn scopes<S: Into<String>>(mut self, scopes: impl IntoIterator<Item = S>) -> Self {
        self.scopes = scopes.into_iter().map(Into::into).collect();
        self
    }

    /// The name for people in the [resource](Self::resource)'s description.
    pub fn resource_name(mut self, name: impl Into<String>) -> Self {
        self.resource_name = Some(name.into());
        self
    }

    /// The realm of the challenges.
    pub fn realm(mut self, realm: impl Into<Cow<'static, str>>) -> Self {
        self.face = self.face.with_realm(realm);
        self
    }

    /// Writes errors another way than as `application/problem+json`.
    pub fn renderer(mut self, renderer: impl Render) -> Self {
        self.face = self.face.with_renderer(renderer);
        self
    }
}
