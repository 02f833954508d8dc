//! Leaves out an address that only fails, and looks now and then whether it works again.

use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use mintage_clock::Randomness;
use tokio::time::Instant;

use crate::backoff::jittered;

/// Whether calls go to one address. Closed: they do. Open: they do not, until a pause has passed. Then one goes, and what
/// comes of it decides: closed again, or open for twice as long.
#[derive(Debug)]
pub(super) struct Circuit {
    most: u32,
    /// In a row.
    failures: AtomicU32,
    /// Whether there is something to look at behind the lock.
    open: AtomicBool,
    state: Mutex<State>,
    randomness: Randomness,
}

#[derive(Debug, Default)]
struct State {
    /// When the next call may go; `None` while one is on its way to find out.
    until: Option<Instant>,
    /// How often the pause was doubled.
    times: u32,
}

/// What became of opening or closing it, for the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Turned {
    /// Nothing changed.
    Not,
    /// No calls go there for now.
    Open,
    /// Calls go there again.
    Closed,
}

impl Circuit {
    /// Closed; opens after `most` failures in a row.
    pub(super) fn new(most: u32, randomness: Randomness) -> Self {
        let (failures, open, state) = (AtomicU32::new(0), AtomicBool::new(false), Mutex::default());
        Self { most, failures, open, state, randomness }
    }

    /// Whether a call may go now.
    pub(super) fn lets_through(&self) -> bool {
        !self.open.load(Ordering::Relaxed) || self.state().until.is_some_and(|until| until <= Instant::now())
    }

    /// A call goes, if it may; returns whether it is to find out. Then no other goes until it has.
    pub(super) fn begin(&self) -> Option<bool> {
        if !self.open.load(Ordering::Relaxed) {
            return Some(false);
        }
        self.state().until.take_if(|until| *until <= Instant::now()).map(|_| true)
    }

    /// The address answered.
    pub(super) fn succeeded(&self) -> Turned {
        if self.failures.load(Ordering::Relaxed) == 0 && !self.open.load(Ordering::Relaxed) {
            return Turned::Not;
        }
        // All of it behind the lock: one that fails at the same moment would leave it open with nobody to find out.
        let mut state = self.state();
        self.failures.store(0, Ordering::Relaxed);
        *state = State::default();
        if self.open.swap(false, Ordering::Relaxed) { Turned::Closed } else { Turned::Not }
    }

    /// The address failed.
    pub(super) fn failed(&self) -> Turned {
        let mut state = self.state();
        let failures = self.failures.fetch_add(1, Ordering::Relaxed).saturating_add(1);
        if self.open.load(Ordering::Relaxed) {
            if state.until.is_none() {
                state.times = state.times.saturating_add(1);
                self.pause(&mut state);
            }
            return Turned::Not;
        }
        if failures < self.most {
            return Turned::Not;
        }
        self.pause(&mut state);
        if self.open.swap(true, Ordering::Relaxed) { Turned::Not } else { Turned::Open }
    }

    /// Nobody waited for what would come of the call that was to find out: the next one may.
    pub(super) fn gave_up(&self) {
        if self.open.load(Ordering::Relaxed) {
            self.state().until.get_or_insert_with(Instant::now);
        }
    }

    /// There is a new connection to the address: calls may go, and the first failure opens it again.
    pub(super) fn renewed(&self) {
        let mut state = self.state();
        if self.open.swap(false, Ordering::Relaxed) {
            self.failures.store(self.most.saturating_sub(1), Ordering::Relaxed);
            state.times = state.times.saturating_add(1);
        }
    }

    fn pause(&self, state: &mut State) {
        let pause = FIRST_PAUSE.saturating_mul(1 << state.times.min(MOST_DOUBLINGS)).min(LONGEST_PAUSE);
        state.until = Some(Instant::now() + jittered(pause, &self.randomness));
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

const FIRST_PAUSE: Duration = Duration::from_millis(200);
/// What is well again should not wait for long.
const LONGEST_PAUSE: Duration = Duration::from_secs(5);
const MOST_DOUBLINGS: u32 = 10;

#[cfg(test)]
mod tests {
    use tokio::time::advance;

    use super::*;

    const MOST: u32 = 3;

    fn circuit() -> Circuit {
        Circuit::new(MOST, Randomness::seeded(1))
    }

    fn opened() -> Circuit {
        let circuit = circuit();
        let turns: Vec<_> = (0..MOST).map(|_| circuit.failed()).collect();
        assert_eq!(turns, [Turned::Not, Turned::Not, Turned::Open]);
        circuit
    }

    #[tokio::test(start_paused = true)]
    async fn it_opens_after_so_many_failures_in_a_row_and_not_while_some_calls_work() {
        let circuit = circuit();
        for _ in 0..100 {
            circuit.failed();
            circuit.failed();
            assert_eq!(circuit.succeeded(), Turned::Not);
            assert!(circuit.lets_through());
        }
        assert!(!opened().lets_through());
    }

    #[tokio::test(start_paused = true)]
    async fn one_call_finds_out_whether_it_works_again() {
        let circuit = opened();
        advance(FIRST_PAUSE).await;
        assert!(circuit.lets_through());
        assert_eq!(circuit.begin(), Some(true));
        assert!(!circuit.lets_through(), "the others wait for what comes of it");
        assert_eq!(circuit.begin(), None);
        assert_eq!(circuit.succeeded(), Turned::Closed);
        assert!(circuit.lets_through());
    }

    #[tokio::test(start_paused = true)]
    async fn pauses_grow_up_to_a_bound_while_it_does_not() {
        let circuit = opened();
        let mut pauses = Vec::new();
        for _ in 0..12 {
            let began = Instant::now();
            while !circuit.lets_through() {
                advance(Duration::from_millis(10)).await;
            }
            pauses.push(began.elapsed());
            assert_eq!(circuit.begin(), Some(true));
            assert_eq!(circuit.failed(), Turned::Not);
        }
        assert!(pauses[0] <= FIRST_PAUSE && pauses[3] > FIRST_PAUSE * 3, "{pauses:?}");
        assert!(pauses.iter().all(|pause| *pause <= LONGEST_PAUSE + Duration::from_millis(10)), "{pauses:?}");
        assert!(*pauses.last().unwrap() >= LONGEST_PAUSE / 2, "{pauses:?}");
    }

    #[tokio::test(start_paused = true)]
    async fn a_call_that_nobody_waited_for_leaves_it_to_the_next() {
        let circuit = opened();
        advance(FIRST_PAUSE).await;
        assert_eq!(circuit.begin(), Some(true));
        circuit.gave_up();
        assert!(circuit.lets_through());
    }

    #[tokio::test(start_paused = true)]
    async fn a_new_connection_is_trusted_until_its_first_failure() {
        let circuit = opened();
        circuit.renewed();
        assert!(circuit.lets_through());
        assert_eq!(circuit.failed(), Turned::Open);
        circuit.renewed();
        assert_eq!(circuit.succeeded(), Turned::Not, "it was closed already");
        assert_eq!(circuit.failed(), Turned::Not, "it works");
    }

    #[test]
    fn whatever_comes_together_it_is_never_open_with_nobody_to_find_out() {
        for _ in 0..2000 {
            let circuit = circuit();
            circuit.failed();
            circuit.failed();
            std::thread::scope(|threads| {
                threads.spawn(|| circuit.failed());
                threads.spawn(|| circuit.succeeded());
            });
            assert!(!circuit.open.load(Ordering::Relaxed) || circuit.state().until.is_some());
        }
    }

    #[tokio::test(start_paused = true)]
    async fn many_calls_that_fail_together_count_as_one_opening() {
        let circuit = opened();
        for _ in 0..1000 {
            assert_eq!(circuit.failed(), Turned::Not);
        }
        advance(FIRST_PAUSE).await;
        assert!(circuit.lets_through());
    }
}
