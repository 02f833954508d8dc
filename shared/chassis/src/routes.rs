//! gRPC services by name, each call handed straight to the service it names.

use std::convert::Infallible;
use std::error::Error;
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use bytes::Bytes;
use http::{Request, Response};
use tonic::Status;
use tonic::body::Body;
use tonic::server::NamedService;
use tower::Service;

use crate::access::Guard;
use crate::telemetry;

/// The gRPC services of one service of the suite. Cheap to clone.
///
/// Within a process they are called as they are: an HTTP router between would box every request, answer and body once more,
/// for paths that have two parts.
#[derive(Clone, Default)]
pub struct Routes {
    mounted: Arc<[Mounted]>,
    guard: Option<Guard>,
}

#[derive(Clone)]
struct Mounted {
    name: &'static str,
    service: Arc<dyn GrpcService>,
}

/// What an answer comes by: the future of the generated servers.
pub(crate) type Answering = Pin<Box<dyn Future<Output = Result<Response<Body>, Infallible>> + Send>>;

/// What tonic generates for a service of the contract.
pub trait GeneratedServer:
    Service<Request<Body>, Response = Response<Body>, Error = Infallible, Future = Answering>
    + NamedService
    + Clone
    + Send
    + Sync
    + 'static
{
}

impl<S> GeneratedServer for S where
    S: Service<Request<Body>, Response = Response<Body>, Error = Infallible, Future = Answering>
        + NamedService
        + Clone
        + Send
        + Sync
        + 'static
{
}

/// A generated server whose type is forgotten.
trait GrpcService: Send + Sync {
    fn answer(&self, request: Request<Body>) -> Answering;
}

impl<S: GeneratedServer> GrpcService for S {
    fn answer(&self, request: Request<Body>) -> Answering {
        // A generated server is always ready.
        self.clone().call(request)
    }
}

impl Routes {
    /// Routes to `service` alone.
    #[must_use]
    pub fn new(service: impl GeneratedServer) -> Self {
        Self::default().add_service(service)
    }

    /// Routes to `service` too.
    #[must_use]
    pub fn add_service<S: GeneratedServer>(mut self, service: S) -> Self {
        let added = Mounted { name: S::NAME, service: Arc::new(service) };
        self.mounted = self.mounted.iter().cloned().chain([added]).collect();
        self
    }

    /// The same services, behind `guard`.
    pub(crate) fn guarded(self, guard: Guard) -> Self {
        Self { guard: Some(guard), ..self }
    }

    /// Answers a request whose caller is known, if it may make it.
    pub(crate) fn answer(&self, request: Request<Body>) -> Answering {
        match &self.guard {
            Some(guard) => guard.admit(request, self),
            None => self.dispatch(request),
        }
    }

    /// Whether there is the service that `path` names.
    pub(crate) fn know(&self, path: &str) -> bool {
        self.named(path).is_some()
    }

    fn named(&self, path: &str) -> Option<&Mounted> {
        let service = path.strip_prefix('/').and_then(|path| path.split('/').next());
        self.mounted.iter().find(|mounted| Some(mounted.name) == service)
    }

    /// Hands the request to the service that its path names.
    pub(crate) fn dispatch(&self, request: Request<Body>) -> Answering {
        match self.named(request.uri().path()) {
            Some(mounted) => {
                if self.guard.is_none() {
                    telemetry::note(|facts| facts.route(mounted.name));
                }
                mounted.service.answer(request)
            }
            None => answered(Status::unimplemented("no such service here")),
        }
    }
}

/// An answer that is there already.
pub(crate) fn answered(status: Status) -> Answering {
    Box::pin(std::future::ready(Ok(status.into_http())))
}

impl<B> Service<Request<B>> for Routes
where
    B: http_body::Body<Data = Bytes> + Send + 'static,
    B::Error: Into<Box<dyn Error + Send + Sync>>,
{
    type Response = Response<Body>;
    type Error = Infallible;
    type Future = Answering;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<B>) -> Answering {
        self.answer(request.map(Body::new))
    }
}

impl fmt::Debug for Routes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.mounted.iter().map(|mounted| mounted.name)).finish()
    }
}

#[cfg(test)]
mod tests {
    use tonic::Code;

    use super::*;

    #[tokio::test]
    async fn what_is_not_mounted_is_unimplemented() {
        for path in ["/mintage.token.v1.TokenService/IssueToken", "/", "/mintage.token.v1.TokenService"] {
            let request = Request::builder().uri(path).body(Body::empty()).unwrap();
            let answer = Routes::default().call(request).await.unwrap();
            assert_eq!(Status::from_header_map(answer.headers()).unwrap().code(), Code::Unimplemented, "{path}");
        }
    }
}
