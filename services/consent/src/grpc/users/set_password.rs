//! Gives a user another password.

use mintage_api::consent::{SetPasswordRequest, SetPasswordResponse};
use mintage_chassis::access::operator;
use tonic::{Request, Status};
use zeroize::Zeroizing;

use crate::domain::Kind;
use crate::grpc::Desk;
use crate::grpc::convert::named;

pub(super) async fn set_password(
    desk: &Desk,
    request: Request<SetPasswordRequest>,
) -> Result<SetPasswordResponse, Status> {
    let tenant = operator(&request)?.tenant_for(&request.get_ref().tenant_id)?;
    let SetPasswordRequest { tenant_id: _, id, password } = request.into_inner();
    let password = Zeroizing::new(password);
    let id = named("id", &id, Kind::User)?;
    let user = desk.user(&tenant, &id).await?;
    let password = desk.hash(password, &user.email).await?;
    desk.store.set_password(&tenant, &id, &password, desk.now()).await?;
    Ok(SetPasswordResponse {})
}
