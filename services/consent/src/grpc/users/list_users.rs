//! Lists users by id.

use mintage_api::consent::{ListUsersRequest, ListUsersResponse};
use mintage_chassis::access::operator;
use mintage_chassis::paging::PageSize;
use tonic::{Request, Status};

use super::convert::wire_user;
use crate::domain::ConsentError;
use crate::grpc::Desk;

pub(super) async fn list_users(desk: &Desk, request: Request<ListUsersRequest>) -> Result<ListUsersResponse, Status> {
    let tenant = operator(&request)?.tenant_for(&request.get_ref().tenant_id)?;
    let ListUsersRequest { tenant_id: _, page_size, page_token } = request.into_inner();
    let size = PageSize::try_from(page_size).map_err(ConsentError::from)?;
    let list = ["users", tenant.as_str()];
    let after = desk.pages.open(&list, &page_token).map_err(ConsentError::from)?;
    let tenant = desk.tenant(tenant.as_str()).await?;
    let page = desk.store.users(&tenant.id, &tenant.life, after.as_deref(), size).await?.map(wire_user);
    let next_page_token = desk.pages.seal(&list, page.next_after.as_deref());
    Ok(ListUsersResponse { users: page.entries, next_page_token })
}
