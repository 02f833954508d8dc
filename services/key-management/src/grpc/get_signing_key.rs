//! `KeyRingService/GetSigningKey`: one key of a tenant, ended ones too.

use mintage_api::keys::{GetSigningKeyRequest, GetSigningKeyResponse};
use mintage_chassis::access::operator;
use tonic::{Request, Status};

use super::status::Refusal;
use super::{beside, convert};
use crate::signing::Keys;

pub(super) async fn get_signing_key(
    request: &Request<GetSigningKeyRequest>,
    keys: &Keys,
) -> Result<GetSigningKeyResponse, Status> {
    let tenant = operator(request)?.tenant_for(&request.get_ref().tenant_id)?;
    let kid = convert::kid(&request.get_ref().kid)?;
    let listed = keys.store().key(&tenant, &kid).await.map_err(Refusal::from)?.ok_or(Refusal::KeyUnknown)?;
    let mut key = convert::signing_key(&listed.ring, &listed.key);
    beside::add([&mut key], keys).await.map_err(Refusal::from)?;
    Ok(GetSigningKeyResponse { key: Some(key) })
}
