//! Consent that is away: machines do not notice, users are told to come back, and what was acknowledged is there.

use std::collections::BTreeSet;
use std::time::Duration;

use mintage_api::types::SigningAlgorithm;
use mintage_chassis::ServiceName;
use mintage_clock::Randomness;
use mintage_testkit::installation::{Installation, get};
use tokio::sync::watch;
use tokio::time::Instant;
use tonic::Code;

use super::asking::{Answer, Door};
use super::databases::Server;
use super::figures::{rounds, seed};
use super::operator::Operator;
use super::people::{Application, Person, granted, scope};
use super::site::{PATIENCE, Site, all_ready, plan, until};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn while_consent_is_away_machines_go_on_users_are_told_to_come_back_and_all_recovers_by_itself() {
    let Some(mut site) = Site::start(|plan| plan).await else { return };
    let operator = Operator::at(&site.installation, 0);
    operator.api(AUDIENCE, SigningAlgorithm::Es256).await.expect("an API");
    let machine = operator.granted(AUDIENCE).await.expect("a client").credentials;
    let application = Application::register(&site.installation, &operator).await;
    let mut person = Person::new(&site.installation, "ada@example.org").await;
    let [code, unused] = [
        person.grant(&application, &scope(0)).await.expect("a code"),
        person.grant(&application, &scope(0)).await.expect("a code"),
    ];
    let refresh_token = application.redeem(&code).expect("tokens");
    let mut doors = Door::all(&site.installation);

    site.installation.take(CONSENT, 0).kill();
    let (began, mut tokens) = (Instant::now(), 0);
    while began.elapsed() < AWAY {
        for door in &mut doors {
            let answer = door.ask(&machine).await;
            assert!(matches!(answer, Answer::Token(_)), "{:?} after the kill: {answer:?}", began.elapsed());
            tokens += 1;
        }
        let asked = Instant::now();
        let refused = application.refresh(&refresh_token);
        assert_eq!(refused.expect_err("nobody says what was granted"), "temporarily_unavailable");
        let refused = application.redeem(&unused);
        assert_eq!(refused.expect_err("nobody knows the code"), "temporarily_unavailable");
        assert_eq!(application.visit(), "HTTP/1.1 503 Service Unavailable");
        assert!(asked.elapsed() < IN_TIME, "it took {:?} to say so", asked.elapsed());
    }
    for service in [ServiceName::TOKEN, ServiceName::EDGE] {
        let health = site.installation.address(service, 0, "health");
        assert_eq!(get(health, "/readyz").0, "HTTP/1.1 200 OK", "{service} serves machines and is taken out");
    }

    site.installation.start_one(CONSENT, 0);
    let (next, healed) = until("a refresh", PATIENCE, async || application.refresh(&refresh_token).ok()).await;
    println!("figure: consent away: {tokens} tokens for machines meanwhile; users served {healed:?} after its return");
    assert_ne!(next, refresh_token, "what was refused used nothing up, and what is answered rotates");
    // Each replica of the token service finds consent again in its own time, and a code is good until somebody does.
    until("a code's tokens", PATIENCE, async || patient(application.redeem(&unused))).await;
    until("a code", PATIENCE, async || person.grant(&application, &scope(1)).await.ok()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whenever_consent_is_killed_no_acknowledged_grant_and_no_token_is_lost() {
    let Some(server) = Server::start(&FSYNC) else { return };
    let plan = plan(&server.url("keys"), &server.url("registry")).consent_on(&server.url("consent"));
    let mut installation = Installation::start(plan);
    all_ready(&installation).await;
    let operator = Operator::at(&installation, 0);
    let application = Application::register(&installation, &operator).await;
    let (acknowledged, ended) = (watch::Sender::new(0_u64), watch::Sender::new(false));
    let mut writers = Vec::new();
    for email in ["ada@example.org", "ben@example.org"] {
        let writer = Writer::new(&installation, &application, email).await;
        writers.push(tokio::spawn(writer.run(acknowledged.clone(), ended.subscribe())));
    }
    let chance = Randomness::seeded(seed());
    for round in rounds(KILLS) {
        let mut heard = acknowledged.subscribe();
        let enough = *heard.borrow_and_update() + u64::from(chance.bytes::<1>()[0] % 4) + 1;
        let waited = tokio::time::timeout(PATIENCE, heard.wait_for(|count| *count >= enough)).await;
        assert!(waited.is_ok(), "nothing is acknowledged any more after {round} kills");
        installation.take(CONSENT, 0).kill();
        installation.start_one(CONSENT, 0);
    }
    ended.send_replace(true);
    for writer in writers {
        writer.await.expect("a writer ends").holds(&installation, &application).await;
    }
}

/// A user who grants one scope after the other.
pub(super) struct Writer {
    person: Person,
    application: Application,
    journal: Journal,
}

/// What was acknowledged.
#[derive(Default)]
pub(super) struct Journal {
    user_id: String,
    scopes: BTreeSet<String>,
    refresh_tokens: Vec<String>,
}

impl Writer {
    pub(super) async fn new(installation: &Installation, application: &Application, email: &str) -> Self {
        let person = Person::new(installation, email).await;
        Self { person, application: application.clone(), journal: Journal::default() }
    }

    pub(super) async fn run(mut self, acknowledged: watch::Sender<u64>, ended: watch::Receiver<bool>) -> Journal {
        self.journal.user_id = self.person.id.clone();
        for number in 0.. {
            // One whom every kill has met goes on until there is something to lose.
            if *ended.borrow() && !self.journal.refresh_tokens.is_empty() {
                break;
            }
            match self.person.grant(&self.application, &scope(number)).await {
                Ok(code) => {
                    self.journal.scopes.insert(scope(number));
                    acknowledged.send_modify(|count| *count += 1);
                    // Whoever redeems while consent is away asks again with another code.
                    if let Ok(refresh_token) = self.application.redeem(&code) {
                        self.journal.refresh_tokens.push(refresh_token);
                        acknowledged.send_modify(|count| *count += 1);
                    }
                }
                Err(status) => {
                    let expected = [Code::Unavailable, Code::Unknown, Code::DeadlineExceeded, Code::Cancelled];
                    assert!(expected.contains(&status.code()), "{status:?}");
                }
            }
        }
        self.journal
    }
}

impl Journal {
    /// Everything acknowledged is there.
    pub(super) async fn holds(&self, installation: &Installation, application: &Application) {
        let (scopes, tokens) = (self.scopes.len(), self.refresh_tokens.len());
        println!("figure: acknowledged: {scopes} scopes of a grant, {tokens} refresh tokens");
        assert!(scopes > 0 && tokens > 0);
        let (granted, _) = until("grants", PATIENCE, async || granted(installation, &self.user_id).await.ok()).await;
        let gone: Vec<_> = self.scopes.iter().filter(|scope| !granted.contains(scope)).collect();
        assert!(gone.is_empty(), "{gone:?} were granted and are gone");
        for token in &self.refresh_tokens {
            until("a refresh", PATIENCE, async || patient(application.refresh(token))).await;
        }
    }
}

/// What was given. Whoever cannot answer now is asked again; whoever refuses does it for good.
pub(super) fn patient(answer: Result<String, String>) -> Option<String> {
    match answer {
        Ok(given) => Some(given),
        Err(error) => {
            assert_eq!(error, "temporarily_unavailable", "what was given is gone");
            None
        }
    }
}

const CONSENT: ServiceName = ServiceName::CONSENT;
const AUDIENCE: &str = "https://machines.test/";
/// A server that keeps what it acknowledged, as in production.
pub(super) const FSYNC: [&str; 1] = ["fsync=on"];
const KILLS: usize = 6;
/// Longer than a circuit pauses at first.
const AWAY: Duration = Duration::from_secs(5);
/// Three requests, each refused for want of a sibling.
const IN_TIME: Duration = Duration::from_secs(20);
