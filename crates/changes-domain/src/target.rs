//! Where a webhook may lead: not inward. Pure.

use std::{
    fmt,
    net::{IpAddr, Ipv4Addr, Ipv6Addr},
};

use actix_web::http::Uri;

/// Which addresses webhooks may lead to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Reach {
    /// Public ones, by https. The default.
    #[default]
    Public,
    /// **Dangerous** where users are not trusted: any, by http as well. For development, and for services behind the same wall.
    Anywhere,
}

/// Why an address is none that a webhook may have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refused {
    NotAUrl,
    NotHttps,
    Credentials,
    Inward,
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NotAUrl => "Expected a URL like https://example.com/hook.",
            Self::NotHttps => "Expected a URL that begins with https://.",
            Self::Credentials => "The URL must not carry a user name or a password.",
            Self::Inward => "The address is private, local or reserved.",
        })
    }
}

impl Reach {
    /// Reads an address. What its name resolves to is looked at when it is called, as that may change.
    pub fn read(self, text: &str) -> Result<Uri, Refused> {
        let uri: Uri = text.parse().map_err(|_| Refused::NotAUrl)?;
        let authority = uri.authority().ok_or(Refused::NotAUrl)?;
        match uri.scheme_str() {
            Some("https") => {}
            Some("http") if self == Self::Anywhere => {}
            Some("http") => return Err(Refused::NotHttps),
            _ => return Err(Refused::NotAUrl),
        }
        if authority.as_str().contains('@') {
            return Err(Refused::Credentials);
        }
        let host = authority
            .host()
            .trim_start_matches('[')
            .trim_end_matches(']');
        if host.is_empty() {
            return Err(Refused::NotAUrl);
        }
        // A name is resolved; an address is not, and has to be judged here.
        match host.parse::<IpAddr>() {
            Ok(address) if !self.allows(address) => Err(Refused::Inward),
            _ => Ok(uri),
        }
    }

    /// Whether this address may be called.
    pub fn allows(self, address: IpAddr) -> bool {
        self == Self::Anywhere || is_public(address)
    }
}

fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => is_public_v4(address),
        IpAddr::V6(address) => match embedded_v4(address) {
            Some(inner) => is_public_v4(inner),
            None => is_public_v6(address),
        },
    }
}

/// By the registry of special addresses (RFC 6890 and what has come since).
fn is_public_v4(address: Ipv4Addr) -> bool {
    let [a, b, c, _] = address.octets();
    !(address.is_private()
        || address.is_loopback()
        || address.is_link_local()
        || address.is_broadcast()
        || address.is_documentation()
        || address.is_multicast()
        || a == 0
        || a >= 240
        || a == 100 && (64..128).contains(&b)
        || a == 192 && b == 0 && c == 0
        || a == 192 && b == 88 && c == 99
        || a == 198 && (b == 18 || b == 19))
}

fn is_public_v6(address: Ipv6Addr) -> bool {
    let [first, second, ..] = address.segments();
    // 2000::/3 is all that is routed; some of it is for documentation, benchmarks and the like.
    first & 0xe000 == 0x2000
        && !(first == 0x2001 && second < 0x200)
        && !(first == 0x2001 && second == 0x0db8)
        && first != 0x3fff
}

/// The IPv4 address that an IPv6 address leads to: mapped, NAT64 or 6to4.
fn embedded_v4(address: Ipv6Addr) -> Option<Ipv4Addr> {
    let segments = address.segments();
    let of = |high: u16, low: u16| Ipv4Addr::from(u32::from(high) << 16 | u32::from(low));
    match segments {
        [0, 0, 0, 0, 0, 0 | 0xffff, high, low] if high != 0 || low > 1 => Some(of(high, low)),
        [0x64, 0xff9b, 0, 0, 0, 0, high, low] => Some(of(high, low)),
        [0x2002, high, low, ..] => Some(of(high, low)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_that_lead_inward_are_refused_in_all_their_writings() {
        for host in [
            "127.0.0.1",
            "127.1.2.3",
            "10.0.0.1",
            "172.16.0.1",
            "172.31.255.255",
            "192.168.1.1",
            "169.254.169.254",
            "0.0.0.0",
            "100.64.0.1",
            "198.18.0.1",
            "192.0.0.1",
            "192.0.2.1",
            "224.0.0.1",
            "240.0.0.1",
            "255.255.255.255",
            "[::1]",
            "[::]",
            "[fe80::1]",
            "[fc00::1]",
            "[fd12::1]",
            "[ff02::1]",
            "[::ffff:127.0.0.1]",
            "[::ffff:a00:1]",
            "[64:ff9b::7f00:1]",
            "[2002:7f00:1::]",
            "[2001:db8::1]",
            "[2001::1]",
            "[::127.0.0.1]",
            "[3fff::1]",
        ] {
            let url = format!("https://{host}/hook");
            assert_eq!(Reach::Public.read(&url), Err(Refused::Inward), "{url}");
            assert!(Reach::Anywhere.read(&url).is_ok(), "{url}");
        }
        for host in [
            "example.com",
            "93.184.216.34",
            "[2606:2800:220:1::1]",
            "8.8.8.8:8443",
            "[64:ff9b::808:808]",
        ] {
            assert!(
                Reach::Public
                    .read(&format!("https://{host}/hook?x=1"))
                    .is_ok(),
                "{host}"
            );
        }
    }

    #[test]
    fn what_is_no_address_of_the_web_is_refused() {
        for (url, refused) in [
            ("http://example.com", Refused::NotHttps),
            ("ftp://example.com", Refused::NotAUrl),
            ("file:///etc/passwd", Refused::NotAUrl),
            ("example.com", Refused::NotAUrl),
            ("https://", Refused::NotAUrl),
            ("https://user:secret@example.com", Refused::Credentials),
            ("https://127.0.0.1@example.com", Refused::Credentials),
            ("", Refused::NotAUrl),
            ("https://exa mple.com", Refused::NotAUrl),
        ] {
            assert_eq!(Reach::Public.read(url), Err(refused), "{url}");
        }
    }
}
