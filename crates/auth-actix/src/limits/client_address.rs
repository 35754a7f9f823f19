use std::net::IpAddr;

use actix_web::dev::ServiceRequest;
use actix_web::http::header::{HeaderMap, X_FORWARDED_FOR};
use ipnet::IpNet;

/// The proxies whose `X-Forwarded-For` is believed. By default none is: anybody can send that header.
///
/// ```
/// use auth_actix::TrustedProxies;
///
/// # fn main() -> Result<(), auth_actix::InvalidNetwork> {
/// let proxies = TrustedProxies::default().and("127.0.0.1")?.and("10.0.0.0/8")?;
/// assert!(!proxies.is_empty());
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TrustedProxies(Vec<IpNet>);

/// The text is neither an address nor a network such as `10.0.0.0/8`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not an address nor a network such as 10.0.0.0/8")]
pub struct InvalidNetwork;

impl TrustedProxies {
    /// Reads one address or one network in CIDR notation (RFC 4632) and adds it.
    ///
    /// # Errors
    /// [`InvalidNetwork`] where it is neither.
    pub fn and(mut self, text: &str) -> Result<Self, InvalidNetwork> {
        let net = match text.parse::<IpAddr>() {
            Ok(address) => IpNet::from(address),
            Err(_) => text.parse::<IpNet>().map_err(|_| InvalidNetwork)?,
        };
        self.0.push(net);
        Ok(self)
    }

    /// Whether nobody is believed.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Where a request comes from: the last address of its chain that is no proxy of ours. What stands before that was
    /// written by strangers. `None` where a connection from this machine or its network does not say for whom it is: that may
    /// be a proxy which nobody has told us of, and everybody comes through it.
    pub(super) fn client(&self, request: &ServiceRequest) -> Option<IpAddr> {
        let peer = request.peer_addr()?.ip().to_canonical();
        self.told(peer, request.headers())
    }

    fn told(&self, peer: IpAddr, headers: &HeaderMap) -> Option<IpAddr> {
        let client = self.behind(peer, headers);
        (client != peer || !is_local(peer)).then_some(client)
    }

    fn behind(&self, peer: IpAddr, headers: &HeaderMap) -> IpAddr {
        let mut client = peer;
        if !self.trusts(peer) {
            return client;
        }
        let lines: Vec<&str> = headers
            .get_all(X_FORWARDED_FOR)
            .filter_map(|value| value.to_str().ok())
            .collect();
        let hops = lines.iter().rev().flat_map(|line| line.rsplit(','));
        for hop in hops {
            let Some(address) = address(hop.trim()) else {
                break;
            };
            client = address;
            if !self.trusts(address) {
                break;
            }
        }
        client
    }

    fn trusts(&self, address: IpAddr) -> bool {
        self.0.iter().any(|net| net.contains(&address))
    }
}

/// Whether strangers on the internet cannot have this address.
fn is_local(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(v4) => {
            let shared = v4.octets()[0] == 100 && v4.octets()[1] & 0xc0 == 64;
            v4.is_private() || v4.is_loopback() || v4.is_link_local() || shared
        }
        IpAddr::V6(v6) => v6.is_loopback() || v6.is_unique_local() || v6.is_unicast_link_local(),
    }
}

/// An address, which some proxies write with a port.
fn address(text: &str) -> Option<IpAddr> {
    let bare = text.trim_start_matches('[').trim_end_matches(']');
    let address = match bare.parse() {
        Ok(address) => address,
        Err(_) => text.parse::<std::net::SocketAddr>().ok()?.ip(),
    };
    Some(address.to_canonical())
}

#[cfg(test)]
mod tests {
    use actix_web::http::header::HeaderValue;

    use super::*;

    fn received(trusted: &[&str], forwarded: &[&str]) -> (TrustedProxies, HeaderMap) {
        let proxies = trusted
            .iter()
            .try_fold(TrustedProxies::default(), |all, text| all.and(text))
            .unwrap();
        let mut headers = HeaderMap::new();
        for line in forwarded {
            headers.append(X_FORWARDED_FOR, HeaderValue::from_str(line).unwrap());
        }
        (proxies, headers)
    }

    fn client(trusted: &[&str], peer: &str, forwarded: &[&str]) -> String {
        let (proxies, headers) = received(trusted, forwarded);
        proxies.behind(peer.parse().unwrap(), &headers).to_string()
    }

    #[test]
    fn nobody_is_believed_who_is_not_trusted() {
        assert_eq!(client(&[], "192.0.2.1", &["198.51.100.7"]), "192.0.2.1");
        let trusted = ["10.0.0.0/8"];
        assert_eq!(
            client(&trusted, "192.0.2.1", &["198.51.100.7"]),
            "192.0.2.1"
        );
    }

    #[test]
    fn the_client_is_the_last_address_that_is_no_proxy_of_ours() {
        let trusted = ["10.0.0.0/8", "::1"];
        for (peer, forwarded, expected) in [
            ("10.0.0.1", &["198.51.100.7"][..], "198.51.100.7"),
            // What the client itself has sent stands first.
            ("10.0.0.1", &["203.0.113.9, 198.51.100.7"], "198.51.100.7"),
            (
                "10.0.0.1",
                &["203.0.113.9", "198.51.100.7, 10.0.0.2"],
                "198.51.100.7",
            ),
            ("::1", &["198.51.100.7:4711"], "198.51.100.7"),
            ("::1", &["[2001:db8::1]:4711"], "2001:db8::1"),
            ("10.0.0.1", &["198.51.100.7, unknown"], "10.0.0.1"),
            ("10.0.0.1", &[], "10.0.0.1"),
        ] {
            assert_eq!(client(&trusted, peer, forwarded), expected, "{forwarded:?}");
        }
    }

    #[test]
    fn a_neighbour_who_may_be_a_proxy_for_everybody_is_no_address_of_a_client() {
        let told = |trusted: &[&str], peer: &str, forwarded: &[&str]| {
            let (proxies, headers) = received(trusted, forwarded);
            let client = proxies.told(peer.parse().unwrap(), &headers);
            client.map(|address| address.to_string())
        };
        for peer in ["127.0.0.1", "10.1.2.3", "100.64.0.1", "::1", "fd00::1"] {
            assert_eq!(told(&[], peer, &[]), None, "{peer}");
            assert_eq!(told(&[], peer, &["198.51.100.7"]), None, "{peer}");
            assert_eq!(told(&[peer], peer, &[]), None, "{peer}");
            let client = told(&[peer], peer, &["198.51.100.7"]);
            assert_eq!(client.as_deref(), Some("198.51.100.7"), "{peer}");
        }
        let within = told(&["10.0.0.1"], "10.0.0.1", &["10.9.9.9"]);
        assert_eq!(within.as_deref(), Some("10.9.9.9"), "somebody within");
        for peer in ["198.51.100.7", "100.128.0.1", "2001:db8::1"] {
            assert_eq!(told(&[], peer, &[]).as_deref(), Some(peer));
        }
    }

    #[test]
    fn what_is_no_network_is_refused() {
        for text in ["", "proxy", "10.0.0.0/33", "10.0.0"] {
            assert_eq!(
                TrustedProxies::default().and(text),
                Err(InvalidNetwork),
                "{text}"
            );
        }
    }
}
