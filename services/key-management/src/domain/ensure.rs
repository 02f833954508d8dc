//! Makes a ring unless it exists.

use mintage_oauth::TokenLifetime;

use super::error::ATTEMPTS;
use super::ports::{Evidence, Lifetimes, Mint, Rings, Saved};
use super::ring::Birth;
use super::{Cause, Change, KeysError, Means, Ring, RingName};

impl<R: Rings, M: Mint, E: Evidence, L: Lifetimes> Means<R, M, E, L> {
    /// Makes the ring with an active and an announced key, in one step, unless it has keys already; these are kept for
    /// tokens that live for up to `longest_token`.
    ///
    /// # Errors
    /// When keys cannot be made or kept.
    pub async fn ensure(&self, name: &RingName, longest_token: TokenLifetime, cause: &Cause) -> Result<(), KeysError> {
        for _ in 0..ATTEMPTS {
            let version = match self.rings.find(name).await? {
                Some(ring) if !ring.is_ended() => return self.extend(name, longest_token, cause).await,
                ended => ended.map_or(0, |ring| ring.standing().version),
            };
            let (active, next) = self.mint.mint_pair(name).await?;
            let now = self.clock.now();
            let birth = Birth { active: active.key.clone(), next: next.key.clone(), longest_token, now };
            let ring = Ring::born(name.clone(), version, birth, &self.policy);
            let Some(change) = Change::between(None, ring, vec![active, next], cause.clone(), now) else { continue };
            if self.rings.save(&change).await? == Saved::Kept {
                return Ok(());
            }
        }
        Err(KeysError::Contended(name.clone()))
    }

    /// Lets the keys of a ring sign tokens that live for up to `longest_token`: kept before the first of them is made, and
    /// keys that retire stay for as long as if they had signed such tokens.
    ///
    /// # Errors
    /// When there is no such ring or that cannot be kept.
    pub async fn extend(&self, name: &RingName, longest_token: TokenLifetime, cause: &Cause) -> Result<(), KeysError> {
        self.alter(name, cause, |ring, _| Ok(ring.extend(longest_token, &self.policy))).await.map(drop)
    }
}
