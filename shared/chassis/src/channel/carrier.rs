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
use mintage_clock::Randomness;
use rustls_pki_types::ServerName;
use tokio::sync::Notify;
use tokio::time::{Instant, sleep, timeout_at};
use tokio_util::task::AbortOnDropHandle;
use tonic::Status;
use tonic::body::Body;

use super::ChannelSettings;
use super::allowance::Allowance;
use super::connector::Connector;
use super::member::Member;
use super::names::Names;
use super::open::{Sent, broken, lost, says_unavailable};
use super::outgoing::Outgoing;
use super::pool::{Hope, NoPlace, Pool, Wanted};
use crate::ServiceName;
use crate::backoff::jittered;
use crate::identity::Identity;
use crate::status::{Chain, overloaded, unavailable};

/// A way to every address of a sibling. Cheap to clone; ends with the last clone.
#[derive(Clone)]
pub(crate) struct Channel(Arc<Inner>);

struct Inner {
    authority: Authority,
    expected: ServiceName,
    settings: ChannelSettings,
    randomness: Randomness,
    allowance: Allowance,
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
        randomness: Randomness,
    ) -> Result<Self, AddressError> {
        let names = Names::read(authority)?;
        let name = ServerName::try_from(names.host().to_owned()).map_err(|_| AddressError(authority.to_owned()))?;
        let connector = Connector { identity: identity.clone(), expected, name, settings, randomness };
        let first = names.first.clone();
        Ok(Self::following(names.resolve(), connector, first))
    }

    /// The same at whatever addresses `resolve` finds.
    pub(super) fn following(resolve: Resolve, connector: Connector, authority: Authority) -> Self {
        let Connector { expected, settings, .. } = connector;
        let (pool, allowance) = (Pool::new(settings.max_waiting), Allowance::new(settings.retry_percent));
        let (hope, randomness) = (pool.hope(), connector.randomness.clone());
        let following = tokio::spawn(follow(resolve, Arc::new(connector), pool.clone(), hope));
        let _following = AbortOnDropHandle::new(following);
        Self(Arc::new(Inner { authority, expected, settings, randomness, allowance, pool, _following }))
    }

    /// Calls the sibling; the answer comes within `patience`, if there is a bound.
    pub(crate) fn call(&self, request: Request<Body>, patience: Option<Duration>) -> Calling {
        let inner = Arc::clone(&self.0);
        Box::pin(async move {
            let Some(patience) = patience else { return inner.call(request, None).await.map_err(Into::into) };
            if patience.is_zero() {
                return Err(too_late().into());
            }
            let ends = Instant::now() + patience.min(LONGEST);
            let answer = timeout_at(ends, inner.call(request, Some(ends))).await;
            answer.unwrap_or_else(|_| Err(too_late())).map_err(Into::into)
        })
    }
}

/// What came of one attempt.
struct Attempt {
    outcome: Result<Response<Body>, Status>,
    /// Where it failed, when it may be otherwise elsewhere or in a moment.
    missed: Option<SocketAddr>,
}

impl Inner {
    /// Makes the call, and where it may be made twice and was missed, again.
    async fn call(&self, request: Request<Body>, ends: Option<Instant>) -> Result<Response<Body>, Status> {
        let mut outgoing = Outgoing::new(self.addressed(request)?);
        self.allowance.earn();
        let (mut avoided, mut pause) = (None, FIRST_PAUSE);
        for _ in 0..self.settings.max_retries {
            let Attempt { outcome, missed } = self.attempt(&mut outgoing, avoided, ends).await;
            if missed.is_none() {
                return outcome;
            }
            let wait = jittered(pause, &self.randomness);
            let in_time = ends.is_none_or(|ends| Instant::now() + wait < ends);
            if !in_time || !outgoing.may_be_repeated() || !self.allowance.spend() {
                return outcome;
            }
            drop(outcome);
            tracing::debug!(service = %self.expected, "a call is made again");
            sleep(wait).await;
            (avoided, pause) = (missed, pause * 4);
        }
        self.attempt(&mut outgoing, avoided, ends).await.outcome
    }

    /// Makes it once. Over a connection that ends before it took the request it was not made.
    async fn attempt(&self, outgoing: &mut Outgoing, avoided: Option<SocketAddr>, ends: Option<Instant>) -> Attempt {
        let began = Instant::now();
        for times in 0..ATTEMPTS {
            let wanted = Wanted { avoided, may_share: outgoing.may_share() };
            let place = match self.pool.place(self.settings.connect_timeout, wanted).await {
                Ok(place) => place,
                Err(why) => return Attempt { outcome: Err(self.refused(why)), missed: None },
            };
            let address = place.address();
            if let Some(ends) = ends.filter(|_| times > 0 || avoided.is_some() || began.elapsed() > SOON) {
                outgoing.hurry(ends.saturating_duration_since(Instant::now()));
            }
            let Some(sent) = place.send(outgoing).await else { break };
            match sent {
                Sent::Answered(answer) => {
                    let missed = says_unavailable(&answer).then_some(address);
                    return Attempt { outcome: Ok(answer), missed };
                }
                Sent::Broken(place, error) if outgoing.may_go_again(&error) => place.ends(),
                Sent::Broken(mut place, error) => {
                    tracing::debug!(%address, error = %Chain(&error), "a call found no answer");
                    place.failed();
                    return Attempt { outcome: Err(broken(&error)), missed: Some(address) };
                }
                Sent::Lost(mut place) => {
                    place.failed();
                    return Attempt { outcome: Err(lost()), missed: Some(address) };
                }
                Sent::Back(unsent) => outgoing.put_back(*unsent),
                Sent::Again => {}
            }
        }
        Attempt { outcome: Err(self.refused(NoPlace::Nobody)), missed: None }
    }

    /// HTTP/2 wants the whole URI.
    fn addressed(&self, mut request: Request<Body>) -> Result<Request<Body>, Status> {
        let mut parts = std::mem::take(request.uri_mut()).into_parts();
        parts.scheme = Some(Scheme::HTTPS);
        parts.authority = Some(self.authority.clone());
        *request.uri_mut() = Uri::from_parts(parts).map_err(|error| crate::status::internal(&error))?;
        Ok(request)
    }

    fn refused(&self, why: NoPlace) -> Status {
        let service = self.expected;
        match why {
            NoPlace::Nobody => unavailable(format!("the service {service} cannot be reached")),
            NoPlace::Full => overloaded(format!("too many calls to the service {service} are under way")),
        }
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
            () = sleep(jittered(connector.settings.resolve_interval, &connector.randomness)) => {}
            () = async { sleep(SHORTEST_INTERVAL).await; lost.notified().await } => {}
        }
    }
}

fn too_late() -> Status {
    Status::deadline_exceeded("a service of the suite did not answer in time")
}

/// Of a request that nobody took: over connections that had just ended, and over others.
const ATTEMPTS: usize = 5;
/// After a longer wait for a place the callee is told anew how long it has.
const SOON: Duration = Duration::from_millis(5);
/// Before a call is made again; before the next time four times as long.
const FIRST_PAUSE: Duration = Duration::from_millis(20);
/// No caller waits as long.
const LONGEST: Duration = Duration::from_hours(24 * 365);
/// Between two looks, however much breaks.
const SHORTEST_INTERVAL: Duration = Duration::from_millis(500);
