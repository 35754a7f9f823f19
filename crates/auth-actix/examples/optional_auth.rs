//! A page for everybody that knows its users.
//!
//! ```sh
//! BETTER_AUTH_URL=http://localhost:3000 cargo run -p auth-actix --example optional_auth
//! curl -i http://127.0.0.1:8000/                                   # 200, as nobody
//! curl -i http://127.0.0.1:8000/ -H "Authorization: Bearer $TOKEN" # 200, by name
//! curl -i http://127.0.0.1:8000/ -H "Authorization: Bearer x"      # 401: what is sent must be good
//! ```

#![expect(clippy::print_stdout, reason = "it says where it listens")]

use std::env;

use actix_web::{App, HttpServer, web};
use auth_actix::{CurrentUser, Drawbridge, OptionalUser};

async fn front_page(user: OptionalUser) -> String {
    match &*user {
        Some(user) => format!("Welcome back, {}.\n", user.user_id()),
        None => "Welcome, stranger.\n".into(),
    }
}

/// A handler that asks for a user turns strangers away, behind the same guard.
async fn settings(user: CurrentUser) -> String {
    format!("The settings of {}.\n", user.user_id())
}

#[actix_web::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let better_auth = env::var("BETTER_AUTH_URL").map_err(|_| "BETTER_AUTH_URL is not set")?;
    let drawbridge = Drawbridge::better_auth(better_auth).start().await?;

    let listen = env::var("LISTEN").unwrap_or_else(|_| "127.0.0.1:8000".into());
    let server = HttpServer::new(move || {
        App::new().service(
            web::scope("")
                .wrap(drawbridge.guard().optional())
                .route("/", web::get().to(front_page))
                .route("/settings", web::get().to(settings)),
        )
    })
    .bind(listen)?;
    println!("listening on http://{}", server.addrs()[0]);
    server.run().await?;
    Ok(())
}
