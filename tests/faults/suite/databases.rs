//! Databases that do not answer, end in order, or crash.

use std::time::Duration;

use mintage_api::types::SigningAlgorithm;
use mintage_chassis::ServiceName;
use mintage_testkit::PostgresServer;
use mintage_testkit::installation::{Cut, Installation, Relay, get};
use tokio::time::Instant;
use tonic::Code;

use super::asking::{Answer, Credentials, Door};
use super::operator::Operator;
use super::site::{PATIENCE, all_ready, plan, until};

/// A server of a test's own, and the databases in it. It may be reached through a relay.
pub(super) struct Server {
    pub(super) postgres: PostgresServer,
    relay: Relay,
}

impl Server {
    /// Starts one with `settings`; `None` where PostgreSQL is not installed.
    pub(super) fn start(settings: &[&str]) -> Option<Self> {
        let mut postgres = PostgresServer::create()?;
        postgres.start(settings);
        for database in ["keys", "registry", "consent"] {
            let created = postgres.command("createdb").arg(database).status();
            assert!(created.expect("createdb runs").success());
        }
        let relay = Relay::to((postgres.address(), 5432).into());
        Some(Self { postgres, relay })
    }

    /// The URL of a database, through the relay.
    pub(super) fn url(&self, database: &str) -> String {
        self.url_by(&self.relay, database)
    }

    /// Another way to it.
    pub(super) fn way(&self) -> Relay {
        Relay::to((self.postgres.address(), 5432).into())
    }

    /// The URL of a database, through a way of its own.
    pub(super) fn url_by(&self, way: &Relay, database: &str) -> String {
        let direct = self.postgres.url(database);
        direct.replace(&format!("@{}/", self.postgres.address()), &format!("@{}/", way.address()))
    }

    /// What a query says, one line a row.
    pub(super) fn query(&self, database: &str, sql: &str) -> Vec<String> {
        let output =
            self.postgres.command("psql").args(["--no-align", "--tuples-only", "--command", sql, database]).output();
        let output = output.expect("psql runs");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).expect("text").lines().map(str::to_owned).collect()
    }
}

/// How a database goes away.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Outage {
    /// It says nothing, and keeps every connection.
    Silent,
    /// Its machine is gone.
    Gone,
    /// It is stopped in order, and started again.
    Stopped,
    /// It crashes, and is started again.
    Crashed,
}

impl Outage {
    fn begin(self, server: &mut Server) {
        match self {
            Self::Silent => server.relay.cut(Cut::Silent),
            Self::Gone => server.relay.cut(Cut::Refused),
            Self::Stopped => server.postgres.stop(),
            Self::Crashed => server.postgres.crash(),
        }
    }

    fn end(self, server: &mut Server) {
        match self {
            Self::Silent | Self::Gone => server.relay.heal(),
            Self::Stopped | Self::Crashed => server.postgres.start(&[]),
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn while_the_database_is_away_tokens_are_issued_and_writes_refused_and_all_recovers_by_itself() {
    let Some(mut server) = Server::start(&[]) else { return };
    let plan =
        [KEYS, REGISTRY].into_iter().fold(plan(&server.url("keys"), &server.url("registry")), |plan, service| {
            let plan = plan.setting(service, "DATABASE__POOL__ACQUIRE_TIMEOUT", "1 s");
            plan.setting(service, "DATABASE__POOL__STATEMENT_TIMEOUT", "1 s")
        });
    let installation = Installation::start(plan);
    let operator = Operator::at(&installation, 0);
    operator.api(AUDIENCE, SigningAlgorithm::Es256).await.expect("an API");
    let granted = operator.granted(AUDIENCE).await.expect("a client");
    let mut doors = Door::all(&installation);
    for outage in [Outage::Silent, Outage::Gone, Outage::Stopped, Outage::Crashed] {
        all_ready(&installation).await;
        // Signing outlasts the outage by what is left of `replica_lag`: every replica is to have followed since the last.
        let well = Instant::now();
        while well.elapsed() < FOLLOWED {
            for door in &mut doors {
                remembered(door, &granted.credentials).await;
            }
        }
        outage.begin(&mut server);
        let began = Instant::now();
        let refused = operator.client("nobody", AUDIENCE).await.expect_err("nothing can be written");
        assert_eq!(refused.code(), Code::Unavailable, "{outage:?}: {refused:?}");
        println!("figure: {outage:?} database: a write was refused after {:?}", began.elapsed());
        assert!(began.elapsed() < LONGEST_WRITE, "{outage:?}: the write took {:?}", began.elapsed());
        let mut asked = 0;
        while began.elapsed() < WITHIN_THE_BOUND {
            for door in &mut doors {
                let answer = door.ask(&granted.credentials).await;
                assert!(
                    matches!(answer, Answer::Token(_)),
                    "{outage:?}, {:?} after it began: {answer:?}",
                    began.elapsed()
                );
                asked += 1;
            }
        }
        assert!(asked >= doors.len(), "{outage:?}: nobody was asked while it lasted");
        edges_are_ready(&installation).await;
        outage.end(&mut server);
        let (_, wrote) = until("a write", PATIENCE, async || operator.granted(AUDIENCE).await.ok()).await;
        let (fresh, _) = until("a client", PATIENCE, async || operator.granted(AUDIENCE).await.ok()).await;
        for door in &mut doors {
            until("a token", PATIENCE, async || issued(door, &fresh.credentials).await.then_some(())).await;
        }
        println!("figure: {outage:?} database: {asked} tokens while it was away; written again after {wrote:?}");
    }
}

/// Asks so often that behind the door every replica of the token service has been asked: what none of them ever read,
/// none can answer from memory.
async fn remembered(door: &mut Door, credentials: &Credentials) {
    until("a token", PATIENCE, async || issued(door, credentials).await.then_some(())).await;
    for _ in 0..ROUNDS {
        assert!(issued(door, credentials).await);
    }
}

async fn issued(door: &mut Door, credentials: &Credentials) -> bool {
    matches!(door.ask(credentials).await, Answer::Token(_))
}

/// Whether requests should go on coming is what an orchestrator asks.
async fn edges_are_ready(installation: &Installation) {
    for replica in 0..2 {
        let health = installation.address(ServiceName::EDGE, replica, "health");
        until("an edge", PATIENCE, async || (get(health, "/readyz").0 == "HTTP/1.1 200 OK").then_some(())).await;
    }
}

const KEYS: ServiceName = ServiceName::KEY_MANAGEMENT;
const REGISTRY: ServiceName = ServiceName::CLIENT_REGISTRY;
const AUDIENCE: &str = "https://databases.test/";
/// Two connections and a statement that are not answered, and the way.
const LONGEST_WRITE: Duration = Duration::from_secs(12);
/// Some times `key_management.refresh_interval`.
const FOLLOWED: Duration = Duration::from_secs(3);
/// Half of the shortest bound: key management signs for 10 s on what it read last.
const WITHIN_THE_BOUND: Duration = Duration::from_secs(5);
/// Two replicas take turns.
const ROUNDS: u32 = 16;
