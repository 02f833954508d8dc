//! Lists grants by id, of one client or one API if asked.

use mintage_api::registry::{ListClientGrantsRequest, ListClientGrantsResponse};
use mintage_chassis::access::operator;
use mintage_chassis::paging::PageSize;
use tonic::{Request, Status};

use super::convert::wire_client_grant;
use crate::domain::RegistryError;
use crate::grpc::Desk;
use crate::grpc::convert::optional;
use crate::store::ClientGrantFilter;

pub(super) async fn list_client_grants(
    desk: &Desk,
    request: Request<ListClientGrantsRequest>,
) -> Result<ListClientGrantsResponse, Status> {
    let tenant = operator(&request)?.tenant_for(&request.get_ref().tenant_id)?;
    let ListClientGrantsRequest { tenant_id: _, page_size, page_token, client_id, audience } = request.into_inner();
    let size = PageSize::try_from(page_size).map_err(RegistryError::from)?;
    let filter =
        ClientGrantFilter { client: optional("client_id", &client_id)?, audience: optional("audience", &audience)? };
    let list = ["client_grants", tenant.as_str(), &client_id, &audience];
    let after = desk.pages.open(&list, &page_token).map_err(RegistryError::from)?;
    let page = desk.store.client_grants(&tenant, &filter, after.as_deref(), size).await?.map(wire_client_grant);
    let next_page_token = desk.pages.seal(&list, page.next_after.as_deref());
    Ok(ListClientGrantsResponse { client_grants: page.entries, next_page_token })
}
