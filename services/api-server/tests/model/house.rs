//! All domains as the service mounts them, and an issuer to take tokens from.

use std::{sync::Arc, time::Duration};

use actix_web::{App, middleware::from_fn, test};
use api_server::{app::domains, settings::Retention};
use auth_actix::{AuthBridge, Guard, KeyFeed, KeyFeedSettings};
use auth_pg::{AccountsSettings, ChangeFeed, ChangeFeedSettings, PgAccounts};
use auth_testkit::FakeIssuer;
use changes_domain::Reach;
use domain_kit::{DomainSet, problem_details};
use test_door::{Door, User};
use test_kit::{Client, TestDatabase};
use uuid::Uuid;

pub struct House {
    pub issuer: FakeIssuer,
    feed: KeyFeed,
    pub database: TestDatabase,
    /// Sees everything.
    pub admin: Client,
    domains: DomainSet,
    guard: Guard,
}

impl House {
    pub async fn new() -> Self {
        let (database, issuer) = (TestDatabase::new().await, FakeIssuer::start());
        let db = database.user_db();
        let changes = ChangeFeed::new(db.clone(), ChangeFeedSettings::default());
        let domains = domains(&db, &changes, Retention::default(), Reach::Public).unwrap();
        let feed = KeyFeed::start(&KeyFeedSettings::new(issuer.jwks_url())).unwrap();
        let accounts = Arc::new(PgAccounts::start(db, AccountsSettings::default()));
        let bridge = AuthBridge::new(issuer.policy(), feed.clone()).with_accounts(accounts);
        let admin = database.admin().await;
        Self {
            issuer,
            feed,
            database,
            admin,
            domains,
            guard: Guard::new(bridge),
        }
    }

    pub async fn door(&self) -> Door {
        // On a busy machine the first request would not wait long enough for them.
        let keys = self.feed.first_keys(Duration::from_secs(30)).await;
        keys.unwrap();
        let app = App::new()
            .configure(|cfg| self.domains.mount(&self.guard, cfg))
            .wrap(from_fn(problem_details));
        Door::new(test::init_service(app).await)
    }

    /// Who has just signed in.
    pub fn user(&self, id: Uuid) -> User {
        let session = Uuid::new_v4().to_string();
        User {
            token: self.issuer.mint(id, |token| token.session(session)),
        }
    }
}
