//! `mintage client revoke-secret`.

use clap::Args;
use mintage_api::registry::{RevokeClientSecretRequest, RevokeClientSecretResponse};

use crate::commands::arguments::OneClient;
use crate::output::Answer;
use crate::session::Session;

/// `mintage client revoke-secret`.
#[derive(Debug, Args)]
#[command(after_help = "\
`mintage client show` lists the secrets of a client with their ids and when each was last used.

Example:
  $ mintage client revoke-secret p1Zc0a7Xn2VbQe5RkT9wLs4UyHd6GmJf sec_8fKq2mZr")]
pub(crate) struct Arguments {
    #[command(flatten)]
    which: OneClient,
    /// The id of the secret, not the secret
    #[arg(allow_hyphen_values = true)]
    secret_id: String,
}

/// Ends a secret.
pub(crate) async fn run(arguments: Arguments, session: &Session) -> anyhow::Result<Answer> {
    let Arguments { which: OneClient { client_id, place }, secret_id } = arguments;
    let done = format!("Secret {secret_id} of client {client_id} is revoked.");
    let request = RevokeClientSecretRequest { tenant_id: place.tenant, client_id, secret_id };
    let RevokeClientSecretResponse {} = session.clients().await?.revoke_client_secret(request).await?.into_inner();
    Ok(Answer::default().remark(done))
}
