//! One guarded route in front of your own Better Auth server.
//!
//! ```sh
//! BETTER_AUTH_URL=http://localhost:3000 cargo run -p auth-actix --example protect_a_route
//! curl -i http://127.0.0.1:8001/api/me/hello                                   # 401
//! curl -i http://127.0.0.1:8001/api/me/hello -H "Authorization: Bearer $TOKEN" # 200
//! ```
//!
//! `TOKEN` is what `authClient.token()` returns, or `GET $BETTER_AUTH_URL/api/auth/token` with the
//! cookies of a session. The user is the token's claim `uuid`; say `USER_CLAIM=sub` where Better
//! Auth makes UUIDs itself.

use std::env;
use std::time::Duration;

use actix_web::{App, HttpServer, web};
use auth_actix::{AuthBridge, CurrentUser, Guard, KeyFeed, KeyFeedSettings};
use auth_core::Policy;

async fn hello(user: CurrentUser) -> String {
    format!("You are {}.\n", user.user_id())
}

#[actix_web::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    tracing_subscriber::fmt()
        .with_env_filter("info,auth_actix=debug")
        .init();

    let issuer = env::var("BETTER_AUTH_URL").map_err(|_| "BETTER_AUTH_URL is not set")?;
    let issuer = issuer.trim_end_matches('/');
    let user_claim = env::var("USER_CLAIM")
        .unwrap_or_else(|_| "uuid".into())
        .parse()?;
    let policy = Policy::new(issuer, issuer)?.with_user_claim(user_claim);

    let keys = KeyFeed::start(&KeyFeedSettings::new(format!("{issuer}/api/auth/jwks")))?;
    if keys.first_keys(Duration::from_secs(5)).await.is_err() {
        tracing::warn!("{issuer} does not answer yet; serving anyway");
    }
    let bridge = AuthBridge::new(policy, keys);

    HttpServer::new(move || {
        let guarded = web::scope("/api/{user_id}").wrap(Guard::new(bridge.clone()));
        App::new().service(guarded.route("/hello", web::get().to(hello)))
    })
    .bind("127.0.0.1:8001")?
    .run()
    .await?;
    Ok(())
}
