//! Waiting for what other processes do and do not tell of.

use std::thread;
use std::time::Duration;

use mintage_clock::Clock;

/// Makes `attempt` again and again, with a pause in between, until it brings something; `None` when it has not within
/// `patience`.
pub fn eventually<T>(patience: Duration, mut attempt: impl FnMut() -> Option<T>) -> Option<T> {
    let began = Clock::System.monotonic();
    loop {
        let brought = attempt();
        if brought.is_some() || Clock::System.monotonic() - began >= patience {
            return brought;
        }
        thread::sleep(PAUSE);
    }
}

/// Each attempt may be a process that starts, asks and ends: others want the processor too.
const PAUSE: Duration = Duration::from_millis(50);
