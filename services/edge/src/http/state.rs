//! What the routes share.

use std::sync::Arc;
use std::time::Duration;

use ::http::request::Parts;
use mintage_clock::Clock;

use super::{Readiness, host};
use crate::Settings;
use crate::domain::{KeySets, Refusal, Tenant, TenantDirectory, TokenIssuer};

/// What every route can reach.
pub(crate) struct Http {
    pub(crate) tenants: Arc<dyn TenantDirectory>,
    pub(crate) tokens: Arc<dyn TokenIssuer>,
    pub(crate) key_sets: Arc<dyn KeySets>,
    pub(crate) readiness: Readiness,
    pub(crate) clock: Clock,
    pub(crate) limits: Limits,
}

/// What the routes are bound by.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limits {
    pub(crate) max_body_bytes: usize,
    pub(crate) body_timeout: Duration,
    pub(crate) discovery_max_age: Duration,
    pub(crate) key_set_stale_if_error: Duration,
}

impl From<&Settings> for Limits {
    fn from(settings: &Settings) -> Self {
        let Settings { max_body_bytes, body_timeout, discovery_max_age, key_set_stale_if_error, .. } = *settings;
        Self { max_body_bytes, body_timeout, discovery_max_age, key_set_stale_if_error }
    }
}

impl Http {
    /// The tenant that a request is for, by the origin it came in on and nothing else it says.
    pub(crate) async fn tenant_of(&self, head: &Parts) -> Result<Arc<Tenant>, Refusal> {
        self.tenants.on_origin(&host::origin_of(head)?).await?.ok_or(Refusal::NothingHere)
    }
}
