//! `mintage dev`: every service in one process, on a folder of SQLite files.
//!
//! - `arguments` are its options; `data_dir` is the folder with its lock and keys.
//! - [`Suite`] builds the services and joins them through their generated clients.
//! - `doors` are the listeners, and the origins they make the tenant known by.
//! - `first_start` makes the demo API, the demo client and the operator's client; `demo_env` writes them down.

mod arguments;
mod data_dir;
mod demo_env;
mod demo_user;
mod doors;
mod first_start;
mod suite;

use std::path::Path;

use anyhow::{Context, Result};
use mintage_chassis::Tasks;
use mintage_chassis::telemetry::{self, LogFormat, Program, Telemetry, TelemetrySettings};
use mintage_clock::{Clock, Randomness};
use mintage_jose::seal::MasterKey;
use mintage_store::DatabaseSettings;

pub use arguments::DevArgs;
use data_dir::DataDir;
use demo_env::DemoEnv;
use doors::Doors;
pub use suite::{Suite, SuiteParts};

use crate::stop::Stop;
use crate::{env_file, output};

/// The data folder unless told.
pub(crate) const DEFAULT_FOLDER: &str = ".mintage";

/// Runs the suite on `folder` until SIGTERM or Ctrl-C, then lets requests under way end.
///
/// # Errors
/// When the folder, a port or a database cannot be had.
pub(crate) async fn run(arguments: DevArgs, folder: &Path) -> Result<()> {
    telemetry::start(LogFormat::Human, &arguments.log)?;
    let telemetry = start_telemetry(&arguments)?;
    let mut stop = Stop::listen()?;
    let clock = Clock::System;
    let began = clock.monotonic();
    let data = DataDir::open(folder)?;
    let doors = Doors::open(&arguments, &data).await?;
    let suite = Suite::build(parts(&data, clock.clone())?).await?;
    let demo = first_start::prepare(&suite, &doors, &data).await?;
    let tasks = Tasks::new();
    let health = doors.serve(&suite, &telemetry, &tasks).await?;
    announce(&demo, &data, clock.monotonic().saturating_sub(began))?;
    stop.told().await;
    output::remark("stopping: requests under way may end");
    health.not_serving().await;
    tasks.drain().await;
    suite.drain().await?;
    telemetry.end().await;
    Ok(())
}

/// What is asked for on the command line, and nothing else: every trace, where traces are wanted at all.
fn start_telemetry(arguments: &DevArgs) -> Result<Telemetry> {
    let settings = TelemetrySettings {
        metrics: arguments.metrics.is_some(),
        otlp_endpoint: arguments.otlp.clone(),
        sample_one_in: 1,
        ..TelemetrySettings::default()
    };
    Telemetry::start(&settings, Program { service: None, version: env!("CARGO_PKG_VERSION") })
        .context("telemetry cannot be started")
}

fn parts(data: &DataDir, clock: Clock) -> Result<SuiteParts> {
    let randomness = Randomness::system();
    Ok(SuiteParts {
        keys_database: DatabaseSettings::at(data.database_url("keys.sqlite")?),
        registry_database: DatabaseSettings::at(data.database_url("registry.sqlite")?),
        consent_database: DatabaseSettings::at(data.database_url("consent.sqlite")?),
        master_key: MasterKey::from_bytes(&data.key_to("keys.sqlite", "master.key", &randomness)?),
        pepper: data.key_to("registry.sqlite", "pepper.key", &randomness)?,
        consent_pepper: data.key_to("consent.sqlite", "consent-pepper.key", &randomness)?,
        page_token_key: data.key("page-token.key", &randomness)?,
        clock,
        randomness,
    })
}

fn announce(demo: &DemoEnv, data: &DataDir, took: std::time::Duration) -> Result<()> {
    let env_file = data.file(DemoEnv::FILE);
    let text = format!(
        "\
Everything below is in {env_file}. Get a token:

  curl -s {token_url} \\
    -d grant_type=client_credentials \\
    -d client_id={client_id} \\
    -d client_secret={client_secret} \\
    -d audience={audience}

or, in a second terminal: {command}

A third party's application asks for a user's consent: {user_command}
and in the browser sign in as {email} with {password}

ready after {seconds:.1} s: {issuer} · {https_issuer} · grpc {grpc}
",
        env_file = env_file.display(),
        command = token_command(&program(), data.path()),
        user_command = user_command(&program(), data.path()),
        email = demo.user.email,
        password = demo.user.password,
        token_url = demo.token_url(),
        client_id = demo.demo.client_id,
        client_secret = demo.demo.client_secret,
        audience = demo.demo_audience,
        seconds = took.as_secs_f64(),
        issuer = demo.issuer,
        https_issuer = demo.https_issuer,
        grpc = demo.grpc,
    );
    output::announce(&text).context("standard output is closed")
}

/// What this program was started as, which starts it in a second terminal as well.
fn program() -> String {
    let own = std::env::args_os().next().and_then(|own| own.into_string().ok());
    own.unwrap_or_else(|| "mintage".to_owned())
}

/// What fetches a token of the suite in `folder`, to be pasted.
fn token_command(program: &str, folder: &Path) -> String {
    format!("{} token --decode{}", env_file::quoted(program), data_dir_option(folder))
}

/// What signs a user in, to be pasted.
fn user_command(program: &str, folder: &Path) -> String {
    format!("{} sign-in --decode{}", env_file::quoted(program), data_dir_option(folder))
}

fn data_dir_option(folder: &Path) -> String {
    match folder.to_str() {
        None | Some(DEFAULT_FOLDER) => String::new(),
        Some(folder) => format!(" --data-dir {}", env_file::quoted(folder)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_that_is_announced_finds_the_folder() {
        let command = |folder| token_command("target/release/mintage", Path::new(folder));
        assert_eq!(command(".mintage"), "target/release/mintage token --decode");
        assert_eq!(command("my data"), "target/release/mintage token --decode --data-dir 'my data'");
    }
}
