//! Takes a grant away with its refresh tokens and codes.

use mintage_api::consent::{DeleteUserGrantRequest, DeleteUserGrantResponse};
use mintage_chassis::access::operator;
use tonic::{Request, Status};

use crate::domain::{ConsentError, Kind};
use crate::grpc::Desk;
use crate::grpc::convert::named;

pub(super) async fn delete_user_grant(
    desk: &Desk,
    request: Request<DeleteUserGrantRequest>,
) -> Result<DeleteUserGrantResponse, Status> {
    let tenant = operator(&request)?.tenant_for(&request.get_ref().tenant_id)?;
    let id = named("id", &request.get_ref().id, Kind::UserGrant)?;
    if desk.store.delete_grant(&tenant, &id).await? {
        Ok(DeleteUserGrantResponse {})
    } else {
        Err(ConsentError::NotFound(Kind::UserGrant).into())
    }
}
