//! Calls that run to their end even when nobody waits for them any more.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use mintage_chassis::deadline::{Deadline, within};
use tokio::runtime::Handle;

/// A call to a sibling service that is not broken off with its caller. A burst of clients that hang up would otherwise
/// reset as many streams of a connection that other callers share, and HTTP/2 answers so many resets by closing it
/// (hyperium/h2#668). While the caller waits, the call costs nothing beside its own box; once it is dropped, the
/// runtime takes it over, for as long as the caller would have waited.
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
            match Deadline::current() {
                Some(deadline) => drop(runtime.spawn(within(deadline.left(), call))),
                None => drop(runtime.spawn(call)),
            }
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

    #[tokio::test(start_paused = true)]
    async fn a_call_whose_caller_is_gone_ends_when_its_time_is_over() {
        struct Told(Option<oneshot::Sender<tokio::time::Instant>>);
        impl Drop for Told {
            fn drop(&mut self) {
                let _ = self.0.take().unwrap().send(tokio::time::Instant::now());
            }
        }
        let (dropped, told) = oneshot::channel();
        let (dropped, patience) = (Told(Some(dropped)), std::time::Duration::from_secs(5));
        let began = tokio::time::Instant::now();
        let caller = within(patience, async move {
            let mut call = Outliving::new(async move {
                let _held = dropped;
                std::future::pending::<()>().await;
            });
            assert!(futures_poll(&mut call).await.is_pending());
        });
        caller.await.unwrap();
        assert_eq!(told.await.unwrap() - began, patience);
    }

    #[tokio::test]
    async fn a_call_that_ended_is_not_run_again() {
        assert_eq!(Outliving::new(async { 7 }).await, 7);
    }

    async fn futures_poll<T: Send>(call: &mut Outliving<T>) -> Poll<T> {
        std::future::poll_fn(|cx| Poll::Ready(Pin::new(&mut *call).poll(cx))).await
    }
}
