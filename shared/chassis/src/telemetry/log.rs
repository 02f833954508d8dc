//! Starts the log: in which form, and which of its lines.

use serde::{Deserialize, Serialize};
use tracing_subscriber::EnvFilter;
use tracing_subscriber::fmt::format::FmtSpan;

use super::json::Json;

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

/// Starts the log on standard error, for the whole process. A second start changes nothing.
///
/// # Errors
/// When `filter` is not in the syntax of `tracing_subscriber::EnvFilter`.
pub fn start(format: LogFormat, filter: &str) -> Result<(), FilterError> {
    let parsed = EnvFilter::try_new(filter)
        .map_err(|cause| FilterError { filter: filter.to_owned(), cause: cause.to_string() })?;
    let builder = tracing_subscriber::fmt()
        .with_env_filter(parsed)
        .with_writer(std::io::stderr)
        .with_ansi(std::io::IsTerminal::is_terminal(&std::io::stderr()))
        .with_span_events(FmtSpan::NONE);
    // A subscriber that is already there stays: tests start many suites in one process.
    let _already_started = match format {
        LogFormat::Human => builder.try_init(),
        LogFormat::Json => builder.event_format(Json).try_init(),
    };
    Ok(())
}
