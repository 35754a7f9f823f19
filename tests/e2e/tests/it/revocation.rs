//! A token's signature is good until it expires. What ends it before: a sign-out, a ban, a deletion, an operator. On every
//! process within a second, and for nobody else.

use std::{
    process::Command,
    time::{Duration, Instant},
};

use actix_web::http::Method;
use serde_json::{Value, json};

use crate::support::{
    api::{Api, Runs, program},
    better_auth::{BetterAuth, Person},
    bridge::Bridge,
    eventually,
    ground::Ground,
    pause,
    program::Program,
    token_part,
};

const PATH: &str = "/api/v1/me/tasks";

/// Two processes of the API over one database, as behind a load balancer.
struct Replicas([Api; 2]);

impl Replicas {
    async fn start(ground: &Ground, better_auth: &BetterAuth) -> Self {
        let variables = ground.variables(better_auth, &[]);
        let both = [
            Api::start(Runs::AsItsOwnProcess, &variables).await,
            Api::start(Runs::AsItsOwnProcess, &variables).await,
        ];
        for api in &both {
            api.ready().await;
        }
        Self(both)
    }

    async fn serve(&self, token: &str) {
        for api in &self.0 {
            api.get(PATH, token).await.json_of(200);
        }
    }

    /// Waits for both to refuse a token that is not good any more `since` then, and sees to it that neither serves it to
    /// somebody who asks a second later.
    async fn refuse(&self, token: &str, since: Instant, code: &str) {
        for api in &self.0 {
            let mut last = (200, String::new());
            eventually("the token is refused", async || {
                let asked = since.elapsed();
                let answer = api.get(PATH, token).await;
                if answer.status == 200 {
                    assert!(asked < Duration::from_secs(1), "served {asked:?} after");
                    return false;
                }
                last = answer.problem();
                // On the way to one refusal another may be true for a moment.
                last.1 == code
            })
            .await;
            assert_eq!(last, (401, code.to_owned()));
        }
    }
}

#[actix_web::test]
async fn a_sign_out_ends_that_session_on_every_process_and_no_other_one() {
    let bridge = Bridge::new().await;
    let replicas = Replicas::start(&bridge.ground, &bridge.better_auth).await;
    let (phone, on_phone) = bridge.welcome("Ada").await;
    let laptop = bridge.better_auth.sign_in(&phone).await;
    let on_laptop = bridge.better_auth.token(&laptop).await;
    let (_, bobs) = bridge.welcome("Bob").await;
    for token in [&on_phone, &on_laptop, &bobs] {
        replicas.serve(token).await;
    }

    sign_out(&bridge.better_auth, &phone).await;
    let since = Instant::now();
    replicas.refuse(&on_phone, since, "session_ended").await;
    for token in [&on_laptop, &bobs] {
        replicas.serve(token).await;
    }
    // Signed in anew, she is welcome again, and the old token stays what it is.
    let again = bridge.better_auth.sign_in(&phone).await;
    replicas
        .serve(&bridge.better_auth.token(&again).await)
        .await;
    replicas.refuse(&on_phone, since, "session_ended").await;
}

#[actix_web::test]
async fn who_is_banned_or_deletes_their_account_is_refused_on_every_process() {
    let options = json!({ "admin": {}, "user": { "deleteUser": { "enabled": true } } });
    let ground = Ground::new().await;
    BetterAuth::migrate(&ground.better_auth_url(), &ground.url());
    let better_auth = BetterAuth::start_with_own_tables(&ground.better_auth_url(), &options);
    let said = ground.migrate(&[]);
    assert!(said.contains("bans are noticed within a second"), "{said}");
    ground.make_api_login().await;
    let replicas = Replicas::start(&ground, &better_auth).await;

    let administrator = better_auth.sign_up("Root").await;
    let promote = r#"UPDATE auth."user" SET role = 'admin' WHERE id = $1"#;
    let sql = ground.admin().await;
    sql.execute(promote, &[&administrator.id]).await.unwrap();
    let administer = async |path: &str, body: Value| {
        let cookie = &administrator.cookie;
        let answer = better_auth
            .ask(Method::POST, path, cookie, Some(&body))
            .await;
        answer.json_of(200);
        Instant::now()
    };

    let (ada, adas) = welcome(&better_auth, "Ada").await;
    let (bob, bobs) = welcome(&better_auth, "Bob").await;
    let (_, eves) = welcome(&better_auth, "Eve").await;
    for token in [&adas, &bobs, &eves] {
        replicas.serve(token).await;
    }
    let since = administer("/admin/ban-user", json!({ "userId": ada.id })).await;
    replicas.refuse(&adas, since, "user_banned").await;

    let password = json!({ "password": bob.password });
    let left = better_auth.ask(Method::POST, "/delete-user", &bob.cookie, Some(&password));
    left.await.json_of(200);
    replicas
        .refuse(&bobs, Instant::now(), "user_not_found")
        .await;
    replicas.serve(&eves).await;

    // The ban has ended her sessions as well: she signs in again.
    administer("/admin/unban-user", json!({ "userId": ada.id })).await;
    replicas.refuse(&adas, since, "session_ended").await;
    let ada = better_auth.sign_in(&ada).await;
    replicas.serve(&better_auth.token(&ada).await).await;
}

/// With `session.cookieCache`, Better Auth mints from the cookie alone until that is five minutes old.
fn cookie_cache() -> Value {
    json!({ "session": { "cookieCache": { "enabled": true, "maxAge": 300 } } })
}

#[actix_web::test]
async fn what_the_cookie_cache_still_mints_for_a_session_or_user_that_is_gone_is_refused() {
    let bridge = Bridge::with(Runs::InThisProcess, &cookie_cache(), &[]).await;
    let replicas = Replicas::start(&bridge.ground, &bridge.better_auth).await;
    let (ada, adas) = bridge.welcome("Ada").await;
    let (eve, eves) = bridge.welcome("Eve").await;
    let (bob, bobs) = bridge.welcome("Bob").await;
    for token in [&adas, &eves, &bobs] {
        replicas.serve(token).await;
    }

    let sql = bridge.ground.admin().await;
    let gone = r#"DELETE FROM auth.session WHERE "userId" = ANY ($1)"#;
    let both = vec![&ada.id, &eve.id];
    sql.execute(gone, &[&both]).await.unwrap();
    let gone = r#"DELETE FROM auth."user" WHERE id = $1"#;
    sql.execute(gone, &[&eve.id]).await.unwrap();
    let since = Instant::now();

    // A second later: minted after all that, and the same session in it.
    pause(Duration::from_millis(1100)).await;
    for (person, old, code) in [
        (&ada, &adas, "session_ended"),
        (&eve, &eves, "user_not_found"),
    ] {
        let new = bridge.better_auth.token(person).await;
        let (old_claims, new_claims) = (token_part(old, 1), token_part(&new, 1));
        assert_eq!(old_claims["sid"], new_claims["sid"]);
        assert!(old_claims["iat"].as_i64() < new_claims["iat"].as_i64());
        for token in [&new, old] {
            replicas.refuse(token, since, code).await;
        }
    }
    replicas.serve(&bridge.better_auth.token(&bob).await).await;
}

/// Better Auth has a database of its own, so nobody tells the API of a sign-out.
#[actix_web::test]
async fn without_better_auths_tables_an_operator_ends_a_session_for_good() {
    let (far, ground) = (Ground::new().await, Ground::new().await);
    BetterAuth::migrate(&far.better_auth_url(), &far.url());
    let better_auth = BetterAuth::start(&far.better_auth_url(), &cookie_cache());
    let said = ground.migrate(&[]);
    assert!(said.contains("is not in this database"), "{said}");
    ground.make_api_login().await;
    let replicas = Replicas::start(&ground, &better_auth).await;
    let (phone, on_phone) = welcome(&better_auth, "Ada").await;
    let laptop = better_auth.sign_in(&phone).await;
    let on_laptop = better_auth.token(&laptop).await;
    let (_, bobs) = welcome(&better_auth, "Bob").await;
    for token in [&on_phone, &on_laptop, &bobs] {
        replicas.serve(token).await;
    }

    let session = token_part(&on_phone, 1)["sid"].as_str().unwrap().to_owned();
    let delete = "DELETE FROM auth.session WHERE id = $1";
    far.admin()
        .await
        .execute(delete, &[&session])
        .await
        .unwrap();
    pause(Duration::from_millis(1100)).await;
    let minted_after = better_auth.token(&phone).await;
    replicas.serve(&minted_after).await;

    let said = revoke(
        &ground,
        &["--session", &session, "--reason", "a lost phone", "--json"],
    );
    let since = Instant::now();
    let said: Value = serde_json::from_str(&said).unwrap();
    assert_eq!(said["session_id"], session);
    assert_eq!(said["keep_until"], Value::Null, "for good");
    pause(Duration::from_millis(1100)).await;
    let minted_last = better_auth.token(&phone).await;
    for token in [&on_phone, &minted_after, &minted_last] {
        replicas.refuse(token, since, "token_revoked").await;
    }
    for token in [&on_laptop, &bobs] {
        replicas.serve(token).await;
    }

    // All that she has, from before now.
    let user = phone.uuid.to_string();
    let said = revoke(&ground, &["--user", &user]);
    let since = Instant::now();
    assert!(
        said.contains(&format!("tokens of user {user} minted before")),
        "{said}"
    );
    replicas.refuse(&on_laptop, since, "token_revoked").await;
    replicas.serve(&bobs).await;
    pause(Duration::from_millis(1100)).await;
    replicas.serve(&better_auth.token(&laptop).await).await;

    // Nothing of that is over yet.
    assert_eq!(revoke(&ground, &["--prune"]).trim(), "0 entries deleted");
    let said = revoke(&ground, &["--session", "another"]);
    assert!(said.contains("another: refused for good"), "{said}");
    revoke(&ground, &["--token", "of a second", "--keep", "1s"]);
    pause(Duration::from_millis(1100)).await;
    assert_eq!(revoke(&ground, &["--prune"]).trim(), "1 entry deleted");
    replicas.refuse(&on_phone, since, "token_revoked").await;
}

#[actix_web::test]
async fn a_revocation_that_cannot_be_made_says_why_and_which_kind_of_no_it_is() {
    let ground = Ground::new().await;
    let asked = |url: String, arguments: &[&str]| {
        let mut command = revoking(url);
        let output = command.args(arguments).output().unwrap();
        let said = String::from_utf8(output.stderr).unwrap();
        (output.status.code(), said)
    };
    let (code, said) = asked(ground.url(), &["--session", "s"]);
    assert_eq!(code, Some(1));
    assert!(said.contains("run `api-server migrate` first"), "{said}");

    ground.migrate(&[]);
    ground.make_api_login().await;
    let (code, said) = asked(ground.api_url(), &["--session", "s"]);
    assert_eq!(code, Some(1));
    assert!(said.contains("member of tasks_owner"), "{said}");
    assert!(!said.contains(&ground.password));

    for arguments in [&[][..], &["--session", "s", "--prune"], &["--user", "Ada"]] {
        let (code, said) = asked(ground.url(), arguments);
        assert_eq!(code, Some(64), "{said}");
    }
    let sql = "SELECT count(*) FROM app.revocations";
    let entries: i64 = ground
        .admin()
        .await
        .query_one(sql, &[])
        .await
        .unwrap()
        .get(0);
    assert_eq!(entries, 0);
}

async fn welcome(better_auth: &BetterAuth, name: &str) -> (Person, String) {
    let person = better_auth.sign_up(name).await;
    let token = better_auth.token(&person).await;
    (person, token)
}

async fn sign_out(better_auth: &BetterAuth, person: &Person) {
    let body = json!({});
    let answer = better_auth.ask(Method::POST, "/sign-out", &person.cookie, Some(&body));
    assert_eq!(answer.await.json_of(200), json!({ "success": true }));
}

/// Runs `api-server revoke`, and gives what it said.
fn revoke(ground: &Ground, arguments: &[&str]) -> String {
    let mut command = revoking(ground.url());
    command.args(arguments);
    Program::run("api-server revoke", command)
}

fn revoking(url: String) -> Command {
    program("revoke", &vec![("DATABASE_MIGRATION_URL", url)])
}
