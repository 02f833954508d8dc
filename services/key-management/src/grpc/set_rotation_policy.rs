//! `KeyRingService/SetRotationPolicy`: how the keys of a ring follow each other.

use mintage_api::keys::{SetRotationPolicyRequest, SetRotationPolicyResponse};
use mintage_chassis::access::operator;
use tonic::{Request, Status};

use super::status::Refusal;
use super::{beside, convert};
use crate::signing::Keys;

pub(super) async fn set_rotation_policy(
    request: &Request<SetRotationPolicyRequest>,
    keys: &Keys,
) -> Result<SetRotationPolicyResponse, Status> {
    let operator = operator(request)?;
    let SetRotationPolicyRequest { ring, policy } = request.get_ref();
    let ring = convert::ring_of_operator(operator, ring.as_ref())?;
    let cause = convert::cause(operator, "")?;
    let own = policy.map(|policy| convert::policy(policy, keys.policy().rotation())).transpose()?;
    let set = keys.follow(&ring, own, &cause).await.map_err(Refusal::from)?;
    let status = keys.status(set).await.map_err(Refusal::from)?;
    let mut ring = convert::key_ring(&status);
    beside::add_to_done(&mut ring.keys, keys).await;
    Ok(SetRotationPolicyResponse { ring: Some(ring) })
}
