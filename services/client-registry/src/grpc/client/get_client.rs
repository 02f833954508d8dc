//! Returns one client, without its secrets' values.

use mintage_api::registry::{GetClientRequest, GetClientResponse};
use mintage_chassis::access::operator;
use tonic::{Request, Status};

use super::convert::wire_client;
use crate::domain::{Kind, RegistryError};
use crate::grpc::Desk;
use crate::grpc::convert::named;

pub(super) async fn get_client(desk: &Desk, request: Request<GetClientRequest>) -> Result<GetClientResponse, Status> {
    let tenant = operator(&request)?.tenant_for(&request.get_ref().tenant_id)?;
    let id = named("client_id", &request.get_ref().client_id, Kind::Client)?;
    let client = desk.store.client(&tenant, &id).await?.ok_or(RegistryError::NotFound(Kind::Client))?;
    Ok(GetClientResponse { client: Some(wire_client(client)) })
}
