use url::Url;

/// The base URL of a Better Auth server (its `baseURL` or `BETTER_AUTH_URL`), and what Better Auth
/// derives from it.
///
/// ```
/// use auth_actix::BetterAuthUrl;
///
/// let better_auth = BetterAuthUrl::parse("https://app.example/")?;
/// assert_eq!(better_auth.origin(), "https://app.example");
/// assert_eq!(better_auth.base(), "https://app.example/api/auth");
/// assert_eq!(better_auth.jwks_url(), "https://app.example/api/auth/jwks");
/// # Ok::<(), &str>(())
/// ```
#[derive(Clone, Debug)]
pub struct BetterAuthUrl(Url);

impl BetterAuthUrl {
    /// An absolute `https` or `http` URL without user, password, query and fragment.
    ///
    /// # Errors
    /// What is wrong with it, as a phrase about "it".
    pub fn parse(text: &str) -> Result<Self, &'static str> {
        plain_url(text).map(Self)
    }

    /// `iss` and `aud` of its plain JWTs, unless it is told otherwise: scheme, host and port.
    #[must_use]
    pub fn origin(&self) -> String {
        self.0.origin().ascii_serialization()
    }

    /// Where its endpoints are, and `iss` of the access tokens of its `oauth-provider`. It adds
    /// `/api/auth` to a base URL without a path, and takes a path that is there as it is.
    #[must_use]
    pub fn base(&self) -> String {
        let path = match self.0.path().trim_end_matches('/') {
            "" => "/api/auth",
            path => path,
        };
        format!("{}{path}", self.origin())
    }

    /// Where it publishes its key set, unless `jwksPath` says otherwise.
    #[must_use]
    pub fn jwks_url(&self) -> String {
        format!("{}/jwks", self.base())
    }
}

/// A URL that names a server or a resource, and nothing beside that.
pub(crate) fn plain_url(text: &str) -> Result<Url, &'static str> {
    let url = Url::parse(text).map_err(|_| "it is no absolute URL")?;
    if !matches!(url.scheme(), "https" | "http") {
        return Err("it must begin with https:// or http://");
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err("it must not carry a user or a password");
    }
    if url.query().is_some() || url.fragment().is_some() {
        return Err("it must have neither a query nor a fragment");
    }
    Ok(url)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_taken_as_it_is_and_none_is_better_auths_default() {
        for (url, origin, base) in [
            (
                "https://app.example",
                "https://app.example",
                "https://app.example/api/auth",
            ),
            (
                "https://app.example/",
                "https://app.example",
                "https://app.example/api/auth",
            ),
            (
                "https://App.Example:443",
                "https://app.example",
                "https://app.example/api/auth",
            ),
            (
                "https://app.example/auth/",
                "https://app.example",
                "https://app.example/auth",
            ),
            (
                "http://localhost:3000/api/auth",
                "http://localhost:3000",
                "http://localhost:3000/api/auth",
            ),
        ] {
            let parsed = BetterAuthUrl::parse(url).unwrap();
            assert_eq!(
                (parsed.origin(), parsed.base()),
                (origin.into(), base.into())
            );
            assert_eq!(parsed.jwks_url(), format!("{base}/jwks"));
        }
    }

    #[test]
    fn what_is_no_base_url_is_refused_without_repeating_it() {
        for url in [
            "",
            "app.example",
            "ftp://a",
            "https://a?x",
            "https://a#x",
            "https://",
        ] {
            assert!(BetterAuthUrl::parse(url).is_err(), "{url}");
        }
        let refused = BetterAuthUrl::parse("https://me:hunter2@a").unwrap_err();
        assert!(!refused.contains("hunter2"));
    }
}
