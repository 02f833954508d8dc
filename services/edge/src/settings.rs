//! What can be set, with defaults and bounds.

use std::fmt;
use std::ops::RangeInclusive;
use std::time::Duration;

use ipnet::IpNet;
use mintage_chassis::feed::FeedSettings;
use serde::{Deserialize, Serialize};

/// The settings of the edge.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Settings {
    /// Bytes of the largest body of a token request: 64 KiB; 1 KiB to 1 MiB.
    pub max_body_bytes: usize,
    /// How long a body may take to arrive: 10 seconds; up to a minute.
    pub body_timeout: Duration,
    /// How long a sibling service may take to answer: 10 seconds; up to a minute.
    pub call_timeout: Duration,
    /// Token requests under way at the same time; one more is answered `temporarily_unavailable`: 4096; 1 to 1048576.
    pub max_tokens_in_flight: usize,
    /// Bytes that the cache of tenants may take: 4 MiB; 64 KiB to 1 GiB.
    pub tenant_cache_bytes: u64,
    /// How old a key set may be when it is served that is not watched: a second; 1 millisecond to 1 second.
    pub key_set_max_staleness: Duration,
    /// Key sets kept at the same time: 1024; 1 to 1048576.
    pub max_cached_key_sets: u64,
    /// Key sets that are watched at the same time, those of tenants that were asked for within ten minutes: they are served
    /// as they change, without a question. Each takes a stream of a connection to key-management, which has
    /// `door.max_streams` for everything. 64; up to 65536, and 0 to ask for all.
    pub max_watched_key_sets: usize,
    /// How long a verifier may use a key set past its age while the edge does not answer: 5 minutes; up to a day.
    pub key_set_stale_if_error: Duration,
    /// How long a discovery document may be kept: 5 minutes; up to a day.
    pub discovery_max_age: Duration,
    /// Networks of the proxies in front, in CIDR notation: `["10.1.0.0/16", "fd00:1::7/128"]`; not the whole internet.
    /// They alone are believed on `X-Forwarded-For`, `X-Forwarded-Proto` and `X-Forwarded-Host`, so each must append the
    /// address it heard to the first and set the other two itself, whatever the client wrote.
    pub trusted_proxies: Vec<IpNet>,
    /// How fresh the cache of tenants must be.
    pub feed: FeedSettings,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            max_body_bytes: 64 << 10,
            body_timeout: Duration::from_secs(10),
            call_timeout: Duration::from_secs(10),
            max_tokens_in_flight: 4096,
            tenant_cache_bytes: 4 << 20,
            key_set_max_staleness: Duration::from_secs(1),
            max_cached_key_sets: 1024,
            max_watched_key_sets: 64,
            key_set_stale_if_error: Duration::from_mins(5),
            discovery_max_age: Duration::from_mins(5),
            trusted_proxies: Vec::new(),
            feed: FeedSettings::default(),
        }
    }
}

impl Settings {
    /// Checks every bound.
    ///
    /// # Errors
    /// When a setting is outside of its own; the first is named.
    pub fn check(&self) -> Result<(), OutOfBounds> {
        let Self {
            max_body_bytes,
            body_timeout,
            call_timeout,
            max_tokens_in_flight,
            tenant_cache_bytes,
            key_set_max_staleness,
            max_cached_key_sets,
            max_watched_key_sets,
            key_set_stale_if_error,
            discovery_max_age,
            trusted_proxies,
            feed,
        } = self;
        within("max_body_bytes", max_body_bytes, &((1 << 10)..=(1 << 20)))?;
        within("body_timeout", body_timeout, &(MILLISECOND..=MINUTE))?;
        within("call_timeout", call_timeout, &(MILLISECOND..=MINUTE))?;
        within("max_tokens_in_flight", max_tokens_in_flight, &(1..=(1 << 20)))?;
        within("tenant_cache_bytes", tenant_cache_bytes, &((64 << 10)..=(1 << 30)))?;
        within("key_set_max_staleness", key_set_max_staleness, &(MILLISECOND..=Duration::from_secs(1)))?;
        within("max_cached_key_sets", max_cached_key_sets, &(1..=(1 << 20)))?;
        within("max_watched_key_sets", max_watched_key_sets, &(0..=(1 << 16)))?;
        within("key_set_stale_if_error", key_set_stale_if_error, &(Duration::ZERO..=DAY))?;
        within("discovery_max_age", discovery_max_age, &(Duration::ZERO..=DAY))?;
        feed.check().map_err(|error| OutOfBounds {
            name: error.name,
            bounds: format!("{:?}..={:?}", error.least, error.most),
        })?;
        if trusted_proxies.iter().all(is_network_of_proxies) {
            return Ok(());
        }
        Err(OutOfBounds { name: "trusted_proxies", bounds: PROXY_BOUNDS.to_owned() })
    }
}

/// Not everyone, and written as addresses are compared: one of IPv4 that is dressed as IPv6 would never be met.
fn is_network_of_proxies(network: &IpNet) -> bool {
    let is_mapped = matches!(network, IpNet::V6(v6) if v6.addr().to_ipv4_mapped().is_some());
    network.prefix_len() > 0 && !is_mapped
}

/// A setting is outside of its bounds.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{name} must be within {bounds}")]
pub struct OutOfBounds {
    /// The setting.
    pub name: &'static str,
    /// Its bounds, as they are read.
    pub bounds: String,
}

fn within<T: PartialOrd + fmt::Debug>(
    name: &'static str,
    value: &T,
    bounds: &RangeInclusive<T>,
) -> Result<(), OutOfBounds> {
    if bounds.contains(value) { Ok(()) } else { Err(OutOfBounds { name, bounds: format!("{bounds:?}") }) }
}

const PROXY_BOUNDS: &str = "networks that are not the whole internet, IPv4 ones written as IPv4";
const MILLISECOND: Duration = Duration::from_millis(1);
const MINUTE: Duration = Duration::from_mins(1);
const DAY: Duration = Duration::from_hours(24);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_defaults_are_within_their_bounds() {
        assert_eq!(Settings::default().check(), Ok(()));
    }

    #[test]
    fn a_setting_outside_of_its_bounds_is_named() {
        let settings = Settings { key_set_max_staleness: Duration::from_secs(2), ..Settings::default() };
        assert_eq!(settings.check().unwrap_err().to_string(), "key_set_max_staleness must be within 1ms..=1s");
    }

    #[test]
    fn tenants_are_not_remembered_for_longer_than_the_registry_counts_on() {
        let feed = FeedSettings { max_staleness: Duration::from_secs(61), ..FeedSettings::default() };
        let settings = Settings { feed, ..Settings::default() };
        assert_eq!(settings.check().unwrap_err().to_string(), "feed.max_staleness must be within 3s..=60s");
    }

    #[test]
    fn b22_nobody_can_trust_the_whole_internet_by_a_slip() {
        let trusting =
            |network: &str| Settings { trusted_proxies: vec![network.parse().unwrap()], ..Settings::default() }.check();
        for network in ["10.0.0.0/8", "192.0.2.7/32", "fd00::/8", "2001:db8::1/128"] {
            assert_eq!(trusting(network), Ok(()), "{network}");
        }
        for network in ["0.0.0.0/0", "::/0", "::ffff:10.0.0.0/104"] {
            assert_eq!(trusting(network).unwrap_err().name, "trusted_proxies", "{network}");
        }
    }
}
