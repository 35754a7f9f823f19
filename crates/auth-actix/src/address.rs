use actix_web::http::Uri;

/// An absolute `http` or `https` URL without a user or a password in it.
pub(crate) fn parse(url: &str) -> Result<Uri, &'static str> {
    let uri: Uri = url.parse().map_err(|_| "it is not an absolute URL")?;
    if !matches!(uri.scheme_str(), Some("http" | "https")) {
        return Err("it must begin with https:// or http://");
    }
    if uri.host().is_none_or(str::is_empty) {
        return Err("it names no host");
    }
    let authority = uri.authority().map_or("", |authority| authority.as_str());
    if authority.contains('@') {
        return Err("it must not carry a user or a password");
    }
    Ok(uri)
}

/// Whether somebody on the way could exchange what comes from there.
pub(crate) fn is_in_the_clear(uri: &Uri) -> bool {
    uri.scheme_str() != Some("https") && !uri.host().is_some_and(is_loopback)
}

/// The URL as it may be shown: without its query, which may hold a secret.
pub(crate) fn shown(uri: &Uri) -> String {
    let scheme = uri.scheme_str().unwrap_or_default();
    let authority = uri.authority().map_or("", |authority| authority.as_str());
    format!("{scheme}://{authority}{}", uri.path())
}

/// The same of a text, which shows nothing if it is no URL.
pub(crate) fn shown_text(url: &str) -> String {
    parse(url).map_or_else(|_| "an unusable address".into(), |uri| shown(&uri))
}

fn is_loopback(host: &str) -> bool {
    let address = host.trim_start_matches('[').trim_end_matches(']');
    address.parse().map_or(
        host.eq_ignore_ascii_case("localhost") || host.ends_with(".localhost"),
        |address: std::net::IpAddr| address.is_loopback(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_absolute_http_urls_without_credentials_are_addresses() {
        for url in [
            "",
            "app.example",
            "/jwks",
            "ftp://a/jwks",
            "file:///jwks",
            "http://",
            "a b",
            "https://me:hunter2@a/jwks",
        ] {
            let reason = parse(url).unwrap_err();
            assert!(!reason.contains("hunter2"), "{url}: {reason}");
        }
        assert!(parse("https://app.example/api/auth/jwks?a=b").is_ok());
    }

    #[test]
    fn what_is_shown_of_an_address_holds_no_query() {
        let uri = parse("https://app.example:8443/jwks?key=hunter2").unwrap();
        assert_eq!(shown(&uri), "https://app.example:8443/jwks");
    }

    #[test]
    fn a_loopback_address_is_known_in_every_form() {
        for host in [
            "localhost",
            "LOCALHOST",
            "auth.localhost",
            "127.0.0.1",
            "127.8.8.8:3000",
            "[::1]",
        ] {
            let uri = parse(&format!("http://{host}/jwks")).unwrap();
            assert!(!is_in_the_clear(&uri), "{host}");
        }
        for host in [
            "web",
            "10.0.0.1",
            "127.0.0.1.example",
            "notlocalhost",
            "[::2]:80",
        ] {
            let uri = parse(&format!("http://{host}/jwks")).unwrap();
            assert!(is_in_the_clear(&uri), "{host}");
            let uri = parse(&format!("https://{host}/jwks")).unwrap();
            assert!(!is_in_the_clear(&uri), "{host}");
        }
    }
}
