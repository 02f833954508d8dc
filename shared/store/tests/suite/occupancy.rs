//! Who uses a pool and who waits for it is told.

use std::sync::Mutex;
use std::time::Duration;

use mintage_store::{Database, DatabaseSettings, Occupancy, PoolSettings, StoreError};
use mintage_testkit::on_each_backend;
use tokio::sync::oneshot;

use crate::schema::{Schema, value};

#[tokio::test]
async fn who_waits_for_a_connection_and_gets_none_is_counted() {
    on_each_backend(async |test| {
        let patience = Duration::from_millis(200);
        let pool = PoolSettings { max_connections: 1, acquire_timeout: patience, ..test.settings().pool };
        let settings = DatabaseSettings { pool, ..test.settings().clone() };
        let database = Database::connect(&settings).await.expect("connects");
        database.migrate::<Schema>().await.expect("migrates");
        let Occupancy { in_use, idle, most, waiting, timeouts } = at_rest(&database).await;
        assert_eq!((in_use, idle, most, waiting, timeouts), (0, 1, 1, 0, 0));

        let (holds, held) = oneshot::channel();
        let (release, released) = oneshot::channel::<()>();
        let gates = Mutex::new(Some((holds, released)));
        let holding = database.transaction(async |_| {
            let gates = gates.lock().expect("nobody panics").take();
            let (holds, released) = gates.expect("it runs once");
            let _ = holds.send(());
            let _ = released.await;
            Ok::<_, StoreError>(())
        });
        let waiting = async {
            held.await.expect("the transaction runs");
            let waiter = value(&database, "any");
            let seen = async {
                while database.occupancy().waiting == 0 {
                    tokio::task::yield_now().await;
                }
                database.occupancy().in_use
            };
            let (refused, in_use) = tokio::join!(waiter, seen);
            refused.expect_err("there is no connection for it");
            release.send(()).expect("the transaction waits");
            in_use
        };
        let (committed, in_use) = tokio::join!(holding, waiting);
        committed.expect("commits");
        assert_eq!((in_use, database.occupancy().timeouts), (1, 1));
        assert_eq!(at_rest(&database).await.waiting, 0);
    })
    .await;
}

/// Once every connection is back: that takes a moment longer than the answer.
async fn at_rest(database: &Database) -> Occupancy {
    while database.occupancy().in_use > 0 {
        tokio::task::yield_now().await;
    }
    database.occupancy()
}
