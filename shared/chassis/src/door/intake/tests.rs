//! Who is let in, and who is not.

use axum::routing::{get, post};
use tokio::time::{Instant, timeout};
use tonic::Code;

use super::*;
use crate::ServiceName;
use crate::deadline::Deadline;
use crate::status::reason_of;

const ADDRESS: ([u8; 4], u16) = ([192, 0, 2, 1], 443);

/// A route that reads its whole body, and one that streams without end.
fn intake(limits: DoorLimits) -> Arc<Intake> {
    let endless = || async { Body::from_stream(futures::stream::pending::<Result<Bytes, Infallible>>()) };
    let left = || async { Deadline::current().map_or(0, |deadline| deadline.left().as_millis()).to_string() };
    let router = Router::new().route("/read", post(|_: Bytes| async {})).route("/stream", post(endless));
    let router = router.route("/left", post(left)).route("/healthz", get(async || {}));
    let behind = Behind { services: Vec::new(), router };
    Arc::new(Intake::new(behind, limits, Addresses::new(usize::MAX), Some(Arc::new(OneProxy))))
}

struct OneProxy;

impl Proxies for OneProxy {
    fn trusts(&self, address: IpAddr) -> bool {
        address == IpAddr::from(ADDRESS.0)
    }

    fn client(&self, headers: &HeaderMap) -> Option<IpAddr> {
        headers.get("x-forwarded-for")?.to_str().ok()?.parse().ok()
    }
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
    Entry { address, scheme: Scheme::Https, peer, seat: addresses.seat(address.ip()).unwrap(), proxied: false }
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
    assert_eq!(code(&refused), Some(Code::ResourceExhausted));
    let status = Status::from_header_map(refused.headers()).unwrap();
    assert_eq!(reason_of(&status).unwrap().get("retry_after_seconds"), "1");
    let refused = answer(&intake, endless("/read", "text/plain", None)).await;
    assert_eq!(
        (refused.status(), &refused.headers()[RETRY_AFTER]),
        (StatusCode::SERVICE_UNAVAILABLE, &"1".parse().unwrap())
    );
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
        assert_eq!(code(&answer_to(entry, &intake, trickle()).await), Some(Code::ResourceExhausted));
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
    let mut calls = [(); 3].map(|()| Box::pin(answer_to(&edge, &intake, endless("/read", "application/grpc", None))));
    let answered = calls.each_mut().map(|call| call.as_mut().now_or_never().map(|answer| code(&answer)));
    assert_eq!(answered, [None, None, Some(Some(Code::ResourceExhausted))]);
}

#[tokio::test(start_paused = true)]
async fn what_a_caller_asks_for_is_what_the_work_has_and_never_more_than_the_door_gives() {
    let intake = intake(DoorLimits::default());
    for (asked, expected) in
        [(vec![], 30_000), (vec!["1500m"], 1500), (vec!["99999999H"], 30_000), (vec!["99999999H", "2S", "never"], 2000)]
    {
        let mut request = Request::post("/left").body(Body::empty()).unwrap();
        for value in &asked {
            request.headers_mut().append("grpc-timeout", value.parse().unwrap());
        }
        let left = axum::body::to_bytes(answer(&intake, request).await.into_body(), 100).await.unwrap();
        assert_eq!(left, expected.to_string(), "{asked:?}");
    }
    let none = endless("/read", "application/grpc", Some("0n"));
    assert_eq!(code(&answer(&intake, none).await), Some(Code::DeadlineExceeded));
}

#[tokio::test(start_paused = true)]
async fn b8_behind_a_trusted_proxy_each_client_has_its_own_places() {
    let intake = intake(DoorLimits { max_requests_per_address: 1, ..DoorLimits::default() });
    let entry = Entry { proxied: true, ..entry(&intake.addresses, ADDRESS, Peer::Anonymous) };
    let from = |client: &str| {
        let mut request = endless("/read", "application/grpc", None);
        request.headers_mut().insert("x-forwarded-for", client.parse().unwrap());
        request
    };
    let mut held = Box::pin(answer_to(&entry, &intake, from("203.0.113.1")));
    assert!(held.as_mut().now_or_never().is_none());
    assert_eq!(code(&answer_to(&entry, &intake, from("203.0.113.1")).await), Some(Code::ResourceExhausted));
    let mut other = Box::pin(answer_to(&entry, &intake, from("203.0.113.2")));
    assert!(other.as_mut().now_or_never().is_none());
    let mut unsaid = Box::pin(answer_to(&entry, &intake, from("x")));
    assert!(unsaid.as_mut().now_or_never().is_none(), "as the proxy's own");
    assert_eq!(code(&answer_to(&entry, &intake, from("y")).await), Some(Code::ResourceExhausted));
    let direct = Entry { proxied: false, ..self::entry(&intake.addresses, ([192, 0, 2, 9], 1), Peer::Anonymous) };
    let mut forged = Box::pin(answer_to(&direct, &intake, from("203.0.113.1")));
    assert!(forged.as_mut().now_or_never().is_none(), "a stranger's word is not taken");
}

#[tokio::test(start_paused = true)]
async fn b8_when_a_core_is_waited_for_too_long_some_are_refused_but_no_probe_and_no_feed() {
    let intake = intake(DoorLimits::default());
    let waits = Duration::from_secs(1);
    for _ in 0..100 {
        intake.pressure.see(waits, waits);
        intake.pressure.lets_in(Some(ADDRESS.0.into()));
    }
    let addresses = &intake.addresses;
    let anyone = entry(addresses, ADDRESS, Peer::Anonymous);
    let sibling = entry(addresses, ADDRESS, Peer::Service(ServiceName::TOKEN));
    let feed = "/mintage.registry.v1.ChangeFeedService/Watch";
    let ask = |path: &str| endless(path, "application/grpc", None);
    let mut few: Vec<_> = (0..UNQUESTIONED).map(|_| Box::pin(answer_to(&anyone, &intake, ask("/read")))).collect();
    assert!(few.iter_mut().all(|one| one.as_mut().now_or_never().is_none()), "a few are always let in");
    for (entry, path, expected) in [
        (&anyone, "/read", Some(Code::ResourceExhausted)),
        (&sibling, "/mintage.registry.v1.ResolverService/ResolveTenant", Some(Code::ResourceExhausted)),
        (&anyone, feed, Some(Code::ResourceExhausted)),
        (&sibling, feed, None),
        (&anyone, "/grpc.health.v1.Health/Check", None),
    ] {
        assert_eq!(code(&answer_to(entry, &intake, ask(path)).await), expected, "{path}");
    }
    let probe = Request::get("/healthz").body(Body::empty()).unwrap();
    assert_eq!(answer_to(&anyone, &intake, probe).await.status(), StatusCode::OK);
}

/// Under a pressure under which `heavy` asks for more than its share.
fn pressed(heavy: IpAddr) -> Arc<Intake> {
    let intake = intake(DoorLimits::default());
    let (waits, look) = (Duration::from_millis(150), Duration::from_millis(10));
    for _ in 0..12 {
        for _ in 0..100 {
            intake.pressure.lets_in(Some(heavy));
        }
        intake.pressure.lets_in(Some([198, 51, 100, 7].into()));
        intake.pressure.see(waits, look);
    }
    intake
}

#[tokio::test(start_paused = true)]
async fn b8_of_two_clients_of_a_sibling_the_one_that_asks_for_much_is_refused() {
    let intake = pressed([203, 0, 113, 1].into());
    let edge = entry(&intake.addresses, ADDRESS, Peer::Service(ServiceName::EDGE));
    let mut few: Vec<_> = (0..UNQUESTIONED)
        .map(|_| Box::pin(answer_to(&edge, &intake, endless("/read", "application/grpc", None))))
        .collect();
    assert!(few.iter_mut().all(|one| one.as_mut().now_or_never().is_none()));
    let from = |client: &str| {
        let mut request = endless("/read", "application/grpc", None);
        request.headers_mut().insert("x-mintage-source", client.parse().unwrap());
        request
    };
    let refused = answer_to(&edge, &intake, from("203.0.113.1")).now_or_never().expect("at once");
    assert_eq!(code(&refused), Some(Code::ResourceExhausted));
    assert!(answer_to(&edge, &intake, from("198.51.100.7")).now_or_never().is_none(), "it is let in");
    let own = answer_to(&edge, &intake, endless("/read", "application/grpc", None)).now_or_never();
    assert!(own.is_none(), "and so is what a sibling asks for all of them");
}

#[tokio::test(start_paused = true)]
async fn b8_who_is_refused_again_and_again_hears_it_later() {
    let intake = pressed(ADDRESS.0.into());
    let anyone = entry(&intake.addresses, ADDRESS, Peer::Anonymous);
    let ask = |patience| endless("/read", "application/grpc", patience);
    let mut few: Vec<_> = (0..UNQUESTIONED).map(|_| Box::pin(answer_to(&anyone, &intake, ask(None)))).collect();
    assert!(few.iter_mut().all(|one| one.as_mut().now_or_never().is_none()));
    let began = Instant::now();
    let hasty = async { (answer_to(&anyone, &intake, ask(Some("20m"))).await, began.elapsed()) };
    let many = futures::future::join_all((0..300).map(|_| answer_to(&anyone, &intake, ask(None))));
    let (refused, (hasty, heard)) = futures::join!(many, hasty);
    assert!(refused.iter().all(|answer| code(answer) == Some(Code::ResourceExhausted)));
    let last = began.elapsed();
    assert!((Duration::from_millis(100)..=Duration::from_secs(1)).contains(&last), "{last:?}");
    assert_eq!((code(&hasty), heard), (Some(Code::ResourceExhausted), Duration::from_millis(10)), "before he is gone");
}
