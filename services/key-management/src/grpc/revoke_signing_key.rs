//! `KeyRingService/RevokeSigningKey`: a key that is not to be believed any more.

use mintage_api::keys::{RevokeSigningKeyRequest, RevokeSigningKeyResponse};
use mintage_chassis::access::operator;
use tonic::{Request, Status};

use super::status::Refusal;
use super::{beside, convert};
use crate::domain::KeyState;
use crate::domain::ports::Rings;
use crate::signing::Keys;

pub(super) async fn revoke_signing_key(
    request: &Request<RevokeSigningKeyRequest>,
    keys: &Keys,
) -> Result<RevokeSigningKeyResponse, Status> {
    let operator = operator(request)?;
    let RevokeSigningKeyRequest { tenant_id, kid, reason } = request.get_ref();
    let (tenant, kid) = (operator.tenant_for(tenant_id)?, convert::kid(kid)?);
    if reason.is_empty() {
        return Err(Refusal::Missing("reason").into());
    }
    let cause = convert::cause(operator, reason)?;
    let listed = async || keys.store().key(&tenant, &kid).await.map_err(Refusal::from)?.ok_or(Refusal::KeyUnknown);
    let before = listed().await?;
    let shown = |key| Some(convert::signing_key(&before.ring, key));
    let failed = match keys.revoke(&before.ring, &kid, &cause).await {
        Ok(done) => {
            let (revoked, active) = (shown(&done.revoked), shown(&done.active));
            let mut answer = RevokeSigningKeyResponse { revoked, active, early: done.early, already: false };
            beside::add_to_done(&mut answer.active, keys).await;
            return Ok(answer);
        }
        Err(error) => error,
    };
    let after = listed().await?;
    if after.key.state != KeyState::Revoked {
        return Err(Refusal::of_key(failed, &after.key).into());
    }
    // Asked twice, it is done once.
    let ring = keys.store().find(&before.ring).await.map_err(Refusal::from)?;
    let mut active = ring.as_ref().and_then(|ring| ring.active()).and_then(shown);
    beside::add_to_done(&mut active, keys).await;
    Ok(RevokeSigningKeyResponse { revoked: shown(&after.key), active, early: false, already: true })
}
