//! A connection that stands, and the calls under way on it: no more than the other end takes.

use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, Request, Response, StatusCode, Uri};
use http_body::{Frame, SizeHint};
use hyper::body::Incoming;
use hyper::client::conn::http2::SendRequest;
use tokio::time::Instant;
use tonic::body::Body;
use tonic::{Code, Status};

use super::circuit::{Circuit, Turned};
use super::outgoing::Outgoing;
use super::pool::Queue;
use super::sharing::{Next, Sharing};
use crate::status::unavailable;
use crate::stream::Carried;

/// A way to send over a connection, and how many calls it takes at the same time by the word of the other end.
#[derive(Debug)]
pub(super) struct Line {
    pub(super) sender: SendRequest<Body>,
    pub(super) most: Arc<AtomicUsize>,
}

/// A connection that stands.
#[derive(Debug)]
pub(super) struct Open {
    address: SocketAddr,
    line: Line,
    circuit: Arc<Circuit>,
    /// Calls with a stream of their own.
    under_way: AtomicUsize,
    sharing: Sharing,
    ends: AtomicBool,
    queue: Arc<Queue>,
}

/// What came of a request.
pub(super) enum Sent {
    /// An answer.
    Answered(Response<Body>),
    /// The end of the connection before an answer.
    Broken(Place, hyper::Error),
    /// The connection took no more requests; this one did not leave the process.
    Back(Box<Request<Body>>),
    /// The end of the stream that it shared, before an answer.
    Lost(Place),
    /// Nobody looked at it: it may be sent again as it was.
    Again,
}

impl Open {
    pub(super) fn new(address: SocketAddr, line: Line, circuit: Arc<Circuit>, queue: Arc<Queue>) -> Self {
        let (under_way, ends) = (AtomicUsize::new(0), AtomicBool::new(false));
        Self { address, line, circuit, under_way, sharing: Sharing::default(), ends, queue }
    }

    /// Whether calls may go over it, as soon as it has a place.
    pub(super) fn is_usable(&self) -> bool {
        !self.ends.load(Ordering::Relaxed) && !self.line.sender.is_closed() && self.circuit.lets_through()
    }

    /// Whether it has a place for a call that `may_share` a stream.
    pub(super) fn has_place(&self, may_share: bool) -> bool {
        let (counter, most) = self.counter(self.shares(may_share));
        counter.load(Ordering::Relaxed) < most
    }

    /// Whether a call that `may_share` a stream does: where there is room for another one beside it.
    fn shares(&self, may_share: bool) -> bool {
        may_share && self.line.most.load(Ordering::Relaxed) > 1 && self.sharing.is_possible()
    }

    pub(super) fn under_way(&self) -> usize {
        self.under_way.load(Ordering::Relaxed) + self.sharing.under_way().load(Ordering::Relaxed)
    }

    /// What counts the calls that share a stream, or those that do not, and how many there may be.
    fn counter(&self, shares: bool) -> (&AtomicUsize, usize) {
        if shares {
            return (self.sharing.under_way(), Sharing::most());
        }
        let most = self.line.most.load(Ordering::Relaxed);
        // One is for the stream that is shared: one too many would hold up the whole connection.
        (&self.under_way, if self.sharing.is_possible() && most > 1 { most - 1 } else { most })
    }

    /// Where it leads.
    pub(super) const fn address(&self) -> SocketAddr {
        self.address
    }

    /// A place for one more call, unless somebody was faster.
    pub(super) fn place(self: &Arc<Self>, may_share: bool) -> Option<Place> {
        let shares = self.shares(may_share);
        let (counter, most) = self.counter(shares);
        let one_more = |under_way| (under_way < most).then_some(under_way + 1);
        counter.fetch_update(Ordering::Relaxed, Ordering::Relaxed, one_more).ok()?;
        let mut place = Place { open: Arc::clone(self), shares, finds_out: false, sent: None, settled: true };
        place.finds_out = self.circuit.begin()?;
        place.settled = false;
        Some(place)
    }

    fn log(&self, turned: Turned) {
        let address = self.address;
        match turned {
            Turned::Not => {}
            Turned::Open => tracing::warn!(%address, "an address of a service only fails: it is left out for now"),
            Turned::Closed => tracing::info!(%address, "an address of a service works again"),
        }
    }
}

/// One call's place on a connection, held until its answer has ended.
#[derive(Debug)]
pub(super) struct Place {
    open: Arc<Open>,
    /// Whether it is on the stream that calls share.
    shares: bool,
    /// Whether others wait for what comes of it, since the circuit is open.
    finds_out: bool,
    /// When the request went.
    sent: Option<Instant>,
    /// Whether the circuit has heard what came of it.
    settled: bool,
}

impl Place {
    /// Where the call goes.
    pub(super) fn address(&self) -> SocketAddr {
        self.open.address
    }

    /// The connection takes no more: the other end said so.
    pub(super) fn ends(&self) {
        self.open.ends.store(true, Ordering::Relaxed);
    }

    /// The other end failed.
    pub(super) fn failed(&mut self) {
        self.settled = true;
        self.open.log(self.open.circuit.failed());
    }

    /// Sends what goes out and waits until its answer begins; `None` when it cannot be sent again.
    pub(super) async fn send(self, outgoing: &mut Outgoing) -> Option<Sent> {
        match outgoing {
            Outgoing::Whole { uri, headers, message, .. } if self.shares => {
                Some(self.share(uri, headers, message.clone()).await)
            }
            _ => Some(self.send_by_itself(outgoing.take()?).await),
        }
    }

    async fn share(mut self, uri: &Uri, headers: &HeaderMap, message: Bytes) -> Sent {
        self.sent = Some(Instant::now());
        let stream = self.open.sharing.stream(&self.open.line, uri);
        match stream.call(uri.path(), headers, message).await {
            Carried::Answered(answer) => {
                self.hear(&answer);
                Sent::Answered(answer)
            }
            Carried::Broken => Sent::Lost(self),
            Carried::Back => {
                if self.open.sharing.refused(&stream) == Next::End {
                    self.ends();
                }
                Sent::Again
            }
        }
    }

    async fn send_by_itself(mut self, request: Request<Body>) -> Sent {
        self.sent = Some(Instant::now());
        match self.open.line.sender.clone().try_send_request(request).await {
            Ok(answer) => {
                self.hear(&answer);
                Sent::Answered(answer.map(|body| Body::new(Held { body, place: Some(self) })))
            }
            Err(mut refused) => match refused.take_message() {
                Some(request) => Sent::Back(Box::new(request)),
                None => Sent::Broken(self, refused.into_error()),
            },
        }
    }

    /// Whoever is well answers in words of ours, also when it refuses.
    fn hear<B>(&mut self, answer: &Response<B>) {
        if is_ours(answer) {
            self.settled = true;
            self.open.log(self.open.circuit.succeeded());
        } else {
            self.failed();
        }
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        if !self.settled {
            match self.sent {
                Some(sent) if sent.elapsed() >= STALLED => self.failed(),
                _ if self.finds_out => self.open.circuit.gave_up(),
                _ => {}
            }
        }
        self.open.counter(self.shares).0.fetch_sub(1, Ordering::SeqCst);
        self.open.queue.next(self.shares);
    }
}

/// An answer's body with the place that it holds: a stream counts as long as it lasts.
struct Held {
    body: Incoming,
    place: Option<Place>,
}

impl http_body::Body for Held {
    type Data = Bytes;
    type Error = Status;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Status>>> {
        let frame = ready!(Pin::new(&mut self.body).poll_frame(cx));
        if !matches!(frame, Some(Ok(_))) {
            self.place = None;
        }
        Poll::Ready(frame.map(|frame| frame.map_err(|error| broken(&error))))
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

/// Whether the sibling itself wrote the answer, not something that failed before it could: what the suite refuses carries
/// the reason.
fn is_ours<B>(answer: &Response<B>) -> bool {
    let failed =
        answer.headers().get(GRPC_STATUS).is_some_and(|code| FAILED.contains(&Code::from_bytes(code.as_bytes())));
    answer.status() == StatusCode::OK && (!failed || answer.headers().contains_key(GRPC_DETAILS))
}

/// Whether the answer says that it may be otherwise elsewhere, or in a moment.
pub(super) fn says_unavailable<B>(answer: &Response<B>) -> bool {
    let code = answer.headers().get(GRPC_STATUS).map(|code| Code::from_bytes(code.as_bytes()));
    let passing = [StatusCode::BAD_GATEWAY, StatusCode::SERVICE_UNAVAILABLE, StatusCode::GATEWAY_TIMEOUT];
    code == Some(Code::Unavailable) || passing.contains(&answer.status())
}

/// What a caller hears of a connection that broke.
pub(super) fn broken(_: &hyper::Error) -> Status {
    lost()
}

/// What a caller hears whose call was lost.
pub(super) fn lost() -> Status {
    unavailable("the connection to a service of the suite broke before its answer was whole")
}

const GRPC_STATUS: &str = "grpc-status";
const GRPC_DETAILS: &str = "grpc-status-details-bin";
const FAILED: [Code; 3] = [Code::Unknown, Code::Internal, Code::Unavailable];
/// Who waited as long and heard nothing has been failed. Who went away earlier may just have been in a hurry: nobody closes
/// the way for the others by haste.
const STALLED: Duration = Duration::from_secs(1);

#[cfg(test)]
mod tests {
    use mintage_api::types::ErrorReason;

    use super::*;
    use crate::status::{internal, refusal};

    #[test]
    fn what_the_suite_refuses_is_its_own_word_and_what_fails_before_it_is_not() {
        let answer = |status: Status| status.into_http::<Body>();
        assert!(is_ours(&Response::new(())));
        assert!(is_ours(&answer(unavailable("the registry does not answer"))));
        assert!(is_ours(&answer(internal(&std::io::Error::other("a row that cannot be read")))));
        assert!(is_ours(&answer(refusal(Code::NotFound, ErrorReason::NotFound, "no", &[]))));
        assert!(is_ours(&answer(Status::resource_exhausted("busy"))), "it is well, and says so");
        for code in FAILED {
            assert!(!is_ours(&answer(Status::new(code, "h2 protocol error"))), "{code:?}");
        }
        assert!(!is_ours(&Response::builder().status(502).body(()).unwrap()));
        assert!(says_unavailable(&answer(unavailable("a reason"))));
        assert!(says_unavailable(&Response::builder().status(503).body(()).unwrap()));
        assert!(
            !says_unavailable(&answer(Status::resource_exhausted("busy"))),
            "it is not helped by being asked again"
        );
    }
}
