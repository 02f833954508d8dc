//! The options that say how a client acts for users, alike at `create` and `update`.

use std::time::Duration;

use clap::Args;
use mintage_api::registry::UserAccess;

use crate::commands::mask::Mask;
use crate::view::time::{duration, parse_length};
use crate::view::words::Algorithm;

/// How a client acts for users.
#[derive(Debug, Default, Args)]
pub(crate) struct UserAccessOptions {
    /// Where the browser brings a code: https, http on loopback, or a private-use scheme; repeatable
    #[arg(long = "redirect-uri", value_name = "URI")]
    redirect_uris: Vec<String>,
    /// Where the browser may go after a logout; repeatable
    #[arg(long = "post-logout-redirect-uri", value_name = "URI")]
    post_logout_redirect_uris: Vec<String>,
    /// How its ID tokens are signed: RS256 or ES256
    #[arg(long, value_name = "ALGORITHM", ignore_case = true)]
    id_token_algorithm: Option<Algorithm>,
    /// Who stands behind it, as users are shown it
    #[arg(long)]
    owner: Option<String>,
    /// Its home page; https, as are those that follow
    #[arg(long, value_name = "URI")]
    client_uri: Option<String>,
    /// Its logo
    #[arg(long, value_name = "URI")]
    logo_uri: Option<String>,
    /// What it does with data
    #[arg(long, value_name = "URI")]
    policy_uri: Option<String>,
    /// Its terms of service
    #[arg(long, value_name = "URI")]
    tos_uri: Option<String>,
    /// How long a refresh token may lie unused, from 1m to 365d; 15d unless told
    #[arg(long, value_name = "LENGTH", value_parser = parse_length)]
    refresh_token_idle_lifetime: Option<Duration>,
    /// How long one sign-in can be refreshed at all, from 1m to 365d; 30d unless told
    #[arg(long, value_name = "LENGTH", value_parser = parse_length)]
    refresh_token_lifetime: Option<Duration>,
    /// Asks a confidential first party for PKCE, too; the others always need it
    #[arg(long, value_name = "BOOL", num_args = 0..=1, require_equals = true, default_missing_value = "true")]
    require_pkce: Option<bool>,
    /// Brings tokens in the browser's address, where they leak (RFC 9700 section 2.1.2)
    #[arg(long, value_name = "BOOL", num_args = 0..=1, require_equals = true, default_missing_value = "true")]
    dangerously_allow_implicit: Option<bool>,
    /// Shows it the passwords of users (RFC 9700 section 2.4)
    #[arg(long, value_name = "BOOL", num_args = 0..=1, require_equals = true, default_missing_value = "true")]
    dangerously_allow_password: Option<bool>,
}

impl UserAccessOptions {
    /// The names of the options, for the group of those of which one is needed.
    pub(crate) const NAMES: [&str; 13] = [
        "redirect_uris",
        "post_logout_redirect_uris",
        "id_token_algorithm",
        "owner",
        "client_uri",
        "logo_uri",
        "policy_uri",
        "tos_uri",
        "refresh_token_idle_lifetime",
        "refresh_token_lifetime",
        "require_pkce",
        "dangerously_allow_implicit",
        "dangerously_allow_password",
    ];

    /// What was given, each in the mask; URIs that are given replace all.
    pub(crate) fn take(self, mask: &mut Mask) -> UserAccess {
        let given = |uris: Vec<String>| (!uris.is_empty()).then_some(uris);
        let length = |told: Option<Duration>| told.map(|told| Some(duration(told)));
        UserAccess {
            redirect_uris: mask.take("user_access.redirect_uris", given(self.redirect_uris)),
            post_logout_redirect_uris: mask
                .take("user_access.post_logout_redirect_uris", given(self.post_logout_redirect_uris)),
            id_token_algorithm: mask.take("user_access.id_token_algorithm", self.id_token_algorithm.map(i32::from)),
            owner: mask.take("user_access.owner", self.owner),
            client_uri: mask.take("user_access.client_uri", self.client_uri),
            logo_uri: mask.take("user_access.logo_uri", self.logo_uri),
            policy_uri: mask.take("user_access.policy_uri", self.policy_uri),
            tos_uri: mask.take("user_access.tos_uri", self.tos_uri),
            refresh_token_idle_lifetime: mask
                .take("user_access.refresh_token_idle_lifetime", length(self.refresh_token_idle_lifetime)),
            refresh_token_lifetime: mask
                .take("user_access.refresh_token_lifetime", length(self.refresh_token_lifetime)),
            require_pkce: mask.take("user_access.require_pkce", self.require_pkce),
            dangerously_allow_implicit: mask
                .take("user_access.dangerously_allow_implicit", self.dangerously_allow_implicit),
            dangerously_allow_password: mask
                .take("user_access.dangerously_allow_password", self.dangerously_allow_password),
        }
    }
}
