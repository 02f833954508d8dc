//! `mintage tenant initial-access-token`.

use std::time::{Duration, SystemTime};

use clap::Args;
use mintage_api::registry::{CreateInitialAccessTokenRequest, CreateInitialAccessTokenResponse};

use crate::commands::arguments::InTenant;
use crate::output::Answer;
use crate::session::{Session, present};
use crate::view::InitialAccessToken;
use crate::view::time::parse_length;

/// `mintage tenant initial-access-token`.
#[derive(Debug, Args)]
#[command(after_help = "\
Whoever holds the token registers clients (RFC 7591); they are third parties, all of them.

Examples:
  $ mintage tenant update acme --dynamic-registration with-token
  $ mintage tenant initial-access-token --tenant acme --uses 5 --expires-in 7d")]
pub(crate) struct Arguments {
    /// How many clients it registers, up to 1000
    #[arg(long, value_name = "COUNT", default_value = "1", value_parser = clap::value_parser!(i32).range(1..=1000))]
    uses: i32,
    /// How long it may be used, up to 90d; a day unless told
    #[arg(long, value_name = "LENGTH", value_parser = parse_length)]
    expires_in: Option<Duration>,
    #[command(flatten)]
    place: InTenant,
}

/// Makes a token that lets its holder register clients.
pub(crate) async fn run(arguments: Arguments, session: &Session) -> anyhow::Result<Answer> {
    let Arguments { uses, expires_in, place } = arguments;
    let not_after = expires_in.map(|length| SystemTime::from(session.clock.now() + length).into());
    let request = CreateInitialAccessTokenRequest { tenant_id: place.tenant, not_after, uses };
    let answer = session.registrations().await?.create_initial_access_token(request).await?.into_inner();
    let CreateInitialAccessTokenResponse { initial_access_token, not_after } = answer;
    let shown = InitialAccessToken { uses, not_after: present(not_after)?.into() };
    Answer::one(&shown)?.secret("initial_access_token", initial_access_token)
}
