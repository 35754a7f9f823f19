//! How an app behind the drawbridge is tested: the tests below start an issuer of their own in one
//! line, and mint every token that a real one would, and every one that it would not.
//!
//! ```sh
//! cargo test -p auth-actix --example testing_with_auth_testkit
//! BETTER_AUTH_URL=http://localhost:3000 cargo run -p auth-actix --example testing_with_auth_testkit
//! ```

#![expect(clippy::print_stdout, reason = "it says where it listens")]

use std::env;

use actix_web::{App, HttpServer, web};
use auth_actix::{CurrentUser, Drawbridge, Require};

/// The app under test, the same in production and in tests.
fn routes(drawbridge: &Drawbridge, cfg: &mut web::ServiceConfig) {
    let admin = web::resource("/admin")
        .wrap(Require::role("admin"))
        .route(web::get().to(async || "Secrets.\n"));
    cfg.service(
        web::scope("/users/{user_id}")
            .wrap(drawbridge.user_guard())
            .service(admin)
            .route("/hello", web::get().to(hello)),
    );
}

async fn hello(user: CurrentUser) -> String {
    format!("You are {}.\n", user.user_id())
}

#[actix_web::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let better_auth = env::var("BETTER_AUTH_URL").map_err(|_| "BETTER_AUTH_URL is not set")?;
    let drawbridge = Drawbridge::better_auth(better_auth).start().await?;

    let listen = env::var("LISTEN").unwrap_or_else(|_| "127.0.0.1:8000".into());
    let server = HttpServer::new(move || App::new().configure(|cfg| routes(&drawbridge, cfg)))
        .bind(listen)?;
    println!("listening on http://{}", server.addrs()[0]);
    server.run().await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Arc;

    use actix_web::test::{TestRequest, call_service, init_service};
    use auth_testkit::{FakeAccounts, FakeIssuer, Flaw};
    use uuid::Uuid;

    const ALICE: Uuid = Uuid::from_u128(0xA11CE);
    const BOB: Uuid = Uuid::from_u128(0xB0B);

    fn get(path: &str, token: &str) -> TestRequest {
        TestRequest::with_uri(path).insert_header(("authorization", format!("Bearer {token}")))
    }

    #[actix_web::test]
    async fn a_user_gets_into_their_own_place_and_nobody_else_does() {
        let issuer = FakeIssuer::start();
        let drawbridge = Drawbridge::better_auth(issuer.url()).start().await.unwrap();
        let app = init_service(App::new().configure(|cfg| routes(&drawbridge, cfg))).await;

        let (hello, others) = (
            format!("/users/{ALICE}/hello"),
            format!("/users/{BOB}/hello"),
        );
        let token = issuer.token_for(ALICE);
        assert_eq!(
            call_service(&app, get(&hello, &token).to_request())
                .await
                .status(),
            200
        );
        assert_eq!(
            call_service(&app, get(&others, &token).to_request())
                .await
                .status(),
            403
        );
        for &flaw in Flaw::ALL {
            let bad = issuer.mint_bad(ALICE, flaw);
            assert_eq!(
                call_service(&app, get(&hello, &bad).to_request())
                    .await
                    .status(),
                401,
                "{flaw:?}"
            );
        }
    }

    #[actix_web::test]
    async fn an_admin_needs_the_role() {
        let issuer = FakeIssuer::start();
        let drawbridge = Drawbridge::better_auth(issuer.url()).start().await.unwrap();
        let app = init_service(App::new().configure(|cfg| routes(&drawbridge, cfg))).await;

        let admin = issuer.mint(ALICE, |token| token.claim("role", "admin"));
        assert_eq!(
            call_service(&app, get("/users/me/admin", &admin).to_request())
                .await
                .status(),
            200
        );
        let user = issuer.token_for(ALICE);
        assert_eq!(
            call_service(&app, get("/users/me/admin", &user).to_request())
                .await
                .status(),
            403
        );
    }

    #[actix_web::test]
    async fn rotation_outage_and_a_ban_are_one_line_each() {
        let issuer = FakeIssuer::start();
        let accounts = FakeAccounts::new();
        let drawbridge = Drawbridge::better_auth(issuer.url())
            .accounts(Arc::new(accounts.clone()))
            .start()
            .await
            .unwrap();
        let app = init_service(App::new().configure(|cfg| routes(&drawbridge, cfg))).await;
        let status = async |token: &str| {
            let response = call_service(&app, get("/users/me/hello", token).to_request()).await;
            response.status().as_u16()
        };

        issuer.rotate();
        let token = issuer.token_for(ALICE);
        assert_eq!(
            status(&token).await,
            200,
            "a new key is fetched when it is needed"
        );
        issuer.go_down();
        assert_eq!(
            status(&token).await,
            200,
            "known keys outlive the issuer's outage"
        );
        accounts.ban(ALICE);
        assert_eq!(
            status(&token).await,
            401,
            "a ban does not wait for the token to expire"
        );
    }
}
