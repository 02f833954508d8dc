//! Creates a user.

use mintage_api::consent::{CreateUserRequest, CreateUserResponse};
use mintage_chassis::access::operator;
use tonic::{Request, Status};
use zeroize::Zeroizing;

use super::convert::{new_user, wire_user};
use super::former::gave_way;
use crate::domain::ConsentError;
use crate::domain::user::User;
use crate::grpc::Desk;

pub(super) async fn create_user(
    desk: &Desk,
    request: Request<CreateUserRequest>,
) -> Result<CreateUserResponse, Status> {
    let tenant = operator(&request)?.tenant_for(&request.get_ref().tenant_id)?;
    let mut request = request.into_inner();
    let password = Zeroizing::new(std::mem::take(&mut request.password));
    let tenant = desk.tenant(tenant.as_str()).await?;
    let new = new_user(&tenant, &request)?;
    let password = desk.hash(password, &new.email).await?;
    let user = User::new(new, desk.now(), &desk.randomness);
    match desk.store.create_user(&user, &password).await {
        Err(ConsentError::Conflict(_)) if gave_way(desk, &tenant, &user.email).await? => {
            desk.store.create_user(&user, &password).await?;
        }
        outcome => outcome?,
    }
    Ok(CreateUserResponse { user: Some(wire_user(user)) })
}
