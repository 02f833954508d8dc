//! Deletes a client with its secrets and grants.

use mintage_api::registry::{DeleteClientRequest, DeleteClientResponse};
use mintage_chassis::access::operator;
use tonic::{Request, Status};

use crate::domain::Kind;
use crate::domain::client::DeleteClient;
use crate::grpc::Desk;
use crate::grpc::convert::named;

pub(super) async fn delete_client(
    desk: &Desk,
    request: Request<DeleteClientRequest>,
) -> Result<DeleteClientResponse, Status> {
    let tenant = operator(&request)?.tenant_for(&request.get_ref().tenant_id)?;
    let id = named("client_id", &request.get_ref().client_id, Kind::Client)?;
    desk.write(desk.clock.now(), &DeleteClient { tenant: &tenant, id: &id }).await?;
    Ok(DeleteClientResponse {})
}
