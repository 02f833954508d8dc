//! `mintage.token.v1.TokenService/RevokeToken`.

use mintage_api::token::{RevokeTokenRequest, RevokeTokenResponse};
use mintage_chassis::source;
use tonic::{Request, Response, Status};

use super::{convert, status, told};
use crate::domain::Mint;

pub(super) async fn revoke_token(
    mint: &Mint,
    request: Request<RevokeTokenRequest>,
) -> Result<Response<RevokeTokenResponse>, Status> {
    let source = source::of(&request);
    let request =
        convert::revocation_request(request.into_inner(), source).map_err(|error| status::of_request(&error))?;
    told::asked(&request.tenant, request.source);
    let outcome = mint.revoke(&request).await;
    if let Err(error) = &outcome {
        told::ended(&request.credential, error);
    }
    outcome.map(|()| Response::new(RevokeTokenResponse {})).map_err(|error| status::of(&error))
}
