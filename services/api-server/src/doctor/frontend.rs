//! The source of a frontend, read and not run: mistakes that end in "not a function" or in a token that is none.

mod scan;

use std::path::Path;

use sha2::{Digest, Sha256};

use self::scan::{Place, Scan};
use super::{Check, Finding, Ground, text::shown};
use crate::{app, ops::Document};

pub(super) const CHECKS: &[Check] = &[
    Check {
        id: "frontend.files",
        needs: &[],
        look: |ground| Box::pin(async { files(ground) }),
    },
    Check {
        id: "frontend.client",
        needs: &["frontend.files"],
        look: |ground| Box::pin(async { with_scan(ground, client) }),
    },
    Check {
        id: "frontend.token",
        needs: &["frontend.files"],
        look: |ground| Box::pin(async { with_scan(ground, token) }),
    },
    Check {
        id: "frontend.jwt_plugin",
        needs: &["frontend.files"],
        look: |ground| Box::pin(async { with_scan(ground, plugin) }),
    },
    Check {
        id: "client.drift",
        needs: &["frontend.files"],
        look: |ground| Box::pin(async { drift(ground) }),
    },
];

fn files(ground: &Ground) -> Finding {
    let Some(folder) = &ground.wanted.frontend else {
        return Finding::skip("no folder is given (--frontend)");
    };
    match Scan::of(folder) {
        Ok(scan) if scan.files == 0 => Finding::fail(format!(
            "no JavaScript or TypeScript is in {}",
            shown_path(folder)
        ))
        .because("there is nothing to look at")
        .fix("name the folder that has the frontend's package.json"),
        Ok(scan) if scan.is_cut_short => {
            Finding::warn(format!("the first {} files were read", scan.files))
                .because("there are more than are read")
                .fix("name a smaller folder")
        }
        Ok(scan) => Finding::pass(format!("{} files were read", scan.files)),
        Err(error) => Finding::fail(format!("{} cannot be read: {error}", shown_path(folder)))
            .because("without it the frontend is not looked at")
            .fix("name a folder that this user may read"),
    }
}

fn client(scan: &Scan) -> Finding {
    let import = scan
        .places
        .iter()
        .find(|place| place.what == scan::PLAIN_CLIENT);
    let hook = scan
        .places
        .iter()
        .find(|place| place.what == scan::REACT_HOOK);
    match (import, hook) {
        (Some(import), Some(hook)) => Finding::warn(format!(
            "createAuthClient comes from \"better-auth/client\" ({import}), and useSession is called ({hook})"
        ))
        .because("useSession is not a function there: the hook exists only in \"better-auth/react\"")
        .fix("import { createAuthClient } from \"better-auth/react\"; on a server, await auth.api.getSession({ headers })"),
        _ => Finding::pass("the client fits how it is used"),
    }
}

fn token(scan: &Scan) -> Finding {
    if let Some(place) = scan.first(scan::SESSION_TOKEN) {
        return Finding::warn(format!(
            "the session's token is sent as the bearer ({place})"
        ))
        .because("it is opaque, and no JWT: the API refuses it with session_token")
        .fix("send the token of authClient.token(), or let @drawbridge/client do it");
    }
    if let Some(place) = scan.first(scan::GET_TOKEN) {
        return Finding::warn(format!("/get-token is asked for ({place})"))
            .because("Better Auth has no such path, so no token is there to send")
            .fix("GET /api/auth/token, or authClient.token()");
    }
    match (scan.first(scan::TOKEN_CALL), scan.first(scan::JWT_CLIENT)) {
        (Some(place), None) => Finding::warn(format!(
            "authClient.token() is called ({place}), and no jwtClient() was seen"
        ))
        .because("without the plugin on the client there is no such function")
        .fix("createAuthClient({ plugins: [jwtClient()] }), with jwtClient of \"better-auth/client/plugins\""),
        _ => Finding::pass("no wrong source of tokens was seen"),
    }
}

fn plugin(scan: &Scan) -> Finding {
    match scan.first(scan::IGNORED_OPTION) {
        Some(place) => Finding::warn(format!("an option that Better Auth does not have ({place})"))
            .because("jwt({ async jwt() {} }), jwt({ algorithm }) and hooks.user.created are ignored without a word, so the claim \
                      that they were to add is absent")
            .fix("jwt({ jwt: { definePayload: ({ user, session }) => ({ uuid: user.uuid, sid: session.id }) } })"),
        None => Finding::pass("the jwt() plugin has no option that is ignored"),
    }
}

fn drift(ground: &Ground) -> Finding {
    let Some(folder) = &ground.wanted.frontend else {
        return Finding::skip("no folder is given (--frontend)");
    };
    let Some(theirs) = scan::hash_of_client(folder) else {
        return Finding::skip(
            "node_modules/@drawbridge/client is not there, or does not say what it was made from",
        );
    };
    let Ok(domains) = app::described_domains() else {
        return Finding::skip("this program's own document cannot be made");
    };
    let ours = Sha256::digest(Document::new(&domains).as_bytes());
    let ours: String = ours.iter().map(|byte| format!("{byte:02x}")).collect();
    let short = |hash: &str| hash.chars().take(8).collect::<String>();
    match ours.starts_with(&theirs) {
        true => Finding::pass(format!("the client was made from this server's document ({})", short(&ours))),
        false => Finding::fail(format!(
            "the client was made from {}, and this server is {}",
            short(&theirs),
            short(&ours)
        ))
        .because("what it expects of answers and what comes are not the same: forms stay blank, lists crash, fields are lost")
        .fix("npm install the @drawbridge/client of this release; in its own folder: npm run generate"),
    }
}

fn with_scan(ground: &Ground, look: fn(&Scan) -> Finding) -> Finding {
    let scan = ground.wanted.frontend.as_deref().map(Scan::of);
    match scan {
        Some(Ok(scan)) => look(&scan),
        _ => Finding::skip("frontend.files first"),
    }
}

fn shown_path(path: &Path) -> String {
    shown(&path.to_string_lossy())
}

impl std::fmt::Display for Place {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { file, line, .. } = self;
        write!(f, "{}:{line}", shown(file).trim_matches('"'))
    }
}
