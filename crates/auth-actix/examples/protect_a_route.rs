//! One guarded route in front of your own Better Auth server.
//!
//! ```sh
//! BETTER_AUTH_URL=http://localhost:3000 cargo run -p auth-actix --example protect_a_route
//! curl -i http://127.0.0.1:8000/hello                                   # 401
//! curl -i http://127.0.0.1:8000/hello -H "Authorization: Bearer $TOKEN" # 200
//! ```
//!
//! `TOKEN` is what `authClient.token()` returns, or `GET $BETTER_AUTH_URL/api/auth/token` with the
//! cookies of a session. The user is the token's claim `uuid`; say `USER_CLAIM=sub` where Better
//! Auth makes UUIDs itself.

#![expect(clippy::print_stdout, reason = "it says where it listens")]

use std::env;

use actix_web::{App, HttpServer, web};
use auth_actix::{CurrentUser, Drawbridge};

async fn hello(user: CurrentUser) -> String {
    format!("You are {}.\n", user.user_id())
}

#[actix_web::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    tracing_subscriber::fmt()
        .with_env_filter("info,auth_actix=debug")
        .with_writer(std::io::stderr)
        .init();
    let better_auth = env::var("BETTER_AUTH_URL").map_err(|_| "BETTER_AUTH_URL is not set")?;
    let user_claim = env::var("USER_CLAIM").unwrap_or_else(|_| "uuid".into());
    let drawbridge = Drawbridge::better_auth(better_auth)
        .user_claim(user_claim.parse()?)
        .start()
        .await?;

    let listen = env::var("LISTEN").unwrap_or_else(|_| "127.0.0.1:8000".into());
    let server = HttpServer::new(move || {
        let guarded = web::resource("/hello").wrap(drawbridge.guard());
        App::new().service(guarded.route(web::get().to(hello)))
    })
    .bind(listen)?;
    println!("listening on http://{}", server.addrs()[0]);
    server.run().await?;
    Ok(())
}
