//! `KeyRingService/EnsureKeyRing`: makes a ring unless it exists.

use mintage_api::keys::{EnsureKeyRingRequest, EnsureKeyRingResponse};
use tonic::Status;

use super::convert;
use super::status::Refusal;
use crate::signing::Keys;

pub(super) async fn ensure_key_ring(
    request: EnsureKeyRingRequest,
    keys: &Keys,
) -> Result<EnsureKeyRingResponse, Status> {
    let ring = convert::ring_name(&request.ring.ok_or(Refusal::Missing("ring"))?)?;
    keys.ensure(&ring).await.map_err(Refusal::from)?;
    Ok(EnsureKeyRingResponse {})
}
