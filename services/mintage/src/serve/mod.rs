//! `mintage serve`: one service in a process of its own.
//!
//! - `arguments` are the commands; `check`, `migrate`, `bootstrap` and `health` are those around it.
//! - `links` are the ways to siblings; `database` opens the service's own; `assembly` builds the service of both.
//! - `doors` are its listeners; `plaintext` is what stands in for TLS in trials on one machine.

mod arguments;
mod assembly;
mod bootstrap;
mod check;
mod database;
mod doors;
mod health;
mod links;
mod migrate;
mod plaintext;

use std::path::Path;
use std::time::Duration;

use anyhow::{Context, Result};
use mintage_chassis::Tasks;
use mintage_chassis::telemetry::{self, Program, Telemetry, TelemetrySettings};
use mintage_clock::Clock;

use self::arguments::{ConfigCommand, Service};
use self::assembly::Assemble;
use self::doors::Doors;
use self::links::{Links, chain};
use crate::config::{
    self, ClientRegistryConfig, ConfigError, ConsentConfig, EdgeConfig, KeyManagementConfig, LogSettings, TokenConfig,
};
use crate::output;
use crate::stop::Stop;

pub(crate) use arguments::Command;

/// Carries `command` out.
///
/// # Errors
/// When the settings cannot be used, or what they lead to cannot be had.
pub(crate) async fn run(command: Command) -> Result<()> {
    match command {
        Command::Serve(arguments) => {
            let file = arguments.settings.config.as_deref();
            match arguments.service {
                Service::ClientRegistry => serve::<ClientRegistryConfig>(file).await,
                Service::KeyManagement => serve::<KeyManagementConfig>(file).await,
                Service::Consent => serve::<ConsentConfig>(file).await,
                Service::Token => serve::<TokenConfig>(file).await,
                Service::Edge => serve::<EdgeConfig>(file).await,
            }
        }
        Command::Config(ConfigCommand::Check(arguments)) => check::run(&arguments).await,
        Command::Migrate(arguments) => migrate::run(&arguments).await,
        Command::Bootstrap(arguments) => bootstrap::run(arguments).await,
        Command::Health(arguments) => health::run(&arguments).await,
    }
}

/// Settings → build → serve → drain.
async fn serve<C: Assemble>(file: Option<&Path>) -> Result<()> {
    let clock = Clock::System;
    let began = clock.monotonic();
    let config: C = settings(file)?;
    start_log(config.common().log)?;
    let telemetry = start_telemetry::<C>(config.common().telemetry)?;
    let mut stop = Stop::listen()?;
    let beside = Tasks::new();
    let links = Links::open(&config, &beside)?;
    let built = config.build(&links, &clock).await?;
    let doors = Doors::open(&config, &links, &beside).await?;
    let ready = doors.ready::<C>()?;
    let open = doors.serve(&built, telemetry.router()).await?;
    let took = clock.monotonic().saturating_sub(began);
    announce(took, &ready)?;
    stop.told().await;
    tracing::info!("stopping: requests under way may end");
    open.drain().await;
    built.drain().await?;
    beside.drain().await;
    telemetry.end().await;
    Ok(())
}

/// The settings in `file` and in the environment.
fn settings<C: config::ServiceConfig>(file: Option<&Path>) -> Result<C, ConfigError> {
    config::load(file, environment())
}

fn environment() -> impl Iterator<Item = (String, String)> {
    std::env::vars_os().filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
}

fn start_log(log: &LogSettings) -> Result<(), ConfigError> {
    telemetry::start(log.format, &log.filter).map_err(|error| ConfigError::within("log", format!("filter: {error}")))
}

/// Before anything that it shall tell of.
fn start_telemetry<C: config::ServiceConfig>(settings: &TelemetrySettings) -> Result<Telemetry, ConfigError> {
    let program = Program { service: Some(C::SERVICE), version: env!("CARGO_PKG_VERSION") };
    Telemetry::start(settings, program).map_err(|error| ConfigError::within("telemetry", chain(&error)))
}

fn announce(took: Duration, ready: &str) -> Result<()> {
    let text = format!("ready after {:.1} s: {ready}\n", took.as_secs_f64());
    output::announce(&text).context("standard output is closed")
}
