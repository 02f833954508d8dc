//! `mintage api create`.

use std::time::Duration;

use clap::Args;
use mintage_api::registry::{ClaimMapping, ConsentPolicy, CreateResourceServerRequest, ScopeDefinition};

use super::consent::ConsentOptions;
use crate::commands::arguments::{InTenant, parse_claim, parse_optional_scope, parse_scope_definition};
use crate::output::Answer;
use crate::session::{Session, present};
use crate::view::Api;
use crate::view::time::{duration, parse_length};
use crate::view::words::{Algorithm, TokenProfile};

/// `mintage api create`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  $ mintage api create https://billing.example.com/ --name Billing \\
      --scope read:invoices --scope 'write:invoices=Write and void invoices'
  $ mintage api create https://photos.example.com/ --name Photos --third-parties allowed \\
      --allow-offline-access --scope 'read:photos=See your photos' \\
      --optional-scope 'delete:photos=Delete your photos'
  $ mintage api create urn:example:ledger --name Ledger --scope read:ledger \\
      --algorithm ES256 --token-profile rfc9068 --lifetime 1h
  $ mintage api create urn:example:files --name Files --scope '\"files:mode=all\"=Read and write'")]
pub(crate) struct Arguments {
    /// The audience of its tokens, for life: a URI, or up to 600 visible ASCII characters
    #[arg(allow_hyphen_values = true)]
    identifier: String,
    /// Shown to people
    #[arg(long)]
    name: String,
    /// A scope it defines; repeatable; a scope with = in it stands in double quotes, as "a=b"=Words
    #[arg(long = "scope", value_name = "SCOPE[=DESCRIPTION]", value_parser = parse_scope_definition)]
    scopes: Vec<ScopeDefinition>,
    /// A scope that users may leave out; repeatable
    #[arg(long = "optional-scope", value_name = "SCOPE[=DESCRIPTION]", value_parser = parse_optional_scope)]
    optional_scopes: Vec<ScopeDefinition>,
    /// How its tokens are signed
    #[arg(long, default_value = "RS256", ignore_case = true)]
    algorithm: Algorithm,
    /// Which claims its tokens have
    #[arg(long, value_name = "PROFILE", default_value = "access_token")]
    token_profile: TokenProfile,
    /// How long its tokens live, from 1s to 30d; a day unless told
    #[arg(long, value_name = "LENGTH", value_parser = parse_length)]
    lifetime: Option<Duration>,
    /// A claim of its tokens, a URL, from a metadata key of the client or client.name; repeatable
    #[arg(long = "claim", value_name = "CLAIM=SOURCE", value_parser = parse_claim)]
    claim_mappings: Vec<ClaimMapping>,
    #[command(flatten)]
    consent: ConsentOptions,
    #[command(flatten)]
    place: InTenant,
}

/// Creates an API.
pub(crate) async fn run(arguments: Arguments, session: &Session) -> anyhow::Result<Answer> {
    let request = CreateResourceServerRequest {
        tenant_id: arguments.place.tenant,
        identifier: arguments.identifier,
        name: arguments.name,
        scopes: [arguments.scopes, arguments.optional_scopes].concat(),
        signing_algorithm: arguments.algorithm.into(),
        token_profile: arguments.token_profile.into(),
        token_lifetime: arguments.lifetime.map(duration),
        claim_mappings: arguments.claim_mappings,
        consent: Some(arguments.consent.over(ConsentPolicy::default())),
    };
    let answer = session.apis().await?.create_resource_server(request).await?.into_inner();
    Answer::one(&Api::from(present(answer.resource_server)?))
}
