//! A code is redeemed (RFC 6749 section 4.1.3).

use mintage_api::consent::{Authorization, RedeemAuthorizationCodeRequest};

use super::convert;
use super::parties::{Parties, Presenter, asked_audience};
use crate::domain::ConsentError;
use crate::domain::secret::Purpose;
use crate::grpc::Desk;
use crate::store::RedeemingCode;

pub(super) async fn run(desk: &Desk, request: &RedeemAuthorizationCodeRequest) -> Result<Authorization, ConsentError> {
    let by = Presenter::read(&request.tenant_id, &request.client_id)?;
    let code = desk.digest(Purpose::Code, &request.code).ok_or(ConsentError::GrantInvalid)?;
    let audience = asked_audience(&request.audience)?;
    let parties = by.parties(desk, desk.store.grant_of_code(&code).await?).await?;
    let redeeming = RedeemingCode {
        tenant: &by.tenant,
        client: &by.client,
        code: &code,
        redirect_uri: &request.redirect_uri,
        verifier: &request.code_verifier,
        audience: audience.as_ref(),
        terms: parties.as_ref().map(Parties::terms),
        look_only: request.look_only,
        digester: &desk.digester,
        now: desk.now(),
        randomness: &desk.randomness,
    };
    convert::outcome(desk.store.redeem_code(&redeeming).await?, "code", &by.client)
}
