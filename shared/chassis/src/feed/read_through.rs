//! A cache whose entries never outlive what the change feed has overtaken.

use std::fmt;
use std::future::Future;
use std::hash::Hash;
use std::sync::Arc;

use moka::future::Cache;
use tonic::Status;

use super::{Freshness, State};
use crate::status::unavailable;

/// What a load brought: the record, if there is one, and the feed revision it is at least as fresh as.
#[derive(Clone, Debug)]
pub struct Loaded<V> {
    /// `None`: there is no such record, and that is cached too.
    pub record: Option<V>,
    /// Read by the registry before the record.
    pub revision: u64,
}

/// A read-through cache: bounded by bytes, one load at a time for a key, absence cached too.
pub struct ReadThrough<K, V> {
    cache: Cache<K, Entry<V>>,
    freshness: Freshness,
}

struct Entry<V> {
    record: Option<Arc<V>>,
    revision: u64,
}

impl<V> Clone for Entry<V> {
    fn clone(&self) -> Self {
        Self { record: self.record.clone(), revision: self.revision }
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
        let weigher = move |key: &K, entry: &Entry<V>| {
            let bytes = weigh(key, entry.record.as_deref()).saturating_add(ENTRY_OVERHEAD);
            u32::try_from(bytes).unwrap_or(u32::MAX)
        };
        Self { cache: Cache::builder().max_capacity(max_bytes).weigher(weigher).build(), freshness }
    }

    /// The record under `key`: as cached while the feed is alive, else loaded again before use. When the registry does
    /// not answer, what is cached serves until `max_staleness` has passed.
    ///
    /// # Errors
    /// What `load` answered; UNAVAILABLE when the state cannot be proven fresh enough.
    pub async fn get<F>(&self, key: &K, load: impl FnOnce() -> F) -> Result<Option<Arc<V>>, Status>
    where
        F: Future<Output = Result<Loaded<V>, Status>> + Send,
    {
        let state = self.freshness.state();
        if state == State::Fresh
            && let Some(entry) = self.cache.get(key).await
        {
            return Ok(entry.record);
        }
        // A load is a hundred times the size of a hit. Boxed, it does not weigh on every request that needs none.
        Box::pin(self.miss(key, state, load())).await
    }

    /// Drops the record under `key`.
    pub async fn evict(&self, key: &K) {
        self.cache.invalidate(key).await;
        self.freshness.turn_epoch();
    }

    /// Drops every record whose key fits; takes time for each entry there is.
    pub async fn evict_where(&self, fits: impl Fn(&K) -> bool + Send) {
        let fitting: Vec<Arc<K>> = self.cache.iter().map(|(key, _)| key).filter(|key| fits(key)).collect();
        for key in fitting {
            self.cache.invalidate(key.as_ref()).await;
        }
        self.freshness.turn_epoch();
    }

    /// Drops everything.
    pub fn clear(&self) {
        self.cache.invalidate_all();
        self.freshness.turn_epoch();
    }

    async fn miss<F>(&self, key: &K, state: State, load: F) -> Result<Option<Arc<V>>, Status>
    where
        F: Future<Output = Result<Loaded<V>, Status>> + Send,
    {
        if state == State::Fresh {
            return self.load_once(key, load).await;
        }
        match load.await {
            Ok(loaded) => Ok(self.keep(key, loaded).await),
            Err(status) if may_be_transient(&status) => self.without_registry(key, state).await,
            Err(status) => Err(status),
        }
    }

    async fn load_once<F>(&self, key: &K, load: F) -> Result<Option<Arc<V>>, Status>
    where
        F: Future<Output = Result<Loaded<V>, Status>> + Send,
    {
        let entry = self.cache.try_get_with_by_ref(key, async { load.await.map(Entry::from) }).await;
        let entry = entry.map_err(|status: Arc<Status>| transport_fault_hidden(&status))?;
        self.drop_if_overtaken(key, entry.revision).await;
        Ok(entry.record)
    }

    async fn keep(&self, key: &K, loaded: Loaded<V>) -> Option<Arc<V>> {
        let entry = Entry::from(loaded);
        self.cache.insert(key.clone(), entry.clone()).await;
        self.drop_if_overtaken(key, entry.revision).await;
        entry.record
    }

    /// The feed raises the revision first and evicts then. So either the change is seen here, or the entry is already
    /// there to be evicted.
    async fn drop_if_overtaken(&self, key: &K, revision: u64) {
        if self.freshness.revision() > revision {
            self.cache.invalidate(key).await;
            self.freshness.turn_epoch();
        }
    }

    async fn without_registry(&self, key: &K, state: State) -> Result<Option<Arc<V>>, Status> {
        let cached = if state == State::Stale { None } else { self.cache.get(key).await };
        cached.map(|entry| entry.record).ok_or_else(|| unavailable("the registry does not answer; try again"))
    }
}

impl<V> From<Loaded<V>> for Entry<V> {
    fn from(loaded: Loaded<V>) -> Self {
        Self { record: loaded.record.map(Arc::new), revision: loaded.revision }
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

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU32, Ordering};
    use std::time::Duration;

    use mintage_clock::{ManualClock, Timestamp};

    use super::*;
    use crate::feed::FeedSettings;

    struct Rig {
        manual: ManualClock,
        freshness: Freshness,
        cache: ReadThrough<&'static str, u32>,
        loads: AtomicU32,
    }

    impl Rig {
        fn new() -> Self {
            let manual = ManualClock::at(Timestamp::from_unix_seconds(1_000));
            let freshness = Freshness::new(FeedSettings::default(), manual.clock());
            freshness.heard(10);
            let cache = ReadThrough::new(1 << 20, |_, _| 8, freshness.clone());
            Self { manual, freshness, cache, loads: AtomicU32::new(0) }
        }

        async fn get(&self, answer: Result<Option<u32>, Status>, revision: u64) -> Result<Option<u32>, Status> {
            let load = || async {
                self.loads.fetch_add(1, Ordering::SeqCst);
                answer.map(|record| Loaded { record, revision })
            };
            Ok(self.cache.get(&"key", load).await?.map(|record| *record))
        }

        fn loads(&self) -> u32 {
            self.loads.load(Ordering::SeqCst)
        }
    }

    #[tokio::test]
    async fn while_the_feed_is_alive_a_record_is_loaded_once_even_an_absent_one() {
        let rig = Rig::new();
        assert_eq!(rig.get(Ok(None), 10).await.unwrap(), None);
        assert_eq!(rig.get(Ok(Some(1)), 10).await.unwrap(), None);
        assert_eq!(rig.loads(), 1);
        rig.cache.evict(&"key").await;
        assert_eq!(rig.get(Ok(Some(1)), 10).await.unwrap(), Some(1));
    }

    #[tokio::test]
    async fn a_record_that_the_feed_overtook_while_it_was_loaded_is_not_kept() {
        let rig = Rig::new();
        rig.freshness.heard(11);
        assert_eq!(rig.get(Ok(Some(1)), 10).await.unwrap(), Some(1));
        assert_eq!(rig.get(Ok(Some(2)), 11).await.unwrap(), Some(2));
        assert_eq!(rig.loads(), 2);
    }

    #[tokio::test]
    async fn missed_heartbeats_make_every_use_load_again() {
        let rig = Rig::new();
        rig.get(Ok(Some(1)), 10).await.unwrap();
        rig.manual.advance(Duration::from_secs(5));
        assert_eq!(rig.get(Ok(Some(2)), 10).await.unwrap(), Some(2));
    }

    #[tokio::test]
    async fn a_cut_off_cache_serves_up_to_the_bound_and_refuses_past_it() {
        let rig = Rig::new();
        rig.get(Ok(Some(1)), 10).await.unwrap();
        rig.manual.advance(Duration::from_secs(5));
        let cut = || Err(Status::unavailable("cut"));
        assert_eq!(rig.get(cut(), 0).await.unwrap(), Some(1));
        rig.manual.advance(Duration::from_mins(2));
        assert_eq!(rig.get(cut(), 0).await.unwrap_err().code(), tonic::Code::Unavailable);
    }

    #[tokio::test]
    async fn a_failed_load_is_not_cached_and_its_words_stay_inside() {
        let rig = Rig::new();
        let status = rig.get(Err(Status::unavailable("tcp 10.0.0.7 refused")), 0).await.unwrap_err();
        assert!(!status.message().contains("10.0.0.7"));
        assert_eq!(rig.get(Ok(Some(3)), 10).await.unwrap(), Some(3));
    }
}
