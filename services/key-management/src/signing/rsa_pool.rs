//! RSA signatures on threads of their own: as many as there are cores, fed from one bounded queue.

use std::fmt;
use std::num::NonZeroUsize;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

use mintage_chassis::telemetry;
use mintage_jose::Signer;
use tokio::sync::oneshot;

use super::sign::{Order, SignRefusal, sign};

/// Where RSA signatures are made. A thread takes the next one the moment it is free, without a task to be woken between.
pub(super) struct RsaPool {
    queue: SyncSender<Job>,
}

struct Job {
    signer: Arc<Signer>,
    order: Order,
    answer: oneshot::Sender<Result<String, SignRefusal>>,
}

impl RsaPool {
    /// A pool of `threads` in front of which at most `waiting` signatures wait. The threads end with the pool.
    pub(super) fn new(threads: NonZeroUsize, waiting: usize) -> std::io::Result<Self> {
        let (queue, jobs) = sync_channel(waiting);
        let jobs = Arc::new(Mutex::new(jobs));
        for _ in 0..threads.get() {
            let jobs = Arc::clone(&jobs);
            thread::Builder::new().name("rsa signer".to_owned()).spawn(move || work(&jobs))?;
        }
        Ok(Self { queue })
    }

    /// Signs when a thread is free; refused at once when the queue is full.
    pub(super) fn sign(
        &self,
        signer: Arc<Signer>,
        order: Order,
    ) -> Result<impl Future<Output = Result<String, SignRefusal>> + Send + 'static + use<>, SignRefusal> {
        let (answer, answered) = oneshot::channel();
        self.queue.try_send(Job { signer, order, answer }).map_err(|_| {
            telemetry::shed("rsa_signatures");
            SignRefusal::Overloaded
        })?;
        Ok(async move { answered.await.unwrap_or(Err(SignRefusal::Internal)) })
    }
}

fn work(jobs: &Mutex<Receiver<Job>>) {
    // The lock is held while waiting: the others wait for the lock instead, and the one that gets it gets the next job.
    while let Some(Job { signer, order, answer }) = next(jobs) {
        if !answer.is_closed() {
            // Whoever went away meanwhile wants no answer.
            let _ = answer.send(sign(&signer, &order));
        }
    }
}

fn next(jobs: &Mutex<Receiver<Job>>) -> Option<Job> {
    jobs.lock().unwrap_or_else(PoisonError::into_inner).recv().ok()
}

impl fmt::Debug for RsaPool {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RsaPool(…)")
    }
}
