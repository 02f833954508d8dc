//! Calls that a person waits for.

use std::future::Future;
use std::net::IpAddr;
use std::sync::Arc;

use mintage_chassis::{source, telemetry};
use tokio::sync::Semaphore;
use tonic::{Request, Response, Status};

use super::outliving::Outliving;
use super::refusals::refusal_of;
use crate::domain::Refusal;

/// So many calls at once for all pages; each runs to its end, since most change something.
#[derive(Clone, Debug)]
pub(crate) struct Calls(Arc<Semaphore>);

impl Calls {
    /// None under way.
    pub(crate) fn new() -> Self {
        Self(Arc::new(Semaphore::new(AT_ONCE)))
    }

    /// Makes a call by a client of a sibling, unless too many are under way. It is made once: nothing here repeats it.
    pub(super) async fn make<C, M, A, F>(
        &self,
        client: &C,
        message: M,
        source: Option<IpAddr>,
        call: impl FnOnce(C, Request<M>) -> F + Send,
    ) -> Result<A, Refusal>
    where
        C: Clone,
        M: Send + 'static,
        A: Send + 'static,
        F: Future<Output = Result<Response<A>, Status>> + Send + 'static,
    {
        let place = Arc::clone(&self.0).try_acquire_owned().map_err(|_| {
            telemetry::shed("edge_pages");
            Refusal::unavailable()
        })?;
        let mut request = Request::new(message);
        if let Some(source) = source {
            source::attach(&mut request, source);
        }
        let call = call(client.clone(), request);
        let answer = Outliving::new(async move {
            let answer = call.await;
            drop(place);
            answer
        });
        answer.await.map(Response::into_inner).map_err(|status| refusal_of(&status))
    }
}

/// People are slower than machines, and what they wait for costs siblings more.
const AT_ONCE: usize = 1024;
