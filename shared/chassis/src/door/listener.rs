//! Accepts connections and serves HTTP/1.1 and HTTP/2 on them until the process drains.

use std::convert::Infallible;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::response::Response;
use http::Request;
use hyper::body::Incoming;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto::Builder;
use hyper_util::server::graceful::GracefulShutdown;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio::time::timeout;
use tower::Service;

use super::{DoorLimits, Security};
use crate::source::ClientAddress;
use crate::{Peer, Tasks};

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
#[derive(Debug)]
pub struct Door {
    listener: TcpListener,
    security: Security,
    limits: DoorLimits,
}

impl Door {
    /// Opens a door at `address`; port 0 takes a free one.
    ///
    /// # Errors
    /// When the address cannot be bound.
    pub async fn open(address: SocketAddr, security: Security, limits: DoorLimits) -> io::Result<Self> {
        Ok(Self { listener: TcpListener::bind(address).await?, security, limits })
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
            let draining = async {
                draining.await;
                tokio::time::sleep(limits.lame_duck).await;
            };
            tokio::select! {
                () = self.accept(router.with_state(()), &connections) => {}
                () = draining => {}
            }
            if timeout(limits.drain_timeout, connections.shutdown()).await.is_err() {
                tracing::warn!(waited = ?limits.drain_timeout, "requests were still under way when the door closed");
            }
        });
    }

    async fn accept(self, router: Router, connections: &GracefulShutdown) {
        let places = Arc::new(Semaphore::new(self.limits.max_connections));
        let http = Arc::new(http(&self.limits));
        while let Ok(place) = Arc::clone(&places).acquire_owned().await {
            let Some((stream, address)) = accept_one(&self.listener).await else { continue };
            let (router, watcher, http) = (router.clone(), connections.watcher(), Arc::clone(&http));
            let (security, limits) = (self.security.clone(), self.limits);
            tokio::spawn(async move {
                let accepted = timeout(limits.handshake_timeout, security.accept(stream)).await;
                let Ok(Ok(connection)) = accepted else { return };
                let scheme = if connection.is_tls() { Scheme::Https } else { Scheme::Http };
                let asked = Arc::new(AtomicBool::new(false));
                let has_asked = Arc::clone(&asked);
                let service = hyper::service::service_fn(move |request| {
                    has_asked.store(true, Ordering::Relaxed);
                    handle(router.clone(), request, scheme, address)
                });
                let serving = http.serve_connection(TokioIo::new(connection), service).into_owned();
                tokio::select! {
                    ended = watcher.watch(serving) => if let Err(error) = ended {
                        tracing::debug!(%error, "a connection broke");
                    },
                    () = silence(&asked, limits.first_request_timeout) => {
                        tracing::debug!("a connection asked for nothing");
                    }
                }
                drop(place);
            });
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

async fn handle(
    mut router: Router,
    request: Request<Incoming>,
    scheme: Scheme,
    address: SocketAddr,
) -> Result<Response, Infallible> {
    let mut request = request.map(Body::new);
    let extensions = request.extensions_mut();
    extensions.insert(Peer::Anonymous);
    extensions.insert(ClientAddress(address.ip().to_canonical()));
    extensions.insert(scheme);
    router.call(request).await
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

fn http(limits: &DoorLimits) -> Builder<TokioExecutor> {
    let mut builder = Builder::new(TokioExecutor::new());
    let header_bytes = usize::try_from(limits.max_header_bytes).unwrap_or(usize::MAX).max(SMALLEST_BUFFER);
    builder
        .http1()
        .timer(TokioTimer::new())
        .header_read_timeout(limits.header_timeout)
        .max_buf_size(header_bytes)
        .http2()
        .timer(TokioTimer::new())
        .max_concurrent_streams(limits.max_streams)
        .max_header_list_size(limits.max_header_bytes)
        .max_pending_accept_reset_streams(limits.max_pending_resets)
        .keep_alive_interval(limits.keep_alive)
        .keep_alive_timeout(limits.keep_alive);
    builder
}

/// When descriptors run out, a loop without pause would burn a core.
const AFTER_FAILED_ACCEPT: Duration = Duration::from_millis(50);
/// What hyper asks for at least.
const SMALLEST_BUFFER: usize = 8192;

#[cfg(test)]
mod tests {
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
