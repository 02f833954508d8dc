//! Lets no key of a ring follow by itself for a while, or sets how they do.

use super::ports::{Evidence, Lifetimes, Mint, Rings};
use super::{Cause, Change, KeysError, Means, Ring, RingName, RotationPolicy};

impl<R: Rings, M: Mint, E: Evidence, L: Lifetimes> Means<R, M, E, L> {
    /// Holds a ring, or lets go of it. The ring as it is then. Of one that is held already the reason is kept, if there is one.
    ///
    /// # Errors
    /// When there is no such ring or that cannot be kept.
    pub async fn hold(&self, name: &RingName, held: bool, cause: &Cause) -> Result<Ring, KeysError> {
        let (_, ring) = self.carry_out(name, |ring, now| Ok(Change::to_hold(ring, held, cause.clone(), now))).await?;
        Ok(ring)
    }

    /// Sets how the keys of a ring follow each other; `None`: as the installation says. The ring as it is then.
    ///
    /// # Errors
    /// When there is no such ring, the policy does not hold together, or it cannot be kept.
    pub async fn follow(&self, name: &RingName, own: Option<RotationPolicy>, cause: &Cause) -> Result<Ring, KeysError> {
        // What has no key for it yet counts too: the next one is kept for it.
        let longest = self.lifetimes.longest(name).await.ok().flatten();
        let (_, ring) = self.alter(name, cause, |ring, now| ring.follow(own, longest, now, &self.policy)).await?;
        Ok(ring)
    }
}
