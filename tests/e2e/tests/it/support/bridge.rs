use serde_json::{Value, json};

use super::{
    api::{Api, Runs},
    better_auth::{BetterAuth, Person},
    ground::Ground,
};

/// Better Auth on one side and our server on the other, both real, over one database.
pub struct Bridge {
    // In the order in which they have to go.
    pub api: Api,
    pub better_auth: BetterAuth,
    pub ground: Ground,
}

impl Bridge {
    pub async fn new() -> Self {
        Self::with(Runs::InThisProcess, &json!({}), &[]).await
    }

    /// With changes to Better Auth's options, and more variables for the API.
    pub async fn with(runs: Runs, changes: &Value, variables: &[(&'static str, &str)]) -> Self {
        let ground = Ground::new().await;
        BetterAuth::migrate(&ground.better_auth_url(), &ground.url());
        ground.migrate(&[]);
        ground.make_api_login().await;
        let better_auth = BetterAuth::start(&ground.better_auth_url(), changes);
        let api = Api::start(runs, &ground.variables(&better_auth, variables)).await;
        api.ready().await;
        Self {
            api,
            better_auth,
            ground,
        }
    }

    /// A new person and a token of theirs.
    pub async fn welcome(&self, name: &str) -> (Person, String) {
        let person = self.better_auth.sign_up(name).await;
        let token = self.better_auth.token(&person).await;
        (person, token)
    }
}
