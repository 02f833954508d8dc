//! `mintage.token.v1.TokenService/IssueToken`.

use mintage_api::token::{IssueTokenRequest, IssueTokenResponse};
use mintage_chassis::source;
use tonic::{Request, Response, Status};

use super::{convert, status, told};
use crate::domain::Mint;

pub(super) async fn issue_token(
    mint: &Mint,
    request: Request<IssueTokenRequest>,
) -> Result<Response<IssueTokenResponse>, Status> {
    let source = source::of(&request);
    let request = convert::token_request(request.into_inner(), source)
        .map_err(|error| told::refused(status::of_request(&error)))?;
    told::asked(&request.tenant, request.source);
    let outcome = mint.issue(&request).await;
    match &outcome {
        Ok(issued) => told::issued(request.grant.grant_type(), issued),
        Err(error) => told::ended(&request.credential, error),
    }
    outcome.map(|issued| Response::new(convert::response(issued))).map_err(|error| told::refused(status::of(&error)))
}
