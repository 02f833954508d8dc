//! Two processes of consent on one database, of which one dies or is cut off: no refresh token is lost, none is good twice,
//! and what is taken back at one is taken back at the other.

use std::time::Duration;

use mintage_chassis::ServiceName;
use mintage_testkit::installation::{Cut, Installation, Plan, Relay};
use tokio::sync::watch;
use tokio::time::Instant;

use super::consent::{FSYNC, Writer, patient};
use super::databases::Server;
use super::figures::{Figures, rounds};
use super::operator::Operator;
use super::people::{Application, Person, scope, take_back};
use super::site::{PATIENCE, all_ready, plan, until};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whichever_consent_dies_or_is_cut_off_no_refresh_token_is_lost_and_none_is_good_twice() {
    let Some(server) = Server::start(&FSYNC) else { return };
    let way = server.way();
    let plan = two(&server).relayed(TOKEN, CONSENT).setting_of_one(
        CONSENT,
        0,
        "DATABASE__URL",
        &server.url_by(&way, "consent"),
    );
    let mut installation = Installation::start(plan);
    all_ready(&installation).await;
    let application = Application::register(&installation, &Operator::at(&installation, 0)).await;
    let (acknowledged, ended) = (watch::Sender::new(0_u64), watch::Sender::new(false));
    let writer = Writer::new(&installation, &application, "ada@example.org").await;
    let writer = tokio::spawn(writer.run(acknowledged.clone(), ended.subscribe()));
    let mut refreshers = Vec::new();
    for email in ["ben@example.org", "cyd@example.org", "dan@example.org"] {
        let code = Person::new(&installation, email).await.grant(&application, &scope(0)).await.expect("a code");
        let refresher = Refresher::new(&application, &code);
        let (acknowledged, ended) = (acknowledged.clone(), ended.subscribe());
        refreshers.push(tokio::task::spawn_blocking(move || refresher.run(&acknowledged, &ended)));
    }

    for round in rounds(FAULTS.len()) {
        let fault = FAULTS[round % FAULTS.len()];
        progress(&acknowledged, &format!("before {fault:?}")).await;
        fault.begin(&mut installation, &way);
        progress(&acknowledged, &format!("during {fault:?}")).await;
        fault.end(&mut installation, &way);
    }
    ended.send_replace(true);
    writer.await.expect("a writer ends").holds(&installation, &application).await;
    for refresher in refreshers {
        refresher.await.expect("a refresher ends").holds(&application).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_taken_back_at_one_consent_is_never_served_by_the_other_and_refused_within_a_second() {
    let Some(server) = Server::start(&[]) else { return };
    let installation = Installation::start(two(&server).relayed(TOKEN, CONSENT));
    all_ready(&installation).await;
    let application = Application::register(&installation, &Operator::at(&installation, 0)).await;
    let mut person = Person::new(&installation, "ada@example.org").await;
    let mut figures = Figures::default();
    for round in rounds(REVOCATIONS) {
        // Every token service asks the other one alone.
        let here = round % 2;
        ways(&installation, here).for_each(|way| way.cut(Cut::Refused));
        let mut codes = Vec::new();
        for _ in 0..2 {
            codes.push(person.grant(&application, &scope(round)).await.expect("a code"));
        }
        let unused = codes.pop().expect("two codes");
        let (token, _) = until("tokens", PATIENCE, async || patient(application.redeem(&codes[0]))).await;

        take_back(&installation, here, &person.id).await;
        let began = Instant::now();
        until("a refusal", PATIENCE, async || refusal(application.refresh(&token))).await;
        figures.add(began.elapsed());
        until("a refusal", PATIENCE, async || refusal(application.redeem(&unused))).await;
        ways(&installation, here).for_each(Relay::heal);
    }
    let longest = figures.report("a grant taken back at one consent, refused by the other");
    assert!(longest < Duration::from_secs(1), "it took {longest:?}");
}

/// From each token service to this consent.
fn ways(installation: &Installation, consent: usize) -> impl Iterator<Item = &Relay> {
    (0..2).map(move |token| installation.relays(TOKEN, token, CONSENT)[consent])
}

/// Whether it is refused for good: whoever is told to come back asks again, and nobody is served.
fn refusal(answer: Result<String, String>) -> Option<()> {
    let error = answer.expect_err("what was taken back is not served");
    (error == "invalid_grant").then_some(())
}

/// What happens to a replica of consent, or on the way to it.
#[derive(Clone, Copy, Debug)]
enum Fault {
    /// It is killed, and is away for a while.
    Killed(usize),
    /// The first one's database says nothing, or is gone.
    WithoutDatabase(Cut),
    /// No token service reaches this one, while what it has begun goes on.
    CutOff(usize, Cut),
}

impl Fault {
    fn begin(self, installation: &mut Installation, way: &Relay) {
        match self {
            Self::Killed(replica) => installation.take(CONSENT, replica).kill(),
            Self::WithoutDatabase(how) => way.cut(how),
            Self::CutOff(consent, how) => ways(installation, consent).for_each(|way| way.cut(how)),
        }
    }

    fn end(self, installation: &mut Installation, way: &Relay) {
        match self {
            Self::Killed(replica) => installation.start_one(CONSENT, replica),
            Self::WithoutDatabase(_) => way.heal(),
            // What was answered meanwhile is lost.
            Self::CutOff(consent, _) => ways(installation, consent).for_each(|way| {
                way.reset();
                way.heal();
            }),
        }
    }
}

/// An application that takes one refresh token after the other of one sign-in.
struct Refresher {
    application: Application,
    /// All that it was ever given; the last is good.
    tokens: Vec<String>,
    /// How often it was told to come back.
    refused: usize,
}

impl Refresher {
    fn new(application: &Application, code: &str) -> Self {
        let first = application.redeem(code).expect("tokens");
        Self { application: application.clone(), tokens: vec![first], refused: 0 }
    }

    fn current(&self) -> &str {
        self.tokens.last().expect("a token")
    }

    fn run(mut self, acknowledged: &watch::Sender<u64>, ended: &watch::Receiver<bool>) -> Self {
        while !*ended.borrow() {
            match patient(self.application.refresh(self.current())) {
                Some(next) => {
                    self.tokens.push(next);
                    acknowledged.send_modify(|count| *count += 1);
                }
                // The answer may have been lost behind the rotation: it is asked for again with the same one.
                None => self.refused += 1,
            }
        }
        self
    }

    /// The last one is good; one from before the one before it is not, and shows that somebody has a copy.
    async fn holds(mut self, application: &Application) {
        println!("figure: a sign-in refreshed {} times, told to come back {} times", self.tokens.len(), self.refused);
        for _ in 0..2 {
            let (next, _) = until("a refresh", PATIENCE, async || patient(application.refresh(self.current()))).await;
            self.tokens.push(next);
        }
        let old = &self.tokens[self.tokens.len() - 3];
        assert_eq!(application.refresh(old), Err("invalid_grant".to_owned()));
        assert_eq!(application.refresh(self.current()), Err("invalid_grant".to_owned()));
    }
}

/// Waits until some more has been acknowledged.
async fn progress(acknowledged: &watch::Sender<u64>, when: &str) {
    let mut heard = acknowledged.subscribe();
    let enough = *heard.borrow_and_update() + SOME;
    let waited = tokio::time::timeout(PATIENCE, heard.wait_for(|count| *count >= enough)).await;
    assert!(waited.is_ok(), "nothing is acknowledged any more {when}");
}

/// Two processes of consent, which soon say that their database is away. A refresh token whose answer was lost is heard again
/// for longer than any fault here lasts.
fn two(server: &Server) -> Plan {
    let plan = plan(&server.url("keys"), &server.url("registry")).consent_on(&server.url("consent"));
    plan.replicas_of(CONSENT, 2)
        .setting(CONSENT, "DATABASE__POOL__MAX_CONNECTIONS", "5")
        .setting(CONSENT, "DATABASE__POOL__ACQUIRE_TIMEOUT", "1 s")
        .setting(CONSENT, "DATABASE__POOL__STATEMENT_TIMEOUT", "1 s")
        .setting(CONSENT, "CONSENT__REFRESH_TOKEN_LEEWAY", "60 s")
}

const TOKEN: ServiceName = ServiceName::TOKEN;
const CONSENT: ServiceName = ServiceName::CONSENT;
const FAULTS: [Fault; 8] = [
    Fault::Killed(0),
    Fault::CutOff(1, Cut::Silent),
    Fault::WithoutDatabase(Cut::Silent),
    Fault::CutOff(0, Cut::Silent),
    Fault::Killed(1),
    Fault::CutOff(1, Cut::Refused),
    Fault::WithoutDatabase(Cut::Refused),
    Fault::CutOff(0, Cut::Silent),
];
/// Enough that every application has gone on.
const SOME: u64 = 24;
const REVOCATIONS: usize = 10;
