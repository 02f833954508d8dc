//! Ends a key at once, for cause.

use mintage_jose::Kid;

use super::error::ATTEMPTS;
use super::ports::{Evidence, Lifetimes, Mint, Rings};
use super::rotate::is_early;
use super::{Cause, Change, Key, KeysError, Means, Ring, RingError, RingName};

/// What a revocation did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Revocation {
    /// The key that has ended.
    pub revoked: Key,
    /// The key that signs now.
    pub active: Key,
    /// Whether it took over before every verifier could know it.
    pub early: bool,
}

impl<R: Rings, M: Mint, E: Evidence, L: Lifetimes> Means<R, M, E, L> {
    /// Takes a served key out of its ring; when it signs, the next signs from the same moment on.
    ///
    /// # Errors
    /// When the ring serves no such key, or keys cannot be made or kept.
    pub async fn revoke(&self, name: &RingName, kid: &Kid, cause: &Cause) -> Result<Revocation, KeysError> {
        for _ in 0..ATTEMPTS {
            let before = self.alive(name).await?;
            let now = self.clock.now();
            let ring = before.clone().remove_expired(now);
            let (ring, minted) = match ring.clone().revoke(kid, now, &self.policy) {
                Err(RingError::NothingAnnounced) => self.revoke_for_a_new_one(ring, kid).await?,
                ring => (ring?, Vec::new()),
            };
            let Some(change) = Change::between(Some(&before), ring, minted, cause.clone(), now) else { continue };
            if self.keep(&change).await?.is_some() {
                // What has ended is in the change only.
                return report(&change, kid);
            }
        }
        Err(KeysError::Contended(name.clone()))
    }

    /// The only key there is goes; one that nobody can know yet is better than one that somebody stole.
    async fn revoke_for_a_new_one(
        &self,
        ring: Ring,
        kid: &Kid,
    ) -> Result<(Ring, Vec<super::minting::Minted>), KeysError> {
        let longest = ring.longest_token().unwrap_or_default();
        let fresh = self.mint.mint_in_haste(ring.name()).await?;
        let now = self.clock.now();
        let ring = ring.announce(fresh.key.clone(), longest, now, &self.policy)?.revoke(kid, now, &self.policy)?;
        Ok((ring, vec![fresh]))
    }
}

fn report(change: &Change, kid: &Kid) -> Result<Revocation, KeysError> {
    let ring = &change.ring;
    let revoked = ring.key(kid).ok_or(RingError::KeyUnknown)?.clone();
    Ok(Revocation { revoked, active: ring.active().ok_or(RingError::Ended)?.clone(), early: is_early(change) })
}
