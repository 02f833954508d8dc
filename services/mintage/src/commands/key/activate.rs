//! `mintage key activate`.

use clap::Args;
use mintage_api::keys::{ActivateSigningKeyRequest, ActivateSigningKeyResponse};

use super::rotate;
use crate::commands::arguments::InTenant;
use crate::output::Answer;
use crate::session::{Session, present};

/// `mintage key activate`.
#[derive(Debug, Args)]
#[command(after_help = "\
Refused while some verifier may not know the key, or a watcher of the key set has not acknowledged
it; `mintage key rotate` waits for both.

Example:
  $ mintage key activate oKIywvGUpTVTyxMQ3bwIIeQUudfr_CkLMjCE19ECD-U")]
pub(crate) struct Arguments {
    /// The id of an announced key
    #[arg(allow_hyphen_values = true)]
    kid: String,
    /// Also while verifiers may not know it; these refuse its tokens for a while
    #[arg(long)]
    now_danger: bool,
    #[command(flatten)]
    place: InTenant,
}

/// Lets an announced key sign now.
pub(crate) async fn run(Arguments { kid, now_danger, place }: Arguments, session: &Session) -> anyhow::Result<Answer> {
    let request = ActivateSigningKeyRequest { tenant_id: place.tenant, kid, now_danger };
    let ActivateSigningKeyResponse { successor, predecessor, early } =
        session.key_rings().await?.activate_signing_key(request).await?.into_inner();
    rotate::answer(present(successor)?, predecessor, early)
}
