//! Concurrent calls that share one.

use std::fmt;
use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use serde::{Deserialize, Serialize};
use tokio::sync::{Semaphore, mpsc, oneshot};
use tokio::time::Instant;
use tonic::Status;

use crate::status::{overloaded, unavailable};
use crate::{Tasks, telemetry};

/// How much a [`Batcher`] takes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BatchLimits {
    /// Items in one batch.
    pub max_items: usize,
    /// Batches under way at once; more items wait.
    pub max_in_flight: usize,
    /// Items that may wait; one more is refused with RESOURCE_EXHAUSTED.
    pub max_waiting: usize,
    /// How long the next in line may have waited; while it is longer, one more is refused likewise.
    pub max_wait: Duration,
}

/// Collects items that arrive while a batch is under way into the next one. An item that finds nothing under way goes
/// at once: nobody waits for company.
pub struct Batcher<I, O> {
    waiting: mpsc::Sender<Item<I, O>>,
    line: Arc<Line>,
    max_wait: Duration,
}

struct Item<I, O> {
    input: I,
    answer: oneshot::Sender<Result<O, Status>>,
    since: Instant,
}

/// How those in line get on.
#[derive(Debug)]
struct Line {
    began: Instant,
    /// When one of them last went, or the first of them came: microseconds since `began`.
    moved: AtomicU64,
    /// Whether the one who went had waited too long.
    late: AtomicBool,
}

impl Line {
    fn new() -> Self {
        Self { began: Instant::now(), moved: AtomicU64::new(0), late: AtomicBool::new(false) }
    }

    fn moves(&self) {
        let micros = u64::try_from(self.began.elapsed().as_micros()).unwrap_or(u64::MAX);
        self.moved.store(micros, Ordering::Relaxed);
    }

    /// Whether the next waits for longer than `most`.
    fn is_slow(&self, most: Duration) -> bool {
        let moved = Duration::from_micros(self.moved.load(Ordering::Relaxed));
        self.late.load(Ordering::Relaxed) || self.began.elapsed().saturating_sub(moved) > most
    }
}

impl<I: Send + 'static, O: Send + 'static> Batcher<I, O> {
    /// Starts it. `run` answers a batch in the order of its items.
    pub fn start<F>(limits: BatchLimits, tasks: &Tasks, run: impl Fn(Vec<I>) -> F + Send + Sync + 'static) -> Self
    where
        F: Future<Output = Result<Vec<O>, Status>> + Send + 'static,
    {
        let (waiting, arrivals) = mpsc::channel(limits.max_waiting);
        let line = Arc::new(Line::new());
        tasks.spawn("batcher", collect(arrivals, limits, Arc::clone(&line), Arc::new(run)));
        Self { waiting, line, max_wait: limits.max_wait }
    }

    /// Has one item answered.
    ///
    /// # Errors
    /// What `run` answered; RESOURCE_EXHAUSTED when too many wait or too long; UNAVAILABLE while the process drains.
    pub async fn call(&self, input: I) -> Result<O, Status> {
        if self.waiting.capacity() == self.waiting.max_capacity() {
            // Nobody is in line.
            self.line.late.store(false, Ordering::Relaxed);
            self.line.moves();
        } else if self.line.is_slow(self.max_wait) {
            telemetry::shed("batches");
            return Err(overloaded("requests wait too long; try again shortly"));
        }
        let (answer, answered) = oneshot::channel();
        self.waiting.try_send(Item { input, answer, since: Instant::now() }).map_err(|refused| match refused {
            mpsc::error::TrySendError::Full(_) => {
                telemetry::shed("batches");
                overloaded("too many requests wait; try again shortly")
            }
            mpsc::error::TrySendError::Closed(_) => unavailable("the service is shutting down"),
        })?;
        answered.await.unwrap_or_else(|_| Err(unavailable("the service is shutting down")))
    }
}

async fn collect<I, O, F>(
    mut arrivals: mpsc::Receiver<Item<I, O>>,
    limits: BatchLimits,
    line: Arc<Line>,
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
        line.late.store(first.since.elapsed() > limits.max_wait, Ordering::Relaxed);
        line.moves();
        batch.push(first);
        // Who is ready to run runs first, so that what it asks for comes along. Where nobody is, this costs nothing.
        tokio::task::yield_now().await;
        while batch.len() < limits.max_items
            && let Ok(next) = arrivals.try_recv()
        {
            batch.push(next);
        }
        // Nobody waits for these any more.
        batch.retain(|item| !item.answer.is_closed());
        if batch.is_empty() {
            continue;
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
    use tonic::Code;

    use super::*;

    const LIMITS: BatchLimits =
        BatchLimits { max_items: 8, max_in_flight: 1, max_waiting: 16, max_wait: Duration::from_millis(200) };

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

    /// The batches that were run.
    type Seen = Arc<Mutex<Vec<Vec<u32>>>>;

    /// Runs each batch when it is told to, and says what was in it.
    fn gated() -> (Arc<Batcher<u32, u32>>, Arc<Notify>, Seen) {
        let (gate, seen) = (Arc::new(Notify::new()), Seen::default());
        let (held, noted) = (Arc::clone(&gate), Arc::clone(&seen));
        let limits = BatchLimits { max_items: 1, ..LIMITS };
        let batcher = Batcher::start(limits, &Tasks::new(), move |items: Vec<u32>| {
            noted.lock().unwrap().push(items.clone());
            let held = Arc::clone(&held);
            async move {
                held.notified().await;
                Ok(items)
            }
        });
        (Arc::new(batcher), gate, seen)
    }

    fn calling(batcher: &Arc<Batcher<u32, u32>>, item: u32) -> tokio::task::JoinHandle<Result<u32, Status>> {
        let batcher = Arc::clone(batcher);
        tokio::spawn(async move { batcher.call(item).await })
    }

    #[tokio::test(start_paused = true)]
    async fn b8_while_the_next_in_line_waits_too_long_one_more_is_refused_at_once() {
        let (batcher, gate, _) = gated();
        let [first, second] = [0, 1].map(|item| calling(&batcher, item));
        tokio::time::sleep(LIMITS.max_wait / 2).await;
        let third = calling(&batcher, 2);
        tokio::time::sleep(LIMITS.max_wait).await;
        let refused = batcher.call(3).await.unwrap_err();
        assert_eq!(refused.code(), Code::ResourceExhausted);
        for answer in [first, second, third] {
            gate.notify_one();
            assert!(answer.await.unwrap().is_ok(), "who is in line already stays");
        }
        gate.notify_one();
        assert_eq!(batcher.call(4).await.unwrap(), 4, "the line is empty");
        tokio::time::sleep(LIMITS.max_wait * 10).await;
        let both = [5, 6].map(|item| calling(&batcher, item));
        for answer in both {
            gate.notify_one();
            assert!(answer.await.unwrap().is_ok(), "a quiet time is no wait");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn once_the_line_was_empty_nobody_is_refused_for_those_who_waited_before() {
        let (batcher, gate, _) = gated();
        let [first, second] = [0, 1].map(|item| calling(&batcher, item));
        tokio::time::sleep(LIMITS.max_wait * 2).await;
        gate.notify_one();
        assert!(first.await.unwrap().is_ok());
        tokio::time::sleep(Duration::from_millis(1)).await;
        let [third, fourth] = [2, 3].map(|item| calling(&batcher, item));
        for answer in [second, third, fourth] {
            gate.notify_one();
            assert!(answer.await.unwrap().is_ok());
        }
    }

    #[tokio::test(start_paused = true)]
    async fn nothing_is_done_for_whoever_no_longer_waits() {
        let (batcher, gate, seen) = gated();
        let first = calling(&batcher, 0);
        tokio::time::sleep(Duration::from_millis(1)).await;
        assert!(tokio::time::timeout(Duration::from_millis(10), batcher.call(1)).await.is_err());
        let last = calling(&batcher, 2);
        for answer in [first, last] {
            gate.notify_one();
            assert!(answer.await.unwrap().is_ok());
        }
        assert_eq!(*seen.lock().unwrap(), [[0], [2]]);
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
