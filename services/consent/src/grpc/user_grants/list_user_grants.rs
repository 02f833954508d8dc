//! Lists user grants by id.

use mintage_api::consent::{ListUserGrantsRequest, ListUserGrantsResponse};
use mintage_chassis::access::operator;
use mintage_chassis::paging::PageSize;
use tonic::{Request, Status};

use super::convert::wire_grant;
use crate::domain::ConsentError;
use crate::grpc::Desk;
use crate::grpc::convert::optional;
use crate::grpc::joined::Joined;
use crate::store::GrantFilter;

pub(super) async fn list_user_grants(
    desk: &Desk,
    request: Request<ListUserGrantsRequest>,
) -> Result<ListUserGrantsResponse, Status> {
    let tenant = operator(&request)?.tenant_for(&request.get_ref().tenant_id)?;
    let ListUserGrantsRequest { tenant_id: _, user_id, client_id, audience, page_size, page_token } =
        request.into_inner();
    let size = PageSize::try_from(page_size).map_err(ConsentError::from)?;
    let list = ["user_grants", tenant.as_str(), &user_id, &client_id, &audience];
    let after = desk.pages.open(&list, &page_token).map_err(ConsentError::from)?;
    let filter = GrantFilter {
        user: optional("user_id", &user_id)?,
        client: optional("client_id", &client_id)?,
        audience: optional("audience", &audience)?,
    };
    let tenant = desk.tenant(tenant.as_str()).await?;
    let page = desk.store.grants(&tenant.id, &tenant.life, &filter, after.as_deref(), size).await?;
    let mut joined = Joined::default();
    let mut user_grants = Vec::new();
    for grant in page.entries {
        if joined.by(&grant.between, desk).await?.is_some() {
            user_grants.push(wire_grant(grant));
        }
    }
    let next_page_token = desk.pages.seal(&list, page.next_after.as_deref());
    Ok(ListUserGrantsResponse { user_grants, next_page_token })
}
