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

/// What decides, beside what is said here, what holds of a client.
#[derive(Clone, Copy, Debug)]
pub(super) struct Holder {
    pub(super) is_third_party: bool,
    pub(super) is_public: bool,
    /// Whether it may use refresh tokens.
    pub(super) refreshes: bool,
}

impl UserAccess {
    /// What holds of it, for people; of a client without redirect URIs or passwords nothing. What has no effect for such a
    /// client is left out.
    pub(super) fn facts(&self, holder: Holder) -> Vec<(&'static str, String)> {
        if self.redirect_uris.is_empty() && !self.dangerously_allow_password {
            return Vec::new();
        }
        let Holder { is_third_party, is_public, refreshes } = holder;
        let lifetime = |length: Option<Length>| length.filter(|_| refreshes).map(Length::in_words).unwrap_or_default();
        let unless = |never: bool, value: String| if never { String::new() } else { value };
        let pkce = if is_third_party || is_public { ALWAYS.to_owned() } else { yes_or_no(self.require_pkce) };
        let [implicit, password] = [self.dangerously_allow_implicit, self.dangerously_allow_password].map(yes_or_no);
        let facts = vec![
            ("redirect_uris", self.redirect_uris.join("\n")),
            ("post_logout_redirect_uris", unless(is_third_party, self.post_logout_redirect_uris.join("\n"))),
            ("id_token_algorithm", unless(is_third_party, self.id_token_algorithm.clone())),
            ("owner", self.owner.clone()),
            ("client_uri", self.client_uri.clone()),
            ("logo_uri", self.logo_uri.clone()),
            ("policy_uri", self.policy_uri.clone()),
            ("tos_uri", self.tos_uri.clone()),
            ("refresh_token_idle_lifetime", lifetime(self.refresh_token_idle_lifetime)),
            ("refresh_token_lifetime", lifetime(self.refresh_token_lifetime)),
            ("require_pkce", pkce),
            ("dangerously_allow_implicit", unless(is_third_party, implicit)),
            ("dangerously_allow_password", unless(is_third_party || is_public, password)),
        ];
        facts.into_iter().filter(|(_, value)| !value.is_empty()).collect()
    }
}

pub(super) const ALWAYS: &str = "yes, as always for a public client or a third party";
