//! `KeyRingService/EnsureKeyRing`: makes a ring unless it exists.

use mintage_api::keys::{EnsureKeyRingRequest, EnsureKeyRingResponse};
use mintage_oauth::TokenLifetime;
use tonic::Status;

use super::convert;
use super::status::Refusal;
use crate::signing::Keys;

pub(super) async fn ensure_key_ring(
    request: EnsureKeyRingRequest,
    keys: &Keys,
) -> Result<EnsureKeyRingResponse, Status> {
    let EnsureKeyRingRequest { ring, longest_token } = request;
    let ring = convert::ring_name(&ring.ok_or(Refusal::Missing("ring"))?)?;
    // A registry of the release before does not say it: its APIs may have any.
    let longest = longest_token.map_or(Ok(TokenLifetime::MAX), |wire| convert::lifetime("longest_token", wire))?;
    keys.ensure(&ring, longest, &convert::by_registry()).await.map_err(Refusal::from)?;
    Ok(EnsureKeyRingResponse {})
}
