//! What the operations work with, and the one way in which a ring changes.

use mintage_clock::{Clock, Timestamp};
use mintage_jose::Kid;

use super::error::ATTEMPTS;
use super::ports::{Evidence, Held, Lifetimes, Mint, Rings, Saved};
use super::{Cause, Change, KeysError, Policy, PortError, Ring, RingError, RingName};

/// The clock, the policy and the ports of one replica.
#[derive(Clone, Debug)]
pub struct Means<R, M, E, L> {
    /// The time.
    pub clock: Clock,
    /// What holds for every ring.
    pub policy: Policy,
    /// Where rings are kept.
    pub rings: R,
    /// Where keys are made.
    pub mint: M,
    /// What watchers hold.
    pub evidence: E,
    /// How long tokens live.
    pub lifetimes: L,
}

impl<R: Rings, M: Mint, E: Evidence, L: Lifetimes> Means<R, M, E, L> {
    /// A ring that has not ended.
    pub(super) async fn alive(&self, name: &RingName) -> Result<Ring, KeysError> {
        let found = self.rings.find(name).await?.filter(|ring| !ring.is_ended());
        found.ok_or_else(|| KeysError::RingUnknown(name.clone()))
    }

    /// Reads a ring, changes it and keeps the change; starts over when another's came first. The ring as it was and as it is.
    pub(super) async fn alter(
        &self,
        name: &RingName,
        cause: &Cause,
        change: impl Fn(Ring, Timestamp) -> Result<Ring, RingError> + Send + Sync,
    ) -> Result<(Ring, Ring), KeysError> {
        let change = |before: &Ring, now| {
            let after = change(before.clone(), now)?;
            Ok(Change::between(Some(before), after, Vec::new(), cause.clone(), now))
        };
        self.carry_out(name, change).await
    }

    /// The same of a change that says itself what is done by it; `None`: nothing.
    pub(super) async fn carry_out(
        &self,
        name: &RingName,
        change: impl Fn(&Ring, Timestamp) -> Result<Option<Change>, RingError> + Send,
    ) -> Result<(Ring, Ring), KeysError> {
        for _ in 0..ATTEMPTS {
            let before = self.alive(name).await?;
            match change(&before, self.clock.now())? {
                None => return Ok((before.clone(), before)),
                Some(change) => {
                    if let Some(after) = self.keep(&change).await? {
                        return Ok((before, after));
                    }
                }
            }
        }
        Err(KeysError::Contended(name.clone()))
    }

    /// Keeps a change and, now that it is known to be kept, lets its times count from now. The ring as it is then; `None`
    /// when another's change came first.
    pub(super) async fn keep(&self, change: &Change) -> Result<Option<Ring>, KeysError> {
        let Saved::Kept = self.rings.save(change).await? else { return Ok(None) };
        let settled =
            if change.ring.is_settled() { None } else { self.settle(change.ring.name()).await.ok().flatten() };
        // If that came to nothing, the next step sees to it.
        Ok(Some(settled.unwrap_or_else(|| change.ring.clone())))
    }

    /// Lets the times of changes that are kept count from now: who reads them knows that they are. `None` when another's
    /// change came first.
    async fn settle(&self, name: &RingName) -> Result<Option<Ring>, KeysError> {
        let before = self.alive(name).await?;
        let now = self.clock.now();
        let after = before.clone().settle(now, &self.policy);
        match Change::between(Some(&before), after, Vec::new(), Cause::due(), now) {
            None => Ok(Some(before)),
            Some(change) => Ok((self.rings.save(&change).await? == Saved::Kept).then_some(change.ring)),
        }
    }

    /// What watchers hold of the key that is announced to sign next.
    pub(super) async fn next_held(&self, ring: &Ring) -> Result<Held, PortError> {
        match ring.next() {
            Some(next) => self.key_held(ring, &next.kid).await,
            None => Ok(Held::default()),
        }
    }

    /// What watchers hold of a key.
    pub(super) async fn key_held(&self, ring: &Ring, kid: &Kid) -> Result<Held, PortError> {
        match ring.key(kid).and_then(|key| key.announced_in) {
            Some(version) if ring.name().is_public() => self.evidence.held(ring.name().tenant(), version).await,
            // Nobody watches a secret, and nobody can hold what was not kept yet.
            _ => Ok(Held::default()),
        }
    }
}
