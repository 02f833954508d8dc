//! How often somebody may ask to register, or to manage what is registered, whatever comes of it. Each replica counts for
//! itself.

use std::net::IpAddr;

use mintage_clock::Clock;
use mintage_oauth::{FailureLimiter, LimiterSettings, Quota, TenantId, TooMany};

use crate::domain::RegistryError;

/// Counts by source and tenant, by source, and by tenant, in tables of fixed size.
#[derive(Debug)]
pub(crate) struct RegistrationLimits {
    sources: FailureLimiter,
    tenants: FailureLimiter,
    clock: Clock,
}

impl RegistrationLimits {
    /// Limits that have seen nothing.
    pub(crate) fn new(clock: Clock) -> Self {
        let limiter = |client, source| FailureLimiter::new(&LimiterSettings { client, source, remembered: REMEMBERED });
        Self { sources: limiter(OF_SOURCE, OF_SOURCE), tenants: limiter(OF_TENANT, OF_ALL), clock }
    }

    /// Counts one more, or refuses it.
    pub(super) fn count(&self, tenant: &TenantId, source: Option<IpAddr>) -> Result<(), RegistryError> {
        let now = self.clock.monotonic();
        let counted = [
            (&self.sources, self.sources.attempt(tenant, NAME, source)),
            (&self.tenants, self.tenants.attempt(tenant, NAME, None)),
        ];
        let refusal = counted
            .iter()
            .filter_map(|(limiter, attempt)| limiter.refusal(*attempt, now))
            .max_by_key(|refusal| refusal.retry_after);
        if let Some(TooMany { retry_after, limit }) = refusal {
            return Err(RegistryError::TooManyAttempts { retry_after, limit });
        }
        for (limiter, attempt) in counted {
            limiter.record_failure(attempt, now);
        }
        Ok(())
    }
}

const NAME: &str = "registration";
/// Of one source; a source that is not known is one.
const OF_SOURCE: Quota = Quota { burst: 20, refill_per_second: 1 };
/// Of all sources at one tenant.
const OF_TENANT: Quota = Quota { burst: 100, refill_per_second: 5 };
/// Of all sources at all tenants.
const OF_ALL: Quota = Quota { burst: 1000, refill_per_second: 50 };
const REMEMBERED: usize = 16_384;
