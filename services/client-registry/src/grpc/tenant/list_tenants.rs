//! Lists tenants by id.

use mintage_api::registry::{ListTenantsRequest, ListTenantsResponse};
use mintage_chassis::access::operator;
use mintage_chassis::paging::PageSize;
use tonic::{Request, Status};

use super::convert::wire_tenant;
use crate::domain::RegistryError;
use crate::grpc::Desk;

pub(super) async fn list_tenants(
    desk: &Desk,
    request: Request<ListTenantsRequest>,
) -> Result<ListTenantsResponse, Status> {
    operator(&request)?.require_installation()?;
    let ListTenantsRequest { page_size, page_token } = request.into_inner();
    let size = PageSize::try_from(page_size).map_err(RegistryError::from)?;
    let after = desk.pages.open(LIST, &page_token).map_err(RegistryError::from)?;
    let page = desk.store.tenants(after.as_deref(), size).await?.map(wire_tenant);
    let next_page_token = desk.pages.seal(LIST, page.next_after.as_deref());
    Ok(ListTenantsResponse { tenants: page.entries, next_page_token })
}

const LIST: &[&str] = &["tenants"];
