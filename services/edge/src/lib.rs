//! The edge: OAuth over HTTP, answered by the suite's gRPC services.
//!
//! - [`settings`]: what can be set.
//! - [`domain`]: the rules, what a request asks for and why one is refused.
//! - [`http`]: the door in, one route a file, the pages that people see, and the parsers of foreign bytes.
//! - [`clients`]: the doors out, to the token service, the consent service, client-registry and key-management.
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
use mintage_chassis::door::{HeardRegistry, Need, Proxies};
use mintage_chassis::feed::{self, Freshness, Sink};
use mintage_chassis::{ServiceName, Tasks, Transport};
use mintage_clock::{Clock, Randomness};

use crate::clients::{
    CachedKeySets, CachedTenants, Calls, RemoteConsent, RemoteFrontChannel, RemoteRegistrations, RemoteTokens,
    WatchedKeySets, Watching,
};
use crate::http::{Http, Limits, TrustedProxies};
pub use crate::settings::Settings;

/// What the edge meets the world through.
#[derive(Clone, Debug)]
pub struct Doors {
    /// To the token service.
    pub token: Transport,
    /// To the consent service.
    pub consent: Transport,
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
    /// What it cannot serve without.
    pub needs: Vec<Arc<dyn Need>>,
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
    let Doors { token, consent, registry, keys, clock, randomness } = doors;
    let tasks = Tasks::new();
    let freshness = Freshness::new(settings.feed, clock.clone());
    freshness.show(ServiceName::EDGE);
    let patience = settings.call_timeout;
    let tenants = CachedTenants::new(registry.clone(), settings.tenant_cache_bytes, patience, freshness.clone());
    let tenants = Arc::new(tenants);
    let (max_sets, moment) = (settings.max_cached_key_sets, settings.key_set_max_staleness);
    let asked = Arc::new(CachedKeySets::new(keys.clone(), max_sets, moment, clock.clone(), patience));
    let watching =
        Watching { keys, most: settings.max_watched_key_sets, randomness: randomness.clone(), tasks: tasks.clone() };
    let key_sets = Arc::new(WatchedKeySets::new(Arc::clone(&asked), watching));
    let sinks: Vec<Arc<dyn Sink>> = vec![Arc::clone(&tenants) as _, asked as _];
    let calls = Calls::new();
    let consent = Arc::new(RemoteConsent::new(consent, calls.clone(), patience));
    let front_channel = RemoteFrontChannel::new(token.clone(), calls.clone(), patience);
    let registrations = RemoteRegistrations::new(registry.clone(), calls, patience);
    feed::follow(registry, sinks, freshness.clone(), randomness, &tasks);
    let (limits, max_in_flight) = (Limits::from(&settings), settings.max_tokens_in_flight);
    let trusted_proxies = TrustedProxies::new(settings.trusted_proxies);
    let heard: Arc<dyn Need> = Arc::new(HeardRegistry(freshness));
    let needs = vec![Arc::clone(&heard)];
    let tokens = Arc::new(RemoteTokens::new(token, max_in_flight, patience));
    let http = Http {
        tenants,
        tokens: Arc::clone(&tokens) as _,
        ender: tokens,
        key_sets,
        authorizations: Arc::clone(&consent) as _,
        sessions: consent,
        front_channel: Arc::new(front_channel),
        registrations: Arc::new(registrations),
        heard,
        clock,
        limits,
        trusted_proxies: trusted_proxies.clone(),
    };
    Ok(Edge { router: http::router(Arc::new(http)), tasks, proxies: Arc::new(trusted_proxies), needs })
}

impl fmt::Debug for Edge {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Edge(…)")
    }
}
