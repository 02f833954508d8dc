//! Deletes an API with the grants for it.

use mintage_api::registry::{DeleteResourceServerRequest, DeleteResourceServerResponse};
use mintage_chassis::access::operator;
use tonic::{Request, Status};

use crate::domain::Kind;
use crate::domain::resource_server::DeleteResourceServer;
use crate::grpc::Desk;
use crate::grpc::convert::named;

pub(super) async fn delete_resource_server(
    desk: &Desk,
    request: Request<DeleteResourceServerRequest>,
) -> Result<DeleteResourceServerResponse, Status> {
    let tenant = operator(&request)?.tenant_for(&request.get_ref().tenant_id)?;
    let key = named("id", &request.get_ref().id, Kind::ResourceServer)?;
    let now = desk.clock.now();
    desk.write(now, &DeleteResourceServer { tenant: &tenant, key: &key, now }).await?;
    desk.removals.wake();
    Ok(DeleteResourceServerResponse {})
}
