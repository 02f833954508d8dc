//! What may be gone, in no order.

use std::collections::HashSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use mintage_chassis::telemetry::names::PURGE_WAITING;
use mintage_clock::Clock;
use tokio::sync::Notify;

use crate::domain::departure::Named;

/// What may be gone and is still to be looked at. Clones share it.
#[derive(Clone, Debug)]
pub(crate) struct Noticed(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    list: Mutex<List>,
    wake: Notify,
    clock: Clock,
}

#[derive(Debug, Default)]
struct List {
    all: bool,
    some: HashSet<Named>,
    /// Since when there is something and nothing was done about any of it, as the monotonic clock reads.
    since: Option<Duration>,
}

/// What to look at next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Next {
    /// All that anything is kept of.
    All,
    One(Named),
}

impl Noticed {
    /// Nothing yet.
    pub(crate) fn new(clock: Clock) -> Self {
        Self(Arc::new(Inner { list: Mutex::default(), wake: Notify::new(), clock }))
    }

    /// Shows in metrics how long something has been waiting.
    pub(crate) fn show(&self) {
        let noticed = self.clone();
        PURGE_WAITING.observe(move |see| see([], noticed.waiting().as_secs_f64()));
    }

    /// It may be gone. Of more than can be remembered all is looked through.
    pub(crate) fn note(&self, named: Named) {
        self.add(|list| {
            if list.some.len() < MOST {
                list.some.insert(named);
            } else {
                list.all = true;
            }
        });
    }

    /// Anything may be gone.
    pub(crate) fn note_all(&self) {
        self.add(|list| list.all = true);
    }

    /// Takes one, as soon as there is any; everything, when nothing was noticed for as long as `quiet`.
    pub(crate) async fn next(&self, quiet: Duration) -> Next {
        loop {
            if let Some(next) = self.take() {
                return next;
            }
            if tokio::time::timeout(quiet, self.0.wake.notified()).await.is_err() {
                self.note_all();
            }
        }
    }

    /// Something that was taken is done.
    pub(crate) fn done(&self) {
        let now = self.0.clock.monotonic();
        let mut list = self.list();
        list.since = (list.all || !list.some.is_empty()).then_some(now);
    }

    /// Something that was taken could not be done.
    pub(crate) fn give_back(&self, next: Next) {
        match next {
            Next::All => self.note_all(),
            Next::One(named) => self.note(named),
        }
    }

    fn waiting(&self) -> Duration {
        let since = self.list().since;
        since.map(|since| self.0.clock.monotonic().saturating_sub(since)).unwrap_or_default()
    }

    fn add(&self, what: impl FnOnce(&mut List)) {
        let now = self.0.clock.monotonic();
        {
            let mut list = self.list();
            what(&mut list);
            list.since.get_or_insert(now);
        }
        self.0.wake.notify_one();
    }

    /// Everything comes first: it makes the others needless.
    fn take(&self) -> Option<Next> {
        let mut list = self.list();
        if std::mem::take(&mut list.all) {
            list.some.clear();
            return Some(Next::All);
        }
        let named = list.some.iter().next().cloned()?;
        list.some.remove(&named);
        Some(Next::One(named))
    }

    fn list(&self) -> MutexGuard<'_, List> {
        self.0.list.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Of more at once it costs less to look through everything.
const MOST: usize = 1000;

#[cfg(test)]
mod tests {
    use mintage_clock::{ManualClock, Timestamp};
    use mintage_oauth::TenantId;

    use super::*;

    const HOUR: Duration = Duration::from_hours(1);

    fn noticed() -> (Noticed, ManualClock) {
        let clock = ManualClock::at(Timestamp::from_unix_seconds(1));
        (Noticed::new(clock.clock()), clock)
    }

    fn tenant(number: usize) -> Named {
        Named::Tenant(format!("t{number}").parse::<TenantId>().expect("a tenant"))
    }

    #[tokio::test]
    async fn what_is_noticed_twice_is_looked_at_once_and_everything_takes_the_place_of_each() {
        let (noticed, _) = noticed();
        noticed.note(tenant(1));
        noticed.note(tenant(1));
        assert_eq!(noticed.next(HOUR).await, Next::One(tenant(1)));
        noticed.note(tenant(2));
        noticed.note_all();
        assert_eq!(noticed.next(HOUR).await, Next::All);
        assert_eq!(noticed.take(), None);
    }

    #[tokio::test]
    async fn more_than_can_be_remembered_is_everything() {
        let (noticed, _) = noticed();
        (0..=MOST).for_each(|number| noticed.note(tenant(number)));
        assert_eq!(noticed.next(HOUR).await, Next::All);
    }

    #[tokio::test(start_paused = true)]
    async fn everything_is_looked_through_once_in_a_while_though_nothing_is_noticed() {
        let (noticed, _) = noticed();
        let began = tokio::time::Instant::now();
        assert_eq!(noticed.next(HOUR).await, Next::All);
        assert_eq!(began.elapsed(), HOUR);
    }

    #[test]
    fn how_long_something_waits_is_counted_until_something_is_done() {
        let (noticed, clock) = noticed();
        assert_eq!(noticed.waiting(), Duration::ZERO);
        noticed.note(tenant(1));
        clock.advance(HOUR);
        let taken = noticed.take().expect("one");
        noticed.give_back(taken);
        clock.advance(HOUR);
        assert_eq!(noticed.waiting(), HOUR * 2);
        noticed.note(tenant(2));
        noticed.take();
        noticed.done();
        assert_eq!(noticed.waiting(), Duration::ZERO, "the other has waited since");
        clock.advance(HOUR);
        assert_eq!(noticed.waiting(), HOUR);
        noticed.take();
        noticed.done();
        clock.advance(HOUR);
        assert_eq!(noticed.waiting(), Duration::ZERO);
    }
}
