//! Which grants of users a command is about.

use clap::Args;
use mintage_api::consent::{ListUserGrantsRequest, ListUserGrantsResponse, UserGrant};

use crate::commands::arguments::InTenant;
use crate::commands::pages::{self, PAGE_SIZE};
use crate::commands::user::id_of;
use crate::session::Session;

/// By whom, to whom and where; what is not said lets all through.
#[derive(Clone, Debug, Default, Args)]
pub(super) struct WhichGrants {
    /// Of this user only, by id or e-mail address
    #[arg(long, value_name = "USER", default_value = "", hide_default_value = true)]
    pub(super) user: String,
    /// Of this client only
    #[arg(long, value_name = "CLIENT_ID", default_value = "", hide_default_value = true, allow_hyphen_values = true)]
    pub(super) client: String,
    /// For this API only, by its identifier
    #[arg(long, value_name = "AUDIENCE", default_value = "", hide_default_value = true)]
    pub(super) api: String,
}

impl WhichGrants {
    /// The names of the options.
    pub(super) const NAMES: [&str; 3] = ["user", "client", "api"];

    /// With the user by id alone, as the contract wants it.
    pub(super) async fn by_id(mut self, place: &InTenant, session: &Session) -> anyhow::Result<Self> {
        self.user = id_of(&self.user, &place.tenant, session).await?;
        Ok(self)
    }

    /// All that fit. The user is named by id.
    pub(super) async fn list(&self, place: &InTenant, session: &Session) -> anyhow::Result<Vec<UserGrant>> {
        let mut grants = session.user_grants().await?;
        let all = pages::all(async |page_token| {
            let request = ListUserGrantsRequest {
                tenant_id: place.tenant.clone(),
                user_id: self.user.clone(),
                client_id: self.client.clone(),
                audience: self.api.clone(),
                page_size: PAGE_SIZE,
                page_token,
            };
            let ListUserGrantsResponse { user_grants, next_page_token } =
                grants.list_user_grants(request).await?.into_inner();
            Ok((user_grants, next_page_token))
        });
        all.await
    }

    /// Which those are, in words.
    pub(super) fn in_words(&self) -> String {
        let part = |word: &str, value: &str| if value.is_empty() { String::new() } else { format!(" {word} {value}") };
        [part("of user", &self.user), part("to client", &self.client), part("at API", &self.api)].concat()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn which_are_meant_is_said_in_words() {
        let which = WhichGrants { client: "tpc_1".to_owned(), api: "urn:notes".to_owned(), ..WhichGrants::default() };
        assert_eq!(which.in_words(), " to client tpc_1 at API urn:notes");
    }
}
