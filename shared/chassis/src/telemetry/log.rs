//! Starts the log: in which form, and which of its lines.

use std::io;
use std::sync::OnceLock;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use tracing_subscriber::EnvFilter;
use tracing_subscriber::fmt::format::FmtSpan;
use tracing_subscriber::fmt::writer::BoxMakeWriter;

use super::json::Json;
use super::sink::Sink;

/// How log lines look.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    /// For people.
    #[default]
    Human,
    /// One JSON object a line.
    Json,
}

/// A filter that cannot be read.
#[derive(Debug, thiserror::Error)]
#[error("the log filter {filter:?} cannot be read: {cause}")]
pub struct FilterError {
    filter: String,
    cause: String,
}

/// Starts the log on standard error, for the whole process. A second start changes nothing. Lines are written a moment
/// later by a thread of their own; when standard error is not read, those that find no room are dropped and counted.
///
/// # Errors
/// When `filter` is not in the syntax of `tracing_subscriber::EnvFilter`.
pub fn start(format: LogFormat, filter: &str) -> Result<(), FilterError> {
    let parsed = EnvFilter::try_new(filter)
        .map_err(|cause| FilterError { filter: filter.to_owned(), cause: cause.to_string() })?;
    let builder = tracing_subscriber::fmt()
        .with_env_filter(parsed)
        .with_writer(sink())
        .with_ansi(io::IsTerminal::is_terminal(&io::stderr()))
        .with_span_events(FmtSpan::NONE);
    // A subscriber that is already there stays: tests start many suites in one process.
    let _already_started = match format {
        LogFormat::Human => builder.try_init(),
        LogFormat::Json => builder.event_format(Json).try_init(),
    };
    Ok(())
}

/// Waits until every line so far is written, at most a second: before the process ends.
pub fn flush() {
    if let Some(Some(sink)) = SINK.get() {
        sink.flush(Duration::from_secs(1));
    }
}

/// Where lines go: by the thread that writes them, or without one where none can be started.
fn sink() -> BoxMakeWriter {
    match SINK.get_or_init(|| Sink::to(io::stderr()).ok()) {
        Some(sink) => BoxMakeWriter::new(sink.clone()),
        None => BoxMakeWriter::new(io::stderr),
    }
}

static SINK: OnceLock<Option<Sink>> = OnceLock::new();
