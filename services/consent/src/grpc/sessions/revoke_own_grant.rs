//! The user takes access away from an application.

use mintage_api::consent::{RevokeOwnGrantRequest, RevokeOwnGrantResponse};
use tonic::{Request, Status};

use crate::domain::{ConsentError, Kind};
use crate::grpc::Desk;
use crate::grpc::convert::named;
use crate::grpc::desk::tenant_id;

pub(super) async fn revoke_own_grant(
    desk: &Desk,
    request: Request<RevokeOwnGrantRequest>,
) -> Result<RevokeOwnGrantResponse, Status> {
    let RevokeOwnGrantRequest { tenant_id: tenant, browser, csrf_token, id } = request.into_inner();
    let tenant = tenant_id(&tenant)?;
    let present = desk.present(&tenant, &browser.unwrap_or_default()).await?;
    let present = present.filter(|present| present.sent(desk, &csrf_token)).ok_or(ConsentError::Unauthenticated)?;
    let id = named("id", &id, Kind::UserGrant)?;
    if desk.store.delete_grant_of(&tenant, &present.user.id, &id).await? {
        Ok(RevokeOwnGrantResponse {})
    } else {
        Err(ConsentError::NotFound(Kind::UserGrant).into())
    }
}
