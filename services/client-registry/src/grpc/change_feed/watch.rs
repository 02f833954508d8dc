//! Streams every change after a revision, and heartbeats.

use std::ops::ControlFlow;
use std::time::Duration;

use mintage_api::registry::{WatchRequest, WatchResponse};
use mintage_chassis::Tasks;
use mintage_chassis::door::Draining;
use mintage_chassis::status::unavailable;
use tokio::sync::mpsc;
use tokio::time::Instant;
use tokio_stream::wrappers::ReceiverStream;
use tonic::{Status, Streaming};

use super::Feed;
use super::convert::{change, heartbeat, reset};
use super::feed::Pulse;
use super::watchers::Seat;

type Events = mpsc::Sender<Result<WatchResponse, Status>>;

/// Gives the watcher a seat and its stream; what is told on it comes from a task of its own.
pub(super) fn watch(
    feed: &Feed,
    tasks: &Tasks,
    drains: Draining,
    requests: Streaming<WatchRequest>,
) -> Result<ReceiverStream<Result<WatchResponse, Status>>, Status> {
    let seat = feed.watchers.seat()?;
    let (events, stream) = mpsc::channel(EVENTS_WAITING);
    tasks.spawn("change feed watcher", serve(feed.clone(), seat, drains, requests, events));
    Ok(ReceiverStream::new(stream))
}

async fn serve(feed: Feed, seat: Seat, drains: Draining, mut requests: Streaming<WatchRequest>, events: Events) {
    let revision = match tokio::time::timeout(OPENING, requests.message()).await {
        Ok(Ok(Some(WatchRequest { revision }))) => revision,
        Ok(Err(unreadable)) => return drop(events.try_send(Err(unreadable))),
        Ok(Ok(None)) | Err(_) => return,
    };
    seat.applied(revision);
    let patience = feed.bounds.watcher_patience;
    let teller = Teller {
        feed,
        seat: &seat,
        events,
        told: revision,
        last_heartbeat: None,
        since: Instant::now(),
        stands_since: (revision, Instant::now()),
        patience,
    };
    // Acknowledgements are read while changes are told: a watcher that must acknowledge before it reads on is served.
    tokio::select! {
        () = listen(&seat, requests) => {}
        () = teller.run() => {}
        () = drains.ended() => {}
    }
}

async fn listen(seat: &Seat, mut requests: Streaming<WatchRequest>) {
    while let Ok(Some(WatchRequest { revision })) = requests.message().await {
        seat.applied(revision);
    }
}

/// Tells one watcher what happened.
struct Teller<'a> {
    feed: Feed,
    seat: &'a Seat,
    events: Events,
    /// The revision up to which everything was told.
    told: u64,
    last_heartbeat: Option<Instant>,
    /// When it asked.
    since: Instant,
    /// Where the watcher stands, and since when it has not moved.
    stands_since: (u64, Instant),
    patience: Duration,
}

impl Teller<'_> {
    async fn run(mut self) {
        let mut pulses = self.feed.pulses();
        while pulses.changed().await.is_ok() {
            let pulse = *pulses.borrow_and_update();
            let outcome = self.tell_up_to(pulse).await;
            if outcome.is_break() || self.is_out_of_patience() {
                let _ = self.events.try_send(Err(unavailable("the watcher does not keep up; connect again")));
                return;
            }
        }
    }

    async fn tell_up_to(&mut self, pulse: Pulse) -> ControlFlow<()> {
        let head = pulse.head;
        let nothing_cached = self.told == 0 && head > 0;
        if nothing_cached || self.told > head {
            // What came before is of no use to the one; the other has seen changes that this database does not know.
            self.tell(reset(head), head).await?;
        }
        while self.told < head {
            let Ok(changes) = self.feed.changes_after(self.told).await else { return ControlFlow::Break(()) };
            if changes.is_empty() {
                self.tell(reset(head), head).await?;
            }
            for next in changes {
                let revision = next.revision;
                self.tell(change(next), revision).await?;
            }
        }
        // A watcher trusts what it has cached once it hears that it was told everything, so it hears that first of all.
        let is_due = self.last_heartbeat.is_none_or(|at| at.elapsed() >= self.feed.bounds.heartbeat_interval);
        if is_due && pulse.is_news(self.since, Instant::now(), &self.feed.bounds) {
            self.tell(heartbeat(self.told), self.told).await?;
            self.last_heartbeat = Some(Instant::now());
        }
        ControlFlow::Continue(())
    }

    async fn tell(&mut self, event: WatchResponse, revision: u64) -> ControlFlow<()> {
        if self.events.send_timeout(Ok(event), self.patience).await.is_err() {
            return ControlFlow::Break(());
        }
        self.told = revision;
        ControlFlow::Continue(())
    }

    fn is_out_of_patience(&mut self) -> bool {
        let stands_at = self.seat.stands_at();
        if stands_at >= self.told || stands_at != self.stands_since.0 {
            self.stands_since = (stands_at, Instant::now());
        }
        self.stands_since.1.elapsed() > self.patience
    }
}

const EVENTS_WAITING: usize = 256;
/// How long a watcher may take to say where it stands.
const OPENING: Duration = Duration::from_secs(10);
