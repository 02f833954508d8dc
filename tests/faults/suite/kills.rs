//! Processes, and the database, that are killed at any moment: what was acknowledged is there.

use std::collections::{BTreeMap, BTreeSet};

use mintage_api::registry::{Client, ListClientsRequest, ListResourceServersRequest, ResourceServer};
use mintage_api::types::SigningAlgorithm;
use mintage_clock::Randomness;
use mintage_testkit::installation::Installation;
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tonic::{Code, Status};

use super::asking::{Answer, Credentials, Door};
use super::databases::Server;
use super::figures::{rounds, seed};
use super::operator::Operator;
use super::site::{PATIENCE, PROCESSES, plan, until};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whatever_is_killed_at_whatever_moment_no_acknowledged_write_is_lost() {
    let Some(mut server) = Server::start(&FSYNC) else { return };
    let mut installation = Installation::start(plan(&server.url("keys"), &server.url("registry")));
    let chance = Randomness::seeded(seed());
    let operators = [0, 1].map(|replica| Operator::at(&installation, replica));
    operators[0].api(AUDIENCE, SigningAlgorithm::Es256).await.expect("an API");
    let written = watch::Sender::new(0);
    let ended = watch::Sender::new(false);
    let writers: Vec<_> =
        (0..WRITERS).map(|number| Writer::start(number, operators.clone(), &written, &ended)).collect();
    for round in rounds(KILLS) {
        let mut heard = written.subscribe();
        let enough = *heard.borrow_and_update() + u64::from(chance.bytes::<1>()[0] % 8) + 1;
        let waited = tokio::time::timeout(PATIENCE, heard.wait_for(|count| *count >= enough)).await;
        assert!(waited.is_ok(), "nothing is acknowledged any more after {round} kills");
        if round % 5 == 4 {
            println!("kill {round}: the database");
            server.postgres.crash();
            server.postgres.start(&FSYNC);
        } else {
            kill_one(&mut installation, &chance, round);
        }
    }
    ended.send_replace(true);
    let mut journal = Journal::default();
    for writer in writers {
        journal.add(writer.await.expect("a writer ends"));
    }
    installation.start_all();
    journal.holds(&installation, &server, &operators[0]).await;
}

fn kill_one(installation: &mut Installation, chance: &Randomness, round: usize) {
    let [which] = chance.bytes();
    let (service, replica) = PROCESSES[usize::from(which) % PROCESSES.len()];
    println!("kill {round}: {service} {replica}");
    installation.take(service, replica).kill();
    installation.start_one(service, replica);
}

/// Writes at one replica of the registry or the other, whichever answers.
struct Writer {
    number: usize,
    operators: [Operator; 2],
    written: watch::Sender<u64>,
    journal: Journal,
}

/// What was written.
#[derive(Default)]
struct Journal {
    /// Clients by name, with every secret that was handed out, and whether they were granted tokens.
    clients: BTreeMap<String, Acknowledged>,
    apis: BTreeSet<String>,
    /// Names of what was begun and not acknowledged: it is there whole, or not at all.
    uncertain: BTreeSet<String>,
}

struct Acknowledged {
    credentials: Vec<Credentials>,
    granted: bool,
}

impl Writer {
    fn start(
        number: usize,
        operators: [Operator; 2],
        written: &watch::Sender<u64>,
        ended: &watch::Sender<bool>,
    ) -> JoinHandle<Journal> {
        let (written, ended) = (written.clone(), ended.subscribe());
        let mut writer = Self { number, operators, written, journal: Journal::default() };
        tokio::spawn(async move {
            let mut count = 0;
            while !*ended.borrow() {
                writer.write(count).await;
                count += 1;
            }
            writer.journal
        })
    }

    /// A client, a grant for it, and one more secret; now and then an API with keys of its own.
    async fn write(&mut self, count: usize) {
        let name = format!("writer {} client {count}", self.number);
        let operator = self.operators[count % 2].clone();
        if count % 7 == 6 {
            let identifier = format!("https://writer-{}-api-{count}.test/", self.number);
            let made = operator.api(&identifier, SigningAlgorithm::Hs256).await;
            if self.acknowledged(&identifier, made).is_some() {
                self.journal.apis.insert(identifier);
            }
            return;
        }
        let made = operator.client(&name, AUDIENCE).await;
        let Some((client, credentials)) = self.acknowledged(&name, made) else { return };
        let of = |client_secret| Credentials { client_secret, ..credentials.clone() };
        let mut known = Acknowledged { credentials: vec![credentials.clone()], granted: false };
        known.granted = self.acknowledged("", operator.grant(&client.client_id, AUDIENCE).await).is_some();
        let more = operator.secret(&client.client_id).await;
        known.credentials.extend(self.acknowledged("", more).map(of));
        self.journal.clients.insert(name, known);
    }

    /// What a call brought; a call that found nobody, or broke off, acknowledged nothing.
    fn acknowledged<T>(&mut self, name: &str, outcome: Result<T, Status>) -> Option<T> {
        match outcome {
            Ok(done) => {
                self.written.send_modify(|count| *count += 1);
                Some(done)
            }
            Err(status) => {
                let expected =
                    [Code::Unavailable, Code::Unknown, Code::DeadlineExceeded, Code::Cancelled, Code::Internal];
                assert!(expected.contains(&status.code()), "{name}: {status:?}");
                self.journal.uncertain.insert(name.to_owned());
                None
            }
        }
    }
}

impl Journal {
    fn add(&mut self, other: Self) {
        let Self { clients, apis, uncertain } = other;
        self.clients.extend(clients);
        self.apis.extend(apis);
        self.uncertain.extend(uncertain);
    }

    /// Everything acknowledged is there, and nothing is there in half.
    async fn holds(&self, installation: &Installation, server: &Server, operator: &Operator) {
        let secrets = self.clients.values().map(|client| client.credentials.len()).sum::<usize>();
        println!("figure: acknowledged: {} clients, {secrets} secrets, {} APIs", self.clients.len(), self.apis.len());
        let (clients, _) = until("clients", PATIENCE, async || all_clients(operator).await.ok()).await;
        for (name, known) in &self.clients {
            let found = clients.get(name).unwrap_or_else(|| panic!("{name} was acknowledged and is gone"));
            assert!(found.secrets.len() >= known.credentials.len(), "{name} lost a secret");
        }
        for (name, client) in clients.iter().filter(|(name, _)| name.starts_with("writer")) {
            assert!(self.clients.contains_key(name) || self.uncertain.contains(name), "{name} was never written");
            assert!(!client.secrets.is_empty(), "{name} is there in half");
        }
        let apis = all_apis(operator).await.expect("APIs");
        let found: BTreeSet<_> = apis.iter().map(|api| api.identifier.clone()).collect();
        let gone: Vec<_> = self.apis.difference(&found).collect();
        assert!(gone.is_empty(), "{gone:?} were acknowledged and are gone");
        rings_are_whole(operator, &apis).await;
        log_is_gapless(server);
        self.tokens_are_issued(installation).await;
    }

    async fn tokens_are_issued(&self, installation: &Installation) {
        let mut doors = Door::all(installation);
        let granted = self.clients.values().filter(|client| client.granted).flat_map(|client| &client.credentials);
        for (at, credentials) in granted.enumerate() {
            let door = &mut doors[at % 4];
            // Processes that were killed last find their siblings again in their own time; a refusal is final.
            until("a token", PATIENCE, async || match door.ask(credentials).await {
                Answer::Token(_) => Some(()),
                Answer::Unavailable | Answer::Broken(_) => None,
                Answer::Refused(why) => panic!("{credentials:?} was acknowledged and is refused: {why}"),
            })
            .await;
        }
    }
}

/// Each ring has one key that signs, and each HS256 API has a ring.
async fn rings_are_whole(operator: &Operator, apis: &[ResourceServer]) {
    let active = operator.active_keys().await.expect("keys");
    let mut rings = BTreeMap::new();
    for key in &active {
        *rings.entry((key.algorithm, key.resource_server_id.clone())).or_insert(0) += 1;
    }
    assert!(rings.values().all(|count| *count == 1), "{rings:?}");
    for api in apis.iter().filter(|api| api.signing_algorithm() == SigningAlgorithm::Hs256) {
        assert!(rings.contains_key(&(api.signing_algorithm, api.id.clone())), "{} has no key", api.identifier);
    }
}

/// Every revision has its row, and the head is the last of them.
fn log_is_gapless(server: &Server) {
    let rows =
        server.query("registry", "SELECT count(*), max(revision) - min(revision) + 1, max(revision) FROM change_log");
    let head = server.query("registry", "SELECT revision FROM feed_head");
    let [count, span, last]: [&str; 3] = rows[0].split('|').collect::<Vec<_>>().try_into().expect("three columns");
    assert_eq!((count, last), (span, head[0].as_str()), "the change log has gaps");
}

async fn all_clients(operator: &Operator) -> Result<BTreeMap<String, Client>, Status> {
    let (mut all, mut page_token) = (BTreeMap::new(), String::new());
    loop {
        let request = ListClientsRequest { page_size: 100, page_token, ..ListClientsRequest::default() };
        let page = operator.clients.clone().list_clients(request).await?.into_inner();
        all.extend(page.clients.into_iter().map(|client| (client.name.clone(), client)));
        page_token = page.next_page_token;
        if page_token.is_empty() {
            return Ok(all);
        }
    }
}

async fn all_apis(operator: &Operator) -> Result<Vec<ResourceServer>, Status> {
    let (mut all, mut page_token) = (Vec::new(), String::new());
    loop {
        let request =
            ListResourceServersRequest { page_size: 100, page_token, ..ListResourceServersRequest::default() };
        let page = operator.apis.clone().list_resource_servers(request).await?.into_inner();
        all.extend(page.resource_servers);
        page_token = page.next_page_token;
        if page_token.is_empty() {
            return Ok(all);
        }
    }
}

/// A server that keeps what it acknowledged, as in production.
const FSYNC: [&str; 1] = ["fsync=on"];
const AUDIENCE: &str = "https://kills.test/";
const WRITERS: usize = 3;
const KILLS: usize = 10;
