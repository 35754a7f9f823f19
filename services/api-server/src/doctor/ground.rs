use std::path::PathBuf;

use auth_actix::{BetterAuthUrl, KeyFeedError, KeyProbe};
use auth_core::{Examination, KeyRing, Policy, TokenKind, UntrustedToken, Verifier};
use auth_pg::{SchemaState, StoreError, Survey, UserDb};
use tokio::sync::OnceCell;
use url::Url;

use super::token::now;
use crate::{
    app::{self, Rehearsal, StartError},
    better_auth::{BetterAuth, NoToken},
    settings::{Faults, Settings, Sources, better_auth_url},
};

/// What somebody wants to know.
#[derive(Debug, Default)]
pub struct Wanted {
    /// A token that is not taken.
    pub token: Option<TokenFrom>,
    /// The origin of a page that may not call.
    pub origin: Option<String>,
    /// The folder of a frontend.
    pub frontend: Option<PathBuf>,
    /// What stands in the path instead of the user's id.
    pub user_id: Option<String>,
    /// A server that is running, to be asked instead of this program.
    pub api: Option<Url>,
    /// Whether nobody is to be asked over the network.
    pub offline: bool,
}

/// Where a token is to be had.
pub enum TokenFrom {
    /// Here.
    Text(String),
    /// From Better Auth, for this cookie.
    Cookie(String),
}

/// Both are secrets.
impl std::fmt::Debug for TokenFrom {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Text(_) => "Text",
            Self::Cookie(_) => "Cookie",
        })
    }
}

/// All that checks look at. What costs something is asked for once, when the first check wants it.
pub struct Ground {
    pub(super) wanted: Wanted,
    pub(super) settings: Result<Settings, Faults>,
    pub(super) has_auth_secret: bool,
    better_auth: Option<BetterAuthUrl>,
    survey: OnceCell<Result<Survey, StoreError>>,
    schema: OnceCell<Result<SchemaState, StoreError>>,
    probe: OnceCell<Result<KeyProbe, KeyFeedError>>,
    token: OnceCell<Option<Result<String, NoToken>>>,
    examination: OnceCell<Option<Examination>>,
    rehearsal: OnceCell<Result<Rehearsal, StartError>>,
}

impl Ground {
    /// Reads the settings, and asks nobody yet.
    pub fn new(sources: &Sources, wanted: Wanted) -> Self {
        Self {
            wanted,
            settings: Settings::load(sources),
            has_auth_secret: sources.environment.has("BETTER_AUTH_SECRET"),
            better_auth: better_auth_url(sources).ok(),
            survey: OnceCell::new(),
            schema: OnceCell::new(),
            probe: OnceCell::new(),
            token: OnceCell::new(),
            examination: OnceCell::new(),
            rehearsal: OnceCell::new(),
        }
    }

    /// The settings, for checks that need `config.settings`.
    pub(super) fn settings(&self) -> &Settings {
        let settings = self.settings.as_ref();
        settings.expect("checks that look at settings need config.settings")
    }

    /// What the database tells about itself.
    pub(super) async fn survey(&self) -> Option<&Result<Survey, StoreError>> {
        if self.wanted.offline {
            return None;
        }
        let settings = self.settings.as_ref().ok()?;
        let survey = || Survey::take(&settings.database);
        Some(self.survey.get_or_init(survey).await)
    }

    /// How the schema is, and whether the wall stands.
    pub(super) async fn schema(&self) -> &Result<SchemaState, StoreError> {
        let look = async || {
            let migrations = app::migrations().expect("the embedded migrations are a sequence");
            let mut settings = self.settings().database.clone();
            settings.max_connections = 1;
            let db = UserDb::connect(&settings)?;
            let state = db.schema_state(&migrations).await;
            db.close();
            state
        };
        self.schema.get_or_init(look).await
    }

    /// One attempt to have the issuer's keys.
    pub(super) async fn probe(&self) -> Option<&Result<KeyProbe, KeyFeedError>> {
        if self.wanted.offline {
            return None;
        }
        let settings = self.settings.as_ref().ok()?;
        let probe = || KeyProbe::make(&settings.keys);
        Some(self.probe.get_or_init(probe).await)
    }

    /// The issuer's keys, if there are any.
    pub(super) async fn keys(&self) -> Option<KeyRing> {
        let probe = self.probe().await?.as_ref().ok()?;
        probe.keys()?.ok()
    }

    /// The token; `None` if nobody has given one.
    pub(super) async fn token(&self) -> Option<&Result<String, NoToken>> {
        let token = async || match self.wanted.token.as_ref()? {
            TokenFrom::Text(text) => Some(Ok(text.clone())),
            TokenFrom::Cookie(_) if self.wanted.offline => None,
            TokenFrom::Cookie(cookie) => {
                let url = self.better_auth.as_ref()?;
                Some(BetterAuth(url).token(cookie).await)
            }
        };
        self.token.get_or_init(token).await.as_ref()
    }

    /// What was asked of the token's kind: there are other rules for access tokens, where the settings take those.
    pub(super) fn policy(&self, token: &str) -> &Policy {
        let settings = self.settings();
        let is_access_token =
            UntrustedToken::parse(token).is_ok_and(|token| token.kind() == TokenKind::Access);
        match &settings.access_tokens {
            Some(access_tokens) if is_access_token => &access_tokens.policy,
            _ => &settings.policy,
        }
    }

    /// How far the token comes.
    pub(super) async fn examination(&self) -> Option<&Examination> {
        let examine = async || {
            let token = self.token().await?.as_ref().ok()?;
            let verifier = Verifier::new(self.policy(token).clone());
            Some(verifier.examine(token, self.keys().await.as_ref(), now()))
        };
        self.examination.get_or_init(examine).await.as_ref()
    }

    /// The service itself.
    pub(super) async fn rehearsal(&self) -> &Result<Rehearsal, StartError> {
        let prepare = || Rehearsal::prepare(self.settings());
        self.rehearsal.get_or_init(prepare).await
    }
}

impl std::fmt::Debug for Ground {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Ground")
            .field("wanted", &self.wanted)
            .finish_non_exhaustive()
    }
}
