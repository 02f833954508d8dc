//! What every RPC works with.

use std::time::Duration;

use mintage_clock::{Clock, Randomness, Timestamp};
use mintage_oauth::Pepper;

use super::change_feed::Feed;
use super::page::PageTokens;
use crate::clients::{RemoteKeyRings, Removals};
use crate::domain::RegistryError;
use crate::domain::ports::{KeyRings, Ring, RingRemoval, Write};
use crate::store::RegistryStore;

/// The store, the siblings, time and chance.
#[derive(Debug)]
pub(crate) struct Desk {
    pub(crate) store: RegistryStore,
    pub(crate) rings: RemoteKeyRings,
    pub(crate) removals: Removals,
    pub(crate) feed: Feed,
    pub(crate) pages: PageTokens,
    pub(crate) pepper: Pepper,
    pub(crate) clock: Clock,
    pub(crate) randomness: Randomness,
}

impl Desk {
    /// Runs `write` as one write. Returns when every connected watcher has applied it, or after the bound.
    pub(super) async fn write<W: Write>(&self, now: Timestamp, write: &W) -> Result<W::Done, RegistryError> {
        let (done, revision) = self.store.write(now, write).await?;
        self.feed.settle(revision).await;
        Ok(done)
    }

    /// Runs a write that needs a key ring. What would be refused makes no keys, and whatever comes between the keys and
    /// the write, be it that the caller goes away: a note made before both ends `orphans` that nothing needs.
    pub(super) async fn write_with_ring<W: Write>(
        &self,
        now: Timestamp,
        write: &W,
        ring: &Ring,
        orphans: &RingRemoval,
    ) -> Result<W::Done, RegistryError> {
        self.store.rehearse(write, orphans, now + LONGEST_MAKING).await?;
        let outcome = match self.rings.ensure(ring).await {
            Ok(()) => self.store.write_rehearsed(now, write, orphans).await,
            Err(error) => Err(error),
        };
        match outcome {
            Ok((done, revision)) => {
                self.feed.settle(revision).await;
                Ok(done)
            }
            Err(error) => {
                self.clean_up(orphans, now).await;
                Err(error)
            }
        }
    }

    /// At once, as far as that is possible; the note is due later anyway.
    async fn clean_up(&self, orphans: &RingRemoval, now: Timestamp) {
        if let Err(error) = self.store.owe_removal(orphans, now).await {
            tracing::warn!(%error, "key rings that nothing needs go later");
        }
        self.removals.wake();
    }
}

/// Keys are asked for twice at most, with a deadline of ten seconds each.
const LONGEST_MAKING: Duration = Duration::from_secs(60);
