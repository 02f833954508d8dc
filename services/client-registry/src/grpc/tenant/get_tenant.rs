//! Returns one tenant.

use mintage_api::registry::{GetTenantRequest, GetTenantResponse};
use mintage_chassis::access::operator;
use tonic::{Request, Status};

use super::convert::wire_tenant;
use crate::domain::{Kind, RegistryError};
use crate::grpc::Desk;

pub(super) async fn get_tenant(desk: &Desk, request: Request<GetTenantRequest>) -> Result<GetTenantResponse, Status> {
    let id = operator(&request)?.tenant_for(&request.get_ref().id)?;
    let tenant = desk.store.tenant(&id).await?.ok_or(RegistryError::NotFound(Kind::Tenant))?;
    Ok(GetTenantResponse { tenant: Some(wire_tenant(tenant)) })
}
