//! Keeps one stream open to the registry's change feed, for as long as the process lives.

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use mintage_api::registry::change_feed_service_client::ChangeFeedServiceClient;
use mintage_api::registry::{Change, WatchRequest, WatchResponse, watch_response::Event};
use mintage_clock::Randomness;
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;
use tonic::{Status, Streaming};

use super::Freshness;
use crate::backoff::jittered;
use crate::telemetry::names::FEED_BREAKS;
use crate::{Tasks, Transport};

/// Something cached, evicted by changes. Both calls return only when what they evict is gone, or noted where nothing is served
/// from it: writes of the registry wait for them.
#[async_trait]
pub trait Sink: Send + Sync {
    /// Drops what `change` makes untrue.
    async fn apply(&self, change: &Change);
    /// Drops everything.
    async fn reset(&self);
}

/// Follows the feed of the registry behind `registry` until `tasks` drain.
pub fn follow(
    registry: Transport,
    sinks: Vec<Arc<dyn Sink>>,
    freshness: Freshness,
    randomness: Randomness,
    tasks: &Tasks,
) {
    let follower = Follower { client: ChangeFeedServiceClient::new(registry), sinks, freshness };
    tasks.spawn("change feed", follower.run(randomness));
}

struct Follower {
    client: ChangeFeedServiceClient<Transport>,
    sinks: Vec<Arc<dyn Sink>>,
    freshness: Freshness,
}

impl Follower {
    async fn run(self, randomness: Randomness) {
        let mut pause = SHORTEST_PAUSE;
        loop {
            let before = self.freshness.revision();
            if let Err(status) = self.follow_one_stream().await {
                tracing::info!(%status, "the change feed broke; cached state is loaded again before use");
            }
            FEED_BREAKS.add(1, []);
            self.freshness.lost();
            if self.freshness.revision() != before {
                pause = SHORTEST_PAUSE;
            }
            // Replicas that lost the registry together do not return together.
            tokio::time::sleep(jittered(pause, &randomness)).await;
            pause = LONGEST_PAUSE.min(pause * 2);
        }
    }

    async fn follow_one_stream(&self) -> Result<(), Status> {
        let (acknowledge, acknowledgements) = mpsc::channel(ACKNOWLEDGEMENTS);
        send(&acknowledge, self.freshness.revision()).await?;
        let mut client = self.client.clone();
        let opening = client.watch(ReceiverStream::new(acknowledgements));
        let mut events = self.in_time(opening).await?.into_inner();
        while let Some(event) = self.next(&mut events).await? {
            if let Some(applied) = self.apply(event).await {
                self.in_time(send(&acknowledge, applied)).await?;
            }
        }
        Ok(())
    }

    async fn next(&self, events: &mut Streaming<WatchResponse>) -> Result<Option<Event>, Status> {
        Ok(self.in_time(events.message()).await?.and_then(|response| response.event))
    }

    /// Gives a stream up that is silent for longer than heartbeats allow. What came on it after that would be of no known
    /// age: a heartbeat that a network held back says nothing of the present.
    async fn in_time<T>(&self, answer: impl Future<Output = Result<T, Status>>) -> Result<T, Status> {
        let silent = |_| Status::unavailable("the registry fell silent");
        tokio::time::timeout(self.freshness.heartbeat_timeout(), answer).await.map_err(silent)?
    }

    /// Applies an event; returns the revision to acknowledge. The revision is raised before the sinks evict: a load
    /// that began earlier sees itself overtaken, whichever of the two finishes first. Only a heartbeat, which follows
    /// everything that was told before it, makes the caches fresh.
    async fn apply(&self, event: Event) -> Option<u64> {
        match event {
            Event::Heartbeat(heartbeat) => {
                self.freshness.heard(heartbeat.revision);
                None
            }
            Event::Change(change) => {
                self.freshness.raise(change.revision);
                for sink in &self.sinks {
                    sink.apply(&change).await;
                }
                Some(change.revision)
            }
            Event::Reset(reset) => {
                self.freshness.restart(reset.revision);
                for sink in &self.sinks {
                    sink.reset().await;
                }
                Some(reset.revision)
            }
        }
    }
}

async fn send(acknowledge: &mpsc::Sender<WatchRequest>, revision: u64) -> Result<(), Status> {
    let closed = |_| Status::unavailable("the registry stopped listening");
    acknowledge.send(WatchRequest { revision }).await.map_err(closed)
}

const SHORTEST_PAUSE: Duration = Duration::from_millis(50);
const LONGEST_PAUSE: Duration = Duration::from_secs(2);
const ACKNOWLEDGEMENTS: usize = 64;
