//! Deletes a grant.

use mintage_api::registry::{DeleteClientGrantRequest, DeleteClientGrantResponse};
use mintage_chassis::access::operator;
use tonic::{Request, Status};

use crate::domain::Kind;
use crate::domain::client_grant::DeleteClientGrant;
use crate::grpc::Desk;
use crate::grpc::convert::{named, reach};

pub(super) async fn delete_client_grant(
    desk: &Desk,
    request: Request<DeleteClientGrantRequest>,
) -> Result<DeleteClientGrantResponse, Status> {
    let caller = operator(&request)?;
    let (tenant, reach) = (caller.tenant_for(&request.get_ref().tenant_id)?, reach(caller));
    let id = named("id", &request.get_ref().id, Kind::ClientGrant)?;
    desk.write(desk.clock.now(), &DeleteClientGrant { tenant: &tenant, id: &id, reach: &reach }).await?;
    Ok(DeleteClientGrantResponse {})
}
