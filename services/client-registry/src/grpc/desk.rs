//! What every RPC works with.

use std::time::Duration;

use mintage_chassis::paging::PageTokens;
use mintage_chassis::status::Chain;
use mintage_clock::{Clock, Randomness, Timestamp};
use mintage_oauth::{Pepper, TenantId};

use super::change_feed::Feed;
use super::registration::RegistrationLimits;
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
    pub(crate) registrations: RegistrationLimits,
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
        for attempt in 0..ATTEMPTS {
            let due = self.clock.now() + LONGEST_MAKING;
            let rehearsed = self.removals.between(orphans, || self.store.rehearse(now, write, orphans, due)).await;
            if let Err(error) = rehearsed {
                // The keys of an attempt before are there, and nothing notes them any more.
                if attempt > 0 {
                    self.clean_up(orphans, now).await;
                }
                return Err(error);
            }
            let outcome = match self.rings.ensure(ring).await {
                Ok(()) => self.store.write_rehearsed(now, write, orphans).await,
                Err(error) => Err(error),
            };
            match outcome {
                Ok(Some((done, revision))) => {
                    self.feed.settle(revision).await;
                    return Ok(done);
                }
                // Of those who race for the same keys, each time one is done.
                Ok(None) => tracing::info!(
                    "a write starts over: another that needs the same keys came first, or these were removed meanwhile"
                ),
                Err(error) => {
                    self.clean_up(orphans, now).await;
                    return Err(error);
                }
            }
        }
        self.clean_up(orphans, now).await;
        Err(RegistryError::Unavailable("other writes that need the same keys came first, again and again".into()))
    }

    /// Runs a write about a client, and makes sure of the ring of its own first, if it needs one.
    pub(super) async fn write_client<W: Write>(
        &self,
        now: Timestamp,
        write: &W,
        tenant: &TenantId,
        ring: Option<&Ring>,
    ) -> Result<W::Done, RegistryError> {
        match ring {
            None => self.write(now, write).await,
            Some(ring) => {
                let orphans = RingRemoval::with_its_tenant(tenant.clone(), &self.randomness);
                self.write_with_ring(now, write, ring, &orphans).await
            }
        }
    }

    /// At once, as far as that is possible; the note is due later anyway.
    async fn clean_up(&self, orphans: &RingRemoval, now: Timestamp) {
        if let Err(error) = self.store.owe_removal(orphans, now).await {
            tracing::warn!(error = %Chain(&error), "key rings that nothing needs go later");
        }
        self.removals.wake();
    }
}

/// More than are likely to write at once what needs the same keys.
const ATTEMPTS: u32 = 20;
/// Keys are waited for ten seconds, however often they are asked for, and the rest is two transactions.
const LONGEST_MAKING: Duration = Duration::from_secs(60);
