//! `KeyRingService/ResolveKey`: a kid → its tenant and public key.

use mintage_api::keys::{PublicJwk, ResolveKeyRequest, ResolveKeyResponse};
use mintage_chassis::wire::wire_algorithm;
use tonic::Status;

use super::convert;
use super::status::Refusal;
use crate::signing::Keys;

/// A kid that nobody knows is an answer, not an error: what asks may remember it.
pub(super) async fn resolve_key(request: ResolveKeyRequest, keys: &Keys) -> Result<ResolveKeyResponse, Status> {
    let kid = convert::kid(&request.kid)?;
    let Some(served) = keys.resolve(&kid).await.map_err(Refusal::from)? else {
        return Ok(ResolveKeyResponse::default());
    };
    let algorithm = wire_algorithm(served.algorithm).into();
    let key = PublicJwk { algorithm, jwk: served.jwk.to_string() };
    Ok(ResolveKeyResponse { tenant_id: served.tenant.to_string(), key: Some(key) })
}
