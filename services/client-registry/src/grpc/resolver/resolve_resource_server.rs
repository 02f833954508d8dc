//! An API by identifier.

use mintage_api::registry::{ResolveResourceServerRequest, ResolveResourceServerResponse};
use mintage_oauth::Audience;
use tonic::{Request, Status};

use crate::grpc::Desk;
use crate::grpc::resource_server::wire_resource_server;

pub(super) async fn resolve_resource_server(
    desk: &Desk,
    request: Request<ResolveResourceServerRequest>,
) -> Result<ResolveResourceServerResponse, Status> {
    let ResolveResourceServerRequest { tenant_id, identifier } = request.into_inner();
    // Before the record: the answer is at least as fresh as it says.
    let revision = desk.store.head().await?;
    let found = match (tenant_id.parse(), identifier.parse::<Audience>()) {
        (Ok(tenant), Ok(identifier)) => desk.store.resource_server(&tenant, &identifier).await?,
        _ => None,
    };
    // The store finds by id too, but a token is for an identifier.
    let found = found.filter(|api| api.identifier.as_str() == identifier);
    Ok(ResolveResourceServerResponse { resource_server: found.as_ref().map(wire_resource_server), revision })
}
