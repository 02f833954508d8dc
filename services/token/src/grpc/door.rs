//! `mintage.token.v1.TokenService`: which RPC is answered where.

use mintage_api::token::token_service_server::TokenService;
use mintage_api::token::{
    IssueFrontChannelRequest, IssueFrontChannelResponse, IssueTokenRequest, IssueTokenResponse, RevokeTokenRequest,
    RevokeTokenResponse,
};
use tonic::{Request, Response, Status};

use super::{issue_front_channel, issue_token, revoke_token};
use crate::domain::Mint;

/// The mint behind gRPC.
pub(crate) struct TokenDoor {
    mint: Mint,
}

impl TokenDoor {
    /// A door to `mint`.
    pub(crate) const fn new(mint: Mint) -> Self {
        Self { mint }
    }
}

#[tonic::async_trait]
impl TokenService for TokenDoor {
    async fn issue_token(&self, request: Request<IssueTokenRequest>) -> Result<Response<IssueTokenResponse>, Status> {
        issue_token::issue_token(&self.mint, request).await
    }

    async fn issue_front_channel(
        &self,
        request: Request<IssueFrontChannelRequest>,
    ) -> Result<Response<IssueFrontChannelResponse>, Status> {
        issue_front_channel::issue_front_channel(&self.mint, request).await
    }

    async fn revoke_token(
        &self,
        request: Request<RevokeTokenRequest>,
    ) -> Result<Response<RevokeTokenResponse>, Status> {
        revoke_token::revoke_token(&self.mint, request).await
    }
}
