//! `KeySetService/GetKeySet`: every public key that a verifier of the tenant may meet.

use mintage_api::keys::{GetKeySetRequest, GetKeySetResponse, PublicKey};
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
    let KeySet { version, keys: served } = &*set;
    Ok(GetKeySetResponse {
        keys: served.iter().map(|key| public_key(key)).collect(),
        version: *version,
        max_age_seconds: u32::try_from(keys.policy().max_age().as_secs()).unwrap_or(u32::MAX),
    })
}

fn public_key(key: &ServedKey) -> PublicKey {
    PublicKey {
        kid: key.kid.to_string(),
        algorithm: convert::wire_algorithm(key.algorithm).into(),
        jwk: key.jwk.to_string(),
    }
}
