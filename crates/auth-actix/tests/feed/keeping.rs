//! Keys that outlive the process, and keys that were there before it.

use std::fs;
use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use auth_actix::{KeyFeed, KeyFeedSettings};
use auth_core::{FetchFault, KeyState};
use auth_testkit::FakeIssuer;
use serde_json::{Value, json};

use crate::support::{ENOUGH, eventually, has, settings};

/// A directory of its own that goes away with it.
struct Folder(PathBuf);

impl Folder {
    fn new() -> Self {
        static COUNT: AtomicUsize = AtomicUsize::new(0);
        let nth = COUNT.fetch_add(1, Ordering::SeqCst);
        let name = format!("drawbridge-keeping-{}-{nth}", std::process::id());
        let path = std::env::temp_dir().join(name);
        fs::create_dir(&path).unwrap();
        Self(path)
    }

    fn file(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn seeded(issuer: &FakeIssuer, folder: &Folder, seed: &str) -> KeyFeedSettings {
    let mut settings = settings(issuer);
    let path = folder.file("seed.json");
    fs::write(&path, seed).unwrap();
    #[cfg(unix)]
    {
        // Whatever the tester's umask is.
        use std::os::unix::fs::PermissionsExt;
        fs::set_permissions(&path, PermissionsExt::from_mode(0o600)).unwrap();
    }
    settings.seed_file = Some(path);
    settings
}

fn read(path: &PathBuf) -> Option<Value> {
    serde_json::from_slice(&fs::read(path).ok()?).ok()
}

#[tokio::test]
async fn a_seed_is_served_while_the_issuer_is_away_and_gives_way_to_its_answer() {
    let (issuer, folder) = (FakeIssuer::start(), Folder::new());
    let seeded = seeded(&issuer, &folder, &issuer.jwks().to_string());
    let old = issuer.key_id();
    for is_refused in [true, false] {
        match is_refused {
            true => issuer.go_down(),
            false => {
                issuer.come_back();
                issuer.hang();
            }
        }
        let feed = KeyFeed::start(&seeded).unwrap();
        assert_eq!(
            feed.status().state,
            KeyState::Stale,
            "from the first moment"
        );
        assert_eq!(has(&feed, &old).await, Some(true));
        assert_eq!(has(&feed, "stranger").await, None, "nobody can know");
        assert_eq!(feed.status().last_success, None);
    }
    let new = issuer.rotate();
    issuer.withdraw(&old);
    issuer.recover();
    let feed = KeyFeed::start(&seeded).unwrap();
    eventually("the issuer's keys are there", || {
        feed.status().last_success.is_some()
    })
    .await;
    assert_eq!(has(&feed, &new).await, Some(true));
    assert_eq!(has(&feed, &old).await, Some(false), "the seed is forgotten");
    assert_eq!(feed.status().state, KeyState::Fresh);
}

#[cfg(unix)]
#[test]
fn a_seed_that_others_can_write_to_or_that_is_no_plain_file_is_refused() {
    use std::os::unix::fs::PermissionsExt;

    let (issuer, folder) = (FakeIssuer::start(), Folder::new());
    let mut settings = seeded(&issuer, &folder, &issuer.jwks().to_string());
    let path = settings.seed_file.clone().unwrap();
    for (mode, is_trusted) in [(0o644, true), (0o440, true), (0o664, false), (0o646, false)] {
        fs::set_permissions(&path, PermissionsExt::from_mode(mode)).unwrap();
        assert_eq!(KeyFeed::start(&settings).is_ok(), is_trusted, "{mode:o}");
    }
    // A pipe would keep the start waiting for ever.
    let pipe = folder.file("pipe");
    let made = std::process::Command::new("mkfifo").arg(&pipe).status();
    assert!(made.unwrap().success());
    for path in [pipe, std::env::temp_dir()] {
        settings.seed_file = Some(path);
        let error = KeyFeed::start(&settings).unwrap_err().to_string();
        assert!(error.contains("no plain file"), "{error}");
    }
}

#[test]
fn a_seed_that_could_not_serve_is_refused_at_the_start() {
    let (issuer, folder) = (FakeIssuer::start(), Folder::new());
    for seed in ["", "{", "null", r#"{"keys":[]}"#, &" ".repeat(70_000)] {
        let error = KeyFeed::start(&seeded(&issuer, &folder, seed)).unwrap_err();
        assert!(
            error.to_string().contains("seed.json is unusable"),
            "{error}"
        );
    }
    let mut missing = settings(&issuer);
    missing.seed_file = Some(folder.file("nowhere.json"));
    assert!(KeyFeed::start(&missing).is_err());
    let mut intolerant = seeded(&issuer, &folder, &issuer.jwks().to_string());
    intolerant.max_stale = Duration::ZERO;
    let error = KeyFeed::start(&intolerant).unwrap_err();
    assert!(error.to_string().contains("too old"), "{error}");
}

#[tokio::test]
async fn the_last_good_set_outlives_the_process() {
    let (issuer, folder) = (FakeIssuer::start(), Folder::new());
    let path = folder.file("keys.json");
    let mut settings = seeded(&issuer, &folder, &FakeIssuer::start().jwks().to_string());
    settings.snapshot_file = Some(path.clone());
    let feed = KeyFeed::start(&settings).unwrap();
    eventually("the snapshot is written", || path.exists()).await;
    feed.stop();
    issuer.go_down();

    let feed = KeyFeed::start(&settings).unwrap();
    assert_eq!(
        feed.status().state,
        KeyState::RefreshAhead,
        "young, and renewed at once"
    );
    assert!(feed.status().last_success.is_some(), "it has its true age");
    assert_eq!(
        has(&feed, &issuer.key_id()).await,
        Some(true),
        "preferred to the seed"
    );
    assert_eq!(has(&feed, "stranger").await, None);
    eventually("it is asked for", || {
        feed.status().last_fault == Some(FetchFault::Connect)
    })
    .await;
}

#[tokio::test]
async fn every_good_answer_renews_the_snapshot() {
    let (issuer, folder) = (FakeIssuer::start(), Folder::new());
    let path = folder.file("keys.json");
    let mut settings = settings(&issuer);
    settings.snapshot_file = Some(path.clone());
    let feed = KeyFeed::start(&settings).unwrap();
    eventually("the snapshot is written", || path.exists()).await;
    let first = read(&path).unwrap();
    assert_eq!(first["jwks_url"], issuer.jwks_url());
    assert_eq!(first["document"], issuer.jwks().to_string());

    feed.refresh_now();
    let millis = |kept: &Value| kept["fetched_at_millis"].as_i64().unwrap();
    eventually("it is confirmed", || {
        read(&path).is_some_and(|kept| millis(&kept) > millis(&first))
    })
    .await;
    issuer.rotate();
    feed.refresh_now();
    eventually("it is replaced", || {
        read(&path)
            .is_some_and(|kept| kept["document"].as_str() == Some(&issuer.jwks().to_string()))
    })
    .await;

    let last = read(&path).unwrap();
    issuer.garble(auth_testkit::Garble::EmptySet);
    feed.refresh_now();
    eventually("an attempt fails", || feed.status().last_fault.is_some()).await;
    assert_eq!(read(&path).unwrap(), last, "what is not good is not kept");
}

#[tokio::test]
async fn a_snapshot_of_another_issuer_or_another_time_is_not_used_and_harms_nobody() {
    let (issuer, folder) = (FakeIssuer::start(), Folder::new());
    let path = folder.file("keys.json");
    let mut settings = settings(&issuer);
    settings.snapshot_file = Some(path.clone());
    settings.wait = Duration::from_millis(10);
    issuer.go_down();
    let now = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap()
        .as_millis() as i64;
    let hour = 3_600_000;
    let content = |url: &str, fetched_at: Value| {
        let document = issuer.jwks().to_string();
        json!({"jwks_url": url, "fetched_at_millis": fetched_at, "document": document}).to_string()
    };
    let url = &*issuer.jwks_url();
    let is_used = async |content: &str| {
        let _ = fs::remove_file(&path);
        // As the feed writes it, or others could write to it.
        fs::write(&path, content).unwrap();
        owner_only(&path);
        let feed = KeyFeed::start(&settings).unwrap();
        has(&feed, &issuer.key_id()).await == Some(true)
    };
    assert!(is_used(&content(url, json!(now - hour))).await);
    for (what, content) in [
        (
            "another issuer",
            content("https://other.example/jwks", json!(now - hour)),
        ),
        ("from the future", content(url, json!(now + hour))),
        ("too old", content(url, json!(now - 25 * hour))),
        ("before 1970", content(url, json!(-1))),
        ("no time", content(url, Value::Null)),
        ("no number", content(url, json!("NaN"))),
        ("half a number", content(url, json!(0.5))),
        (
            "no keys",
            content(url, json!(now - hour)).replace("kty", "ytk"),
        ),
        ("no JSON", "{".into()),
        ("nothing", String::new()),
    ] {
        assert!(!is_used(&content).await, "{what}");
    }
    issuer.come_back();
    let feed = KeyFeed::start(&settings).unwrap();
    feed.first_keys(ENOUGH).await.unwrap();
    eventually("it is replaced by a good one", || {
        read(&path).is_some_and(|kept| kept["jwks_url"] == url)
    })
    .await;
}

#[cfg(unix)]
#[tokio::test]
async fn a_snapshot_that_others_can_write_to_is_not_used() {
    use std::os::unix::fs::PermissionsExt;

    let (issuer, folder) = (FakeIssuer::start(), Folder::new());
    let path = folder.file("keys.json");
    let mut settings = settings(&issuer);
    settings.snapshot_file = Some(path.clone());
    let feed = KeyFeed::start(&settings).unwrap();
    eventually("the snapshot is written", || path.exists()).await;
    feed.stop();
    let mode = fs::metadata(&path).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    issuer.go_down();
    for (mode, state) in [(0o666, KeyState::Cold), (0o600, KeyState::RefreshAhead)] {
        fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
        let feed = KeyFeed::start(&settings).unwrap();
        assert_eq!(feed.status().state, state, "{mode:o}");
    }
}

#[tokio::test]
async fn a_snapshot_that_cannot_be_written_harms_nobody() {
    let (issuer, folder) = (FakeIssuer::start(), Folder::new());
    let mut settings = settings(&issuer);
    settings.snapshot_file = Some(folder.file("missing/keys.json"));
    let feed = KeyFeed::start(&settings).unwrap();
    feed.first_keys(ENOUGH).await.unwrap();
    feed.refresh_now();
    eventually("the keys are renewed", || issuer.fetches() == 2).await;
    assert_eq!(has(&feed, &issuer.key_id()).await, Some(true));
    assert_eq!(feed.status().panics, 0);
}

#[cfg(unix)]
fn owner_only(path: &PathBuf) {
    use std::os::unix::fs::PermissionsExt;
    fs::set_permissions(path, fs::Permissions::from_mode(0o600)).unwrap();
}

#[cfg(not(unix))]
fn owner_only(_: &PathBuf) {}
