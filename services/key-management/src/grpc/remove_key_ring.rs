//! `KeyRingService/RemoveKeyRing`: ends a ring, or every ring of a tenant.

use mintage_api::keys::{RemoveKeyRingRequest, RemoveKeyRingResponse};
use tonic::Status;

use super::convert;
use super::status::Refusal;
use crate::signing::Keys;

pub(super) async fn remove_key_ring(
    request: RemoveKeyRingRequest,
    keys: &Keys,
) -> Result<RemoveKeyRingResponse, Status> {
    let wire = request.ring.ok_or(Refusal::Missing("ring"))?;
    if convert::algorithm(wire.algorithm)?.is_some() {
        keys.remove(&convert::ring_name(&wire)?, &convert::by_registry()).await.map_err(Refusal::from)?;
    } else if wire.resource_server_id.is_empty() {
        let tenant = convert::tenant("ring.tenant_id", &wire.tenant_id)?;
        keys.remove_all(&tenant, &convert::by_registry()).await.map_err(Refusal::from)?;
    } else {
        // Taken as "every ring of the tenant", a forgotten algorithm would end far more than was meant.
        return Err(Refusal::Missing("ring.algorithm").into());
    }
    Ok(RemoveKeyRingResponse {})
}
