//! A gRPC service that answers whoever reaches it with what a function says.

use std::convert::Infallible;
use std::future::{Future, ready};
use std::pin::Pin;
use std::task::{Context, Poll};

use http::{Request, Response};
use tonic::body::Body;
use tonic::server::NamedService;
use tonic::{Code, Status};
use tower::Service;

/// Stands where a generated server would, under the name `test.Keys`.
#[derive(Clone)]
pub(crate) struct Answering(pub(crate) fn(&Request<Body>) -> Code);

impl NamedService for Answering {
    const NAME: &'static str = "test.Keys";
}

impl Service<Request<Body>> for Answering {
    type Response = Response<Body>;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Response<Body>, Infallible>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<Body>) -> Self::Future {
        let status = Status::new((self.0)(&request), "");
        Box::pin(ready(Ok(status.into_http())))
    }
}

/// The code of an answer.
pub(crate) fn code_of<B>(answer: &Response<B>) -> Code {
    Status::from_header_map(answer.headers()).map_or(Code::Ok, |status| status.code())
}
