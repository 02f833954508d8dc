//! The change feed of the client-registry of maps. It tells nothing unless a test has it tell.

#![expect(clippy::unwrap_used, reason = "what a test made up itself is there")]

use std::sync::Arc;

use mintage_api::registry::change::Subject;
use mintage_api::registry::change_feed_service_server::ChangeFeedService;
use mintage_api::registry::watch_response::Event;
use mintage_api::registry::{Change, Heartbeat, Reset, WatchRequest, WatchResponse};
use tokio::sync::{broadcast, watch};
use tokio_stream::wrappers::BroadcastStream;
use tokio_stream::{Stream, StreamExt};
use tonic::{Request, Response, Status, Streaming, async_trait};

/// Clones are one feed.
#[derive(Clone)]
pub(crate) struct Feed {
    events: broadcast::Sender<Event>,
    /// How many watch.
    watchers: Arc<watch::Sender<usize>>,
}

impl Default for Feed {
    fn default() -> Self {
        Self { events: broadcast::Sender::new(64), watchers: Arc::default() }
    }
}

impl Feed {
    /// Tells of a change, once so many watch.
    pub(crate) async fn tell(&self, watchers: usize, tenant: &str, subject: Subject) {
        let change = Change { revision: 2, tenant_id: tenant.to_owned(), subject: Some(subject) };
        self.send(watchers, Event::Change(change)).await;
    }

    /// Says that the past is forgotten, once so many watch.
    pub(crate) async fn reset(&self, watchers: usize) {
        self.send(watchers, Event::Reset(Reset { revision: 3 })).await;
    }

    async fn send(&self, watchers: usize, event: Event) {
        self.watchers.subscribe().wait_for(|watching| *watching >= watchers).await.unwrap();
        self.events.send(event).unwrap();
    }
}

#[async_trait]
impl ChangeFeedService for Feed {
    type WatchStream = std::pin::Pin<Box<dyn Stream<Item = Result<WatchResponse, Status>> + Send>>;

    async fn watch(
        &self,
        mut request: Request<Streaming<WatchRequest>>,
    ) -> Result<Response<Self::WatchStream>, Status> {
        request.get_mut().message().await?;
        let told = BroadcastStream::new(self.events.subscribe()).filter_map(Result::ok);
        self.watchers.send_modify(|watching| *watching += 1);
        let first = tokio_stream::once(Event::Heartbeat(Heartbeat { revision: 1 }));
        // Acknowledgements are read as long as the stream lasts.
        let kept = request.into_inner();
        let events = first.chain(told).map(move |event| {
            let _ = &kept;
            Ok(WatchResponse { event: Some(event) })
        });
        Ok(Response::new(Box::pin(events)))
    }
}
