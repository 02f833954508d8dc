//! Users of a tenant that is gone, whose addresses are wanted again.

use crate::clients::Tenant;
use crate::domain::ConsentError;
use crate::domain::user::Email;
use crate::grpc::Desk;
use crate::purge::is_known;

/// Whether what stood in the way of a user with that address gave way. It does where it is a user of a tenant that had the id
/// before, who is about to be forgotten anyhow.
pub(super) async fn gave_way(desk: &Desk, tenant: &Tenant, address: &Email) -> Result<bool, ConsentError> {
    let Some(user) = desk.store.user_with(&tenant.id, address).await? else { return Ok(true) };
    // Asked once more after the user was read: one whom the tenant has not then is of a tenant that is gone.
    let tenant = desk.tenant(tenant.id.as_str()).await?;
    if tenant.has(&user) {
        return Ok(false);
    }
    if !is_known(&desk.store, &desk.registry, &desk.clock).await? {
        return Ok(false);
    }
    desk.store.delete_user(&tenant.id, &user.id).await?;
    Ok(true)
}
