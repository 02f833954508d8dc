//! The way into a module: how many calls are inside, and when it begins and ends. PKCS#11 knows one beginning and one end a
//! process, whichever token of the module a call is for, and lets nobody be inside while it ends.

use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// Counts who is inside. No lock is held while the module begins or ends: one that hangs there keeps the one thread that is
/// with it, and everybody else is refused.
pub(super) struct Gate {
    state: Mutex<State>,
    moved: Condvar,
    /// How long somebody waits for others.
    patience: Duration,
}

#[derive(Default)]
struct State {
    inside: usize,
    /// The how manieth time it runs: what is of one is good in no other.
    beginning: u64,
    runs: bool,
    way: Way,
    /// Somebody has waited in vain for it to begin or end.
    hangs: bool,
}

#[derive(Clone, Copy, Default, PartialEq, Eq)]
enum Way {
    #[default]
    Open,
    /// Nobody goes in: the module ends once the last one has left.
    Emptying,
    /// It begins or ends.
    Turning,
}

/// Why nobody gets in.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Shut<E> {
    /// The module begins or ends, and takes long over it.
    Turning,
    /// It does not begin.
    NotBegun(E),
}

impl Gate {
    /// To a module that does not run.
    pub(super) fn new(patience: Duration) -> Self {
        let (state, moved) = Default::default();
        Self { state, moved, patience }
    }

    /// Goes in; lets the module `begin` if it does not run. The how manieth time it runs.
    ///
    /// # Errors
    /// When it does not begin, or somebody hangs in its beginning or its end.
    pub(super) fn enter<E>(&self, begin: impl FnOnce() -> Result<(), E>) -> Result<u64, Shut<E>> {
        let mut state = self.wait();
        if state.way == Way::Turning {
            state.hangs = true;
            return Err(Shut::Turning);
        }
        if state.way == Way::Emptying {
            // Whoever hangs inside must not keep all others out: it goes on as it is.
            state.way = Way::Open;
            self.moved.notify_all();
        }
        if !state.runs {
            state.way = Way::Turning;
            drop(state);
            let begun = begin();
            state = self.turned(begun.is_ok());
            begun.map_err(Shut::NotBegun)?;
            state.beginning += 1;
        }
        state.inside += 1;
        Ok(state.beginning)
    }

    /// Goes in once more, to clear up what is of that `beginning`; false where it is over.
    pub(super) fn enter_again(&self, beginning: u64) -> bool {
        let mut state = self.state();
        let same = state.runs && state.beginning == beginning && state.way != Way::Turning;
        state.inside += usize::from(same);
        same
    }

    /// Leaves; lets the module `end` where that was asked for and nobody else is inside.
    pub(super) fn leave(&self, end: impl FnOnce()) {
        let mut state = self.state();
        state.inside -= 1;
        if state.inside > 0 || state.way != Way::Emptying {
            return;
        }
        state.way = Way::Turning;
        drop(state);
        end();
        drop(self.turned(false));
    }

    /// Lets nobody in until the module has ended, which it does once all have left; false where it is about to, or has.
    pub(super) fn shut(&self, beginning: u64) -> bool {
        let mut state = self.state();
        let shuts = state.runs && state.beginning == beginning && state.way == Way::Open;
        if shuts {
            state.way = Way::Emptying;
        }
        shuts
    }

    /// The module does not run any more, and nobody here ended it.
    pub(super) fn forgot(&self, beginning: u64) {
        let mut state = self.state();
        state.runs &= state.beginning != beginning;
    }

    fn turned(&self, runs: bool) -> MutexGuard<'_, State> {
        let mut state = self.state();
        (state.way, state.runs, state.hangs) = (Way::Open, runs, false);
        self.moved.notify_all();
        state
    }

    /// Waits a moment until the way is open; not for what others have waited for in vain.
    fn wait(&self) -> MutexGuard<'_, State> {
        let shut = |state: &mut State| state.way != Way::Open && !state.hangs;
        let waited = self.moved.wait_timeout_while(self.state(), self.patience, shut);
        waited.unwrap_or_else(PoisonError::into_inner).0
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Half of what a signature waits for a token: whoever waited for others gets its own all the same.
pub(super) const PATIENCE: Duration = Duration::from_millis(250);

#[cfg(test)]
mod tests {
    use std::convert::Infallible;
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::sync::mpsc::channel;
    use std::thread;

    use super::*;

    /// For those who wait in vain.
    const MOMENT: Duration = Duration::from_millis(1);

    fn enter(gate: &Gate) -> Result<u64, Shut<Infallible>> {
        gate.enter(|| Ok(()))
    }

    #[test]
    fn a_module_ends_once_the_last_call_has_left_and_begins_with_the_next() {
        let (gate, ended) = (Gate::new(MOMENT), AtomicUsize::new(0));
        let end = || {
            ended.fetch_add(1, Ordering::SeqCst);
        };
        assert_eq!((enter(&gate), enter(&gate)), (Ok(1), Ok(1)));
        assert!(gate.shut(1) && !gate.shut(1), "once is enough");
        gate.leave(end);
        assert_eq!(ended.load(Ordering::SeqCst), 0, "somebody is inside");
        gate.leave(end);
        assert_eq!(ended.load(Ordering::SeqCst), 1);
        assert!(!gate.enter_again(1), "what is left of the first is nobody's");
        assert_eq!(enter(&gate), Ok(2));
        assert!(!gate.shut(1) && !gate.enter_again(1), "it began anew");
        gate.leave(end);
        assert_eq!(ended.load(Ordering::SeqCst), 1, "nobody asked for it");
    }

    #[test]
    fn whoever_comes_while_the_others_leave_waits_and_gets_in() {
        let gate = Gate::new(Duration::from_mins(1));
        assert_eq!(enter(&gate), Ok(1));
        assert!(gate.shut(1));
        thread::scope(|threads| {
            let next = threads.spawn(|| enter(&gate));
            gate.leave(|| {});
            assert_eq!(next.join().unwrap(), Ok(2));
        });
    }

    #[test]
    fn one_call_that_hangs_inside_keeps_nobody_out_and_is_not_ended_under() {
        let gate = Gate::new(MOMENT);
        let never = || panic!("it is ended under a call");
        assert_eq!(enter(&gate), Ok(1));
        assert!(gate.shut(1));
        assert_eq!(enter(&gate), Ok(1), "after a moment it goes on as it is");
        gate.leave(never);
        assert_eq!(enter(&gate), Ok(1));
        gate.leave(never);
        gate.leave(never);
    }

    #[test]
    fn an_end_that_hangs_keeps_one_thread_and_the_others_are_refused() {
        let (gate, (go_on, hangs), (is_there, there)) = (Gate::new(MOMENT), channel::<()>(), channel());
        assert_eq!(enter(&gate), Ok(1));
        assert!(gate.shut(1));
        thread::scope(|threads| {
            let gate = &gate;
            let ending = threads.spawn(move || {
                gate.leave(|| {
                    is_there.send(()).unwrap();
                    assert!(hangs.recv().is_err());
                });
            });
            there.recv().unwrap();
            assert_eq!(enter(gate), Err(Shut::Turning));
            assert!(gate.state().hangs, "the next ones do not even wait");
            assert_eq!(enter(gate), Err(Shut::Turning));
            assert!(!gate.shut(1) && !gate.enter_again(1));
            drop(go_on);
            ending.join().unwrap();
            assert_eq!(enter(gate), Ok(2), "it came to its end after all");
        });
    }

    #[test]
    fn a_beginning_that_hangs_or_fails_is_tried_again_by_the_next_one() {
        let (gate, (go_on, hangs), (is_there, there)) = (Gate::new(MOMENT), channel::<()>(), channel());
        thread::scope(|threads| {
            let gate = &gate;
            let beginning = threads.spawn(move || {
                gate.enter(|| {
                    is_there.send(()).unwrap();
                    assert!(hangs.recv().is_err());
                    Err("no")
                })
            });
            there.recv().unwrap();
            assert_eq!(enter(gate), Err(Shut::Turning));
            drop(go_on);
            assert_eq!(beginning.join().unwrap(), Err(Shut::NotBegun("no")));
        });
        assert_eq!(enter(&gate), Ok(1));
    }

    #[test]
    fn a_module_that_forgot_everything_begins_anew_though_somebody_is_inside() {
        let gate = Gate::new(MOMENT);
        assert_eq!((enter(&gate), enter(&gate)), (Ok(1), Ok(1)));
        gate.forgot(1);
        assert_eq!(enter(&gate), Ok(2));
        gate.forgot(1);
        assert_eq!(enter(&gate), Ok(2), "that was heard of before");
    }
}
