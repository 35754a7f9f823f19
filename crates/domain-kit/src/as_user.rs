use std::{
    future::{Ready, ready},
    ops::Deref,
};

use actix_web::{FromRequest, HttpRequest, dev::Payload, web};
use auth_actix::CurrentUser;
use auth_pg::{StoreError, UserDb, UserScope};

use crate::{ApiError, Cursors};

/// The database as the user of the request's token sees it: [`CurrentUser`] and [`UserDb`] in one, for handlers that want no more
/// of either. The `UserDb` is the one that the domain put in with `cfg.app_data(web::Data::new(db))`.
#[derive(Debug, Clone)]
pub struct AsUser {
    db: UserDb,
    scope: UserScope,
}

impl AsUser {
    /// The cursors of this user's list that `list` describes: [`Cursors::of`].
    ///
    /// # Errors
    /// Any [`StoreError`], the first time in a process.
    pub async fn cursors(&self, list: &str) -> Result<Cursors, StoreError> {
        Cursors::of(&self.db, self.scope.user_id(), list).await
    }
}

impl Deref for AsUser {
    type Target = UserScope;

    fn deref(&self) -> &UserScope {
        &self.scope
    }
}

impl FromRequest for AsUser {
    type Error = actix_web::Error;
    type Future = Ready<Result<Self, Self::Error>>;

    fn from_request(req: &HttpRequest, payload: &mut Payload) -> Self::Future {
        // The guard has left the user there: neither of the two waits for anything.
        let user = CurrentUser::from_request(req, payload).into_inner();
        ready(user.map_err(Into::into).and_then(|user| {
            let db = req.app_data::<web::Data<UserDb>>();
            let db = db.ok_or_else(|| ApiError::broken("the domain has put in no UserDb"))?;
            Ok(Self {
                scope: db.as_user(&user),
                db: UserDb::clone(db),
            })
        }))
    }
}
