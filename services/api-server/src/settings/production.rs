use auth_core::Policy;

use super::{parse, read::Reader};

/// In production, what is only warned of elsewhere is refused, and so is what nobody would want there. Whether this is production.
pub(super) fn refuse(
    reader: &mut Reader<'_>,
    policy: Option<&Policy>,
    cors_origins: &[String],
    warnings: &mut Vec<String>,
) -> bool {
    let profile = reader.value("server.profile", |text| match text {
        "development" => Ok(Profile::Development),
        "production" => Ok(Profile::Production),
        _ => Err("development or production".into()),
    });
    if profile == Profile::Development {
        return false;
    }
    for warning in warnings.drain(..) {
        reader.not_for_production(warning);
    }
    if let Some(policy) = policy
        && policy.issuer().starts_with("http://")
    {
        let issuer = policy.issuer();
        reader.not_for_production(format!(
            "the issuer is {issuer}; people sign in over https (BETTER_AUTH_URL, there and here)"
        ));
    }
    for origin in cors_origins {
        if parse::http_url(origin).is_ok_and(|url| url.scheme() == "http") {
            reader.not_for_production(format!(
                "pages of {origin} may call (cors.origins), and anyone on the way can change them"
            ));
        }
    }
    true
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Profile {
    Development,
    Production,
}
