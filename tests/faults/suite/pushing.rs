//! How soon whoever verifies has a key set that changed.

use std::time::Duration;

use futures::future::join_all;
use mintage_api::keys::key_set_service_client::KeySetServiceClient;
use mintage_api::keys::watch_key_set_request::Message;
use mintage_api::keys::{
    GetKeySetResponse, KeySetAcknowledgement, RevokeSigningKeyRequest, SigningKey, WatchKeySetRequest, WatchKeySetStart,
};
use mintage_api::types::SigningAlgorithm;
use mintage_chassis::ServiceName;
use mintage_testkit::installation::{Cut, Plan, get_as};
use tokio::sync::{mpsc, watch};
use tokio::time::{Instant, timeout};
use tokio_stream::wrappers::ReceiverStream;

use super::figures::{Figures, rounds};
use super::operator::{Bearer, Operator, public};
use super::partitions::{cut, heal};
use super::site::{PATIENCE, Site, until};

/// A watcher that acknowledges whatever it is told, and the set that it holds since when.
struct Watcher {
    replica: usize,
    held: watch::Receiver<(GetKeySetResponse, Instant)>,
}

impl Watcher {
    /// One more at a replica of key management.
    async fn at(site: &Site, replica: usize, bearer: &Bearer) -> Self {
        let (say, said) = mpsc::channel(4);
        let start = WatchKeySetStart { tenant_id: String::new(), watcher: "a verifier".to_owned() };
        say_to(&say, Message::Start(start)).await;
        let channel = public(&site.installation, KEYS, replica);
        let mut keys = KeySetServiceClient::with_interceptor(channel, bearer.clone());
        let mut told = keys.watch_key_set(ReceiverStream::new(said)).await.expect("a stream").into_inner();
        let (hold, held) = watch::channel((GetKeySetResponse::default(), Instant::now()));
        tokio::spawn(async move {
            while let Ok(Some(event)) = told.message().await {
                if let Some(key_set) = event.key_set {
                    let version = key_set.version;
                    hold.send_replace((key_set, Instant::now()));
                    say_to(&say, Message::Acknowledgement(KeySetAcknowledgement { version })).await;
                }
            }
        });
        let mut watcher = Self { replica, held };
        watcher.until(|key_set| !key_set.keys.is_empty()).await;
        watcher
    }

    /// When it began to hold such a set.
    async fn until(&mut self, is_such: impl Fn(&GetKeySetResponse) -> bool) -> Instant {
        let such = timeout(PATIENCE, self.held.wait_for(|(key_set, _)| is_such(key_set))).await;
        such.expect("in time").expect("the stream goes on").1
    }
}

async fn say_to(say: &mpsc::Sender<WatchKeySetRequest>, message: Message) {
    let _hung_up = say.send(WatchKeySetRequest { message: Some(message) }).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_revoked_key_is_gone_from_every_watcher_and_every_edge_within_a_second() {
    let Some(site) = Site::start(|plan| plan).await else { return };
    let operators = [0, 1].map(|replica| Operator::at(&site.installation, replica));
    // Whoever takes away what signs operators' tokens is no operator any more: this takes away another.
    operators[0].api("https://pushed.test/", SigningAlgorithm::Eddsa).await.expect("an API");
    let (mut watchers, bearer) = (Vec::new(), Bearer::of(&site.installation));
    for number in 0..WATCHERS {
        watchers.push(Watcher::at(&site, number % 2, &bearer).await);
    }
    let (mut near, mut far, mut edges) = (Figures::default(), Figures::default(), Figures::default());
    for round in rounds(ROUNDS) {
        let replica = round % 2;
        let active = active(&operators[replica]).await;
        all_show(&site, &active.kid, true).await;
        let (began, kid) = (Instant::now(), active.kid.clone());
        let request = RevokeSigningKeyRequest { kid, reason: "a test".to_owned(), ..Default::default() };
        operators[replica].rings.clone().revoke_signing_key(request).await.expect("revoked");
        let returned = Instant::now();
        let shown = all_show(&site, &active.kid, false);
        let held = join_all(watchers.iter_mut().map(async |watcher| {
            let gone = watcher.until(|key_set| key_set.keys.iter().all(|key| key.kid != active.kid)).await;
            (watcher.replica, gone.saturating_duration_since(began))
        }));
        let (longest, held) = tokio::join!(shown, held);
        edges.add(longest.saturating_duration_since(returned));
        for (at, took) in held {
            if at == replica { near.add(took) } else { far.add(took) }
        }
    }
    let same = near.report("revocation to a watcher of the same replica, from the call on");
    let other = far.report("revocation to a watcher of another replica, from the call on");
    let edge = edges.report("revocation to the key set of the last edge, from its answer on");
    for longest in [same, other, edge] {
        assert!(longest <= Duration::from_secs(1), "{longest:?}");
    }
}

/// Nothing is pushed to an edge that is cut off, and it hears of nothing: it must find out by itself.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_edge_that_is_cut_off_shows_a_revoked_key_until_it_notices_and_no_longer() {
    let relayed = |plan: Plan| plan.relayed(EDGE, KEYS).setting(EDGE, "EDGE__CALL_TIMEOUT", "1 s");
    let Some(site) = Site::start(relayed).await else { return };
    let operator = Operator::at(&site.installation, 0);
    operator.api("https://pushed.test/", SigningAlgorithm::Eddsa).await.expect("an API");
    for how in [Cut::Refused, Cut::Silent] {
        let kid = active(&operator).await.kid;
        all_show(&site, &kid, true).await;
        cut(&site.installation, EDGE, KEYS, how);
        let request = RevokeSigningKeyRequest { kid: kid.clone(), reason: "a test".to_owned(), ..Default::default() };
        operator.rings.clone().revoke_signing_key(request).await.expect("revoked");
        let (revoked, mut last) = (Instant::now(), Duration::ZERO);
        until("an answer without the key", PATIENCE, async || {
            let asked = revoked.elapsed();
            let shows = key_set(&site, 0).await.1.contains(&kid);
            last = if shows { asked } else { last };
            (!shows).then_some(())
        })
        .await;
        println!("figure: {how:?} cut of an edge from key management: a revoked key shown until {last:?}");
        assert!(last <= SILENCE + Duration::from_secs(1), "{how:?}: {last:?}");
        heal(&site.installation, EDGE, KEYS);
        all_show(&site, &active(&operator).await.kid, true).await;
    }
}

/// The key that signs with `EdDSA`.
async fn active(operator: &Operator) -> SigningKey {
    let is_wanted = |key: &SigningKey| key.algorithm() == SigningAlgorithm::Eddsa;
    let wanted = until("an active key", PATIENCE, async || {
        operator.active_keys().await.ok()?.into_iter().find(|key| is_wanted(key))
    });
    wanted.await.0
}

/// When the last edge was found to show a key, or not to.
async fn all_show(site: &Site, kid: &str, expected: bool) -> Instant {
    let shows = async |replica| {
        let asked = until("the key set of an edge", PATIENCE, async || {
            let began = Instant::now();
            let (status, body) = key_set(site, replica).await;
            (status.contains("200") && body.contains(kid) == expected).then_some(began)
        });
        asked.await.0
    };
    let (one, other) = tokio::join!(shows(0), shows(1));
    one.max(other)
}

/// The status line of an edge, and what it shows.
async fn key_set(site: &Site, replica: usize) -> (String, String) {
    let host = site.installation.origin();
    let host = host.split("//").nth(1).expect("an origin").to_owned();
    let address = site.installation.address(EDGE, replica, "http");
    let answer = tokio::task::spawn_blocking(move || get_as(address, &host, "/.well-known/jwks.json"));
    answer.await.expect("an answer")
}

const EDGE: ServiceName = ServiceName::EDGE;
const KEYS: ServiceName = ServiceName::KEY_MANAGEMENT;
/// After so long without a word an edge asks for itself: three signs of life.
const SILENCE: Duration = Duration::from_secs(3);
const WATCHERS: usize = 100;
const ROUNDS: usize = 30;
