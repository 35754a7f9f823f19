use actix_web::http::header::{self, HeaderMap};

use crate::refusal::Refusal;

/// The token behind `Bearer` in any case and one or more spaces (RFC 9110 §11.4); what it looks
/// like is not judged here. Another scheme is no bearer token, as if nothing had been sent. Tokens
/// in the query or in the body (RFC 6750 §2.2, §2.3) are not looked for: they end up in logs.
pub(crate) fn bearer_token(headers: &HeaderMap) -> Result<&str, Refusal> {
    let mut credentials = headers.get_all(header::AUTHORIZATION);
    let first = credentials.next().ok_or(Refusal::TokenMissing)?.as_bytes();
    if credentials.next().is_some() {
        return Err(Refusal::MultipleCredentials);
    }
    let scheme_end = first.iter().position(|&b| b == b' ');
    let (scheme, rest) = first.split_at(scheme_end.unwrap_or(first.len()));
    if !scheme.eq_ignore_ascii_case(b"bearer") {
        return Err(Refusal::TokenMissing);
    }
    // Bytes that are no text are in no token. An empty one is malformed for the parser as well.
    Ok(std::str::from_utf8(rest.trim_ascii()).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;
    use actix_web::http::header::HeaderValue;

    fn read(credentials: &[&[u8]]) -> Result<String, &'static str> {
        let mut headers = HeaderMap::new();
        for value in credentials {
            let value = HeaderValue::from_bytes(value).unwrap();
            headers.append(header::AUTHORIZATION, value);
        }
        bearer_token(&headers)
            .map(str::to_owned)
            .map_err(|refusal| refusal.code())
    }

    #[test]
    fn one_bearer_token_is_read_in_every_form_that_the_rfc_allows() {
        for credentials in [
            "Bearer t",
            "bearer t",
            "BEARER t",
            "bEaReR   t",
            "Bearer t  ",
        ] {
            assert_eq!(
                read(&[credentials.as_bytes()]),
                Ok("t".into()),
                "{credentials}"
            );
        }
        assert_eq!(read(&[b"Bearer"]), Ok(String::new()));
        assert_eq!(read(&[b"Bearer \xff"]), Ok(String::new()));
    }

    #[test]
    fn what_is_no_bearer_token_is_missing_and_two_are_too_many() {
        for credentials in ["", "t", "Basic t", "Bearert", "Bearer\tt", "DPoP t", " "] {
            let read = read(&[credentials.as_bytes()]);
            assert_eq!(read, Err("token_missing"), "{credentials:?}");
        }
        assert_eq!(read(&[]), Err("token_missing"));
        assert_eq!(
            read(&[b"Bearer t", b"Bearer t"]),
            Err("multiple_credentials")
        );
        assert_eq!(read(&[b"Basic t", b""]), Err("multiple_credentials"));
    }
}
