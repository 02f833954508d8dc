//! Changes the fields of a user that the mask names.

use mintage_api::consent::{UpdateUserRequest, UpdateUserResponse, User};
use mintage_chassis::access::operator;
use tonic::{Request, Status};

use super::convert::{changes, wire_user};
use super::former::gave_way;
use crate::domain::{ConsentError, Kind};
use crate::grpc::Desk;
use crate::grpc::convert::named;

pub(super) async fn update_user(
    desk: &Desk,
    request: Request<UpdateUserRequest>,
) -> Result<UpdateUserResponse, Status> {
    let none = User::default();
    let asked = request.get_ref().user.as_ref().unwrap_or(&none);
    let tenant = operator(&request)?.tenant_for(&asked.tenant_id)?;
    let changes = changes(request.get_ref())?;
    let id = named("user.id", &asked.id, Kind::User)?;
    let tenant = desk.tenant(tenant.as_str()).await?;
    let known = desk.store.user(&tenant.id, &id).await?.filter(|user| tenant.has(user));
    let before = known.ok_or(ConsentError::NotFound(Kind::User))?;
    let address = changes.email.as_ref().unwrap_or(&before.email);
    let user = match desk.store.update_user(&tenant.id, &id, &changes, desk.now()).await {
        Err(ConsentError::Conflict(_)) if gave_way(desk, &tenant, address).await? => {
            desk.store.update_user(&tenant.id, &id, &changes, desk.now()).await?
        }
        outcome => outcome?,
    };
    Ok(UpdateUserResponse { user: Some(wire_user(user)) })
}
