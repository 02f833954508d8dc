//! Tenants, from client-registry.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use mintage_api::registry::resolver_service_client::ResolverServiceClient;
use mintage_api::registry::{
    self, Change, DynamicRegistration, ResolveTenantRequest, change, resolve_tenant_request::By,
};
use mintage_chassis::Transport;
use mintage_chassis::deadline::within;
use mintage_chassis::feed::{Freshness, Loaded, ReadThrough, Sink};
use mintage_chassis::status::{internal, unavailable};
use mintage_oauth::{ErrorProfile, HttpsUri, Origin};
use tokio::sync::Semaphore;
use tonic::Status;

use super::refusals::refusal_of;
use crate::domain::{Brand, Refusal, Tenant, TenantDirectory};

/// Asks client-registry, and keeps the answers as long as the change feed allows.
pub(crate) struct CachedTenants {
    client: ResolverServiceClient<Transport>,
    known: ReadThrough<Origin, Tenant>,
    lookups: Semaphore,
    patience: Duration,
}

impl CachedTenants {
    /// Asks behind `transport`, waits for at most `patience`, keeps at most `max_bytes`.
    pub(crate) fn new(transport: Transport, max_bytes: u64, patience: Duration, freshness: Freshness) -> Self {
        let known = ReadThrough::new(max_bytes, weigh, freshness).named("origins");
        let lookups = Semaphore::new(LOOKUPS_AT_ONCE);
        Self { client: ResolverServiceClient::new(transport), known, lookups, patience }
    }

    async fn load(&self, origin: &Origin) -> Result<Loaded<Tenant>, Status> {
        let request = ResolveTenantRequest { by: Some(By::Origin(origin.to_string())) };
        let mut client = self.client.clone();
        let answer = within(self.patience, async {
            let _place = self.lookups.acquire().await;
            client.resolve_tenant(request).await
        });
        let answer = answer.await.map_err(|_| unavailable("the registry does not answer in time"))??.into_inner();
        let record = answer.tenant.map(|tenant| read(&tenant, origin)).transpose()?.flatten();
        Ok(Loaded { record, revision: answer.revision })
    }
}

#[async_trait]
impl TenantDirectory for CachedTenants {
    async fn on_origin(&self, origin: &Origin) -> Result<Option<Arc<Tenant>>, Refusal> {
        self.known.get(origin, || self.load(origin)).await.map_err(|status| refusal_of(&status))
    }
}

/// A tenant's change may take an origin away or make one, so every origin is asked for again. Tenants change seldom.
#[async_trait]
impl Sink for CachedTenants {
    async fn apply(&self, change: &Change) {
        if let Some(change::Subject::Tenant(_)) = &change.subject {
            self.known.clear();
        }
    }

    async fn reset(&self) {
        self.known.clear();
    }
}

/// The issuer is the registered origin that equals the one asked for: `None` when there is no such origin.
fn read(tenant: &registry::Tenant, asked: &Origin) -> Result<Option<Tenant>, Status> {
    let registered = tenant.origins.iter().filter_map(|origin| origin.parse::<Origin>().ok());
    let Some(origin) = registered.into_iter().find(|origin| origin == asked) else { return Ok(None) };
    let id = tenant.id.parse().map_err(|error| internal(&error))?;
    let error_profile = match tenant.error_profile() {
        registry::ErrorProfile::Auth0 => ErrorProfile::Auth0,
        registry::ErrorProfile::Rfc | registry::ErrorProfile::Unspecified => ErrorProfile::Rfc,
    };
    let registers_clients = match tenant.dynamic_registration() {
        DynamicRegistration::WithToken | DynamicRegistration::Open => true,
        DynamicRegistration::Off | DynamicRegistration::Unspecified => false,
    };
    let brand = tenant.branding.as_ref().map(brand_of).unwrap_or_default();
    let display_name = Some(&tenant.display_name).filter(|name| !name.is_empty()).unwrap_or(&tenant.id).clone();
    Ok(Some(Tenant { id, issuer: origin.issuer(), error_profile, display_name, brand, registers_clients }))
}

/// What cannot be read is left out: pages look plainer, and no token waits for it.
fn brand_of(branding: &registry::Branding) -> Brand {
    let registry::Branding { colour, logo_uri } = branding;
    Brand { colour: colour.parse().ok(), logo: logo_uri.parse::<HttpsUri>().ok() }
}

fn weigh(origin: &Origin, tenant: Option<&Tenant>) -> usize {
    let record = tenant.map_or(0, |tenant| {
        let logo = tenant.brand.logo.as_ref().map_or(0, |logo| logo.as_str().len());
        tenant.id.as_str().len() + tenant.issuer.as_str().len() + tenant.display_name.len() + logo + RECORD_OVERHEAD
    });
    origin.as_str().len() + record
}

/// Anyone can ask for hosts that nobody serves, a new one each time. So many are looked up at the same time and the next
/// wait their turn: the registry is asked no faster than it answers, and a tenant's own first request is not refused.
const LOOKUPS_AT_ONCE: usize = 32;

/// What a record takes beside its texts.
const RECORD_OVERHEAD: usize = 144;
