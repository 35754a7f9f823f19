use auth_actix::{RateLimits, TrustedProxies};

use super::{parse, read::Reader};

/// How often a user may ask and an address may fail, and whose word on addresses counts.
pub(super) fn read(reader: &mut Reader<'_>) -> RateLimits {
    let limits = RateLimits::new();
    let limits = match reader.value("limits.requests_per_user", parse::rate) {
        Some(rate) => limits.per_user(rate),
        None => limits,
    };
    let limits = match reader.value("limits.failures_per_address", parse::rate) {
        Some(rate) => limits.failures_per_address(rate),
        None => limits,
    };
    let trusted = reader.list("server.trusted_proxies", |text| {
        TrustedProxies::default()
            .and(text)
            .map(|_| text.to_owned())
            .map_err(|_| "an address or a network, such as 10.0.0.0/8".into())
    });
    let proxies = trusted.iter().flatten();
    limits.behind(proxies.fold(TrustedProxies::default(), |all, text| {
        all.and(text).expect("it was read above")
    }))
}
