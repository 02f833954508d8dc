//! `[database]`.

use mintage_store::{DatabaseSettings, PoolSettings};
use serde::{Deserialize, Serialize};

use super::error::required;
use super::{ConfigError, DatabaseUrl, SecretText};

/// The service's own database.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct DatabaseSection {
    /// `postgres://user:password@host/database`, or `sqlite://path?mode=rwc` where there is one replica. A secret. A
    /// PostgreSQL server elsewhere than on this machine must show a certificate for its name, of the authority in the
    /// file `?sslrootcert=` or a public one; `?sslmode=disable` is plain text, and nothing between the two is taken.
    /// `sslcert` and `sslkey` are the files of a certificate to show it.
    pub url: Option<DatabaseUrl>,
    /// The password of a URL that holds none. A secret.
    pub password: Option<SecretText>,
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
        let password = self.password.as_ref().map(|password| password.reveal().to_owned());
        Ok(DatabaseSettings { url: url.reveal().to_owned(), password, pool: self.pool })
    }

    pub(crate) fn check(&self) -> Result<(), ConfigError> {
        self.pool.check().map_err(|error| ConfigError::within("database.pool", error))?;
        let checked = self.settings()?.check_url();
        checked.map_err(|error| ConfigError::within("database", format!("url: {error}")))
    }
}
