//! Background tasks that end when the process drains.

use std::future::Future;

use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// A set of background tasks. Clones share the set.
#[derive(Clone, Debug, Default)]
pub struct Tasks {
    tracker: TaskTracker,
    ending: CancellationToken,
}

impl Tasks {
    /// An empty set.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Runs `task` until it ends or the set drains, whichever is first; it is dropped where it awaits.
    pub fn spawn(&self, name: &'static str, task: impl Future<Output = ()> + Send + 'static) {
        let ending = self.ending.clone();
        self.tracker.spawn(async move {
            if ending.run_until_cancelled(task).await.is_some() {
                tracing::debug!(task = name, "background task ended");
            }
        });
    }

    /// Runs `task` to its own end; it must watch [`Tasks::cancelled`] and finish soon after.
    pub fn spawn_graceful(&self, name: &'static str, task: impl Future<Output = ()> + Send + 'static) {
        self.tracker.spawn(async move {
            task.await;
            tracing::debug!(task = name, "background task ended");
        });
    }

    /// Ends when the set drains.
    pub fn cancelled(&self) -> impl Future<Output = ()> + Send + 'static + use<> {
        self.ending.clone().cancelled_owned()
    }

    /// Asks every task to end and waits until all have.
    pub async fn drain(&self) {
        self.ending.cancel();
        self.tracker.close();
        self.tracker.wait().await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_drained_set_has_let_graceful_tasks_finish() {
        let tasks = Tasks::new();
        let (done, finished) = tokio::sync::oneshot::channel();
        let cancelled = tasks.cancelled();
        tasks.spawn("endless", std::future::pending());
        tasks.spawn_graceful("flush", async move {
            cancelled.await;
            let _ = done.send("flushed");
        });
        tasks.drain().await;
        assert_eq!(finished.await, Ok("flushed"));
    }
}
