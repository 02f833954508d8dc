//! Ends rings whose API or tenant is gone.

use mintage_oauth::TenantId;

use super::ports::{Evidence, Lifetimes, Mint, Rings};
use super::{Cause, KeysError, Means, RingName};

impl<R: Rings, M: Mint, E: Evidence, L: Lifetimes> Means<R, M, E, L> {
    /// Ends one ring at once, with every key in it. A ring that does not exist has ended already.
    ///
    /// # Errors
    /// When the end cannot be kept.
    pub async fn remove(&self, name: &RingName, cause: &Cause) -> Result<(), KeysError> {
        match self.alter(name, cause, |ring, now| Ok(ring.end(now))).await {
            Err(KeysError::RingUnknown(_)) => Ok(()),
            ended => ended.map(drop),
        }
    }

    /// Ends every ring of a tenant.
    ///
    /// # Errors
    /// When one cannot be ended; those before it are.
    pub async fn remove_all(&self, tenant: &TenantId, cause: &Cause) -> Result<(), KeysError> {
        for name in self.rings.names(tenant).await? {
            self.remove(&name, cause).await?;
        }
        Ok(())
    }
}
