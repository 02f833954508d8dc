//! `mintage key hold`.

use clap::Args;
use mintage_api::keys::HoldKeyRingRequest;

use super::ring::OneRing;
use super::status;
use crate::output::Answer;
use crate::session::{Session, present};

/// `mintage key hold`.
#[derive(Debug, Args)]
#[command(after_help = "\
While a ring is held no key follows by itself; `mintage key rotate` still works. Only just before
the active key ends the next one signs all the same, so that something does: `mintage key status`
says when that is.

Example:
  $ mintage key hold --algorithm ES256 --reason 'partners are not ready'")]
pub(crate) struct Arguments {
    #[command(flatten)]
    ring: OneRing,
    /// Why, for the record
    #[arg(long, default_value = "", hide_default_value = true)]
    reason: String,
}

/// Holds a ring.
pub(crate) async fn run(Arguments { ring, reason }: Arguments, session: &Session) -> anyhow::Result<Answer> {
    let already_said = if reason.is_empty() { ALREADY } else { BESIDES };
    let request = HoldKeyRingRequest { ring: Some(ring.name(session).await?), release: false, reason };
    let held = session.key_rings().await?.hold_key_ring(request).await?.into_inner();
    let already = held.already;
    let answer = status::answer(vec![present(held.ring)?])?;
    Ok(if already { answer.remark(already_said) } else { answer })
}

const ALREADY: &str = "The ring was held already: nothing was done. `mintage key history` says who held it and why.";
// A release before keeps no second reason.
const BESIDES: &str = "The ring was held already, and stays so. `mintage key history` says who held it and why, and shows whether \
    your reason is on record, too.";
