//! A database that keeps a change and shows it only much later: its standby, which is to confirm each change, is gone. And one
//! that answers nobody.

use std::sync::Arc;
use std::time::Duration;

use mintage_jose::Algorithm;
use mintage_key_management::domain::ports::Rings;
use mintage_key_management::domain::{KeysError, PortError};
use mintage_key_management::migrate;
use mintage_oauth::TokenLifetime;
use mintage_store::{Database, DatabaseSettings, PoolSettings, StoreError};
use mintage_testkit::{PostgresServer, on_each_backend};
use sea_orm::ConnectionTrait;
use tokio::sync::{Mutex, mpsc, oneshot};
use tokio::task::JoinHandle;
use tokio::time::Instant;

use crate::house::{House, Replica, by_operator, master, order_of, ring, ring_of};

/// A server that waits at each change for a standby there is not, with whoever connects as `slow`.
struct Stalling {
    url: String,
    operator: Database,
    _server: PostgresServer,
}

impl Stalling {
    async fn start() -> Option<Self> {
        let mut server = PostgresServer::create()?;
        server.start(&["synchronous_standby_names=ghost", "synchronous_commit=local"]);
        let url = server.url("postgres");
        let operator = Self::connect(&DatabaseSettings::at(url.clone())).await;
        migrate(&operator).await.expect("migrated");
        let started = Self { url, operator, _server: server };
        let (_, password) = started.url.split_once("//postgres:").expect("a role");
        let (password, _) = password.split_once('@').expect("a password");
        started.tell(&format!("CREATE ROLE slow SUPERUSER LOGIN PASSWORD '{password}'")).await;
        started.tell("ALTER ROLE slow SET synchronous_commit = on").await;
        Some(started)
    }

    /// A server that has just started on a busy machine may not answer within the time that a caller has.
    async fn connect(settings: &DatabaseSettings) -> Database {
        let mut tries = 0;
        loop {
            match Database::connect(settings).await {
                Err(_) if tries < MOST_TRIES => tries += 1,
                outcome => return outcome.expect("connects"),
            }
        }
    }

    async fn replica(&self, house: &House, role: &str) -> Replica {
        let settings = DatabaseSettings::at(self.url.replacen("//postgres:", &format!("//{role}:"), 1));
        house.replica_on(Self::connect(&settings).await, master().into()).await
    }

    async fn tell(&self, statement: &str) -> u64 {
        self.operator.connection().execute_unprepared(statement).await.expect("done").rows_affected()
    }

    /// What waits is kept without the standby.
    async fn go_on(&self) {
        let waits = "SELECT pg_terminate_backend(pid, 30000) FROM pg_stat_activity WHERE wait_event = 'SyncRep'";
        assert_eq!(self.tell(waits).await, 1, "one change waits");
    }
}

#[tokio::test]
async fn lesson_20_a_key_whose_retirement_postgresql_shows_late_stays_until_its_last_token_has_expired() {
    let Some(database) = Stalling::start().await else { return };
    let house = House::on_sqlite().await;
    let name = ring(Algorithm::Es256);
    let lifetime = TokenLifetime::from_seconds(600).expect("a life");
    let replica = database.replica(&house, "postgres").await;
    replica.keys.ensure(&name, lifetime, &by_operator()).await.expect("a ring");
    let (_, first) = replica.sign_for(&name, lifetime).await;

    let asked = database.replica(&house, "slow").await;
    let unknown = asked.rotate(&name).await;
    assert!(matches!(unknown, Err(KeysError::Port(PortError::Unavailable(_)))), "{unknown:?}");
    house.wait(Duration::from_secs(700));
    replica.keys.follow_others().await;
    assert_eq!(replica.sign_for(&name, lifetime).await.1, first, "longer than it is kept for its tokens, it signs on");

    database.go_on().await;
    replica.keys.follow_others().await;
    assert_ne!(replica.sign_for(&name, lifetime).await.1, first, "now it shows");
    let served = async || {
        replica.keys.step().await;
        let kept = replica.store().find(&name).await.expect("an answer").expect("a ring");
        kept.key(&first.parse().expect("a kid")).is_some()
    };
    house.wait(Duration::from_secs(1));
    assert!(served().await, "its last token is a second old");
    house.wait(Duration::from_secs(599));
    assert!(served().await);
    house.wait(Duration::from_secs(56));
    assert!(!served().await, "and then it goes");
}

#[tokio::test]
async fn past_the_lag_a_database_that_hangs_makes_no_request_wait_and_the_first_reading_ends_that() {
    on_each_backend(async |test| {
        let pool = PoolSettings { max_connections: 1, acquire_timeout: HANGS, statement_timeout: HANGS * 10 };
        let settings = DatabaseSettings { pool, ..test.settings().clone() };
        let house = House::on(test).await;
        let replica = house.replica_on(Database::connect(&settings).await.expect("connects"), master().into()).await;
        let (name, nobodys) = (ring(Algorithm::Es256), ring_of("nobody", Algorithm::Es256));
        replica.ensure(&name).await.expect("a ring");
        let refused = async |within: Duration| {
            let began = Instant::now();
            let (signed, shown, unknown) = tokio::join!(
                replica.keys.sign(vec![Ok(order_of(&name))]),
                replica.keys.key_set(name.tenant()),
                replica.keys.ring(&nobodys),
            );
            let took = began.elapsed();
            assert!(signed.is_err() && shown.is_err() && unknown.is_err(), "nothing is answered");
            assert!(took < within, "refused after {took:?}");
        };
        // Whoever wants a connection waits for this one.
        let (taken, end) = take_connection(&replica.database).await;
        house.wait(house.settings.replica_lag + Duration::from_millis(1));
        refused(HANGS).await;
        replica.keys.follow_others().await;
        refused(AT_ONCE).await;
        let (_, ()) = tokio::join!(replica.keys.follow_others(), refused(AT_ONCE));
        drop(end);
        taken.await.expect("it is given back");
        replica.keys.follow_others().await;
        replica.sign(&name).await;
        assert!(replica.keys.key_set(name.tenant()).await.expect("an answer").is_some());
    })
    .await;
}

/// Takes the only connection of a pool until what is returned goes.
async fn take_connection(database: &Database) -> (JoinHandle<()>, oneshot::Sender<()>) {
    let (database, (has_it, mut had)) = (database.clone(), mpsc::channel(1));
    let (end, ended) = oneshot::channel::<()>();
    let ended = Arc::new(Mutex::new(ended));
    let holding = tokio::spawn(async move {
        let held = database.transaction(async move |_| {
            has_it.send(()).await.expect("somebody waits");
            assert!((&mut *ended.lock().await).await.is_err(), "nothing is sent");
            Ok::<_, StoreError>(())
        });
        held.await.expect("the transaction ends");
    });
    had.recv().await.expect("it is taken");
    (holding, end)
}

/// Each of some seconds.
const MOST_TRIES: u32 = 10;
/// How long the database lets everybody wait.
const HANGS: Duration = Duration::from_secs(3);
/// A small part of it, on a machine that has other things to do.
const AT_ONCE: Duration = Duration::from_millis(1500);
