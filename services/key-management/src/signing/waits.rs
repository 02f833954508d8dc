//! Which announced keys could sign but for their watchers, as far as this replica saw at its last look.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use mintage_jose::Algorithm;

use super::Keys;
use crate::domain::RingName;
use crate::domain::ports::Held;

/// Rings whose next key waits, each with how many watchers have not acknowledged it. Bounded by the rings there are.
#[derive(Debug, Default)]
pub(super) struct Waits(Mutex<HashMap<RingName, u32>>);

impl Waits {
    /// What a ring waits for; `None`: for nothing.
    pub(super) fn note(&self, ring: &RingName, waits_for: Option<&Held>) {
        match waits_for {
            Some(held) => self.known().insert(ring.clone(), held.watchers.saturating_sub(held.holding)),
            None => self.known().remove(ring),
        };
    }

    /// Forgets all but `due`: what is not due any more waits for nobody.
    pub(super) fn retain(&self, due: &[RingName]) {
        self.known().retain(|ring, _| due.contains(ring));
    }

    /// How many keys of an algorithm wait, and for how many watchers the one that waits for the most.
    fn of(&self, algorithm: Algorithm) -> (usize, u32) {
        let known = self.known();
        let missing = known.iter().filter(|(ring, _)| ring.algorithm() == algorithm).map(|(_, missing)| *missing);
        missing.fold((0, 0), |(keys, most), missing| (keys + 1, most.max(missing)))
    }

    fn known(&self) -> MutexGuard<'_, HashMap<RingName, u32>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Keys {
    /// How many announced keys of an algorithm could sign but for their watchers, and for how many of these the one waits that
    /// waits for the most; as of the last look.
    #[must_use]
    pub fn waiting(&self, algorithm: Algorithm) -> (usize, u32) {
        self.waits.of(algorithm)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ring(tenant: &str) -> RingName {
        RingName::new(tenant.parse().unwrap(), Algorithm::Es256, None).unwrap()
    }

    fn missing(watchers: u32) -> Option<Held> {
        Some(Held { watchers: watchers + 1, holding: 1, ..Held::default() })
    }

    #[test]
    fn keys_wait_until_their_watchers_hold_them_or_they_are_not_due_any_more() {
        let waits = Waits::default();
        waits.note(&ring("one"), missing(3).as_ref());
        waits.note(&ring("two"), missing(5).as_ref());
        assert_eq!((waits.of(Algorithm::Es256), waits.of(Algorithm::Rs256)), ((2, 5), (0, 0)));
        waits.note(&ring("two"), None);
        assert_eq!(waits.of(Algorithm::Es256), (1, 3));
        waits.retain(&[ring("two")]);
        assert_eq!(waits.of(Algorithm::Es256), (0, 0));
    }
}
