//! The ticket of a front-channel answer is redeemed.

use mintage_api::consent::{RedeemFrontChannelTicketRequest, RedeemFrontChannelTicketResponse};

use super::convert;
use crate::domain::ConsentError;
use crate::domain::secret::Purpose;
use crate::grpc::Desk;
use crate::grpc::desk::tenant_id;

pub(super) async fn run(
    desk: &Desk,
    request: &RedeemFrontChannelTicketRequest,
) -> Result<RedeemFrontChannelTicketResponse, ConsentError> {
    let tenant = tenant_id(&request.tenant_id)?;
    // The code that goes beside it stands behind it.
    let (ticket, code) = request.ticket.split_once('.').unwrap_or((&request.ticket, ""));
    let ticket = desk.digest(Purpose::Ticket, ticket).ok_or(ConsentError::GrantInvalid)?;
    let redeemed = desk.store.redeem_ticket(&tenant, &ticket, desk.now()).await?.ok_or(ConsentError::GrantInvalid)?;
    let client_id = redeemed.redeemed.grant.between.client.to_string();
    let (token, id_token) = (redeemed.token, redeemed.id_token);
    let authorization = Some(convert::authorization(redeemed.redeemed));
    Ok(RedeemFrontChannelTicketResponse { authorization, client_id, token, id_token, code: code.to_owned() })
}
