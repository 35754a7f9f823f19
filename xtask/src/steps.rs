//! The steps of `cargo xtask test`, in the order in which they run.

/// One step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum StepName {
    Format,
    Clippy,
    Rust,
    Rust18,
    DocTests,
    Docs,
    Book,
    OpenApi,
    Schemathesis,
    Client,
    Web,
    WebBuild,
    E2e,
    Proxies,
    Deploy,
    Deny,
}

pub(crate) const STEPS: &[StepName] = &[
    StepName::Format,
    StepName::Clippy,
    StepName::Rust,
    StepName::Rust18,
    StepName::DocTests,
    StepName::Docs,
    StepName::Book,
    StepName::OpenApi,
    StepName::Schemathesis,
    StepName::Client,
    StepName::Web,
    StepName::WebBuild,
    StepName::E2e,
    StepName::Proxies,
    StepName::Deploy,
    StepName::Deny,
];

impl StepName {
    /// As `--only` takes it.
    pub(crate) fn name(self) -> &'static str {
        match self {
            StepName::Format => "format",
            StepName::Clippy => "clippy",
            StepName::Rust => "rust",
            StepName::Rust18 => "rust-18",
            StepName::DocTests => "doctests",
            StepName::Docs => "docs",
            StepName::Book => "book",
            StepName::OpenApi => "openapi",
            StepName::Schemathesis => "schemathesis",
            StepName::Client => "client",
            StepName::Web => "web",
            StepName::WebBuild => "web-build",
            StepName::E2e => "e2e",
            StepName::Proxies => "proxies",
            StepName::Deploy => "deploy",
            StepName::Deny => "deny",
        }
    }

    /// What it holds.
    pub(crate) fn title(self) -> &'static str {
        match self {
            StepName::Format => "Rust is formatted",
            StepName::Clippy => "clippy has nothing to say",
            StepName::Rust => "Rust tests",
            StepName::Rust18 => "Rust tests on PostgreSQL 18",
            StepName::DocTests => "examples in the docs",
            StepName::Docs => "docs build",
            StepName::Book => "the book builds, and its links lead somewhere",
            StepName::OpenApi => "what is generated from code is current",
            StepName::Schemathesis => "the API does as its document says",
            StepName::Client => "TypeScript client",
            StepName::Web => "web app",
            StepName::WebBuild => "web app builds",
            StepName::E2e => "browser tests",
            StepName::Proxies => "behind nginx and HAProxy",
            StepName::Deploy => "what deploys it is sound",
            StepName::Deny => "licences, bans and advisories",
        }
    }

    /// Whether it needs the packages of the client and the web app.
    pub(crate) fn needs_packages(self) -> bool {
        use StepName::{Client, E2e, Rust, Rust18, Web, WebBuild};
        // The Rust suites start a real Better Auth.
        matches!(self, Rust | Rust18 | Client | Web | WebBuild | E2e)
    }
}
