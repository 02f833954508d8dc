//! `mintage pki issue`.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::Context;
use clap::Args;
use mintage_chassis::ServiceName;
use mintage_chassis::identity::{Authority, SpiffeId, Validity};
use mintage_clock::Clock;

use super::files::{self, CA, CA_KEY, PRIVATE, PUBLIC};
use crate::output::{Answer, Block};

/// `mintage pki issue`.
#[derive(Debug, Args)]
#[command(after_help = HELP)]
pub(crate) struct Arguments {
    /// The service: edge, token, consent, client-registry, key-management or mintage
    service: ServiceName,
    /// The folder that `mintage pki init` made
    #[arg(long, value_name = "DIR")]
    dir: PathBuf,
    /// A host name that the certificate is good for too, where clients check one; repeatable
    #[arg(long = "dns", value_name = "NAME")]
    dns_names: Vec<String>,
    /// How many days the certificate is good for
    #[arg(long, value_name = "DAYS", default_value_t = 30, value_parser = clap::value_parser!(u32).range(1..=36_500))]
    days: u32,
    /// The folder for tls.crt, tls.key and ca.crt; a folder named as the service in --dir unless told
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
}

/// Issues a certificate, in place of the one there is. The files are called as cert-manager calls them in Kubernetes, so
/// that the same settings serve both.
pub(super) fn run(arguments: Arguments, clock: &Clock) -> anyhow::Result<Answer> {
    let Arguments { service, dir, dns_names, days, out } = arguments;
    let trusted = read(&dir.join(CA))?;
    let authority = Authority::from_pem(&trusted, &read(&dir.join(CA_KEY))?)
        .with_context(|| format!("the authority in {} cannot issue", dir.display()))?;
    let validity = Validity::starting(clock.now(), Duration::from_hours(24 * u64::from(days)));
    let issued = authority.issue(service, &dns_names, validity)?;
    let out = out.unwrap_or_else(|| dir.join(service.as_str()));
    files::make_folder(&out)?;
    let (certificate, private_key, authorities) = (out.join("tls.crt"), out.join("tls.key"), out.join("ca.crt"));
    files::replace(&authorities, &trusted, PUBLIC)?;
    files::replace(&private_key, &issued.private_key, PRIVATE)?;
    files::replace(&certificate, &issued.certificate, PUBLIC)?;
    let facts = vec![
        ("id", SpiffeId::new(authority.trust_domain(), service).to_string()),
        ("certificate", certificate.display().to_string()),
        ("private_key", private_key.display().to_string()),
        ("authorities", authorities.display().to_string()),
    ];
    let answer = facts.iter().try_fold(Answer::default(), |answer, (name, value)| answer.with(name, value))?;
    Ok(answer.block(Block::Facts(facts)))
}

fn read(path: &Path) -> anyhow::Result<String> {
    fs::read_to_string(path)
        .with_context(|| format!("{} cannot be read; `mintage pki init` makes an authority", path.display()))
}

const HELP: &str = "\
To follow one authority by another, make the new one elsewhere, append the old ca.pem to its
ca.pem, and issue to every service; then take the old one out and issue to every service again.
All of them in a row: one that knows the old authority alone believes nobody who shows the new.

Examples:
  $ mintage pki issue token --dir pki
  $ mintage pki issue edge --dir pki --dns mint.example.com --dns localhost --days 90
  $ mintage pki issue key-management --dir pki --out /run/mintage/key-management";
