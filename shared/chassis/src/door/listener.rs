//! Accepts connections and serves HTTP/1.1 and HTTP/2 on them until the process drains.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use std::{fmt, io};

use axum::Router;
use axum::body::HttpBody;
use axum::response::Response;
use bytes::Bytes;
use http::{Request, Version};
use hyper::body::Incoming;
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto::Builder;
use hyper_util::server::graceful::{GracefulShutdown, Watcher};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio::time::timeout;
use tower::BoxError;

use super::addresses::{Addresses, Seat};
use super::draining::Draining;
use super::intake::{Entry, Intake};
use super::protocol::http;
use super::unread::Answers;
use super::write_timeout::WriteTimeout;
use super::{DoorLimits, Proxies, Security};
use crate::telemetry::{self, Caller};
use crate::{Peer, Tasks, stream};

/// The scheme a request came in by; an extension that the door puts on every request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Scheme {
    /// Plain text.
    Http,
    /// TLS.
    Https,
}

impl Scheme {
    /// As it stands in a URL.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Http => "http",
            Self::Https => "https",
        }
    }
}

/// A listener with what it speaks and its limits.
pub struct Door {
    listener: TcpListener,
    security: Security,
    limits: DoorLimits,
    observed: bool,
    proxies: Option<Arc<dyn Proxies>>,
}

impl Door {
    /// Opens a door at `address`; port 0 takes a free one.
    ///
    /// # Errors
    /// When the address cannot be bound, or a limit is outside of its bounds.
    pub async fn open(address: SocketAddr, security: Security, limits: DoorLimits) -> io::Result<Self> {
        limits.check().map_err(|error| io::Error::new(io::ErrorKind::InvalidInput, error))?;
        Ok(Self { listener: TcpListener::bind(address).await?, security, limits, observed: true, proxies: None })
    }

    /// Leaves its requests out of logs, traces and metrics: probes come every few seconds, and are nobody's.
    #[must_use]
    pub fn unobserved(self) -> Self {
        Self { observed: false, ..self }
    }

    /// Counts connections of `proxies` as nobody's, and requests that they pass on as those of whom they name.
    #[must_use]
    pub fn behind(self, proxies: Arc<dyn Proxies>) -> Self {
        Self { proxies: Some(proxies), ..self }
    }

    /// Where it listens.
    ///
    /// # Errors
    /// When the system does not say.
    pub fn address(&self) -> io::Result<SocketAddr> {
        self.listener.local_addr()
    }

    /// Serves `router` until `tasks` drain and a little longer; then takes no more connections, lets requests under way
    /// end, and closes.
    pub fn serve(self, router: Router, tasks: &Tasks) {
        let draining = tasks.cancelled();
        tasks.spawn_graceful("door", async move {
            let connections = GracefulShutdown::new();
            let limits = self.limits;
            let drains = Draining::default();
            let draining = async {
                draining.await;
                drains.leave();
                tokio::time::sleep(limits.lame_duck).await;
            };
            tokio::select! {
                () = self.accept(router.with_state(()), &connections, &drains) => {}
                () = draining => {}
            }
            drains.end();
            if timeout(limits.drain_timeout, connections.shutdown()).await.is_err() {
                tracing::warn!(waited = ?limits.drain_timeout, "requests were still under way when the door closed");
            }
        });
    }

    async fn accept(self, router: Router, connections: &GracefulShutdown, drains: &Draining) {
        let Self { listener, security, limits, observed, proxies } = self;
        let places = Arc::new(Semaphore::new(limits.max_connections));
        let addresses = Addresses::new(limits.max_connections_per_address);
        let intake = Intake::new(router, limits, addresses.clone(), proxies);
        let (http, drains) = (http(&limits), drains.clone());
        let hall = Arc::new(Hall { observed, security, limits, http, intake, drains });
        while let Ok(place) = Arc::clone(&places).acquire_owned().await {
            let Some((stream, address)) = accept_one(&listener).await else { continue };
            let is_proxy = hall.intake.is_proxy(address.ip());
            let seat = if is_proxy { Some(addresses.visitor(address.ip())) } else { addresses.seat(address.ip()) };
            let Some(seat) = seat else {
                tracing::debug!(%address, "an address has all the connections that it may have");
                continue;
            };
            let (hall, watcher) = (Arc::clone(&hall), connections.watcher());
            tokio::spawn(async move {
                hall.serve(stream, address, seat, watcher).await;
                drop(place);
            });
        }
    }
}

impl fmt::Debug for Door {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { listener, security, limits, .. } = self;
        let mut told = f.debug_struct("Door");
        told.field("listener", listener).field("security", security).field("limits", limits).finish_non_exhaustive()
    }
}

/// What the connections of a door share.
struct Hall {
    observed: bool,
    security: Security,
    limits: DoorLimits,
    http: Builder<TokioExecutor>,
    intake: Intake,
    /// Streams that are shared end with their connections.
    drains: Draining,
}

/// What one connection and its requests share; its address is held to account for it until the last of them has ended.
struct Visit {
    entry: Entry,
    asked: AtomicBool,
    answers: Answers,
}

impl Hall {
    /// Serves one connection to its end.
    async fn serve(self: Arc<Self>, stream: TcpStream, address: SocketAddr, seat: Seat, watcher: Watcher) {
        let accepted = timeout(self.limits.handshake_timeout, self.security.accept(stream)).await;
        let (connection, peer) = match accepted {
            Ok(Ok(accepted)) => accepted,
            Ok(Err(error)) => return tracing::debug!(%address, %error, "a connection was refused"),
            Err(_) => return tracing::debug!(%address, "a connection took too long to begin"),
        };
        let scheme = if connection.is_tls() { Scheme::Https } else { Scheme::Http };
        let proxied = self.intake.is_proxy(address.ip());
        let entry = Entry { address, scheme, peer, seat, proxied };
        let visit = Arc::new(Visit { entry, asked: AtomicBool::new(false), answers: Answers::default() });
        let (hall, of_requests) = (Arc::clone(&self), Arc::clone(&visit));
        let service = hyper::service::service_fn(move |request: Request<Incoming>| {
            let (hall, visit) = (Arc::clone(&hall), Arc::clone(&of_requests));
            hall.answer(request, visit)
        });
        let connection = TokioIo::new(WriteTimeout::new(connection, self.limits.write_timeout));
        let serving = self.http.serve_connection(connection, service).into_owned();
        tokio::select! {
            ended = watcher.watch(serving) => if let Err(error) = ended {
                tracing::debug!(%error, "a connection broke");
            },
            () = silence(&visit.asked, self.limits.first_request_timeout) => {
                tracing::debug!("a connection asked for nothing");
            }
            () = visit.answers.left_lying(self.limits.write_timeout) => {
                tracing::debug!("a connection left an answer lying");
            }
        }
    }

    async fn answer(self: Arc<Self>, request: Request<Incoming>, visit: Arc<Visit>) -> Result<Response, Infallible> {
        visit.asked.store(true, Ordering::Relaxed);
        // An answer over HTTP/1 that is not read holds up its connection, which is bounded itself.
        if request.version() != Version::HTTP_2 {
            return Ok(self.drains.hang_up(self.respond(request, &visit).await?));
        }
        let is_service = matches!(visit.entry.peer, Peer::Service(_));
        let answer = if is_service && request.uri().path() == stream::PATH {
            self.share(request, &visit)
        } else {
            self.respond(request, &visit).await?
        };
        Ok(answer.map(|body| visit.answers.watch(body)))
    }

    /// Answers the calls of a stream that they share, each as the request that it would have been by itself.
    fn share(self: Arc<Self>, request: Request<Incoming>, visit: &Arc<Visit>) -> Response {
        let (drains, visit) = (self.drains.ending().clone(), Arc::clone(visit));
        let answered = stream::answer_shared(request, drains, move |call| {
            let (hall, visit) = (Arc::clone(&self), Arc::clone(&visit));
            async move { hall.respond(call, &visit).await.unwrap_or_else(|never| match never {}) }
        });
        answered.map(axum::body::Body::new)
    }

    async fn respond<B>(&self, mut request: Request<B>, visit: &Visit) -> Result<Response, Infallible>
    where
        B: HttpBody<Data = Bytes, Error: Into<BoxError>> + Send + 'static,
    {
        request.extensions_mut().insert(self.drains.clone());
        let caller = Caller { peer: visit.entry.peer, address: visit.entry.address.ip().to_canonical() };
        if self.observed {
            telemetry::at_door(request, caller, |request| self.intake.answer(request, &visit.entry)).await
        } else {
            self.intake.answer(request, &visit.entry).await
        }
    }
}

/// Ends when a connection has asked for nothing in its first `patience`: the bytes by which HTTP/1 is told from HTTP/2
/// have no other bound.
async fn silence(asked: &AtomicBool, patience: Duration) {
    tokio::time::sleep(patience).await;
    if asked.load(Ordering::Relaxed) {
        std::future::pending::<()>().await;
    }
}

async fn accept_one(listener: &TcpListener) -> Option<(TcpStream, SocketAddr)> {
    match listener.accept().await {
        Ok((stream, address)) => {
            // Answers are small and whole: waiting to fill a segment only delays them.
            let _ = stream.set_nodelay(true);
            Some((stream, address))
        }
        Err(error) => {
            tracing::warn!(%error, "a connection could not be accepted");
            tokio::time::sleep(AFTER_FAILED_ACCEPT).await;
            None
        }
    }
}

/// When descriptors run out, a loop without pause would burn a core.
const AFTER_FAILED_ACCEPT: Duration = Duration::from_millis(50);

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use axum::body::Body;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    use super::*;

    const REQUEST: &[u8] = b"GET / HTTP/1.1\r\nhost: mint.test\r\nconnection: close\r\n\r\n";

    async fn door(limits: DoorLimits, tasks: &Tasks) -> SocketAddr {
        let door = Door::open(([127, 0, 0, 1], 0).into(), Security::Plain, limits).await.unwrap();
        let address = door.address().unwrap();
        door.serve(Router::new().route("/", axum::routing::get(|| async { "here" })), tasks);
        address
    }

    async fn say(address: SocketAddr, bytes: &[u8]) -> String {
        let mut stream = TcpStream::connect(address).await.unwrap();
        stream.write_all(bytes).await.unwrap();
        let mut answer = Vec::new();
        // A reset is an end, too.
        let _ = timeout(Duration::from_secs(20), stream.read_to_end(&mut answer)).await.expect("the door hangs up");
        String::from_utf8(answer).unwrap()
    }

    #[tokio::test]
    async fn b8_a_connection_that_asks_for_nothing_is_closed() {
        let limits = DoorLimits { first_request_timeout: Duration::from_millis(20), ..DoorLimits::default() };
        let tasks = Tasks::new();
        let address = door(limits, &tasks).await;
        for beginning in [&b""[..], b"P", b"PRI * HTTP/2.0\r\n", b"GET / HT"] {
            assert!(!say(address, beginning).await.contains("here"));
        }
        assert!(say(address, REQUEST).await.contains("here"));
    }

    #[tokio::test]
    async fn b8_an_address_may_hold_only_so_many_connections() {
        let limits = DoorLimits { max_connections_per_address: 1, ..DoorLimits::default() };
        let tasks = Tasks::new();
        let address = door(limits, &tasks).await;
        let mut first = TcpStream::connect(address).await.unwrap();
        first.write_all(b"GET / HTTP/1.1\r\nhost: mint.test\r\n\r\n").await.unwrap();
        assert!(first.read(&mut [0; 64]).await.unwrap() > 0, "the first is served, and stays open");
        assert_eq!(say(address, REQUEST).await, "");
    }

    /// A door behind which an answer never ends; the receiver hears when the answer was dropped.
    async fn endless_door(tasks: &Tasks) -> (SocketAddr, tokio::sync::oneshot::Receiver<()>) {
        let limits = DoorLimits { write_timeout: Duration::from_millis(50), ..DoorLimits::default() };
        let (gone, is_gone) = tokio::sync::oneshot::channel::<()>();
        let gone = Arc::new(Mutex::new(Some(gone)));
        let endless = move || {
            let gone = gone.lock().unwrap().take();
            let chunks = futures::stream::repeat_with(move || {
                let _held = &gone;
                Ok::<_, Infallible>(Bytes::from_static(&[0; 65_536]))
            });
            async { Body::from_stream(chunks) }
        };
        let door = Door::open(([127, 0, 0, 1], 0).into(), Security::Plain, limits).await.unwrap();
        let address = door.address().unwrap();
        door.serve(Router::new().route("/", axum::routing::get(endless)), tasks);
        (address, is_gone)
    }

    #[tokio::test]
    async fn b8_whoever_does_not_read_is_not_waited_for() {
        let tasks = Tasks::new();
        let (address, is_gone) = endless_door(&tasks).await;
        let mut stream = TcpStream::connect(address).await.unwrap();
        stream.write_all(REQUEST).await.unwrap();
        let ended = timeout(Duration::from_secs(20), is_gone).await.expect("the door gives up");
        assert!(ended.is_err(), "the answer was dropped with its connection");
    }

    #[tokio::test]
    async fn b8_whoever_leaves_an_answer_lying_on_a_living_connection_is_not_waited_for() {
        let tasks = Tasks::new();
        let (address, is_gone) = endless_door(&tasks).await;
        let channel = tonic::transport::Endpoint::from_shared(format!("http://{address}")).unwrap();
        let channel = channel.initial_stream_window_size(65_535).connect().await.unwrap();
        let request = Request::get(format!("http://{address}/")).body(tonic::body::Body::empty()).unwrap();
        let _unread = tower::ServiceExt::oneshot(channel, request).await.unwrap();
        let ended = timeout(Duration::from_secs(20), is_gone).await.expect("the door gives up");
        assert!(ended.is_err(), "the answer was dropped with its connection");
    }

    #[tokio::test]
    async fn a_door_with_a_limit_out_of_bounds_is_not_opened() {
        let limits = DoorLimits { max_streams: 0, ..DoorLimits::default() };
        let refused = Door::open(([127, 0, 0, 1], 0).into(), Security::Plain, limits).await.unwrap_err();
        assert_eq!(refused.kind(), io::ErrorKind::InvalidInput);
        assert!(refused.to_string().contains("max_streams"), "{refused}");
    }

    #[tokio::test]
    async fn a_draining_door_tells_those_who_ask_that_it_was_their_last_answer() {
        let tasks = Tasks::new();
        let address = door(DoorLimits { lame_duck: Duration::from_mins(1), ..DoorLimits::default() }, &tasks).await;
        let request = b"GET / HTTP/1.1\r\nhost: mint.test\r\n\r\n";
        let mut kept = TcpStream::connect(address).await.unwrap();
        kept.write_all(request).await.unwrap();
        let mut answer = [0; 1024];
        let count = kept.read(&mut answer).await.unwrap();
        assert!(!String::from_utf8_lossy(&answer[..count]).contains("connection: close"));
        let draining = tasks.clone();
        tokio::spawn(async move { draining.drain().await });
        tasks.cancelled().await;
        let last = loop {
            let mut last = String::new();
            // Whether the door has heard already is not to be seen from here.
            kept.write_all(request).await.unwrap();
            let count = timeout(Duration::from_secs(20), kept.read(&mut answer)).await.unwrap().unwrap();
            last.push_str(&String::from_utf8_lossy(&answer[..count]));
            if last.contains("connection: close") {
                break last;
            }
        };
        assert!(last.contains("here"), "{last}");
        assert_eq!(kept.read(&mut answer).await.unwrap(), 0);
    }

    #[tokio::test]
    async fn a_draining_door_still_serves_those_who_have_not_heard() {
        let tasks = Tasks::new();
        let address = door(DoorLimits::default(), &tasks).await;
        let draining = tokio::spawn({
            let tasks = tasks.clone();
            async move { tasks.drain().await }
        });
        tasks.cancelled().await;
        assert!(say(address, REQUEST).await.contains("here"));
        draining.await.unwrap();
        assert!(TcpStream::connect(address).await.is_err(), "then it is closed");
    }
}
