//! What tells a token that is there from one that does what it is asked: how its keys fared lately.

use std::time::Duration;

use mintage_jose::Algorithm;

use super::ObjectId;
use super::renewals::LATELY;

/// What is known of how keys in a token fare. Times are by the clock that no correction sets back.
#[derive(Default)]
pub(super) struct Doubt {
    /// The key that failed last, what it signs with, and when.
    failed: Option<(ObjectId, Algorithm, Duration)>,
    /// When a key did what it was asked.
    succeeded_at: Option<Duration>,
}

impl Doubt {
    /// A key did what it was asked.
    pub(super) fn succeeded(&mut self, now: Duration) {
        self.succeeded_at = Some(now);
    }

    /// A key is not there, or fails.
    pub(super) fn failed(&mut self, key: (&ObjectId, Algorithm), now: Duration) {
        self.failed = Some((key.0.clone(), key.1, now));
    }

    /// Nothing is asked of a key any more.
    pub(super) fn forget(&mut self, key: &ObjectId) {
        self.failed = self.failed.take().filter(|(failed, ..)| failed != key);
    }

    /// A key that failed lately, while none did what it was asked: whether the token does anything at all, this one tells.
    pub(super) fn key(&self, now: Duration) -> Option<(ObjectId, Algorithm)> {
        let (key, algorithm, at) = self.failed.as_ref()?;
        let lately = |at: Duration, length: Duration| now.saturating_sub(at) < length;
        // Whoever used it may have no use for it any more.
        let stands = lately(*at, ASKED_AGAIN) && !self.succeeded_at.is_some_and(|at| lately(at, LATELY));
        stands.then(|| (key.clone(), *algorithm))
    }
}

const ASKED_AGAIN: Duration = Duration::from_mins(10);

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    fn id(number: u8) -> ObjectId {
        ObjectId::new([number; 20])
    }

    #[test]
    fn a_key_that_fails_is_doubted_unless_another_does_what_it_is_asked() {
        let mut doubt = Doubt::default();
        assert_eq!(doubt.key(SECOND), None);
        doubt.succeeded(SECOND);
        doubt.failed((&id(1), Algorithm::Es256), SECOND);
        assert_eq!(doubt.key(SECOND * 5), None);
        assert_eq!(doubt.key(SECOND * 6), Some((id(1), Algorithm::Es256)));
        doubt.succeeded(SECOND * 7);
        assert_eq!(doubt.key(SECOND * 8), None);
        assert!(doubt.key(SECOND * 600).is_some() && doubt.key(SECOND * 601).is_none(), "nobody asks for it any more");
        doubt.forget(&id(2));
        assert!(doubt.key(SECOND * 100).is_some());
        doubt.forget(&id(1));
        assert!(doubt.key(SECOND * 100).is_none());
    }
}
