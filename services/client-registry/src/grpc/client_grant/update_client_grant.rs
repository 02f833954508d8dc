//! Replaces the scopes of a grant.

use mintage_api::registry::{UpdateClientGrantRequest, UpdateClientGrantResponse};
use mintage_chassis::access::operator;
use tonic::{Request, Status};

use super::convert::wire_client_grant;
use crate::domain::Kind;
use crate::domain::client_grant::UpdateClientGrant;
use crate::grpc::Desk;
use crate::grpc::convert::{named, reach, scopes};

pub(super) async fn update_client_grant(
    desk: &Desk,
    request: Request<UpdateClientGrantRequest>,
) -> Result<UpdateClientGrantResponse, Status> {
    let caller = operator(&request)?;
    let (tenant, reach) = (caller.tenant_for(&request.get_ref().tenant_id)?, reach(caller));
    let UpdateClientGrantRequest { tenant_id: _, id, scopes: asked } = request.into_inner();
    let id = named("id", &id, Kind::ClientGrant)?;
    let scopes = scopes(&asked)?;
    let now = desk.clock.now();
    let write = UpdateClientGrant { tenant: &tenant, id: &id, scopes: &scopes, reach: &reach, now };
    let grant = desk.write(now, &write).await?;
    Ok(UpdateClientGrantResponse { client_grant: Some(wire_client_grant(grant)) })
}
