//! A session: that a user signed in, in one browser.

use std::time::Duration;

use mintage_clock::Timestamp;
use mintage_oauth::TenantId;

use super::id::{SessionId, UserId};

/// A session, as it is kept beside the digest of its token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Session {
    pub(crate) id: SessionId,
    pub(crate) tenant: TenantId,
    pub(crate) user: UserId,
    /// When the user signed in (`auth_time`).
    pub(crate) signed_in_at: Timestamp,
    /// When it was last used, up to [`TOUCH_EVERY`] late.
    pub(crate) seen_at: Timestamp,
    /// When it ends, however much it is used.
    pub(crate) ends_at: Timestamp,
}

impl Session {
    /// Whether it may still be used.
    pub(crate) fn is_live(&self, now: Timestamp, idle: Duration) -> bool {
        now < self.ends_at && now < self.seen_at + idle
    }

    /// Whether its use is to be noted.
    pub(crate) fn is_due_for_a_touch(&self, now: Timestamp) -> bool {
        now >= self.seen_at + TOUCH_EVERY
    }
}

/// A use is noted no oftener than this: every page would be a write otherwise.
pub(crate) const TOUCH_EVERY: Duration = Duration::from_secs(60);

/// Of one user. More devices nobody has, and whoever signs in over and over by a program shall not fill the table: the oldest
/// ends first.
pub(crate) const MOST_SESSIONS: u64 = 50;

#[cfg(test)]
mod tests {
    use mintage_clock::Randomness;

    use super::*;

    #[test]
    fn it_ends_when_it_lies_idle_and_when_its_time_is_over() {
        let start = Timestamp::from_unix_millis(1_000_000);
        let (hour, day) = (Duration::from_hours(1), Duration::from_hours(24));
        let session = Session {
            id: SessionId::generate(&Randomness::seeded(1)),
            tenant: "default".parse().expect("a tenant"),
            user: UserId::generate(&Randomness::seeded(2)),
            signed_in_at: start,
            seen_at: start,
            ends_at: start + day,
        };
        assert!(session.is_live(start, hour) && !session.is_live(start + hour, hour));
        let used = Session { seen_at: start + day, ..session };
        assert!(!used.is_live(start + day, hour), "use does not make it longer");
    }
}
