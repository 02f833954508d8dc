//! A watcher of a key set, and what it watches.

use std::time::Duration;

use mintage_api::keys::key_ring_service_client::KeyRingServiceClient;
use mintage_api::keys::key_set_service_client::KeySetServiceClient;
use mintage_api::keys::watch_key_set_request::Message;
use mintage_api::keys::{
    GetKeySetResponse, KeySetAcknowledgement, RotateKeyRingRequest, WatchKeySetRequest, WatchKeySetResponse,
    WatchKeySetStart,
};
use mintage_api::types::{ErrorReason, SigningAlgorithm};
use mintage_chassis::{Service, ServiceName};
use mintage_key_management::domain::ports::{Evidence, Held};
use mintage_oauth::TenantId;
use tokio::sync::mpsc;
use tokio::time::timeout;
use tokio_stream::wrappers::ReceiverStream;
use tonic::{Code, Request, Status, Streaming};

use crate::grpc::{anyone, built, ensure, from, named, reason};
use crate::house::{House, Replica};

/// Much more than anything here takes.
pub(super) const LONG: Duration = Duration::from_secs(30);

/// A stream, as a watcher has it.
pub(super) struct Watch {
    pub(super) say: mpsc::Sender<WatchKeySetRequest>,
    pub(super) told: Streaming<WatchKeySetResponse>,
}

impl Watch {
    pub(super) async fn say(&self, message: Message) {
        self.say.send(WatchKeySetRequest { message: Some(message) }).await.expect("heard");
    }

    pub(super) async fn acknowledge(&self, version: u64) {
        self.say(Message::Acknowledgement(KeySetAcknowledgement { version })).await;
    }

    /// What comes next; `None` at the end.
    pub(super) async fn next(&mut self) -> Result<Option<WatchKeySetResponse>, Status> {
        timeout(LONG, self.told.message()).await.expect("a word in time")
    }

    /// The next key set; signs of life are passed over.
    pub(super) async fn key_set(&mut self) -> GetKeySetResponse {
        loop {
            if let Some(key_set) = self.next().await.expect("well").expect("no end").key_set {
                return key_set;
            }
        }
    }

    pub(super) async fn refused(&mut self) -> (Code, ErrorReason) {
        loop {
            match self.next().await {
                Ok(Some(_)) => {}
                Ok(None) => panic!("it ended"),
                Err(status) => return reason(&status),
            }
        }
    }
}

pub(super) fn start(tenant: &str, watcher: &str) -> Message {
    Message::Start(WatchKeySetStart { tenant_id: tenant.to_owned(), watcher: watcher.to_owned() })
}

/// A stream of a service of the suite, or of anybody, who may show a token; nothing is said on it yet.
pub(super) async fn open(
    service: &Service,
    as_whom: Option<ServiceName>,
    token: Option<&str>,
) -> Result<Watch, Status> {
    let (say, said) = mpsc::channel(64);
    let mut request = Request::new(ReceiverStream::new(said));
    if let Some(token) = token {
        request.metadata_mut().insert("authorization", format!("Bearer {token}").parse().expect("a header"));
    }
    let told = match as_whom {
        Some(name) => KeySetServiceClient::new(from(service, name)).watch_key_set(request).await?,
        None => KeySetServiceClient::new(anyone(service)).watch_key_set(request).await?,
    };
    Ok(Watch { say, told: told.into_inner() })
}

pub(super) async fn edge(service: &Service, tenant: &str) -> Watch {
    let watch = open(service, Some(ServiceName::EDGE), None).await.expect("a stream");
    watch.say(start(tenant, "pod-1")).await;
    watch
}

pub(super) async fn stranger(service: &Service) -> Watch {
    let watch = open(service, None, None).await.expect("a stream");
    watch.say(start("", "someone")).await;
    watch
}

/// A service with a ring of tenant `default`.
pub(super) async fn with_ring(house: &House) -> Service {
    let service = built(house).await;
    ensure(&service, named(SigningAlgorithm::Es256)).await;
    service
}

pub(super) async fn rotate(service: &Service) {
    let mut rings = KeyRingServiceClient::new(from(service, ServiceName::MINTAGE));
    let request = RotateKeyRingRequest { ring: Some(named(SigningAlgorithm::Es256)), ..Default::default() };
    rings.rotate_key_ring(request).await.expect("rotated");
}

/// Waits until another replica hears that so many watchers of `default` count and so many of them hold `version`.
pub(super) async fn until_held(replica: &Replica, version: u64, expected: (u32, u32)) -> Held {
    let heard = async {
        loop {
            let held = replica.keys.watchers().held(&TenantId::default_tenant(), version).await.expect("evidence");
            if (held.watchers, held.holding) == expected {
                return held;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    timeout(LONG, heard).await.expect("heard in time")
}
