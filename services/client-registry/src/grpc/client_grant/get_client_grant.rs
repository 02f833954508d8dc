//! Returns one grant.

use mintage_api::registry::{GetClientGrantRequest, GetClientGrantResponse};
use mintage_chassis::access::operator;
use tonic::{Request, Status};

use super::convert::wire_client_grant;
use crate::domain::{Kind, RegistryError};
use crate::grpc::Desk;
use crate::grpc::convert::named;

pub(super) async fn get_client_grant(
    desk: &Desk,
    request: Request<GetClientGrantRequest>,
) -> Result<GetClientGrantResponse, Status> {
    let tenant = operator(&request)?.tenant_for(&request.get_ref().tenant_id)?;
    let id = named("id", &request.get_ref().id, Kind::ClientGrant)?;
    let found = desk.store.client_grant(&tenant, &id).await?;
    let grant = found.ok_or(RegistryError::NotFound(Kind::ClientGrant))?;
    Ok(GetClientGrantResponse { client_grant: Some(wire_client_grant(grant)) })
}
