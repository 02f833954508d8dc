use std::collections::VecDeque;

use mintage_clock::Randomness;
use tokio::time::advance;

use super::*;

const TARGET: Duration = Duration::from_millis(100);

/// A process that does `capacity` requests a look, and those who ask: each over connections of its own, one request at a
/// time on each. Whoever finds all of them waiting for an answer does not ask.
struct Plant {
    pressure: Pressure,
    capacity: f64,
    /// What refusing one costs, in parts of a request.
    refusal: f64,
    addresses: Vec<Address>,
    /// Whose requests wait, and since when.
    queue: VecDeque<(usize, Instant)>,
    /// What is left of a look's work, or was done beyond it.
    left: f64,
    waits: Vec<Duration>,
    noise: Randomness,
}

struct Address {
    /// Requests that it would send between two looks.
    asks: usize,
    free: usize,
    /// Until when its refused requests are not answered.
    held: Vec<Instant>,
    served: usize,
}

impl Plant {
    /// `asked`: what each address would ask between two looks, over how many connections.
    fn new(capacity: f64, asked: &[(usize, usize)]) -> Self {
        let address = |&(asks, free): &(usize, usize)| Address { asks, free, held: Vec::new(), served: 0 };
        Self {
            pressure: Pressure::new(TARGET),
            capacity,
            refusal: 0.3,
            addresses: asked.iter().map(address).collect(),
            queue: VecDeque::new(),
            left: 0.0,
            waits: Vec::new(),
            noise: Randomness::seeded(16),
        }
    }

    async fn look(&mut self) {
        advance(LOOK).await;
        let now = Instant::now();
        let mut work = self.capacity + self.left.min(0.0);
        for (index, address) in self.addresses.iter_mut().enumerate() {
            let before = address.held.len();
            address.held.retain(|until| *until > now);
            address.free += before - address.held.len();
            for _ in 0..address.asks.min(address.free) {
                address.free -= 1;
                if self.pressure.lets_in(Some(IpAddr::from([10, 0, (index / 256) as u8, (index % 256) as u8]))) {
                    self.queue.push_back((index, now));
                } else {
                    work -= self.refusal;
                    address.held.push(now + self.pressure.hold());
                }
            }
        }
        while work >= 1.0
            && let Some((index, since)) = self.queue.pop_front()
        {
            work -= 1.0;
            self.waits.push(now - since);
            self.addresses[index].free += 1;
            self.addresses[index].served += 1;
        }
        self.left = work;
        // What is measured is not exact.
        let noise = 0.6 + 0.8 * f64::from(u8::from_le_bytes(self.noise.bytes())) / 255.0;
        self.pressure.see(LOOK.mul_f64(self.queue.len() as f64 / self.capacity * noise), LOOK);
    }

    /// Many looks; returns how many of each address were served, in parts of what can be done, after things have settled.
    async fn run(&mut self) -> Vec<f64> {
        for _ in 0..300 {
            self.look().await;
        }
        self.waits.clear();
        self.addresses.iter_mut().for_each(|address| address.served = 0);
        for _ in 0..SETTLED {
            self.look().await;
        }
        let part = |address: &Address| address.served as f64 / SETTLED as f64 / self.capacity;
        self.addresses.iter().map(part).collect()
    }

    fn wait(&mut self, share: f64) -> Duration {
        self.waits.sort_unstable();
        self.waits[(self.waits.len() as f64 * share) as usize]
    }
}

const SETTLED: usize = 1000;

#[tokio::test(start_paused = true)]
async fn b8_at_three_times_what_can_be_done_nearly_as_much_is_done_as_can_be_and_none_waits_long() {
    for addresses in [1, 7, 60, 300] {
        let mut plant = Plant::new(100.0, &vec![(300 / addresses, 6000 / addresses); addresses]);
        let goodput: f64 = plant.run().await.iter().sum();
        assert!((0.8..=1.01).contains(&goodput), "{addresses}: {goodput}");
        assert!(plant.wait(0.99) < TARGET * 3, "{addresses}: {:?}", plant.wait(0.99));
    }
}

#[tokio::test(start_paused = true)]
async fn b8_who_asks_for_little_gets_all_of_it_beside_one_who_asks_for_everything() {
    let mut asked = vec![(300, 4000)];
    asked.extend([(5, 500); 8]);
    let mut plant = Plant::new(100.0, &asked);
    let served = plant.run().await;
    for modest in &served[1..] {
        assert!(*modest > 0.048, "{served:?}");
    }
    assert!((0.4..=0.6).contains(&served[0]), "{served:?}");
}

#[tokio::test(start_paused = true)]
async fn few_connections_wait_for_one_another_and_none_is_refused() {
    let mut plant = Plant::new(100.0, &[(300, 500)]);
    assert!(plant.run().await[0] > 0.99);
    assert!(plant.wait(0.99) < TARGET);
    assert_eq!(plant.pressure.gate.load(Ordering::Relaxed), Gate::Open as u8);
}

#[tokio::test(start_paused = true)]
async fn what_can_be_done_is_never_refused_and_a_short_wait_refuses_nobody() {
    let mut plant = Plant::new(100.0, &[(95, 10_000)]);
    assert_eq!(plant.run().await, [0.95]);
    plant.addresses[0].asks = 1300;
    plant.look().await;
    plant.addresses[0].asks = 0;
    for _ in 0..100 {
        plant.look().await;
    }
    assert!(plant.waits.iter().max() > Some(&TARGET));
    assert!(plant.addresses[0].held.is_empty() && plant.addresses[0].free == 10_000);
}

#[tokio::test(start_paused = true)]
async fn after_an_overload_everybody_is_let_in_again_soon() {
    let mut plant = Plant::new(100.0, &[(300, 6000)]);
    plant.run().await;
    assert_ne!(plant.pressure.gate.load(Ordering::Relaxed), Gate::Open as u8);
    plant.addresses[0].asks = 60;
    for _ in 0..300 {
        plant.look().await;
    }
    assert_eq!(plant.pressure.gate.load(Ordering::Relaxed), Gate::Open as u8);
}

#[tokio::test(start_paused = true)]
async fn b8_refusals_are_told_no_faster_than_they_can_be_and_nobody_is_kept_for_long() {
    let pressure = Pressure::new(TARGET);
    let holds: Vec<_> = (0..1000).map(|_| pressure.hold()).collect();
    assert_eq!((holds[0], holds[10]), (Duration::ZERO, SLOWEST_PACE * 10));
    assert_eq!(holds.iter().max(), Some(&LONGEST_HOLD));
    advance(LONGEST_HOLD).await;
    assert_eq!(pressure.hold(), Duration::ZERO);
}

#[tokio::test(start_paused = true)]
async fn looking_ends_with_the_door() {
    let pressure = Arc::new(Pressure::new(TARGET));
    let watching = tokio::spawn(Pressure::watch(Arc::downgrade(&pressure)));
    tokio::time::sleep(LOOK * 3).await;
    assert!(!watching.is_finished() && pressure.steering.lock().unwrap().calm > Duration::ZERO);
    drop(pressure);
    watching.await.unwrap();
}
