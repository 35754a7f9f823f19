//! What must not be where: `docs/architecture.md`, "What is not there". Each test names who knew too much.

mod source;
mod workspace;

use std::collections::BTreeMap;

use test_kit::TestDatabase;

use self::{source::Source, workspace::Workspace};

#[test]
fn auth_core_knows_no_runtime_no_http_and_no_database() {
    let workspace = Workspace::read();
    let known = workspace.known_to("auth-core");
    let foreign = [
        "actix",
        "awc",
        "tokio",
        "deadpool",
        "hyper",
        "reqwest",
        "mio",
        "async-std",
    ];
    let found: Vec<_> = known
        .iter()
        .filter(|name| foreign.iter().any(|it| name.starts_with(it)) || is_database(name))
        .collect();
    assert!(found.is_empty(), "{found:?}");
    assert!(
        known.contains("josekit") && known.contains("openssl-sys"),
        "{known:?}"
    );
}

#[test]
fn auth_actix_knows_no_database() {
    let known = Workspace::read().known_to("auth-actix");
    let found: Vec<_> = known.iter().filter(|name| is_database(name)).collect();
    assert!(found.is_empty(), "{found:?}");
    assert!(
        known.contains("awc") && known.contains("tokio"),
        "{known:?}"
    );
}

#[test]
fn auth_pg_knows_no_http() {
    let known = Workspace::read().known_to("auth-pg");
    let is_http =
        |name: &&String| name.starts_with("actix") || ["awc", "http"].contains(&name.as_str());
    let found: Vec<_> = known.iter().filter(is_http).collect();
    assert!(found.is_empty(), "{found:?}");
    assert!(known.contains("tokio-postgres"), "{known:?}");
}

#[test]
fn a_domain_knows_domain_kit_and_nobody_else_of_ours() {
    let workspace = Workspace::read();
    let domains: Vec<_> = workspace
        .names()
        .filter(|name| name.ends_with("-domain"))
        .collect();
    for known in ["tasks-domain", "notes-domain"] {
        assert!(domains.contains(&known), "{domains:?}");
    }
    for domain in domains {
        assert_eq!(workspace.ours_of(domain), ["domain-kit"], "{domain}");
    }
}

#[test]
fn below_the_domains_arrows_point_down() {
    let workspace = Workspace::read();
    for (name, may_know) in [
        ("domain-kit", &["auth-actix", "auth-core", "auth-pg"][..]),
        ("auth-actix", &["auth-core"]),
        ("auth-pg", &["auth-core"]),
        ("auth-testkit", &["auth-core"]),
        ("auth-core", &[]),
        ("dev-postgres", &[]),
    ] {
        assert_eq!(workspace.ours_of(name), may_know, "{name}");
    }
}

#[test]
fn nobody_builds_on_the_server_but_its_tests() {
    assert_eq!(Workspace::read().who_knows("api-server"), ["e2e"]);
}

#[test]
fn nobody_starts_a_database_but_xtask_and_the_test_kit() {
    let workspace = Workspace::read();
    assert_eq!(workspace.who_knows("dev-postgres"), ["test-kit", "xtask"]);
    let served = workspace.known_to("api-server");
    for made_for_tests in ["dev-postgres", "test-kit", "auth-testkit"] {
        assert!(
            !served.contains(made_for_tests),
            "{made_for_tests} is in the server"
        );
    }
    assert!(served.contains("tasks-domain"));
    assert!(!served.contains("notes-domain"), "an example is served");
}

#[test]
fn josekit_is_named_in_one_file_of_auth_core() {
    assert_eq!(
        files_that_name(&sources_of(&["auth-core"]), &["josekit"]),
        ["keys.rs"]
    );
}

#[test]
fn auth_core_reads_no_clock() {
    let sources = sources_of(&["auth-core"]);
    let clocks = [
        "SystemTime::now",
        "Instant::now",
        "Timestamp::now",
        "Zoned::now",
        "elapsed",
    ];
    assert_eq!(files_that_name(&sources, &clocks), [""; 0]);
    // The scan does find what is there.
    assert!(files_that_name(&sources_of(&["auth-pg"]), &clocks).contains(&"accounts.rs"));
}

#[test]
fn the_environment_is_read_with_the_settings_and_nowhere_else() {
    let workspace = Workspace::read();
    let served = workspace.known_to("api-server");
    let ours = workspace.names().filter(|name| served.contains(*name));
    let sources = sources_of(&ours.chain(["api-server"]).collect::<Vec<_>>());
    // `std::env::args_os` is of the same module, and the business of main.
    let found = files_that_name(
        &sources,
        &["std::env", "env::var", "env::var_os", "env::vars_os"],
    );
    // OpenTelemetry's own variables are read by its SDK; whether there is a collector is asked before that.
    assert_eq!(
        found,
        ["main.rs", "settings/layers.rs", "telemetry/traces.rs"]
    );
    let main = sources
        .iter()
        .find(|source| source.name == "main.rs")
        .unwrap();
    assert_eq!(
        main.code.matches("env::").count(),
        main.code.matches("env::args_os").count()
    );
}

#[test]
fn the_status_of_a_refusal_is_chosen_in_one_file() {
    let workspace = Workspace::read();
    let sources = sources_of(&workspace.names().collect::<Vec<_>>());
    let statuses = [
        "UNAUTHORIZED",
        "FORBIDDEN",
        "Unauthorized",
        "Forbidden",
        "ErrorUnauthorized",
        "ErrorForbidden",
        "401",
        "403",
    ];
    assert_eq!(
        files_that_name(&sources, &statuses),
        ["problem/of_refusal.rs"]
    );
}

#[test]
fn every_statement_on_our_tables_says_whose_rows_it_means() {
    let workspace = Workspace::read();
    // And domain-kit, which has statements of its own and pieces of theirs.
    let packages = workspace
        .names()
        .filter(|name| name.ends_with("-domain") || *name == "domain-kit");
    let mut statements = BTreeMap::new();
    for package in packages {
        let sources = sources_of(&[package]);
        let texts = sources.iter().flat_map(|source| {
            // What is put together for each request cannot be judged by its pieces: its domain's own tests try the whole.
            let texts = source.texts.iter();
            let texts = texts.filter(|text| text.contains(" app.") && !text.contains('{'));
            texts.map(|text| (&source.name, text))
        });
        for (name, text) in texts {
            *statements.entry(package).or_insert(0) += 1;
            // Once for each table, since each of them could be forgotten.
            let (tables, users) = (tables_in(text), text.matches("user_id").count());
            assert!(users >= tables, "{package}, {name}: {text}");
        }
    }
    for (package, at_least) in [("tasks-domain", 10), ("notes-domain", 5), ("domain-kit", 3)] {
        let found = statements.get(package).copied().unwrap_or_default();
        assert!(found >= at_least, "{package}: {found} statements found");
    }
}

/// How often a table of ours is named. What is called is none: a function of the schema says in its migration whose rows it means.
fn tables_in(text: &str) -> usize {
    let names = text.split("app.").skip(1);
    let is_called = |rest: &&str| {
        let name = rest.trim_start_matches(|c: char| c.is_ascii_alphanumeric() || c == '_');
        name.starts_with('(')
    };
    names.filter(|rest| !is_called(rest)).count()
}

#[test]
fn what_a_task_is_knows_neither_http_nor_sql() {
    let sources = sources_of(&["tasks-domain"]);
    let task = sources
        .iter()
        .find(|source| source.name == "task.rs")
        .unwrap();
    for word in [
        "actix_web",
        "HttpResponse",
        "StatusCode",
        "ApiError",
        "Problem",
        "UserDb",
        "UserScope",
        "UserTx",
        "ToSql",
        "Row",
        "sql",
        "store",
        "wire",
        "routes",
    ] {
        assert!(!task.names(word), "{word}");
    }
    for sql in ["app.", "SELECT", "INSERT", "UPDATE", "user_id ="] {
        assert!(!task.texts.iter().any(|text| text.contains(sql)), "{sql}");
    }
    assert!(task.names("Title"));
}

/// Whatever returns one of the proofs makes it, hands it on, or is new here and has to be looked at.
#[test]
fn proofs_are_made_by_the_verifier_and_the_guard_alone() {
    let proofs = ["Identity", "UserId", "CurrentUser"];
    let mut makers = Vec::new();
    for source in sources_of(&["auth-core", "auth-actix", "auth-pg", "domain-kit"]) {
        let of_proofs = ["identity.rs", "extract.rs"].contains(&source.name.as_str());
        for function in source.public_functions() {
            let returns = |name| source::names(function.returns, name);
            if proofs.into_iter().any(returns) || of_proofs && returns("Self") {
                makers.push(format!("{} {}", source.name, function.name));
            }
        }
        for proof in proofs {
            for conversion in ["From", "TryFrom", "FromStr", "Default", "Deserialize"] {
                let made = format!("for {proof}");
                let mut by = source.code.lines().filter(|line| line.contains(&made));
                let found = by.find(|line| source::names(line, conversion));
                assert_eq!(found, None, "{}", source.name);
            }
        }
        if of_proofs {
            let name = &source.name;
            assert!(!source.code.contains("(pub"), "a public field in {name}");
            assert!(
                !source.names("Deserialize") && !source.names("Default"),
                "{name}"
            );
        }
    }
    makers.sort_unstable();
    assert_eq!(
        makers,
        [
            "bridge.rs admit",
            "cache.rs get",
            "extract.rs into_identity",
            "extract.rs into_user",
            "identity.rs user_id",
            "scope.rs user_id",
            "scope.rs user_id",
            "verify.rs verify",
        ]
    );
}

#[test]
fn nothing_is_unsafe_but_the_control_of_processes_in_dev_postgres() {
    let workspace = Workspace::read();
    let sources = sources_of(&workspace.names().collect::<Vec<_>>());
    assert_eq!(files_that_name(&sources, &["unsafe"]), ["process/unix.rs"]);
}

/// Beside the options that both share, the web app sets what its surroundings ask for. What is in a token, and whom it is for, has
/// to be in `auth-options.js`: else these tests would try a Better Auth that nobody runs.
#[test]
fn the_better_auth_of_these_tests_is_the_web_apps() {
    let file = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../../services/web/lib/auth.ts"
    );
    let text = std::fs::read_to_string(file).unwrap();
    let (_, options) = text.split_once("return betterAuth({\n").unwrap();
    let (options, _) = options.split_once("\n\t});").unwrap();
    let members = options.lines().filter_map(|line| line.strip_prefix("\t\t"));
    let members = members.filter(|line| !line.starts_with(['\t', '}', ']', '/']));
    let names: Vec<_> = members
        .map(|line| line.split([':', ',', '?']).next().unwrap().trim())
        .collect();
    assert_eq!(
        names,
        [
            "...options",
            "baseURL",
            "...(settings.secret",
            "...(settings.secrets",
            "trustedOrigins",
            "advanced",
            "...(settings.dangerRateLimitOff",
            "plugins",
        ]
    );
    assert!(options.contains("plugins: [...options.plugins, nextCookies()]"));
}

/// Distributed engines refuse triggers, and nobody expects what they do. Beside that: no table of ours without its fence.
#[actix_web::test]
async fn the_schema_has_no_triggers_and_fences_every_table() {
    let db = TestDatabase::new().await;
    let admin = db.admin().await;
    let triggers = "SELECT count(*) FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid
                     WHERE c.relnamespace = 'app'::regnamespace AND NOT t.tgisinternal";
    assert_eq!(
        admin
            .query_one(triggers, &[])
            .await
            .unwrap()
            .get::<_, i64>(0),
        0
    );
    let tables = "SELECT c.relname, c.relrowsecurity AND c.relforcerowsecurity,
                         (SELECT a.attname FROM pg_index i
                            JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = i.indkey[0]
                           WHERE i.indrelid = c.oid AND i.indisprimary)
                    FROM pg_class c
                   WHERE c.relnamespace = 'app'::regnamespace AND c.relkind IN ('r', 'p')
                     AND c.relname <> 'schema_migrations'";
    let tables = admin.query(tables, &[]).await.unwrap();
    assert!(tables.len() >= 5);
    for table in tables {
        let (name, fenced, key): (String, bool, String) =
            (table.get(0), table.get(1), table.get(2));
        let first = match name.as_str() {
            // Its rows are about users, and the poll reads them for all users at once.
            "revocations" => "id",
            // No user's, and the same for all of them.
            "secrets" => "name",
            _ => "user_id",
        };
        assert_eq!((fenced, key.as_str()), (true, first), "{name}");
    }
}

fn is_database(name: &str) -> bool {
    ["postgres", "deadpool", "sqlx", "diesel", "sqlite"]
        .iter()
        .any(|it| name.contains(it))
}

/// The sources of these packages that are not their tests.
fn sources_of(packages: &[&str]) -> Vec<Source> {
    let workspace = Workspace::read();
    let sources: Vec<_> = packages
        .iter()
        .map(|name| workspace.folder_of(name).join("src"))
        // These tests have none.
        .filter(|folder| folder.exists())
        .flat_map(|folder| Source::all_below(&folder))
        .collect();
    assert!(!sources.is_empty(), "{packages:?}");
    sources
}

fn files_that_name<'a>(sources: &'a [Source], words: &[&str]) -> Vec<&'a str> {
    let mut files: Vec<_> = sources
        .iter()
        .filter(|source| words.iter().any(|word| source.names(word)))
        .map(|source| source.name.as_str())
        .collect();
    files.sort_unstable();
    files
}
