//! Calls that run to their end even when nobody waits for them any more.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use tokio::runtime::Handle;

/// A call to a sibling service that is not broken off with its caller. A burst of clients that hang up would otherwise
/// reset as many streams of a connection that other callers share, and HTTP/2 answers so many resets by closing it
/// (hyperium/h2#668). While the caller waits, the call costs nothing beside its own box; once it is dropped, the
/// runtime takes it over.
pub(super) struct Outliving<T: Send + 'static>(Option<Pin<Box<dyn Future<Output = T> + Send>>>);

impl<T: Send + 'static> Outliving<T> {
    pub(super) fn new(call: impl Future<Output = T> + Send + 'static) -> Self {
        Self(Some(Box::pin(call)))
    }
}

impl<T: Send + 'static> Future for Outliving<T> {
    type Output = T;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<T> {
        let Some(call) = self.0.as_mut() else { return Poll::Pending };
        let outcome = call.as_mut().poll(cx);
        if outcome.is_ready() {
            self.0 = None;
        }
        outcome
    }
}

impl<T: Send + 'static> Drop for Outliving<T> {
    fn drop(&mut self) {
        if let (Some(call), Ok(runtime)) = (self.0.take(), Handle::try_current()) {
            runtime.spawn(call);
        }
    }
}

#[cfg(test)]
mod tests {
    use tokio::sync::oneshot;

    use super::*;

    #[tokio::test]
    async fn a_call_whose_caller_is_gone_still_ends() {
        let (go, gate) = oneshot::channel::<()>();
        let (done, finished) = oneshot::channel();
        let mut call = Outliving::new(async move {
            let _ = gate.await;
            let _ = done.send("finished");
        });
        assert!(futures_poll(&mut call).await.is_pending());
        drop(call);
        go.send(()).unwrap();
        assert_eq!(finished.await, Ok("finished"));
    }

    #[tokio::test]
    async fn a_call_that_ended_is_not_run_again() {
        assert_eq!(Outliving::new(async { 7 }).await, 7);
    }

    async fn futures_poll<T: Send>(call: &mut Outliving<T>) -> Poll<T> {
        std::future::poll_fn(|cx| Poll::Ready(Pin::new(&mut *call).poll(cx))).await
    }
}
