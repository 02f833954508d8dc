//! Why settings are refused: always with the key, in full.

use std::fmt::Display;
use std::io;
use std::path::PathBuf;

/// Why settings cannot be used. Never shows a value: it may be a secret.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The file cannot be read.
    #[error("{path} cannot be read: {source}", path = path.display())]
    Unreadable {
        /// Which.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The file is not TOML.
    #[error("{path}, line {line}: {what}", path = path.display())]
    Syntax {
        /// Which.
        path: PathBuf,
        /// Where, from 1.
        line: usize,
        /// Why.
        what: String,
    },
    /// Nothing is called so.
    #[error("unknown setting {key}{hint}")]
    Unknown {
        /// The key in full, as it was given.
        key: String,
        /// What may have been meant.
        hint: String,
    },
    /// What was given cannot be what the setting is.
    #[error("{key}: {what}")]
    Value {
        /// The key in full, as it was given.
        key: String,
        /// Why.
        what: String,
    },
    /// A setting must be given.
    #[error("{0} must be set")]
    Missing(String),
    /// Settings are out of their bounds or do not go together; it begins with the key.
    #[error("{0}")]
    Bounds(String),
}

impl ConfigError {
    /// What a check within `section` says, which begins with the key there.
    pub(crate) fn within(section: &str, refusal: impl Display) -> Self {
        Self::Bounds(format!("{section}.{refusal}"))
    }
}

/// What must be set.
///
/// # Errors
/// When it is not.
pub(crate) fn required<'s, T>(key: &str, setting: Option<&'s T>) -> Result<&'s T, ConfigError> {
    setting.ok_or_else(|| ConfigError::Missing(key.to_owned()))
}
