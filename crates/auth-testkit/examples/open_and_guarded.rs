//! Two routes that answer alike, one open and one behind the guard: what the guard costs is what
//! lies between them. `cargo xtask bench http` measures it.
//!
//! ```sh
//! cargo run --release -p auth-testkit --example open_and_guarded -- http://127.0.0.1:3000 [off]
//! ```
//!
//! The first argument is the issuer's origin; `off` turns the cache of verified tokens off. It
//! prints its own address and has one worker.

#![expect(
    clippy::print_stdout,
    reason = "whoever starts it reads what it prints"
)]

use std::env;
use std::error::Error;

use actix_web::{App, HttpResponse, HttpServer, web};
use auth_actix::{CurrentUser, Drawbridge};
use auth_core::Identity;
use auth_testkit::identity_of;
use uuid::Uuid;

#[actix_web::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = env::args().skip(1);
    let issuer = arguments.next().ok_or("which issuer?")?;
    let mut drawbridge = Drawbridge::better_auth(issuer).require_keys_at_start(true);
    if arguments.next().as_deref() == Some("off") {
        drawbridge = drawbridge.without_cache();
    }
    let drawbridge = drawbridge.start().await?;

    let somebody = identity_of(Uuid::from_u128(1));
    let server = HttpServer::new(move || {
        let guarded = web::scope("/guarded").wrap(drawbridge.guard());
        App::new()
            .app_data(web::Data::new(somebody.clone()))
            .route("/open/me", web::get().to(open))
            .service(guarded.route("/me", web::get().to(mine)))
    })
    .workers(1)
    .bind(("127.0.0.1", 0))?;
    for address in server.addrs() {
        println!("http://{address}");
    }
    Ok(server.run().await?)
}

async fn mine(user: CurrentUser) -> HttpResponse {
    show(&user)
}

async fn open(somebody: web::Data<Identity>) -> HttpResponse {
    show(&somebody)
}

fn show(who: &Identity) -> HttpResponse {
    let body = format!(
        r#"{{"user_id":"{}","subject":"{}","issuer":"{}","expires_at":"{}"}}"#,
        who.user_id(),
        who.subject(),
        who.issuer(),
        who.expires_at(),
    );
    HttpResponse::Ok()
        .content_type("application/json")
        .body(body)
}
