//! `KeyRingService/RotateKeyRing`: the announced key takes over as soon as every verifier can know it.

use mintage_api::keys::{RotateKeyRingRequest, RotateKeyRingResponse};
use mintage_chassis::access::operator;
use tonic::{Request, Status};

use super::status::Refusal;
use super::{beside, convert};
use crate::signing::Keys;

pub(super) async fn rotate_key_ring(
    request: &Request<RotateKeyRingRequest>,
    keys: &Keys,
) -> Result<RotateKeyRingResponse, Status> {
    let operator = operator(request)?;
    let RotateKeyRingRequest { ring, now_danger } = request.get_ref();
    let ring = convert::ring_of_operator(operator, ring.as_ref())?;
    let cause = convert::cause(operator, "")?;
    let rotation = keys.rotate(&ring, convert::ready(*now_danger), &cause).await.map_err(Refusal::from)?;
    let mut both = [&rotation.successor, &rotation.predecessor].map(|key| convert::signing_key(&ring, key));
    beside::add_to_done(&mut both, keys).await;
    let [successor, predecessor] = both.map(Some);
    Ok(RotateKeyRingResponse { successor, predecessor, early: rotation.early })
}
