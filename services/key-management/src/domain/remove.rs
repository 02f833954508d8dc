//! Ends rings whose API or tenant is gone.

use mintage_clock::Timestamp;
use mintage_oauth::TenantId;

use super::error::ATTEMPTS;
use super::ports::{Rings, Saved};
use super::{KeysError, RingName};

/// Ends one ring at once, with every key in it. A ring that does not exist has ended already.
///
/// # Errors
/// When the end cannot be kept.
pub async fn remove(name: &RingName, now: Timestamp, rings: &impl Rings) -> Result<(), KeysError> {
    for _ in 0..ATTEMPTS {
        let Some(ring) = rings.find(name).await?.filter(|ring| !ring.is_ended()) else { return Ok(()) };
        if rings.save(&ring.end(now), &[]).await? == Saved::Kept {
            return Ok(());
        }
    }
    Err(KeysError::Contended(name.clone()))
}

/// Ends every ring of a tenant.
///
/// # Errors
/// When one cannot be ended; those before it are.
pub async fn remove_all(tenant: &TenantId, now: Timestamp, rings: &impl Rings) -> Result<(), KeysError> {
    for name in rings.names(tenant).await? {
        remove(&name, now, rings).await?;
    }
    Ok(())
}
