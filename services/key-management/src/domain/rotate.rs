//! Rotates a ring by hand: the announced key signs as soon as every verifier can know it, or, if one accepts that, at once.

use mintage_clock::Timestamp;
use mintage_jose::Kid;

use super::advance::{Turn, behind};
use super::error::ATTEMPTS;
use super::ports::{Evidence, Lifetimes, Mint, Rings};
use super::{Cause, Change, DeedKind, Key, KeysError, Means, Ready, Reason, Ring, RingError, RingName};

/// What a rotation did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rotation {
    /// The key that signs, or will at its next step.
    pub successor: Key,
    /// The key that signed before; still active while the successor is pending.
    pub predecessor: Key,
    /// Whether the successor signs and some verifier may not know it yet.
    pub early: bool,
}

impl<R: Rings, M: Mint, E: Evidence, L: Lifetimes> Means<R, M, E, L> {
    /// Activates the announced key and retires the active one; or, while some verifier or watcher may not know the announced
    /// one, asks it to be activated when all do, unless that is waived. Of two rotations that race, one is done and both
    /// report it.
    ///
    /// # Errors
    /// When the ring does not exist or has no room for another key, or the change cannot be kept.
    pub async fn rotate(&self, name: &RingName, ready: Ready, cause: &Cause) -> Result<Rotation, KeysError> {
        for _ in 0..ATTEMPTS {
            match self.turn_over(name, ready, cause).await {
                // Between a rotation and the announcement of the key after it there is none.
                Err(KeysError::Ring(RingError::NothingAnnounced)) => {
                    self.check_another(name).await?;
                    self.fill(name, cause).await?;
                }
                rotation => return rotation,
            }
        }
        Err(KeysError::Contended(name.clone()))
    }

    /// Whether a key may be announced in a ring that has none.
    async fn check_another(&self, name: &RingName) -> Result<(), KeysError> {
        let ring = self.alive(name).await?.remove_expired(self.clock.now());
        let full = RingError::Full { limit: ring.served().count() };
        if ring.next().is_none() && ring.lacks(&self.policy) == 0 { Err(full.into()) } else { Ok(()) }
    }

    async fn turn_over(&self, name: &RingName, ready: Ready, cause: &Cause) -> Result<Rotation, KeysError> {
        let mut seen: Option<Kid> = None;
        for _ in 0..ATTEMPTS {
            let before = self.alive(name).await?;
            let predecessor = before.active().ok_or(RingError::Ended)?.kid.clone();
            if let Some(seen) = seen.filter(|seen| *seen != predecessor) {
                return report(&before, &seen);
            }
            let (ring, cause, now) = self.rotated(&before, ready, cause).await?;
            match Change::between(Some(&before), ring, Vec::new(), cause, now) {
                None => return report(&before, &predecessor),
                Some(change) => match self.keep(&change).await? {
                    Some(ring) => return Ok(Rotation { early: is_early(&change), ..report(&ring, &predecessor)? }),
                    None => seen = Some(predecessor),
                },
            }
        }
        Err(KeysError::Contended(name.clone()))
    }

    /// The ring as it shall be, why, and from when on.
    async fn rotated(&self, ring: &Ring, ready: Ready, cause: &Cause) -> Result<(Ring, Cause, Timestamp), KeysError> {
        let next = ring.next().ok_or(RingError::NothingAnnounced)?.kid.clone();
        let now = self.clock.now();
        if ready == Ready::Needed {
            ring.clone().remove_expired(now).check_room(&self.policy)?;
        }
        let scheduled = ring.clone().schedule(now)?;
        let turn = match ready {
            Ready::Needed => self.turn(&scheduled, self.clock.now()).await?,
            Ready::Waived => Turn::Come(self.behind(ring, &next).await),
        };
        let now = self.clock.now();
        let (ring, reason) = match turn {
            Turn::Come(reason) => (ring.clone().activate(&next, ready, now, &self.policy)?, reason),
            Turn::NotYet | Turn::Waits(_) => (scheduled, None),
        };
        let cause = Cause { by: cause.by.clone(), reason: cause.reason.clone().or(reason) };
        Ok((ring.remove_expired(now), cause, now))
    }

    /// What should be on record when a key signs whether or not watchers hold it.
    async fn behind(&self, ring: &Ring, kid: &Kid) -> Option<Reason> {
        let held = self.key_held(ring, kid).await.ok()?;
        (!held.by_all()).then(|| behind(&held))
    }

    /// Activates one announced key now, be it the next or a later one.
    ///
    /// # Errors
    /// When the key is not announced, or some verifier or watcher may not know it and that is not waived.
    pub async fn activate(
        &self,
        name: &RingName,
        kid: &Kid,
        ready: Ready,
        cause: &Cause,
    ) -> Result<Rotation, KeysError> {
        let ring = self.alive(name).await?;
        ring.key(kid).ok_or(RingError::KeyUnknown)?;
        let mut cause = cause.clone();
        match ready {
            Ready::Needed => {
                let held = self.key_held(&ring, kid).await?;
                if !held.by_all() {
                    return Err(KeysError::WatchersBehind(held));
                }
            }
            Ready::Waived => cause.reason = self.behind(&ring, kid).await,
        }
        let (before, after) =
            self.alter(name, &cause, |ring, now| ring.activate(kid, ready, now, &self.policy)).await?;
        let rotation = report(&after, &before.active().ok_or(RingError::Ended)?.kid)?;
        let change = Change::between(Some(&before), after, Vec::new(), cause, self.clock.now());
        Ok(Rotation { early: change.as_ref().is_some_and(is_early), ..rotation })
    }
}

/// Whether a key begins to sign by a change before every verifier can know it.
pub(super) fn is_early(change: &Change) -> bool {
    change.deeds.iter().any(|deed| deed.kind == DeedKind::ActivatedEarly)
}

/// While the predecessor signs, the announced key is its successor; else the one that signs is, whoever made it so.
fn report(ring: &Ring, predecessor: &Kid) -> Result<Rotation, KeysError> {
    let active = ring.active().ok_or(RingError::Ended)?;
    let successor = if active.kid == *predecessor { ring.next().ok_or(RingError::NothingAnnounced)? } else { active };
    let before = ring.key(predecessor).ok_or(RingError::KeyUnknown)?;
    Ok(Rotation { successor: successor.clone(), predecessor: before.clone(), early: false })
}
