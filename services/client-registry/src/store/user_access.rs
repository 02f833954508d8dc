//! How a client acts for users, as the JSON of its row. What is absent there is as if nothing had been said.

use mintage_oauth::{HttpsUri, RedirectUri};
use serde::{Deserialize, Serialize};

use super::records::read;
use crate::domain::RegistryError;
use crate::domain::client::{RefreshLifetime, UserAccess};

#[derive(Serialize, Deserialize)]
#[serde(default)]
pub(super) struct StoredUserAccess {
    redirect_uris: Vec<RedirectUri>,
    post_logout_redirect_uris: Vec<RedirectUri>,
    id_token_algorithm: String,
    owner: String,
    client_uri: Option<HttpsUri>,
    logo_uri: Option<HttpsUri>,
    policy_uri: Option<HttpsUri>,
    tos_uri: Option<HttpsUri>,
    refresh_token_idle_seconds: u32,
    refresh_token_seconds: u32,
    require_pkce: bool,
    dangerously_allow_implicit: bool,
    dangerously_allow_password: bool,
}

impl Default for StoredUserAccess {
    fn default() -> Self {
        Self::from(&UserAccess::default())
    }
}

impl From<&UserAccess> for StoredUserAccess {
    fn from(access: &UserAccess) -> Self {
        Self {
            redirect_uris: access.redirect_uris.clone(),
            post_logout_redirect_uris: access.post_logout_redirect_uris.clone(),
            id_token_algorithm: access.id_token_algorithm.to_string(),
            owner: access.owner.to_string(),
            client_uri: access.client_uri.clone(),
            logo_uri: access.logo_uri.clone(),
            policy_uri: access.policy_uri.clone(),
            tos_uri: access.tos_uri.clone(),
            refresh_token_idle_seconds: access.refresh_token_idle_lifetime.as_seconds(),
            refresh_token_seconds: access.refresh_token_lifetime.as_seconds(),
            require_pkce: access.require_pkce,
            dangerously_allow_implicit: access.dangerously_allow_implicit,
            dangerously_allow_password: access.dangerously_allow_password,
        }
    }
}

impl TryFrom<StoredUserAccess> for UserAccess {
    type Error = RegistryError;

    fn try_from(stored: StoredUserAccess) -> Result<Self, RegistryError> {
        Ok(Self {
            redirect_uris: stored.redirect_uris,
            post_logout_redirect_uris: stored.post_logout_redirect_uris,
            id_token_algorithm: read(&stored.id_token_algorithm)?,
            owner: read(&stored.owner)?,
            client_uri: stored.client_uri,
            logo_uri: stored.logo_uri,
            policy_uri: stored.policy_uri,
            tos_uri: stored.tos_uri,
            refresh_token_idle_lifetime: lifetime(stored.refresh_token_idle_seconds)?,
            refresh_token_lifetime: lifetime(stored.refresh_token_seconds)?,
            require_pkce: stored.require_pkce,
            dangerously_allow_implicit: stored.dangerously_allow_implicit,
            dangerously_allow_password: stored.dangerously_allow_password,
        })
    }
}

fn lifetime(seconds: u32) -> Result<RefreshLifetime, RegistryError> {
    let lifetime = RefreshLifetime::from_seconds(seconds.into());
    lifetime.ok_or_else(|| RegistryError::Failed("a stored lifetime of refresh tokens is none".into()))
}
