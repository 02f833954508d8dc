//! Every service of the registry.

use std::sync::Arc;

use mintage_api::registry::change_feed_service_server::ChangeFeedServiceServer;
use mintage_api::registry::client_grant_service_server::ClientGrantServiceServer;
use mintage_api::registry::client_service_server::ClientServiceServer;
use mintage_api::registry::registration_service_server::RegistrationServiceServer;
use mintage_api::registry::resolver_service_server::ResolverServiceServer;
use mintage_api::registry::resource_server_service_server::ResourceServerServiceServer;
use mintage_api::registry::tenant_service_server::TenantServiceServer;
use mintage_chassis::{Routes, Tasks};

use super::Desk;
use super::change_feed::ChangeFeed;
use super::client::Clients;
use super::client_grant::ClientGrants;
use super::registration::Registrations;
use super::resolver::Resolver;
use super::resource_server::ResourceServers;
use super::tenant::Tenants;

/// The services, not yet guarded.
pub(crate) fn routes(desk: Arc<Desk>, tasks: Tasks) -> Routes {
    let feed = ChangeFeed::new(desk.feed.clone(), tasks);
    Routes::new(TenantServiceServer::new(Tenants::new(Arc::clone(&desk))))
        .add_service(ClientServiceServer::new(Clients::new(Arc::clone(&desk))))
        .add_service(ResourceServerServiceServer::new(ResourceServers::new(Arc::clone(&desk))))
        .add_service(ClientGrantServiceServer::new(ClientGrants::new(Arc::clone(&desk))))
        .add_service(RegistrationServiceServer::new(Registrations::new(Arc::clone(&desk))))
        .add_service(ResolverServiceServer::new(Resolver::new(desk)))
        .add_service(ChangeFeedServiceServer::new(feed))
}
