//! For how long a guard remembers a key.

use std::convert::Infallible;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use futures::future::BoxFuture;
use http::{HeaderMap, HeaderValue, Request, Response};
use http_body_util::{BodyExt, Full};
use mintage_chassis::access::{KeyResolver, RemoteKeys};
use mintage_chassis::{Routes, ServiceName, Transport};
use tonic::body::Body;
use tonic::server::NamedService;
use tower::Service;

/// A key-management that knows no key and takes its time to say so.
#[derive(Clone)]
struct Slow {
    takes: Duration,
    asked: Arc<AtomicUsize>,
}

impl NamedService for Slow {
    const NAME: &'static str = "mintage.keys.v1.KeyRingService";
}

impl Service<Request<Body>> for Slow {
    type Response = Response<Body>;
    type Error = Infallible;
    type Future = BoxFuture<'static, Result<Response<Body>, Infallible>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, _: Request<Body>) -> Self::Future {
        self.asked.fetch_add(1, Ordering::SeqCst);
        let takes = self.takes;
        Box::pin(async move {
            tokio::time::sleep(takes).await;
            let trailers = HeaderMap::from_iter([(GRPC_STATUS, HeaderValue::from_static("0"))]);
            // A message without a field, which is not compressed.
            let body = Full::new(Bytes::from_static(&[0; 5])).with_trailers(async { Some(Ok(trailers)) });
            let answer = Response::builder().header("content-type", "application/grpc");
            Ok(answer.body(Body::new(body)).unwrap())
        })
    }
}

/// How often key-management is asked for a key that is resolved three times.
async fn asked(takes: Duration) -> usize {
    let slow = Slow { takes, asked: Arc::default() };
    let asked = Arc::clone(&slow.asked);
    let keys = RemoteKeys::new(Transport::in_process(ServiceName::TOKEN, Routes::new(slow)));
    for _ in 0..3 {
        assert!(keys.resolve(&"a-key".parse().unwrap()).await.unwrap().is_none());
    }
    asked.load(Ordering::SeqCst)
}

#[tokio::test(start_paused = true)]
async fn b32_a_key_is_remembered_for_less_than_half_a_second_counted_from_the_question_on() {
    assert_eq!(asked(Duration::ZERO).await, 1);
    assert_eq!(asked(Duration::from_millis(300)).await, 1);
    assert_eq!(asked(Duration::from_millis(500)).await, 3, "an answer that took long says nothing of the present");
}

const GRPC_STATUS: http::HeaderName = http::HeaderName::from_static("grpc-status");
