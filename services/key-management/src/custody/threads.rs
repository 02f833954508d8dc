//! Threads that the end of the process waits for, for a while.

use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::{Builder, JoinHandle};
use std::time::Duration;
use std::{fmt, io};

/// Threads that may be inside a module of PKCS#11. When this is dropped they are waited for: a module, and the library of
/// cryptography that it brings along, clear up what they hold when the process ends, and whoever still is inside then, or on its
/// way out, reads what is gone. One that hangs in a device is left to itself after a moment; it is not on its way anywhere.
pub(crate) struct Threads {
    name: String,
    under_way: Arc<UnderWay>,
    handles: Mutex<Vec<JoinHandle<()>>>,
}

/// How many there are that have not come to their end.
#[derive(Default)]
struct UnderWay {
    count: Mutex<usize>,
    fewer: Condvar,
}

/// One of them; it counts until it is dropped, however its thread ends.
struct Counted(Arc<UnderWay>);

impl Threads {
    /// None yet. `name` is what each is called.
    pub(crate) fn new(name: impl Into<String>) -> Self {
        Self { name: name.into(), under_way: Arc::default(), handles: Mutex::default() }
    }

    /// Does `work` on one more. It must not hold what holds these threads, which would wait for itself.
    ///
    /// # Errors
    /// When there is no thread to be had.
    pub(crate) fn spawn(&self, work: impl FnOnce() + Send + 'static) -> io::Result<()> {
        let counted = Counted::new(&self.under_way);
        let begun = Builder::new().name(self.name.clone()).spawn(move || {
            let counted = counted;
            work();
            drop(counted);
        })?;
        let mut handles = self.handles();
        let (ended, running): (Vec<_>, Vec<_>) = handles.drain(..).partition(JoinHandle::is_finished);
        *handles = running;
        handles.push(begun);
        drop(handles);
        join(ended);
        Ok(())
    }

    /// Whether all came to their end within `patience`. Those that did are gone then.
    fn leave(&self, patience: Duration) -> bool {
        let all = self.handles().drain(..).collect::<Vec<_>>();
        let ended = self.under_way.wait_for_none(patience);
        join(all.into_iter().filter(|handle| ended || handle.is_finished()));
        ended
    }

    fn handles(&self) -> MutexGuard<'_, Vec<JoinHandle<()>>> {
        self.handles.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Threads {
    fn drop(&mut self) {
        if !self.leave(PATIENCE) {
            tracing::warn!(threads = self.name, "some hang in a device and are left to themselves");
        }
    }
}

impl UnderWay {
    fn count(&self) -> MutexGuard<'_, usize> {
        self.count.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether all came to their end in time.
    fn wait_for_none(&self, patience: Duration) -> bool {
        let waited = self.fewer.wait_timeout_while(self.count(), patience, |count| *count > 0);
        let (count, _) = waited.unwrap_or_else(PoisonError::into_inner);
        *count == 0
    }
}

impl Counted {
    fn new(under_way: &Arc<UnderWay>) -> Self {
        *under_way.count() += 1;
        Self(Arc::clone(under_way))
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        *self.0.count() -= 1;
        self.0.fewer.notify_all();
    }
}

/// Nothing is left for them to do but to end.
fn join(ended: impl IntoIterator<Item = JoinHandle<()>>) {
    for handle in ended {
        if handle.join().is_err() {
            tracing::error!("a thread for what blocks ended by a panic");
        }
    }
}

impl fmt::Debug for Threads {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Threads({}, {} under way)", self.name, self.under_way.count())
    }
}

/// Longer than an HSM takes for anything but making an RSA key.
const PATIENCE: Duration = Duration::from_secs(2);

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::sync::mpsc::{Sender, channel};
    use std::thread;

    use super::*;

    #[test]
    fn whoever_drops_them_waits_for_what_each_has_left_to_do() {
        let (threads, done) = (Threads::new("test"), Arc::new(AtomicUsize::new(0)));
        let (ends, all): (Vec<Sender<()>>, Vec<_>) = (0..3).map(|_| channel()).unzip();
        for hangs in all {
            let done = Arc::clone(&done);
            let work = move || {
                assert!(hangs.recv().is_err());
                done.fetch_add(1, Ordering::SeqCst);
            };
            threads.spawn(work).unwrap();
        }
        let (dropped, is_dropped) = channel();
        let seen = Arc::clone(&done);
        let dropping = thread::spawn(move || {
            drop(threads);
            dropped.send(seen.load(Ordering::SeqCst)).unwrap();
        });
        assert!(is_dropped.try_recv().is_err(), "they have not come to their end");
        drop(ends);
        assert_eq!(is_dropped.recv(), Ok(3));
        dropping.join().unwrap();
    }

    #[test]
    fn one_that_hangs_is_waited_for_no_longer_than_a_moment() {
        let (threads, (end, hangs)) = (Threads::new("test"), channel::<()>());
        threads.spawn(move || assert!(hangs.recv().is_err())).unwrap();
        threads.spawn(|| {}).unwrap();
        assert!(!threads.leave(Duration::from_millis(10)));
        drop(end);
        assert!(threads.leave(Duration::from_secs(60)));
    }

    #[test]
    fn those_that_ended_are_not_kept() {
        let threads = Threads::new("test");
        for _ in 0..100 {
            threads.spawn(|| {}).unwrap();
            assert!(threads.under_way.wait_for_none(Duration::from_secs(60)));
        }
        // The last one may still be on its way out.
        while !threads.handles().iter().all(JoinHandle::is_finished) {
            thread::yield_now();
        }
        threads.spawn(|| {}).unwrap();
        assert_eq!(threads.handles().len(), 1);
    }
}
