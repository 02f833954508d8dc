//! How long anyone acts on what an operator has changed.

use std::time::Duration;

use mintage_api::types::SigningAlgorithm;
use tokio::sync::watch;
use tokio::time::Instant;
use tonic::Status;

use super::asking::{Answer, Credentials, Door};
use super::figures::{Figures, rounds};
use super::operator::{Granted, Operator};
use super::site::Site;

/// What an operator takes away.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Loss {
    ClientDisabled,
    ClientDeleted,
    SecretRevoked,
    GrantDeleted,
    ApiDeleted,
    KeyRotated,
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn b32_nobody_acts_on_the_old_state_for_more_than_a_second_after_a_write_returned() {
    let Some(site) = Site::start(|plan| plan).await else { return };
    let operators = [0, 1].map(|replica| Operator::at(&site.installation, replica));
    let mut doors = Door::all(&site.installation);
    for loss in LOSSES {
        let (mut figures, mut writes) = (Figures::default(), Figures::default());
        for round in rounds(ROUNDS) {
            // The replica that is written to is not always the one that is listened to.
            let operator = &operators[round % operators.len()];
            let identifier = format!("https://{loss:?}-{round}.test/");
            let api = operator.api(&identifier, SigningAlgorithm::Hs256).await.expect("an API");
            let granted = operator.granted(&identifier).await.expect("a client");
            let (took, stale) = lose(loss, operator, &api, &granted, &mut doors).await;
            writes.add(took);
            stale.into_iter().for_each(|stale| figures.add(stale));
        }
        writes.report(&format!("{loss:?}: the write"));
        let longest = figures.report(&format!("{loss:?}: acted on the old state after it"));
        assert!(longest <= BOUND, "{loss:?}: somebody acted on the old state for {longest:?}");
    }
}

/// Takes it away while every door is asked, and says how long that took and how long each door did not know.
async fn lose(
    loss: Loss,
    operator: &Operator,
    api: &str,
    granted: &Granted,
    doors: &mut Vec<Door>,
) -> (Duration, Vec<Duration>) {
    let first = doors[0].ask(&granted.credentials).await.kid().expect("a token");
    let (tell, told) = watch::channel(None);
    let ignorant = watch::Sender::new(TOKEN_SERVICES);
    let watched = doors.drain(..).map(|door| {
        let credentials = granted.credentials.clone();
        let watch = Watch { loss, credentials, first: first.clone(), told: told.clone(), ignorant: ignorant.clone() };
        tokio::spawn(watch.run(door))
    });
    let watched: Vec<_> = watched.collect();
    let began = Instant::now();
    loss.happens(operator, api, granted).await.expect("the write is done");
    let _ = tell.send(Some(Instant::now()));
    let took = began.elapsed();
    let mut stale = Vec::new();
    for watch in watched {
        let (door, length) = watch.await.expect("a door is watched");
        doors.push(door);
        stale.push(length);
    }
    (took, stale)
}

impl Loss {
    async fn happens(self, operator: &Operator, api: &str, granted: &Granted) -> Result<(), Status> {
        let client_id = &granted.credentials.client_id;
        match self {
            Self::ClientDisabled => operator.disable(client_id).await,
            Self::ClientDeleted => operator.delete_client(client_id).await,
            Self::SecretRevoked => operator.revoke_secret(client_id, &granted.secret_id).await,
            Self::GrantDeleted => operator.delete_grant(&granted.grant_id).await,
            Self::ApiDeleted => operator.delete_api(api).await,
            Self::KeyRotated => operator.rotate(api).await.map(drop),
        }
    }
}

/// Asks one door until it knows.
struct Watch {
    loss: Loss,
    credentials: Credentials,
    first: String,
    told: watch::Receiver<Option<Instant>>,
    /// How many token services do not know yet. What an edge is told depends on which of them it asks.
    ignorant: watch::Sender<usize>,
}

impl Watch {
    /// For how long after the write had returned a question was still answered as before it.
    async fn run(self, mut door: Door) -> (Door, Duration) {
        let mut stale = Duration::ZERO;
        loop {
            let asked = Instant::now();
            let answer = door.ask(&self.credentials).await;
            let Some(written) = *self.told.borrow() else { continue };
            if asked < written {
                continue;
            }
            assert!(asked - written < GIVEN_UP, "{:?} was never heard of", self.loss);
            let knows = self.knows(&answer);
            if knows == Some(false) {
                stale = asked - written;
            }
            if self.is_settled(&door, knows, asked - written) {
                break;
            }
        }
        if matches!(door, Door::Token(_)) {
            self.ignorant.send_modify(|count| *count -= 1);
        }
        let mut ignorant = self.ignorant.subscribe();
        let all = tokio::time::timeout(GIVEN_UP, ignorant.wait_for(|count| *count == 0)).await.is_ok();
        assert!(all, "{:?} was never heard of", self.loss);
        for _ in 0..4 {
            let answer = door.ask(&self.credentials).await;
            assert_eq!(self.knows(&answer), Some(true), "{:?}: back to {answer:?}", self.loss);
        }
        (door, stale)
    }

    /// Whether whoever stands behind the door has heard for good: a token service that answered once as it should, the
    /// token services behind an edge. Which process of key management signs is not to be seen from here: past the bound,
    /// each must know.
    fn is_settled(&self, door: &Door, knows: Option<bool>, since: Duration) -> bool {
        match (self.loss, door) {
            (Loss::KeyRotated, _) => since > BOUND,
            (_, Door::Token(_)) => knows == Some(true),
            _ => knows == Some(true) && *self.ignorant.borrow() == 0,
        }
    }

    /// Whether whoever answered this knows; `None` where that is not to be seen.
    fn knows(&self, answer: &Answer) -> Option<bool> {
        match (self.loss, answer) {
            (Loss::KeyRotated, Answer::Token(_)) => Some(answer.kid().as_deref() != Some(&self.first)),
            (_, Answer::Token(_)) => Some(false),
            (Loss::KeyRotated, _) => panic!("{answer:?}"),
            (_, Answer::Refused(_)) => Some(true),
            // Its keys end with it, so that no token is signed for those who have not heard yet.
            (Loss::ApiDeleted, Answer::Unavailable) => None,
            (_, Answer::Unavailable | Answer::Broken(_)) => panic!("{:?}: {answer:?}", self.loss),
        }
    }
}

const LOSSES: [Loss; 6] = [
    Loss::ClientDisabled,
    Loss::ClientDeleted,
    Loss::SecretRevoked,
    Loss::GrantDeleted,
    Loss::ApiDeleted,
    Loss::KeyRotated,
];
const TOKEN_SERVICES: usize = 2;
const ROUNDS: usize = 12;
/// What is promised.
const BOUND: Duration = Duration::from_secs(1);
const GIVEN_UP: Duration = Duration::from_secs(20);
