use std::{fs, path::PathBuf};

use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::patient::Patient;
use crate::support::run;

/// A folder of this test alone.
struct Folder(PathBuf);

impl Folder {
    fn new(files: &[(&str, &str)]) -> Self {
        let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(Uuid::new_v4().to_string());
        for (name, text) in files {
            let file = folder.join(name);
            fs::create_dir_all(file.parent().unwrap()).unwrap();
            fs::write(file, text).unwrap();
        }
        Self(folder)
    }

    fn path(&self) -> &str {
        self.0.to_str().unwrap()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

const CLIENT: &str = "node_modules/@drawbridge/client/dist/generated/openapi-hash.js";

/// Rows of the frontend: what is wrong in its source, by file and line.
#[actix_web::test]
async fn each_mistake_is_a_warning_with_file_and_line() {
    let patient = Patient::new().await;
    for (id, files, words) in [
        (
            "frontend.client",
            &[
                (
                    "lib/auth-client.ts",
                    "\nimport { createAuthClient } from 'better-auth/client'",
                ),
                ("app/page.tsx", "const { data } = authClient.useSession()"),
            ][..],
            &[
                "lib/auth-client.ts:2",
                "app/page.tsx:1",
                "better-auth/react",
            ][..],
        ),
        (
            "frontend.token",
            &[(
                "lib/api.ts",
                "headers: { authorization: `Bearer ${session.token}` }",
            )],
            &["lib/api.ts:1", "opaque", "authClient.token()"],
        ),
        (
            "frontend.token",
            &[("lib/api.ts", "await fetch('/api/auth/get-token')")],
            &["lib/api.ts:1", "/api/auth/token"],
        ),
        (
            "frontend.token",
            &[("lib/api.ts", "const { data } = await authClient.token()")],
            &["lib/api.ts:1", "jwtClient()"],
        ),
        (
            "frontend.jwt_plugin",
            &[(
                "lib/auth.ts",
                "plugins: [\n  jwt({\n    async jwt({ user }) { return { uuid: user.uuid } },\n  }),\n]",
            )],
            &["lib/auth.ts:3", "definePayload"],
        ),
    ] {
        let folder = Folder::new(files);
        let found = patient.examined_with(&["--offline", "--frontend", folder.path()]);
        found.warns(id, words);
    }
}

#[actix_web::test]
async fn what_is_installed_is_not_the_frontends_own_source() {
    let patient = Patient::new().await;
    let folder = Folder::new(&[
        (
            "app/page.tsx",
            "export default function Page() { return null }",
        ),
        ("node_modules/x/index.js", "fetch('/api/auth/get-token')"),
        (".next/server/app.js", "fetch('/api/auth/get-token')"),
    ]);
    patient
        .examined_with(&["--offline", "--frontend", folder.path()])
        .is_health();
}

/// Rows of blank forms, colours and checkboxes.
#[actix_web::test]
async fn a_client_of_another_release_is_told_by_its_hash() {
    let patient = Patient::new().await;
    let (_, document, _) = run(&["openapi"], &[]);
    let ours: String = Sha256::digest(document)
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    for (hash, is_ours) in [(ours.as_str(), true), (&"3f2a".repeat(16), false)] {
        let text = format!("export const openapiHash = \"{hash}\";\n");
        let folder = Folder::new(&[("app/page.tsx", ""), (CLIENT, &text)]);
        let found = patient.examined_with(&["--offline", "--frontend", folder.path()]);
        match is_ours {
            true => assert_eq!(found.status("client.drift"), "pass"),
            false => found.fails(
                "client.drift",
                &["3f2a3f2a", &ours[..8], "@drawbridge/client"],
            ),
        }
    }
    // A workspace has it further up.
    let text = format!("export const openapiHash = \"{}\";\n", "3f2a".repeat(16));
    let folder = Folder::new(&[("apps/web/page.tsx", ""), (CLIENT, &text)]);
    let web = folder.0.join("apps/web");
    let found = patient.examined_with(&["--offline", "--frontend", web.to_str().unwrap()]);
    found.fails("client.drift", &["3f2a3f2a"]);
}

#[actix_web::test]
async fn a_folder_that_is_not_there_or_empty_is_a_failure() {
    let patient = Patient::new().await;
    let empty = Folder::new(&[("README.md", "")]);
    for folder in ["/no/such/folder", empty.path(), "/dev/null"] {
        let found = patient.examined_with(&["--offline", "--frontend", folder]);
        found.fails("frontend.files", &[folder]);
    }
}

#[cfg(unix)]
#[actix_web::test]
async fn links_in_circles_and_files_that_never_end_hold_nobody_up() {
    let patient = Patient::new().await;
    let folder = Folder::new(&[("page.ts", "x"), ("noise.ts", &"é\u{0}".repeat(100_000))]);
    std::os::unix::fs::symlink(&folder.0, folder.0.join("again")).unwrap();
    std::os::unix::fs::symlink("/dev/zero", folder.0.join("zero.ts")).unwrap();
    fs::write(folder.0.join("binary.js"), [0xff, 0xfe, 0x00]).unwrap();
    patient
        .examined_with(&["--offline", "--frontend", folder.path()])
        .is_health();
}
