//! The domain behind the guard, and users with tokens.

use std::{sync::Arc, time::Duration};

use actix_http::Request;
use actix_web::{
    App, Error,
    body::MessageBody,
    dev::{Service, ServiceResponse},
    middleware::from_fn,
    test,
};
use auth_actix::{AuthBridge, KeyFeed, KeyFeedSettings};
use auth_pg::{AccountsSettings, PgAccounts, UserDb};
use auth_testkit::FakeIssuer;
use domain_kit::{DomainSet, Guard, problem_details};
use tasks_domain::TasksDomain;
use test_kit::TestDatabase;
use uuid::Uuid;

pub use test_door::{Answer, Ask, Door, User, answer, encoded};

/// The domain behind the guard, and an issuer to take tokens from.
pub struct House {
    pub issuer: FakeIssuer,
    feed: KeyFeed,
    pub database: TestDatabase,
    pub domains: DomainSet,
    guard: Guard,
}

impl House {
    pub async fn new() -> Self {
        Self::over(TestDatabase::new().await)
    }

    pub fn over(database: TestDatabase) -> Self {
        let db = database.user_db();
        Self::through(database, db)
    }

    /// With a pool of one connection, over which all users come one after the other.
    pub async fn of_one_connection() -> Self {
        let database = TestDatabase::new().await;
        let mut settings = database.pool_settings();
        settings.max_connections = 1;
        Self::through(database, UserDb::connect(&settings).unwrap())
    }

    fn through(database: TestDatabase, db: UserDb) -> Self {
        let issuer = FakeIssuer::start();
        let feed = KeyFeed::start(&KeyFeedSettings::new(issuer.jwks_url())).unwrap();
        let bridge = AuthBridge::new(issuer.policy(), feed.clone()).with_accounts(Arc::new(
            PgAccounts::start(db.clone(), AccountsSettings::default()),
        ));
        let domains = DomainSet::new()
            .with(TasksDomain::new(db.clone()))
            .unwrap()
            .forgetting(db);
        Self {
            issuer,
            feed,
            database,
            domains,
            guard: Guard::new(bridge),
        }
    }

    pub async fn open(
        &self,
    ) -> impl Service<Request, Response = ServiceResponse<impl MessageBody>, Error = Error> {
        self.has_keys().await;
        test::init_service(
            App::new()
                .configure(|cfg| self.domains.mount(&self.guard, cfg))
                .wrap(from_fn(problem_details)),
        )
        .await
    }

    /// On a busy machine the first request would not wait long enough for them.
    async fn has_keys(&self) {
        self.feed.first_keys(Duration::from_secs(30)).await.unwrap();
    }

    /// The same, without the type of what is behind it.
    pub async fn door(&self) -> Door {
        self.has_keys().await;
        let app = App::new()
            .configure(|cfg| self.domains.mount(&self.guard, cfg))
            .wrap(from_fn(problem_details));
        Door::new(test::init_service(app).await)
    }

    pub fn user(&self) -> User {
        self.user_with(Uuid::new_v4())
    }

    pub fn user_with(&self, id: Uuid) -> User {
        User {
            token: self.issuer.token_for(id),
        }
    }
}

macro_rules! send {
    ($app:expr, $user:expr, $method:ident $path:expr) => {
        send!($app, $user, $method $path, test::TestRequest::default())
    };
    ($app:expr, $user:expr, $method:ident $path:expr => $json:expr) => {
        send!($app, $user, $method $path, test::TestRequest::default().set_json($json))
    };
    ($app:expr, $user:expr, $method:ident $path:expr, $request:expr) => {{
        let request = $request
            .method(Method::$method)
            .uri(&format!("/api/v1/me{}", $path))
            .insert_header((header::AUTHORIZATION, format!("Bearer {}", $user.token)))
            .to_request();
        let response = test::call_service(&$app, request).await;
        answer(response).await
    }};
}
pub(crate) use send;
