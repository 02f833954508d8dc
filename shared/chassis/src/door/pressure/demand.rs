//! Who asks for how much, and what everyone's share is.

use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering};

/// Counts requests by where they come from. Two addresses that meet in one cell share it.
#[derive(Debug)]
pub(super) struct Askers {
    cells: Box<[Cell]>,
    let_in: AtomicU64,
}

#[derive(Debug, Default)]
struct Cell {
    /// Since the last look.
    asked: AtomicU32,
    /// More than its share.
    asks_for_much: AtomicBool,
}

impl Default for Askers {
    fn default() -> Self {
        Self { cells: (0..CELLS).map(|_| Cell::default()).collect(), let_in: AtomicU64::new(0) }
    }
}

impl Askers {
    /// One more of the address with this hash; returns whether it asks for more than its share.
    pub(super) fn count(&self, hash: u64) -> bool {
        let cell = usize::try_from(hash % CELLS).ok().and_then(|index| self.cells.get(index));
        cell.is_some_and(|cell| {
            cell.asked.fetch_add(1, Ordering::Relaxed);
            cell.asks_for_much.load(Ordering::Relaxed)
        })
    }

    /// One more is let in.
    pub(super) fn let_in(&self) {
        self.let_in.fetch_add(1, Ordering::Relaxed);
    }
}

/// What was seen of [`Askers`], smoothed; requests between two looks.
#[derive(Debug, Default)]
pub(super) struct Demand {
    /// Of each cell.
    asked: Vec<f64>,
    done: f64,
}

impl Demand {
    /// Looks again, and marks whoever asks for more than his share. Returns how much is done.
    pub(super) fn see(&mut self, askers: &Askers) -> f64 {
        let is_first = self.asked.is_empty();
        self.asked.resize(askers.cells.len(), 0.0);
        let smooth = if is_first { 1.0 } else { SMOOTH };
        self.done += (askers.let_in.swap(0, Ordering::Relaxed) as f64 - self.done) * smooth;
        for (seen, cell) in self.asked.iter_mut().zip(&askers.cells) {
            *seen += (f64::from(cell.asked.swap(0, Ordering::Relaxed)) - *seen) * smooth;
        }
        let asked = self.asked.iter().copied().filter(|asked| *asked > NOTHING).collect();
        let share = share(asked, self.done * GIVEN_OUT);
        for (seen, cell) in self.asked.iter().zip(&askers.cells) {
            cell.asks_for_much.store(*seen > share, Ordering::Relaxed);
        }
        self.done
    }
}

/// The share at which everyone who asks for less gets all of it, those who ask for more get the same, and all of `done` is
/// given out (max-min fairness).
fn share(mut asked: Vec<f64>, done: f64) -> f64 {
    asked.sort_unstable_by(f64::total_cmp);
    let (mut left, mut many) = (done, asked.len() as f64);
    for one in asked {
        if one * many >= left {
            return left / many;
        }
        left -= one;
        many -= 1.0;
    }
    f64::INFINITY
}

/// As many addresses as matter at the same time.
const CELLS: u64 = 2048;
/// Of a look, so much counts: what an address asks for is what it asked for in the last quarter of a second.
const SMOOTH: f64 = 0.05;
/// Less than what is done is given out: where it is looked at, it was too much.
const GIVEN_OUT: f64 = 0.9;
/// Who asks for less has left.
const NOTHING: f64 = 0.001;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_asks_for_little_has_all_of_it_and_the_others_have_the_same() {
        assert_eq!(share(vec![300.0], 100.0), 100.0);
        assert_eq!(share(vec![300.0, 300.0], 100.0), 50.0);
        assert_eq!(share(vec![5.0, 300.0, 10.0, 200.0], 100.0), 42.5);
        assert_eq!(share(vec![5.0, 10.0], 100.0), f64::INFINITY, "nobody asks for too much");
        assert_eq!(share(Vec::new(), 0.0), f64::INFINITY);
    }

    #[test]
    fn what_was_asked_is_forgotten_soon() {
        let (askers, mut demand) = (Askers::default(), Demand::default());
        for _ in 0..100 {
            askers.count(7);
            askers.let_in();
        }
        for _ in 0..10 {
            askers.count(8);
        }
        demand.see(&askers);
        assert!(!askers.count(8));
        for _ in 0..1000 {
            demand.see(&askers);
        }
        assert!(!askers.count(7) && demand.done < NOTHING);
    }
}
