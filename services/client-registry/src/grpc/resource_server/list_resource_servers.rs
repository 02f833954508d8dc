//! Lists APIs by id.

use mintage_api::registry::{ListResourceServersRequest, ListResourceServersResponse};
use mintage_chassis::access::operator;
use mintage_chassis::paging::PageSize;
use tonic::{Request, Status};

use super::convert::wire_resource_server;
use crate::domain::RegistryError;
use crate::grpc::Desk;

pub(super) async fn list_resource_servers(
    desk: &Desk,
    request: Request<ListResourceServersRequest>,
) -> Result<ListResourceServersResponse, Status> {
    let tenant = operator(&request)?.tenant_for(&request.get_ref().tenant_id)?;
    let ListResourceServersRequest { tenant_id: _, page_size, page_token } = request.into_inner();
    let size = PageSize::try_from(page_size).map_err(RegistryError::from)?;
    let list = ["resource_servers", tenant.as_str()];
    let after = desk.pages.open(&list, &page_token).map_err(RegistryError::from)?;
    let page =
        desk.store.resource_servers(&tenant, after.as_deref(), size).await?.map(|api| wire_resource_server(&api));
    let next_page_token = desk.pages.seal(&list, page.next_after.as_deref());
    Ok(ListResourceServersResponse { resource_servers: page.entries, next_page_token })
}
