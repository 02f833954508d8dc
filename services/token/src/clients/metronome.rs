//! The runtime's timer, kept by the clock.

use std::time::Duration;

use async_trait::async_trait;
use mintage_clock::Clock;

use crate::domain::ports::Metronome;

/// Waits with tokio's timer.
pub(crate) struct RuntimeMetronome {
    clock: Clock,
}

impl RuntimeMetronome {
    /// Waits for readings of `clock`.
    pub(crate) const fn new(clock: Clock) -> Self {
        Self { clock }
    }
}

#[async_trait]
impl Metronome for RuntimeMetronome {
    async fn wait_until(&self, reading: Duration) {
        tokio::time::sleep(reading.saturating_sub(self.clock.monotonic())).await;
    }
}
