//! Signatures on threads of their own, fed from one bounded queue: those that take a core for long, and those that wait for
//! a device.

use std::fmt;
use std::num::NonZeroUsize;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};

use mintage_chassis::telemetry;
use tokio::sync::oneshot;

use super::sign::{Order, SignRefusal, sign};
use crate::custody::{OpenKey, Threads};

/// Where signatures are made. A thread takes the next one the moment it is free, without a task to be woken between.
pub(super) struct SignaturePool {
    /// Before the threads: without it they come to their end, and are waited for.
    queue: SyncSender<Job>,
    _threads: Threads,
    /// What its refusals are counted as.
    name: &'static str,
}

struct Job {
    signer: Arc<OpenKey>,
    order: Order,
    answer: oneshot::Sender<Result<String, SignRefusal>>,
}

impl SignaturePool {
    /// A pool of `threads` in front of which at most `waiting` signatures wait. The threads end with the pool, which waits for
    /// them for a while.
    pub(super) fn new(name: &'static str, threads: NonZeroUsize, waiting: usize) -> std::io::Result<Self> {
        let (queue, jobs) = sync_channel(waiting);
        let (jobs, working) = (Arc::new(Mutex::new(jobs)), Threads::new(name.replace('_', " ")));
        for _ in 0..threads.get() {
            let jobs = Arc::clone(&jobs);
            working.spawn(move || work(&jobs))?;
        }
        Ok(Self { queue, _threads: working, name })
    }

    /// Signs when a thread is free; refused at once when the queue is full.
    pub(super) fn sign(
        &self,
        signer: Arc<OpenKey>,
        order: Order,
    ) -> Result<impl Future<Output = Result<String, SignRefusal>> + Send + 'static + use<>, SignRefusal> {
        let (answer, answered) = oneshot::channel();
        self.queue.try_send(Job { signer, order, answer }).map_err(|_| {
            telemetry::shed(self.name);
            SignRefusal::Overloaded
        })?;
        Ok(async move { answered.await.unwrap_or(Err(SignRefusal::Internal)) })
    }
}

fn work(jobs: &Mutex<Receiver<Job>>) {
    // The lock is held while waiting: the others wait for the lock instead, and the one that gets it gets the next job.
    while let Some(Job { signer, order, answer }) = next(jobs) {
        if !answer.is_closed() {
            let signed = sign(&signer, &order);
            // Whoever hears of it may be the last to hold the key, and what it lives in.
            drop(signer);
            // Whoever went away meanwhile wants no answer.
            let _ = answer.send(signed);
        }
    }
}

fn next(jobs: &Mutex<Receiver<Job>>) -> Option<Job> {
    jobs.lock().unwrap_or_else(PoisonError::into_inner).recv().ok()
}

impl fmt::Debug for SignaturePool {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SignaturePool({})", self.name)
    }
}
