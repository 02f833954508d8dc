//! `[log]`.

use mintage_chassis::telemetry::LogFormat;
use serde::{Deserialize, Serialize};

/// What is logged, on standard error.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LogSettings {
    /// Which lines, as target=level pairs in the words of `tracing_subscriber::EnvFilter`: `info`.
    pub filter: String,
    /// How they look: `json`, one object a line, or `human`.
    pub format: LogFormat,
}

impl Default for LogSettings {
    fn default() -> Self {
        Self { filter: "info".to_owned(), format: LogFormat::Json }
    }
}
