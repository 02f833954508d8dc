//! What a process tells of itself: one wide line a request in the log, traces, and metrics.
//!
//! - [`start`] begins the log, as `json` or for people; [`Telemetry`] the rest, as [`TelemetrySettings`] ask. `pipeline` is what the process has of
//!   it: one, as there is one log, and nothing at all unless it is started.
//! - `observe` watches every request, whichever way it comes. What is known of one is its [`Facts`], which inner code
//!   adds to by [`note`]; `outcome` is their end in one word. Of them `line` writes the line and `spans` makes the span.
//! - `context` is W3C's `traceparent`. [`mark`] and [`Batch`] are spans within a request, [`beside`] carries a trace
//!   beside an item of a batch.
//! - [`names`] are the metrics, `metric` is how they are counted, `in_flight` and `process` show what is always there,
//!   `exposition` serves them.

mod context;
mod exposition;
mod facts;
mod in_flight;
mod json;
mod line;
mod log;
mod metric;
pub mod names;
mod observe;
mod outcome;
mod pipeline;
mod process;
mod settings;
mod sink;
mod spans;

pub use facts::{Facts, Way};
pub use line::FIELDS;
pub use log::{FilterError, LogFormat, flush, start};
pub use metric::{Counter, Description, Gauge, Histogram};
pub(crate) use observe::{Caller, at_door, in_process};
pub use observe::{note, shed, trace_id};
pub use pipeline::{Program, StartError, Telemetry};
pub use settings::{OtlpHeaders, TelemetryError, TelemetrySettings};
pub(crate) use spans::Outgoing;
pub use spans::{Batch, beside, mark};
