use std::net::TcpListener;

use auth_testkit::FakeIssuer;
use test_kit::{Contents, TestDatabase};

use crate::support::run;

const SOMEWHERE: [(&str, &str); 2] = [
    ("DATABASE_URL", "postgres://u:hunter2@127.0.0.1:1/db"),
    ("BETTER_AUTH_URL", "http://localhost:1"),
];

#[test]
fn bad_settings_stop_the_start_with_every_fault_and_exit_code_64() {
    let variables = [
        ("DATABASE_URL", "mysql://root:hunter2@db/app"),
        ("API__SERVER__PORT", "http"),
        ("API__AUTH__JWKS__MAX_AGE", "5"),
        ("API__CORS__ORIGIN", "*"),
    ];
    let (code, stdout, stderr) = run(&["serve"], &variables);
    assert_eq!((code, stdout.as_str()), (64, ""));
    for part in [
        "5 settings are wrong",
        "database.url (DATABASE_URL)",
        "server.port (API__SERVER__PORT)",
        "auth.jwks.max_age (API__AUTH__JWKS__MAX_AGE)",
        "did you mean API__CORS__ORIGINS?",
        "set BETTER_AUTH_URL",
    ] {
        assert!(stderr.contains(part), "{part} in {stderr}");
    }
    assert!(!stderr.contains("hunter2"), "{stderr}");
}

#[test]
fn without_a_database_every_verb_that_needs_one_says_what_to_do() {
    for verb in ["serve", "migrate"] {
        let (code, _, stderr) = run(&[verb], &[("BETTER_AUTH_URL", "http://localhost:3000")]);
        assert_eq!(code, 64);
        assert!(stderr.contains("set DATABASE_URL=postgres://"), "{stderr}");
        assert!(stderr.contains("`cargo xtask dev`"), "{stderr}");
    }
}

#[test]
fn wrong_arguments_are_exit_code_64_and_help_is_none() {
    for arguments in [
        &["sreve"][..],
        &[],
        &["serve", "--prot", "1"],
        &["serve", "--config"],
    ] {
        let (code, stdout, stderr) = run(arguments, &[]);
        assert_eq!((code, stdout.as_str()), (64, ""), "{arguments:?}");
        assert!(!stderr.is_empty());
    }
    for arguments in [&["--help"][..], &["--version"], &["migrate", "--help"]] {
        let (code, stdout, _) = run(arguments, &[]);
        assert_eq!(code, 0, "{arguments:?}");
        assert!(stdout.contains("api-server"));
    }
}

#[test]
fn a_file_of_settings_that_is_not_there_is_exit_code_64() {
    let (code, _, stderr) = run(&["--config", "/no/such/file.toml", "serve"], &SOMEWHERE);
    assert_eq!(code, 64);
    assert!(
        stderr.contains("/no/such/file.toml: cannot be read"),
        "{stderr}"
    );
}

#[test]
fn a_port_in_use_is_named() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    let variables = [&SOMEWHERE[..], &[("API__SERVER__PORT", &port)]].concat();
    let (code, _, stderr) = run(&["serve"], &variables);
    assert_eq!(code, 1);
    assert!(
        stderr.contains(&format!("cannot listen on 127.0.0.1:{port}")),
        "{stderr}"
    );
    assert!(
        stderr.contains("API__SERVER__PORT") && stderr.to_lowercase().contains("in use"),
        "{stderr}"
    );
}

#[actix_web::test]
async fn an_empty_database_is_refused_until_it_is_migrated() {
    let db = TestDatabase::with(Contents::Nothing).await;
    let issuer = FakeIssuer::start();
    let (url, issuer) = (db.url(), issuer.url());
    let variables = [
        ("DATABASE_URL", url.as_str()),
        ("BETTER_AUTH_URL", &issuer),
        ("API__SERVER__PORT", "0"),
    ];

    let (code, _, stderr) = run(&["serve"], &variables);
    assert_eq!(code, 1);
    assert!(
        stderr.contains("run `api-server migrate` first"),
        "{stderr}"
    );

    let (code, stdout, stderr) = run(&["migrate"], &variables[..1]);
    assert_eq!((code, stderr.as_str()), (0, ""), "{stdout}");
    for part in [
        "0001_",
        " done in ",
        "migrations run, 0 were there already",
        "is not in this database",
    ] {
        assert!(stdout.contains(part), "{part} in {stdout}");
    }
    let (code, stdout, _) = run(&["migrate"], &variables[..1]);
    assert_eq!(code, 0);
    assert!(stdout.contains("schema is current"), "{stdout}");
    drop(crate::support::Process::serve(&variables));
}

#[actix_web::test]
async fn migrating_tells_of_the_link_to_better_auth_and_can_turn_it_off() {
    let db = TestDatabase::with(Contents::Nothing).await;
    db.admin()
        .await
        .batch_execute(test_kit::BETTER_AUTH_TABLES)
        .await
        .unwrap();
    let url = db.url();
    let (code, stdout, _) = run(
        &["migrate"],
        &[("DATABASE_URL", &url), ("API__AUTH__ACCOUNTS__MODE", "off")],
    );
    assert_eq!(code, 0);
    assert!(
        stdout.contains("(auth.accounts.mode = \"off\")"),
        "{stdout}"
    );
    let (code, stdout, _) = run(&["migrate"], &[("DATABASE_URL", &url)]);
    assert_eq!(code, 0);
    assert!(
        stdout.contains("users are linked to auth.\"user\".uuid"),
        "{stdout}"
    );
}

#[test]
fn a_database_that_cannot_be_reached_is_said_without_its_password() {
    let (code, _, stderr) = run(&["migrate"], &SOMEWHERE);
    assert_eq!(code, 1);
    assert!(
        stderr.contains("cannot connect to the database"),
        "{stderr}"
    );
    assert!(!stderr.contains("hunter2"), "{stderr}");
}

#[test]
fn a_reader_who_has_seen_enough_is_no_failure() {
    use std::io::Read;
    let mut child = crate::support::program(&["openapi"], &[]).spawn().unwrap();
    let mut start = [0; 10];
    child.stdout.take().unwrap().read_exact(&mut start).unwrap();
    // The pipe is closed now, with most of the document unread.
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(0));
    assert_eq!(output.stderr, b"");
}
