//! A client with all it takes to authenticate it; disabled ones too.

use mintage_api::registry::{ResolveClientRequest, ResolveClientResponse};
use tonic::{Request, Status};

use super::convert::client_record;
use crate::grpc::Desk;

pub(super) async fn resolve_client(
    desk: &Desk,
    request: Request<ResolveClientRequest>,
) -> Result<ResolveClientResponse, Status> {
    let ResolveClientRequest { tenant_id, client_id } = request.into_inner();
    // Before the record: the answer is at least as fresh as it says.
    let revision = desk.store.head().await?;
    let client = match (tenant_id.parse(), client_id.parse()) {
        (Ok(tenant), Ok(id)) => desk.store.client(&tenant, &id).await?,
        _ => None,
    };
    Ok(ResolveClientResponse { client: client.as_ref().map(client_record), revision })
}
