//! What calls that share a stream are promised.

mod answers;
mod bounds;
mod endings;

use std::convert::Infallible;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use futures::future::BoxFuture;
use http::{HeaderMap, Request, Response};
use http_body::Frame;
use http_body_util::BodyExt;
use tokio::time::timeout;
use tokio_util::sync::{CancellationToken, WaitForCancellationFutureOwned};
use tonic::body::Body;
use tonic::{Code, Status};

use super::{Carried, MOST_UNDER_WAY, NotBegun, SharedStream, Standing, answer_shared};

const METHOD: &str = "/test.Echo/Say";

type Answer = Arc<dyn Fn(Request<Body>) -> BoxFuture<'static, Response<Body>> + Send + Sync>;

/// A callee, and the way to it that a test can cut.
struct Rig {
    draining: CancellationToken,
    cut: CancellationToken,
    answer: Answer,
    /// Messages that came by, to and fro.
    messages: [Arc<AtomicUsize>; 2],
}

impl Rig {
    fn new<F>(answer: impl Fn(Request<Body>) -> F + Send + Sync + 'static) -> Self
    where
        F: Future<Output = Response<Body>> + Send + 'static,
    {
        let answer: Answer = Arc::new(move |request| Box::pin(answer(request)));
        Self { draining: CancellationToken::new(), cut: CancellationToken::new(), answer, messages: Default::default() }
    }

    fn open(&self) -> SharedStream {
        let (draining, cut, answer) = (self.draining.clone(), self.cut.clone(), Arc::clone(&self.answer));
        let [there, back] = self.messages.clone();
        SharedStream::open("https://test/".parse().unwrap(), move |request| async move {
            let request = request
                .map(|body| Body::new(Wire { body, cut: Box::pin(cut.clone().cancelled_owned()), messages: there }));
            let answered = answer_shared(request, draining, move |request| answer(request));
            Ok(answered.map(|body| Body::new(Wire { body, cut: Box::pin(cut.cancelled_owned()), messages: back })))
        })
    }

    fn messages(&self) -> [usize; 2] {
        self.messages.each_ref().map(|messages| messages.load(Ordering::SeqCst))
    }
}

/// A body that counts what it carries and breaks off when it is cut.
struct Wire {
    body: Body,
    cut: Pin<Box<WaitForCancellationFutureOwned>>,
    messages: Arc<AtomicUsize>,
}

impl http_body::Body for Wire {
    type Data = Bytes;
    type Error = Status;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Status>>> {
        if self.cut.as_mut().poll(cx).is_ready() {
            return Poll::Ready(Some(Err(Status::unavailable("cut"))));
        }
        let frame = Pin::new(&mut self.body).poll_frame(cx);
        if let Poll::Ready(Some(Ok(_))) = frame {
            self.messages.fetch_add(1, Ordering::SeqCst);
        }
        frame
    }
}

/// Answers with the message it was asked with.
async fn echo(request: Request<Body>) -> Response<Body> {
    assert_eq!(request.uri().path(), METHOD);
    let said = request.into_body().collect().await.unwrap().to_bytes();
    said_back(said)
}

fn said_back(said: Bytes) -> Response<Body> {
    let trailers = HeaderMap::from_iter([("grpc-status".parse().unwrap(), "0".parse().unwrap())]);
    let body = http_body_util::Full::new(said).with_trailers(std::future::ready(Some(Ok::<_, Infallible>(trailers))));
    Response::new(Body::new(body.map_err(|never| match never {})))
}

async fn say(stream: &SharedStream, words: impl Into<Bytes>) -> Carried {
    soon(stream.call(METHOD, &HeaderMap::new(), words.into())).await
}

async fn heard(carried: Carried) -> Bytes {
    let Carried::Answered(answer) = carried else { panic!("it is answered") };
    let collected = answer.into_body().collect().await.unwrap();
    assert_eq!(collected.trailers().unwrap()["grpc-status"], "0");
    collected.to_bytes()
}

fn code(carried: &Carried) -> Option<Code> {
    let Carried::Answered(answer) = carried else { return None };
    Status::from_header_map(answer.headers()).map(|status| status.code())
}

async fn until(holds: impl Fn() -> bool) {
    soon(async {
        while !holds() {
            tokio::task::yield_now().await;
        }
    })
    .await;
}

async fn soon<T>(event: impl Future<Output = T>) -> T {
    timeout(Duration::from_secs(20), event).await.expect("it comes about")
}
