//! Removes the key rings that nothing needs: of deleted tenants and APIs, and of those that did not come to be.

use std::sync::Arc;
use std::time::Duration;

use mintage_clock::Clock;
use tokio::sync::Notify;

use super::RemoteKeyRings;
use crate::domain::RegistryError;
use crate::store::RegistryStore;

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

    /// Removes whatever is due; waits for a replica that is just doing it.
    pub(crate) async fn settle_all(&self) -> Result<(), RegistryError> {
        while self.store.settle_one_removal(&self.rings, self.clock.now()).await? {}
        Ok(())
    }

    /// Settles when woken, and now and then for what another replica left undone.
    pub(crate) async fn run(self) {
        loop {
            if let Err(error) = self.settle_all().await {
                tracing::warn!(%error, "key rings that nothing needs are not removed yet");
            }
            let _ = tokio::time::timeout(INTERVAL, self.wake.notified()).await;
        }
    }
}

const INTERVAL: Duration = Duration::from_secs(30);
