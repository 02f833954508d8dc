//! A client as users are shown it; disabled ones too.

use mintage_api::registry::{ResolveApplicationRequest, ResolveApplicationResponse};
use mintage_oauth::Party;
use tonic::{Request, Status};

use super::convert::application;
use crate::grpc::Desk;

pub(super) async fn resolve_application(
    desk: &Desk,
    request: Request<ResolveApplicationRequest>,
) -> Result<ResolveApplicationResponse, Status> {
    let ResolveApplicationRequest { tenant_id, client_id } = request.into_inner();
    // Before the record: the answer is at least as fresh as it says.
    let revision = desk.store.head().await?;
    let client = match (tenant_id.parse(), client_id.parse()) {
        (Ok(tenant), Ok(id)) => desk.store.client(&tenant, &id).await?,
        _ => None,
    };
    let unused = match &client {
        Some(client) if client.party == Party::Third => desk.store.is_unused(&client.tenant, &client.id).await?,
        _ => false,
    };
    Ok(ResolveApplicationResponse { client: client.map(application), revision, unused })
}
