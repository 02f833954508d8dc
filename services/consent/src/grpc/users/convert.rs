//! Users between the wire and the domain.

use mintage_api::consent as wire;
use mintage_chassis::wire::wire_time;

use crate::clients::Tenant;
use crate::domain::ConsentError;
use crate::domain::user::{NewUser, User, UserChanges};
use crate::grpc::convert::{masked, read, required};

/// All but the password, which goes its own way.
pub(super) fn new_user(tenant: &Tenant, request: &wire::CreateUserRequest) -> Result<NewUser, ConsentError> {
    let wire::CreateUserRequest { tenant_id: _, email, email_verified, name, password: _ } = request;
    let email_verified = *email_verified;
    Ok(NewUser {
        tenant: tenant.id.clone(),
        incarnation: tenant.life.incarnation.clone(),
        email: required("email", email)?,
        email_verified,
        name: read("name", name)?,
    })
}

pub(super) fn changes(request: &wire::UpdateUserRequest) -> Result<UserChanges, ConsentError> {
    let user = request.user.as_ref().ok_or(ConsentError::Missing { parameter: "user" })?;
    let mut changes = UserChanges::default();
    for path in masked(request.update_mask.clone())? {
        match path.as_str() {
            "email" => changes.email = Some(required("email", &user.email)?),
            "email_verified" => changes.email_verified = Some(user.email_verified),
            "name" => changes.name = Some(read("name", &user.name)?),
            "blocked" => changes.blocked = Some(user.blocked),
            _ => return Err(ConsentError::invalid("update_mask", "it names a field that cannot be changed")),
        }
    }
    Ok(changes)
}

pub(super) fn wire_user(user: User) -> wire::User {
    let User {
        id,
        tenant,
        incarnation: _,
        email,
        email_verified,
        name,
        blocked,
        created_at,
        updated_at,
        last_sign_in_at,
    } = user;
    wire::User {
        tenant_id: tenant.to_string(),
        id: id.to_string(),
        email: email.to_string(),
        email_verified,
        name: name.as_str().to_owned(),
        blocked,
        created_at: Some(wire_time(created_at)),
        updated_at: Some(wire_time(updated_at)),
        last_sign_in_at: last_sign_in_at.map(wire_time),
    }
}
