//! A cache whose entries never outlive what the change feed has overtaken.

use std::fmt;
use std::future::Future;
use std::hash::Hash;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use moka::future::Cache;
use tonic::Status;

use super::freshness::ASKING;
use super::{Freshness, State};
use crate::deadline::{apart, within};
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
        if at_hand && !self.freshness.is_worth_asking() {
            return self.without_registry(key, state).await;
        }
        self.tell_of_miss();
        let patience = if at_hand { ASKING } else { Duration::MAX };
        let silent = |_| Err(Status::unavailable("no answer in time"));
        let timeline = self.freshness.timeline();
        match within(patience, load()).await.unwrap_or_else(silent) {
            Err(status) if may_be_transient(&status) => {
                self.freshness.unanswered();
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
mod tests {
    use std::sync::atomic::AtomicU32;
    use std::time::Duration;

    use mintage_clock::{ManualClock, Timestamp};
    use tokio::sync::Notify;

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
                answer.clone().map(|record| Loaded { record, revision })
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
        let load = || async {
            rig.freshness.raise(11);
            Ok(Loaded { record: Some(1), revision: 10 })
        };
        assert_eq!(rig.cache.get(&"key", load).await.unwrap().as_deref(), Some(&1));
        assert_eq!(rig.get(Ok(Some(2)), 11).await.unwrap(), Some(2));
        assert_eq!(rig.loads(), 1);
    }

    #[tokio::test]
    async fn b32_whoever_asks_after_a_change_does_not_share_a_load_from_before_it() {
        let rig = Rig::new();
        let answered = Notify::new();
        let early = rig.cache.get(&"key", || async {
            answered.notified().await;
            Ok(Loaded { record: Some(1), revision: 10 })
        });
        let late = async {
            rig.freshness.raise(11);
            rig.cache.evict(&"key").await;
            let mut late = Box::pin(rig.get(Ok(Some(2)), 11));
            assert!(futures::poll!(&mut late).is_pending(), "it waits for the load that is under way");
            answered.notify_one();
            late.await
        };
        let (early, late) = futures::join!(early, late);
        assert_eq!(early.unwrap().as_deref(), Some(&1), "asked before the change");
        assert_eq!(late.unwrap(), Some(2));
        assert_eq!(rig.get(Ok(Some(3)), 11).await.unwrap(), Some(2), "and what it loaded is kept");
    }

    #[tokio::test]
    async fn b32_an_entry_that_was_overtaken_before_it_settled_is_not_used() {
        let rig = Rig::new();
        rig.cache.known.insert("key", Entry { record: Arc::new(1), stamp: Stamp::new(10, 0) }).await;
        assert_eq!(rig.get(Ok(Some(2)), 10).await.unwrap(), Some(1));
        rig.freshness.raise(11);
        assert_eq!(rig.get(Ok(Some(2)), 11).await.unwrap(), Some(2));
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

    #[tokio::test(start_paused = true)]
    async fn while_the_registry_is_silent_one_asks_for_a_moment_and_the_others_are_answered_from_memory() {
        let rig = Rig::new();
        rig.get(Ok(Some(1)), 10).await.unwrap();
        rig.manual.advance(Duration::from_secs(5));
        let hang = || async {
            rig.loads.fetch_add(1, Ordering::SeqCst);
            std::future::pending().await
        };
        let ask = async || rig.cache.get(&"key", hang).await.map(|record| *record.unwrap());
        let began = tokio::time::Instant::now();
        assert_eq!((ask().await.unwrap(), began.elapsed() < Duration::from_secs(1)), (1, true));
        for _ in 0..10 {
            let again = tokio::time::Instant::now();
            assert_eq!((ask().await.unwrap(), again.elapsed()), (1, Duration::ZERO));
        }
        assert_eq!(rig.loads(), 2);
        rig.manual.advance(Duration::from_secs(1));
        let (first, second) = futures::join!(ask(), ask());
        assert_eq!((first.unwrap(), second.unwrap(), rig.loads()), (1, 1, 3));
        rig.manual.advance(Duration::from_mins(2));
        assert_eq!(ask().await.unwrap_err().code(), tonic::Code::Unavailable);
        assert_eq!(rig.get(Ok(Some(2)), 11).await.unwrap_err().code(), tonic::Code::Unavailable, "one has just asked");
        rig.manual.advance(Duration::from_secs(1));
        assert_eq!(rig.get(Ok(Some(2)), 11).await.unwrap(), Some(2));
        assert_eq!(rig.get(Ok(Some(3)), 12).await.unwrap(), Some(3), "it answers again, so everyone asks");
    }

    #[tokio::test]
    async fn a_failed_load_is_not_cached_and_its_words_stay_inside() {
        let rig = Rig::new();
        let status = rig.get(Err(Status::unavailable("tcp 10.0.0.7 refused")), 0).await.unwrap_err();
        assert!(!status.message().contains("10.0.0.7"));
        assert_eq!(rig.get(Ok(Some(3)), 10).await.unwrap(), Some(3));
    }

    #[tokio::test]
    async fn what_was_loaded_while_the_feed_began_anew_at_an_earlier_revision_is_not_kept() {
        let rig = Rig::new();
        let (begun, restored) = (Notify::new(), Notify::new());
        let load = || async {
            begun.notify_one();
            restored.notified().await;
            Ok(Loaded { record: Some(1), revision: 10 })
        };
        let restore = async {
            begun.notified().await;
            rig.freshness.restart(5);
            rig.cache.clear();
            rig.freshness.heard(5);
            restored.notify_one();
        };
        let (loaded, ()) = tokio::join!(rig.cache.get(&"key", load), restore);
        assert_eq!(loaded.unwrap().as_deref(), Some(&1));
        assert_eq!(rig.get(Ok(Some(2)), 5).await.unwrap(), Some(2), "it is loaded from what was restored");
    }
}
