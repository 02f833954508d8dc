//! `mintage client create`.

use clap::Args;
use mintage_api::registry::{ClaimMapping, ClientType, CreateClientRequest, CreateClientResponse};

use super::user_access::UserAccessOptions;
use crate::commands::arguments::{InTenant, Pair, metadata, parse_claim, parse_pair};
use crate::commands::mask::Mask;
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
  $ mintage client create --name Photos --public --party third --owner 'Photo Ltd.' \\
      --grant-type authorization_code --grant-type refresh_token \\
      --redirect-uri https://photos.example.com/callback
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
    /// It cannot keep a secret, as in a browser or on a phone: it gets none, and always uses PKCE
    #[arg(long)]
    public: bool,
    /// What it may do: client_credentials, authorization_code, refresh_token; repeatable; the first unless told, the second
    /// of a public client
    #[arg(long = "grant-type", value_name = "GRANT_TYPE")]
    grant_types: Vec<String>,
    /// A claim of its tokens, a URL, from a metadata key or client.name; repeatable
    #[arg(long = "claim", value_name = "CLAIM=SOURCE", value_parser = parse_claim)]
    claim_mappings: Vec<ClaimMapping>,
    /// Where its first secret is used
    #[arg(long, value_name = "LABEL", default_value = "", hide_default_value = true)]
    secret_label: String,
    #[command(flatten)]
    user_access: UserAccessOptions,
    #[command(flatten)]
    place: InTenant,
}

/// Creates a client.
pub(crate) async fn run(arguments: Arguments, session: &Session) -> anyhow::Result<Answer> {
    let client_type = if arguments.public { ClientType::Public } else { ClientType::Confidential };
    let mut grant_types = arguments.grant_types;
    if arguments.public && grant_types.is_empty() {
        grant_types.push("authorization_code".to_owned());
    }
    let request = CreateClientRequest {
        tenant_id: arguments.place.tenant,
        name: arguments.name,
        party: arguments.party.into(),
        metadata: metadata(arguments.metadata)?,
        grant_types,
        claim_mappings: arguments.claim_mappings,
        secret_label: arguments.secret_label,
        client_type: client_type.into(),
        user_access: Some(arguments.user_access.take(&mut Mask::default())),
    };
    let answer = session.clients().await?.create_client(request).await?;
    let CreateClientResponse { client, client_secret } = answer.into_inner();
    Answer::one(&Client::from(present(client)?))?.secret("client_secret", client_secret)
}
