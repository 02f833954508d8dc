//! Changes the fields of an API that the mask names.

use mintage_api::registry::{ResourceServer, UpdateResourceServerRequest, UpdateResourceServerResponse};
use mintage_chassis::access::operator;
use mintage_oauth::{Algorithm, Audience, TenantId};
use tonic::{Request, Status};

use super::convert::{changes, wire_resource_server};
use crate::domain::ports::KeyRings;
use crate::domain::resource_server::UpdateResourceServer;
use crate::domain::{Kind, RegistryError};
use crate::grpc::Desk;
use crate::grpc::convert::named;

pub(super) async fn update_resource_server(
    desk: &Desk,
    request: Request<UpdateResourceServerRequest>,
) -> Result<UpdateResourceServerResponse, Status> {
    let none = ResourceServer::default();
    let asked = request.get_ref().resource_server.as_ref().unwrap_or(&none);
    let tenant = operator(&request)?.tenant_for(&asked.tenant_id)?;
    let changes = changes(request.get_ref())?;
    let key = if asked.id.is_empty() { &asked.identifier } else { &asked.id };
    let key = named("resource_server.id", key, Kind::ResourceServer)?;
    if let Some(algorithm) = changes.algorithm {
        ensure_ring(desk, &tenant, &key, algorithm).await?;
    }
    let now = desk.clock.now();
    let write = UpdateResourceServer { tenant: &tenant, key: &key, changes: &changes, now };
    let api = desk.write(now, &write).await?;
    Ok(UpdateResourceServerResponse { resource_server: Some(wire_resource_server(&api)) })
}

/// The keys are there before the first token that needs them.
async fn ensure_ring(
    desk: &Desk,
    tenant: &TenantId,
    key: &Audience,
    algorithm: Algorithm,
) -> Result<(), RegistryError> {
    let found = desk.store.resource_server(tenant, key).await?;
    let api = found.ok_or(RegistryError::NotFound(Kind::ResourceServer))?;
    if api.is_system { Ok(()) } else { desk.rings.ensure(&api.ring_for(algorithm)).await }
}
