//! The database: whether it answers, whether it keeps users apart, and whether Better Auth's tables in it are whole.

use auth_core::UserClaim;
use auth_pg::{BetterAuthTables, LinkMode, SchemaState, StoreError, Survey, UuidColumn};

use super::{
    Check, Finding, Ground,
    keys::{MIGRATE, is_broken},
};
use crate::telemetry::chain;

pub(super) const CHECKS: &[Check] = &[
    Check {
        id: "db.connect",
        needs: &["config.settings"],
        look: |ground| Box::pin(connect(ground)),
    },
    Check {
        id: "db.login",
        needs: &["db.connect"],
        look: |ground| Box::pin(async { with_survey(ground, login).await }),
    },
    Check {
        id: "db.rls",
        needs: &["db.connect"],
        look: |ground| Box::pin(wall(ground)),
    },
    Check {
        id: "db.schema",
        needs: &["db.connect"],
        look: |ground| Box::pin(schema(ground)),
    },
    Check {
        id: "betterauth.schema",
        needs: &["db.connect"],
        look: |ground| Box::pin(better_auth(ground)),
    },
    Check {
        id: "betterauth.uuid",
        needs: &["betterauth.schema"],
        look: |ground| Box::pin(user_ids(ground)),
    },
    Check {
        id: "betterauth.link",
        needs: &["betterauth.schema", "db.schema"],
        look: |ground| Box::pin(link(ground)),
    },
    Check {
        id: "auth.dual",
        needs: &["db.connect"],
        look: |ground| Box::pin(async { with_survey(ground, other_logins).await }),
    },
];

async fn connect(ground: &Ground) -> Finding {
    match ground.survey().await {
        None => Finding::skip("nobody is asked (--offline)"),
        Some(Ok(survey)) => Finding::pass(format!(
            "PostgreSQL {} lets {} in{}",
            survey.server_version,
            survey.login,
            if survey.encrypted { ", encrypted" } else { "" },
        )),
        Some(Err(error)) => {
            let text = chain(error);
            let is_refused = is_refused(error);
            Finding::fail(text)
                .named("database_unavailable")
                .because("every request that needs a row is answered with database_unavailable")
                .fix(match is_refused {
                    true => {
                        "check user, password and database in DATABASE_URL; `api-server migrate --grant-login` lets tasks_api \
                         log in with its password"
                    }
                    false => {
                        "start PostgreSQL, and check host, port and database in DATABASE_URL: inside a container localhost is \
                         the container itself"
                    }
                })
        }
    }
}

/// Whether the server answers, and does not let this role into this database (SQLSTATE classes 28 and 3D).
fn is_refused(error: &StoreError) -> bool {
    let StoreError::Unavailable(cause) = error else {
        return false;
    };
    let state = cause
        .downcast_ref::<tokio_postgres::Error>()
        .and_then(tokio_postgres::Error::code);
    state.is_some_and(|state| {
        ["28", "3D"]
            .iter()
            .any(|class| state.code().starts_with(class))
    })
}

fn login(survey: &Survey) -> Finding {
    match survey.login_is_unbound {
        false => Finding::pass(format!("{} is bound by row-level security", survey.login)),
        true => Finding::warn(format!(
            "DATABASE_URL logs in as {}, which can bypass row-level security",
            survey.login
        ))
        .because("requests drop to tasks_api, so users are kept apart; but whoever gets hold of the password is not")
        .fix("log in as tasks_api: `api-server migrate --grant-login` gives it the password of DATABASE_URL"),
    }
}

async fn wall(ground: &Ground) -> Finding {
    match ground.schema().await {
        Ok(SchemaState::Current) => {
            Finding::pass("row-level security keeps users apart, as tried with a stranger")
        }
        Ok(SchemaState::Unprotected { why }) => {
            // Each breach is said as "what is wrong: what mends it".
            let (what, fix) = match why.split("; ").next().and_then(|it| it.split_once(": ")) {
                Some((_, fix)) => (why.clone(), fix.to_owned()),
                None => (
                    why.clone(),
                    "run `api-server migrate` on a new database and compare".to_owned(),
                ),
            };
            Finding::fail(what)
                .because("users could see each other's rows if a statement forgot whose it means; the server does not start")
                .fix(fix)
        }
        Ok(_) => Finding::skip("db.schema first"),
        Err(error) => unreadable(error),
    }
}

async fn schema(ground: &Ground) -> Finding {
    let state = match ground.schema().await {
        Ok(state) => state,
        Err(_) => return Finding::skip("db.rls first"),
    };
    let fix = match state {
        SchemaState::Current => return Finding::pass(state.to_string()),
        SchemaState::Unprotected { .. } => return Finding::skip("db.rls first"),
        SchemaState::Older { .. } => "run `api-server migrate`",
        SchemaState::Newer { .. } => "deploy the release that ran it, or a later one",
        _ => "run the program that the database was migrated with, or restore the migration's text",
    };
    Finding::fail(state.to_string())
        .because("the server does not start on a schema that it does not know")
        .fix(fix)
}

fn unreadable(error: &StoreError) -> Finding {
    Finding::fail(chain(error))
        .because("whether users are kept apart cannot be told, and nobody is served until it can")
        .fix("run `api-server migrate` with a role that may make roles and schemas (DATABASE_MIGRATION_URL)")
}

async fn better_auth(ground: &Ground) -> Finding {
    let Some(Ok(survey)) = ground.survey().await else {
        return Finding::skip("db.connect first");
    };
    if survey.better_auth.is_empty() {
        return Finding::skip("Better Auth's tables are not in this database");
    }
    let probe = ground.probe().await.and_then(|probe| probe.as_ref().ok());
    let is_broken = probe.is_some_and(is_broken);
    let missing = |tables: &BetterAuthTables| {
        let mut missing = tables.missing.clone();
        // Older releases do without some of them; a broken one does not.
        if is_broken && tables.has_jwks {
            missing.extend(tables.missing_of_jwks.iter().cloned());
        }
        missing
    };
    let mut lacking = survey
        .better_auth
        .iter()
        .map(|tables| (tables, missing(tables)));
    match lacking.find(|(_, missing)| !missing.is_empty()) {
        None => Finding::pass("Better Auth's tables have the columns that it needs"),
        Some((tables, missing)) => Finding::fail(format!(
            "schema {} lacks {}",
            tables.schema,
            missing.join(", ")
        ))
        .because("its tables are older than its code, or were made by hand: Better Auth fails where it needs them")
        .fix(MIGRATE),
    }
}

/// Where the claim that names the user comes from.
async fn user_ids(ground: &Ground) -> Finding {
    let Some(Ok(survey)) = ground.survey().await else {
        return Finding::skip("db.connect first");
    };
    let [tables, ..] = &*survey.better_auth else {
        return Finding::skip("Better Auth's tables are not in this database");
    };
    let schema = &tables.schema;
    match (ground.settings().policy.user_claim(), &tables.uuid) {
        (UserClaim::Sub, _) if tables.id_type == "uuid" => {
            Finding::pass(format!("{schema}.\"user\".id is a UUID, and so is `sub`"))
        }
        (UserClaim::Sub, _) => Finding::warn(format!(
            "users are named by `sub`, and {schema}.\"user\".id is of type {}",
            tables.id_type
        ))
        .because("a token whose `sub` is no UUID is refused with user_claim_invalid")
        .fix("advanced: { database: { generateId: \"uuid\" } } in a new Better Auth, or API__AUTH__USER_CLAIM=uuid"),
        (UserClaim::Uuid, None) => Finding::warn(format!("{schema}.\"user\" has no column uuid"))
            .because("no token can carry the claim, and all are refused with user_claim_missing")
            .fix("declare user.additionalFields.uuid in Better Auth, and run `api-server migrate`"),
        (UserClaim::Uuid, Some(UuidColumn { data_type, nullable, has_default, .. })) => {
            match data_type == "uuid" && !nullable && *has_default {
                true => Finding::pass(format!("every user in {schema}.\"user\" has a uuid")),
                false => Finding::warn(format!(
                    "{schema}.\"user\".uuid is {data_type}{}{}",
                    if *nullable { ", may be null" } else { "" },
                    if *has_default { "" } else { ", and has no default" },
                ))
                .because("users without a value get tokens that are refused with user_claim_null")
                .fix("run `api-server migrate`: it gives the column its type and default, and fills it"),
            }
        }
    }
}

async fn link(ground: &Ground) -> Finding {
    let Some(Ok(survey)) = ground.survey().await else {
        return Finding::skip("db.connect first");
    };
    match (&survey.linked, ground.settings().accounts.link) {
        (None, Some(LinkMode::Off)) => Finding::pass("not wanted (auth.accounts.mode = \"off\")"),
        (None, _) => Finding::warn("Better Auth's users are in this database, and ours are not linked to them")
            .because("who is deleted, banned or signed out there stays welcome here until the token expires")
            .fix("run `api-server migrate`"),
        (Some((table, true)), _) => Finding::pass(format!("users are linked to {table}")),
        (Some((table, false)), _) => Finding::warn(format!("some of our users are not in {table}"))
            .because("their rows are kept and nobody can reach them: Better Auth lost these users, or was made anew")
            .fix("restore Better Auth's users, or delete those of app.users that are not there; then `api-server migrate`"),
    }
}

fn other_logins(survey: &Survey) -> Finding {
    match &*survey.other_logins {
        [] => Finding::pass("there is no second table of users with passwords"),
        tables => Finding::warn(format!(
            "{} keeps passwords beside Better Auth's: a second way to log in",
            tables.join(", ")
        ))
        .because("who registers there is unknown to Better Auth, and the other way round: \"user not found\" after registration")
        .fix("remove the routes that register and log in by themselves, and then the table; Better Auth's log-in is the only one"),
    }
}

async fn with_survey(ground: &Ground, look: fn(&Survey) -> Finding) -> Finding {
    match ground.survey().await {
        Some(Ok(survey)) => look(survey),
        _ => Finding::skip("db.connect first"),
    }
}
