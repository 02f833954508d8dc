//! Creates an API, and the key ring its algorithm needs.

use mintage_api::registry::{CreateResourceServerRequest, CreateResourceServerResponse};
use mintage_chassis::access::operator;
use tonic::{Request, Status};

use super::convert::{new_resource_server, wire_resource_server};
use crate::domain::resource_server::{CreateResourceServer, ResourceServer};
use crate::grpc::Desk;

pub(super) async fn create_resource_server(
    desk: &Desk,
    request: Request<CreateResourceServerRequest>,
) -> Result<CreateResourceServerResponse, Status> {
    let tenant = operator(&request)?.tenant_for(&request.get_ref().tenant_id)?;
    let now = desk.clock.now();
    let api = ResourceServer::new(new_resource_server(tenant, request.into_inner())?, now, &desk.randomness)?;
    desk.write_with_ring(now, &CreateResourceServer(&api), &api.ring(), &api.own_rings()).await?;
    Ok(CreateResourceServerResponse { resource_server: Some(wire_resource_server(&api)) })
}
