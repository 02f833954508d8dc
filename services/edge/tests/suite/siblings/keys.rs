//! key-management.

use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use mintage_api::keys::key_set_service_server::KeySetService;
use mintage_api::keys::watch_key_set_request::Message;
use mintage_api::keys::{GetKeySetRequest, GetKeySetResponse, WatchKeySetRequest, WatchKeySetResponse};
use tokio::sync::{mpsc, watch};
use tokio::time::timeout;
use tokio_stream::wrappers::UnboundedReceiverStream;
use tonic::{Request, Response, Status, Streaming};

/// key-management.
pub struct Keys {
    pub answer: Mutex<Result<GetKeySetResponse, Status>>,
    pub asked: AtomicUsize,
    /// Whether streams are taken; without, the edge asks.
    pub pushes: AtomicBool,
    watchers: Mutex<Vec<mpsc::UnboundedSender<Result<WatchKeySetResponse, Status>>>>,
    acknowledged: watch::Sender<u64>,
    opened: watch::Sender<usize>,
}

impl Keys {
    pub fn answering(key_set: GetKeySetResponse) -> Self {
        Self {
            answer: Mutex::new(Ok(key_set)),
            asked: AtomicUsize::new(0),
            pushes: AtomicBool::new(false),
            watchers: Mutex::default(),
            acknowledged: watch::Sender::new(0),
            opened: watch::Sender::new(0),
        }
    }

    pub fn asked(&self) -> usize {
        self.asked.load(Ordering::SeqCst)
    }

    /// Pushes the answer to everyone who watches.
    pub fn push(&self) {
        let event = self.event();
        self.watchers.lock().unwrap().retain(|watcher| watcher.send(event.clone()).is_ok());
    }

    /// Ends every stream.
    pub fn hang_up(&self) {
        self.watchers.lock().unwrap().clear();
    }

    /// Ends once somebody has acknowledged `version`.
    pub async fn until_held(&self, version: u64) {
        let mut acknowledged = self.acknowledged.subscribe();
        let held = acknowledged.wait_for(|held| *held == version);
        timeout(Duration::from_secs(20), held).await.expect("acknowledged in time").expect("acknowledged");
    }

    /// The version that was acknowledged last; 0 for none.
    pub fn held(&self) -> u64 {
        *self.acknowledged.borrow()
    }

    /// Ends once `count` streams were asked for.
    pub async fn until_opened(&self, count: usize) {
        let mut opened = self.opened.subscribe();
        let enough = opened.wait_for(|opened| *opened >= count);
        timeout(Duration::from_secs(20), enough).await.expect("asked for in time").expect("asked for");
    }

    pub fn opened(&self) -> usize {
        *self.opened.borrow()
    }

    fn event(&self) -> Result<WatchKeySetResponse, Status> {
        let key_set = self.answer.lock().unwrap().clone()?;
        Ok(WatchKeySetResponse { key_set: Some(key_set), silence_millis: 20_000 })
    }
}

#[tonic::async_trait]
impl KeySetService for Keys {
    type WatchKeySetStream = UnboundedReceiverStream<Result<WatchKeySetResponse, Status>>;

    async fn get_key_set(&self, request: Request<GetKeySetRequest>) -> Result<Response<GetKeySetResponse>, Status> {
        self.asked.fetch_add(1, Ordering::SeqCst);
        tokio::task::yield_now().await;
        if request.into_inner().tenant_id.is_empty() {
            return Err(Status::invalid_argument("the edge names the tenant"));
        }
        self.answer.lock().unwrap().clone().map(Response::new)
    }

    async fn watch_key_set(
        &self,
        request: Request<Streaming<WatchKeySetRequest>>,
    ) -> Result<Response<Self::WatchKeySetStream>, Status> {
        self.opened.send_modify(|opened| *opened += 1);
        if !self.pushes.load(Ordering::SeqCst) {
            return Err(Status::unavailable("no streams now"));
        }
        let (sender, events) = mpsc::unbounded_channel();
        let _ = sender.send(self.event());
        self.watchers.lock().unwrap().push(sender);
        let (acknowledged, mut said) = (self.acknowledged.clone(), request.into_inner());
        tokio::spawn(async move {
            while let Ok(Some(request)) = said.message().await {
                if let Some(Message::Acknowledgement(held)) = request.message {
                    acknowledged.send_replace(held.version);
                }
            }
        });
        Ok(Response::new(UnboundedReceiverStream::new(events)))
    }
}
