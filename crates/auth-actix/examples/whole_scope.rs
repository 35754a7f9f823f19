//! A whole scope behind one guard: each user has a place of their own, and nobody gets into
//! another's. What does not exist there is not told to strangers either.
//!
//! ```sh
//! BETTER_AUTH_URL=http://localhost:3000 cargo run -p auth-actix --example whole_scope
//! curl -i http://127.0.0.1:8000/health                                              # 200
//! curl -i http://127.0.0.1:8000/users/me/notes                                      # 401
//! curl -i http://127.0.0.1:8000/users/me/notes -H "Authorization: Bearer $TOKEN"    # 200
//! curl -i http://127.0.0.1:8000/users/$OTHER/notes -H "Authorization: Bearer $TOKEN" # 403
//! ```

#![expect(clippy::print_stdout, reason = "it says where it listens")]

use std::env;

use actix_web::{App, HttpServer, web};
use auth_actix::{CurrentUser, Drawbridge};

async fn notes(user: CurrentUser) -> String {
    format!("The notes of {}.\n", user.user_id())
}

async fn note(user: CurrentUser, path: web::Path<(String, u32)>) -> String {
    let (_, number) = path.into_inner();
    format!("Note {number} of {}.\n", user.user_id())
}

#[actix_web::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let better_auth = env::var("BETTER_AUTH_URL").map_err(|_| "BETTER_AUTH_URL is not set")?;
    let drawbridge = Drawbridge::better_auth(better_auth).start().await?;

    let listen = env::var("LISTEN").unwrap_or_else(|_| "127.0.0.1:8000".into());
    let server = HttpServer::new(move || {
        let own = web::scope("/users/{user_id}")
            .wrap(drawbridge.user_guard())
            .route("/notes", web::get().to(notes))
            .route("/notes/{number}", web::get().to(note));
        App::new()
            .service(own)
            .route("/health", web::get().to(async || "fine\n"))
    })
    .bind(listen)?;
    println!("listening on http://{}", server.addrs()[0]);
    server.run().await?;
    Ok(())
}
