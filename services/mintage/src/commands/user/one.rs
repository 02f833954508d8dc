//! The user a command is about.

use clap::Args;
use mintage_api::consent::{GetUserRequest, UpdateUserRequest, User};

use crate::commands::arguments::InTenant;
use crate::session::{Session, present};
use crate::view;

/// By id or e-mail address.
#[derive(Debug, Args)]
pub(super) struct OneUser {
    /// The user's id or e-mail address
    #[arg(value_name = "USER", allow_hyphen_values = true)]
    user: String,
    #[command(flatten)]
    place: InTenant,
}

impl OneUser {
    /// The user as it is now.
    pub(super) async fn find(self, session: &Session) -> anyhow::Result<User> {
        let request = GetUserRequest { tenant_id: self.place.tenant, id: self.user };
        present(session.users().await?.get_user(request).await?.into_inner().user)
    }
}

/// The id of the user that an option names, by id or e-mail address.
pub(in crate::commands) async fn id_of(user: &str, tenant: &str, session: &Session) -> anyhow::Result<String> {
    if !user.contains('@') {
        return Ok(user.to_owned());
    }
    let place = InTenant { tenant: tenant.to_owned() };
    Ok(OneUser { user: user.to_owned(), place }.find(session).await?.id)
}

/// Blocks a user or lets it in again.
pub(super) async fn set_blocked(which: OneUser, blocked: bool, session: &Session) -> anyhow::Result<view::User> {
    let User { tenant_id, id, .. } = which.find(session).await?;
    let user = Some(User { tenant_id, id, blocked, ..User::default() });
    let request = UpdateUserRequest { user, update_mask: only("blocked") };
    let answer = session.users().await?.update_user(request).await?.into_inner();
    Ok(view::User::from(present(answer.user)?))
}

fn only(field: &str) -> Option<prost_types::FieldMask> {
    Some(prost_types::FieldMask { paths: vec![field.to_owned()] })
}
