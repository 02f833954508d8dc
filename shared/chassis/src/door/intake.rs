//! Takes requests in: bounded in number and time, marked with where they come from.

use std::convert::Infallible;
use std::future::Future;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::{Body, HttpBody};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use futures::FutureExt;
use futures::future::Either;
use http::header::{CACHE_CONTROL, CONTENT_TYPE, RETRY_AFTER};
use http::{HeaderMap, Request, StatusCode};
use tokio::sync::{Semaphore, SemaphorePermit};
use tokio::time::sleep;
use tonic::Status;
use tower::{BoxError, Service};

use super::addresses::{Addresses, Place, Seat};
use super::pressure::Pressure;
use super::{DoorLimits, Proxies, Scheme};
use crate::methods::traits_of;
use crate::source::ClientAddress;
use crate::{Peer, Routes, deadline, source, status, telemetry};

/// How the requests of a connection came in.
#[derive(Debug)]
pub(super) struct Entry {
    pub(super) address: SocketAddr,
    pub(super) scheme: Scheme,
    pub(super) peer: Peer,
    pub(super) seat: Seat,
    /// Whether a trusted proxy is at the other end.
    pub(super) proxied: bool,
}

/// What is behind a door.
pub(super) struct Behind {
    /// Services that are called as they are.
    pub(super) services: Vec<Routes>,
    /// Everything.
    pub(super) router: Router,
}

/// What the connections of one door share.
pub(super) struct Intake {
    behind: Behind,
    places: Semaphore,
    /// Of refused ones that are not told yet.
    held: Semaphore,
    limits: DoorLimits,
    pressure: Arc<Pressure>,
    addresses: Addresses,
    proxies: Option<Arc<dyn Proxies>>,
}

/// A request that was let in, counted until it is dropped.
struct Admission<'a> {
    _share: Place,
    _visitor: Option<Seat>,
    _place: SemaphorePermit<'a>,
}

/// Why a request was not let in.
enum Refused {
    /// There is no place.
    Full,
    /// Cores are waited for too long. Its place among those of its address is held as long as it is.
    Pressed(Place),
}

impl Intake {
    /// Hands on to what is `behind`. Watches how long it takes to get a core: needs a runtime.
    pub(super) fn new(
        behind: Behind,
        limits: DoorLimits,
        addresses: Addresses,
        proxies: Option<Arc<dyn Proxies>>,
    ) -> Self {
        let [places, held] = [(); 2].map(|()| Semaphore::new(limits.max_requests));
        let pressure = Pressure::start(limits.target_wait);
        Self { behind, places, held, limits, pressure, addresses, proxies }
    }

    /// Answers `request`; its place is taken until the answer begins.
    pub(super) fn answer<B>(
        &self,
        request: Request<B>,
        entry: &Entry,
    ) -> impl Future<Output = Result<Response, Infallible>> + Send
    where
        B: HttpBody<Data = Bytes, Error: Into<BoxError>> + Send + 'static,
    {
        // No `async` here and in `hand_on`: what it makes holds the request twice.
        futures::future::lazy(move |_| match self.admit(&request, entry) {
            Ok(admission) => Either::Left(self.hand_on(request, entry, admission)),
            Err(refused) => Either::Right(self.refuse(request.headers(), entry, refused)),
        })
        .flatten()
    }

    fn hand_on<'a, B>(
        &'a self,
        request: Request<B>,
        entry: &Entry,
        admission: Admission<'a>,
    ) -> impl Future<Output = Result<Response, Infallible>> + Send + use<'a, B>
    where
        B: HttpBody<Data = Bytes, Error: Into<BoxError>> + Send + 'static,
    {
        let is_grpc = is_grpc(request.headers());
        let longest = self.limits.request_timeout;
        let patience = deadline::asked(request.headers()).map_or(longest, |asked| asked.min(longest));
        let mut request = request;
        let extensions = request.extensions_mut();
        extensions.insert(entry.peer);
        extensions.insert(ClientAddress(entry.address.ip().to_canonical()));
        extensions.insert(entry.scheme);
        deadline::within(patience, self.behind.answer(request)).map(move |outcome| {
            drop(admission);
            outcome.unwrap_or_else(|_| Ok(too_late(is_grpc)))
        })
    }

    /// Says no. Where cores are waited for, not at once when much is refused: see [`Pressure::hold`]. Services and proxies
    /// are told at once, since the calls of others share their connections.
    fn refuse(
        &self,
        headers: &HeaderMap,
        entry: &Entry,
        refused: Refused,
    ) -> impl Future<Output = Result<Response, Infallible>> + Send + use<'_> {
        telemetry::shed("door");
        let is_grpc = is_grpc(headers);
        let is_shared = entry.proxied || matches!(entry.peer, Peer::Service(_));
        let held = match refused {
            Refused::Pressed(share) if !is_shared => self.held.try_acquire().ok().map(|held| (held, share)),
            Refused::Pressed(_) | Refused::Full => None,
        };
        // Nobody but gRPC's callers means anything by it.
        let asked = if is_grpc { deadline::asked(headers) } else { None };
        let patience = asked.map_or(Duration::MAX, |asked| asked / 2);
        let hold = held.as_ref().map_or(Duration::ZERO, |_| self.pressure.hold().min(patience));
        async move {
            if !hold.is_zero() {
                sleep(hold).await;
            }
            drop(held);
            Ok(too_many(is_grpc))
        }
    }

    fn admit<B>(&self, request: &Request<B>, entry: &Entry) -> Result<Admission<'_>, Refused> {
        let client = if entry.proxied { self.client(request.headers()) } else { None };
        let (address, visitor) = match client {
            Some(client) => (client, Some(self.addresses.visitor(client))),
            None => (entry.address.ip(), None),
        };
        // A service's calls are those of all of its clients.
        let is_service = matches!(entry.peer, Peer::Service(_));
        let most = if is_service { usize::MAX } else { self.limits.max_requests_per_address };
        let share = visitor.as_ref().unwrap_or(&entry.seat).place(most).ok_or(Refused::Full)?;
        let place = self.places.try_acquire().map_err(|_| Refused::Full)?;
        // A few are no queue that anybody would have to wait in.
        let few = self.limits.max_requests.saturating_sub(self.places.available_permits()) <= UNQUESTIONED;
        // Whose they are a service says itself: of two clients of the edge the one that asks for less is let in first. What
        // it asks of its own accord is everybody's.
        let behind = if is_service { source::passed_on(request.headers()) } else { Some(address) };
        let is_let_in = few || goes_before(request.uri().path(), is_service) || self.pressure.lets_in(behind);
        if !is_let_in {
            return Err(Refused::Pressed(share));
        }
        Ok(Admission { _share: share, _visitor: visitor, _place: place })
    }

    fn client(&self, headers: &HeaderMap) -> Option<IpAddr> {
        self.proxies.as_ref()?.client(headers)
    }

    /// Whether a connection from `address` is a trusted proxy's.
    pub(super) fn is_proxy(&self, address: IpAddr) -> bool {
        self.proxies.as_ref().is_some_and(|proxies| proxies.trusts(address.to_canonical()))
    }
}

impl Behind {
    fn answer<B>(&self, request: Request<B>) -> impl Future<Output = Result<Response, Infallible>> + Send + use<B>
    where
        B: HttpBody<Data = Bytes, Error: Into<BoxError>> + Send + 'static,
    {
        match self.services.iter().find(|routes| routes.know(request.uri().path())) {
            Some(routes) => {
                let answer = routes.answer(request.map(tonic::body::Body::new));
                Either::Left(answer.map(|answer| answer.map(|answer| answer.map(Body::new))))
            }
            None => Either::Right(self.router.clone().call(request.map(Body::new))),
        }
    }
}

/// What is never refused for want of a core: whoever asks whether the process is well must hear it, and a stream of a
/// service keeps caches true, or carries calls that are bounded where they end.
fn goes_before(path: &str, is_service: bool) -> bool {
    ["/healthz", "/readyz"].contains(&path)
        || path.starts_with("/grpc.health.v1.Health/")
        || (is_service && traits_of(path).streams)
}

fn is_grpc(headers: &HeaderMap) -> bool {
    headers.get(CONTENT_TYPE).is_some_and(|value| value.as_bytes().starts_with(b"application/grpc"))
}

fn too_many(is_grpc: bool) -> Response {
    let status = status::too_many_requests();
    if is_grpc {
        return status.into_http();
    }
    try_again(r#"{"error":"temporarily_unavailable","error_description":"too many requests are under way"}"#)
}

fn too_late(is_grpc: bool) -> Response {
    if is_grpc {
        return Status::deadline_exceeded("the request was not answered in time").into_http();
    }
    try_again(r#"{"error":"temporarily_unavailable","error_description":"the request was not answered in time"}"#)
}

/// As OAuth says it (RFC 6749 section 4.1.2.1).
fn try_again(json: &'static str) -> Response {
    let header = [(RETRY_AFTER, "1"), (CONTENT_TYPE, "application/json"), (CACHE_CONTROL, "no-store")];
    (StatusCode::SERVICE_UNAVAILABLE, header, json).into_response()
}

/// A few batches. So many wait for no core longer than a moment, and where refusing some helps there are more.
const UNQUESTIONED: usize = 64;

#[cfg(test)]
mod tests;
