//! Tokens that go through the browser (OAuth 2.0 Multiple Response Type Encoding Practices): the implicit and hybrid flows.

use mintage_oauth::GrantType;

use crate::domain::user_tokens::{UserOrder, strike_beside};
use crate::domain::{FrontChannel, FrontChannelRequest, FrontChannelTokens, IssueError, MintParts};

/// The ticket → what the user granted, to which client → signed tokens. Nobody authenticates here: the ticket is the
/// consent service's own word, and the client is asked for as it is now.
pub(in crate::domain) async fn front_channel(
    mint: &MintParts,
    request: &FrontChannelRequest,
) -> Result<FrontChannelTokens, IssueError> {
    let tenant = mint.directory.tenant(&request.tenant).await?.ok_or(IssueError::IssuerUnknown)?;
    let issuer = tenant.issuer(request.issuer.as_deref())?;
    let ticket = mint.consent.front_channel_ticket(&tenant.id, &request.ticket).await?;
    let FrontChannel { authorization, client_id, token, id_token, code } = ticket;
    let client = mint.directory.client(&tenant.id, &client_id).await?;
    let client = client.filter(|client| client.enabled).ok_or(IssueError::GrantInvalid)?;
    client.expect_may_use(GrantType::Implicit)?;
    let order = UserOrder { tenant: &tenant.id, issuer, client: &client, gty: None, authorization };
    let code = code.as_ref().map(|code| code.as_str());
    strike_beside(mint, order, token, id_token, code).await
}
