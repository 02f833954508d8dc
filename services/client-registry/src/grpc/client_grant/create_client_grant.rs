//! Grants a client scopes of an API.

use mintage_api::registry::{CreateClientGrantRequest, CreateClientGrantResponse};
use mintage_chassis::access::operator;
use tonic::{Request, Status};

use super::convert::wire_client_grant;
use crate::domain::client_grant::{CreateClientGrant, NewClientGrant};
use crate::domain::{ClientGrantId, Kind};
use crate::grpc::Desk;
use crate::grpc::convert::{named, reach, scopes};

pub(super) async fn create_client_grant(
    desk: &Desk,
    request: Request<CreateClientGrantRequest>,
) -> Result<CreateClientGrantResponse, Status> {
    let caller = operator(&request)?;
    let (tenant, reach) = (caller.tenant_for(&request.get_ref().tenant_id)?, reach(caller));
    let CreateClientGrantRequest { tenant_id: _, client_id, audience, scopes: asked } = request.into_inner();
    let new = NewClientGrant {
        id: ClientGrantId::generate(&desk.randomness),
        tenant,
        client: named("client_id", &client_id, Kind::Client)?,
        audience: named("audience", &audience, Kind::ResourceServer)?,
        scopes: scopes(&asked)?,
    };
    let now = desk.clock.now();
    let grant = desk.write(now, &CreateClientGrant { new: &new, reach: &reach, now }).await?;
    Ok(CreateClientGrantResponse { client_grant: Some(wire_client_grant(grant)) })
}
