//! `mintage key secret`.

use clap::Args;
use mintage_api::keys::{KeyRingName, RevealSharedSecretsRequest};

use super::shared_secret;
use crate::commands::arguments::InTenant;
use crate::output::Answer;
use crate::session::Session;
use crate::view::SharedSecret;

/// `mintage key secret`.
#[derive(Debug, Args)]
#[command(after_help = "\
Whoever holds a secret can make tokens for the API: bring it to the API's own verifier and nowhere
else. The record says which secrets were shown, to whom and why (`mintage key history`).

Examples:
  $ mintage key secret --api https://legacy.example.com/
  $ mintage key secret --api https://legacy.example.com/ --reason 'moved to another host'")]
pub(crate) struct Arguments {
    /// The HS256 API, by its identifier or id
    #[arg(long)]
    api: String,
    /// Why, for the record
    #[arg(long, default_value = "", hide_default_value = true)]
    reason: String,
    #[command(flatten)]
    place: InTenant,
}

/// Reveals the secrets of an HS256 API.
pub(crate) async fn run(Arguments { api, reason, place }: Arguments, session: &Session) -> anyhow::Result<Answer> {
    let KeyRingName { tenant_id, resource_server_id, .. } = shared_secret::ring(session, place.tenant, api).await?;
    let request = RevealSharedSecretsRequest { tenant_id, resource_server_id, reason };
    let answer = session.key_rings().await?.reveal_shared_secrets(request).await?.into_inner();
    let secrets: Vec<_> = answer.secrets.into_iter().map(SharedSecret::from).collect();
    Ok(Answer::many(&secrets)?.remark("Whoever holds one of these can make tokens for the API: do not pass them on."))
}
