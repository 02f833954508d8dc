//! `KeyRingService/HoldKeyRing`: no key follows by itself for a while.

use mintage_api::keys::{HoldKeyRingRequest, HoldKeyRingResponse};
use mintage_chassis::access::operator;
use tonic::{Request, Status};

use super::status::Refusal;
use super::{beside, convert};
use crate::domain::ports::Rings;
use crate::signing::Keys;

pub(super) async fn hold_key_ring(
    request: &Request<HoldKeyRingRequest>,
    keys: &Keys,
) -> Result<HoldKeyRingResponse, Status> {
    let operator = operator(request)?;
    let HoldKeyRingRequest { ring, release, reason } = request.get_ref();
    let ring = convert::ring_of_operator(operator, ring.as_ref())?;
    let cause = convert::cause(operator, reason)?;
    let before = keys.store().find(&ring).await.map_err(Refusal::from)?;
    let already = before.is_some_and(|before| before.standing().held_since.is_some() != *release);
    let held = keys.hold(&ring, !release, &cause).await.map_err(Refusal::from)?;
    let status = keys.status(held).await.map_err(Refusal::from)?;
    let mut ring = convert::key_ring(&status);
    beside::add_to_done(&mut ring.keys, keys).await;
    Ok(HoldKeyRingResponse { ring: Some(ring), already })
}
