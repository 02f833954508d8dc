//! A code is redeemed (RFC 6749 section 4.1.3).

use mintage_api::consent::{RedeemAuthorizationCodeRequest, RedeemAuthorizationCodeResponse};
use mintage_chassis::wire::{read_time, wire_time};

use super::convert;
use super::parties::{Parties, Presenter, asked_audience};
use crate::domain::ConsentError;
use crate::domain::code::Beside;
use crate::domain::moment::judged_at;
use crate::domain::secret::Purpose;
use crate::grpc::Desk;
use crate::store::RedeemingCode;

pub(super) async fn run(
    desk: &Desk,
    request: &RedeemAuthorizationCodeRequest,
) -> Result<RedeemAuthorizationCodeResponse, ConsentError> {
    let by = Presenter::read(&request.tenant_id, &request.client_id)?;
    let code = desk.digest(Purpose::Code, &request.code).ok_or(ConsentError::GrantInvalid)?;
    let audience = asked_audience(&request.audience)?;
    let parties = by.parties(desk, desk.store.grant_of_code(&code).await?).await?;
    let now = desk.now();
    let judged_at = judged_at(request.looked_at.map(read_time), now);
    let redeeming = RedeemingCode {
        tenant: &by.tenant,
        client: &by.client,
        code: &code,
        beside: Beside {
            issuer: Some(request.issuer.as_str()).filter(|issuer| !issuer.is_empty()),
            redirect_uri: &request.redirect_uri,
            verifier: &request.code_verifier,
        },
        audience: audience.as_ref(),
        terms: parties.as_ref().map(Parties::terms),
        look_only: request.look_only,
        judged_at,
        digester: &desk.digester,
        now,
        randomness: &desk.randomness,
    };
    let authorization = convert::outcome(desk.store.redeem_code(&redeeming).await?, "code", &by.client)?;
    Ok(RedeemAuthorizationCodeResponse { authorization: Some(authorization), judged_at: Some(wire_time(judged_at)) })
}
