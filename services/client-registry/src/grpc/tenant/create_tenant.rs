//! Creates a tenant with its Management API.

use mintage_api::registry::{CreateTenantRequest, CreateTenantResponse};
use mintage_chassis::access::{MANAGEMENT_AUDIENCE, MANAGEMENT_SCOPES, operator};
use tonic::{Request, Status};

use super::convert::{new_tenant, wire_tenant};
use crate::domain::RegistryError;
use crate::domain::ports::RingRemoval;
use crate::domain::resource_server::{ManagementApi, ResourceServer, ScopeDefinition};
use crate::domain::tenant::{CreateTenant, Tenant};
use crate::grpc::Desk;
use crate::grpc::convert::required;

pub(super) async fn create_tenant(
    desk: &Desk,
    request: Request<CreateTenantRequest>,
) -> Result<CreateTenantResponse, Status> {
    operator(&request)?.require_installation()?;
    let now = desk.clock.now();
    let tenant = Tenant::new(new_tenant(request.into_inner())?, now)?;
    // The keys of a former tenant of this id must not go after the new ones have come.
    desk.removals.settle_tenant(&tenant.id).await?;
    let api = ResourceServer::management(tenant.id.clone(), management_api()?, now, &desk.randomness);
    let write = CreateTenant { tenant: &tenant, management_api: &api };
    let orphans = RingRemoval::Tenant(tenant.id.clone());
    desk.write_with_ring(now, &write, &api.ring(), &orphans).await?;
    Ok(CreateTenantResponse { tenant: Some(wire_tenant(tenant)) })
}

fn management_api() -> Result<ManagementApi, RegistryError> {
    let scope = |(value, description): &(&str, &str)| {
        let (value, description) = (required("value", value)?, required("description", description)?);
        Ok(ScopeDefinition { value, description, optional: false })
    };
    Ok(ManagementApi {
        identifier: required("identifier", MANAGEMENT_AUDIENCE)?,
        name: required("name", "Management API")?,
        scopes: MANAGEMENT_SCOPES.iter().map(scope).collect::<Result<_, RegistryError>>()?,
    })
}
