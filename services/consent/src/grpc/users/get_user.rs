//! Returns one user, by id or e-mail address.

use mintage_api::consent::{GetUserRequest, GetUserResponse};
use mintage_chassis::access::operator;
use mintage_oauth::TenantId;
use tonic::{Request, Status};

use super::convert::wire_user;
use crate::domain::id::UserId;
use crate::domain::user::{Email, User};
use crate::domain::{ConsentError, Kind};
use crate::grpc::Desk;

pub(super) async fn get_user(desk: &Desk, request: Request<GetUserRequest>) -> Result<GetUserResponse, Status> {
    let tenant = operator(&request)?.tenant_for(&request.get_ref().tenant_id)?;
    let tenant = desk.tenant(tenant.as_str()).await?;
    let found = find(desk, &tenant.id, &request.get_ref().id).await?;
    let user = found.filter(|user| tenant.has(user)).ok_or(ConsentError::NotFound(Kind::User))?;
    Ok(GetUserResponse { user: Some(wire_user(user)) })
}

/// No id has an `@`, and no address is without one.
async fn find(desk: &Desk, tenant: &TenantId, text: &str) -> Result<Option<User>, ConsentError> {
    if text.is_empty() {
        return Err(ConsentError::Missing { parameter: "id" });
    }
    match (text.parse::<UserId>(), text.parse::<Email>()) {
        (Ok(id), _) => desk.store.user(tenant, &id).await,
        (_, Ok(email)) => desk.store.user_with(tenant, &email).await,
        _ => Ok(None),
    }
}
