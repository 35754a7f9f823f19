use std::net::{IpAddr, Ipv6Addr};
use std::time::{Duration, Instant};

use quick_cache::sync::Cache;

use super::Rate;
use super::buckets::Buckets;

/// The failures of each address, and who has had too many.
pub(super) struct Failures {
    buckets: Buckets<IpAddr>,
    /// Until when nothing new is looked at from there. The least used are forgotten to make room: they get a look more.
    shut: Cache<IpAddr, Instant>,
}

const SHUT_AT_MOST: usize = 16_384;

impl Failures {
    pub(super) fn new(rate: Rate) -> Self {
        Self {
            buckets: Buckets::new(rate),
            shut: Cache::new(SHUT_AT_MOST),
        }
    }

    pub(super) const fn rate(&self) -> Rate {
        self.buckets.rate()
    }

    /// For how long nothing new is looked at from there.
    pub(super) fn shut_for(&self, address: IpAddr) -> Option<Duration> {
        // On the way of every new token: nobody is shut out on most days.
        if self.shut.is_empty() {
            return None;
        }
        let until = self.shut.get(&network(address))?;
        let left = until.saturating_duration_since(Instant::now());
        (!left.is_zero()).then_some(left)
    }

    /// One more failure from there.
    pub(super) fn note(&self, address: IpAddr) {
        let address = network(address);
        let wait = match self.buckets.take(&address) {
            Ok(0) => self.rate().each(),
            Ok(_) => return,
            Err(wait) => wait,
        };
        self.shut.insert(address, Instant::now() + wait);
    }
}

/// Whoever has one address of IPv6 has the 64 bits behind it, too (RFC 6177).
fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(v6) => IpAddr::V6(Ipv6Addr::from_bits(v6.to_bits() & (u128::MAX << 64))),
        v4 => v4,
    }
}

#[cfg(test)]
mod tests {
    use std::thread::sleep;

    use super::*;

    fn ip(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    #[test]
    fn an_address_is_shut_out_after_its_last_failure_and_let_in_again_one_by_one() {
        let failures = Failures::new(Rate::new(2, Duration::from_millis(400)).unwrap());
        let (one, other) = (ip("192.0.2.1"), ip("192.0.2.2"));
        failures.note(one);
        assert_eq!(failures.shut_for(one), None);
        failures.note(one);
        let wait = failures.shut_for(one).unwrap();
        assert!(wait <= Duration::from_millis(200), "{wait:?}");
        assert_eq!(failures.shut_for(other), None);
        sleep(Duration::from_millis(220));
        assert_eq!(failures.shut_for(one), None);
        failures.note(one);
        assert!(
            failures.shut_for(one).is_some(),
            "one more was one too many"
        );
    }

    #[test]
    fn a_network_of_ipv6_is_one_address_and_a_mapped_address_is_that_of_ipv4() {
        let failures = Failures::new(Rate::new(1, Duration::from_secs(60)).unwrap());
        failures.note(ip("2001:db8:1:2:3::4"));
        assert!(failures.shut_for(ip("2001:db8:1:2::9")).is_some());
        assert_eq!(failures.shut_for(ip("2001:db8:1:3::9")), None);
        failures.note(ip("::ffff:192.0.2.1"));
        assert!(failures.shut_for(ip("192.0.2.1")).is_some());
    }
}
