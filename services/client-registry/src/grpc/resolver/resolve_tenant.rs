//! The tenant served on an origin, or by id.

use mintage_api::registry::resolve_tenant_request::By;
use mintage_api::registry::{ResolveTenantRequest, ResolveTenantResponse};
use mintage_chassis::access::MANAGEMENT_AUDIENCE;
use mintage_oauth::TenantId;
use tonic::{Request, Status};

use crate::domain::RegistryError;
use crate::grpc::Desk;
use crate::grpc::convert::required;
use crate::grpc::tenant::wire_tenant;

pub(super) async fn resolve_tenant(
    desk: &Desk,
    request: Request<ResolveTenantRequest>,
) -> Result<ResolveTenantResponse, Status> {
    let by = request.into_inner().by.ok_or(RegistryError::Missing { parameter: "by" })?;
    // Before the record: the answer is at least as fresh as it says.
    let revision = desk.store.head().await?;
    let tenant = match by {
        By::Origin(text) => match text.parse() {
            Ok(origin) => desk.store.tenant_on(&origin).await?,
            Err(_) => None,
        },
        By::Id(text) => match text.parse() {
            Ok(id) => desk.store.tenant(&id).await?,
            Err(_) => None,
        },
    };
    // After the tenant: what is named was so when it was asked for, or later.
    let incarnation = match &tenant {
        Some(tenant) => incarnation(desk, &tenant.id).await?,
        None => String::new(),
    };
    Ok(ResolveTenantResponse { tenant: tenant.map(wire_tenant), revision, incarnation })
}

/// The id of its Management API: made with the tenant, gone with it, and of chance. Empty, and the tenant has just gone.
async fn incarnation(desk: &Desk, tenant: &TenantId) -> Result<String, RegistryError> {
    let management = required("audience", MANAGEMENT_AUDIENCE)?;
    let api = desk.store.resource_server(tenant, &management).await?;
    Ok(api.map(|api| api.id.to_string()).unwrap_or_default())
}
