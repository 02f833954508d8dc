//! `mintage migrate`: brings the schema of a service's database up to date. It needs `[database]` and nothing else.

use anyhow::Result;

use super::arguments::{Owner, Served};
use super::{environment, start_log};
use crate::config::{self, ClientRegistryConfig, ConsentConfig, DatabaseSection, KeyManagementConfig, LogSettings};
use crate::output;

pub(super) async fn run(arguments: &Served<Owner>) -> Result<()> {
    let (file, owner) = (arguments.settings.config.as_deref(), arguments.service);
    match owner {
        Owner::ClientRegistry => {
            let config: ClientRegistryConfig = config::read(file, environment())?;
            migrate(owner, &config.log, &config.database).await
        }
        Owner::KeyManagement => {
            let config: KeyManagementConfig = config::read(file, environment())?;
            migrate(owner, &config.log, &config.database).await
        }
        Owner::Consent => {
            let config: ConsentConfig = config::read(file, environment())?;
            migrate(owner, &config.log, &config.database).await
        }
    }
}

async fn migrate(owner: Owner, log: &LogSettings, section: &DatabaseSection) -> Result<()> {
    section.check()?;
    start_log(log)?;
    let database = owner.connect(section).await?;
    owner.migrate(&database).await?;
    database.close().await?;
    output::remark(&format!("the database of {} is up to date", owner.name()));
    Ok(())
}
