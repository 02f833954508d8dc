//! `mintage consent revoke`.

use clap::Args;
use mintage_api::consent::{
    DeleteUserGrantRequest, DeleteUserGrantResponse, DeleteUserGrantsRequest, DeleteUserGrantsResponse,
};

use super::which::WhichGrants;
use crate::commands::arguments::InTenant;
use crate::commands::confirm::Confirmation;
use crate::commands::pages;
use crate::output::Answer;
use crate::session::Session;
use crate::view::UserGrant;

/// `mintage consent revoke`.
#[derive(Debug, Args)]
#[command(
    override_usage = "mintage consent revoke <USER_GRANT|WHICH> [OPTIONS]",
    after_help = "\
All that is said must fit: --client and --api together mean the client's grants at that API.

Examples:
  $ mintage consent revoke ugr_7Hq2ZkVb9sXn4TfW1cRm8LpD --yes
  $ mintage consent revoke --client tpc_p1Zc0a7Xn2VbQe5RkT9wLs4UyHd6GmJf --dry-run
  $ mintage consent revoke --user ada@example.com --yes"
)]
#[group(required = true, multiple = true, args = ["id"], args = WhichGrants::NAMES)]
pub(crate) struct Arguments {
    /// The user grant's id
    #[arg(value_name = "USER_GRANT", allow_hyphen_values = true, conflicts_with_all = WhichGrants::NAMES)]
    id: Option<String>,
    #[command(flatten)]
    which: WhichGrants,
    /// Shows those that would be revoked and revokes none
    #[arg(long, conflicts_with_all = ["id", "yes"])]
    dry_run: bool,
    #[command(flatten)]
    place: InTenant,
    #[command(flatten)]
    confirmation: Confirmation,
}

/// Takes a grant away, or all that fit.
pub(crate) async fn run(arguments: Arguments, session: &Session) -> anyhow::Result<Answer> {
    let Arguments { id, which, dry_run, place, confirmation } = arguments;
    let Some(id) = id else {
        let which = which.by_id(&place, session).await?;
        if dry_run {
            return pages::answer::<_, UserGrant>(which.list(&place, session).await?, place, session).await;
        }
        return revoke_all(which, place, confirmation, session).await;
    };
    confirmation.ask(&format!("Revoke {id} with its refresh tokens?"))?;
    let request = DeleteUserGrantRequest { tenant_id: place.tenant, id: id.clone() };
    let DeleteUserGrantResponse {} = session.user_grants().await?.delete_user_grant(request).await?.into_inner();
    Ok(Answer::default().remark(format!("{id} is revoked: its refresh tokens are worth nothing any more.")))
}

/// Piece by piece. Whoever is interrupted does the rest by the same words.
async fn revoke_all(
    which: WhichGrants,
    place: InTenant,
    confirmation: Confirmation,
    session: &Session,
) -> anyhow::Result<Answer> {
    confirmation.ask(&format!("Revoke every grant{} with its refresh tokens?", which.in_words()))?;
    let mut grants = session.user_grants().await?;
    let WhichGrants { user, client, api } = which;
    let request = DeleteUserGrantsRequest {
        tenant_id: place.tenant.clone(),
        user_id: user.unwrap_or_default(),
        client_id: client.unwrap_or_default(),
        audience: api.unwrap_or_default(),
    };
    let mut revoked = 0_u64;
    loop {
        let DeleteUserGrantsResponse { deleted, more } = grants.delete_user_grants(request.clone()).await?.into_inner();
        revoked += u64::from(deleted.unsigned_abs());
        if !more {
            break;
        }
    }
    if revoked == 0 {
        pages::check_tenant(&place, session).await?;
    }
    let answer = Answer::default().with("revoked", revoked)?;
    Ok(answer.remark(match revoked {
        0 => "There are none.".to_owned(),
        1 => "1 grant is revoked: its refresh tokens are worth nothing any more.".to_owned(),
        _ => format!("{revoked} grants are revoked: their refresh tokens are worth nothing any more."),
    }))
}
