//! Where lines of the log go: a bounded buffer, written out by a thread of its own. Whoever reads the log and stops holds up
//! no request, and lines that come together cost one write.

use std::io::{self, Write};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

use mintage_clock::Clock;
use tracing_subscriber::fmt::MakeWriter;

use super::names::LOG_LINES_LOST;

/// Takes lines in. Clones lead to the same end.
#[derive(Clone)]
pub(super) struct Sink(Arc<Shared>);

#[derive(Default)]
struct Shared {
    state: Mutex<State>,
    /// Something waits.
    come: Condvar,
    /// Something was written.
    gone: Condvar,
}

#[derive(Default)]
struct State {
    waiting: Vec<u8>,
    /// The thread waits for something.
    idle: bool,
    /// What it took is not written yet.
    writing: bool,
}

impl Sink {
    /// Leads to `end`.
    ///
    /// # Errors
    /// When no thread can be started.
    pub(super) fn to(end: impl Write + Send + 'static) -> io::Result<Self> {
        let shared = Arc::new(Shared::default());
        let written = Arc::clone(&shared);
        thread::Builder::new().name("log".into()).spawn(move || written.write_out(end))?;
        Ok(Self(shared))
    }

    /// Waits until every line that was taken in is written, at most for `patience`.
    pub(super) fn flush(&self, patience: Duration) {
        let ends = now() + patience;
        let mut state = self.0.locked();
        while state.writing || !state.waiting.is_empty() {
            let left = ends.saturating_sub(now());
            if left.is_zero() {
                return;
            }
            let waited = self.0.gone.wait_timeout(state, left);
            state = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
    }
}

impl Shared {
    fn take_in(&self, line: &[u8]) {
        let mut state = self.locked();
        if state.waiting.len() + line.len() > MOST {
            drop(state);
            return LOG_LINES_LOST.add(1, []);
        }
        state.waiting.extend_from_slice(line);
        if std::mem::take(&mut state.idle) {
            self.come.notify_one();
        }
    }

    fn write_out(&self, mut end: impl Write) {
        let mut lines = Vec::new();
        loop {
            self.next(&mut lines);
            write_whole(&mut end, &lines);
            lines.clear();
            self.locked().writing = false;
            self.gone.notify_all();
            // What comes meanwhile leaves together.
            thread::sleep(PAUSE);
        }
    }

    /// Waits for lines, and takes all there are.
    fn next(&self, lines: &mut Vec<u8>) {
        let mut state = self.locked();
        while state.waiting.is_empty() {
            state.idle = true;
            state = self.come.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
        state.writing = true;
        std::mem::swap(lines, &mut state.waiting);
    }

    fn locked(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<'a> MakeWriter<'a> for Sink {
    type Writer = &'a Self;

    fn make_writer(&'a self) -> &'a Self {
        self
    }
}

impl Write for &Sink {
    /// One line, as the subscriber writes it.
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        self.0.take_in(line);
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Writes all of it, however long the other end takes. What cannot be written is counted, since the log cannot tell.
fn write_whole(end: &mut impl Write, lines: &[u8]) {
    let mut rest = lines;
    while !rest.is_empty() {
        match end.write(rest) {
            Ok(count) if count > 0 => rest = rest.get(count..).unwrap_or_default(),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => thread::sleep(PAUSE),
            Ok(_) | Err(_) => {
                let lost = rest.iter().filter(|byte| **byte == b'\n').count();
                return LOG_LINES_LOST.add(u64::try_from(lost).unwrap_or(u64::MAX), []);
            }
        }
    }
    // Standard error keeps nothing back.
    let _ = end.flush();
}

fn now() -> Duration {
    Clock::System.monotonic()
}

/// Bytes that may wait to be written: some thousand lines.
const MOST: usize = 1 << 20;
/// Between two writes: as late as a line may be.
const PAUSE: Duration = Duration::from_millis(5);

#[cfg(test)]
mod tests {
    use std::sync::mpsc;

    use super::*;

    /// Says what is written to it, and writes no more until it is told to.
    struct Slow {
        written: mpsc::Sender<Vec<u8>>,
        go_on: mpsc::Receiver<()>,
    }

    impl Write for Slow {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            let _ = self.written.send(bytes.to_vec());
            let _ = self.go_on.recv();
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    fn slow() -> (Sink, mpsc::Receiver<Vec<u8>>, mpsc::Sender<()>) {
        let ((written, seen), (go, go_on)) = (mpsc::channel(), mpsc::channel());
        (Sink::to(Slow { written, go_on }).unwrap(), seen, go)
    }

    #[test]
    fn b8_whoever_does_not_read_the_log_holds_up_nobody_and_costs_bounded_memory() {
        let (sink, seen, go) = slow();
        let line = [b'x'; 1000];
        (&sink).write_all(&line).unwrap();
        assert_eq!(seen.recv().unwrap(), line);
        for _ in 0..10_000 {
            (&sink).write_all(&line).unwrap();
        }
        go.send(()).unwrap();
        let kept = seen.recv().unwrap().len();
        assert!((MOST - line.len()..=MOST).contains(&kept), "whole lines, as many as fit: {kept}");
        assert_eq!(kept % line.len(), 0);
        drop(go);
        sink.flush(Duration::from_secs(20));
    }

    /// Takes a byte at a time, and none every other time.
    #[derive(Default)]
    struct Reluctant(Vec<u8>, bool);

    impl Write for Reluctant {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.1 = !self.1;
            if self.1 {
                return Err(io::ErrorKind::WouldBlock.into());
            }
            self.0.push(bytes[0]);
            Ok(1)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn an_end_that_takes_little_at_a_time_gets_all_of_it() {
        let mut end = Reluctant::default();
        write_whole(&mut end, b"a line\n");
        assert_eq!(end.0, b"a line\n");
    }

    #[test]
    fn what_was_taken_in_is_written_at_the_end_and_what_cannot_be_is_not_waited_for_long() {
        let (sink, seen, go) = slow();
        (&sink).write_all(b"first\n").unwrap();
        assert_eq!(seen.recv().unwrap(), b"first\n");
        (&sink).write_all(b"second\n").unwrap();
        sink.flush(Duration::from_millis(1));
        drop(go);
        sink.flush(Duration::from_secs(20));
        assert_eq!(seen.recv().unwrap(), b"second\n");
    }
}
