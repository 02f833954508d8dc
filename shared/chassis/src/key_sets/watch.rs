//! Keeps one stream open to the key set of a tenant.

use std::fmt;
use std::future::Future;
use std::ops::ControlFlow;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use mintage_api::keys::key_set_service_client::KeySetServiceClient;
use mintage_api::keys::watch_key_set_request::Message;
use mintage_api::keys::{
    GetKeySetResponse, KeySetAcknowledgement, WatchKeySetRequest, WatchKeySetResponse, WatchKeySetStart,
};
use mintage_clock::Randomness;
use mintage_oauth::TenantId;
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;
use tonic::{Code, Status, Streaming};

use super::{Floor, replica_lag};
use crate::Transport;
use crate::backoff::jittered;

/// Whoever verifies by key sets.
#[async_trait]
pub trait Holder: Send + Sync {
    /// Takes a key set into use, in place of the one before. It returns once nothing verifies by an older one any more:
    /// key-management is told then, and may let a key sign that is new in it. `false` when the set cannot be used. None is
    /// older than one before, as far as a [`Floor`] tells.
    async fn hold(&self, key_set: GetKeySetResponse) -> bool;

    /// Nothing is heard any more: what is held may be out of date from now on, until the next set is.
    fn lost(&self);
}

/// Watches the key set of one tenant.
pub struct Watch {
    client: KeySetServiceClient<Transport>,
    tenant: TenantId,
    watcher: String,
    holder: Arc<dyn Holder>,
    floor: Arc<Floor>,
    randomness: Randomness,
}

impl Watch {
    /// Of `tenant`, at the key-management behind `keys`, for `holder`. `watcher` is what operators see of it: 1 to 100
    /// printable ASCII characters.
    #[must_use]
    pub fn new(
        tenant: TenantId,
        watcher: String,
        holder: Arc<dyn Holder>,
        keys: Transport,
        randomness: Randomness,
    ) -> Self {
        Self { client: KeySetServiceClient::new(keys), tenant, watcher, holder, floor: Arc::default(), randomness }
    }

    /// The same with a floor that others raise, too: those who ask for the key set as well.
    #[must_use]
    pub fn above(self, floor: Arc<Floor>) -> Self {
        Self { floor, ..self }
    }

    /// Watches until it is dropped, or the tenant is gone. A stream that breaks, ends or falls silent is followed by
    /// another after a pause, each of another length and longer while nothing is heard.
    pub async fn run(self) {
        let mut pause = SHORTEST_PAUSE;
        loop {
            let mut heard = false;
            let ended = self.watch_one_stream(&mut heard).await;
            self.holder.lost();
            if let Err(status) = ended {
                tracing::info!(%status, tenant = %self.tenant, "the watch of a key set broke");
                if status.code() == Code::NotFound {
                    return;
                }
            }
            if heard {
                pause = SHORTEST_PAUSE;
            }
            tokio::time::sleep(jittered(pause, &self.randomness)).await;
            pause = LONGEST_PAUSE.min(pause * 2);
        }
    }

    async fn watch_one_stream(&self, heard: &mut bool) -> Result<(), Status> {
        let (say, said) = mpsc::channel(1);
        let start = WatchKeySetStart { tenant_id: self.tenant.to_string(), watcher: self.watcher.clone() };
        let mut patience = OPENING;
        in_time(patience, send(&say, Message::Start(start))).await?;
        let mut client = self.client.clone();
        let mut events = in_time(patience, client.watch_key_set(ReceiverStream::new(said))).await?.into_inner();
        // A set that is older than one before: the replica has yet to read of that one, or its database was restored.
        let mut aside = None;
        while let Some(event) = in_time(patience, next(&mut events)).await? {
            let WatchKeySetResponse { key_set, silence_millis } = event;
            patience = Duration::from_millis(silence_millis.into()).clamp(SHORTEST_SILENCE, LONGEST_SILENCE);
            aside = key_set.or(aside);
            match aside.take() {
                Some(key_set) if self.floor.is_above(key_set.version) => aside = Some(key_set),
                Some(key_set) => {
                    if let ControlFlow::Break(unfit) = self.hold(key_set, patience, &say).await? {
                        return Err(unfit);
                    }
                    *heard = true;
                }
                None => {}
            }
        }
        Ok(())
    }

    async fn hold(
        &self,
        key_set: GetKeySetResponse,
        patience: Duration,
        say: &mpsc::Sender<WatchKeySetRequest>,
    ) -> Result<ControlFlow<Status>, Status> {
        let (version, replica_lag) = (key_set.version, replica_lag(&key_set));
        if !self.holder.hold(key_set).await {
            return Ok(ControlFlow::Break(Status::internal("the key set cannot be used")));
        }
        self.floor.raise(version, replica_lag);
        in_time(patience, send(say, Message::Acknowledgement(KeySetAcknowledgement { version }))).await?;
        Ok(ControlFlow::Continue(()))
    }
}

impl fmt::Debug for Watch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Watch({} as {})", self.tenant, self.watcher)
    }
}

/// The name of the machine, which is the pod's in a cluster, and some letters that tell its processes apart.
#[must_use]
pub fn name_of_this_process(randomness: &Randomness) -> String {
    let machine = rustix::system::uname().nodename().to_string_lossy().into_owned();
    let machine: String = machine.chars().filter(char::is_ascii_graphic).take(LONGEST_MACHINE).collect();
    format!("{machine}/{}", randomness.alphanumeric(LETTERS))
}

async fn next(events: &mut Streaming<WatchKeySetResponse>) -> Result<Option<WatchKeySetResponse>, Status> {
    events.message().await
}

async fn send(say: &mpsc::Sender<WatchKeySetRequest>, message: Message) -> Result<(), Status> {
    let closed = |_| Status::unavailable("key-management stopped listening");
    say.send(WatchKeySetRequest { message: Some(message) }).await.map_err(closed)
}

/// What was said on a stream that was silent for longer than it should be is of no known age.
async fn in_time<T>(patience: Duration, answer: impl Future<Output = Result<T, Status>>) -> Result<T, Status> {
    let silent = |_| Status::unavailable("key-management fell silent");
    tokio::time::timeout(patience, answer).await.map_err(silent)?
}

const SHORTEST_PAUSE: Duration = Duration::from_millis(50);
const LONGEST_PAUSE: Duration = Duration::from_secs(5);
/// How long a stream may take to begin.
const OPENING: Duration = Duration::from_secs(5);
/// Whatever the other end says, silence ends a stream no sooner than a message may take, and at last.
const SHORTEST_SILENCE: Duration = Duration::from_millis(100);
const LONGEST_SILENCE: Duration = Duration::from_secs(60);
const LONGEST_MACHINE: usize = 80;
const LETTERS: usize = 6;
