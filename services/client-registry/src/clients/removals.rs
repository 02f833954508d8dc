//! Removes the key rings that nothing needs: of deleted tenants and APIs, and of those that did not come to be.

use std::sync::Arc;
use std::time::Duration;

use mintage_chassis::status::Chain;
use mintage_clock::Clock;
use mintage_oauth::TenantId;
use tokio::sync::Notify;
use tokio::time::Instant;

use super::RemoteKeyRings;
use crate::domain::RegistryError;
use crate::domain::ports::{KeyRings, RingRemoval};
use crate::store::{Claim, RegistryStore};

/// Settles what the store says is owed. The debt was written with the deletion, so no crash forgets it.
#[derive(Clone, Debug)]
pub(crate) struct Removals {
    store: RegistryStore,
    rings: RemoteKeyRings,
    clock: Clock,
    wake: Arc<Notify>,
}

impl Removals {
    pub(crate) fn new(store: RegistryStore, rings: RemoteKeyRings, clock: Clock) -> Self {
        Self { store, rings, clock, wake: Arc::default() }
    }

    /// Something is owed now.
    pub(crate) fn wake(&self) {
        self.wake.notify_one();
    }

    /// Removes whatever is due of a tenant. What another replica is just removing is waited for a moment, for it may fail
    /// and give it back.
    pub(crate) async fn settle_tenant(&self, tenant: &TenantId) -> Result<(), RegistryError> {
        let patience = Instant::now() + PATIENCE;
        loop {
            self.settle(Some(tenant)).await?;
            if !self.store.has_pending_removals(tenant, self.clock.now()).await? || Instant::now() >= patience {
                return Ok(());
            }
            tokio::time::sleep(PAUSE).await;
        }
    }

    /// Does `work` when no replica is just removing `rings`, which is waited for a moment. `work` looks for itself, where
    /// nobody comes in between, and says whether it was done.
    pub(crate) async fn between<F>(&self, rings: &RingRemoval, work: impl Fn() -> F) -> Result<(), RegistryError>
    where
        F: Future<Output = Result<bool, RegistryError>>,
    {
        let patience = Instant::now() + PATIENCE;
        while self.store.is_removing(rings, self.clock.now()).await? || !work().await? {
            if Instant::now() >= patience {
                return Err(RegistryError::Unavailable("former keys of that name are just being removed".into()));
            }
            tokio::time::sleep(PAUSE).await;
        }
        Ok(())
    }

    /// Settles when woken, and now and then for what another replica left undone.
    pub(crate) async fn run(self) {
        loop {
            if let Err(error) = self.settle(None).await {
                tracing::warn!(error = %Chain(&error), "key rings that nothing needs are not removed yet");
            }
            let _ = tokio::time::timeout(INTERVAL, self.wake.notified()).await;
        }
    }

    /// Tries each removal that is due, of one tenant if that is named. One that fails keeps no other from its turn; the
    /// first failure is told when all had theirs.
    async fn settle(&self, whose: Option<&TenantId>) -> Result<(), RegistryError> {
        let (mut last, mut outcome) = (None, Ok(()));
        while let Some(claim) = self.store.claim_removal(whose, last.as_ref(), self.clock.now()).await? {
            last = Some(claim.note().clone());
            let (store, rings) = (self.store.clone(), self.rings.clone());
            // Ends when the caller goes away, too, or nobody could take it on again for a while.
            let carried_out = tokio::spawn(carry_out(store, rings, claim)).await;
            outcome = outcome.and(carried_out.map_err(|error| RegistryError::Failed(error.into()))?);
        }
        outcome
    }
}

/// No transaction is open while key-management is asked: it may say nothing for long.
async fn carry_out(store: RegistryStore, keys: RemoteKeyRings, claim: Claim) -> Result<(), RegistryError> {
    let Some(rings) = claim.rings() else { return Ok(()) };
    let outcome = keys.remove(rings).await;
    store.settle_removal(&claim, outcome.is_ok()).await?;
    outcome
}

const INTERVAL: Duration = Duration::from_secs(30);
/// How long a replica that just removes rings is waited for, and how often it is looked whether it has.
const PATIENCE: Duration = Duration::from_secs(2);
const PAUSE: Duration = Duration::from_millis(20);
