//! What is kept of watchers, on every backend: the evidence that replicas share.

use std::pin::pin;
use std::time::Duration;

use futures::poll;
use mintage_clock::Randomness;
use mintage_key_management::domain::ports::{Evidence, Held};
use mintage_key_management::store::{KeptWatcher, WatcherChanges};
use mintage_key_management::watch::{Seat, Standing, Watchers};
use mintage_oauth::TenantId;
use mintage_store::Backend;
use mintage_testkit::on_each_backend;
use sea_orm::ConnectionTrait;

use crate::house::{House, Replica};

const LEASE: Duration = Duration::from_secs(10);

/// The watchers of one more replica.
fn watchers(house: &House, replica: &Replica) -> Watchers {
    let store = replica.store().clone();
    Watchers::new(store, house.settings.watch, LEASE, house.clock.clock(), &Randomness::system())
}

fn watcher(watchers: &Watchers, tenant: &str, name: &str) -> Seat {
    let seat = watchers.seat(Standing::Service).expect("a seat");
    seat.watch(tenant.parse().expect("a tenant"), name.to_owned());
    seat
}

fn holds(seat: &Seat, version: u64) {
    seat.sent(version);
    seat.acknowledge(version).expect("acknowledged");
}

async fn held(watchers: &Watchers, version: u64) -> Held {
    watchers.held(&TenantId::default_tenant(), version).await.expect("evidence")
}

fn of(watchers: u32, waiting_for: &[&str]) -> Held {
    let waiting_for: Vec<_> = waiting_for.iter().map(|name| (*name).to_owned()).collect();
    Held { watchers, holding: watchers - u32::try_from(waiting_for.len()).expect("few"), waiting_for }
}

#[tokio::test]
async fn lesson_25_whichever_replica_asks_hears_of_the_watchers_of_all() {
    on_each_backend(async |test| {
        let house = House::on(test).await;
        let (one, two) = (house.replica().await, house.replica().await);
        let (left, right) = (watchers(&house, &one), watchers(&house, &two));
        assert_eq!(held(&left, 5).await, of(0, &[]));
        let (first, second) = (watcher(&left, "default", "edge: a"), watcher(&right, "default", "edge: b"));
        let _elsewhere = watcher(&right, "acme", "edge: b");
        let stranger = right.seat(Standing::Other(None)).expect("a seat");
        stranger.watch(TenantId::default_tenant(), "stranger".to_owned());
        right.record().await.unwrap();
        assert_eq!(held(&left, 5).await, of(2, &["edge: a", "edge: b"]));
        holds(&first, 5);
        assert_eq!(held(&left, 5).await, of(2, &["edge: b"]));
        holds(&second, 6);
        assert_eq!(held(&left, 5).await, of(2, &["edge: b"]), "what is not kept yet does not count");
        right.record().await.unwrap();
        assert_eq!(held(&left, 5).await, of(2, &[]));
        assert_eq!(held(&left, 6).await, of(2, &["edge: a"]), "a later set was not acknowledged by all");
        drop(second);
        right.record().await.unwrap();
        assert_eq!(held(&left, 6).await, of(1, &["edge: a"]), "who left is not waited for");
    })
    .await;
}

#[tokio::test]
async fn the_watchers_of_a_dead_replica_stop_counting_and_at_last_go() {
    on_each_backend(async |test| {
        let house = House::on(test).await;
        let (one, two) = (house.replica().await, house.replica().await);
        let (left, right) = (watchers(&house, &one), watchers(&house, &two));
        let (_here, _gone) = (watcher(&left, "default", "edge: a"), watcher(&right, "default", "edge: b"));
        right.record().await.unwrap();
        assert_eq!(held(&left, 1).await.watchers, 2);
        for _ in 0..5 {
            house.wait(Duration::from_secs(2));
            assert_eq!(held(&left, 1).await.watchers, 2, "it may only be slow");
        }
        house.wait(Duration::from_secs(2));
        assert_eq!(held(&left, 1).await, of(1, &["edge: a"]), "its lease has ended");
        for _ in 0..25 {
            house.wait(Duration::from_secs(2));
            left.record().await.unwrap();
        }
        assert_eq!(one.store().beats().await.unwrap().len(), 1, "nothing is kept of it");
        right.record().await.unwrap();
        assert_eq!(held(&left, 1).await.watchers, 2, "it was not dead, and tells all of its watchers again");
    })
    .await;
}

#[tokio::test]
async fn nobody_is_forgotten_because_the_database_was_away_for_all() {
    let house = House::on_sqlite().await;
    let (one, two) = (house.replica().await, house.replica().await);
    let (left, right) = (watchers(&house, &one), watchers(&house, &two));
    let _there = watcher(&right, "default", "edge: b");
    right.record().await.unwrap();
    assert_eq!(held(&left, 1).await.watchers, 1);
    house.wait(Duration::from_secs(3600));
    assert_eq!(held(&left, 1).await.watchers, 1, "who comes back first waits for the others");
}

#[tokio::test]
async fn a_replica_that_was_killed_and_comes_back_waits_for_those_that_it_had() {
    let house = House::on_sqlite().await;
    let replica = house.replica().await;
    let before = watchers(&house, &replica);
    let seat = watcher(&before, "default", "edge: a");
    before.record().await.unwrap();
    let after = watchers(&house, &replica);
    assert_eq!(held(&after, 1).await, of(1, &["edge: a"]), "they may be on their way back");
    drop((seat, before));
    for _ in 0..6 {
        house.wait(Duration::from_secs(2));
        after.record().await.unwrap();
    }
    assert_eq!(held(&after, 1).await, of(0, &[]));
}

#[tokio::test]
async fn what_is_kept_of_a_watcher_is_written_once_and_a_crowd_is_written_whole() {
    on_each_backend(async |test| {
        let house = House::on(test).await;
        let replica = house.replica().await;
        let all = watchers(&house, &replica);
        let seats: Vec<_> = (0..1200).map(|number| watcher(&all, "default", &format!("edge: {number:0>4}"))).collect();
        all.record().await.unwrap();
        let before = replica.database.statements();
        all.record().await.unwrap();
        assert_eq!(replica.database.statements() - before, 1, "nothing changed: it looks who lives");
        for seat in &seats {
            holds(seat, 9);
        }
        assert_eq!(held(&all, 9).await, of(1200, &[]));
        let waiting = held(&all, 10).await;
        assert_eq!((waiting.watchers, waiting.holding, waiting.waiting_for.len()), (1200, 0, 20));
        assert_eq!(waiting.waiting_for[0], "edge: 0000");
        drop(seats);
        assert_eq!(held(&all, 9).await, of(0, &[]));
    })
    .await;
}

#[tokio::test]
async fn what_is_kept_of_watchers_follows_another_count_all_or_not_at_all() {
    on_each_backend(async |test| {
        let house = House::on(test).await;
        let store = house.replica().await.store().clone();
        let tenant = TenantId::default_tenant();
        let kept = |seat, version| KeptWatcher { seat, tenant: tenant.clone(), name: "edge: a".to_owned(), version };
        let changes = |version| WatcherChanges { kept: vec![kept(1, version), kept(2, version)], gone: vec![3] };
        let replica = "replica".to_owned();
        let held = async |version| {
            let held = store.held_at(&tenant, version, std::slice::from_ref(&replica)).await.unwrap();
            (held.watchers, held.holding)
        };
        assert!(!store.beat(&replica, 0, &changes(1)).await.unwrap(), "nothing is known of it");
        store.begin_anew(&replica, 1, &[kept(1, 1), kept(2, 1), kept(3, 1)]).await.unwrap();
        assert_eq!(held(1).await, (3, 3));
        assert!(store.beat(&replica, 1, &changes(2)).await.unwrap());
        assert!(!store.beat(&replica, 1, &changes(3)).await.unwrap(), "it is at another count");
        assert_eq!((store.beats().await.unwrap(), held(2).await), (vec![(replica.clone(), 2)], (2, 2)));
        assert_eq!(held(3).await, (2, 0));
        assert_eq!(store.held_at(&tenant, 2, &["another".to_owned()]).await.unwrap(), Held::default());
        assert_eq!(store.held_at(&tenant, 2, &[]).await.unwrap(), Held::default());
        store.forget_replica(&replica, 1).await.unwrap();
        assert_eq!(held(2).await, (2, 2), "it gave a sign of life after the one that was seen");
        store.begin_anew(&replica, 9, &[kept(4, 1)]).await.unwrap();
        assert_eq!((store.beats().await.unwrap(), held(2).await), (vec![(replica.clone(), 9)], (1, 0)));
        store.forget_replica(&replica, 9).await.unwrap();
        assert_eq!((store.beats().await.unwrap(), held(2).await), (vec![], (0, 0)));
    })
    .await;
}

/// Puts a replica's rows back to what they were.
async fn take_back(replica: &Replica, beat: i64, rows: &[KeptWatcher]) {
    let id = only_replica(replica).await.0;
    replica.store().begin_anew(&id, beat, rows).await.expect("taken back");
}

async fn only_replica(replica: &Replica) -> (String, i64) {
    let beats = replica.store().beats().await.expect("beats");
    let [only] = &*beats else { panic!("{beats:?}") };
    only.clone()
}

#[tokio::test]
async fn lesson_25_a_database_that_went_back_in_time_is_told_of_all_watchers_anew() {
    on_each_backend(async |test| {
        let house = House::on(test).await;
        let replica = house.replica().await;
        let all = watchers(&house, &replica);
        let stays = watcher(&all, "default", "edge: a");
        let leaves = watcher(&all, "default", "edge: b");
        all.record().await.unwrap();
        let before = only_replica(&replica).await.1;
        holds(&stays, 5);
        drop(leaves);
        let comes = watcher(&all, "default", "edge: c");
        assert_eq!(held(&all, 5).await, of(2, &["edge: c"]));
        // A standby takes over that had not heard of the last transaction.
        let row = |seat, name: &str| KeptWatcher {
            seat,
            tenant: TenantId::default_tenant(),
            name: name.to_owned(),
            version: 0,
        };
        take_back(&replica, before, &[row(1, "edge: a"), row(2, "edge: b")]).await;
        assert_eq!(held(&all, 5).await, of(2, &["edge: c"]), "no sign of life was due");
        // The same while the last one goes.
        take_back(&replica, before, &[row(1, "edge: a"), row(2, "edge: b")]).await;
        drop((stays, comes));
        assert_eq!(held(&all, 5).await, of(0, &[]));
    })
    .await;
}

#[tokio::test]
async fn a_replica_that_cannot_tell_whether_it_was_heard_tells_all_of_its_watchers_again() {
    let house = House::on_sqlite().await;
    let (one, two) = (house.replica().await, house.replica().await);
    let (left, right) = (watchers(&house, &one), watchers(&house, &two));
    let (stays, leaves) = (watcher(&left, "default", "edge: a"), watcher(&left, "default", "edge: b"));
    left.record().await.unwrap();
    // What it writes next is kept, and nobody tells it.
    let (id, beat) = only_replica(&two).await;
    let changes = WatcherChanges { kept: Vec::new(), gone: vec![1] };
    assert!(two.store().beat(&id, beat, &changes).await.unwrap());
    holds(&stays, 5);
    drop(leaves);
    left.record().await.unwrap();
    assert_eq!(held(&right, 5).await, of(1, &[]));
}

#[tokio::test]
async fn while_the_database_takes_no_writes_it_is_known_who_held_what_and_no_evidence_for_a_key() {
    on_each_backend(async |test| {
        let house = House::on(test).await;
        let (one, two) = (house.replica().await, house.replica().await);
        let (left, right) = (watchers(&house, &one), watchers(&house, &two));
        let (first, _second) = (watcher(&left, "default", "edge: a"), watcher(&right, "default", "edge: b"));
        holds(&first, 5);
        for each in [&left, &right] {
            each.record().await.unwrap();
        }
        let known = async || left.last_known(&TenantId::default_tenant(), 5).await.expect("known");
        // On SQLite there is one connection.
        if house.test.backend() == Backend::Postgres {
            let writing = pin!(left.record());
            assert!(poll!(writing).is_pending());
            assert_eq!(known().await, of(2, &["edge: b"]), "it waits for nobody who writes");
        }
        for statement in no_writes(house.test.backend()) {
            one.database.connection().execute_unprepared(statement).await.expect(statement);
        }
        for _ in 0..2 {
            house.wait(Duration::from_secs(3600));
            assert!(left.held(&TenantId::default_tenant(), 5).await.is_err(), "who came meanwhile is not kept");
            assert_eq!(known().await, of(2, &["edge: b"]));
        }
    })
    .await;
}

/// No replica gives a sign of life any more.
fn no_writes(backend: Backend) -> &'static [&'static str] {
    match backend {
        Backend::Sqlite => &[
            "CREATE TRIGGER no_update BEFORE UPDATE ON watch_replicas BEGIN SELECT RAISE(ABORT, 'read only'); END",
            "CREATE TRIGGER no_insert BEFORE INSERT ON watch_replicas BEGIN SELECT RAISE(ABORT, 'read only'); END",
        ],
        Backend::Postgres => &[
            "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RAISE EXCEPTION ''read only''; END'",
            "CREATE TRIGGER no_writes BEFORE UPDATE OR INSERT ON watch_replicas EXECUTE FUNCTION refuse()",
        ],
    }
}
