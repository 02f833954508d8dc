//! How long a follower of the registry may go on without hearing of it.

use std::time::Duration;

use super::FeedSettings;

impl FeedSettings {
    /// Checks every bound.
    ///
    /// # Errors
    /// The first setting that is out of its own.
    pub fn check(&self) -> Result<(), FeedSettingsError> {
        let Self { heartbeat_timeout, max_staleness } = *self;
        let lengths = [
            ("feed.heartbeat_timeout", heartbeat_timeout, SHORTEST, LONGEST),
            ("feed.max_staleness", max_staleness, heartbeat_timeout, LONGEST),
        ];
        let broken = lengths.into_iter().find(|(_, length, least, most)| !(least..=most).contains(&length));
        broken.map_or(Ok(()), |(name, _, least, most)| Err(FeedSettingsError { name, least, most }))
    }
}

/// A setting of [`FeedSettings`] is out of its bounds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{name} must be from {least:?} to {most:?}")]
pub struct FeedSettingsError {
    /// Which.
    pub name: &'static str,
    /// The shortest it may be.
    pub least: Duration,
    /// The longest it may be.
    pub most: Duration,
}

const SHORTEST: Duration = Duration::from_millis(10);
/// For so long the registry keeps the secret that an API shared before it left HS256, since someone may yet sign with it.
const LONGEST: Duration = Duration::from_secs(60);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_acts_on_old_state_for_longer_than_the_registry_counts_on() {
        let name = |heartbeat_timeout, max_staleness| {
            let refused = FeedSettings { heartbeat_timeout, max_staleness }.check();
            refused.err().map(|error| error.name)
        };
        let (second, minute) = (Duration::from_secs(1), Duration::from_secs(60));
        assert_eq!(FeedSettings::default().check(), Ok(()));
        assert_eq!(name(SHORTEST, SHORTEST), None);
        assert_eq!(name(minute, minute), None);
        assert_eq!(name(second, minute + Duration::from_nanos(1)), Some("feed.max_staleness"));
        assert_eq!(name(second, second - Duration::from_nanos(1)), Some("feed.max_staleness"));
        for length in [Duration::ZERO, minute + second, Duration::MAX] {
            assert_eq!(name(length, minute), Some("feed.heartbeat_timeout"));
        }
    }
}
