//! Lists the applications that the user gave access.

use mintage_api::consent::{ListOwnGrantsRequest, ListOwnGrantsResponse};
use tonic::{Request, Status};

use super::own_grant::own_grant;
use crate::domain::ConsentError;
use crate::grpc::Desk;
use crate::grpc::desk::tenant_id;
use crate::grpc::joined::Joined;

pub(super) async fn list_own_grants(
    desk: &Desk,
    request: Request<ListOwnGrantsRequest>,
) -> Result<ListOwnGrantsResponse, Status> {
    let ListOwnGrantsRequest { tenant_id: tenant, browser } = request.into_inner();
    let tenant = tenant_id(&tenant)?;
    let present = desk.present(&tenant, &browser.unwrap_or_default()).await?;
    let present = present.ok_or(ConsentError::Unauthenticated)?;
    let mut joined = Joined::default();
    let mut grants = Vec::new();
    for grant in desk.store.grants_of(&tenant, &present.user.id).await? {
        if let Some((client, api)) = joined.by(&grant.between, desk).await? {
            grants.push(own_grant(grant, client, api));
        }
    }
    Ok(ListOwnGrantsResponse { grants })
}
