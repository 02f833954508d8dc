//! A service at as many addresses as a test opens, and a channel that is told where they are.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::extract::Extension;
use http::{HeaderMap, Request, Response};
use mintage_clock::{Clock, Randomness};
use tempfile::TempDir;
use tokio::time::timeout;
use tonic::body::Body;
use tonic::{Code, Status};

use crate::channel::ChannelSettings;
use crate::channel::carrier::{Channel, Resolve};
use crate::channel::connector::Connector;
use crate::door::{Door, DoorLimits, Security};
use crate::identity::{Authority, Identity, IdentityFiles, Validity};
use crate::status::unavailable;
use crate::{Peer, ServiceName, Tasks};

/// A service at as many addresses as a test opens, and a channel that is told where they are.
pub(super) struct Rig {
    pub(super) identity: Identity,
    known: Arc<Mutex<Vec<SocketAddr>>>,
    pub(super) tasks: Tasks,
    _folder: TempDir,
}

impl Rig {
    pub(super) fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let validity = Validity::starting(Clock::System.now(), Duration::from_hours(1));
        let authority = Authority::create("mint.test".parse().unwrap(), validity).unwrap();
        let issued = authority.issue(ServiceName::TOKEN, &[], validity).unwrap();
        let file = |name: &str, text: &str| {
            std::fs::write(folder.path().join(name), text).unwrap();
            folder.path().join(name)
        };
        let files = IdentityFiles {
            certificate: file("crt", &issued.certificate),
            private_key: file("key", &issued.private_key),
            authorities: file("ca", authority.certificate()),
        };
        let (domain, tasks) = (authority.trust_domain().clone(), Tasks::new());
        let identity = Identity::load(files, domain, ServiceName::TOKEN, Duration::from_mins(1), &tasks).unwrap();
        Self { identity, known: Arc::default(), tasks, _folder: folder }
    }

    /// Serves at a new address until `tasks` drain, and says which.
    pub(super) async fn serve(&self, tasks: &Tasks) -> SocketAddr {
        self.serve_within(DoorLimits::default(), tasks, &Service::default()).await
    }

    /// Serves `service` within `limits`.
    pub(super) async fn serve_within(&self, limits: DoorLimits, tasks: &Tasks, service: &Service) -> SocketAddr {
        let limits = DoorLimits { lame_duck: Duration::ZERO, ..limits };
        let security = Security::Mutual(self.identity.clone());
        let door = Door::open(([127, 0, 0, 1], 0).into(), security, limits).await.unwrap();
        let address = door.address().unwrap();
        let service = service.clone();
        let answer = async move |Extension(peer): Extension<Peer>, headers: HeaderMap| {
            assert_eq!(peer, Peer::Service(ServiceName::TOKEN));
            service.answer(address, &headers).await
        };
        door.serve(Router::new().fallback(answer), tasks);
        address
    }

    pub(super) fn know(&self, addresses: &[SocketAddr]) {
        *self.known.lock().unwrap() = addresses.to_vec();
    }

    pub(super) fn channel(&self) -> Channel {
        self.channel_with(ChannelSettings::default())
    }

    pub(super) fn channel_with(&self, settings: ChannelSettings) -> Channel {
        let known = Arc::clone(&self.known);
        let resolve: Resolve = Box::new(move || {
            let known = known.lock().unwrap().clone();
            Box::pin(std::future::ready(Ok(known)))
        });
        let settings = ChannelSettings { resolve_interval: Duration::from_millis(5), ..settings };
        let name = "token.test".try_into().unwrap();
        let (identity, randomness) = (self.identity.clone(), Randomness::seeded(1));
        let connector = Connector { identity, expected: ServiceName::TOKEN, name, settings, randomness };
        Channel::following(resolve, connector, "token.test:443".parse().unwrap())
    }
}

/// What answers at an address, in the mood that a test gives it.
#[derive(Clone, Debug, Default)]
pub(super) struct Service(Arc<Inner>);

#[derive(Debug, Default)]
struct Inner {
    mood: Mutex<Mood>,
    calls: AtomicUsize,
}

#[derive(Clone, Copy, Debug, Default)]
pub(super) enum Mood {
    /// Answers.
    #[default]
    Well,
    /// Refuses in the suite's own words: try again.
    Busy,
    /// Fails in words that are none of the suite's.
    Ill,
    /// Never answers.
    Silent,
}

impl Service {
    pub(super) fn new(mood: Mood) -> Self {
        let service = Self::default();
        service.turn(mood);
        service
    }

    pub(super) fn turn(&self, mood: Mood) {
        *self.0.mood.lock().unwrap() = mood;
    }

    /// How often it was called.
    pub(super) fn calls(&self) -> usize {
        self.0.calls.load(Ordering::SeqCst)
    }

    async fn answer(&self, address: SocketAddr, headers: &HeaderMap) -> Response<axum::body::Body> {
        self.0.calls.fetch_add(1, Ordering::SeqCst);
        let mood = if headers.contains_key("never") { Mood::Silent } else { *self.0.mood.lock().unwrap() };
        match mood {
            Mood::Well => {
                let answer = Response::builder().header("grpc-status", "0").header("from", address.to_string());
                answer.body(axum::body::Body::empty()).unwrap()
            }
            Mood::Busy => unavailable("its registry does not answer").into_http(),
            Mood::Ill => Status::unknown("transport error").into_http(),
            Mood::Silent => std::future::pending().await,
        }
    }
}

/// Who answers a call to a method that the contract does not know.
pub(super) async fn call(channel: &Channel) -> Result<SocketAddr, Status> {
    call_to(channel, "/test/Call", None).await
}

/// Who answers a call to the method at `path` within `patience`.
pub(super) async fn call_to(channel: &Channel, path: &str, patience: Option<Duration>) -> Result<SocketAddr, Status> {
    let message = http_body_util::Full::new(bytes::Bytes::from_static(b"message"));
    let request = Request::post(path).body(Body::new(message)).unwrap();
    let answer = channel.call(request, patience).await.map_err(Status::from_error)?;
    if let Some(refused) = Status::from_header_map(answer.headers()).filter(|status| status.code() != Code::Ok) {
        return Err(refused);
    }
    Ok(answer.headers()["from"].to_str().unwrap().parse().unwrap())
}

pub(super) async fn soon<T>(event: impl Future<Output = T>) -> T {
    timeout(Duration::from_secs(20), event).await.expect("it comes about")
}

/// A method whose calls share a stream, and are not repeated.
pub(super) const SHARING: &str = "/mintage.token.v1.TokenService/IssueToken";
