//! How often one source, and one browser, may try to sign users in. Each replica counts for itself.

use std::net::IpAddr;
use std::time::Duration;

use mintage_oauth::{Attempt, FailureLimiter, LimiterSettings, Quota, TenantId, TooMany};

use super::secret::Digest;

/// Counts what failed, and besides whatever was tried: who tries one password on everybody, or has the right ones already,
/// fails less than that.
#[derive(Debug)]
pub(crate) struct AttemptLimits {
    failures: FailureLimiter,
    all: FailureLimiter,
    /// Of what is tried in browsers that the user is known in, beyond what the source may.
    known: FailureLimiter,
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
        let [failures, all, known] = [&OF_FAILURES, &OF_ALL, &OF_KNOWN].map(FailureLimiter::new);
        Self { failures, all, known }
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

    /// Counts an attempt in a browser that the user is known in, beyond what its source may.
    ///
    /// # Errors
    /// How long to wait, if it is one too many.
    pub(crate) fn count_known(
        &self,
        tenant: &TenantId,
        name: &str,
        browser: &Digest,
        now: Duration,
    ) -> Result<(), Duration> {
        let attempt = self.known.attempt_from(tenant, name, browser);
        if let Some(TooMany { retry_after, limit: _ }) = self.known.refusal(attempt, now) {
            return Err(retry_after);
        }
        self.known.record_failure(attempt, now);
        Ok(())
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

/// A user who comes to a browser of its own while others behind the address guess. More is somebody who has the cookie, and
/// each attempt costs a hash, right or wrong.
const OF_KNOWN: LimiterSettings = LimiterSettings {
    client: Quota { burst: 10, refill_per_second: 1 },
    source: Quota { burst: 30, refill_per_second: 1 },
    remembered: 16_384,
};
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
