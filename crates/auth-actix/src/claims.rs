use std::future::{Ready, ready};

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest};
use serde::de::DeserializeOwned;

use crate::admitted::Admitted;
use crate::extract::TurnedAway;
use crate::refusal::Refusal;

/// The claims of the user's token in the application's own type, as a handler's argument: what
/// `definePayload` puts into the token.
///
/// They are read from the signed payload, so they are what the issuer said; whether that is still
/// so is another question. Claims that do not fit the type are 403 `claims_mismatch`: the token is
/// good, and not for this.
///
/// ```
/// use auth_actix::{Claims, CurrentUser};
///
/// #[derive(serde::Deserialize)]
/// struct Membership {
///     #[serde(rename = "activeOrganizationId")]
///     organization: String,
/// }
///
/// async fn show(user: CurrentUser, Claims(membership): Claims<Membership>) -> String {
///     format!("{} works for {}", user.user_id(), membership.organization)
/// }
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Claims<T>(pub T);

impl<T: DeserializeOwned> FromRequest for Claims<T> {
    type Error = TurnedAway;
    type Future = Ready<Result<Self, TurnedAway>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let claims = Admitted::of(request)
            .and_then(Admitted::user)
            .and_then(|user| user.claims().map_err(Refusal::ClaimsMismatch));
        ready(claims.map(Self).map_err(|it| TurnedAway::new(request, &it)))
    }
}
