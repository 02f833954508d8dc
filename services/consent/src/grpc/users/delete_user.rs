//! Deletes a user with sessions and grants.

use mintage_api::consent::{DeleteUserRequest, DeleteUserResponse};
use mintage_chassis::access::operator;
use tonic::{Request, Status};

use crate::domain::{ConsentError, Kind};
use crate::grpc::Desk;
use crate::grpc::convert::named;

pub(super) async fn delete_user(
    desk: &Desk,
    request: Request<DeleteUserRequest>,
) -> Result<DeleteUserResponse, Status> {
    let tenant = operator(&request)?.tenant_for(&request.get_ref().tenant_id)?;
    let id = named("id", &request.get_ref().id, Kind::User)?;
    desk.user(&tenant, &id).await?;
    if desk.store.delete_user(&tenant, &id).await? {
        Ok(DeleteUserResponse {})
    } else {
        Err(ConsentError::NotFound(Kind::User).into())
    }
}
