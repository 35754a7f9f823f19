//! Refusals in a form of your own. Challenge, `Retry-After` and `Cache-Control` are added to it.
//!
//! ```sh
//! BETTER_AUTH_URL=http://localhost:3000 cargo run -p auth-actix --example custom_errors
//! curl -i http://127.0.0.1:8000/hello # 401 {"ok":false,"error":{"code":"token_missing",...}}
//! ```

#![expect(clippy::print_stdout, reason = "it says where it listens")]

use std::env;

use actix_web::{App, HttpRequest, HttpResponse, HttpServer, web};
use auth_actix::{CurrentUser, Drawbridge, Problem};
use serde_json::json;

async fn hello(user: CurrentUser) -> HttpResponse {
    HttpResponse::Ok().json(json!({ "ok": true, "user": user.user_id().to_string() }))
}

fn in_our_form(problem: &Problem, request: &HttpRequest) -> HttpResponse {
    let parts = problem.parts();
    HttpResponse::build(parts.status).json(json!({
        "ok": false,
        "path": request.path(),
        "error": { "code": parts.code, "message": parts.detail },
    }))
}

#[actix_web::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let better_auth = env::var("BETTER_AUTH_URL").map_err(|_| "BETTER_AUTH_URL is not set")?;
    let drawbridge = Drawbridge::better_auth(better_auth)
        .realm("hello")
        .renderer(in_our_form)
        .start()
        .await?;

    let listen = env::var("LISTEN").unwrap_or_else(|_| "127.0.0.1:8000".into());
    let server = HttpServer::new(move || {
        let guarded = web::resource("/hello").wrap(drawbridge.guard());
        App::new()
            .configure(|cfg| drawbridge.configure(cfg))
            .service(guarded.route(web::get().to(hello)))
    })
    .bind(listen)?;
    println!("listening on http://{}", server.addrs()[0]);
    server.run().await?;
    Ok(())
}
