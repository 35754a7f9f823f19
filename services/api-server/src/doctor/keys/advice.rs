use auth_actix::{FetchFailure, FetchFault, KeyAnswer};

use crate::doctor::shown;

/// What to do where the keys could not be fetched.
pub(super) fn advice(failure: &FetchFailure, answer: Option<&KeyAnswer>) -> String {
    let text = match failure.fault {
        FetchFault::Dns => {
            "check the host in BETTER_AUTH_URL; between containers it is the name of Better Auth's service"
        }
        FetchFault::Connect => {
            "start Better Auth, or set BETTER_AUTH_URL to where this process reaches it: inside a container localhost is the \
             container itself (try http://web:3000 with API__AUTH__ISSUER as it is)"
        }
        FetchFault::Tls => {
            "use the name that the certificate is for, and a CA that this machine knows (SSL_CERT_FILE for an own one); or \
             http:// where the port speaks no TLS"
        }
        FetchFault::Timeout => {
            "see whether Better Auth is busy or waits for its database, and whether a firewall swallows what is sent"
        }
        FetchFault::NotFound => {
            "is the jwt() plugin among Better Auth's plugins, and app/api/auth/[...all]/route.ts there? With another base path \
             or jwksPath set API__AUTH__JWKS_URL"
        }
        FetchFault::Redirect => {
            let to = answer.and_then(|answer| answer.location.as_deref());
            let to = to.map(|to| format!(" (it points to {})", shown(to)));
            return format!(
                "set API__AUTH__JWKS_URL to the address that answers by itself{}; a middleware must let /api/auth through",
                to.unwrap_or_default()
            );
        }
        FetchFault::Status => match answer.map(|answer| answer.status) {
            Some(429) => {
                "Better Auth's rate limit: wait, and set its ipAddress headers so that callers do not share one bucket"
            }
            Some(500..) => {
                "Better Auth's log says why; often its tables are not migrated, or BETTER_AUTH_SECRET was changed"
            }
            _ => {
                "let this machine through: the keys are public, and no proxy may ask for a log-in in front of them"
            }
        },
        FetchFault::TooLarge => {
            "the address is not that of a key set: Better Auth's has some hundred bytes a key"
        }
        FetchFault::Discovery => {
            "set API__AUTH__OAUTH__ISSUER to the issuer that the document names, or API__AUTH__JWKS_URL instead of discovery"
        }
        _ => "see what a proxy between here and Better Auth does with its answers",
    };
    text.to_owned()
}
