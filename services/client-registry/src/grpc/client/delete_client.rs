//! Deletes a client with its secrets and grants.

use mintage_api::registry::{DeleteClientRequest, DeleteClientResponse};
use mintage_chassis::access::operator;
use tonic::{Request, Status};

use crate::domain::Kind;
use crate::domain::client::DeleteClient;
use crate::grpc::Desk;
use crate::grpc::convert::{named, reach};

pub(super) async fn delete_client(
    desk: &Desk,
    request: Request<DeleteClientRequest>,
) -> Result<DeleteClientResponse, Status> {
    let caller = operator(&request)?;
    let (tenant, reach) = (caller.tenant_for(&request.get_ref().tenant_id)?, reach(caller));
    let id = named("client_id", &request.get_ref().client_id, Kind::Client)?;
    desk.write(desk.clock.now(), &DeleteClient { tenant: &tenant, id: &id, reach: &reach }).await?;
    Ok(DeleteClientResponse {})
}
