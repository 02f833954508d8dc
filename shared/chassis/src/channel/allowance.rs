//! How many calls may be made again: a share of those that are made, so that repeats never multiply an outage.

use std::sync::atomic::{AtomicU32, Ordering};

/// A stock of repeats: each call adds a share of one, each repeat takes one.
#[derive(Debug)]
pub(super) struct Allowance {
    /// In hundredths of a repeat.
    stock: AtomicU32,
    percent: u32,
}

impl Allowance {
    /// `percent` repeats for a hundred calls, and a few at once.
    pub(super) const fn new(percent: u32) -> Self {
        Self { stock: AtomicU32::new(if percent == 0 { 0 } else { MOST }), percent }
    }

    /// A call is made for the first time.
    pub(super) fn earn(&self) {
        if self.stock.load(Ordering::Relaxed) < MOST {
            let add = |stock: u32| (stock < MOST).then(|| stock.saturating_add(self.percent).min(MOST));
            let _full = self.stock.fetch_update(Ordering::Relaxed, Ordering::Relaxed, add);
        }
    }

    /// Whether a call may be made again.
    pub(super) fn spend(&self) -> bool {
        self.stock.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |stock| stock.checked_sub(REPEAT)).is_ok()
    }
}

const REPEAT: u32 = 100;
/// Ten at once: a connection that breaks takes some calls with it.
const MOST: u32 = 10 * REPEAT;

#[cfg(test)]
mod tests {
    use super::*;

    fn repeats_of(allowance: &Allowance, calls: u32) -> u32 {
        (0..calls)
            .map(|_| {
                allowance.earn();
                u32::from(allowance.spend())
            })
            .sum()
    }

    #[test]
    fn when_every_call_fails_a_share_of_them_is_made_again_and_no_more() {
        let allowance = Allowance::new(10);
        assert_eq!(repeats_of(&allowance, 10_000), 10 + 1000 - 1);
        let never = Allowance::new(0);
        assert_eq!(repeats_of(&never, 10_000), 0);
    }

    #[test]
    fn a_quiet_time_saves_up_no_more_than_a_few() {
        let allowance = Allowance::new(20);
        for _ in 0..100_000 {
            allowance.earn();
        }
        assert_eq!((0..100).filter(|_| allowance.spend()).count(), 10);
    }
}
