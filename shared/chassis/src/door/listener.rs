//! Accepts connections and serves HTTP/1.1 and HTTP/2 on them until the process drains.

use std::convert::Infallible;
use std::future::Future;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use std::{fmt, io};

use axum::Router;
use axum::body::HttpBody;
use axum::response::Response;
use bytes::Bytes;
use futures::future::Either;
use http::{Request, Version};
use hyper::body::Incoming;
use hyper_util::rt::TokioIo;
use hyper_util::server::graceful::{GracefulShutdown, Watcher};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio::time::timeout;
use tower::BoxError;

use super::addresses::{Addresses, Seat};
use super::draining::Draining;
use super::intake::{Behind, Entry, Intake};
use super::protocol::Protocols;
use super::unread::Answers;
use super::write_timeout::WriteTimeout;
use super::{DoorLimits, Proxies, Security};
use crate::telemetry::{self, Caller};
use crate::{Peer, Routes, Service, Tasks, stream};

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
    services: Vec<Routes>,
    proxies: Option<Arc<dyn Proxies>>,
}

impl Door {
    /// Opens a door at `address`; port 0 takes a free one.
    ///
    /// # Errors
    /// When the address cannot be bound, or a limit is outside of its bounds.
    pub async fn open(address: SocketAddr, security: Security, limits: DoorLimits) -> io::Result<Self> {
        limits.check().map_err(|error| io::Error::new(io::ErrorKind::InvalidInput, error))?;
        let listener = TcpListener::bind(address).await?;
        Ok(Self { listener, security, limits, observed: true, services: Vec::new(), proxies: None })
    }

    /// Leaves its requests out of logs, traces and metrics: probes come every few seconds, and are nobody's.
    #[must_use]
    pub fn unobserved(self) -> Self {
        Self { observed: false, ..self }
    }

    /// Hands calls to `services` straight to them. The router of the door, which knows them too, would find them as well,
    /// and box every request and answer on the way.
    #[must_use]
    pub fn leading_to<'a>(self, services: impl IntoIterator<Item = &'a Service>) -> Self {
        Self { services: services.into_iter().map(|service| service.routes.clone()).collect(), ..self }
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
        let Self { listener, security, limits, observed, services, proxies } = self;
        let places = Arc::new(Semaphore::new(limits.max_connections));
        let addresses = Addresses::new(limits.max_connections_per_address);
        let intake = Intake::new(Behind { services, router }, limits, addresses.clone(), proxies);
        let (protocols, drains) = (Protocols::within(&limits), drains.clone());
        let hall = Arc::new(Hall { observed, security, limits, protocols, intake, drains });
        while let Ok(place) = Arc::clone(&places).acquire_owned().await {
            let Some((stream, address)) = accept_one(&listener).await else { continue };
            let proxied = hall.intake.is_proxy(address.ip());
            let seat = if proxied { Some(addresses.visitor(address.ip())) } else { addresses.seat(address.ip()) };
            let Some(seat) = seat else {
                tracing::debug!(%address, "an address has all the connections that it may have");
                continue;
            };
            let (hall, watcher) = (Arc::clone(&hall), connections.watcher());
            tokio::spawn(async move {
                hall.serve(stream, Came { address, seat, proxied }, watcher).await;
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
    protocols: Protocols,
    intake: Intake,
    /// Streams that are shared end with their connections.
    drains: Draining,
}

/// Where a connection came from.
struct Came {
    address: SocketAddr,
    seat: Seat,
    /// Whether a trusted proxy is at the other end.
    proxied: bool,
}

/// What one connection and its requests share; its address is held to account for it until the last of them has ended.
struct Visit {
    entry: Entry,
    asked: AtomicBool,
    answers: Answers,
}

impl Hall {
    /// Serves one connection to its end.
    async fn serve(self: Arc<Self>, stream: TcpStream, came: Came, watcher: Watcher) {
        let Came { address, seat, proxied } = came;
        let accepted = timeout(self.limits.handshake_timeout, self.security.accept(stream)).await;
        let (connection, peer) = match accepted {
            Ok(Ok(accepted)) => accepted,
            Ok(Err(error)) => return tracing::debug!(%address, %error, "a connection was refused"),
            Err(_) => return tracing::debug!(%address, "a connection took too long to begin"),
        };
        let scheme = if connection.is_tls() { Scheme::Https } else { Scheme::Http };
        let entry = Entry { address, scheme, peer, seat, proxied };
        let visit = Arc::new(Visit { entry, asked: AtomicBool::new(false), answers: Answers::default() });
        let (hall, of_requests) = (Arc::clone(&self), Arc::clone(&visit));
        let service = hyper::service::service_fn(move |request: Request<Incoming>| {
            let (hall, visit) = (Arc::clone(&hall), Arc::clone(&of_requests));
            hall.answer(request, visit)
        });
        let http = self.protocols.of(&connection);
        let connection = TokioIo::new(WriteTimeout::new(connection, self.limits.write_timeout));
        let serving = http.serve_connection(connection, service).into_owned();
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

    fn respond<B>(
        &self,
        mut request: Request<B>,
        visit: &Visit,
    ) -> impl Future<Output = Result<Response, Infallible>> + Send
    where
        B: HttpBody<Data = Bytes, Error: Into<BoxError>> + Send + 'static,
    {
        request.extensions_mut().insert(self.drains.clone());
        let caller = Caller { peer: visit.entry.peer, address: visit.entry.address.ip().to_canonical() };
        let answer = |request| self.intake.answer(request, &visit.entry);
        if self.observed {
            Either::Left(telemetry::at_door(request, caller, answer))
        } else {
            Either::Right(answer(request))
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
mod tests;
