//! A service's own database, opened as its settings ask.

use anyhow::{Context, Result};
use mintage_chassis::ServiceName;
use mintage_store::{Database, Schema, StoreError};

use super::arguments::Owner;
use crate::config::DatabaseSection;
use crate::failure::NotReady;
use crate::show;

impl Owner {
    /// Whose it is.
    pub(super) const fn name(self) -> ServiceName {
        match self {
            Self::ClientRegistry => ServiceName::CLIENT_REGISTRY,
            Self::KeyManagement => ServiceName::KEY_MANAGEMENT,
            Self::Consent => ServiceName::CONSENT,
        }
    }

    /// Opens the database, brought up to date where that is asked for.
    ///
    /// # Errors
    /// When it does not answer, or its schema is older than this program.
    pub(super) async fn open(self, section: &DatabaseSection) -> Result<Database> {
        let database = self.connect(section).await?;
        if section.migrate_on_start {
            self.migrate(&database).await?;
        }
        let schema = self.schema(&database).await.with_context(|| format!("the database of {} fails", self.name()))?;
        match schema {
            Schema::Current => {
                show::database(self.name(), &database);
                Ok(database)
            }
            Schema::Older { missing } => Err(NotReady(format!(
                "the database of {name} lacks {missing} of this program's migrations: \
                 run `mintage migrate {name}` first, or set database.migrate_on_start",
                name = self.name()
            ))
            .into()),
        }
    }

    /// Opens the database as it is.
    pub(super) async fn connect(self, section: &DatabaseSection) -> Result<Database> {
        let opened = Database::connect(&section.settings()?).await;
        opened.with_context(|| format!("the database of {} cannot be opened", self.name()))
    }

    /// Brings the schema up to date.
    pub(super) async fn migrate(self, database: &Database) -> Result<()> {
        let migrated = match self {
            Self::ClientRegistry => mintage_client_registry::migrate(database).await,
            Self::KeyManagement => mintage_key_management::migrate(database).await,
            Self::Consent => mintage_consent::migrate(database).await,
        };
        migrated.with_context(|| format!("the database of {} cannot be migrated", self.name()))
    }

    async fn schema(self, database: &Database) -> Result<Schema, StoreError> {
        match self {
            Self::ClientRegistry => mintage_client_registry::schema(database).await,
            Self::KeyManagement => mintage_key_management::schema(database).await,
            Self::Consent => mintage_consent::schema(database).await,
        }
    }
}
