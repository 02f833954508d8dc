//! The tenant served on an origin, or by id.

use mintage_api::registry::resolve_tenant_request::By;
use mintage_api::registry::{ResolveTenantRequest, ResolveTenantResponse};
use tonic::{Request, Status};

use crate::domain::RegistryError;
use crate::grpc::Desk;
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
    Ok(ResolveTenantResponse { tenant: tenant.map(wire_tenant), revision })
}
