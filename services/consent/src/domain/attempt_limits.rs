//! How often one source may try to sign users in. Each replica counts for itself.

use std::net::IpAddr;
use std::time::Duration;

use mintage_oauth::{Attempt, FailureLimiter, LimiterSettings, Quota, TenantId, TooMany};

/// Counts what failed, and besides whatever was tried: who tries one password on everybody, or has the right ones already,
/// fails less than that.
#[derive(Debug)]
pub(crate) struct AttemptLimits {
    failures: FailureLimiter,
    all: FailureLimiter,
}

/// Who tries, as [`AttemptLimits`] know it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Trying {
    failures: Attempt,
    all: Attempt,
}

impl AttemptLimits {
    /// Limits that have seen nothing.
    pub(crate) fn new() -> Self {
        Self { failures: FailureLimiter::new(&OF_FAILURES), all: FailureLimiter::new(&OF_ALL) }
    }

    /// Names whoever says to be `name`.
    pub(crate) fn trying(&self, tenant: &TenantId, name: &str, source: Option<IpAddr>) -> Trying {
        let attempt = |limiter: &FailureLimiter| limiter.attempt(tenant, name, source);
        Trying { failures: attempt(&self.failures), all: attempt(&self.all) }
    }

    /// How long to wait, if the attempt is one too many.
    pub(crate) fn refusal(&self, trying: Trying, now: Duration) -> Option<Duration> {
        let refusals = [self.failures.refusal(trying.failures, now), self.all.refusal(trying.all, now)];
        refusals.into_iter().flatten().map(|TooMany { retry_after, limit: _ }| retry_after).max()
    }

    /// Counts an attempt, whatever comes of it.
    pub(crate) fn count(&self, trying: Trying, now: Duration) {
        self.all.record_failure(trying.all, now);
    }

    /// It failed.
    pub(crate) fn count_failure(&self, trying: Trying, now: Duration) {
        self.failures.record_failure(trying.failures, now);
    }
}

/// What is forgiven at an account is counted with the account. Memory is bounded: a mebibyte for each table.
const OF_FAILURES: LimiterSettings = LimiterSettings {
    client: Quota { burst: 10, refill_per_second: 1 },
    source: Quota { burst: 100, refill_per_second: 5 },
    remembered: 65_536,
};
/// An office behind one address comes to work at nine, and a client that takes passwords itself is one source for all its
/// users; more than this is neither.
const OF_ALL: LimiterSettings = LimiterSettings {
    client: Quota { burst: 30, refill_per_second: 1 },
    source: Quota { burst: 600, refill_per_second: 10 },
    remembered: 65_536,
};
