//! A refresh token is redeemed for the next one (RFC 6749 section 6).

use mintage_api::consent::{RedeemRefreshTokenRequest, RedeemRefreshTokenResponse};
use mintage_chassis::wire::{read_time, wire_time};
use mintage_oauth::ScopeSet;

use super::convert;
use super::parties::{Parties, Presenter, asked_audience};
use crate::domain::ConsentError;
use crate::domain::moment::judged_at;
use crate::domain::refresh_token::RefreshToken;
use crate::grpc::Desk;
use crate::store::RedeemingRefreshToken;

pub(super) async fn run(
    desk: &Desk,
    request: &RedeemRefreshTokenRequest,
) -> Result<RedeemRefreshTokenResponse, ConsentError> {
    let by = Presenter::read(&request.tenant_id, &request.client_id)?;
    let token = RefreshToken::read(&request.refresh_token).ok_or(ConsentError::GrantInvalid)?;
    let malformed = |error| ConsentError::invalid("scopes", error);
    let scopes = ScopeSet::parse_each(&request.scopes).map_err(malformed)?;
    let audience = asked_audience(&request.audience)?;
    let parties = by.parties(desk, desk.store.grant_of_family(token.family()).await?).await?;
    let now = desk.now();
    let judged_at = judged_at(request.looked_at.map(read_time), now);
    let redeeming = RedeemingRefreshToken {
        tenant: &by.tenant,
        client: &by.client,
        token: &token,
        scopes: &scopes,
        audience: audience.as_ref(),
        terms: parties.as_ref().map(Parties::terms),
        look_only: request.look_only,
        judged_at,
        leeway: desk.settings.refresh_token_leeway,
        digester: &desk.digester,
        now,
        randomness: &desk.randomness,
    };
    let redeemed = desk.store.redeem_refresh_token(&redeeming).await?;
    let authorization = convert::outcome(redeemed, "refresh_token", &by.client)?;
    if let Some(parties) = &parties {
        parties.note_use(desk, &by.tenant).await;
    }
    Ok(RedeemRefreshTokenResponse { authorization: Some(authorization), judged_at: Some(wire_time(judged_at)) })
}
