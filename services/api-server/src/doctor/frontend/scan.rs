//! Reads a folder of sources, within bounds.

use std::{
    fs::{self, File},
    io::{self, Read},
    path::{Path, PathBuf},
};

/// What was seen in a folder.
#[derive(Debug, Default)]
pub(super) struct Scan {
    pub(super) files: usize,
    pub(super) is_cut_short: bool,
    pub(super) places: Vec<Place>,
}

/// Where something was seen.
#[derive(Debug)]
pub(super) struct Place {
    pub(super) what: &'static str,
    pub(super) file: String,
    pub(super) line: usize,
}

pub(super) const PLAIN_CLIENT: &str = "plain client";
pub(super) const REACT_HOOK: &str = "react hook";
pub(super) const SESSION_TOKEN: &str = "session token";
pub(super) const GET_TOKEN: &str = "get-token";
pub(super) const TOKEN_CALL: &str = "token call";
pub(super) const JWT_CLIENT: &str = "jwt client";
pub(super) const IGNORED_OPTION: &str = "ignored option";

const MOST_FILES: usize = 5_000;
const LARGEST_FILE: u64 = 1 << 20;
const DEEPEST: usize = 24;

const KINDS: [&str; 8] = ["ts", "tsx", "js", "jsx", "mjs", "cjs", "mts", "cts"];

/// What is not the project's own source.
const FOREIGN: [&str; 7] = [
    "node_modules",
    ".next",
    ".git",
    "dist",
    "build",
    "out",
    "coverage",
];

impl Scan {
    pub(super) fn of(folder: &Path) -> io::Result<Self> {
        let mut scan = Self::default();
        // Unlike those below it, the folder that was asked for must be there.
        fs::read_dir(folder)?;
        scan.walk(folder, folder, 0);
        Ok(scan)
    }

    /// The first place of this kind.
    pub(super) fn first(&self, what: &str) -> Option<&Place> {
        self.places.iter().find(|place| place.what == what)
    }

    fn walk(&mut self, root: &Path, folder: &Path, depth: usize) {
        let Ok(entries) = fs::read_dir(folder) else {
            return;
        };
        let mut entries: Vec<_> = entries.filter_map(Result::ok).collect();
        entries.sort_by_key(fs::DirEntry::file_name);
        for entry in entries {
            let path = entry.path();
            // Links are not followed: they may lead anywhere, or in circles.
            let Ok(kind) = entry.file_type() else {
                continue;
            };
            if kind.is_dir() {
                let is_foreign = FOREIGN.iter().any(|name| entry.file_name() == *name);
                if !is_foreign && depth < DEEPEST {
                    self.walk(root, &path, depth + 1);
                }
            } else if kind.is_file() && is_source(&path) {
                if self.files == MOST_FILES {
                    self.is_cut_short = true;
                    return;
                }
                self.files += 1;
                let text = read(&path).unwrap_or_default();
                self.look(path.strip_prefix(root).unwrap_or(&path), &text);
            }
        }
    }

    fn look(&mut self, file: &Path, text: &str) {
        let squeezed: Vec<String> = text.lines().map(squeeze).collect();
        for (what, line) in seen(&squeezed) {
            let file = file.to_string_lossy().into_owned();
            self.places.push(Place { what, file, line });
        }
    }
}

/// What is seen in a file, by lines without spaces, and on which line.
fn seen(lines: &[String]) -> Vec<(&'static str, usize)> {
    let mut seen = Vec::new();
    // Whether the text is inside of the arguments of jwt( … ), by the depth of its brackets.
    let mut depth_in_plugin: Option<i64> = None;
    for (index, line) in lines.iter().enumerate() {
        if line.starts_with("//") || line.starts_with('*') || line.starts_with("/*") {
            continue;
        }
        let mut note = |what| seen.push((what, index + 1));
        if line.contains("from\"better-auth/client\"") {
            note(PLAIN_CLIENT);
        }
        if line.contains(".useSession(") || line.contains("{useSession") {
            note(REACT_HOOK);
        }
        let bearer = line.contains("Bearer") || line.to_ascii_lowercase().contains("authorization");
        if bearer
            && ["session.token", "session?.token"]
                .iter()
                .any(|token| line.contains(token))
        {
            note(SESSION_TOKEN);
        }
        if line.contains("/get-token") {
            note(GET_TOKEN);
        }
        if line.to_ascii_lowercase().contains("authclient.token(") {
            note(TOKEN_CALL);
        }
        if line.contains("jwtClient(") {
            note(JWT_CLIENT);
        }
        let top_level = match (depth_in_plugin, line.find("jwt({")) {
            (None, Some(at)) if !line[..at].ends_with("definePayload") => {
                depth_in_plugin = Some(0);
                Some(&line[at..])
            }
            (Some(1), _) => Some(&**line),
            _ => None,
        };
        let is_ignored = |text: &str| {
            ["asyncjwt(", "jwt:async", "algorithm:"]
                .iter()
                .any(|option| {
                    text.match_indices(option)
                        .any(|(at, _)| at == 0 || text[..at].ends_with(['{', ',']))
                })
        };
        if top_level.is_some_and(is_ignored) || line.contains("user:{created") {
            note(IGNORED_OPTION);
        }
        if let Some(depth) = &mut depth_in_plugin {
            let from = top_level.unwrap_or(line);
            *depth += from
                .chars()
                .map(|c| match c {
                    '{' => 1,
                    '}' => -1,
                    _ => 0,
                })
                .sum::<i64>();
            if *depth <= 0 {
                depth_in_plugin = None;
            }
        }
    }
    seen
}

/// Without spaces, and with one kind of quotes.
fn squeeze(line: &str) -> String {
    let kept = line.chars().filter(|c| !c.is_whitespace());
    kept.map(|c| if c == '\'' { '"' } else { c }).collect()
}

fn is_source(path: &Path) -> bool {
    let kind = path.extension().and_then(|kind| kind.to_str());
    kind.is_some_and(|kind| KINDS.contains(&kind))
}

fn read(path: &Path) -> Option<String> {
    let mut bytes = Vec::new();
    let file = File::open(path).ok()?;
    file.take(LARGEST_FILE).read_to_end(&mut bytes).ok()?;
    Some(String::from_utf8_lossy(&bytes).into_owned())
}

/// The SHA-256 of the OpenAPI document that the installed client was made from, as it says itself: `openapiHash`. Looked for
/// where Node would: in the folder and above.
pub(super) fn hash_of_client(folder: &Path) -> Option<String> {
    let folder = fs::canonicalize(folder).ok()?;
    let installed = folder
        .ancestors()
        .map(|above| above.join("node_modules/@drawbridge/client"));
    let places = [
        "dist/generated/openapi-hash.js",
        "src/generated/openapi-hash.ts",
    ];
    let files: Vec<PathBuf> = installed
        .take(4)
        .flat_map(|client| places.map(|place| client.join(place)))
        .collect();
    files.iter().find_map(|file| hash_in(&read(file)?))
}

fn hash_in(text: &str) -> Option<String> {
    let (_, after) = text.split_once("openapiHash")?;
    let (_, after) = after.split_once(['"', '\''])?;
    let (value, _) = after.split_once(['"', '\''])?;
    let hash = value
        .strip_prefix("sha256-")
        .or(value.strip_prefix("sha256:"))
        .unwrap_or(value);
    let is_hash = (8..=64).contains(&hash.len()) && hash.bytes().all(|b| b.is_ascii_hexdigit());
    is_hash.then(|| hash.to_ascii_lowercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn what(source: &str) -> Vec<&'static str> {
        let lines: Vec<_> = source.lines().map(squeeze).collect();
        seen(&lines).into_iter().map(|(what, _)| what).collect()
    }

    #[test]
    fn what_matters_is_seen_however_they_are_spaced_and_quoted() {
        for (source, expected) in [
            (
                "import { createAuthClient } from 'better-auth/client';",
                PLAIN_CLIENT,
            ),
            ("const { data } = authClient.useSession();", REACT_HOOK),
            (
                "headers: { Authorization: `Bearer ${session.session.token}` }",
                SESSION_TOKEN,
            ),
            ("fetch(\"/api/auth/get-token\")", GET_TOKEN),
            ("const { data } = await authClient.token();", TOKEN_CALL),
            ("plugins: [ jwtClient( ) ]", JWT_CLIENT),
            (
                "plugins: [\n  jwt({\n    async jwt({ user }) { return {}; },\n  }),\n]",
                IGNORED_OPTION,
            ),
            ("jwt({ algorithm: \"ES256\" })", IGNORED_OPTION),
            (
                "hooks: { user: { created: async () => {} } }",
                IGNORED_OPTION,
            ),
        ] {
            assert_eq!(what(source), [expected], "{source}");
        }
    }

    #[test]
    fn what_better_auth_documents_is_no_mistake() {
        for source in [
            "import { createAuthClient } from \"better-auth/react\";",
            "// fetch(\"/api/auth/get-token\")",
            "jwt({\n  jwt: {\n    issuer, definePayload: ({ user }) => ({ uuid: user.uuid }),\n  },\n  jwks: {\n    \
             keyPairConfig: { alg: \"EdDSA\" },\n  },\n})",
            "const algorithm = options.algorithm; cipher({ algorithm: \"aes\" })",
            "console.log(session.token.length)",
        ] {
            assert!(what(source).is_empty(), "{source}: {:?}", what(source));
        }
    }

    #[test]
    fn the_hash_is_read_from_whatever_form_the_client_has_it_in() {
        let hash = "3f2a".repeat(16);
        for text in [
            format!("export const openapiHash = \"{hash}\";"),
            format!("export const openapiHash = 'sha256-{hash}' as const;"),
            format!("export const openapiHash: string =\n\t\"{hash}\";"),
        ] {
            assert_eq!(hash_in(&text).as_deref(), Some(&*hash), "{text}");
        }
        for text in [
            "",
            "openapiHash",
            "openapiHash = \"latest\"",
            "openapiHash = \"3f\"",
        ] {
            assert_eq!(hash_in(text), None, "{text}");
        }
    }
}
