//! Runs the domain's reseal on the keys of this replica, and says in the log what came of it.

use mintage_jose::seal::MasterKey;

use super::Keys;
use crate::domain::reseal::{Page, Resealed, reseal};
use crate::domain::{Cause, PortError};

impl Keys {
    /// Moves a page of private halves under the master key that seals here, and records it.
    ///
    /// # Errors
    /// When they cannot be read or kept.
    pub async fn reseal(&self, page: Page<'_>, cause: &Cause) -> Result<Resealed, PortError> {
        let means = (self.clock(), &self.randomness);
        let resealed = reseal(page, cause, self.custody.masters(), means, &self.store).await?;
        let master_key = self.sealing_key_id();
        for kid in &resealed.closed {
            tracing::error!(
                kid,
                master_key,
                "a private key cannot be sealed anew: no master key that is known opens it"
            );
        }
        if resealed.moved > 0 {
            tracing::info!(by = %cause.by, moved = resealed.moved, master_key, "private keys were sealed anew");
        }
        Ok(resealed)
    }

    /// The id of the master key that seals.
    #[must_use]
    pub fn sealing_key_id(&self) -> &str {
        self.custody.masters().sealing().id()
    }

    /// Says in the log which master keys are known here.
    pub fn tell_master_keys(&self) {
        let others: Vec<_> = self.custody.masters().all().skip(1).map(MasterKey::id).collect();
        let (sealing, opening) = (self.sealing_key_id(), others.join(" "));
        tracing::info!(sealing, opening, "the master keys that are known");
    }
}
