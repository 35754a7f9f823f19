use std::rc::Rc;

use actix_web::{HttpMessage, HttpRequest};
use auth_core::Identity;

use crate::guard::Guard;
use crate::refusal::Refusal;

/// What a guard leaves in a request that it let in; everything behind the guard goes by it.
#[derive(Clone)]
pub(crate) struct Admitted {
    /// Nobody behind an optional guard, when the request has no credentials.
    pub(crate) identity: Option<Identity>,
    pub(crate) guard: Rc<Guard>,
}

impl Admitted {
    /// Without a guard before it, nothing is known about who sent the request.
    pub(crate) fn of(request: &HttpRequest) -> Result<Self, Refusal> {
        let admitted = request.extensions().get::<Self>().cloned();
        admitted.ok_or(Refusal::Unguarded)
    }

    pub(crate) fn user(self) -> Result<Identity, Refusal> {
        self.identity.ok_or(Refusal::TokenMissing)
    }
}
