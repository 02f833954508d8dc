//! Lists clients by client_id.

use mintage_api::registry::{ListClientsRequest, ListClientsResponse};
use mintage_chassis::access::operator;
use mintage_chassis::paging::PageSize;
use tonic::{Request, Status};

use super::convert::wire_client;
use crate::domain::RegistryError;
use crate::grpc::Desk;

pub(super) async fn list_clients(
    desk: &Desk,
    request: Request<ListClientsRequest>,
) -> Result<ListClientsResponse, Status> {
    let tenant = operator(&request)?.tenant_for(&request.get_ref().tenant_id)?;
    let ListClientsRequest { tenant_id: _, page_size, page_token } = request.into_inner();
    let size = PageSize::try_from(page_size).map_err(RegistryError::from)?;
    let list = ["clients", tenant.as_str()];
    let after = desk.pages.open(&list, &page_token).map_err(RegistryError::from)?;
    let page = desk.store.clients(&tenant, after.as_deref(), size).await?.map(wire_client);
    let next_page_token = desk.pages.seal(&list, page.next_after.as_deref());
    Ok(ListClientsResponse { clients: page.entries, next_page_token })
}
