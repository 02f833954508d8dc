//! Creates an API, and the key ring its algorithm needs.

use mintage_api::registry::{CreateResourceServerRequest, CreateResourceServerResponse};
use mintage_chassis::access::operator;
use tonic::{Request, Status};

use super::convert::{new_resource_server, wire_resource_server};
use crate::domain::ports::KeyRings;
use crate::domain::resource_server::{CreateResourceServer, ResourceServer};
use crate::domain::{Kind, RegistryError};
use crate::grpc::Desk;

pub(super) async fn create_resource_server(
    desk: &Desk,
    request: Request<CreateResourceServerRequest>,
) -> Result<CreateResourceServerResponse, Status> {
    let tenant = operator(&request)?.tenant_for(&request.get_ref().tenant_id)?;
    let now = desk.clock.now();
    let api = ResourceServer::new(new_resource_server(tenant, request.into_inner())?, now, &desk.randomness)?;
    refuse_before_keys_are_made(desk, &api).await?;
    desk.rings.ensure(&api.ring()).await?;
    desk.write(now, &CreateResourceServer(&api)).await?;
    Ok(CreateResourceServerResponse { resource_server: Some(wire_resource_server(&api)) })
}

/// What the write would refuse anyway, unless another comes first.
async fn refuse_before_keys_are_made(desk: &Desk, api: &ResourceServer) -> Result<(), RegistryError> {
    if desk.store.tenant(&api.tenant).await?.is_none() {
        return Err(RegistryError::NotFound(Kind::Tenant));
    }
    match desk.store.resource_server(&api.tenant, &api.identifier).await? {
        Some(_) => Err(RegistryError::Conflict(Kind::ResourceServer)),
        None => Ok(()),
    }
}
