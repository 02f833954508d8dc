//! How long ago the registry was heard, and what that allows.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use mintage_clock::Clock;
use serde::{Deserialize, Serialize};

use crate::ServiceName;
use crate::telemetry::names::{FEED_HEARTBEAT_AGE, FEED_REVISION, FEED_STALENESS};

/// The bounds on staleness.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FeedSettings {
    /// Silence after which cached state is loaded again before use. Three heartbeats: 3 seconds unless told; from 10
    /// milliseconds to `max_staleness`.
    pub heartbeat_timeout: Duration,
    /// Silence after which cached state is not used at all. 60 seconds unless told, and no longer than that.
    pub max_staleness: Duration,
}

impl Default for FeedSettings {
    fn default() -> Self {
        Self { heartbeat_timeout: Duration::from_secs(3), max_staleness: Duration::from_mins(1) }
    }
}

/// What cached state is worth now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// The feed is alive: cached state may be used.
    Fresh,
    /// Heartbeats are missing: load again before use; if the registry does not answer, cached state still serves.
    Suspect,
    /// Past the bound: what cannot be loaded again is refused.
    Stale,
}

/// Knows how fresh the caches of a process are. Clones share the knowledge.
#[derive(Clone, Debug)]
pub struct Freshness(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    settings: FeedSettings,
    clock: Clock,
    connected: AtomicBool,
    /// Microseconds of the monotonic clock.
    heard: AtomicU64,
    revision: AtomicU64,
    epoch: AtomicU64,
    /// How often the feed began anew.
    timeline: AtomicU64,
    /// Microseconds of the monotonic clock until which the registry is held not to answer; 0 while it answers.
    silent_until: AtomicU64,
}

impl Freshness {
    /// Before the first word of the feed: suspect, so that nothing is used that was not just loaded.
    #[must_use]
    pub fn new(settings: FeedSettings, clock: Clock) -> Self {
        let heard = AtomicU64::new(micros(clock.monotonic()));
        let (connected, revision) = (AtomicBool::new(false), AtomicU64::new(0));
        Self(Arc::new(Inner {
            settings,
            clock,
            connected,
            heard,
            revision,
            epoch: AtomicU64::new(0),
            timeline: AtomicU64::new(0),
            silent_until: AtomicU64::new(0),
        }))
    }

    /// Shows in metrics how fresh the caches of `service` are.
    pub fn show(&self, service: ServiceName) {
        let (age, staleness, revision) = (self.clone(), self.clone(), self.clone());
        let label = [service.as_str()];
        FEED_HEARTBEAT_AGE.observe(move |see| see(label, seconds(age.0.silence())));
        FEED_STALENESS.observe(move |see| {
            let is_fresh = staleness.state() == State::Fresh;
            see(label, if is_fresh { 0.0 } else { seconds(staleness.0.silence()) });
        });
        FEED_REVISION.observe(move |see| see(label, revision.revision() as f64));
    }

    /// What cached state is worth now.
    #[must_use]
    pub fn state(&self) -> State {
        let inner = &*self.0;
        let silence = inner.silence();
        if silence > micros(inner.settings.max_staleness) {
            State::Stale
        } else if silence > micros(inner.settings.heartbeat_timeout) || !inner.connected.load(Ordering::Acquire) {
            State::Suspect
        } else {
            State::Fresh
        }
    }

    /// Silence after which cached state is loaded again before use.
    pub(super) fn heartbeat_timeout(&self) -> Duration {
        self.0.settings.heartbeat_timeout
    }

    /// The last revision of the registry whose change has been applied here, or is just being applied.
    #[must_use]
    pub fn revision(&self) -> u64 {
        self.0.revision.load(Ordering::Acquire)
    }

    /// Names a span of time in which nothing was taken out of the caches that share this freshness: what their records
    /// led to under one epoch holds while the epoch is the same. `None` while they may not be used as they are.
    #[must_use]
    pub fn epoch(&self) -> Option<u64> {
        let epoch = self.0.epoch.load(Ordering::Acquire);
        (self.state() == State::Fresh).then_some(epoch)
    }

    /// Names a span of time in which revisions only grow.
    pub(super) fn timeline(&self) -> u64 {
        self.0.timeline.load(Ordering::Acquire)
    }

    /// Something was taken out of a cache: to be said after it, so that who sees the new epoch does not see the record.
    pub(super) fn turn_epoch(&self) {
        self.0.epoch.fetch_add(1, Ordering::AcqRel);
    }

    /// A change is about to be applied: what was loaded before it is overtaken from now on.
    pub(super) fn raise(&self, revision: u64) {
        self.0.revision.fetch_max(revision, Ordering::AcqRel);
    }

    /// The feed begins anew at `revision`, which may be an earlier one: its database was restored.
    pub(super) fn restart(&self, revision: u64) {
        // First: what is being loaded of the old timeline is told from the new one's by this, whatever its revision.
        self.0.timeline.fetch_add(1, Ordering::AcqRel);
        self.0.revision.store(revision, Ordering::Release);
    }

    /// The registry says that it has told everything up to `revision`. Nothing less makes the caches fresh: a change is
    /// no word of what stands in line behind it.
    pub(super) fn heard(&self, revision: u64) {
        self.raise(revision);
        self.0.heard.store(micros(self.0.clock.monotonic()), Ordering::Release);
        self.0.connected.store(true, Ordering::Release);
        self.answered();
    }

    /// Whether it is worth asking the registry, for somebody who can do without. Not for a moment after it left a question
    /// unanswered; then one that `may_try` tries first, and the others wait for what comes of it.
    pub(super) fn is_worth_asking(&self, may_try: bool) -> bool {
        let (silent_until, now) = (&self.0.silent_until, micros(self.0.clock.monotonic()));
        let until = silent_until.load(Ordering::Acquire);
        let mine = now + micros(ASKING + PAUSE);
        until == 0
            || may_try
                && now >= until
                && silent_until.compare_exchange(until, mine, Ordering::AcqRel, Ordering::Acquire).is_ok()
    }

    /// The registry answered a question.
    pub(super) fn answered(&self) {
        self.0.silent_until.store(0, Ordering::Release);
    }

    /// It did not.
    pub(super) fn unanswered(&self) {
        self.0.silent_until.store(micros(self.0.clock.monotonic() + PAUSE), Ordering::Release);
    }

    /// The stream broke: nothing cached is trusted until the registry is heard again.
    pub(super) fn lost(&self) {
        self.0.connected.store(false, Ordering::Release);
    }
}

impl Inner {
    /// Microseconds since the registry was heard.
    fn silence(&self) -> u64 {
        micros(self.clock.monotonic()).saturating_sub(self.heard.load(Ordering::Acquire))
    }
}

fn seconds(micros: u64) -> f64 {
    Duration::from_micros(micros).as_secs_f64()
}

/// How long an answer of the registry is waited for by those who can do without.
pub(super) const ASKING: Duration = Duration::from_millis(500);
/// Whoever has less time learns nothing of how the registry is.
pub(super) const SHORTEST_ASKING: Duration = Duration::from_millis(100);
/// How long it is left alone after it did not answer.
const PAUSE: Duration = Duration::from_millis(500);

fn micros(length: Duration) -> u64 {
    u64::try_from(length.as_micros()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use mintage_clock::{ManualClock, Timestamp};

    use super::*;

    #[test]
    fn silence_turns_fresh_into_suspect_into_stale_and_one_word_back() {
        let manual = ManualClock::at(Timestamp::from_unix_seconds(1_000_000));
        let freshness = Freshness::new(FeedSettings::default(), manual.clock());
        assert_eq!(freshness.state(), State::Suspect);
        freshness.heard(7);
        assert_eq!((freshness.state(), freshness.revision()), (State::Fresh, 7));
        manual.advance(Duration::from_secs(4));
        assert_eq!(freshness.state(), State::Suspect);
        manual.advance(Duration::from_secs(60));
        assert_eq!(freshness.state(), State::Stale);
        freshness.heard(7);
        assert_eq!(freshness.state(), State::Fresh);
    }

    #[test]
    fn an_epoch_ends_with_every_eviction_and_there_is_none_while_nothing_is_fresh() {
        let manual = ManualClock::at(Timestamp::from_unix_seconds(1));
        let freshness = Freshness::new(FeedSettings::default(), manual.clock());
        assert_eq!(freshness.epoch(), None);
        freshness.heard(1);
        let epoch = freshness.epoch();
        assert!(epoch.is_some() && epoch == freshness.epoch());
        freshness.turn_epoch();
        assert_ne!(freshness.epoch(), epoch);
        freshness.lost();
        assert_eq!(freshness.epoch(), None);
    }

    #[test]
    fn a_broken_stream_is_suspect_at_once() {
        let manual = ManualClock::at(Timestamp::from_unix_seconds(1));
        let freshness = Freshness::new(FeedSettings::default(), manual.clock());
        freshness.heard(1);
        freshness.lost();
        assert_eq!(freshness.state(), State::Suspect);
    }
}
