//! The password grant (RFC 6749 section 4.3): the client saw the user's password, which is full access.

use mintage_oauth::{GrantType, ScopeSet, openid};

use super::authenticated;
use crate::domain::ports::{PasswordOrder, Presenter};
use crate::domain::user_tokens::{UserOrder, strike};
use crate::domain::{Arrival, IssueError, IssuedToken, MintParts, PresentedPassword, TokenRequest};

/// Who → the password → what is granted → signed tokens. No password is looked at of a client that was not let see any.
pub(in crate::domain) async fn password(
    mint: &MintParts,
    request: &TokenRequest,
    presented: &PresentedPassword,
    arrival: Arrival,
) -> Result<IssuedToken, IssueError> {
    let (tenant, client) = authenticated(mint, &request.tenant, &request.credential, arrival).await?;
    client.expect_may_use(GrantType::Password)?;
    let issuer = tenant.issuer(request.issuer.as_deref())?;
    let audience = request.audience.as_ref().or(tenant.default_audience.as_ref());
    let asks_who = |scopes: &ScopeSet| scopes.contains(openid::OPENID);
    if audience.is_none() && !request.scopes.as_ref().is_some_and(asks_who) {
        return Err(IssueError::AudienceMissing);
    }
    let by = Presenter { tenant: &tenant.id, client_id: &client.id };
    let order = PasswordOrder { presented, audience, scopes: request.scopes.as_ref(), source: request.source };
    let authorization = mint.consent.password(by, order).await?;
    let gty = Some(GrantType::Password.gty());
    strike(mint, UserOrder { tenant: &tenant.id, issuer, client: &client, gty, authorization }).await
}
