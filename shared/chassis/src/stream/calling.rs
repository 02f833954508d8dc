//! The caller's half of a shared stream.

use std::collections::{HashMap, VecDeque};
use std::fmt;
use std::future::Future;
use std::panic::AssertUnwindSafe;
use std::sync::{Arc, Mutex};
use std::task::Waker;

use bytes::Bytes;
use futures::FutureExt;
use http::{HeaderMap, Method, Request, Response, StatusCode, header};
use mintage_api::LeanCodec;
use mintage_api::types::{SharedAnswer, SharedAnswers, SharedCall, SharedCalls};
use tokio::sync::oneshot;
use tonic::body::Body;
use tonic::codec::Codec;
use tonic::{Status, Streaming};

use super::body::{Ready, Sending, Source, fitting, locked};
use super::message;

/// The calls of a connection that share a stream. It ends with its last call once it is dropped.
pub(crate) struct SharedStream(Arc<Mutex<Calls>>);

/// What came of a call.
pub(crate) enum Carried {
    /// Its answer.
    Answered(Response<Body>),
    /// Nobody knows: it was sent, and the stream broke.
    Broken,
    /// Nobody looked at it: it may go another way.
    Back,
}

/// How a stream stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Standing {
    /// It takes calls.
    Open,
    /// The other end drains: it answers what it has, and the connection ends.
    Draining,
    /// It broke, or the other end has said everything. The connection may take another.
    Ended,
    /// The other end knows no such thing.
    Unknown,
}

/// Why a stream did not begin.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum NotBegun {
    /// The other end did not look at it, or did not hear of it.
    Untaken,
    /// That is not known.
    Broken,
}

struct Calls {
    standing: Standing,
    last: u64,
    /// Those that are not sent yet. A number whose call is gone was withdrawn.
    waiting: VecDeque<u64>,
    under_way: HashMap<u64, Call>,
    waker: Option<Waker>,
}

struct Call {
    /// Until it is sent.
    unsent: Option<SharedCall>,
    caller: oneshot::Sender<Carried>,
}

impl SharedStream {
    /// Opens one by `send`, which sends the request it is given and waits for the beginning of the answer.
    pub(crate) fn open<F>(uri: http::Uri, send: impl FnOnce(Request<Body>) -> F) -> Self
    where
        F: Future<Output = Result<Response<Body>, NotBegun>> + Send + 'static,
    {
        let calls = Arc::new(Mutex::new(Calls {
            standing: Standing::Open,
            last: 0,
            waiting: VecDeque::new(),
            under_way: HashMap::new(),
            waker: None,
        }));
        let mut request = Request::new(Body::new(Sending::new(&calls)));
        *request.method_mut() = Method::POST;
        *request.uri_mut() = uri;
        request.headers_mut().insert(header::CONTENT_TYPE, header::HeaderValue::from_static("application/grpc"));
        tokio::spawn(hear(send(request), Arc::clone(&calls)));
        Self(calls)
    }

    pub(crate) fn standing(&self) -> Standing {
        locked(&self.0).standing
    }

    /// Has one call answered. Dropped before it was sent, it is not sent; later, it is carried out all the same.
    pub(crate) async fn call(&self, path: &str, headers: &HeaderMap, body: Bytes) -> Carried {
        let (caller, answered) = oneshot::channel();
        let call = Call { unsent: Some(message::call_of(path, headers, body)), caller };
        let Some(number) = locked(&self.0).begin(call) else { return Carried::Back };
        let withdrawn = Withdrawn { calls: &self.0, number };
        let outcome = answered.await.unwrap_or(Carried::Broken);
        // It is taken out already.
        std::mem::forget(withdrawn);
        outcome
    }
}

impl Calls {
    fn begin(&mut self, mut call: Call) -> Option<u64> {
        if self.standing != Standing::Open {
            return None;
        }
        self.last += 1;
        if let Some(unsent) = &mut call.unsent {
            unsent.number = self.last;
        }
        self.under_way.insert(self.last, call);
        self.waiting.push_back(self.last);
        self.wake();
        Some(self.last)
    }

    fn wake(&mut self) {
        if let Some(waker) = self.waker.take() {
            waker.wake();
        }
    }

    /// Takes no more calls; gives back those that are not sent, and with `all` ends the others too.
    fn end(&mut self, standing: Standing, all: Option<fn() -> Carried>) {
        self.standing = standing;
        self.waiting.clear();
        let ended = self.under_way.extract_if(|_, call| all.is_some() || call.unsent.is_some());
        for (_, Call { unsent, caller }) in ended {
            let outcome = if unsent.is_some() { Carried::Back } else { all.map_or(Carried::Broken, |of| of()) };
            // A caller that went away wants no answer.
            let _ = caller.send(outcome);
        }
        self.wake();
    }
}

impl Source for Calls {
    fn ready(&mut self) -> Ready {
        while let Some(number) = self.waiting.front()
            && !self.under_way.contains_key(number)
        {
            self.waiting.pop_front();
        }
        match self.standing {
            _ if !self.waiting.is_empty() => Ready::Something,
            Standing::Open => Ready::Nothing,
            Standing::Draining | Standing::Ended | Standing::Unknown => Ready::TheEnd,
        }
    }

    fn message(&mut self) -> Bytes {
        let mut calls = Vec::with_capacity(self.waiting.len());
        fitting(&mut self.waiting, |number| {
            let Some(call) = self.under_way.get_mut(number).and_then(|call| call.unsent.take()) else { return 0 };
            let size = call.path.len() + message::size(&call.headers, &call.body);
            calls.push(call);
            size
        });
        message::framed(&SharedCalls { calls })
    }

    fn waker(&mut self) -> &mut Option<Waker> {
        &mut self.waker
    }

    // Whoever hears the answers hears why, and tells the callers.
    fn gone(&mut self) {}
}

/// Takes a call out whose caller went away.
struct Withdrawn<'s> {
    calls: &'s Mutex<Calls>,
    number: u64,
}

impl Drop for Withdrawn<'_> {
    fn drop(&mut self) {
        locked(self.calls).under_way.remove(&self.number);
    }
}

impl Drop for SharedStream {
    fn drop(&mut self) {
        let mut calls = locked(&self.0);
        if calls.standing == Standing::Open {
            calls.end(Standing::Draining, None);
        }
    }
}

/// Hears answers until there are no more, then tells those who still wait. A panic on the way is such an end, too.
async fn hear(beginning: impl Future<Output = Result<Response<Body>, NotBegun>>, calls: Arc<Mutex<Calls>>) {
    let heard = AssertUnwindSafe(hear_all(beginning, &calls)).catch_unwind().await;
    let (standing, outcome) = heard.unwrap_or((Standing::Ended, || Carried::Broken));
    locked(&calls).end(standing, Some(outcome));
}

/// Returns how the stream stands then, and what came of the calls that were not answered.
async fn hear_all(
    beginning: impl Future<Output = Result<Response<Body>, NotBegun>>,
    calls: &Mutex<Calls>,
) -> (Standing, fn() -> Carried) {
    let response = match beginning.await {
        Ok(response) => response,
        Err(NotBegun::Untaken) => return (Standing::Ended, || Carried::Back),
        Err(NotBegun::Broken) => return (Standing::Ended, || Carried::Broken),
    };
    if response.status() != StatusCode::OK || response.headers().contains_key(Status::GRPC_STATUS) {
        return (Standing::Unknown, || Carried::Back);
    }
    let decoder = LeanCodec::<SharedCalls, SharedAnswers>::default().decoder();
    let (head, body) = response.into_parts();
    let mut answers = Streaming::new_response(decoder, body, head.status, None, Some(LONGEST));
    while let Ok(Some(SharedAnswers { answers, draining })) = answers.message().await {
        deliver(answers, calls);
        if draining {
            locked(calls).end(Standing::Draining, None);
        }
    }
    (Standing::Ended, || Carried::Broken)
}

fn deliver(answers: Vec<SharedAnswer>, calls: &Mutex<Calls>) {
    let mut known = Vec::with_capacity(answers.len());
    {
        let mut calls = locked(calls);
        for answer in answers {
            known.extend(calls.under_way.remove(&answer.number).map(|call| (call.caller, answer)));
        }
    }
    for (caller, answer) in known {
        // A caller that went away wants no answer.
        let _ = caller.send(message::response_of(answer).map_or(Carried::Broken, Carried::Answered));
    }
}

impl fmt::Debug for SharedStream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let calls = locked(&self.0);
        write!(f, "SharedStream({:?}, {} calls under way)", calls.standing, calls.under_way.len())
    }
}

/// Bytes of a message of answers: those of many calls, or one that is as long as an answer may be.
const LONGEST: usize = 5 << 20;
