//! Work that is done by one at a time.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use mintage_store::StoreError;
use mintage_testkit::TestDatabase;
use tokio::sync::oneshot;
use tokio::task::JoinSet;

#[tokio::test]
async fn of_many_who_want_a_lock_one_works_at_a_time() {
    let Some(test) = TestDatabase::postgres().await else { return };
    let (working, mut workers) = (Arc::new(AtomicUsize::new(0)), JoinSet::new());
    for _ in 0..4 {
        let (database, working) = (test.connect().await, Arc::clone(&working));
        workers.spawn(async move {
            let work = async {
                assert_eq!(working.fetch_add(1, Ordering::SeqCst), 0, "somebody else works");
                database.ping().await.expect("another connection is free");
                working.fetch_sub(1, Ordering::SeqCst);
            };
            database.alone(LOCK, PATIENCE, work).await
        });
    }
    for outcome in workers.join_all().await {
        outcome.expect("everyone has their turn");
    }
}

#[tokio::test]
async fn who_waits_too_long_does_nothing_and_another_lock_is_free() {
    let Some(test) = TestDatabase::postgres().await else { return };
    let [holder, other] = [test.connect().await, test.connect().await];
    let ((held, holding), (end, ended)) = (oneshot::channel(), oneshot::channel::<()>());
    let held = holder.alone(LOCK, PATIENCE, async {
        held.send(()).expect("somebody waits for it");
        ended.await
    });
    let tried = async {
        holding.await.expect("it is held");
        let refused = other.alone(LOCK, Duration::from_millis(50), async { panic!("it is held") }).await;
        assert!(matches!(refused, Err(StoreError::Unavailable(_))), "{refused:?}");
        other.alone(LOCK + 1, PATIENCE, async {}).await.expect("another");
        end.send(()).expect("it is held still");
    };
    let (held, ()) = tokio::join!(held, tried);
    held.expect("it was held").expect("and given back");
    other.alone(LOCK, PATIENCE, async {}).await.expect("it is free again");
}

const LOCK: i64 = 7;
const PATIENCE: Duration = Duration::from_secs(60);
