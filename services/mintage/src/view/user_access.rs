//! How a client acts for users.

use mintage_api::registry;
use serde::Serialize;

use super::time::Length;
use super::words::{Algorithm, yes_or_no};

/// How a client acts for users, in words.
#[derive(Debug, Serialize)]
pub(super) struct UserAccess {
    redirect_uris: Vec<String>,
    post_logout_redirect_uris: Vec<String>,
    id_token_algorithm: String,
    owner: String,
    client_uri: String,
    logo_uri: String,
    policy_uri: String,
    tos_uri: String,
    refresh_token_idle_lifetime: Option<Length>,
    refresh_token_lifetime: Option<Length>,
    require_pkce: bool,
    dangerously_allow_implicit: bool,
    dangerously_allow_password: bool,
}

impl From<registry::UserAccess> for UserAccess {
    fn from(access: registry::UserAccess) -> Self {
        let registry::UserAccess {
            redirect_uris,
            post_logout_redirect_uris,
            id_token_algorithm,
            owner,
            client_uri,
            logo_uri,
            policy_uri,
            tos_uri,
            refresh_token_idle_lifetime,
            refresh_token_lifetime,
            require_pkce,
            dangerously_allow_implicit,
            dangerously_allow_password,
        } = access;
        Self {
            redirect_uris,
            post_logout_redirect_uris,
            id_token_algorithm: Algorithm::name_of(id_token_algorithm),
            owner,
            client_uri,
            logo_uri,
            policy_uri,
            tos_uri,
            refresh_token_idle_lifetime: refresh_token_idle_lifetime.map(Length::from),
            refresh_token_lifetime: refresh_token_lifetime.map(Length::from),
            require_pkce,
            dangerously_allow_implicit,
            dangerously_allow_password,
        }
    }
}

impl UserAccess {
    /// What there is to say of it, for people; of a client without redirect URIs or passwords nothing.
    pub(super) fn facts(&self) -> Vec<(&'static str, String)> {
        if self.redirect_uris.is_empty() && !self.dangerously_allow_password {
            return Vec::new();
        }
        let length = |length: Option<Length>| length.map(Length::in_words).unwrap_or_default();
        let facts = vec![
            ("redirect_uris", self.redirect_uris.join("\n")),
            ("post_logout_redirect_uris", self.post_logout_redirect_uris.join("\n")),
            ("id_token_algorithm", self.id_token_algorithm.clone()),
            ("owner", self.owner.clone()),
            ("client_uri", self.client_uri.clone()),
            ("logo_uri", self.logo_uri.clone()),
            ("policy_uri", self.policy_uri.clone()),
            ("tos_uri", self.tos_uri.clone()),
            ("refresh_token_idle_lifetime", length(self.refresh_token_idle_lifetime)),
            ("refresh_token_lifetime", length(self.refresh_token_lifetime)),
            ("require_pkce", yes_or_no(self.require_pkce)),
            ("dangerously_allow_implicit", yes_or_no(self.dangerously_allow_implicit)),
            ("dangerously_allow_password", yes_or_no(self.dangerously_allow_password)),
        ];
        facts.into_iter().filter(|(_, value)| !value.is_empty()).collect()
    }
}
