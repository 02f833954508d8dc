//! `mintage client rotate-secret`.

use std::time::{Duration, SystemTime};

use clap::Args;
use mintage_api::registry::{CreateClientSecretRequest, CreateClientSecretResponse};

use crate::commands::arguments::OneClient;
use crate::output::Answer;
use crate::session::{Session, present};
use crate::view::ClientSecret;
use crate::view::time::parse_length;

/// `mintage client rotate-secret`.
#[derive(Debug, Args)]
#[command(after_help = "\
Two secrets may live at once: add one, bring it to where it is used, then end the old one.

Examples:
  $ mintage client rotate-secret p1Zc0a7Xn2VbQe5RkT9wLs4UyHd6GmJf \\
      --label production --expires-in 90d
  $ mintage client revoke-secret p1Zc0a7Xn2VbQe5RkT9wLs4UyHd6GmJf sec_8fKq2mZr
  $ mintage client rotate-secret p1Zc0a7Xn2VbQe5RkT9wLs4UyHd6GmJf --revoke-others")]
pub(crate) struct Arguments {
    #[command(flatten)]
    which: OneClient,
    /// Where the secret is used; up to 64 characters
    #[arg(long, default_value = "", hide_default_value = true)]
    label: String,
    /// How long it lives, as 90d or 12h; for ever unless told
    #[arg(long, value_name = "LENGTH", value_parser = parse_length)]
    expires_in: Option<Duration>,
    /// Ends every other secret of the client at once
    #[arg(long)]
    revoke_others: bool,
}

/// Adds a secret.
pub(crate) async fn run(arguments: Arguments, session: &Session) -> anyhow::Result<Answer> {
    let Arguments { which: OneClient { client_id, place }, label, expires_in, revoke_others } = arguments;
    let not_after = expires_in.map(|length| SystemTime::from(session.clock.now() + length).into());
    let request = CreateClientSecretRequest { tenant_id: place.tenant, client_id, label, not_after, revoke_others };
    let answer = session.clients().await?.create_client_secret(request).await?;
    let CreateClientSecretResponse { secret, client_secret } = answer.into_inner();
    Answer::one(&ClientSecret::from(present(secret)?))?.secret("client_secret", client_secret)
}
