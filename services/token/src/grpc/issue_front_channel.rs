//! `mintage.token.v1.TokenService/IssueFrontChannel`.

use mintage_api::token::{IssueFrontChannelRequest, IssueFrontChannelResponse};
use mintage_oauth::GrantType;
use tonic::{Request, Response, Status};

use super::{convert, status, told};
use crate::domain::Mint;

pub(super) async fn issue_front_channel(
    mint: &Mint,
    request: Request<IssueFrontChannelRequest>,
) -> Result<Response<IssueFrontChannelResponse>, Status> {
    let request = convert::front_channel_request(request.into_inner())
        .map_err(|error| told::refused(status::of_request(&error)))?;
    told::asked(&request.tenant, None);
    let outcome = mint.issue_front_channel(&request).await;
    if let Ok(tokens) = &outcome {
        tokens.access.iter().for_each(|access| told::issued(GrantType::Implicit, access));
    }
    outcome
        .map(|tokens| Response::new(convert::front_channel_response(tokens)))
        .map_err(|error| told::refused(status::of(&error)))
}
