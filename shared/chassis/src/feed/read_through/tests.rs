//! What a cache may still say.

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

#[tokio::test(start_paused = true)]
async fn b8_whoever_is_in_haste_makes_nobody_believe_that_the_registry_is_silent() {
    let rig = Rig::new();
    assert_eq!(rig.get(Ok(Some(1)), 10).await.unwrap(), Some(1));
    rig.freshness.lost();
    let slow = || async {
        tokio::time::sleep(SHORTEST_ASKING / 2).await;
        Ok(Loaded { record: Some(2), revision: 10 })
    };
    for hasty in [Duration::ZERO, SHORTEST_ASKING / 4] {
        let answer = within(hasty, rig.cache.get(&"key", slow)).await;
        assert!(answer.is_err() || answer.is_ok_and(|answer| answer.is_err()), "nor is it told from memory");
    }
    assert_eq!(rig.cache.get(&"key", slow).await.unwrap().as_deref(), Some(&2), "the next asks the registry");
    let silent = || std::future::pending::<Result<Loaded<u32>, Status>>();
    let answer = within(SHORTEST_ASKING * 2, rig.cache.get(&"key", silent)).await.expect("in time");
    assert_eq!(answer.unwrap().as_deref(), Some(&2), "who has time hears from memory when the registry is silent");
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
