//! Takes in fewer requests once those that could go on wait too long for a core.
//!
//! A queue that grows helps nobody: all wait, and the first in line may have given up. So the time that a ready task waits
//! for its turn is measured a hundred times a second, and while it is longer than it should be, each address is let in so
//! many requests between two looks and no more. How many is steered: down by how far the wait is over its target and how
//! fast it grows, up again when it is below. Those who ask for little get all of it, those who ask for much share the rest
//! (docs/decisions/0016-refuse-early-by-how-long-a-core-is-waited-for.md).

use std::hash::{BuildHasher, RandomState};
use std::net::IpAddr;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::Duration;

use tokio::task::yield_now;
use tokio::time::{Instant, sleep_until};

use super::addresses::holder;

/// What a door knows of how long its requests wait for a core.
#[derive(Debug)]
pub(super) struct Pressure {
    target: Duration,
    /// Requests of one address between two looks, in parts of [`ONE`]; [`ALL`] while there is no need.
    share: AtomicU64,
    /// Which look was the last.
    look: AtomicU32,
    /// The most requests of one address since then.
    peak: AtomicU32,
    refused: AtomicU64,
    /// Of each address, by its hash: the look (upper half) and how many came since.
    came: Box<[AtomicU64]>,
    /// What was left over of parts of requests.
    carried: AtomicU64,
    hashes: RandomState,
    steering: Mutex<Steering>,
}

#[derive(Debug, Default)]
struct Steering {
    /// The wait as it was last seen.
    wait: Duration,
    /// How long it has been over the target.
    over: Duration,
    /// How long nobody had to be refused.
    calm: Duration,
    refused: u64,
}

impl Pressure {
    /// None yet. `target` is how long a ready task may wait.
    pub(super) fn new(target: Duration) -> Self {
        Self {
            target,
            share: AtomicU64::new(ALL),
            look: AtomicU32::new(0),
            peak: AtomicU32::new(0),
            refused: AtomicU64::new(0),
            came: (0..SLOTS).map(|_| AtomicU64::new(0)).collect(),
            carried: AtomicU64::new(0),
            hashes: RandomState::new(),
            steering: Mutex::default(),
        }
    }

    /// Whether one more request of `address` is let in.
    pub(super) fn lets_in(&self, address: IpAddr) -> bool {
        let share = self.share.load(Ordering::Relaxed);
        if share == ALL {
            return true;
        }
        let before = u64::from(self.count(address));
        let (whole, part) = (share / ONE, share % ONE);
        let lets_in = before < whole || (before == whole && self.carries(part));
        if !lets_in {
            self.refused.fetch_add(1, Ordering::Relaxed);
        }
        lets_in
    }

    /// How many of `address` came before since the last look. Two that come at the same moment may be counted as one.
    fn count(&self, address: IpAddr) -> u32 {
        let look = self.look.load(Ordering::Relaxed);
        let index = usize::try_from(self.hashes.hash_one(holder(address))).unwrap_or(usize::MAX) % SLOTS;
        let Some(slot) = self.came.get(index) else { return 0 };
        let seen = slot.load(Ordering::Relaxed);
        let [of_look, before] = [(seen >> 32) as u32, seen as u32];
        let before = if of_look == look { before } else { 0 };
        let now = before.saturating_add(1);
        slot.store(u64::from(look) << 32 | u64::from(now), Ordering::Relaxed);
        self.peak.fetch_max(now, Ordering::Relaxed);
        before
    }

    /// Of requests that have a part of a place each, lets in as many as their parts make whole ones.
    fn carries(&self, part: u64) -> bool {
        let before = self.carried.fetch_add(part, Ordering::Relaxed);
        before / ONE != before.wrapping_add(part) / ONE
    }

    /// Looks again `elapsed` after the last time, when a ready task has waited `wait`.
    pub(super) fn see(&self, wait: Duration, elapsed: Duration) {
        let mut steering = self.steering.lock().unwrap_or_else(PoisonError::into_inner);
        let (refused, peak) = (self.refused.load(Ordering::Relaxed), self.peak.swap(0, Ordering::Relaxed));
        self.look.fetch_add(1, Ordering::Relaxed);
        let share = self.share.load(Ordering::Relaxed);
        let grew = wait.as_secs_f64() - steering.wait.as_secs_f64();
        let is_over = wait > self.target;
        let is_calm = !is_over && refused == steering.refused;
        steering.over = if is_over { steering.over + elapsed } else { Duration::ZERO };
        steering.calm = if is_calm { steering.calm + elapsed } else { Duration::ZERO };
        let next = if share == ALL {
            if steering.over < PATIENCE { ALL } else { MOST }
        } else if steering.calm > CALM {
            ALL
        } else {
            // What nobody asked for need not be taken away.
            let in_use = if peak == 0 { share } else { share.min(u64::from(peak) * ONE) };
            steered(in_use, self.factor(wait, grew / elapsed.as_secs_f64().max(SHORTEST)))
        };
        if (share == ALL) != (next == ALL) {
            self.tell(next == ALL, wait, refused);
        }
        self.share.store(next, Ordering::Relaxed);
        (steering.wait, steering.refused) = (wait, refused);
    }

    /// By what the share is multiplied. `growth` is by how much more came in than could be done, in parts of what could.
    fn factor(&self, wait: Duration, growth: f64) -> f64 {
        let over = wait.as_secs_f64() / self.target.as_secs_f64() - 1.0;
        (1.0 - over * BY_WAIT - growth * BY_GROWTH).clamp(DOWN, UP)
    }

    fn tell(&self, over: bool, wait: Duration, refused: u64) {
        if over {
            tracing::info!(refused, "a door takes in every request again");
        } else {
            tracing::warn!(?wait, target = ?self.target, "requests wait too long for a core: a door refuses some");
        }
    }

    /// Looks again and again while anybody holds `pressure`.
    pub(super) async fn watch(pressure: Weak<Self>) {
        let mut last = Instant::now();
        while pressure.strong_count() > 0 {
            let due = last + LOOK;
            sleep_until(due).await;
            // To the end of the line: whoever is ready now goes first.
            yield_now().await;
            let now = Instant::now();
            let Some(pressure) = Weak::upgrade(&pressure) else { return };
            pressure.see(now.saturating_duration_since(due), now.saturating_duration_since(last));
            last = now;
        }
    }

    /// Starts to look.
    pub(super) fn start(target: Duration) -> Arc<Self> {
        let pressure = Arc::new(Self::new(target));
        tokio::spawn(Self::watch(Arc::downgrade(&pressure)));
        pressure
    }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::cast_precision_loss,
    reason = "bounded by both ends"
)]
fn steered(share: u64, factor: f64) -> u64 {
    ((share as f64 * factor) as u64).clamp(LEAST, MOST)
}

/// Between two looks.
const LOOK: Duration = Duration::from_millis(10);
/// A wait that passes by itself is none that refusals would shorten.
const PATIENCE: Duration = Duration::from_millis(50);
/// After so long without a need to refuse, nobody is counted any more.
const CALM: Duration = Duration::from_millis(500);
const BY_WAIT: f64 = 0.1;
const BY_GROWTH: f64 = 0.3;
const DOWN: f64 = 0.5;
const UP: f64 = 1.2;
/// Seconds.
const SHORTEST: f64 = 0.001;
const ONE: u64 = 1 << 16;
const LEAST: u64 = ONE / 1024;
const MOST: u64 = ONE << 20;
const ALL: u64 = u64::MAX;
/// Addresses of which two may be taken for one: as many as matter at the same time.
const SLOTS: usize = 2048;

#[cfg(test)]
mod tests {
    use super::*;

    const TARGET: Duration = Duration::from_millis(20);

    /// A process that does `capacity` requests a look, and those who ask for more.
    struct Plant {
        pressure: Pressure,
        capacity: f64,
        /// What refusing one costs, in parts of a request.
        refusal: f64,
        /// Requests that wait.
        queue: f64,
        waits: Vec<Duration>,
    }

    impl Plant {
        fn new(capacity: f64) -> Self {
            Self { pressure: Pressure::new(TARGET), capacity, refusal: 0.0, queue: 0.0, waits: Vec::new() }
        }

        /// One look in which each address asks so often; returns how many of each were let in.
        fn look(&mut self, asked: &[usize]) -> Vec<usize> {
            let wait = LOOK.mul_f64(self.queue / self.capacity);
            let let_in: Vec<usize> = asked
                .iter()
                .enumerate()
                .map(|(index, times)| {
                    let address = IpAddr::from([10, 0, (index / 256) as u8, (index % 256) as u8]);
                    (0..*times).filter(|_| self.pressure.lets_in(address)).count()
                })
                .collect();
            let (came, done) = (asked.iter().sum::<usize>() as f64, let_in.iter().sum::<usize>() as f64);
            self.queue = (self.queue + done + (came - done) * self.refusal - self.capacity).max(0.0);
            self.waits.push(wait);
            self.pressure.see(wait, LOOK);
            let_in
        }

        /// Many looks; returns how many of each were let in, in parts of what can be done, after things have settled.
        fn run(&mut self, asked: &[usize]) -> Vec<f64> {
            for _ in 0..300 {
                self.look(asked);
            }
            self.waits.clear();
            let mut sums = vec![0; asked.len()];
            for _ in 0..SETTLED {
                for (sum, let_in) in sums.iter_mut().zip(self.look(asked)) {
                    *sum += let_in;
                }
            }
            sums.into_iter().map(|sum| sum as f64 / SETTLED as f64 / self.capacity).collect()
        }

        fn wait(&self, share: f64) -> Duration {
            let mut waits = self.waits.clone();
            waits.sort_unstable();
            waits[(waits.len() as f64 * share) as usize]
        }
    }

    const SETTLED: usize = 2000;

    #[test]
    fn b8_at_three_times_what_can_be_done_as_much_is_let_in_as_can_be_and_none_waits_long() {
        for addresses in [1, 7, 60, 300] {
            let mut plant = Plant::new(100.0);
            let goodput: f64 = plant.run(&vec![300 / addresses; addresses]).iter().sum();
            assert!((0.93..=1.01).contains(&goodput), "{addresses}: {goodput}");
            assert!(plant.wait(0.99) < TARGET * 3, "{addresses}: {:?}", plant.wait(0.99));
        }
    }

    #[test]
    fn b8_refusals_that_cost_something_leave_the_rest_to_those_who_are_let_in() {
        let mut plant = Plant { refusal: 0.2, ..Plant::new(100.0) };
        let goodput: f64 = plant.run(&[300]).iter().sum();
        assert!((0.45..=0.51).contains(&goodput), "{goodput}, of at most (1 - 3 * 0.2) / (1 - 0.2)");
        assert!(plant.wait(0.99) < TARGET * 4, "{:?}", plant.wait(0.99));
    }

    #[test]
    fn b8_who_asks_for_little_gets_all_of_it_beside_one_who_asks_for_everything() {
        let mut plant = Plant::new(100.0);
        let mut asked = vec![300];
        asked.extend([5; 8]);
        let let_in = plant.run(&asked);
        for modest in &let_in[1..] {
            assert!(*modest > 0.048, "{let_in:?}");
        }
        assert!((0.5..0.62).contains(&let_in[0]), "{let_in:?}");
    }

    #[test]
    fn what_can_be_done_is_never_refused_and_a_short_wait_refuses_nobody() {
        let mut plant = Plant::new(100.0);
        assert_eq!(plant.run(&[95]), [0.95]);
        for _ in 0..4 {
            plant.look(&[190]);
        }
        assert!(plant.waits.last().unwrap() > &TARGET);
        for _ in 0..100 {
            assert_eq!(plant.look(&[60]), [60]);
        }
    }

    #[test]
    fn after_an_overload_everybody_is_let_in_again_soon() {
        let mut plant = Plant::new(100.0);
        plant.run(&[300]);
        let looks =
            (0..300).position(|_| plant.look(&[90]) == [90] && plant.pressure.share.load(Ordering::Relaxed) == ALL);
        assert!(looks.is_some_and(|looks| looks < 150), "{looks:?}");
    }

    #[tokio::test(start_paused = true)]
    async fn looking_ends_with_the_door() {
        let pressure = Arc::new(Pressure::new(TARGET));
        let watching = tokio::spawn(Pressure::watch(Arc::downgrade(&pressure)));
        tokio::time::sleep(LOOK * 3).await;
        assert!(!watching.is_finished() && pressure.look.load(Ordering::Relaxed) > 0);
        drop(pressure);
        watching.await.unwrap();
    }
}
