//! Claims of your own, in a type of your own. In Better Auth:
//!
//! ```ts
//! jwt({ jwt: { definePayload: ({ user, session }) => ({
//!     uuid: user.uuid,
//!     email: user.email,
//!     organization: session.activeOrganizationId,
//! }) } })
//! ```
//!
//! ```sh
//! BETTER_AUTH_URL=http://localhost:3000 cargo run -p auth-actix --example own_claims
//! curl -i http://127.0.0.1:8000/organization -H "Authorization: Bearer $TOKEN" # 200, or 403 without one
//! ```

#![expect(clippy::print_stdout, reason = "it says where it listens")]

use std::env;

use actix_web::{App, HttpServer, web};
use auth_actix::{Claims, CurrentUser, Drawbridge};
use serde::Deserialize;

#[derive(Deserialize)]
struct Membership {
    email: String,
    organization: String,
}

/// Who has no organization is refused with 403 `claims_mismatch`; `Option<String>` would let them in.
async fn organization(user: CurrentUser, Claims(membership): Claims<Membership>) -> String {
    let Membership {
        email,
        organization,
    } = membership;
    format!("{} ({email}) works for {organization}.\n", user.user_id())
}

#[actix_web::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let better_auth = env::var("BETTER_AUTH_URL").map_err(|_| "BETTER_AUTH_URL is not set")?;
    let drawbridge = Drawbridge::better_auth(better_auth).start().await?;

    let listen = env::var("LISTEN").unwrap_or_else(|_| "127.0.0.1:8000".into());
    let server = HttpServer::new(move || {
        let guarded = web::resource("/organization").wrap(drawbridge.guard());
        App::new().service(guarded.route(web::get().to(organization)))
    })
    .bind(listen)?;
    println!("listening on http://{}", server.addrs()[0]);
    server.run().await?;
    Ok(())
}
