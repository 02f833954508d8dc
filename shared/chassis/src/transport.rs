//! The way to a sibling service: the same generated clients, in this process or over the network.

use std::error::Error;
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, OnceLock, Weak};
use std::task::{Context, Poll};

use http::{Request, Response};
use tonic::body::Body;
use tonic::service::Routes;
use tonic::transport::Channel;
use tower::Service;

use crate::{Peer, ServiceName};

/// Carries gRPC calls. Cheap to clone; hand it to a generated client: `TokenServiceClient::new(transport)`.
#[derive(Clone)]
pub struct Transport(Way);

#[derive(Clone)]
enum Way {
    InProcess { from: ServiceName, routes: Routes },
    Joined { from: ServiceName, entrance: Weak<OnceLock<Routes>> },
    Remote(Channel),
}

impl Transport {
    /// Calls `routes` in this process, as the service `from`: no socket, no HTTP/2 between.
    #[must_use]
    pub fn in_process(from: ServiceName, routes: Routes) -> Self {
        Self(Way::InProcess { from, routes: routes.prepare() })
    }

    /// Calls whatever `entrance` leads to by then, in this process, as the service `from`: for services that need each
    /// other. Calls fail before the entrance is opened, and after it was dropped.
    #[must_use]
    pub fn through(from: ServiceName, entrance: &Entrance) -> Self {
        Self(Way::Joined { from, entrance: Arc::downgrade(&entrance.0) })
    }

    /// Calls over a channel that is already set up.
    #[must_use]
    pub const fn remote(channel: Channel) -> Self {
        Self(Way::Remote(channel))
    }
}

/// The way into a service of this process that is yet to be built. Whoever joins the services holds it; transports do
/// not, so that services which lead to each other are freed all the same.
#[derive(Debug, Default)]
pub struct Entrance(Arc<OnceLock<Routes>>);

impl Entrance {
    /// Leads to `routes` from now on. The first call counts.
    pub fn open(&self, routes: Routes) {
        let _already_open = self.0.set(routes.prepare());
    }
}

/// A service was called before it was built, or after it was dropped.
#[derive(Debug, thiserror::Error)]
#[error("the service is not built yet, or has ended")]
struct NotThere;

impl Service<Request<Body>> for Transport {
    type Response = Response<Body>;
    type Error = Box<dyn Error + Send + Sync>;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, Self::Error>> + Send>>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        match &mut self.0 {
            Way::InProcess { .. } | Way::Joined { .. } => Poll::Ready(Ok(())),
            Way::Remote(channel) => channel.poll_ready(cx).map_err(Into::into),
        }
    }

    fn call(&mut self, mut request: Request<Body>) -> Self::Future {
        match &mut self.0 {
            Way::InProcess { from, routes } => {
                request.extensions_mut().insert(Peer::Service(*from));
                let answer = routes.call(request);
                Box::pin(async move { answer.await.map_err(Into::into) })
            }
            Way::Joined { from, entrance } => {
                request.extensions_mut().insert(Peer::Service(*from));
                let routes = entrance.upgrade().and_then(|entrance| entrance.get().cloned());
                Box::pin(async move {
                    let mut routes = routes.ok_or(NotThere)?;
                    routes.call(request).await.map_err(Into::into)
                })
            }
            Way::Remote(channel) => {
                let answer = channel.call(request);
                Box::pin(async move { answer.await.map_err(Into::into) })
            }
        }
    }
}

impl fmt::Debug for Transport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Way::InProcess { from, .. } => write!(f, "Transport(in process, from {from})"),
            Way::Joined { from, .. } => write!(f, "Transport(joined, from {from})"),
            Way::Remote(_) => f.write_str("Transport(remote)"),
        }
    }
}
