//! What every RPC works with.

use mintage_clock::{Clock, Randomness, Timestamp};
use mintage_oauth::Pepper;

use super::change_feed::Feed;
use super::page::PageTokens;
use crate::clients::{RemoteKeyRings, Removals};
use crate::domain::RegistryError;
use crate::domain::ports::Write;
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
}
