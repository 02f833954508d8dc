//! The grant of a client for an API.

use mintage_api::registry::{ResolveClientGrantRequest, ResolveClientGrantResponse};
use tonic::{Request, Status};

use super::convert::client_grant_record;
use crate::grpc::Desk;

pub(super) async fn resolve_client_grant(
    desk: &Desk,
    request: Request<ResolveClientGrantRequest>,
) -> Result<ResolveClientGrantResponse, Status> {
    let ResolveClientGrantRequest { tenant_id, client_id, audience } = request.into_inner();
    // Before the record: the answer is at least as fresh as it says.
    let revision = desk.store.head().await?;
    let grant = match (tenant_id.parse(), client_id.parse(), audience.parse()) {
        (Ok(tenant), Ok(client), Ok(audience)) => desk.store.client_grant_between(&tenant, &client, &audience).await?,
        _ => None,
    };
    Ok(ResolveClientGrantResponse { client_grant: grant.as_ref().map(client_grant_record), revision })
}
