//! Every knob of the token service.

use std::fmt;
use std::ops::RangeInclusive;
use std::time::Duration;

use mintage_chassis::batch::BatchLimits;
use mintage_chassis::feed::FeedSettings;
use serde::{Deserialize, Serialize};

use crate::domain::{LimiterSettings, Quota};

/// The settings of the token service. Lengths of time are from a millisecond to a minute where nothing else is said.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Settings {
    /// How many failed authentications are heard. By default a client may fail 100 times at once from one source and 5
    /// times a second after that, a source 1000 times and 50 times a second; 65536 of each are remembered (2 MiB);
    /// up to 16777216.
    pub limiter: LimiterSettings,
    /// Failed authentications are answered at a multiple of this after their arrival, so that the work behind them
    /// cannot be timed: 1 ms to 1 s, 10 ms unless told.
    pub failure_grid: Duration,
    /// How much of the registry is kept in memory, each cache from 64 KiB to 64 GiB.
    pub caches: CacheSettings,
    /// How stale that may be. At most a minute: so long the registry keeps what an old record may yet need.
    pub feed: FeedSettings,
    /// How long the registry may take for an answer: 5 s unless told.
    pub registry_deadline: Duration,
    /// How long the consent service may take to redeem something: 5 s unless told.
    pub consent_deadline: Duration,
    /// How signatures are asked for.
    pub signing: SigningSettings,
    /// How uses of secrets are reported.
    pub use_reports: UseReportSettings,
}

/// How much of the registry is kept in memory, in bytes.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub struct CacheSettings {
    /// Tenants: 1 MiB unless told.
    pub tenants: u64,
    /// Clients with their secrets' hashes: 32 MiB unless told, enough for some 30 000.
    pub clients: u64,
    /// APIs: 8 MiB unless told.
    pub resource_servers: u64,
    /// Client grants with all that is prepared for their tokens: 64 MiB unless told, enough for some 40 000.
    pub client_grants: u64,
    /// Pairs of a client and an API whose way through those records is remembered: 4096 unless told, up to 1048576. They
    /// keep alive the records they lead to.
    pub shortcuts: usize,
}

/// How signatures are asked for.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub struct SigningSettings {
    /// Tokens that share a call: up to 32, with up to 8 calls under way and 8192 tokens waiting, none for longer than a
    /// second, unless told; at most 256, 4096, 1048576 and a minute.
    pub batches: BatchLimits,
    /// The same for RSA, whose signatures take forty times as long: up to 4, with up to 64 calls under way and 8192
    /// tokens waiting, none for longer than 200 ms, unless told. Small batches, so that no token waits for the signatures of many others.
    pub rsa_batches: BatchLimits,
    /// How long key-management may take for a batch: 5 s unless told.
    pub deadline: Duration,
}

/// How uses of secrets are reported.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub struct UseReportSettings {
    /// How often: every 5 s unless told; 10 ms to an hour.
    pub interval: Duration,
    /// How many secrets' latest uses are kept for the next report: 65536 unless told, up to 1048576. Uses of more are
    /// not reported.
    pub remembered: usize,
    /// How long the registry may take for a report: 5 s unless told.
    pub deadline: Duration,
}

impl Settings {
    /// Refuses what is out of bounds.
    ///
    /// # Errors
    ///
    /// The first setting that is.
    pub fn check(&self) -> Result<(), SettingsError> {
        let Self { limiter, failure_grid, caches, feed, registry_deadline, consent_deadline, signing, use_reports } =
            self;
        limits_fit("limiter.client", limiter.client)?;
        limits_fit("limiter.source", limiter.source)?;
        within("limiter.remembered", limiter.remembered, &(1..=MOST_REMEMBERED))?;
        within("failure_grid", *failure_grid, &(MILLISECOND..=Duration::from_secs(1)))?;
        caches.check()?;
        feed.check().map_err(|error| SettingsError(error.to_string()))?;
        within("registry_deadline", *registry_deadline, &(MILLISECOND..=MINUTE))?;
        within("consent_deadline", *consent_deadline, &(MILLISECOND..=MINUTE))?;
        batches_fit("signing.batches", signing.batches)?;
        batches_fit("signing.rsa_batches", signing.rsa_batches)?;
        within("signing.deadline", signing.deadline, &(MILLISECOND..=MINUTE))?;
        within("use_reports.interval", use_reports.interval, &(SHORTEST_INTERVAL..=LONGEST_INTERVAL))?;
        within("use_reports.remembered", use_reports.remembered, &(1..=MOST_WAITING))?;
        within("use_reports.deadline", use_reports.deadline, &(MILLISECOND..=MINUTE))
    }
}

impl CacheSettings {
    fn check(&self) -> Result<(), SettingsError> {
        let Self { tenants, clients, resource_servers, client_grants, shortcuts } = *self;
        let caches = [
            ("caches.tenants", tenants),
            ("caches.clients", clients),
            ("caches.resource_servers", resource_servers),
            ("caches.client_grants", client_grants),
        ];
        for (name, bytes) in caches {
            within(name, bytes, &(SMALLEST_CACHE..=LARGEST_CACHE))?;
        }
        // Each has its place from the start.
        within("caches.shortcuts", shortcuts, &(1..=MOST_WAITING))
    }
}

/// Waiting has its place from the start, too, and whatever is under way may be asked for at once.
fn batches_fit(name: &str, limits: BatchLimits) -> Result<(), SettingsError> {
    let BatchLimits { max_items, max_in_flight, max_waiting, max_wait } = limits;
    within(&format!("{name}.max_items"), max_items, &(1..=SIGN_ITEMS))?;
    within(&format!("{name}.max_in_flight"), max_in_flight, &(1..=MOST_IN_FLIGHT))?;
    within(&format!("{name}.max_waiting"), max_waiting, &(1..=MOST_WAITING))?;
    within(&format!("{name}.max_wait"), max_wait, &(MILLISECOND..=MINUTE))
}

fn limits_fit(name: &str, quota: Quota) -> Result<(), SettingsError> {
    let Quota { burst, refill_per_second } = quota;
    within(&format!("{name}.burst"), burst, &(1..=MOST_FAILURES))?;
    within(&format!("{name}.refill_per_second"), refill_per_second, &(1..=MOST_FAILURES))
}

fn within<T: PartialOrd + Copy + fmt::Debug>(
    name: &str,
    value: T,
    bounds: &RangeInclusive<T>,
) -> Result<(), SettingsError> {
    if bounds.contains(&value) {
        return Ok(());
    }
    Err(SettingsError(format!("{name} must be from {:?} to {:?}", bounds.start(), bounds.end())))
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            limiter: LimiterSettings {
                client: Quota { burst: 100, refill_per_second: 5 },
                source: Quota { burst: 1000, refill_per_second: 50 },
                remembered: 65_536,
            },
            failure_grid: Duration::from_millis(10),
            caches: CacheSettings::default(),
            feed: FeedSettings::default(),
            registry_deadline: DEADLINE,
            consent_deadline: DEADLINE,
            signing: SigningSettings::default(),
            use_reports: UseReportSettings::default(),
        }
    }
}

impl Default for CacheSettings {
    fn default() -> Self {
        Self { tenants: MIB, clients: 32 * MIB, resource_servers: 8 * MIB, client_grants: 64 * MIB, shortcuts: 4096 }
    }
}

impl Default for SigningSettings {
    fn default() -> Self {
        Self {
            batches: BatchLimits { max_items: 32, max_in_flight: 8, max_waiting: 8192, max_wait: MAX_WAIT },
            rsa_batches: BatchLimits { max_items: 4, max_in_flight: 64, max_waiting: 8192, max_wait: MAX_RSA_WAIT },
            deadline: DEADLINE,
        }
    }
}

impl Default for UseReportSettings {
    fn default() -> Self {
        Self { interval: Duration::from_secs(5), remembered: 65_536, deadline: DEADLINE }
    }
}

/// A setting is out of its bounds.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct SettingsError(String);

const MIB: u64 = 1 << 20;
const DEADLINE: Duration = Duration::from_secs(5);
/// Quick signatures wait for the same cores as everything else, and the doors see to that before any work was done: what
/// is refused here has cost most of a token.
const MAX_WAIT: Duration = Duration::from_secs(1);
/// An RSA signature costs more than all before it: where it would be waited for longer it is refused, so that those under
/// way are not too late.
const MAX_RSA_WAIT: Duration = Duration::from_millis(200);
const MILLISECOND: Duration = Duration::from_millis(1);
const MINUTE: Duration = Duration::from_mins(1);
const SHORTEST_INTERVAL: Duration = Duration::from_millis(10);
const LONGEST_INTERVAL: Duration = Duration::from_hours(1);
const SMALLEST_CACHE: u64 = 64 << 10;
const LARGEST_CACHE: u64 = 64 << 30;
const MOST_REMEMBERED: usize = 1 << 24;
const MOST_FAILURES: u32 = 1_000_000;
const MOST_IN_FLIGHT: usize = 4096;
/// Far beyond what is answered in time.
const MOST_WAITING: usize = 1 << 20;
/// The most that one call may carry (`keys.v1.SignRequest`).
const SIGN_ITEMS: usize = 256;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_defaults_are_within_bounds() {
        assert_eq!(Settings::default().check(), Ok(()));
    }

    fn refused(change: impl FnOnce(&mut Settings)) -> String {
        let mut settings = Settings::default();
        change(&mut settings);
        settings.check().unwrap_err().to_string()
    }

    #[test]
    fn a_limiter_that_would_hear_nobody_is_refused() {
        assert_eq!(refused(|new| new.limiter.client.burst = 0), "limiter.client.burst must be from 1 to 1000000");
        assert!(refused(|new| new.limiter.source.refill_per_second = 0).starts_with("limiter.source.refill"));
    }

    #[test]
    fn what_would_never_end_or_never_begin_is_refused_by_its_name() {
        for length in [Duration::ZERO, Duration::MAX] {
            for (name, text) in [
                ("failure_grid", refused(|new| new.failure_grid = length)),
                ("registry_deadline", refused(|new| new.registry_deadline = length)),
                ("consent_deadline", refused(|new| new.consent_deadline = length)),
                ("signing.deadline", refused(|new| new.signing.deadline = length)),
                ("signing.batches.max_wait", refused(|new| new.signing.batches.max_wait = length)),
                ("use_reports.interval", refused(|new| new.use_reports.interval = length)),
                ("use_reports.deadline", refused(|new| new.use_reports.deadline = length)),
                ("feed.heartbeat_timeout", refused(|new| new.feed.heartbeat_timeout = length)),
            ] {
                assert!(text.starts_with(&format!("{name} must be from ")), "{text}");
            }
        }
    }

    #[test]
    fn what_would_take_all_memory_at_once_or_none_is_refused_by_its_name() {
        for number in [0, usize::MAX] {
            for (name, text) in [
                ("limiter.remembered", refused(|new| new.limiter.remembered = number)),
                ("caches.shortcuts", refused(|new| new.caches.shortcuts = number)),
                ("caches.clients", refused(|new| new.caches.clients = number as u64)),
                ("signing.batches.max_items", refused(|new| new.signing.batches.max_items = number)),
                ("signing.batches.max_in_flight", refused(|new| new.signing.batches.max_in_flight = number)),
                ("signing.rsa_batches.max_waiting", refused(|new| new.signing.rsa_batches.max_waiting = number)),
                ("use_reports.remembered", refused(|new| new.use_reports.remembered = number)),
            ] {
                assert!(text.starts_with(&format!("{name} must be from 1 to ")) || name == "caches.clients", "{text}");
            }
        }
    }

    #[test]
    fn no_record_is_used_for_longer_than_the_registry_counts_on() {
        let longer = Duration::from_millis(60_001);
        assert_eq!(refused(|new| new.feed.max_staleness = longer), "feed.max_staleness must be from 3s to 60s");
    }
}
