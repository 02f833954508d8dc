//! What processes tell of themselves: traces, metrics and the log, seen from outside.
//!
//! - `receiver` takes OTLP as a collector does; `scraper` is Debian's own Prometheus. `spans` reads what was received.
//! - `traces` and `metrics` are what must arrive; `lines` what must stand in the log, `canary` what must stand nowhere.
//! - `rules` holds the dashboard and the alerts against the names there are, and has Prometheus' own tool try them.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use mintage_chassis::ServiceName;

mod canary;
mod lines;
mod metrics;
mod receiver;
mod rules;
mod scraper;
mod spans;
mod traces;

/// Every service.
const SERVICES: [ServiceName; 5] = [
    ServiceName::EDGE,
    ServiceName::TOKEN,
    ServiceName::CONSENT,
    ServiceName::CLIENT_REGISTRY,
    ServiceName::KEY_MANAGEMENT,
];
