//! `KeyRingService/ActivateSigningKey`: one announced key signs from now on.

use mintage_api::keys::{ActivateSigningKeyRequest, ActivateSigningKeyResponse};
use mintage_chassis::access::operator;
use tonic::{Request, Status};

use super::status::Refusal;
use super::{beside, convert};
use crate::signing::Keys;

pub(super) async fn activate_signing_key(
    request: &Request<ActivateSigningKeyRequest>,
    keys: &Keys,
) -> Result<ActivateSigningKeyResponse, Status> {
    let operator = operator(request)?;
    let ActivateSigningKeyRequest { tenant_id, kid, now_danger } = request.get_ref();
    let (tenant, kid) = (operator.tenant_for(tenant_id)?, convert::kid(kid)?);
    let cause = convert::cause(operator, "")?;
    let listed = keys.store().key(&tenant, &kid).await.map_err(Refusal::from)?.ok_or(Refusal::KeyUnknown)?;
    let activated = keys.activate(&listed.ring, &kid, convert::ready(*now_danger), &cause).await;
    let rotation = activated.map_err(|error| Refusal::of_key(error, &listed.key))?;
    let mut both = [&rotation.successor, &rotation.predecessor].map(|key| convert::signing_key(&listed.ring, key));
    beside::add_to_done(&mut both, keys).await;
    let [successor, predecessor] = both.map(Some);
    Ok(ActivateSigningKeyResponse { successor, predecessor, early: rotation.early })
}
