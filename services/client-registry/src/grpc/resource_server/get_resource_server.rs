//! Returns one API, by id or identifier.

use mintage_api::registry::{GetResourceServerRequest, GetResourceServerResponse};
use mintage_chassis::access::operator;
use tonic::{Request, Status};

use super::convert::wire_resource_server;
use crate::domain::{Kind, RegistryError};
use crate::grpc::Desk;
use crate::grpc::convert::named;

pub(super) async fn get_resource_server(
    desk: &Desk,
    request: Request<GetResourceServerRequest>,
) -> Result<GetResourceServerResponse, Status> {
    let tenant = operator(&request)?.tenant_for(&request.get_ref().tenant_id)?;
    let key = named("id", &request.get_ref().id, Kind::ResourceServer)?;
    let found = desk.store.resource_server(&tenant, &key).await?;
    let api = found.ok_or(RegistryError::NotFound(Kind::ResourceServer))?;
    Ok(GetResourceServerResponse { resource_server: Some(wire_resource_server(&api)) })
}
