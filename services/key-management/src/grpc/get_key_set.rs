//! `KeySetService/GetKeySet`: every public key that a verifier of the tenant may meet.

use mintage_api::keys::{GetKeySetRequest, GetKeySetResponse, PublicKey};
use mintage_chassis::wire::wire_algorithm;
use mintage_oauth::TenantId;
use tonic::Status;

use super::convert;
use super::status::Refusal;
use crate::signing::{KeySet, Keys, ServedKey};

pub(super) async fn get_key_set(request: GetKeySetRequest, keys: &Keys) -> Result<GetKeySetResponse, Status> {
    let tenant = match request.tenant_id.as_str() {
        "" => TenantId::default_tenant(),
        named => convert::tenant("tenant_id", named)?,
    };
    let set = keys.key_set(&tenant).await.map_err(Refusal::from)?.ok_or(Refusal::TenantUnknown)?;
    Ok(response(&set, keys))
}

/// What verifiers are told.
pub(super) fn response(set: &KeySet, keys: &Keys) -> GetKeySetResponse {
    let KeySet { version, keys: served } = set;
    let bounds = keys.policy().bounds();
    GetKeySetResponse {
        keys: served.iter().map(|key| public_key(key)).collect(),
        version: *version,
        max_age_seconds: u32::try_from(bounds.max_age.as_secs()).unwrap_or(u32::MAX),
        replica_lag_seconds: u32::try_from(bounds.replica_lag.as_millis().div_ceil(1000)).unwrap_or(u32::MAX),
    }
}

fn public_key(key: &ServedKey) -> PublicKey {
    PublicKey { kid: key.kid.to_string(), algorithm: wire_algorithm(key.algorithm).into(), jwk: key.jwk.to_string() }
}
