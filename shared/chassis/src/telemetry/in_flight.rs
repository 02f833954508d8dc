//! How many requests each service is answering.

use std::sync::atomic::{AtomicI64, Ordering};

use super::names::IN_FLIGHT;
use crate::ServiceName;

/// A request under way, until it is dropped.
pub(super) struct UnderWay(Option<&'static AtomicI64>);

/// Counts a request of `service`.
pub(super) fn enter(service: ServiceName) -> UnderWay {
    let place = ServiceName::ALL.iter().position(|name| *name == service);
    let count = place.and_then(|place| COUNTS.get(place));
    if let Some(count) = count {
        count.fetch_add(1, Ordering::Relaxed);
    }
    UnderWay(count)
}

/// Shows the counts of the services that have answered something.
pub(super) fn show() {
    IN_FLIGHT.observe(|see| {
        for (name, count) in ServiceName::ALL.iter().zip(&COUNTS) {
            see([name.as_str()], count.load(Ordering::Relaxed) as f64);
        }
    });
}

impl Drop for UnderWay {
    fn drop(&mut self) {
        if let Some(count) = self.0 {
            count.fetch_sub(1, Ordering::Relaxed);
        }
    }
}

static COUNTS: [AtomicI64; ServiceName::ALL.len()] = [const { AtomicI64::new(0) }; ServiceName::ALL.len()];
