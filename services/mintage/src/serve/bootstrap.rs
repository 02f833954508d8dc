//! `mintage bootstrap`: the first tenant of an installation, and its operator.

use std::fs::{File, OpenOptions};
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use anyhow::{Context, Result};
use mintage_chassis::{ServiceName, Tasks, Transport};
use mintage_clock::Clock;
use mintage_oauth::{Issuer, TenantId};
use tonic::Status;

use super::arguments::BootstrapArgs;
use super::assembly::{Assemble, Built};
use super::links::Links;
use super::{settings, start_log};
use crate::config::ClientRegistryConfig;
use crate::profile::Credentials;
use crate::setup::{OPERATOR, Setup};
use crate::{env_file, output};

pub(super) async fn run(arguments: BootstrapArgs) -> Result<()> {
    let config: ClientRegistryConfig = settings(arguments.settings.config.as_deref())?;
    start_log(&config.log)?;
    let beside = Tasks::new();
    let links = Links::open(&config, &beside)?;
    let built = config.build(&links, &Clock::System).await?;
    let outcome = set_up(&built, &arguments).await;
    built.drain().await?;
    beside.drain().await;
    outcome
}

async fn set_up(built: &Built, arguments: &BootstrapArgs) -> Result<()> {
    let Built::Grpc(registry, _) = built else { return Ok(()) };
    let registry = Transport::in_process(ServiceName::MINTAGE, registry.routes.clone());
    let tenant = mintage_client_registry::bootstrap(registry.clone(), &arguments.origin).await;
    tenant.context("tenant `default` cannot be set up")?;
    let setup = Setup::new(registry, SECRET_LABEL);
    let there = setup.client_named(OPERATOR).await.context("the operator cannot be looked up")?;
    if let (Some(client_id), false) = (&there, arguments.new_secret) {
        setup.grant_management(client_id).await.context("the operator cannot be granted its scopes")?;
        output::remark(&format!("tenant `default` and its operator {client_id} are there; nothing to write"));
        return Ok(());
    }
    // A file that cannot be written is no reason to lose a secret.
    let file = arguments.write.as_deref().map(private_file).transpose()?;
    let operator = operator(&setup, there).await.context("the operator cannot be set up")?;
    write(file, &profile(&operator, arguments))
        .context("the operator's profile cannot be written: run it again with --new-secret")
}

async fn operator(setup: &Setup, there: Option<String>) -> Result<Credentials, Status> {
    let operator = match there {
        Some(client_id) => setup.new_secret(client_id, false).await?,
        None => setup.create_client(OPERATOR).await?,
    };
    setup.grant_management(&operator.client_id).await?;
    Ok(operator)
}

fn profile(operator: &Credentials, arguments: &BootstrapArgs) -> String {
    let issuer = arguments.origin.first().map(|origin| Issuer::to_string(&origin.issuer())).unwrap_or_default();
    let lines = [
        ("MINTAGE_TENANT", TenantId::DEFAULT),
        ("MINTAGE_ISSUER", &issuer),
        ("OPERATOR_CLIENT_ID", &operator.client_id),
        ("OPERATOR_CLIENT_SECRET", &operator.client_secret),
    ];
    lines.iter().map(|(name, value)| env_file::line(name, value)).collect()
}

fn private_file(path: &Path) -> Result<File> {
    let made = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path);
    made.with_context(|| format!("{} cannot be made", path.display()))
}

fn write(file: Option<File>, profile: &str) -> std::io::Result<()> {
    match file {
        Some(mut file) => file.write_all(profile.as_bytes()).and_then(|()| file.sync_all()),
        None => output::announce(profile),
    }
}

const SECRET_LABEL: &str = "mintage bootstrap";
