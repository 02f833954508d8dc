//! Carries calls to whichever address of a sibling is least busy.

use std::collections::HashMap;
use std::error::Error;
use std::fmt;
use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use futures::future::BoxFuture;
use http::uri::{Authority, Scheme};
use http::{Request, Response, Uri};
use http_body_util::BodyExt;
use rustls_pki_types::ServerName;
use tokio::sync::Notify;
use tokio::time::{sleep, timeout};
use tokio_util::task::AbortOnDropHandle;
use tonic::Status;
use tonic::body::Body;

use super::ChannelSettings;
use super::connector::Connector;
use super::member::Member;
use super::names::Names;
use super::outgoing::Outgoing;
use super::pool::{Hope, Pool, Sent};
use crate::ServiceName;
use crate::door::asked_timeout;
use crate::identity::Identity;
use crate::status::{Chain, unavailable};

/// A way to every address of a sibling. Cheap to clone; ends with the last clone.
#[derive(Clone)]
pub(crate) struct Channel(Arc<Inner>);

struct Inner {
    authority: Authority,
    expected: ServiceName,
    patience: Duration,
    pool: Pool,
    _following: AbortOnDropHandle<()>,
}

/// The text is no address.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is not host:port")]
pub struct AddressError(pub(super) String);

/// The answer to a call, on its way.
pub(crate) type Calling = Pin<Box<dyn Future<Output = Result<Response<Body>, Box<dyn Error + Send + Sync>>> + Send>>;

/// Looks up where a sibling is.
pub(super) type Resolve = Box<dyn Fn() -> BoxFuture<'static, io::Result<Vec<SocketAddr>>> + Send + Sync>;

impl Channel {
    /// A way to `expected` at `authority` (`host:port`, or several between commas), which proves to be it by its
    /// certificate.
    pub(crate) fn new(
        authority: &str,
        expected: ServiceName,
        identity: &Identity,
        settings: ChannelSettings,
    ) -> Result<Self, AddressError> {
        let names = Names::read(authority)?;
        let name = ServerName::try_from(names.host().to_owned()).map_err(|_| AddressError(authority.to_owned()))?;
        let connector = Connector { identity: identity.clone(), expected, name, settings };
        let first = names.first.clone();
        Ok(Self::following(names.resolve(), connector, first))
    }

    /// The same at whatever addresses `resolve` finds.
    pub(super) fn following(resolve: Resolve, connector: Connector, authority: Authority) -> Self {
        let pool = Pool::new();
        let (expected, patience) = (connector.expected, connector.settings.connect_timeout);
        let hope = pool.hope();
        let following = tokio::spawn(follow(resolve, Arc::new(connector), pool.clone(), hope));
        Self(Arc::new(Inner { authority, expected, patience, pool, _following: AbortOnDropHandle::new(following) }))
    }

    /// Calls the sibling; the answer comes within the request's own `grpc-timeout`, if it has one.
    pub(crate) fn call(&self, request: Request<Body>) -> Calling {
        let inner = Arc::clone(&self.0);
        Box::pin(async move {
            let answer = match asked_timeout(request.headers()) {
                None => inner.call(request).await,
                Some(patience) => timeout(patience, inner.call(request)).await.unwrap_or_else(|_| Err(too_late())),
            };
            answer.map_err(Into::into)
        })
    }
}

impl Inner {
    async fn call(&self, request: Request<Body>) -> Result<Response<Body>, Status> {
        let mut outgoing = Outgoing::new(self.addressed(request)?);
        for _ in 0..ATTEMPTS {
            let open = self.pool.open(self.patience).await.ok_or_else(|| self.unreachable())?;
            let Some(request) = outgoing.take() else { break };
            match open.send(request).await {
                Sent::Answered(Ok(answer)) => return Ok(answer.map(|body| Body::new(body.map_err(broken)))),
                Sent::Answered(Err(error)) if outgoing.may_go_again(&error) => open.ends(),
                Sent::Answered(Err(error)) => {
                    tracing::debug!(address = %open.address(), error = %Chain(&error), "a call found no answer");
                    return Err(broken(error));
                }
                Sent::Back(unsent) => outgoing.put_back(*unsent),
            }
        }
        Err(self.unreachable())
    }

    /// HTTP/2 wants the whole URI.
    fn addressed(&self, mut request: Request<Body>) -> Result<Request<Body>, Status> {
        let mut parts = std::mem::take(request.uri_mut()).into_parts();
        parts.scheme = Some(Scheme::HTTPS);
        parts.authority = Some(self.authority.clone());
        *request.uri_mut() = Uri::from_parts(parts).map_err(|error| crate::status::internal(&error))?;
        Ok(request)
    }

    fn unreachable(&self) -> Status {
        unavailable(format!("the service {} cannot be reached", self.expected))
    }
}

impl fmt::Debug for Channel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Channel({} at {})", self.0.expected, self.0.authority)
    }
}

/// Keeps a connection to every address that `resolve` finds. While it finds none, those from before stay.
async fn follow(resolve: Resolve, connector: Arc<Connector>, pool: Pool, hope: Hope) {
    let mut hope = Some(hope);
    let mut members: HashMap<SocketAddr, AbortOnDropHandle<()>> = HashMap::new();
    let lost = Arc::new(Notify::new());
    loop {
        let found = match resolve().await {
            Ok(found) => found,
            Err(error) => {
                tracing::warn!(service = %connector.expected, %error, "the name of a service cannot be looked up");
                Vec::new()
            }
        };
        if !found.is_empty() {
            members.retain(|address, _| found.contains(address));
        }
        for address in found {
            members.entry(address).or_insert_with(|| {
                let (connector, pool, lost) = (Arc::clone(&connector), pool.clone(), Arc::clone(&lost));
                let hope = pool.hope();
                let kept = Member { address, connector, pool, lost }.keep(hope);
                AbortOnDropHandle::new(tokio::spawn(kept))
            });
        }
        // From here on each member has a hope of its own.
        drop(hope.take());
        tokio::select! {
            () = sleep(connector.settings.resolve_interval) => {}
            () = async { sleep(SHORTEST_INTERVAL).await; lost.notified().await } => {}
        }
    }
}

fn broken(_: hyper::Error) -> Status {
    unavailable("the connection to a service of the suite broke before its answer was whole")
}

fn too_late() -> Status {
    Status::deadline_exceeded("a service of the suite did not answer in time")
}

/// Of a request that nobody took: over connections that had just ended, and over others.
const ATTEMPTS: usize = 5;
/// Between two looks, however much breaks.
const SHORTEST_INTERVAL: Duration = Duration::from_millis(500);
