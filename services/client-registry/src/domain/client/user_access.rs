//! How a client acts for users: where it is answered, who stands behind it, how long it may.

use std::time::Duration;

use mintage_oauth::{Algorithm, HttpsUri, RedirectUri};

use crate::domain::{Owner, RegistryError, check_shown};

/// How a client acts for users; without redirect URIs it does not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct UserAccess {
    /// At most 20, none twice; likewise those for after a logout.
    pub(crate) redirect_uris: Vec<RedirectUri>,
    pub(crate) post_logout_redirect_uris: Vec<RedirectUri>,
    /// RS256 or ES256.
    pub(crate) id_token_algorithm: Algorithm,
    pub(crate) owner: Owner,
    pub(crate) client_uri: Option<HttpsUri>,
    pub(crate) logo_uri: Option<HttpsUri>,
    pub(crate) policy_uri: Option<HttpsUri>,
    pub(crate) tos_uri: Option<HttpsUri>,
    pub(crate) refresh_token_idle_lifetime: RefreshLifetime,
    pub(crate) refresh_token_lifetime: RefreshLifetime,
    pub(crate) require_pkce: bool,
    pub(crate) dangerously_allow_implicit: bool,
    pub(crate) dangerously_allow_password: bool,
}

/// One field of it, as it is to be.
#[derive(Clone, Debug)]
pub(crate) enum UserAccessChange {
    RedirectUris(Vec<RedirectUri>),
    PostLogoutRedirectUris(Vec<RedirectUri>),
    IdTokenAlgorithm(Algorithm),
    Owner(Owner),
    ClientUri(Option<HttpsUri>),
    LogoUri(Option<HttpsUri>),
    PolicyUri(Option<HttpsUri>),
    TosUri(Option<HttpsUri>),
    RefreshTokenIdleLifetime(RefreshLifetime),
    RefreshTokenLifetime(RefreshLifetime),
    RequirePkce(bool),
    DangerouslyAllowImplicit(bool),
    DangerouslyAllowPassword(bool),
}

impl Default for UserAccess {
    fn default() -> Self {
        Self {
            redirect_uris: Vec::new(),
            post_logout_redirect_uris: Vec::new(),
            id_token_algorithm: Algorithm::Rs256,
            owner: Owner::default(),
            client_uri: None,
            logo_uri: None,
            policy_uri: None,
            tos_uri: None,
            refresh_token_idle_lifetime: RefreshLifetime::IDLE,
            refresh_token_lifetime: RefreshLifetime::WHOLE,
            require_pkce: false,
            dangerously_allow_implicit: false,
            dangerously_allow_password: false,
        }
    }
}

impl UserAccess {
    /// As it is when every change is made.
    pub(crate) fn with(mut self, changes: impl IntoIterator<Item = UserAccessChange>) -> Self {
        for change in changes {
            match change {
                UserAccessChange::RedirectUris(uris) => self.redirect_uris = uris,
                UserAccessChange::PostLogoutRedirectUris(uris) => self.post_logout_redirect_uris = uris,
                UserAccessChange::IdTokenAlgorithm(algorithm) => self.id_token_algorithm = algorithm,
                UserAccessChange::Owner(owner) => self.owner = owner,
                UserAccessChange::ClientUri(uri) => self.client_uri = uri,
                UserAccessChange::LogoUri(uri) => self.logo_uri = uri,
                UserAccessChange::PolicyUri(uri) => self.policy_uri = uri,
                UserAccessChange::TosUri(uri) => self.tos_uri = uri,
                UserAccessChange::RefreshTokenIdleLifetime(lifetime) => self.refresh_token_idle_lifetime = lifetime,
                UserAccessChange::RefreshTokenLifetime(lifetime) => self.refresh_token_lifetime = lifetime,
                UserAccessChange::RequirePkce(required) => self.require_pkce = required,
                UserAccessChange::DangerouslyAllowImplicit(allowed) => self.dangerously_allow_implicit = allowed,
                UserAccessChange::DangerouslyAllowPassword(allowed) => self.dangerously_allow_password = allowed,
            }
        }
        self
    }

    /// What holds for it whosever the client is.
    pub(super) fn check(&self) -> Result<(), RegistryError> {
        check_uris("user_access.redirect_uris", &self.redirect_uris)?;
        check_uris("user_access.post_logout_redirect_uris", &self.post_logout_redirect_uris)?;
        if !matches!(self.id_token_algorithm, Algorithm::Rs256 | Algorithm::Es256) {
            return Err(RegistryError::invalid("user_access.id_token_algorithm", "it is neither RS256 nor ES256"));
        }
        check_shown("user_access.owner", &self.owner.to_string())
    }
}

fn check_uris(parameter: &'static str, uris: &[RedirectUri]) -> Result<(), RegistryError> {
    if uris.len() > MAX_URIS {
        return Err(RegistryError::LimitReached { limit: "20 redirect URIs" });
    }
    let mut rest = uris;
    while let Some((uri, others)) = rest.split_first() {
        if others.contains(uri) {
            return Err(RegistryError::invalid(parameter, format_args!("{uri} stands twice")));
        }
        rest = others;
    }
    Ok(())
}

/// How long something lives that is refreshed: whole seconds, from a minute to a year.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct RefreshLifetime(u32);

impl RefreshLifetime {
    /// How long a refresh token may lie unused, unless told: 15 days.
    pub(crate) const IDLE: Self = Self(15 * 86_400);
    /// How long one sign-in can be refreshed, unless told: 30 days.
    pub(crate) const WHOLE: Self = Self(30 * 86_400);

    /// From seconds; `None` where they are too few or too many.
    pub(crate) fn from_seconds(seconds: u64) -> Option<Self> {
        u32::try_from(seconds).ok().filter(|seconds| (60..=365 * 86_400).contains(seconds)).map(Self)
    }

    /// In seconds.
    pub(crate) const fn as_seconds(self) -> u32 {
        self.0
    }
}

impl TryFrom<Duration> for RefreshLifetime {
    type Error = &'static str;

    fn try_from(length: Duration) -> Result<Self, Self::Error> {
        let whole = (length.subsec_nanos() == 0).then_some(length.as_secs());
        whole.and_then(Self::from_seconds).ok_or("it is not from a minute to a year, in whole seconds")
    }
}

const MAX_URIS: usize = 20;
