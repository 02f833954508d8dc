//! Takes requests in: bounded in number and time, marked with where they come from.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::time::Duration;

use axum::Router;
use axum::body::{Body, HttpBody};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use http::header::{CONTENT_TYPE, RETRY_AFTER};
use http::{HeaderMap, Request, StatusCode};
use tokio::sync::Semaphore;
use tokio::time::timeout;
use tonic::Status;
use tower::{BoxError, Service};

use super::addresses::Seat;
use super::{DoorLimits, Scheme};
use crate::Peer;
use crate::source::ClientAddress;

/// How the requests of a connection came in.
#[derive(Debug)]
pub(super) struct Entry {
    pub(super) address: SocketAddr,
    pub(super) scheme: Scheme,
    pub(super) peer: Peer,
    pub(super) seat: Seat,
}

/// What the connections of one door share.
#[derive(Debug)]
pub(super) struct Intake {
    router: Router,
    places: Semaphore,
    places_per_address: usize,
    timeout: Duration,
}

impl Intake {
    pub(super) fn new(router: Router, limits: &DoorLimits) -> Self {
        Self {
            router,
            places: Semaphore::new(limits.max_requests),
            places_per_address: limits.max_requests_per_address,
            timeout: limits.request_timeout,
        }
    }

    /// Answers `request`; its place is taken until the answer begins.
    pub(super) async fn answer<B>(&self, request: Request<B>, entry: &Entry) -> Result<Response, Infallible>
    where
        B: HttpBody<Data = Bytes, Error: Into<BoxError>> + Send + 'static,
    {
        let is_grpc = is_grpc(request.headers());
        // A service's calls are those of all of its clients.
        let share = if matches!(entry.peer, Peer::Service(_)) { usize::MAX } else { self.places_per_address };
        let Some(_share) = entry.seat.place(share) else { return Ok(too_many(is_grpc)) };
        let Ok(_place) = self.places.try_acquire() else { return Ok(too_many(is_grpc)) };
        let patience = asked_timeout(request.headers()).map_or(self.timeout, |asked| asked.min(self.timeout));
        let mut request = request.map(Body::new);
        let extensions = request.extensions_mut();
        extensions.insert(entry.peer);
        extensions.insert(ClientAddress(entry.address.ip().to_canonical()));
        extensions.insert(entry.scheme);
        let mut router = self.router.clone();
        timeout(patience, router.call(request)).await.unwrap_or_else(|_| Ok(too_late(is_grpc)))
    }
}

fn is_grpc(headers: &HeaderMap) -> bool {
    headers.get(CONTENT_TYPE).is_some_and(|value| value.as_bytes().starts_with(b"application/grpc"))
}

fn too_many(is_grpc: bool) -> Response {
    if is_grpc {
        return Status::unavailable("too many requests are under way; try again").into_http();
    }
    (StatusCode::SERVICE_UNAVAILABLE, [(RETRY_AFTER, "1")]).into_response()
}

fn too_late(is_grpc: bool) -> Response {
    if is_grpc {
        return Status::deadline_exceeded("the request was not answered in time").into_http();
    }
    (StatusCode::SERVICE_UNAVAILABLE, [(RETRY_AFTER, "1")]).into_response()
}

/// How long the caller waits, as gRPC writes it: one to eight digits and a unit. What cannot be read says nothing.
pub(crate) fn asked_timeout(headers: &HeaderMap) -> Option<Duration> {
    let text = headers.get("grpc-timeout")?.to_str().ok()?;
    let (digits, unit) = text.split_at_checked(text.len().checked_sub(1)?)?;
    if !(1..=8).contains(&digits.len()) || !digits.bytes().all(|digit| digit.is_ascii_digit()) {
        return None;
    }
    let number: u64 = digits.parse().ok()?;
    match unit {
        "H" => Some(Duration::from_secs(number * 3600)),
        "M" => Some(Duration::from_secs(number * 60)),
        "S" => Some(Duration::from_secs(number)),
        "m" => Some(Duration::from_millis(number)),
        "u" => Some(Duration::from_micros(number)),
        "n" => Some(Duration::from_nanos(number)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use axum::routing::post;
    use futures::FutureExt;
    use tokio::time::Instant;
    use tonic::Code;

    use super::super::addresses::Addresses;
    use super::*;
    use crate::ServiceName;

    const ADDRESS: ([u8; 4], u16) = ([192, 0, 2, 1], 443);

    /// A route that reads its whole body, and one that streams without end.
    fn intake(limits: DoorLimits) -> Arc<Intake> {
        let endless = || async { Body::from_stream(futures::stream::pending::<Result<Bytes, Infallible>>()) };
        let router = Router::new().route("/read", post(|_: Bytes| async {})).route("/stream", post(endless));
        Arc::new(Intake::new(router, &limits))
    }

    /// A header, and a body that never ends.
    fn endless(path: &str, kind: &str, timeout: Option<&str>) -> Request<Body> {
        let mut request = Request::post(path).header("content-type", kind);
        if let Some(timeout) = timeout {
            request = request.header("grpc-timeout", timeout);
        }
        let body = futures::stream::pending::<Result<Bytes, Infallible>>();
        request.body(Body::from_stream(body)).unwrap()
    }

    async fn answer(intake: &Intake, request: Request<Body>) -> Response {
        answer_to(&entry(&Addresses::new(1), ADDRESS, Peer::Anonymous), intake, request).await
    }

    fn entry(addresses: &Addresses, address: impl Into<SocketAddr>, peer: Peer) -> Entry {
        let address = address.into();
        Entry { address, scheme: Scheme::Https, peer, seat: addresses.seat(address.ip()).unwrap() }
    }

    async fn answer_to(entry: &Entry, intake: &Intake, request: Request<Body>) -> Response {
        intake.answer(request, entry).await.unwrap()
    }

    fn code(answer: &Response) -> Option<Code> {
        Status::from_header_map(answer.headers()).map(|status| status.code())
    }

    #[tokio::test(start_paused = true)]
    async fn b8_a_body_that_never_ends_is_given_up_in_time() {
        let limits = DoorLimits::default();
        let intake = intake(limits);
        for (asked, expected) in [
            (None, limits.request_timeout),
            (Some("250m"), Duration::from_millis(250)),
            (Some("99999999H"), limits.request_timeout),
            (Some("-1S"), limits.request_timeout),
            (Some("soon"), limits.request_timeout),
        ] {
            let began = Instant::now();
            let answer = answer(&intake, endless("/read", "application/grpc+proto", asked)).await;
            assert_eq!((code(&answer), began.elapsed()), (Some(Code::DeadlineExceeded), expected), "{asked:?}");
        }
        let answer = answer(&intake, endless("/read", "text/plain", None)).await;
        assert_eq!(answer.status(), StatusCode::SERVICE_UNAVAILABLE);
    }

    #[tokio::test(start_paused = true)]
    async fn an_answer_that_streams_is_not_cut_off() {
        let intake = intake(DoorLimits::default());
        let streaming = answer(&intake, endless("/stream", "application/grpc", None)).await;
        assert_eq!(streaming.status(), StatusCode::OK);
        let end = timeout(Duration::from_hours(1), axum::body::to_bytes(streaming.into_body(), usize::MAX)).await;
        assert!(end.is_err(), "it is still open after an hour");
    }

    #[tokio::test(start_paused = true)]
    async fn b8_no_more_requests_are_taken_in_than_there_are_places() {
        let intake = intake(DoorLimits { max_requests: 1, ..DoorLimits::default() });
        let mut first = Box::pin(answer(&intake, endless("/read", "application/grpc", None)));
        assert!(first.as_mut().now_or_never().is_none());
        let refused = answer(&intake, endless("/read", "application/grpc", None)).await;
        assert_eq!(code(&refused), Some(Code::Unavailable));
        let refused = answer(&intake, endless("/read", "text/plain", None)).await;
        assert_eq!(refused.status(), StatusCode::SERVICE_UNAVAILABLE);
        drop(first);
        let empty = Request::post("/read").body(Body::empty()).unwrap();
        assert_eq!(answer(&intake, empty).await.status(), StatusCode::OK);
    }

    #[tokio::test(start_paused = true)]
    async fn b8_one_address_that_takes_all_it_may_leaves_the_others_served() {
        let intake = intake(DoorLimits { max_requests: 8, max_requests_per_address: 2, ..DoorLimits::default() });
        let addresses = Addresses::new(2);
        let [one, too] = [443, 444].map(|port| entry(&addresses, (ADDRESS.0, port), Peer::Anonymous));
        let other = entry(&addresses, ([192, 0, 2, 2], 443), Peer::Anonymous);
        let trickle = || endless("/read", "application/grpc", None);
        let empty = || Request::post("/read").body(Body::empty()).unwrap();
        let mut held = [&one, &too].map(|entry| Box::pin(answer_to(entry, &intake, trickle())));
        assert!(held.iter_mut().all(|held| held.as_mut().now_or_never().is_none()));
        for entry in [&one, &too] {
            assert_eq!(code(&answer_to(entry, &intake, trickle()).await), Some(Code::Unavailable));
            assert_eq!(answer_to(entry, &intake, empty()).await.status(), StatusCode::SERVICE_UNAVAILABLE);
        }
        assert_eq!(answer_to(&other, &intake, empty()).await.status(), StatusCode::OK);
        drop(held);
        assert_eq!(answer_to(&one, &intake, empty()).await.status(), StatusCode::OK);
    }

    #[tokio::test(start_paused = true)]
    async fn a_service_has_every_place_that_there_is() {
        let intake = intake(DoorLimits { max_requests: 2, max_requests_per_address: 1, ..DoorLimits::default() });
        let edge = entry(&Addresses::new(1), ADDRESS, Peer::Service(ServiceName::EDGE));
        let mut calls =
            [(); 3].map(|()| Box::pin(answer_to(&edge, &intake, endless("/read", "application/grpc", None))));
        let answered = calls.each_mut().map(|call| call.as_mut().now_or_never().map(|answer| code(&answer)));
        assert_eq!(answered, [None, None, Some(Some(Code::Unavailable))]);
    }

    #[test]
    fn timeouts_are_read_as_grpc_writes_them() {
        let read = |text: &str| {
            asked_timeout(&HeaderMap::from_iter([("grpc-timeout".parse().unwrap(), text.parse().unwrap())]))
        };
        for (text, expected) in [
            ("2H", Some(Duration::from_hours(2))),
            ("3M", Some(Duration::from_mins(3))),
            ("4S", Some(Duration::from_secs(4))),
            ("5m", Some(Duration::from_millis(5))),
            ("6u", Some(Duration::from_micros(6))),
            ("7n", Some(Duration::from_nanos(7))),
            ("99999999H", Some(Duration::from_secs(99_999_999 * 3600))),
            ("123456789S", None),
            ("S", None),
            ("", None),
            ("1", None),
            ("+1S", None),
            ("1s", None),
        ] {
            assert_eq!(read(text), expected, "{text}");
        }
    }
}
