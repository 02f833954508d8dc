//! `mintage.token.v1.TokenService/IssueToken`.

use mintage_api::token::token_service_server::TokenService;
use mintage_api::token::{IssueTokenRequest, IssueTokenResponse};
use mintage_chassis::source;
use tonic::{Request, Response, Status};

use super::{convert, status, told};
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
        let source = source::of(&request);
        let request = convert::token_request(request.into_inner(), source)
            .map_err(|error| told::refused(status::of_request(&error)))?;
        told::asked(&request);
        let outcome = self.mint.issue(&request).await;
        told::ended(&request, &outcome);
        outcome
            .map(|issued| Response::new(convert::response(issued)))
            .map_err(|error| told::refused(status::of(&error)))
    }
}
