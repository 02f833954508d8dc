//! Makes a ring unless it exists.

use mintage_clock::Clock;

use super::error::ATTEMPTS;
use super::ports::{Mint, Rings, Saved};
use super::{KeysError, Ring, RingName};

/// Makes the ring with an active and an announced key, in one step, unless it has keys already.
///
/// # Errors
/// When keys cannot be made or kept.
pub async fn ensure(name: &RingName, clock: &Clock, rings: &impl Rings, mint: &impl Mint) -> Result<(), KeysError> {
    for _ in 0..ATTEMPTS {
        let version = match rings.find(name).await? {
            Some(ring) if !ring.is_ended() => return Ok(()),
            ended => ended.map_or(0, |ring| ring.version()),
        };
        let (active, next) = mint.mint_pair(name).await?;
        let ring = Ring::born(name.clone(), version, active.key.clone(), next.key.clone(), clock.now());
        if rings.save(&ring, &[active, next]).await? == Saved::Kept {
            return Ok(());
        }
    }
    Err(KeysError::Contended(name.clone()))
}
