//! `mintage key show`.

use clap::Args;
use mintage_api::keys::GetSigningKeyRequest;

use crate::commands::arguments::InTenant;
use crate::output::Answer;
use crate::session::{Session, present};
use crate::view::Key;

/// `mintage key show`.
#[derive(Debug, Args)]
#[command(after_help = "\
Example:
  $ mintage key show oKIywvGUpTVTyxMQ3bwIIeQUudfr_CkLMjCE19ECD-U --output json | jq .key.jwk")]
pub(crate) struct Arguments {
    /// The key's id, as it stands in the header of its tokens
    #[arg(allow_hyphen_values = true)]
    kid: String,
    #[command(flatten)]
    place: InTenant,
}

/// Shows one key.
pub(crate) async fn run(Arguments { kid, place }: Arguments, session: &Session) -> anyhow::Result<Answer> {
    let request = GetSigningKeyRequest { tenant_id: place.tenant, kid };
    let answer = session.key_rings().await?.get_signing_key(request).await?.into_inner();
    Answer::one(&Key::from(present(answer.key)?))
}
