//! `KeyRingService/RotateKeyRing`: the announced key takes over as soon as every verifier can know it.

use mintage_api::keys::{RotateKeyRingRequest, RotateKeyRingResponse};
use mintage_chassis::access::operator;
use tonic::{Request, Status};

use super::convert;
use super::status::Refusal;
use crate::signing::Keys;

pub(super) async fn rotate_key_ring(
    request: &Request<RotateKeyRingRequest>,
    keys: &Keys,
) -> Result<RotateKeyRingResponse, Status> {
    let wire = request.get_ref().ring.as_ref().ok_or(Refusal::Missing("ring"))?;
    let tenant = operator(request)?.tenant_for(&wire.tenant_id)?;
    let ring = convert::ring_of(tenant, wire.algorithm, &wire.resource_server_id)?;
    let rotation = keys.rotate(&ring).await.map_err(Refusal::from)?;
    Ok(RotateKeyRingResponse {
        successor: Some(convert::signing_key(&ring, &rotation.successor)),
        predecessor: Some(convert::signing_key(&ring, &rotation.predecessor)),
    })
}
