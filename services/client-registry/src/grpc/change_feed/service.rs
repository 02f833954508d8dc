//! ChangeFeedService, RPC by RPC.

use mintage_api::registry::change_feed_service_server::ChangeFeedService;
use mintage_api::registry::{WatchRequest, WatchResponse};
use mintage_chassis::Tasks;
use mintage_chassis::door::Draining;
use tokio_stream::wrappers::ReceiverStream;
use tonic::{Request, Response, Status, Streaming, async_trait};

use super::Feed;
use super::watch::watch;

/// Serves ChangeFeedService.
#[derive(Debug)]
pub(crate) struct ChangeFeed {
    feed: Feed,
    tasks: Tasks,
}

impl ChangeFeed {
    pub(crate) const fn new(feed: Feed, tasks: Tasks) -> Self {
        Self { feed, tasks }
    }
}

#[async_trait]
impl ChangeFeedService for ChangeFeed {
    type WatchStream = ReceiverStream<Result<WatchResponse, Status>>;

    async fn watch(&self, request: Request<Streaming<WatchRequest>>) -> Result<Response<Self::WatchStream>, Status> {
        let drains = request.extensions().get::<Draining>().cloned().unwrap_or_default();
        watch(&self.feed, &self.tasks, drains, request.into_inner()).map(Response::new)
    }
}
