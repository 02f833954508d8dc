//! `mintage bootstrap`: the first tenant of an installation, and its operator.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, Result};
use mintage_chassis::{ServiceName, Tasks, Transport};
use mintage_clock::Clock;
use mintage_oauth::{Issuer, TenantId};
use tonic::Status;

use super::arguments::{BootstrapArgs, Owner};
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
    // What is looked for before it is made would be made twice by two at once.
    let database = Owner::ClientRegistry.connect(&config.database).await?;
    let outcome = database.alone(LOCK, PATIENCE, work(&config, &arguments)).await;
    database.close().await?;
    outcome.context("another `mintage bootstrap` does not end, or the database does not answer")?
}

async fn work(config: &ClientRegistryConfig, arguments: &BootstrapArgs) -> Result<()> {
    let beside = Tasks::new();
    let links = Links::open(config, &beside)?;
    let built = config.build(&links, &Clock::System).await?;
    let outcome = set_up(&built, arguments).await;
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
    let file = arguments.write.as_deref().map(Draft::of).transpose()?;
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

fn write(draft: Option<Draft<'_>>, profile: &str) -> io::Result<()> {
    match draft {
        Some(draft) => draft.keep(profile),
        None => output::announce(profile),
    }
}

/// A private file that is there whole or not at all: what is cut short is in nobody's way when it is done again.
struct Draft<'p> {
    file: File,
    path: PathBuf,
    kept_as: &'p Path,
}

impl<'p> Draft<'p> {
    /// Of a file that is not there yet.
    fn of(kept_as: &'p Path) -> Result<Self> {
        let mut name = kept_as.as_os_str().to_owned();
        name.push(".draft");
        let path = PathBuf::from(name);
        let made = if fs::exists(kept_as)? { Err(io::ErrorKind::AlreadyExists.into()) } else { Self::make(&path) };
        let file = made.with_context(|| format!("{} cannot be made", kept_as.display()))?;
        Ok(Self { file, path, kept_as })
    }

    fn make(path: &Path) -> io::Result<File> {
        match fs::remove_file(path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)
    }

    fn keep(mut self, text: &str) -> io::Result<()> {
        self.file.write_all(text.as_bytes())?;
        self.file.sync_all()?;
        fs::rename(&self.path, self.kept_as)
    }
}

impl Drop for Draft<'_> {
    fn drop(&mut self) {
        // Kept, it is not there any more.
        let _ = fs::remove_file(&self.path);
    }
}

const SECRET_LABEL: &str = "mintage bootstrap";
/// "setup" in bytes.
const LOCK: i64 = 0x0073_6574_7570;
/// As long as another's work may take, its waits for siblings included.
const PATIENCE: Duration = Duration::from_mins(1);

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::PermissionsExt;

    use super::Draft;

    #[test]
    fn a_profile_is_there_whole_or_not_at_all_and_never_replaced() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("operator.env");
        let entries = || fs::read_dir(folder.path()).unwrap().count();
        drop(Draft::of(&path).unwrap());
        assert_eq!(entries(), 0, "an attempt that failed leaves nothing");
        // One that was killed leaves what is in nobody's way.
        std::mem::forget(Draft::of(&path).unwrap());
        Draft::of(&path).unwrap().keep("the first").unwrap();
        assert_eq!((fs::read_to_string(&path).unwrap().as_str(), entries()), ("the first", 1));
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        let refused = Draft::of(&path).err().unwrap();
        assert!(refused.to_string().ends_with("operator.env cannot be made"), "{refused:#}");
        assert_eq!((fs::read_to_string(&path).unwrap().as_str(), entries()), ("the first", 1));
    }
}
