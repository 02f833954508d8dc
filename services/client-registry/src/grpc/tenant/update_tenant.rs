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
    let operator = operator(&request)?;
    let id = operator.tenant_for(asked)?;
    let changes = changes(request.get_ref())?;
    if changes.origins.is_some() {
        // Host names are the installation's: who may claim one could squat another's, or one that is to come.
        operator.require_installation()?;
    }
    let now = desk.clock.now();
    let tenant = desk.write(now, &UpdateTenant { id: &id, changes: &changes, now }).await?;
    Ok(UpdateTenantResponse { tenant: Some(wire_tenant(tenant)) })
}
