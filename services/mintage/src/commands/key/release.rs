//! `mintage key release`.

use clap::Args;
use mintage_api::keys::HoldKeyRingRequest;

use super::ring::OneRing;
use super::status;
use crate::output::Answer;
use crate::session::{Session, present};

/// `mintage key release`.
#[derive(Debug, Args)]
#[command(after_help = "\
Example:
  $ mintage key release --algorithm ES256")]
pub(crate) struct Arguments {
    #[command(flatten)]
    ring: OneRing,
    /// Why, for the record
    #[arg(long, default_value = "", hide_default_value = true)]
    reason: String,
}

/// Lets go of a ring that was held.
pub(crate) async fn run(Arguments { ring, reason }: Arguments, session: &Session) -> anyhow::Result<Answer> {
    let request = HoldKeyRingRequest { ring: Some(ring.name(session).await?), release: true, reason };
    let released = session.key_rings().await?.hold_key_ring(request).await?.into_inner();
    let already = released.already;
    let answer = status::answer(vec![present(released.ring)?])?;
    Ok(if already { answer.remark(ALREADY) } else { answer })
}

const ALREADY: &str = "The ring was not held: nothing was done, and no reason is put on record.";
