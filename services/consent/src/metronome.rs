//! Waits.

use std::time::Duration;

use mintage_clock::Clock;

use crate::domain::password_directory::Metronome;

/// Waits by the timers of the runtime.
#[derive(Debug)]
pub(crate) struct RuntimeMetronome(pub(crate) Clock);

impl Metronome for RuntimeMetronome {
    async fn wait_until(&self, reading: Duration) {
        tokio::time::sleep(reading.saturating_sub(self.0.monotonic())).await;
    }
}
