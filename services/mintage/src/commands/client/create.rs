//! `mintage client create`.

use clap::Args;
use mintage_api::registry::{ClaimMapping, CreateClientRequest, CreateClientResponse};

use crate::commands::arguments::{InTenant, Pair, metadata, parse_claim, parse_pair};
use crate::output::Answer;
use crate::session::{Session, present};
use crate::view::Client;
use crate::view::words::Party;

/// `mintage client create`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  $ mintage client create --name Billing
  $ mintage client create --name 'Partner Inc.' --party third \\
      --metadata team=sales --claim https://example.com/team=team
  $ mintage client create --name Billing --output json | jq -r .client_secret > billing.secret")]
pub(crate) struct Arguments {
    /// Shown to people; 1 to 128 characters
    #[arg(long)]
    name: String,
    /// Whose it is, for life
    #[arg(long, default_value = "first")]
    party: Party,
    /// Something known of it; repeatable
    #[arg(long, value_name = "KEY=VALUE", value_parser = parse_pair)]
    metadata: Vec<Pair>,
    /// What it may do; repeatable, client_credentials unless told
    #[arg(long = "grant-type", value_name = "GRANT_TYPE")]
    grant_types: Vec<String>,
    /// A claim of its tokens, a URL, from a metadata key or client.name; repeatable
    #[arg(long = "claim", value_name = "CLAIM=SOURCE", value_parser = parse_claim)]
    claim_mappings: Vec<ClaimMapping>,
    /// Where its first secret is used
    #[arg(long, value_name = "LABEL", default_value = "", hide_default_value = true)]
    secret_label: String,
    #[command(flatten)]
    place: InTenant,
}

/// Creates a client.
pub(crate) async fn run(arguments: Arguments, session: &Session) -> anyhow::Result<Answer> {
    let request = CreateClientRequest {
        tenant_id: arguments.place.tenant,
        name: arguments.name,
        party: arguments.party.into(),
        metadata: metadata(arguments.metadata)?,
        grant_types: arguments.grant_types,
        claim_mappings: arguments.claim_mappings,
        secret_label: arguments.secret_label,
    };
    let answer = session.clients().await?.create_client(request).await?;
    let CreateClientResponse { client, client_secret } = answer.into_inner();
    Answer::one(&Client::from(present(client)?))?.secret("client_secret", client_secret)
}
