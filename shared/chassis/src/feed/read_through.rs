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
    /// `None`: there is no such record.
    pub record: Option<V>,
    /// Read by the registry before the record.
    pub revision: u64,
}

/// A read-through cache: bounded by bytes, one load at a time for a key. Absences are remembered apart, in an eighth of
/// the bytes: whoever asks for what does not exist, over and over under new names, drives no record out.
pub struct ReadThrough<K, V> {
    known: Cache<K, Entry<V>>,
    absent: Cache<K, Revision>,
    freshness: Freshness,
}

struct Entry<V> {
    record: Arc<V>,
    revision: Revision,
}

/// The feed revision that an answer is at least as fresh as.
type Revision = u64;

enum Missed {
    Absent(Revision),
    Failed(Status),
}

impl<V> Clone for Entry<V> {
    fn clone(&self) -> Self {
        Self { record: Arc::clone(&self.record), revision: self.revision }
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
        let of_absence = move |key: &K, _: &Revision| whole(weigh(key, None));
        let for_absences = max_bytes / SHARE_OF_ABSENCES;
        Self {
            known: Cache::builder().max_capacity(max_bytes - for_absences).weigher(of_record).build(),
            absent: Cache::builder().max_capacity(for_absences).weigher(of_absence).build(),
            freshness,
        }
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
            && let Some(entry) = self.known.get(key).await
        {
            return Ok(Some(entry.record));
        }
        // A load is a hundred times the size of a hit. Boxed, it does not weigh on every request that needs none.
        Box::pin(self.miss(key, state, load())).await
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

    async fn miss<F>(&self, key: &K, state: State, load: F) -> Result<Option<Arc<V>>, Status>
    where
        F: Future<Output = Result<Loaded<V>, Status>> + Send,
    {
        if state == State::Fresh {
            let absent = self.absent.get(key).await.is_some();
            return if absent { Ok(None) } else { self.load_once(key, load).await };
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
        let loading = async {
            let Loaded { record, revision } = load.await.map_err(Missed::Failed)?;
            if record.is_none() {
                // Before the load ends, so that whoever comes next finds it.
                self.absent.insert(key.clone(), revision).await;
            }
            Ok(Entry { record: record.map(Arc::new).ok_or(Missed::Absent(revision))?, revision })
        };
        let loaded = self.known.try_get_with_by_ref(key, loading).await;
        let (record, revision) = match loaded.as_ref().map_err(AsRef::as_ref) {
            Ok(entry) => (Some(Arc::clone(&entry.record)), entry.revision),
            Err(Missed::Absent(revision)) => (None, *revision),
            Err(Missed::Failed(status)) => return Err(transport_fault_hidden(status)),
        };
        self.drop_if_overtaken(key, revision).await;
        Ok(record)
    }

    async fn keep(&self, key: &K, loaded: Loaded<V>) -> Option<Arc<V>> {
        let Loaded { record, revision } = loaded;
        let record = record.map(Arc::new);
        self.forget(key).await;
        match record.clone() {
            Some(record) => self.known.insert(key.clone(), Entry { record, revision }).await,
            None => self.absent.insert(key.clone(), revision).await,
        }
        self.drop_if_overtaken(key, revision).await;
        record
    }

    async fn forget(&self, key: &K) {
        self.known.invalidate(key).await;
        self.absent.invalidate(key).await;
    }

    /// The feed raises the revision first and evicts then. So either the change is seen here, or the entry is already
    /// there to be evicted.
    async fn drop_if_overtaken(&self, key: &K, revision: u64) {
        if self.freshness.revision() > revision {
            self.forget(key).await;
            self.freshness.turn_epoch();
        }
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
    async fn no_flood_of_absent_keys_drives_a_record_out_or_takes_more_than_its_share() {
        let manual = ManualClock::at(Timestamp::from_unix_seconds(1_000));
        let freshness = Freshness::new(FeedSettings::default(), manual.clock());
        freshness.heard(10);
        let cache: ReadThrough<u32, u32> = ReadThrough::new(64 << 10, |_, _| 8, freshness);
        let loads = AtomicU32::new(0);
        let get = async |key, record| {
            let load = || async {
                loads.fetch_add(1, Ordering::SeqCst);
                Ok(Loaded { record, revision: 10 })
            };
            cache.get(&key, load).await.unwrap()
        };
        assert_eq!(get(0, Some(7)).await.as_deref(), Some(&7));
        for _ in 0..3 {
            for absent in 1..5_000 {
                assert_eq!(get(absent, None).await, None);
            }
        }
        cache.absent.run_pending_tasks().await;
        assert!(cache.absent.weighted_size() <= 8 << 10, "{}", cache.absent.weighted_size());
        let before = loads.load(Ordering::SeqCst);
        assert_eq!(get(0, None).await.as_deref(), Some(&7));
        assert_eq!(loads.load(Ordering::SeqCst), before);
    }

    #[tokio::test]
    async fn whoever_asks_for_an_absent_record_at_the_same_time_shares_one_load() {
        let rig = Rig::new();
        let asked = (0..20).map(|_| async {
            let load = || async {
                rig.loads.fetch_add(1, Ordering::SeqCst);
                tokio::task::yield_now().await;
                Ok(Loaded { record: None, revision: 10 })
            };
            rig.cache.get(&"key", load).await.unwrap()
        });
        assert!(futures::future::join_all(asked).await.iter().all(Option::is_none));
        assert_eq!(rig.loads(), 1);
    }

    #[tokio::test]
    async fn an_absence_ends_when_the_registry_says_so_and_so_does_a_record() {
        let rig = Rig::new();
        assert_eq!(rig.get(Ok(None), 10).await.unwrap(), None);
        rig.manual.advance(Duration::from_secs(5));
        assert_eq!(rig.get(Ok(Some(1)), 10).await.unwrap(), Some(1));
        rig.freshness.heard(10);
        assert_eq!(rig.get(Ok(None), 10).await.unwrap(), Some(1));
        rig.manual.advance(Duration::from_secs(5));
        assert_eq!(rig.get(Ok(None), 10).await.unwrap(), None);
        assert_eq!(rig.get(Err(Status::unavailable("cut")), 0).await.unwrap(), None);
        rig.freshness.heard(10);
        assert_eq!(rig.get(Ok(Some(2)), 10).await.unwrap(), None);
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
