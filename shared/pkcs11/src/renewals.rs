//! When a module may begin anew: that interrupts every key of every token of it, so not for one that is lost.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use super::ObjectId;

/// For what a module would begin anew.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Cause {
    /// A key that is not found, or fails.
    Key(ObjectId),
    /// The token of this label is not there.
    Token(Arc<str>),
    /// Something else that was asked of a token failed.
    Other,
}

/// How the keys of a module fared lately, and when it began anew for what. Times are by the clock that no correction sets
/// back.
#[derive(Default)]
pub(super) struct Renewals {
    count: u32,
    rests_until: Duration,
    /// The last keys that did what they were asked, the last one first.
    done: VecDeque<Done>,
    /// When one did that is not among them any more: which one, nobody knows, so no failure takes this back.
    earlier: Option<Duration>,
    /// For what it is to begin anew once everybody has left it, and since when.
    wanted: Option<(Cause, Duration)>,
    /// For what it began anew lately, and when.
    tried: Vec<(Cause, Duration)>,
}

/// A key of a token did what it was asked.
struct Done {
    key: ObjectId,
    token: Arc<str>,
    at: Duration,
}

impl Renewals {
    /// A key of a token did what it was asked.
    pub(super) fn succeeded(&mut self, key: &ObjectId, token: &Arc<str>, at: Duration) {
        self.done.retain(|done| done.key != *key);
        self.done.push_front(Done { key: key.clone(), token: Arc::clone(token), at });
        if self.done.len() > KNOWN_APART {
            self.earlier = self.done.pop_back().map(|done| done.at);
        }
        self.is_well(&Cause::Key(key.clone()));
    }

    /// What it would begin anew for is well.
    pub(super) fn is_well(&mut self, cause: &Cause) {
        self.tried.retain(|(known, _)| known != cause);
        self.wanted.take_if(|(known, _)| known == cause);
    }

    /// It is not: what was done with it before tells nothing any more.
    pub(super) fn fails(&mut self, cause: &Cause) {
        let of_it = |done: &Done| match cause {
            Cause::Key(key) => done.key == *key,
            Cause::Token(token) => done.token == *token,
            Cause::Other => false,
        };
        self.done.retain(|done| !of_it(done));
    }

    /// Whether the module is to begin anew for `cause` now: it may, and `shuts`. Never while another key does what it is asked,
    /// and not twice for one cause when it helped others and not this one; else after each time a longer rest, until a while
    /// has passed without.
    pub(super) fn next(&mut self, cause: Cause, now: Duration, shuts: impl FnOnce() -> bool) -> bool {
        self.tried.retain(|(_, at)| now.saturating_sub(*at) < IN_VAIN);
        let tried_at = self.tried.iter().find(|(known, _)| *known == cause).map(|(_, at)| *at);
        let in_vain = |at: Duration| tried_at.is_some_and(|tried| tried <= at);
        if self.others(&cause).any(|at| now.saturating_sub(at) < LATELY || in_vain(at)) || now < self.rests_until {
            return false;
        }
        if !shuts() {
            return false;
        }
        if now >= self.rests_until + LONGEST {
            self.count = 0;
        }
        self.rests_until = now + SHORTEST.saturating_mul(1 << self.count.min(MOST_DOUBLINGS)).min(LONGEST);
        self.count += 1;
        self.wanted = Some((cause, now));
        true
    }

    /// It ended, and begins anew with the next call. Only now that was tried: one that somebody hangs in goes on as it is.
    pub(super) fn ended(&mut self) {
        if let Some((cause, at)) = self.wanted.take() {
            self.tried.retain(|(known, _)| *known != cause);
            self.tried.push((cause, at));
        }
    }

    /// When keys that it would not begin anew for did what they were asked.
    fn others(&self, cause: &Cause) -> impl Iterator<Item = Duration> {
        let other = move |done: &&Done| !matches!(cause, Cause::Key(own) if *own == done.key);
        self.done.iter().filter(other).map(|done| done.at).chain(self.earlier)
    }
}

/// One key that is lost takes no other's place away: a module whose keys did what they were asked so lately does not begin anew.
pub(super) const LATELY: Duration = Duration::from_secs(5);
/// How long a module does not begin anew for what that did not help.
const IN_VAIN: Duration = Duration::from_mins(10);
const SHORTEST: Duration = Duration::from_secs(1);
const LONGEST: Duration = Duration::from_secs(10);
const MOST_DOUBLINGS: u32 = 4;
/// Of how many keys it is known which one did what it was asked.
const KNOWN_APART: usize = 8;

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    fn id(number: u8) -> ObjectId {
        ObjectId::new([number; 20])
    }

    fn key(number: u8) -> Cause {
        Cause::Key(id(number))
    }

    fn token(label: &str) -> Cause {
        Cause::Token(label.into())
    }

    /// Whether the module begins anew, which nobody who is inside hinders.
    fn begins(renewals: &mut Renewals, cause: Cause, now: Duration) -> bool {
        let begins = renewals.next(cause, now, || true);
        if begins {
            renewals.ended();
        }
        begins
    }

    fn signs(renewals: &mut Renewals, number: u8, now: Duration) {
        renewals.succeeded(&id(number), &"here".into(), now);
    }

    #[test]
    fn while_another_key_does_what_it_is_asked_one_that_is_lost_changes_nothing() {
        let mut renewals = Renewals::default();
        for second in 1..10_000 {
            renewals.fails(&key(1));
            assert_eq!(begins(&mut renewals, key(1), SECOND * second), second == 1, "before any other was asked");
            if second % 4 == 1 {
                signs(&mut renewals, 2, SECOND * second);
            }
        }
    }

    #[test]
    fn where_others_are_asked_now_and_then_one_that_is_lost_hardly_ever_interrupts_them() {
        let (mut renewals, mut begun) = (Renewals::default(), 0);
        for second in 1..36_000 {
            renewals.fails(&key(1));
            begun += u32::from(begins(&mut renewals, key(1), SECOND * second));
            if second % 30 == 0 {
                signs(&mut renewals, 2, SECOND * second);
            }
        }
        // Of 36 000 times: about once in ten minutes, in case it comes back.
        assert!((60..=80).contains(&begun), "{begun}");
    }

    #[test]
    fn what_a_key_did_before_it_fails_keeps_nothing_from_beginning_anew() {
        let mut renewals = Renewals::default();
        for number in [1, 2] {
            signs(&mut renewals, number, SECOND);
        }
        renewals.fails(&key(1));
        assert!(!begins(&mut renewals, key(1), SECOND), "the other was well a moment ago");
        renewals.fails(&key(2));
        assert!(begins(&mut renewals, key(2), SECOND), "neither is");
        // A token that was away again and again is looked for each time.
        for second in [10, 30, 50, 70] {
            signs(&mut renewals, 1, SECOND * second);
            renewals.fails(&key(1));
            assert!(begins(&mut renewals, key(1), SECOND * second), "{second}");
        }
    }

    #[test]
    fn a_key_that_does_what_it_is_asked_by_turns_is_its_own_witness_for_nothing() {
        let mut renewals = Renewals::default();
        signs(&mut renewals, 2, SECOND);
        for _ in 0..10 {
            signs(&mut renewals, 1, SECOND);
        }
        renewals.fails(&key(1));
        assert!(!begins(&mut renewals, key(1), SECOND * 2), "the other is still known");
        assert!(begins(&mut renewals, key(1), SECOND * 6));
    }

    #[test]
    fn of_however_many_keys_the_others_fail_one_that_did_what_it_was_asked_keeps_the_module_as_it_is() {
        for others in 2..=2 * u8::try_from(KNOWN_APART).unwrap() {
            let mut renewals = Renewals::default();
            (0..=others).for_each(|number| signs(&mut renewals, number, SECOND));
            for number in 1..=others {
                renewals.fails(&key(number));
                assert!(!begins(&mut renewals, key(number), SECOND * 5), "{number} of {others}");
            }
            assert!(begins(&mut renewals, key(others), SECOND * 6), "{others}");
        }
    }

    #[test]
    fn a_new_beginning_that_did_not_happen_was_not_tried_in_vain() {
        let mut renewals = Renewals::default();
        assert!(
            !renewals.next(key(1), SECOND, || false) && renewals.next(key(1), SECOND, || true),
            "none is no reason to rest"
        );
        // Somebody hangs inside, and the module goes on as it is.
        signs(&mut renewals, 2, SECOND);
        assert!(!begins(&mut renewals, key(1), SECOND * 5));
        assert!(begins(&mut renewals, key(1), SECOND * 6));
        signs(&mut renewals, 2, SECOND * 6);
        assert!(!begins(&mut renewals, key(1), SECOND * 600), "this one was");
    }

    #[test]
    fn what_is_well_before_the_module_ends_for_it_was_not_helped_in_vain() {
        let mut renewals = Renewals::default();
        assert!(renewals.next(key(1), SECOND, || true));
        signs(&mut renewals, 1, SECOND);
        renewals.ended();
        signs(&mut renewals, 2, SECOND);
        renewals.fails(&key(1));
        assert!(begins(&mut renewals, key(1), SECOND * 6));
    }

    #[test]
    fn a_token_that_is_looked_for_in_vain_leaves_the_others_of_its_module_alone_until_it_was_there() {
        let (mut renewals, absent) = (Renewals::default(), token("out"));
        renewals.succeeded(&id(1), &"out".into(), SECOND);
        renewals.fails(&absent);
        assert!(begins(&mut renewals, absent.clone(), SECOND), "its own keys do not tell against it");
        signs(&mut renewals, 2, SECOND * 2);
        assert!(!begins(&mut renewals, absent.clone(), SECOND * 300));
        renewals.is_well(&absent);
        assert!(begins(&mut renewals, absent, SECOND * 301));
    }

    #[test]
    fn a_module_whose_keys_all_fail_begins_anew_ever_less_often_and_often_again_after_a_while_without() {
        let (mut renewals, mut now) = (Renewals::default(), SECOND);
        for rest in [1, 2, 4, 8, 10, 10] {
            assert!(begins(&mut renewals, key(1), now));
            now += SECOND * rest - Duration::from_millis(1);
            assert!(!begins(&mut renewals, key(2), now), "{rest}");
            now += Duration::from_millis(1);
        }
        now += LONGEST;
        assert!(begins(&mut renewals, key(1), now) && begins(&mut renewals, key(1), now + SECOND));
    }
}
