//! Every knob of the registry.

use std::time::Duration;

use mintage_jose::mac::HmacKey;
use mintage_oauth::Pepper;

/// What the registry is told from outside.
#[derive(Debug)]
pub struct Settings {
    /// The key of the hash that client secrets are stored as. The token service holds the same one; whoever changes it
    /// makes every stored secret worthless.
    pub pepper: Pepper,
    /// Authenticates page tokens, so that nobody can make one. Every replica holds the same; a change ends the lists
    /// that are just being read.
    pub page_token_key: HmacKey,
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

impl Settings {
    /// The defaults, with the two secrets that have none.
    #[must_use]
    pub fn new(pepper: Pepper, page_token_key: HmacKey) -> Self {
        Self { pepper, page_token_key, feed: FeedBounds::default() }
    }
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
