//! `mintage grant create`.

use clap::Args;
use mintage_api::registry::CreateClientGrantRequest;

use crate::commands::arguments::{InTenant, scopes};
use crate::output::Answer;
use crate::session::{Session, present};
use crate::view::Grant;

/// `mintage grant create`.
#[derive(Debug, Args)]
#[command(after_help = "\
Example:
  $ mintage grant create --client p1Zc0a7Xn2VbQe5RkT9wLs4UyHd6GmJf \\
      --api https://demo.mintage.test/ --scope read:demo")]
pub(crate) struct Arguments {
    /// The client
    #[arg(long, value_name = "CLIENT_ID", allow_hyphen_values = true)]
    client: String,
    /// The API, by its identifier
    #[arg(long, value_name = "AUDIENCE")]
    api: String,
    /// A scope that the API defines; repeatable, or several with spaces between
    #[arg(long = "scope", value_name = "SCOPE")]
    scopes: Vec<String>,
    #[command(flatten)]
    place: InTenant,
}

/// Creates a grant.
pub(crate) async fn run(arguments: Arguments, session: &Session) -> anyhow::Result<Answer> {
    let request = CreateClientGrantRequest {
        tenant_id: arguments.place.tenant,
        client_id: arguments.client,
        audience: arguments.api,
        scopes: scopes(&arguments.scopes),
    };
    let answer = session.grants().await?.create_client_grant(request).await?.into_inner();
    Answer::one(&Grant::from(present(answer.client_grant)?))
}
