//! Two Better Auth servers, and the OAuth access tokens of one of them. The keys of one are never
//! good for the tokens of another. Whose users may do what is a question of its own: a user id is
//! one that its issuer has chosen, so what belongs to our users is behind `issued_by`.
//!
//! ```sh
//! BETTER_AUTH_URL=http://localhost:3000 PARTNER_URL=http://localhost:4000 \
//!     cargo run -p auth-actix --example several_issuers
//! curl -i http://127.0.0.1:8000/whose -H "Authorization: Bearer $TOKEN"        # 200, by issuer
//! curl -i http://127.0.0.1:8000/users/me/own -H "Authorization: Bearer $TOKEN" # 403 for the partner's users
//! curl -i http://127.0.0.1:8000/.well-known/oauth-protected-resource           # where to get a token
//! ```

#![expect(clippy::print_stdout, reason = "it says where it listens")]

use std::env;

use actix_web::{App, HttpServer, web};
use auth_actix::{CurrentUser, Drawbridge, KeyFeedSettings, Policy};

/// With several issuers, a user is the pair of issuer and id.
async fn whose(user: CurrentUser) -> String {
    format!("You are {} of {}.\n", user.user_id(), user.issuer())
}

#[actix_web::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let better_auth = env::var("BETTER_AUTH_URL").map_err(|_| "BETTER_AUTH_URL is not set")?;
    let partner = env::var("PARTNER_URL").map_err(|_| "PARTNER_URL is not set")?;
    let resource = env::var("RESOURCE").unwrap_or_else(|_| "http://127.0.0.1:8000".into());

    let drawbridge = Drawbridge::better_auth(&better_auth)
        // Clients come in with this scope, and with none of it nowhere.
        .oauth_access_tokens(&resource, ["tasks:read"])
        .resource(&resource)
        .scopes(["tasks:write"])
        .also_trust(
            Policy::new(&partner, &partner)?,
            KeyFeedSettings::new(format!("{partner}/api/auth/jwks")),
        )
        .start()
        .await?;

    let listen = env::var("LISTEN").unwrap_or_else(|_| "127.0.0.1:8000".into());
    let server = HttpServer::new(move || {
        let guarded = web::resource("/whose").wrap(drawbridge.guard());
        let of_ours = drawbridge
            .user_guard()
            .issued_by(&better_auth)
            .issued_by(format!("{better_auth}/api/auth"));
        let own = web::scope("/users/{user_id}")
            .wrap(of_ours)
            .route("/own", web::get().to(whose));
        App::new()
            .configure(|cfg| drawbridge.configure(cfg))
            .service(guarded.route(web::get().to(whose)))
            .service(own)
    })
    .bind(listen)?;
    println!("listening on http://{}", server.addrs()[0]);
    server.run().await?;
    Ok(())
}
