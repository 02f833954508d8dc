//! RSA signatures on threads of their own: as many at once as there are cores, and no endless queue.

use std::num::NonZeroUsize;
use std::sync::Arc;

use mintage_jose::Signer;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::sign::{Order, SignRefusal, sign};

/// Where RSA signatures are made.
#[derive(Clone, Debug)]
pub(super) struct RsaPool {
    turns: Arc<Semaphore>,
    places: Arc<Semaphore>,
}

impl RsaPool {
    pub(super) fn new(threads: NonZeroUsize, places: usize) -> Self {
        Self { turns: Arc::new(Semaphore::new(threads.get())), places: Arc::new(Semaphore::new(places)) }
    }

    /// A place in the queue, while there is one.
    pub(super) fn admit(&self) -> Result<OwnedSemaphorePermit, SignRefusal> {
        Arc::clone(&self.places).try_acquire_owned().map_err(|_| SignRefusal::Overloaded)
    }

    /// Signs when its turn comes. Both permits go with the signature, not with whoever waits for it.
    pub(super) async fn sign(
        &self,
        place: OwnedSemaphorePermit,
        signer: Arc<Signer>,
        order: Order,
    ) -> Result<String, SignRefusal> {
        let turn = Arc::clone(&self.turns).acquire_owned().await.map_err(|_| SignRefusal::Internal)?;
        let signing = tokio::task::spawn_blocking(move || {
            let signed = sign(&signer, &order);
            drop((turn, place));
            signed
        });
        signing.await.unwrap_or(Err(SignRefusal::Internal))
    }
}
