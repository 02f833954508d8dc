//! The way to a sibling service: the same generated clients, in this process or over the network.

use std::error::Error;
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, OnceLock, Weak};
use std::task::{Context, Poll};
use std::time::Duration;

use http::{Request, Response};
use mintage_clock::Randomness;
use tonic::body::Body;
use tonic::transport::channel::ResponseFuture;
use tower::Service;

use crate::channel::{Calling, Channel};
use crate::identity::Identity;
use crate::routes::{Answering, answered};
use crate::status::unavailable;
use crate::telemetry::{self, Outgoing};
use crate::{AddressError, ChannelSettings, Routes, ServiceName, deadline, source};

/// Carries gRPC calls. Cheap to clone; hand it to a generated client: `TokenServiceClient::new(transport)`.
#[derive(Clone)]
pub struct Transport(Way);

#[derive(Clone)]
enum Way {
    InProcess { from: ServiceName, routes: Routes },
    Joined { from: ServiceName, entrance: Weak<OnceLock<Routes>> },
    Remote { channel: tonic::transport::Channel, patience: Option<Duration> },
    Connected { channel: Channel, patience: Option<Duration> },
}

impl Transport {
    /// Calls `routes` in this process, as the service `from`: no socket, no HTTP/2 between.
    #[must_use]
    pub fn in_process(from: ServiceName, routes: Routes) -> Self {
        Self(Way::InProcess { from, routes })
    }

    /// Calls whatever `entrance` leads to by then, in this process, as the service `from`: for services that need each
    /// other. Calls fail before the entrance is opened, and after it was dropped.
    #[must_use]
    pub fn through(from: ServiceName, entrance: &Entrance) -> Self {
        Self(Way::Joined { from, entrance: Arc::downgrade(&entrance.0) })
    }

    /// Calls over a channel that is already set up.
    #[must_use]
    pub const fn remote(channel: tonic::transport::Channel) -> Self {
        Self(Way::Remote { channel, patience: None })
    }

    /// Calls the service `expected` at `authority` (`host:port`, or several between commas) over mutual TLS, as
    /// `identity`. Whoever answers there must prove to be it by the URI in its certificate; the host name is not
    /// checked. All addresses of every name are called in turn, the less busy first, and followed as they change. A call that finds none of them fails as
    /// UNAVAILABLE, at once where an attempt failed just now.
    ///
    /// Returns at once and connects in the background: call it within a runtime.
    ///
    /// # Errors
    /// When `authority` is not `host:port`.
    pub fn connect(
        authority: &str,
        expected: ServiceName,
        identity: &Identity,
        settings: ChannelSettings,
        randomness: Randomness,
    ) -> Result<Self, AddressError> {
        let channel = Channel::new(authority, expected, identity, settings, randomness)?;
        Ok(Self(Way::Connected { channel, patience: None }))
    }

    /// Calls that end after `patience`, here and there, where a network is between (`grpc-timeout`), or with what they are
    /// part of ([`crate::deadline`]) where that is sooner. Within a process the callee's own bounds are the bound.
    #[must_use]
    pub fn with_deadline(self, patience: Duration) -> Self {
        let patience = Some(patience);
        Self(match self.0 {
            Way::Remote { channel, .. } => Way::Remote { channel, patience },
            Way::Connected { channel, .. } => Way::Connected { channel, patience },
            within => within,
        })
    }
}

/// The way into a service of this process that is yet to be built. Whoever joins the services holds it; transports do
/// not, so that services which lead to each other are freed all the same.
#[derive(Debug, Default)]
pub struct Entrance(Arc<OnceLock<Routes>>);

impl Entrance {
    /// Leads to `routes` from now on. The first call counts.
    pub fn open(&self, routes: Routes) {
        let _already_open = self.0.set(routes);
    }
}

impl Service<Request<Body>> for Transport {
    type Response = Response<Body>;
    type Error = Box<dyn Error + Send + Sync>;
    type Future = Answer;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        match &mut self.0 {
            Way::InProcess { .. } | Way::Joined { .. } | Way::Connected { .. } => Poll::Ready(Ok(())),
            Way::Remote { channel, .. } => channel.poll_ready(cx).map_err(Into::into),
        }
    }

    fn call(&mut self, mut request: Request<Body>) -> Answer {
        match &mut self.0 {
            Way::InProcess { from, routes } => {
                Answer { by: By::InProcess(telemetry::in_process(*from, request, routes)), span: None }
            }
            Way::Joined { from, entrance } => {
                let entrance = entrance.upgrade();
                let answering = match entrance.as_ref().and_then(|entrance| entrance.get()) {
                    Some(routes) => telemetry::in_process(*from, request, routes),
                    None => answered(unavailable("the service is not built yet, or has ended")),
                };
                Answer { by: By::InProcess(answering), span: None }
            }
            Way::Remote { channel, patience } => {
                let (span, _) = head(&mut request, *patience);
                Answer { by: By::Remote(channel.call(request)), span }
            }
            Way::Connected { channel, patience } => {
                let (span, patience) = head(&mut request, *patience);
                Answer { by: By::Connected(channel.call(request, patience)), span }
            }
        }
    }
}

/// Writes what a request carries beside its message where it is read on the other side of a network. Returns how long to
/// wait for its answer, too.
fn head(request: &mut Request<Body>, patience: Option<Duration>) -> (Option<Outgoing>, Option<Duration>) {
    source::write(request);
    let patience = deadline::pass_on(request.headers_mut(), patience);
    (Outgoing::of(request), patience)
}

/// The answer to a call, on its way.
pub struct Answer {
    by: By,
    /// Of a call whose trace is sampled.
    span: Option<Outgoing>,
}

enum By {
    InProcess(Answering),
    Remote(ResponseFuture),
    Connected(Calling),
}

impl Future for Answer {
    type Output = Result<Response<Body>, Box<dyn Error + Send + Sync>>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.get_mut();
        let answer = match &mut this.by {
            By::InProcess(answer) => answer.as_mut().poll(cx).map_err(Into::into),
            By::Remote(answer) => Pin::new(answer).poll(cx).map_err(Into::into),
            By::Connected(answer) => answer.as_mut().poll(cx),
        };
        if let (Poll::Ready(answer), Some(mut span)) = (&answer, this.span.take_if(|_| answer.is_ready())) {
            span.answered(answer.as_ref().ok());
        }
        answer
    }
}

impl fmt::Debug for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Answer(…)")
    }
}

impl fmt::Debug for Transport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Way::InProcess { from, .. } => write!(f, "Transport(in process, from {from})"),
            Way::Joined { from, .. } => write!(f, "Transport(joined, from {from})"),
            Way::Remote { .. } => f.write_str("Transport(remote)"),
            Way::Connected { channel, .. } => write!(f, "Transport({channel:?})"),
        }
    }
}
