//! Calls to a token from where requests run.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{Semaphore, oneshot};
use tokio::time::timeout;

use super::Threads;

/// Calls that block on a device: few at a time, and none waited for longer than it is worth. Each has a thread; one that hangs
/// keeps its place, so that there are never more of them. The last clone to go waits for those that are under way, for a while.
#[derive(Clone, Debug)]
pub(crate) struct Calls {
    turns: Arc<Semaphore>,
    threads: Arc<Threads>,
}

impl Calls {
    /// At most `at_once` at a time.
    pub(crate) fn new(at_once: usize) -> Self {
        Self { turns: Arc::new(Semaphore::new(at_once)), threads: Arc::new(Threads::new("token call")) }
    }

    /// What `call` brings, for which the wait is at most `patience`, its turn counted in.
    pub(crate) async fn call<T: Send + 'static>(
        &self,
        patience: Duration,
        call: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, Silent> {
        let answered = async {
            let turn = Arc::clone(&self.turns).acquire_owned().await.ok()?;
            let (answer, answered) = oneshot::channel();
            let work = move || {
                // Whoever went away meanwhile wants no answer.
                let _ = answer.send(call());
                drop(turn);
            };
            self.threads.spawn(work).ok()?;
            answered.await.ok()
        };
        timeout(patience, answered).await.ok().flatten().ok_or(Silent)
    }
}

/// Nothing came of a call in time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the token does not answer")]
pub struct Silent;

#[cfg(test)]
mod tests {
    use std::sync::mpsc::channel;

    use super::*;

    #[tokio::test]
    async fn calls_that_hang_are_given_up_and_leave_no_place_for_more() {
        let calls = Calls::new(2);
        let (end, hangs) = channel::<()>();
        let hangs = Arc::new(std::sync::Mutex::new(hangs));
        let soon = Duration::from_millis(20);
        for _ in 0..2 {
            let hangs = Arc::clone(&hangs);
            let hung = calls.call(soon, move || hangs.lock().is_ok_and(|hangs| hangs.recv().is_err())).await;
            assert_eq!(hung, Err(Silent));
        }
        assert_eq!(calls.call(soon, || 1).await, Err(Silent), "both places are taken");
        drop(end);
        assert_eq!(calls.call(Duration::from_secs(60), || 1).await, Ok(1), "they are given back");
    }
}
