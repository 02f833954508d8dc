//! Concurrent calls that share one.

use std::fmt;
use std::future::Future;
use std::sync::Arc;

use mintage_api::types::ErrorReason;
use serde::{Deserialize, Serialize};
use tokio::sync::{Semaphore, mpsc, oneshot};
use tonic::{Code, Status};

use crate::Tasks;
use crate::status::{refusal, unavailable};

/// How much a [`Batcher`] takes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BatchLimits {
    /// Items in one batch.
    pub max_items: usize,
    /// Batches under way at once; more items wait.
    pub max_in_flight: usize,
    /// Items that may wait; one more is refused with RESOURCE_EXHAUSTED.
    pub max_waiting: usize,
}

/// Collects items that arrive while a batch is under way into the next one. An item that finds nothing under way goes
/// at once: nobody waits for company.
pub struct Batcher<I, O> {
    waiting: mpsc::Sender<Item<I, O>>,
}

struct Item<I, O> {
    input: I,
    answer: oneshot::Sender<Result<O, Status>>,
}

impl<I: Send + 'static, O: Send + 'static> Batcher<I, O> {
    /// Starts it. `run` answers a batch in the order of its items.
    pub fn start<F>(limits: BatchLimits, tasks: &Tasks, run: impl Fn(Vec<I>) -> F + Send + Sync + 'static) -> Self
    where
        F: Future<Output = Result<Vec<O>, Status>> + Send + 'static,
    {
        let (waiting, arrivals) = mpsc::channel(limits.max_waiting);
        tasks.spawn("batcher", collect(arrivals, limits, Arc::new(run)));
        Self { waiting }
    }

    /// Has one item answered.
    ///
    /// # Errors
    /// What `run` answered; RESOURCE_EXHAUSTED when too many wait; UNAVAILABLE while the process drains.
    pub async fn call(&self, input: I) -> Result<O, Status> {
        let (answer, answered) = oneshot::channel();
        self.waiting.try_send(Item { input, answer }).map_err(|refused| match refused {
            mpsc::error::TrySendError::Full(_) => overloaded(),
            mpsc::error::TrySendError::Closed(_) => unavailable("the service is shutting down"),
        })?;
        answered.await.unwrap_or_else(|_| Err(unavailable("the service is shutting down")))
    }
}

async fn collect<I, O, F>(
    mut arrivals: mpsc::Receiver<Item<I, O>>,
    limits: BatchLimits,
    run: Arc<impl Fn(Vec<I>) -> F + Send + Sync + 'static>,
) where
    I: Send + 'static,
    O: Send + 'static,
    F: Future<Output = Result<Vec<O>, Status>> + Send + 'static,
{
    let in_flight = Arc::new(Semaphore::new(limits.max_in_flight));
    let mut batch = Vec::new();
    while let Ok(permit) = Arc::clone(&in_flight).acquire_owned().await {
        let Some(first) = arrivals.recv().await else { return };
        batch.push(first);
        // Who is ready to run runs first, so that what it asks for comes along. Where nobody is, this costs nothing.
        tokio::task::yield_now().await;
        while batch.len() < limits.max_items
            && let Ok(next) = arrivals.try_recv()
        {
            batch.push(next);
        }
        let (inputs, answers): (Vec<_>, Vec<_>) = batch.drain(..).map(|item| (item.input, item.answer)).unzip();
        let outcome = run(inputs);
        tokio::spawn(async move {
            deliver(outcome.await, answers);
            drop(permit);
        });
    }
}

fn deliver<O>(outcome: Result<Vec<O>, Status>, answers: Vec<oneshot::Sender<Result<O, Status>>>) {
    match outcome {
        Ok(outputs) if outputs.len() == answers.len() => {
            for (output, answer) in outputs.into_iter().zip(answers) {
                // A caller that went away wants no answer.
                let _ = answer.send(Ok(output));
            }
        }
        Ok(_) => answer_all(answers, &unavailable("a sibling service answered too few items")),
        Err(status) => answer_all(answers, &status),
    }
}

fn answer_all<O>(answers: Vec<oneshot::Sender<Result<O, Status>>>, status: &Status) {
    for answer in answers {
        let _ = answer.send(Err(status.clone()));
    }
}

fn overloaded() -> Status {
    refusal(
        Code::ResourceExhausted,
        ErrorReason::TemporarilyUnavailable,
        "too many requests wait; try again shortly",
        &[("retry_after_seconds", "1")],
    )
}

impl<I, O> fmt::Debug for Batcher<I, O> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Batcher({} of {} places free)", self.waiting.capacity(), self.waiting.max_capacity())
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use futures::future::join_all;
    use tokio::sync::Notify;

    use super::*;

    const LIMITS: BatchLimits = BatchLimits { max_items: 8, max_in_flight: 1, max_waiting: 16 };

    #[tokio::test]
    async fn items_that_wait_share_a_batch_and_get_their_own_answers() {
        let sizes = Arc::new(Mutex::new(Vec::new()));
        let seen = Arc::clone(&sizes);
        let batcher = Batcher::start(LIMITS, &Tasks::new(), move |items: Vec<u32>| {
            seen.lock().unwrap().push(items.len());
            async move { Ok(items.into_iter().map(|item| item * 2).collect()) }
        });
        let answers = join_all((0..16).map(|item| batcher.call(item))).await;
        let answers: Vec<_> = answers.into_iter().map(Result::unwrap).collect();
        assert_eq!(answers, (0..16).map(|item| item * 2).collect::<Vec<_>>());
        assert_eq!(sizes.lock().unwrap().as_slice(), [8, 8]);
    }

    #[tokio::test]
    async fn a_full_queue_refuses_at_once_instead_of_growing() {
        let gate = Arc::new(Notify::new());
        let held = Arc::clone(&gate);
        let batcher = Arc::new(Batcher::start(LIMITS, &Tasks::new(), move |items: Vec<u32>| {
            let held = Arc::clone(&held);
            async move {
                held.notified().await;
                Ok(items)
            }
        }));
        let first = tokio::spawn({
            let batcher = Arc::clone(&batcher);
            async move { batcher.call(0).await }
        });
        while batcher.waiting.capacity() < LIMITS.max_waiting || Arc::strong_count(&gate) < 3 {
            tokio::task::yield_now().await;
        }
        let queued: Vec<_> = (0..LIMITS.max_waiting)
            .map(|_| {
                tokio::spawn({
                    let batcher = Arc::clone(&batcher);
                    async move { batcher.call(1).await }
                })
            })
            .collect();
        while batcher.waiting.capacity() > 0 {
            tokio::task::yield_now().await;
        }
        assert_eq!(batcher.call(2).await.unwrap_err().code(), Code::ResourceExhausted);
        for _ in 0..3 {
            gate.notify_one();
            tokio::task::yield_now().await;
        }
        assert!(first.await.unwrap().is_ok());
        drop(queued);
    }

    #[tokio::test]
    async fn one_failed_batch_fails_its_items_and_no_others() {
        let batcher = Batcher::start(LIMITS, &Tasks::new(), |items: Vec<u32>| async move {
            if items.contains(&13) { Err(unavailable("unlucky")) } else { Ok(items) }
        });
        assert!(batcher.call(13).await.is_err());
        assert_eq!(batcher.call(7).await.unwrap(), 7);
    }
}
