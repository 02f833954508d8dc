//! The edge: OAuth over HTTP, answered by the suite's gRPC services.
//!
//! - [`settings`]: what can be set.
//! - [`domain`]: the rules, what a token request is and why one is refused.
//! - [`http`]: the door in, one route a file, and the parsers of foreign bytes.
//! - [`clients`]: the doors out, to the token service, client-registry and key-management.
//!
//! [`build`] makes an [`Edge`] of [`Settings`] and [`Doors`]. The listener in front of its router must put a
//! [`mintage_chassis::door::Scheme`] on every request, and a [`mintage_chassis::source::ClientAddress`] where limits
//! by source shall work.

pub mod clients;
pub mod domain;
pub mod http;
pub mod settings;

use std::fmt;
use std::sync::Arc;

use axum::Router;
use mintage_chassis::door::Proxies;
use mintage_chassis::feed::{self, Freshness, Sink};
use mintage_chassis::{ServiceName, Tasks, Transport};
use mintage_clock::{Clock, Randomness};

use crate::clients::{CachedKeySets, CachedTenants, RemoteTokens};
use crate::http::{Http, Limits, Readiness, TrustedProxies};
pub use crate::settings::Settings;

/// What the edge meets the world through.
#[derive(Clone, Debug)]
pub struct Doors {
    /// To the token service.
    pub token: Transport,
    /// To client-registry.
    pub registry: Transport,
    /// To key-management.
    pub keys: Transport,
    /// The time.
    pub clock: Clock,
    /// Chance.
    pub randomness: Randomness,
}

/// The edge, built, not yet behind a listener.
pub struct Edge {
    /// Its routes.
    pub router: Router,
    /// What runs beside its requests.
    pub tasks: Tasks,
    /// The proxies in front, for the listener.
    pub proxies: Arc<dyn Proxies>,
}

/// Why the edge cannot be built.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BuildError {
    /// A setting is outside of its bounds.
    #[error(transparent)]
    Settings(#[from] settings::OutOfBounds),
}

/// Builds the edge and starts to follow the registry's change feed. Needs a tokio runtime.
///
/// # Errors
/// When a setting is outside of its bounds.
pub fn build(settings: Settings, doors: Doors) -> Result<Edge, BuildError> {
    settings.check()?;
    let Doors { token, registry, keys, clock, randomness } = doors;
    let tasks = Tasks::new();
    let freshness = Freshness::new(settings.feed, clock.clone());
    freshness.show(ServiceName::EDGE);
    let patience = settings.call_timeout;
    let tenants = CachedTenants::new(registry.clone(), settings.tenant_cache_bytes, patience, freshness.clone());
    let tenants = Arc::new(tenants);
    let (max_sets, moment) = (settings.max_cached_key_sets, settings.key_set_max_staleness);
    let key_sets = Arc::new(CachedKeySets::new(keys, max_sets, moment, clock.clone(), patience));
    let sinks: Vec<Arc<dyn Sink>> = vec![Arc::clone(&tenants) as _, Arc::clone(&key_sets) as _];
    feed::follow(registry, sinks, freshness.clone(), randomness, &tasks);
    let (limits, max_in_flight) = (Limits::from(&settings), settings.max_tokens_in_flight);
    let trusted_proxies = TrustedProxies::new(settings.trusted_proxies);
    let http = Http {
        tenants,
        tokens: Arc::new(RemoteTokens::new(token, max_in_flight, patience)),
        key_sets,
        readiness: Readiness::new(freshness),
        clock,
        limits,
        trusted_proxies: trusted_proxies.clone(),
    };
    Ok(Edge { router: http::router(Arc::new(http)), tasks, proxies: Arc::new(trusted_proxies) })
}

impl fmt::Debug for Edge {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Edge(…)")
    }
}
