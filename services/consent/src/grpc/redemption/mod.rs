//! `RedemptionService`: what a client holds becomes what a token may say.

mod authorization_code;
mod convert;
mod front_channel;
mod parties;
mod password;
mod refresh_token;
mod revoke;

use std::sync::Arc;

pub(super) use convert::claims;

use mintage_api::consent::redemption_service_server::RedemptionService;
use mintage_api::consent::{
    RedeemAuthorizationCodeRequest, RedeemAuthorizationCodeResponse, RedeemFrontChannelTicketRequest,
    RedeemFrontChannelTicketResponse, RedeemPasswordRequest, RedeemPasswordResponse, RedeemRefreshTokenRequest,
    RedeemRefreshTokenResponse, RevokeRefreshTokenRequest, RevokeRefreshTokenResponse,
};
use mintage_chassis::source;
use tonic::{Request, Response, Status, async_trait};

use super::Desk;

/// The service.
#[derive(Clone, Debug)]
pub(super) struct Redemptions {
    desk: Arc<Desk>,
}

impl Redemptions {
    pub(super) const fn new(desk: Arc<Desk>) -> Self {
        Self { desk }
    }
}

#[async_trait]
impl RedemptionService for Redemptions {
    async fn redeem_authorization_code(
        &self,
        request: Request<RedeemAuthorizationCodeRequest>,
    ) -> Result<Response<RedeemAuthorizationCodeResponse>, Status> {
        Ok(Response::new(authorization_code::run(&self.desk, &request.into_inner()).await?))
    }

    async fn redeem_refresh_token(
        &self,
        request: Request<RedeemRefreshTokenRequest>,
    ) -> Result<Response<RedeemRefreshTokenResponse>, Status> {
        Ok(Response::new(refresh_token::run(&self.desk, &request.into_inner()).await?))
    }

    async fn redeem_password(
        &self,
        request: Request<RedeemPasswordRequest>,
    ) -> Result<Response<RedeemPasswordResponse>, Status> {
        let source = source::of(&request);
        let authorization = password::run(&self.desk, request.into_inner(), source).await?;
        Ok(Response::new(RedeemPasswordResponse { authorization: Some(authorization) }))
    }

    async fn redeem_front_channel_ticket(
        &self,
        request: Request<RedeemFrontChannelTicketRequest>,
    ) -> Result<Response<RedeemFrontChannelTicketResponse>, Status> {
        Ok(Response::new(front_channel::run(&self.desk, &request.into_inner()).await?))
    }

    async fn revoke_refresh_token(
        &self,
        request: Request<RevokeRefreshTokenRequest>,
    ) -> Result<Response<RevokeRefreshTokenResponse>, Status> {
        revoke::run(&self.desk, &request.into_inner()).await?;
        Ok(Response::new(RevokeRefreshTokenResponse {}))
    }
}
