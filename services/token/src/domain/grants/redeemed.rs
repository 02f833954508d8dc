//! What a user granted: signed first, and taken then.

use super::authenticated;
use crate::domain::ports::{Looked, Presenter, Redeemable, RedemptionOrder};
use crate::domain::user_tokens::{UserOrder, strike};
use crate::domain::{Arrival, IssueError, IssuedToken, MintParts, TokenRequest};

/// Who → what was granted → signed tokens → the grant is taken, and only then does anybody get them.
///
/// A code is good once and a refresh token ends its family when it is shown again, so neither is used up before there is
/// something to give for it: keys that cannot sign now cost a client a try, and no user a sign-in. Of many who sign at once
/// for the same one takes it, and what the others signed is thrown away.
pub(super) async fn redeemed(
    mint: &MintParts,
    request: &TokenRequest,
    presented: Redeemable<'_>,
    gty: Option<&'static str>,
    arrival: Arrival,
) -> Result<IssuedToken, IssueError> {
    let (tenant, client) = authenticated(mint, &request.tenant, &request.credential, arrival).await?;
    client.expect_may_use(request.grant.grant_type())?;
    let issuer = tenant.issuer(request.issuer.as_deref())?;
    let by = Presenter { tenant: &tenant.id, client_id: &client.id };
    let order = RedemptionOrder { by, presented, issuer: issuer.as_str(), audience: request.audience.as_ref() };
    let with = |authorization| UserOrder { tenant: &tenant.id, issuer, client: &client, gty, authorization };
    let Looked { authorization: looked, at } = mint.consent.look(order).await?;
    let struck = strike(mint, with(looked.clone())).await?;
    let taken = mint.consent.take(order, at).await?;
    if taken.says_the_same_as(&looked) {
        return Ok(IssuedToken { refresh_token: taken.refresh_token, ..struck });
    }
    // The user, the client or the API was changed in between: what was taken is what holds.
    strike(mint, with(taken)).await
}
