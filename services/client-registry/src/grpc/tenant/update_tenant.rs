//! Changes the fields of a tenant that the mask names.

use mintage_api::registry::{UpdateTenantRequest, UpdateTenantResponse};
use mintage_chassis::access::operator;
use tonic::{Request, Status};

use super::convert::{changes, wire_tenant};
use crate::domain::tenant::UpdateTenant;
use crate::grpc::Desk;

pub(super) async fn update_tenant(
    desk: &Desk,
    request: Request<UpdateTenantRequest>,
) -> Result<UpdateTenantResponse, Status> {
    let asked = request.get_ref().tenant.as_ref().map_or("", |tenant| tenant.id.as_str());
    let id = operator(&request)?.tenant_for(asked)?;
    let changes = changes(request.get_ref())?;
    let now = desk.clock.now();
    let tenant = desk.write(now, &UpdateTenant { id: &id, changes: &changes, now }).await?;
    Ok(UpdateTenantResponse { tenant: Some(wire_tenant(tenant)) })
}
