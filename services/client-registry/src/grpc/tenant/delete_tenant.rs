//! Deletes a tenant and all it holds.

use mintage_api::registry::{DeleteTenantRequest, DeleteTenantResponse};
use mintage_chassis::access::operator;
use tonic::{Request, Status};

use crate::domain::Kind;
use crate::domain::tenant::DeleteTenant;
use crate::grpc::Desk;
use crate::grpc::convert::named;

pub(super) async fn delete_tenant(
    desk: &Desk,
    request: Request<DeleteTenantRequest>,
) -> Result<DeleteTenantResponse, Status> {
    operator(&request)?.require_installation()?;
    let id = named("id", &request.get_ref().id, Kind::Tenant)?;
    let now = desk.clock.now();
    desk.write(now, &DeleteTenant { id: &id, now }).await?;
    desk.removals.wake();
    Ok(DeleteTenantResponse {})
}
