//! Takes the steps of a ring that are due by themselves.

use mintage_clock::Clock;

use super::ports::{Mint, Rings, Saved};
use super::{KeysError, Policy, RingName};

/// Removes expired keys, activates the announced key when it was asked to sign and may, and announces another when none
/// is. Replicas race here at the same instant; the one that is overtaken has nothing left to do.
///
/// # Errors
/// When a step cannot be kept.
pub async fn advance(
    name: &RingName,
    clock: &Clock,
    policy: &Policy,
    rings: &impl Rings,
    mint: &impl Mint,
) -> Result<Saved, KeysError> {
    let Some(before) = rings.find(name).await?.filter(|ring| !ring.is_ended()) else { return Ok(Saved::Overtaken) };
    let now = clock.now();
    let mut ring = before.clone().remove_expired(now);
    if ring.activation_is_due(now) {
        ring = ring.activate_next(now, policy)?;
    }
    let mut minted = Vec::new();
    if ring.next().is_none() && ring.served().count() < policy.max_served_keys() {
        let fresh = mint.mint(name).await?;
        ring = ring.announce(fresh.key.clone(), clock.now(), policy)?;
        minted.push(fresh);
    }
    if ring == before { Ok(Saved::Overtaken) } else { Ok(rings.save(&ring, &minted).await?) }
}
