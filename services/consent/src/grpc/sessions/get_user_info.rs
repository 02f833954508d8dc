//! Tells what an access token's scopes tell of its user.

use mintage_api::consent::{GetUserInfoRequest, GetUserInfoResponse};
use mintage_oauth::openid;
use tonic::{Request, Status};

use super::access_token::AccessToken;
use crate::domain::ConsentError;
use crate::grpc::Desk;
use crate::grpc::redemption::claims;
use crate::store::Person;

/// A token says what was so when it was issued. Whether the user and the client may still, and whether the user still lets
/// the client, is asked now.
pub(super) async fn get_user_info(
    desk: &Desk,
    request: Request<GetUserInfoRequest>,
) -> Result<GetUserInfoResponse, Status> {
    let GetUserInfoRequest { tenant_id, issuer, access_token } = request.into_inner();
    let tenant = desk.tenant(&tenant_id).await?;
    let issuer = tenant.issuer(&issuer)?;
    let AccessToken { mut between, scopes } = AccessToken::read(desk, &tenant.id, issuer, &access_token).await?;
    if !scopes.contains(openid::OPENID) {
        return Err(ConsentError::InsufficientScope { scope: openid::OPENID }.into());
    }
    let client = desk.registry.application(&tenant.id, &between.client).await?;
    client.filter(|client| !client.is_third_party()).ok_or(ConsentError::Unauthenticated)?;
    let api = match &between.audience {
        Some(audience) => desk.registry.api(&tenant.id, audience).await?,
        None => None,
    };
    between.api = api.as_ref().map(|api| api.life.incarnation.clone());
    let grant = desk.grant_between(&between, api.as_ref()).await?.ok_or(ConsentError::Unauthenticated)?;
    let user = desk.store.user(&tenant.id, &between.user).await?.filter(|user| !user.blocked && tenant.has(user));
    let person = Person::from(user.ok_or(ConsentError::Unauthenticated)?);
    let told = claims(&grant.allowed_of(&scopes), &person).ok_or(ConsentError::Unauthenticated)?;
    Ok(GetUserInfoResponse { user_id: between.user.to_string(), claims: Some(told) })
}
