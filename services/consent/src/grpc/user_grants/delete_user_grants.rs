//! Takes the grants away that fit, some at a time.

use mintage_api::consent::{DeleteUserGrantsRequest, DeleteUserGrantsResponse};
use mintage_chassis::access::operator;
use tonic::{Request, Status};

use super::convert::filter;
use crate::domain::ConsentError;
use crate::grpc::Desk;
use crate::store::GrantFilter;

pub(super) async fn delete_user_grants(
    desk: &Desk,
    request: Request<DeleteUserGrantsRequest>,
) -> Result<DeleteUserGrantsResponse, Status> {
    let tenant = operator(&request)?.tenant_for(&request.get_ref().tenant_id)?;
    let DeleteUserGrantsRequest { tenant_id: _, user_id, client_id, audience } = request.into_inner();
    let which = filter(&user_id, &client_id, &audience)?;
    // A slip must not empty a tenant.
    if which == GrantFilter::default() {
        return Err(ConsentError::Missing { parameter: "client_id" }.into());
    }
    let (deleted, more) = desk.store.delete_grants(&tenant, &which).await?;
    Ok(DeleteUserGrantsResponse { deleted: i32::try_from(deleted).unwrap_or(i32::MAX), more })
}
