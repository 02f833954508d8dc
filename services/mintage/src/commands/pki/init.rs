//! `mintage pki init`.

use std::path::PathBuf;
use std::time::Duration;

use anyhow::bail;
use clap::Args;
use mintage_chassis::identity::{Authority, TrustDomain, Validity};
use mintage_clock::Clock;

use super::files::{self, CA, CA_KEY, PRIVATE, PUBLIC};
use crate::output::{Answer, Block};

/// `mintage pki init`.
#[derive(Debug, Args)]
#[command(after_help = HELP)]
pub(crate) struct Arguments {
    /// The folder for the authority's certificate (ca.pem) and private key (ca.key)
    #[arg(long, value_name = "DIR")]
    dir: PathBuf,
    /// What the certificates of this installation's services have in common: 1 to 255 of a-z, 0-9, ., - and _
    #[arg(long, value_name = "NAME", default_value = "mintage.internal")]
    trust_domain: TrustDomain,
    /// How many days the authority is good for
    #[arg(long, value_name = "DAYS", default_value_t = TEN_YEARS, value_parser = clap::value_parser!(u32).range(1..=36_500))]
    days: u32,
}

/// Makes an authority. One that is there stays as it is.
pub(super) fn run(arguments: Arguments, clock: &Clock) -> anyhow::Result<Answer> {
    let Arguments { dir, trust_domain, days } = arguments;
    let (certificate, private_key) = (dir.join(CA), dir.join(CA_KEY));
    for path in [&certificate, &private_key] {
        if path.symlink_metadata().is_ok() {
            bail!("{} is there already: an authority is not overwritten; choose another --dir", path.display());
        }
    }
    let validity = Validity::starting(clock.now(), Duration::from_hours(24 * u64::from(days)));
    let authority = Authority::create(trust_domain, validity)?;
    files::make_folder(&dir)?;
    files::write_new(&private_key, &authority.private_key(), PRIVATE)?;
    files::write_new(&certificate, authority.certificate(), PUBLIC)?;
    let facts = vec![
        ("trust_domain", authority.trust_domain().to_string()),
        ("certificate", certificate.display().to_string()),
        ("private_key", private_key.display().to_string()),
    ];
    let answer = facts.iter().try_fold(Answer::default(), |answer, (name, value)| answer.with(name, value))?;
    let answer = answer.block(Block::Facts(facts));
    Ok(answer.remark(
        "Whoever has the private key can be any service: keep it where certificates are issued, and only there.",
    ))
}

const TEN_YEARS: u32 = 3650;

const HELP: &str = "\
Examples:
  $ mintage pki init --dir pki
  $ mintage pki init --dir pki --trust-domain staging.mintage.internal --days 365";
