//! The callee's half of a shared stream.

use std::collections::VecDeque;
use std::error::Error;
use std::future::Future;
use std::panic::AssertUnwindSafe;
use std::sync::{Arc, Mutex};
use std::task::Waker;

use bytes::Bytes;
use futures::stream::FuturesUnordered;
use futures::{FutureExt, StreamExt};
use http::header::{CONTENT_TYPE, HeaderValue};
use http::{Request, Response};
use mintage_api::LeanCodec;
use mintage_api::types::{SharedAnswer, SharedAnswers, SharedCall, SharedCalls};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio_util::sync::CancellationToken;
use tonic::body::Body;
use tonic::codec::Codec;
use tonic::{Status, Streaming};

use super::body::{Ready, Sending, Source, fitting, locked};
use super::message;

/// Answers the calls of a shared stream: each by `answer`, as the request that it is. Once `draining` is cancelled, the
/// caller is asked to send no more; what it has sent is answered. Calls whose stream breaks are carried out all the same:
/// nobody undoes a count against himself by hanging up.
pub(crate) fn answer_shared<F, B, R>(
    request: Request<B>,
    draining: CancellationToken,
    answer: impl Fn(Request<Body>) -> F + Clone + Send + Sync + 'static,
) -> Response<Body>
where
    F: Future<Output = Response<R>> + Send + 'static,
    B: http_body::Body<Data = Bytes> + Send + 'static,
    B::Error: Into<Box<dyn Error + Send + Sync>>,
    R: http_body::Body<Data = Bytes> + Unpin + Send + 'static,
{
    let answers = Arc::new(Mutex::new(Answers::default()));
    let decoder = LeanCodec::<SharedAnswers, SharedCalls>::default().decoder();
    let calls = Streaming::new_request(decoder, request.into_body(), None, Some(LONGEST));
    let mut response = Response::new(Body::new(Sending::new(&answers)));
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/grpc"));
    tokio::spawn(take(calls, draining, answers, answer));
    response
}

/// Takes calls until the caller has no more, and answers all of them.
async fn take<F, R>(
    mut calls: Streaming<SharedCalls>,
    draining: CancellationToken,
    answers: Arc<Mutex<Answers>>,
    answer: impl Fn(Request<Body>) -> F + Clone + Send + Sync + 'static,
) where
    F: Future<Output = Response<R>> + Send + 'static,
    R: http_body::Body<Data = Bytes> + Unpin + Send + 'static,
{
    let places = Arc::new(Semaphore::new(MOST_UNDER_WAY));
    let _ending = Ending(Arc::clone(&answers));
    while let Some(SharedCalls { calls }) = next(&mut calls, &draining, &answers).await {
        let many = u32::try_from(calls.len()).unwrap_or(u32::MAX);
        // As long as there are too many under way nothing is read, and soon nothing is sent.
        let places = Arc::clone(&places).acquire_many_owned(many.min(ALL)).await;
        let Some(mut places) = places.ok().filter(|_| many <= ALL) else { break };
        let calls = calls.into_iter().filter_map(|call| places.split(1).map(|place| (call, place))).collect();
        tokio::spawn(carry_out(calls, Arc::clone(&answers), answer.clone()));
    }
    let _all = places.acquire_many(ALL).await;
}

/// Ends the answers once it is dropped, also by a panic: the caller waits for no more.
struct Ending(Arc<Mutex<Answers>>);

impl Drop for Ending {
    fn drop(&mut self) {
        locked(&self.0).end();
    }
}

/// The next calls; on the way the caller is told when the process drains.
async fn next(
    calls: &mut Streaming<SharedCalls>,
    draining: &CancellationToken,
    answers: &Mutex<Answers>,
) -> Option<SharedCalls> {
    if !locked(answers).told {
        tokio::select! {
            calls = calls.message() => return calls.ok().flatten(),
            () = draining.cancelled() => locked(answers).drain(),
        }
    }
    calls.message().await.ok().flatten()
}

/// Answers calls that came together, each as soon as it can be.
async fn carry_out<F, R>(
    calls: Vec<(SharedCall, OwnedSemaphorePermit)>,
    answers: Arc<Mutex<Answers>>,
    answer: impl Fn(Request<Body>) -> F,
) where
    F: Future<Output = Response<R>>,
    R: http_body::Body<Data = Bytes> + Unpin,
{
    let one = async |(call, place): (SharedCall, OwnedSemaphorePermit)| {
        let number = call.number;
        let answered = async {
            let request = message::request_of(call).ok_or_else(|| Status::invalid_argument("that is no call"))?;
            Ok(message::answer_of(number, answer(request).await))
        };
        // One that panics takes no other with it.
        let answered = AssertUnwindSafe(answered).catch_unwind().await;
        let answered = answered.unwrap_or_else(|_| Err(Status::internal("the call was broken off")));
        (answered.unwrap_or_else(|status| message::refused(number, &status)), place)
    };
    let mut under_way: FuturesUnordered<_> = calls.into_iter().map(one).collect();
    while let Some((answer, place)) = under_way.next().await {
        locked(&answers).add(answer, place);
    }
}

/// Answers on their way back.
#[derive(Default)]
struct Answers {
    /// Each with its place, which it holds until it is sent: whoever takes no answers gets no more of them.
    waiting: VecDeque<(SharedAnswer, OwnedSemaphorePermit)>,
    /// To be told of the drain.
    draining: bool,
    told: bool,
    ended: bool,
    gone: bool,
    waker: Option<Waker>,
}

impl Answers {
    fn add(&mut self, answer: SharedAnswer, place: OwnedSemaphorePermit) {
        if !self.gone {
            self.waiting.push_back((answer, place));
            self.wake();
        }
    }

    fn drain(&mut self) {
        (self.draining, self.told) = (true, true);
        self.wake();
    }

    fn end(&mut self) {
        self.ended = true;
        self.wake();
    }

    fn wake(&mut self) {
        if let Some(waker) = self.waker.take() {
            waker.wake();
        }
    }
}

impl Source for Answers {
    fn ready(&mut self) -> Ready {
        match (self.waiting.is_empty() && !self.draining, self.ended) {
            (false, _) => Ready::Something,
            (true, true) => Ready::TheEnd,
            (true, false) => Ready::Nothing,
        }
    }

    fn message(&mut self) -> Bytes {
        let size = |(answer, _): &mut (SharedAnswer, _)| {
            message::size(&answer.headers, &answer.body) + message::size(&answer.trailers, &Bytes::new())
        };
        let answers = fitting(&mut self.waiting, size).into_iter().map(|(answer, _)| answer).collect();
        message::framed(&SharedAnswers { answers, draining: std::mem::take(&mut self.draining) })
    }

    fn waker(&mut self) -> &mut Option<Waker> {
        &mut self.waker
    }

    fn gone(&mut self) {
        self.gone = true;
        self.waiting.clear();
    }
}

/// Calls of one stream that are answered at the same time.
pub(crate) const MOST_UNDER_WAY: usize = 1024;
const ALL: u32 = 1024;
/// Bytes of a message of calls: one that is nearly full, and the longest call besides.
const LONGEST: usize = 256 * 1024;
