//! A refresh token ends, with all of its family (RFC 7009).

use mintage_api::consent::RevokeRefreshTokenRequest;

use super::parties::Presenter;
use crate::domain::ConsentError;
use crate::domain::refresh_token::RefreshToken;
use crate::grpc::Desk;

pub(super) async fn run(desk: &Desk, request: &RevokeRefreshTokenRequest) -> Result<(), ConsentError> {
    let Presenter { tenant, client } = Presenter::read(&request.tenant_id, &request.client_id)?;
    match RefreshToken::read(&request.refresh_token) {
        Some(token) => desk.store.end_family(&tenant, &client, &token).await,
        None => Ok(()),
    }
}
