//! The registry as read-through caches that its change feed keeps true.

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use mintage_api::registry::change::Subject;
use mintage_api::registry::resolve_tenant_request::By;
use mintage_api::registry::resolver_service_client::ResolverServiceClient;
use mintage_api::registry::{
    Change, ClientChange, ClientGrantChange, ResolveClientGrantRequest, ResolveClientRequest,
    ResolveResourceServerRequest, ResolveTenantRequest, ResourceServerChange, TenantChange,
};
use mintage_chassis::feed::{Freshness, Loaded, ReadThrough, Sink, follow};
use mintage_chassis::status::internal;
use mintage_chassis::{ServiceName, Tasks, Transport, telemetry};
use mintage_clock::{Clock, Randomness};
use mintage_oauth::{Audience, ClientId, TenantId};
use tonic::Status;

use super::records::RecordError;
use super::{port_error, records, weights, within};
use crate::domain::ports::{Directory, PortError};
use crate::domain::records::{Client, ClientGrant, ResourceServer, Tenant};
use crate::settings::Settings;

/// Reads client-registry, and remembers.
pub(crate) struct RegistryDirectory {
    registry: ResolverServiceClient<Transport>,
    freshness: Freshness,
    deadline: Duration,
    tenants: ReadThrough<TenantId, Tenant>,
    clients: ReadThrough<(TenantId, ClientId), Client>,
    resource_servers: ReadThrough<(TenantId, Audience), ResourceServer>,
    client_grants: ReadThrough<(TenantId, ClientId, Audience), ClientGrant>,
}

impl RegistryDirectory {
    /// An empty directory that follows the change feed until `tasks` drain.
    pub(crate) fn follow(
        registry: &Transport,
        settings: &Settings,
        clock: &Clock,
        randomness: &Randomness,
        tasks: &Tasks,
    ) -> Arc<Self> {
        let freshness = Freshness::new(settings.feed, clock.clone());
        freshness.show(ServiceName::TOKEN);
        let caches = &settings.caches;
        let directory = Arc::new(Self {
            registry: ResolverServiceClient::new(registry.clone()),
            deadline: settings.registry_deadline,
            tenants: ReadThrough::new(caches.tenants, weights::tenant, freshness.clone()).named("tenants"),
            clients: ReadThrough::new(caches.clients, weights::client, freshness.clone()).named("clients"),
            resource_servers: ReadThrough::new(caches.resource_servers, weights::resource_server, freshness.clone())
                .named("resource_servers"),
            client_grants: ReadThrough::new(caches.client_grants, weights::client_grant, freshness.clone())
                .named("client_grants"),
            freshness: freshness.clone(),
        });
        let sinks: Vec<Arc<dyn Sink>> = vec![Arc::clone(&directory) as Arc<dyn Sink>];
        follow(registry.clone(), sinks, freshness, randomness.clone(), tasks);
        directory
    }

    /// How fresh what it remembers is.
    pub(crate) fn freshness(&self) -> Freshness {
        self.freshness.clone()
    }

    async fn load_tenant(&self, id: &TenantId) -> Result<Loaded<Tenant>, Status> {
        let request = ResolveTenantRequest { by: Some(By::Id(id.to_string())) };
        let answer = within(self.deadline, self.registry.clone().resolve_tenant(request)).await?;
        loaded(answer.tenant, answer.revision, records::tenant)
    }

    async fn load_client(&self, (tenant, id): &(TenantId, ClientId)) -> Result<Loaded<Client>, Status> {
        let request = ResolveClientRequest { tenant_id: tenant.to_string(), client_id: id.to_string() };
        let answer = within(self.deadline, self.registry.clone().resolve_client(request)).await?;
        loaded(answer.client, answer.revision, records::client)
    }

    async fn load_resource_server(
        &self,
        (tenant, audience): &(TenantId, Audience),
    ) -> Result<Loaded<ResourceServer>, Status> {
        let request = ResolveResourceServerRequest { tenant_id: tenant.to_string(), identifier: audience.to_string() };
        let answer = within(self.deadline, self.registry.clone().resolve_resource_server(request)).await?;
        loaded(answer.resource_server, answer.revision, records::resource_server)
    }

    async fn load_client_grant(
        &self,
        (tenant, client, audience): &(TenantId, ClientId, Audience),
    ) -> Result<Loaded<ClientGrant>, Status> {
        let request = ResolveClientGrantRequest {
            tenant_id: tenant.to_string(),
            client_id: client.to_string(),
            audience: audience.to_string(),
        };
        let answer = within(self.deadline, self.registry.clone().resolve_client_grant(request)).await?;
        loaded(answer.client_grant, answer.revision, records::client_grant)
    }

    async fn drop_tenant(&self, tenant: &TenantId) {
        self.tenants.evict(tenant).await;
        self.clients.evict_where(|(of, _)| of == tenant).await;
        self.resource_servers.evict_where(|(of, _)| of == tenant).await;
        self.client_grants.evict_where(|(of, ..)| of == tenant).await;
    }

    async fn drop_client(&self, tenant: TenantId, client_id: &str) {
        if let Ok(client_id) = client_id.parse() {
            self.clients.evict(&(tenant, client_id)).await;
        }
    }

    /// An identifier may be used again after its API was deleted, but not with the grants of before.
    async fn drop_resource_server(&self, tenant: TenantId, identifier: &str) {
        if let Ok(identifier) = identifier.parse::<Audience>() {
            self.client_grants.evict_where(|(of, _, audience)| *of == tenant && *audience == identifier).await;
            self.resource_servers.evict(&(tenant, identifier)).await;
        }
    }

    async fn drop_client_grant(&self, tenant: TenantId, client_id: &str, audience: &str) {
        if let (Ok(client_id), Ok(audience)) = (client_id.parse(), audience.parse()) {
            self.client_grants.evict(&(tenant, client_id, audience)).await;
        }
    }
}

#[async_trait]
impl Directory for RegistryDirectory {
    fn epoch(&self) -> Option<u64> {
        let epoch = self.freshness.epoch();
        telemetry::mark("cache", &[("mintage.cache", if epoch.is_some() { "fresh" } else { "suspect" })]);
        epoch
    }

    async fn tenant(&self, id: &TenantId) -> Result<Option<Arc<Tenant>>, PortError> {
        or_port_error(self.tenants.get(id, || self.load_tenant(id))).await
    }

    async fn client(&self, tenant: &TenantId, id: &ClientId) -> Result<Option<Arc<Client>>, PortError> {
        let key = (tenant.clone(), id.clone());
        or_port_error(self.clients.get(&key, || self.load_client(&key))).await
    }

    async fn resource_server(
        &self,
        tenant: &TenantId,
        audience: &Audience,
    ) -> Result<Option<Arc<ResourceServer>>, PortError> {
        let key = (tenant.clone(), audience.clone());
        or_port_error(self.resource_servers.get(&key, || self.load_resource_server(&key))).await
    }

    async fn client_grant(
        &self,
        tenant: &TenantId,
        client: &ClientId,
        audience: &Audience,
    ) -> Result<Option<Arc<ClientGrant>>, PortError> {
        let key = (tenant.clone(), client.clone(), audience.clone());
        or_port_error(self.client_grants.get(&key, || self.load_client_grant(&key))).await
    }
}

#[async_trait]
impl Sink for RegistryDirectory {
    async fn apply(&self, change: &Change) {
        let Change { revision: _, tenant_id, subject } = change;
        let (Some(subject), Ok(tenant)) = (subject, tenant_id.parse::<TenantId>()) else {
            // A change that this version cannot read may have touched anything.
            return self.reset().await;
        };
        match subject {
            Subject::Tenant(TenantChange {}) => self.drop_tenant(&tenant).await,
            Subject::Client(ClientChange { client_id }) => self.drop_client(tenant, client_id).await,
            Subject::ResourceServer(ResourceServerChange { identifier }) => {
                self.drop_resource_server(tenant, identifier).await;
            }
            Subject::ClientGrant(ClientGrantChange { client_id, audience }) => {
                self.drop_client_grant(tenant, client_id, audience).await;
            }
        }
    }

    async fn reset(&self) {
        self.tenants.clear();
        self.clients.clear();
        self.resource_servers.clear();
        self.client_grants.clear();
    }
}

fn loaded<W, V>(
    wire: Option<W>,
    revision: u64,
    read: impl Fn(W) -> Result<V, RecordError>,
) -> Result<Loaded<V>, Status> {
    let record = wire.map(read).transpose().map_err(|error| internal(&error))?;
    Ok(Loaded { record, revision })
}

async fn or_port_error<T>(read: impl Future<Output = Result<T, Status>>) -> Result<T, PortError> {
    read.await.map_err(|status| port_error("client-registry", &status))
}
