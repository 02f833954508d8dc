//! Rotates a ring by hand: the announced key signs as soon as every verifier can know it.

use mintage_clock::Clock;
use mintage_jose::Kid;

use super::error::ATTEMPTS;
use super::ports::{Mint, Rings, Saved};
use super::{Key, KeysError, Policy, Ring, RingError, RingName, TransitionError};

/// What a rotation did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rotation {
    /// The key that signs, or will at its next step.
    pub successor: Key,
    /// The key that signed before; still active while the successor is pending.
    pub predecessor: Key,
}

/// Activates the announced key, retires the active one and announces another; or, while some verifier may not know the
/// announced one, asks it to be activated when all can. Of two rotations that race, one is done and both report it.
///
/// # Errors
/// When the ring does not exist or is full, or keys cannot be made or kept.
pub async fn rotate(
    name: &RingName,
    clock: &Clock,
    policy: &Policy,
    rings: &impl Rings,
    mint: &impl Mint,
) -> Result<Rotation, KeysError> {
    let mut seen: Option<Key> = None;
    for _ in 0..ATTEMPTS {
        let ring = find(name, rings).await?;
        let predecessor = ring.active().cloned().ok_or(RingError::Ended)?;
        if let Some(before) = seen.filter(|before| before.kid != predecessor.kid) {
            return done_by_another(&ring, &before.kid);
        }
        let (changed, minted) = change(ring.clone(), clock, policy, mint).await?;
        if changed == ring || rings.save(&changed, &minted).await? == Saved::Kept {
            return report(&changed, &predecessor.kid);
        }
        seen = Some(predecessor);
    }
    Err(KeysError::Contended(name.clone()))
}

async fn find(name: &RingName, rings: &impl Rings) -> Result<Ring, KeysError> {
    let found = rings.find(name).await?.filter(|ring| !ring.is_ended());
    found.ok_or_else(|| KeysError::RingUnknown(name.clone()))
}

/// The ring as it shall be, and the keys new to it.
async fn change(
    ring: Ring,
    clock: &Clock,
    policy: &Policy,
    mint: &impl Mint,
) -> Result<(Ring, Vec<super::minting::Minted>), KeysError> {
    let now = clock.now();
    let scheduled = ring.remove_expired(now).schedule(now, policy)?;
    match scheduled.clone().activate_next(now, policy) {
        Ok(activated) => {
            let minted = mint.mint(activated.name()).await?;
            // Making the key took its time: it is announced from now on.
            Ok((activated.announce(minted.key.clone(), clock.now(), policy)?, vec![minted]))
        }
        Err(RingError::Transition(TransitionError::NotYet(_))) => Ok((scheduled, Vec::new())),
        Err(error) => Err(error.into()),
    }
}

fn report(ring: &Ring, predecessor: &Kid) -> Result<Rotation, KeysError> {
    let active = ring.active().ok_or(RingError::Ended)?;
    if active.kid == *predecessor {
        let successor = ring.next().ok_or(RingError::NothingAnnounced)?;
        return Ok(Rotation { successor: successor.clone(), predecessor: active.clone() });
    }
    done_by_another(ring, predecessor)
}

/// The active key is the successor, whoever made it so.
fn done_by_another(ring: &Ring, predecessor: &Kid) -> Result<Rotation, KeysError> {
    let successor = ring.active().ok_or(RingError::Ended)?;
    let before = ring.keys().iter().find(|key| key.kid == *predecessor).ok_or(RingError::KeyUnknown)?;
    Ok(Rotation { successor: successor.clone(), predecessor: before.clone() })
}
