//! What every refusal has in common, whatever was wrong.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use actix_web::http::header::{self, HeaderValue};
use actix_web::web;
use auth_testkit::{FakeIssuer, Flaw};

use crate::support::{ALICE, BOB, bearer, builder, get, whoami};

#[actix_web::test]
async fn rfc_6750_every_kind_of_bad_token_is_401_with_its_code_and_a_complete_challenge() {
    let issuer = FakeIssuer::start();
    let guard = builder(&issuer).start().await.unwrap().guard();
    let scope = web::scope("/api").wrap(guard);
    let scope = scope.route("/whoami", web::get().to(whoami));
    let app = app!(|cfg: &mut web::ServiceConfig| {
        cfg.service(scope);
    });
    for &flaw in Flaw::ALL {
        let token = issuer.mint_bad(ALICE, flaw);
        let Ok(credentials) = HeaderValue::from_str(&format!("Bearer {token}")) else {
            continue;
        };
        let request = get("/api/whoami").insert_header((header::AUTHORIZATION, credentials));
        let answer = ask!(&app, request);
        assert_eq!(answer.refusal(), (401, flaw.code().to_owned()), "{flaw:?}");
        let problem = answer.problem();
        let detail = problem["detail"].as_str().unwrap();
        assert_eq!(
            answer.header("www-authenticate"),
            format!(
                r#"Bearer realm="drawbridge", error="invalid_token", error_description="{detail}""#
            ),
            "the description is the fixed text of the code: {flaw:?}"
        );
        assert_eq!(answer.header("set-cookie"), "", "no session is made");
        let mut parts = token.split('.').filter(|part| part.len() > 8);
        assert!(
            !parts.any(|part| answer.body.contains(part)),
            "{}",
            answer.body
        );
        assert!(!answer.body.contains(&ALICE.to_string()));
    }
}

#[actix_web::test]
async fn the_handler_is_not_called_for_anyone_who_is_refused() {
    let issuer = FakeIssuer::start();
    let drawbridge = builder(&issuer).start().await.unwrap();
    let calls = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&calls);
    let work = move || {
        counted.fetch_add(1, Ordering::Relaxed);
        async { "done" }
    };
    let scope = web::scope("/api/{user_id}").wrap(drawbridge.user_guard());
    let scope = scope.route("/work", web::to(work));
    let app = app!(|cfg: &mut web::ServiceConfig| {
        cfg.service(scope);
    });
    let good = issuer.token_for(ALICE);
    let foreign = format!("/api/{BOB}/work");
    let two = bearer("/api/me/work", &good).append_header((header::AUTHORIZATION, "x"));
    let refused = Flaw::ALL
        .iter()
        .map(|flaw| bearer("/api/me/work", &issuer.mint_bad(ALICE, *flaw)))
        .chain([get("/api/me/work"), bearer(&foreign, &good), two]);
    for request in refused {
        let answer = ask!(&app, request);
        assert!([400, 401, 403].contains(&answer.status), "{}", answer.body);
    }
    assert_eq!(calls.load(Ordering::Relaxed), 0);
    assert_eq!(ask!(&app, bearer("/api/me/work", &good)).status, 200);
    assert_eq!(calls.load(Ordering::Relaxed), 1);
}
