//! `[database]`.

use mintage_store::{DatabaseSettings, PoolSettings};
use serde::{Deserialize, Serialize};

use super::error::required;
use super::{ConfigError, DatabaseUrl};

/// The service's own database.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct DatabaseSection {
    /// `postgres://user:password@host/database`, or `sqlite://path?mode=rwc` where there is one replica. A secret.
    pub url: Option<DatabaseUrl>,
    /// How it is asked.
    pub pool: PoolSettings,
    /// Whether `mintage serve` brings the schema up to date itself, replicas one after the other; or else it refuses to
    /// serve on a schema that is older, and `mintage migrate` comes first.
    pub migrate_on_start: bool,
}

impl DatabaseSection {
    /// Where the database is and how it is asked.
    pub(crate) fn settings(&self) -> Result<DatabaseSettings, ConfigError> {
        let url = required("database.url", self.url.as_ref())?;
        Ok(DatabaseSettings { pool: self.pool, ..DatabaseSettings::at(url.reveal()) })
    }

    pub(crate) fn check(&self) -> Result<(), ConfigError> {
        self.pool.check().map_err(|error| ConfigError::within("database.pool", error))?;
        self.settings().map(drop)
    }
}
