//! `mintage config check`: everything that can be told without opening a port or a database.

use std::path::Path;

use anyhow::{Context, Result};
use mintage_chassis::Tasks;

use super::arguments::{Served, Service};
use super::doors::public_certificate;
use super::links::Links;
use super::{settings, start_log};
use crate::config::{
    self, ClientRegistryConfig, ConsentConfig, EdgeConfig, KeyManagementConfig, ServiceConfig, TokenConfig,
};
use crate::output;

pub(super) async fn run(arguments: &Served<Service>) -> Result<()> {
    let file = arguments.settings.config.as_deref();
    match arguments.service {
        Service::ClientRegistry => check::<ClientRegistryConfig>(file).await,
        Service::KeyManagement => check::<KeyManagementConfig>(file).await,
        Service::Consent => check::<ConsentConfig>(file).await,
        Service::Token => check::<TokenConfig>(file).await,
        Service::Edge => check::<EdgeConfig>(file).await,
    }
}

async fn check<C: ServiceConfig>(file: Option<&Path>) -> Result<()> {
    let config: C = settings(file)?;
    let common = config.common();
    start_log(common.log)?;
    let tasks = Tasks::new();
    Links::open(&config, &tasks)?;
    public_certificate(&common, &tasks)?;
    tasks.drain().await;
    let text = config::shown(&config).context("the settings cannot be shown")?;
    output::announce(&text).context("standard output is closed")
}
