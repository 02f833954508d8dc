//! `mintage key policy`.

use std::time::Duration;

use clap::Args;
use mintage_api::keys::{RotationPolicy, SetRotationPolicyRequest};
use tonic::Status;

use super::ring::OneRing;
use super::status;
use crate::output::Answer;
use crate::session::{Session, present};
use crate::view::time::{duration, parse_length};

/// `mintage key policy`.
#[derive(Debug, Args)]
#[command(
    override_usage = "mintage key policy <RING> <LENGTHS> [OPTIONS]",
    after_help = "\
Which length to choose:
  --period           As your rules ask for; no verifier notices a rotation. 90d unless told.
  --announce-window  So long verifiers have to fetch the next key before it signs. Unless told 90s,
                     which does where they fetch key sets as their max-age and cooldown say. Longer
                     where some do not: as long as the slowest of them keeps a key set.
  --retire-window    A key stays for as long as its last token lives in any case, so 0s does.
                     Longer where somebody verifies tokens that have expired.
  --overdue          So long you have to mend what keeps the next key from signing. 30d unless told.
A length under which a verifier could miss a key, or a token outlive it, is refused. The refusal
says the shortest that is accepted; every longer one is safe, too. What is not given is as key
management's settings say.

Examples:
  $ mintage key policy --algorithm ES256 --period 30d --jitter 12h
  $ mintage key policy --algorithm ES256 --announce-window 1h
  $ mintage key policy --algorithm ES256 --default"
)]
pub(crate) struct Arguments {
    #[command(flatten)]
    ring: OneRing,
    #[command(flatten)]
    lengths: Lengths,
}

#[derive(Debug, Args)]
#[group(required = true, multiple = true)]
#[command(next_help_heading = "Lengths, at least one")]
struct Lengths {
    /// How long a key signs
    #[arg(long, value_parser = parse_length)]
    period: Option<Duration>,
    /// Up to how much earlier its successor may sign
    #[arg(long, value_parser = parse_length)]
    jitter: Option<Duration>,
    /// How long a key stands in the key set before it signs
    #[arg(long, value_parser = parse_length)]
    announce_window: Option<Duration>,
    /// How long a key stays in the key set after it signed last, at least
    #[arg(long, value_parser = parse_length)]
    retire_window: Option<Duration>,
    /// How long past its period a key may sign while it cannot be relieved
    #[arg(long, value_parser = parse_length)]
    overdue: Option<Duration>,
    /// All lengths as key management's settings say
    #[arg(long, conflicts_with_all = ["period", "jitter", "announce_window", "retire_window", "overdue"])]
    default: bool,
}

/// Sets how the keys of a ring follow each other.
pub(crate) async fn run(Arguments { ring, lengths }: Arguments, session: &Session) -> anyhow::Result<Answer> {
    let policy = (!lengths.default).then(|| lengths.policy());
    let request = SetRotationPolicyRequest { ring: Some(ring.name(session).await?), policy };
    let set = session.key_rings().await?.set_rotation_policy(request).await.map_err(|status| in_options(&status))?;
    let set = set.into_inner();
    status::answer(vec![present(set.ring)?])
}

/// A refusal names settings; whoever reads it typed options.
fn in_options(refused: &Status) -> Status {
    let names = NAMES.iter();
    let message = names.fold(refused.message().to_owned(), |text, (setting, option)| text.replace(setting, option));
    let (details, metadata) = (refused.details().to_vec().into(), refused.metadata().clone());
    Status::with_details_and_metadata(refused.code(), message, details, metadata)
}

const NAMES: [(&str, &str); 5] = [
    ("rotation_period", "--period"),
    ("rotation_jitter", "--jitter"),
    ("announce_window", "--announce-window"),
    ("retire_window", "--retire-window"),
    ("rotation_overdue", "--overdue"),
];

impl Lengths {
    fn policy(&self) -> RotationPolicy {
        RotationPolicy {
            period: self.period.map(duration),
            jitter: self.jitter.map(duration),
            announce_window: self.announce_window.map(duration),
            retire_window: self.retire_window.map(duration),
            overdue: self.overdue.map(duration),
        }
    }
}

#[cfg(test)]
mod tests {
    use tonic::Code;

    use super::*;

    #[test]
    fn a_refusal_names_the_option_that_was_typed() {
        let status =
            Status::with_details(Code::InvalidArgument, "rotation_overdue must be at least 100s", vec![1].into());
        let told = in_options(&status);
        assert_eq!((told.message(), told.code()), ("--overdue must be at least 100s", Code::InvalidArgument));
        assert_eq!(told.details(), [1], "and still says why");
    }
}
