//! What the routes share.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use ::http::request::Parts;
use mintage_chassis::door::Need;
use mintage_chassis::source::ClientAddress;
use mintage_chassis::telemetry;
use mintage_clock::Clock;

use super::router::route_at;
use super::{TrustedProxies, host};
use crate::Settings;
use crate::domain::{
    Authorizations, FrontChannelIssuer, KeySets, Refusal, Registrations, Sessions, Tenant, TenantDirectory, TokenEnder,
    TokenIssuer,
};

/// What every route can reach.
pub(crate) struct Http {
    pub(crate) tenants: Arc<dyn TenantDirectory>,
    pub(crate) tokens: Arc<dyn TokenIssuer>,
    pub(crate) ender: Arc<dyn TokenEnder>,
    pub(crate) key_sets: Arc<dyn KeySets>,
    pub(crate) authorizations: Arc<dyn Authorizations>,
    pub(crate) sessions: Arc<dyn Sessions>,
    pub(crate) front_channel: Arc<dyn FrontChannelIssuer>,
    pub(crate) registrations: Arc<dyn Registrations>,
    /// The registry, without which nothing can be served.
    pub(crate) heard: Arc<dyn Need>,
    pub(crate) clock: Clock,
    pub(crate) trusted_proxies: TrustedProxies,
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

/// A request, as far as the way it came tells.
pub(crate) struct Arrival {
    pub(crate) tenant: Arc<Tenant>,
    /// The address of whoever asks.
    pub(crate) source: Option<IpAddr>,
}

impl Http {
    /// Whom a request is for, by the origin it came in on and nothing else it says, and where it is from.
    pub(crate) async fn arrival(&self, head: &Parts) -> Result<Arrival, Refusal> {
        telemetry::note(|facts| route_at(head.uri.path()).into_iter().for_each(|route| facts.route(route.path)));
        let forwarded = self.trusted_proxies.forwarded(head)?;
        let tenant = self.tenants.on_origin(&host::origin_of(head, &forwarded)?).await?.ok_or(Refusal::NothingHere)?;
        let of_socket = || head.extensions.get().map(|ClientAddress(address)| *address);
        let source = forwarded.client.or_else(of_socket);
        telemetry::note(|facts| {
            facts.tenant(&tenant.id);
            source.into_iter().for_each(|source| facts.source(source));
        });
        Ok(Arrival { tenant, source })
    }

    /// The tenant that a request is for.
    pub(crate) async fn tenant_of(&self, head: &Parts) -> Result<Arc<Tenant>, Refusal> {
        Ok(self.arrival(head).await?.tenant)
    }
}
