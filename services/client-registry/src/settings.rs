//! Every knob of the registry.

use std::time::Duration;

/// What the registry is told from outside.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Settings {
    /// How the change feed behaves.
    pub feed: FeedBounds,
}

/// The bounds of the change feed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FeedBounds {
    /// How often the log is read for what other replicas wrote; 250 ms unless told. Own writes are seen at once.
    pub poll_interval: Duration,
    /// After how much silence a watcher gets a heartbeat; 1 s unless told. Never without a fresh look at the log.
    pub heartbeat_interval: Duration,
    /// How long a write waits at most for connected watchers to apply it; 500 ms unless told.
    pub acknowledge_timeout: Duration,
    /// How many watchers there may be on this replica; 256 unless told.
    pub max_watchers: usize,
    /// How long a watcher may leave changes unacknowledged before its stream is ended, so that it does not hold up
    /// every write; 10 s unless told.
    pub watcher_patience: Duration,
    /// How long changes are kept. A watcher that was away longer drops all it has cached; 24 h unless told.
    pub log_retention: Duration,
}

impl Default for FeedBounds {
    fn default() -> Self {
        Self {
            poll_interval: Duration::from_millis(250),
            heartbeat_interval: Duration::from_secs(1),
            acknowledge_timeout: Duration::from_millis(500),
            max_watchers: 256,
            watcher_patience: Duration::from_secs(10),
            log_retention: Duration::from_hours(24),
        }
    }
}
