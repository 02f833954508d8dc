//! Changes the fields of an API that the mask names.

use mintage_api::registry::{ResourceServer, UpdateResourceServerRequest, UpdateResourceServerResponse};
use mintage_chassis::access::operator;
use tonic::{Request, Status};

use super::convert::{changes, wire_resource_server};
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
    let now = desk.clock.now();
    let write = UpdateResourceServer { tenant: &tenant, key: &key, changes: &changes, now };
    let api = if changes.algorithm.is_some() || changes.lifetime.is_some() {
        let found = desk.store.resource_server(&tenant, &key).await?;
        let api = found.ok_or(RegistryError::NotFound(Kind::ResourceServer))?;
        desk.write_with_ring(now, &write, &api.ring_after(&changes), &api.own_rings()).await?
    } else {
        desk.write(now, &write).await?
    };
    Ok(UpdateResourceServerResponse { resource_server: Some(wire_resource_server(&api)) })
}
