//! Every knob of the token service.

use std::time::Duration;

use mintage_chassis::batch::BatchLimits;
use mintage_chassis::feed::FeedSettings;
use serde::{Deserialize, Serialize};

use crate::domain::{LimiterSettings, Quota};

/// The settings of the token service.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Settings {
    /// How many failed authentications are heard. By default a client may fail 100 times at once from one source and 5
    /// times a second after that, a source 1000 times and 50 times a second; 65536 of each are remembered (2 MiB).
    pub limiter: LimiterSettings,
    /// Failed authentications are answered at a multiple of this after their arrival, so that the work behind them
    /// cannot be timed: 1 ms to 1 s, 10 ms unless told.
    pub failure_grid: Duration,
    /// How much of the registry is kept in memory.
    pub caches: CacheSettings,
    /// How stale that may be.
    pub feed: FeedSettings,
    /// How long the registry may take for an answer: 5 s unless told.
    pub registry_deadline: Duration,
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
    /// Pairs of a client and an API whose way through those records is remembered: 4096 unless told. They keep alive
    /// the records they lead to.
    pub shortcuts: usize,
}

/// How signatures are asked for.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub struct SigningSettings {
    /// Tokens that share a call: up to 32, with up to 8 calls under way and 8192 tokens waiting, none for long
    /// (200 ms), unless told.
    pub batches: BatchLimits,
    /// The same for RSA, whose signatures take forty times as long: up to 4, with up to 64 calls under way and 8192
    /// tokens waiting, unless told. Small batches, so that no token waits for the signatures of many others.
    pub rsa_batches: BatchLimits,
    /// How long key-management may take for a batch: 5 s unless told.
    pub deadline: Duration,
}

/// How uses of secrets are reported.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub struct UseReportSettings {
    /// How often: every 5 s unless told.
    pub interval: Duration,
    /// How many secrets' latest uses are kept for the next report: 65536 unless told. Uses of more are not reported.
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
        let Self { limiter, failure_grid, signing, use_reports, .. } = self;
        let grid_fits = (Duration::from_millis(1)..=Duration::from_secs(1)).contains(failure_grid);
        let bounds = [
            (grid_fits, "failure_grid must be from 1 ms to 1 s"),
            (quota_fits(limiter.client), "limiter.client must have a burst and a refill_per_second from 1 to 1000000"),
            (quota_fits(limiter.source), "limiter.source must have a burst and a refill_per_second from 1 to 1000000"),
            (limiter.remembered > 0, "limiter.remembered must be 1 or more"),
            (
                batches_fit(signing.batches),
                "signing.batches must have limits of 1 or more, max_items up to 256 and a max_wait from 1 ms to 1 min",
            ),
            (
                batches_fit(signing.rsa_batches),
                "signing.rsa_batches must have limits of 1 or more, max_items up to 256 and a max_wait from 1 ms to 1 min",
            ),
            (!use_reports.interval.is_zero(), "use_reports.interval must be more than nothing"),
        ];
        match bounds.into_iter().find(|(fits, _)| !fits) {
            Some((_, rule)) => Err(SettingsError(rule)),
            None => Ok(()),
        }
    }
}

fn batches_fit(BatchLimits { max_items, max_in_flight, max_waiting, max_wait }: BatchLimits) -> bool {
    let [items, wait] = [(1..=SIGN_ITEMS).contains(&max_items), (SHORTEST_WAIT..=LONGEST_WAIT).contains(&max_wait)];
    items && wait && max_in_flight > 0 && max_waiting > 0
}

fn quota_fits(Quota { burst, refill_per_second }: Quota) -> bool {
    [burst, refill_per_second].iter().all(|number| (1..=1_000_000).contains(number))
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
            rsa_batches: BatchLimits { max_items: 4, max_in_flight: 64, max_waiting: 8192, max_wait: MAX_WAIT },
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
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct SettingsError(&'static str);

const MIB: u64 = 1 << 20;
const DEADLINE: Duration = Duration::from_secs(5);
/// A signature that would be waited for longer is refused, so that those under way are not too late.
const MAX_WAIT: Duration = Duration::from_millis(200);
const SHORTEST_WAIT: Duration = Duration::from_millis(1);
const LONGEST_WAIT: Duration = Duration::from_mins(1);
/// The most that one call may carry (`keys.v1.SignRequest`).
const SIGN_ITEMS: usize = 256;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_defaults_are_within_bounds() {
        assert_eq!(Settings::default().check(), Ok(()));
    }

    #[test]
    fn a_limiter_that_would_hear_nobody_is_refused() {
        let mut settings = Settings::default();
        settings.limiter.client.burst = 0;
        assert!(settings.check().is_err());
    }
}
