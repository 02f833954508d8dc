//! Which grants of users a command is about.

use clap::Args;
use clap::builder::NonEmptyStringValueParser;
use mintage_api::consent::{ListUserGrantsRequest, ListUserGrantsResponse, UserGrant};

use crate::commands::arguments::InTenant;
use crate::commands::pages::{self, PAGE_SIZE};
use crate::commands::user::id_of;
use crate::session::Session;

/// By whom, to whom and where; what is not said lets all through. What is said is never empty: whoever has an unset variable
/// of a shell there means one, not all.
#[derive(Clone, Debug, Default, Args)]
pub(super) struct WhichGrants {
    /// Of this user only, by id or e-mail address
    #[arg(long, value_name = "USER", value_parser = NonEmptyStringValueParser::new())]
    pub(super) user: Option<String>,
    /// Of this client only
    #[arg(long, value_name = "CLIENT_ID", value_parser = NonEmptyStringValueParser::new(), allow_hyphen_values = true)]
    pub(super) client: Option<String>,
    /// For this API only, by its identifier
    #[arg(long, value_name = "AUDIENCE", value_parser = NonEmptyStringValueParser::new())]
    pub(super) api: Option<String>,
}

impl WhichGrants {
    /// The names of the options.
    pub(super) const NAMES: [&str; 3] = ["user", "client", "api"];

    /// With the user by id alone, as the contract wants it.
    pub(super) async fn by_id(mut self, place: &InTenant, session: &Session) -> anyhow::Result<Self> {
        if let Some(user) = &mut self.user {
            *user = id_of(user, &place.tenant, session).await?;
        }
        Ok(self)
    }

    /// All that fit. The user is named by id.
    pub(super) async fn list(&self, place: &InTenant, session: &Session) -> anyhow::Result<Vec<UserGrant>> {
        let mut grants = session.user_grants().await?;
        let all = pages::all(async |page_token| {
            let request = ListUserGrantsRequest {
                tenant_id: place.tenant.clone(),
                user_id: self.user.clone().unwrap_or_default(),
                client_id: self.client.clone().unwrap_or_default(),
                audience: self.api.clone().unwrap_or_default(),
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
        let part = |word: &str, value: &Option<String>| {
            value.as_ref().map(|value| format!(" {word} {value}")).unwrap_or_default()
        };
        [part("of user", &self.user), part("to client", &self.client), part("at API", &self.api)].concat()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn which_are_meant_is_said_in_words() {
        let [client, api] = ["tpc_1", "urn:notes"].map(|value| Some(value.to_owned()));
        let which = WhichGrants { client, api, ..WhichGrants::default() };
        assert_eq!(which.in_words(), " to client tpc_1 at API urn:notes");
    }
}
