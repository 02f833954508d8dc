//! A cache whose entries never outlive what the change feed has overtaken.

use std::fmt;
use std::future::Future;
use std::hash::Hash;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use moka::future::Cache;
use tonic::Status;

use super::freshness::{ASKING, SHORTEST_ASKING};
use super::{Freshness, State};
use crate::deadline::{Deadline, apart, within};
use crate::status::unavailable;
use crate::telemetry::names::CACHE_LOOKUPS;
use crate::telemetry::{self, Facts};

/// What a load brought: the record, if there is one, and the feed revision it is at least as fresh as.
#[derive(Clone, Debug)]
pub struct Loaded<V> {
    /// `None`: there is no such record.
    pub record: Option<V>,
    /// Read by the registry before the record.
    pub revision: u64,
}

/// A read-through cache: bounded by bytes, one load at a time for a key. Absences are remembered apart, in an eighth of
/// the bytes: whoever asks for what does not exist, over and over under new names, drives no record out.
pub struct ReadThrough<K, V> {
    known: Cache<K, Entry<V>>,
    absent: Cache<K, Stamp>,
    freshness: Freshness,
    name: &'static str,
}

struct Entry<V> {
    record: Arc<V>,
    stamp: Stamp,
}

/// How fresh an answer is.
#[derive(Clone)]
struct Stamp {
    /// The feed revision that it is at least as fresh as.
    revision: u64,
    /// The timeline of the feed when it was asked for; revisions of another one say nothing.
    timeline: u64,
    /// Whether it was found not to be overtaken once it could be found to be evicted.
    settled: Arc<AtomicBool>,
}

impl Stamp {
    fn new(revision: u64, timeline: u64) -> Self {
        Self { revision, timeline, settled: Arc::default() }
    }
}

enum Missed {
    Absent(Stamp),
    Failed(Status),
}

impl<V> Clone for Entry<V> {
    fn clone(&self) -> Self {
        Self { record: Arc::clone(&self.record), stamp: self.stamp.clone() }
    }
}

impl<K, V> ReadThrough<K, V>
where
    K: Hash + Eq + Clone + Send + Sync + 'static,
    V: Send + Sync + 'static,
{
    /// An empty cache of at most `max_bytes`, where `weigh` tells how many bytes an entry takes.
    #[must_use]
    pub fn new(max_bytes: u64, weigh: fn(&K, Option<&V>) -> usize, freshness: Freshness) -> Self {
        let whole = |bytes: usize| u32::try_from(bytes.saturating_add(ENTRY_OVERHEAD)).unwrap_or(u32::MAX);
        let of_record = move |key: &K, entry: &Entry<V>| whole(weigh(key, Some(&entry.record)));
        let of_absence = move |key: &K, _: &Stamp| whole(weigh(key, None));
        let for_absences = max_bytes / SHARE_OF_ABSENCES;
        Self {
            known: Cache::builder().max_capacity(max_bytes - for_absences).weigher(of_record).build(),
            absent: Cache::builder().max_capacity(for_absences).weigher(of_absence).build(),
            freshness,
            name: "records",
        }
    }

    /// The same, under a name by which it is told from others in metrics.
    #[must_use]
    pub fn named(self, name: &'static str) -> Self {
        Self { name, ..self }
    }

    /// The record under `key`: as cached while the feed is alive, else loaded again before use. When the registry does
    /// not answer, what is cached serves until `max_staleness` has passed.
    ///
    /// # Errors
    /// What `load` answered; UNAVAILABLE when the state cannot be proven fresh enough.
    pub async fn get<F>(&self, key: &K, load: impl Fn() -> F + Send) -> Result<Option<Arc<V>>, Status>
    where
        F: Future<Output = Result<Loaded<V>, Status>> + Send,
    {
        let state = self.freshness.state();
        if state == State::Fresh
            && let Some(entry) = self.known.get(key).await
            && self.holds(&entry.stamp)
        {
            CACHE_LOOKUPS.add(1, [self.name, "hit"]);
            return Ok(Some(entry.record));
        }
        // A load is a hundred times the size of a hit. Boxed, it does not weigh on every request that needs none.
        Box::pin(self.miss(key, state, load)).await
    }

    /// Drops the record under `key`.
    pub async fn evict(&self, key: &K) {
        self.forget(key).await;
        self.freshness.turn_epoch();
    }

    /// Drops every record whose key fits; takes time for each entry there is.
    pub async fn evict_where(&self, fits: impl Fn(&K) -> bool + Send) {
        let keys = self.known.iter().map(|(key, _)| key).chain(self.absent.iter().map(|(key, _)| key));
        for key in keys.filter(|key| fits(key)).collect::<Vec<Arc<K>>>() {
            self.forget(&key).await;
        }
        self.freshness.turn_epoch();
    }

    /// Drops everything.
    pub fn clear(&self) {
        self.known.invalidate_all();
        self.absent.invalidate_all();
        self.freshness.turn_epoch();
    }

    async fn miss<F>(&self, key: &K, state: State, load: impl Fn() -> F + Send) -> Result<Option<Arc<V>>, Status>
    where
        F: Future<Output = Result<Loaded<V>, Status>> + Send,
    {
        if state == State::Fresh {
            let absence = self.absent.get(key).await;
            let absent = absence.is_some_and(|stamp| self.holds(&stamp));
            if absent {
                CACHE_LOOKUPS.add(1, [self.name, "hit"]);
                return Ok(None);
            }
            self.tell_of_miss();
            return self.load_shared(key, load).await;
        }
        self.asked_again(key, state, load).await
    }

    /// What the registry says now. Whoever has an answer at hand, or may not use one, does not wait long for it: while it
    /// is silent, one in a while asks, and the others are answered at once.
    async fn asked_again<F>(&self, key: &K, state: State, load: impl Fn() -> F + Send) -> Result<Option<Arc<V>>, Status>
    where
        F: Future<Output = Result<Loaded<V>, Status>> + Send,
    {
        let at_hand = state == State::Stale || self.known.contains_key(key) || self.absent.contains_key(key);
        // Strangers say how long they wait. Some time is left to them to do with what is at hand; that the registry is
        // silent follows only from a question that had all its time.
        let left = Deadline::current().map_or(Duration::MAX, Deadline::left);
        let (in_haste, asking) = (left < SHORTEST_ASKING, ASKING.min(left / 4 * 3));
        let proves = asking == ASKING;
        if at_hand && !self.freshness.is_worth_asking(proves) {
            return self.without_registry(key, state).await;
        }
        self.tell_of_miss();
        let patience = if at_hand { asking } else { Duration::MAX };
        let silent = |_| Err(Status::unavailable("no answer in time"));
        let timeline = self.freshness.timeline();
        match within(patience, load()).await.unwrap_or_else(silent) {
            Err(status) if in_haste => Err(transport_fault_hidden(&status)),
            Err(status) if may_be_transient(&status) => {
                if proves {
                    self.freshness.unanswered();
                }
                self.without_registry(key, state).await
            }
            answer => {
                self.freshness.answered();
                Ok(self.keep(key, answer?, timeline).await)
            }
        }
    }

    fn tell_of_miss(&self) {
        CACHE_LOOKUPS.add(1, [self.name, "miss"]);
        telemetry::note(Facts::loaded);
    }

    /// Loads, or waits for the load that somebody else began. That one may have begun before a change which was known
    /// here when this request came: then it is not good enough, and this request loads for itself.
    async fn load_shared<F>(&self, key: &K, load: impl Fn() -> F + Send) -> Result<Option<Arc<V>>, Status>
    where
        F: Future<Output = Result<Loaded<V>, Status>> + Send,
    {
        let (known_when_asked, timeline) = (self.freshness.revision(), self.freshness.timeline());
        let (record, stamp) = self.join(key, load()).await?;
        self.settle(key, &stamp).await;
        if stamp.timeline == timeline && stamp.revision >= known_when_asked {
            return Ok(record);
        }
        let loaded = load().await.map_err(|status| transport_fault_hidden(&status))?;
        Ok(self.keep(key, loaded, timeline).await)
    }

    async fn join<F>(&self, key: &K, load: F) -> Result<(Option<Arc<V>>, Stamp), Status>
    where
        F: Future<Output = Result<Loaded<V>, Status>> + Send,
    {
        let timeline = self.freshness.timeline();
        let loading = async {
            // Whoever joins may have more time than the one who began.
            let Loaded { record, revision } = apart(load).await.map_err(Missed::Failed)?;
            let stamp = Stamp::new(revision, timeline);
            match record {
                Some(record) => Ok(Entry { record: Arc::new(record), stamp }),
                None => {
                    // Before the load ends, so that whoever comes next finds it.
                    self.absent.insert(key.clone(), stamp.clone()).await;
                    Err(Missed::Absent(stamp))
                }
            }
        };
        let loaded = self.known.try_get_with_by_ref(key, loading).await;
        match loaded.as_ref().map_err(AsRef::as_ref) {
            Ok(entry) => Ok((Some(Arc::clone(&entry.record)), entry.stamp.clone())),
            Err(Missed::Absent(stamp)) => Ok((None, stamp.clone())),
            Err(Missed::Failed(status)) => Err(transport_fault_hidden(status)),
        }
    }

    async fn keep(&self, key: &K, loaded: Loaded<V>, timeline: u64) -> Option<Arc<V>> {
        let Loaded { record, revision } = loaded;
        let (record, stamp) = (record.map(Arc::new), Stamp::new(revision, timeline));
        self.forget(key).await;
        match record.clone() {
            Some(record) => self.known.insert(key.clone(), Entry { record, stamp: stamp.clone() }).await,
            None => self.absent.insert(key.clone(), stamp.clone()).await,
        }
        self.settle(key, &stamp).await;
        record
    }

    async fn forget(&self, key: &K) {
        self.known.invalidate(key).await;
        self.absent.invalidate(key).await;
    }

    /// Once an entry is there. The feed raises the revision first and evicts then, so either the change is seen here, or
    /// the entry is already there to be evicted.
    async fn settle(&self, key: &K, stamp: &Stamp) {
        if self.is_overtaken(stamp) {
            self.forget(key).await;
            self.freshness.turn_epoch();
        } else {
            stamp.settled.store(true, Ordering::Release);
        }
    }

    /// Whether an entry may be used: one that is not settled yet may be overtaken already and about to be forgotten.
    fn holds(&self, stamp: &Stamp) -> bool {
        stamp.settled.load(Ordering::Acquire) || !self.is_overtaken(stamp)
    }

    fn is_overtaken(&self, stamp: &Stamp) -> bool {
        self.freshness.timeline() != stamp.timeline || self.freshness.revision() > stamp.revision
    }

    async fn without_registry(&self, key: &K, state: State) -> Result<Option<Arc<V>>, Status> {
        let usable = state != State::Stale;
        match self.known.get(key).await.filter(|_| usable) {
            Some(entry) => Ok(Some(entry.record)),
            None if usable && self.absent.contains_key(key) => Ok(None),
            None => Err(unavailable("the registry does not answer; try again")),
        }
    }
}

fn may_be_transient(status: &Status) -> bool {
    use tonic::Code::{Cancelled, DeadlineExceeded, Internal, ResourceExhausted, Unavailable, Unknown};
    matches!(status.code(), Cancelled | DeadlineExceeded | Internal | ResourceExhausted | Unavailable | Unknown)
}

/// What a transport says of its peer is no one's business outside.
fn transport_fault_hidden(status: &Status) -> Status {
    if may_be_transient(status) {
        tracing::warn!(%status, "the registry did not answer");
        return unavailable("the registry does not answer; try again");
    }
    status.clone()
}

impl<K, V> fmt::Debug for ReadThrough<K, V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ReadThrough(…)")
    }
}

/// What an entry costs beside its own bytes.
const ENTRY_OVERHEAD: usize = 96;

/// One of so many bytes is for absences.
const SHARE_OF_ABSENCES: u64 = 8;

#[cfg(test)]
mod tests;
