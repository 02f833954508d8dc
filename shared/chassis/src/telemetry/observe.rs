//! Watches requests: one line, one span and one count for each, whichever way it came.

use std::cell::RefCell;
use std::future::Future;
use std::net::IpAddr;

use futures::FutureExt;
use futures::future::Either;
use http::{Request, Response};
use tonic::body::Body;

use super::context::{TraceContext, TraceId};
use super::facts::{Facts, Way};
use super::names::{REQUEST_DURATION, REQUESTS, SHED};
use super::outcome::Outcome;
use super::{in_flight, line, pipeline, spans};
use crate::routes::Answering;
use crate::{Peer, Routes, ServiceName};

tokio::task_local! {
    /// The request that is being answered. Boxed: it is put in place and taken away each time the request is polled.
    static CURRENT: RefCell<Box<Facts>>;
}

/// Who stands at a door.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Caller {
    /// What its certificate proves.
    pub(crate) peer: Peer,
    /// The other end of its socket.
    pub(crate) address: IpAddr,
}

/// Adds to what is known of the request that is being answered; does nothing where none is.
pub fn note(note: impl FnOnce(&mut Facts)) {
    let _not_within_a_request = CURRENT.try_with(|facts| {
        if let Ok(mut facts) = facts.try_borrow_mut() {
            note(&mut facts);
        }
    });
}

/// The request that is being answered finds no place at `place`.
pub fn shed(place: &'static str) {
    SHED.add(1, [place]);
    note(Facts::shed);
}

/// The trace of the request that is being answered.
pub(super) fn current() -> Option<TraceContext> {
    CURRENT.try_with(|facts| facts.try_borrow().ok().map(|facts| facts.context)).ok().flatten()
}

/// The name of that trace, for lines of the log that belong to a request.
#[must_use]
pub fn trace_id() -> Option<String> {
    current().map(|context| TraceId(context.trace_id).to_string())
}

/// Which service answers the request that is being answered.
pub(super) fn current_service() -> Option<ServiceName> {
    CURRENT.try_with(|facts| facts.try_borrow().ok().map(|facts| facts.service)).ok().flatten()
}

/// Answers a request that came in at a door. Probes leave no trace: they come every few seconds and say nothing of
/// anybody's requests.
pub(crate) fn at_door<B, F, E>(
    request: Request<B>,
    caller: Caller,
    answer: impl FnOnce(Request<B>) -> F,
) -> impl Future<Output = F::Output>
where
    F: Future<Output = Result<Response<axum::body::Body>, E>>,
{
    // No `async` here and in `observed`: what it makes holds its argument twice, and that is a whole request.
    match arrived(&request, caller) {
        None => Either::Left(answer(request)),
        Some(facts) => Either::Right(observed(facts, answer(request), |facts, output| {
            if let Ok(response) = output {
                facts.answered(response);
            }
        })),
    }
}

/// Hands a request on to a service of the same process.
pub(crate) fn in_process(from: ServiceName, mut request: Request<Body>, routes: &Routes) -> Answering {
    let peer = Peer::Service(from);
    request.extensions_mut().insert(peer);
    if !is_watched(request.uri().path()) {
        return routes.answer(request);
    }
    let service = service_of(request.uri().path(), true);
    let mut facts = begin(service, Way::InProcess, peer, current(), None).of_header(&request);
    facts.method = "";
    let routes = routes.clone();
    let answer = futures::future::lazy(move |_| routes.answer(request)).flatten();
    Box::pin(observed(facts, answer, |facts, output| {
        let Ok(response) = output else { return };
        facts.answered(response);
    }))
}

/// What is known of a request before it is answered; `None` where nobody wants to know.
fn arrived<B>(request: &Request<B>, Caller { peer, address }: Caller) -> Option<Facts> {
    let path = request.uri().path();
    if !is_watched(path) {
        return None;
    }
    let content_type = request.headers().get(http::header::CONTENT_TYPE);
    let is_grpc = content_type.is_some_and(|value| value.as_bytes().starts_with(b"application/grpc"));
    let said = TraceContext::of(request.headers());
    let believed = matches!(peer, Peer::Service(_)) || pipeline::trusts(address);
    let (parent, link) = if believed { (said, None) } else { (None, said) };
    let way = if is_grpc { Way::Grpc } else { Way::Http };
    let mut facts = begin(service_of(path, is_grpc), way, peer, parent, link).of_header(request);
    facts.source = Some(address);
    Some(facts)
}

fn begin(
    service: ServiceName,
    way: Way,
    peer: Peer,
    parent: Option<TraceContext>,
    link: Option<TraceContext>,
) -> Facts {
    let context = parent.map_or_else(|| TraceContext::root(pipeline::sample_one_in()), TraceContext::child);
    Facts { parent, link, ..Facts::begin(service, way, peer, context) }
}

/// Whether anything becomes of what is known of a request for `path`.
fn is_watched(path: &str) -> bool {
    (pipeline::runs() || line::is_wanted()) && !is_probe(path)
}

/// Whether orchestrators and scrapers ask for `path`, and nobody else has a reason to.
fn is_probe(path: &str) -> bool {
    PROBES.contains(&path) || path.strip_prefix(HEALTH).is_some_and(|method| method.starts_with('/'))
}

/// Which service answers `path`: the contract's packages say so, else it is the service of this process.
fn service_of(path: &str, is_grpc: bool) -> ServiceName {
    let package = |(prefix, _): &&(&str, ServiceName)| is_grpc && path.starts_with(prefix);
    let named = PACKAGES.iter().find(package).map(|(_, service)| *service);
    named.or_else(pipeline::service).unwrap_or(if is_grpc { ServiceName::MINTAGE } else { ServiceName::EDGE })
}

fn observed<F: Future>(
    facts: Facts,
    answer: F,
    see: impl FnOnce(&mut Facts, &F::Output),
) -> impl Future<Output = F::Output> {
    let under_way = (Unanswered, in_flight::enter(facts.service));
    let watched = answer.map(move |output| {
        note(|facts| see(facts, &output));
        drop(under_way);
        output
    });
    CURRENT.scope(RefCell::new(Box::new(facts)), watched)
}

/// Writes down what became of the request: at its answer, or when nobody waits for that any more.
struct Unanswered;

impl Drop for Unanswered {
    fn drop(&mut self) {
        note(write_down);
    }
}

fn write_down(facts: &mut Facts) {
    if facts.outcome() == Outcome::Ok {
        // What refused a part of the work that could be done without did not refuse the request.
        facts.reason = None;
    }
    let took = mintage_clock::Clock::System.monotonic().saturating_sub(facts.begun);
    let (outcome, route, service) = (facts.outcome(), facts.route_or_unknown(), facts.service.as_str());
    REQUESTS.add(1, [service, facts.way.as_str(), route, outcome.as_str()]);
    if outcome != Outcome::Cancelled {
        REQUEST_DURATION.record(took.as_secs_f64(), [service, route]);
    }
    spans::of_request(facts, took);
    line::write(facts, took);
}

const PROBES: [&str; 3] = ["/healthz", "/readyz", "/metrics"];
const HEALTH: &str = "/grpc.health.v1.Health";
const PACKAGES: [(&str, ServiceName); 4] = [
    ("/mintage.token.", ServiceName::TOKEN),
    ("/mintage.consent.", ServiceName::CONSENT),
    ("/mintage.registry.", ServiceName::CLIENT_REGISTRY),
    ("/mintage.keys.", ServiceName::KEY_MANAGEMENT),
];
