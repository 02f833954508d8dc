//! What was measured, and for how long to measure.

use std::time::Duration;

use tokio::time::Instant;

/// Many measurements of one thing.
#[derive(Debug, Default)]
pub(super) struct Figures(Vec<Duration>);

impl Figures {
    pub(super) fn add(&mut self, measured: Duration) {
        self.0.push(measured);
    }

    /// Prints them as a line for `docs/reliability.md`; the longest.
    pub(super) fn report(mut self, what: &str) -> Duration {
        self.0.sort_unstable();
        let at = |share: f64| {
            #[expect(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                clippy::cast_precision_loss,
                reason = "a place in a list"
            )]
            let place = (self.0.len() as f64 * share) as usize;
            self.0.get(place.min(self.0.len().saturating_sub(1))).copied().unwrap_or_default()
        };
        let millis = |length: Duration| length.as_secs_f64() * 1e3;
        let (half, most, longest) = (millis(at(0.5)), millis(at(0.99)), at(1.0));
        println!("figure: {what} | {} | {half:.1} | {most:.1} | {:.1}", self.0.len(), millis(longest));
        longest
    }
}

/// So many rounds, and more until `MINTAGE_SOAK_SECONDS` are over.
pub(super) fn rounds(at_least: usize) -> impl Iterator<Item = usize> {
    let (began, soak) = (Instant::now(), soak());
    (0..).take_while(move |round| *round < at_least || began.elapsed() < soak)
}

#[expect(clippy::disallowed_methods, reason = "tests have no settings but the environment")]
fn soak() -> Duration {
    let seconds = std::env::var("MINTAGE_SOAK_SECONDS").ok().map(|text| text.parse().expect("a number of seconds"));
    Duration::from_secs(seconds.unwrap_or_default())
}

/// What chance follows: `MINTAGE_FAULT_SEED`, or one that is printed.
#[expect(clippy::disallowed_methods, reason = "tests have no settings but the environment")]
pub(super) fn seed() -> u64 {
    let given = std::env::var("MINTAGE_FAULT_SEED").ok().map(|text| text.parse().expect("a number"));
    let seed = given.unwrap_or_else(|| u64::from_be_bytes(mintage_clock::Randomness::system().bytes()));
    println!("MINTAGE_FAULT_SEED={seed}");
    seed
}
