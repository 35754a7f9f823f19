//! What a good token is not enough for: roles of Better Auth's `admin` plugin, scopes of its
//! `oauth-provider`, and tokens that were just minted.
//!
//! ```sh
//! BETTER_AUTH_URL=http://localhost:3000 cargo run -p auth-actix --example roles_and_scopes
//! curl -i http://127.0.0.1:8000/tasks -H "Authorization: Bearer $TOKEN"               # 200 for the user, and for clients with the scope tasks:read
//! curl -i -X POST http://127.0.0.1:8000/tasks -H "Authorization: Bearer $TOKEN"       # 200 for the user, and for clients with tasks:write besides
//! curl -i http://127.0.0.1:8000/admin/users -H "Authorization: Bearer $TOKEN"         # 200 with the role admin
//! curl -i -X DELETE http://127.0.0.1:8000/account -H "Authorization: Bearer $TOKEN"   # 200 with a fresh token
//! ```
//!
//! Who lacks it reads 403 `scope_missing`, `role_missing` or `token_not_fresh`.

#![expect(clippy::print_stdout, reason = "it says where it listens")]

use std::env;
use std::time::Duration;

use actix_web::{App, HttpServer, web};
use auth_actix::{CurrentUser, Drawbridge, Require};

async fn tasks(user: CurrentUser) -> String {
    let scopes: Vec<_> = user.scopes().collect();
    format!("The tasks of {}, by {scopes:?}.\n", user.user_id())
}

async fn users(user: CurrentUser) -> String {
    let roles: Vec<_> = user.roles().collect();
    format!("All users, for one with the roles {roles:?}.\n")
}

async fn delete_account(user: CurrentUser) -> String {
    format!("The account of {} is gone.\n", user.user_id())
}

#[actix_web::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let better_auth = env::var("BETTER_AUTH_URL").map_err(|_| "BETTER_AUTH_URL is not set")?;
    // The `resource` that OAuth clients ask for; plain JWTs are good besides.
    let audience = env::var("AUDIENCE").unwrap_or_else(|_| better_auth.clone());
    let drawbridge = Drawbridge::better_auth(better_auth)
        .oauth_access_tokens(audience, ["tasks:read"])
        .start()
        .await?;

    let listen = env::var("LISTEN").unwrap_or_else(|_| "127.0.0.1:8000".into());
    let server = HttpServer::new(move || {
        // The user's own app needs no scope, a client that the user has let in does. To read, what
        // every client needs is enough.
        let write = web::post().to(tasks).wrap(Require::granted("tasks:write"));
        let tasks = web::resource("/tasks")
            .route(web::get().to(tasks))
            .route(write);
        let admin = web::scope("/admin")
            .wrap(Require::any_role(["admin", "owner"]))
            .route("/users", web::get().to(users));
        let account = web::resource("/account")
            .wrap(Require::fresh(Duration::from_secs(5 * 60)))
            .route(web::delete().to(delete_account));
        App::new().service(
            web::scope("")
                .wrap(drawbridge.guard())
                .service(tasks)
                .service(admin)
                .service(account),
        )
    })
    .bind(listen)?;
    println!("listening on http://{}", server.addrs()[0]);
    server.run().await?;
    Ok(())
}
