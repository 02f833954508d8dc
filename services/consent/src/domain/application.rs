//! Clients and APIs of the registry, as far as users and their consent are concerned.

use std::time::Duration;

use mintage_oauth::{Audience, ClientId, ClientType, GrantType, Party, RedirectUri, ScopeSet};

use super::answer::ResponseType;
use super::incarnation::Life;

/// A client that acts for users.
#[derive(Clone, Debug)]
pub(crate) struct Application {
    pub(crate) id: ClientId,
    pub(crate) enabled: bool,
    pub(crate) name: String,
    pub(crate) owner: String,
    pub(crate) party: Party,
    pub(crate) client_type: ClientType,
    /// Those it may use, by its flags too.
    pub(crate) grant_types: Vec<GrantType>,
    pub(crate) redirect_uris: Vec<RedirectUri>,
    pub(crate) post_logout_redirect_uris: Vec<RedirectUri>,
    pub(crate) links: Links,
    /// Whether it uses PKCE though it is neither public nor a third party.
    pub(crate) requires_pkce: bool,
    pub(crate) refresh_tokens: RefreshLifetimes,
    /// Whether it registered itself, so that nobody at the tenant looked at it.
    pub(crate) registered_itself: bool,
    /// Whether it registered itself and no user ever let it act.
    pub(crate) unused: bool,
}

/// Where users read more of a client (RFC 7591 section 2); empty where it says nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Links {
    pub(crate) client: String,
    pub(crate) logo: String,
    pub(crate) policy: String,
    pub(crate) terms: String,
}

/// How long refresh tokens live.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct RefreshLifetimes {
    /// Unused.
    pub(crate) idle: Duration,
    /// At all, counted from the sign-in's first.
    pub(crate) whole: Duration,
}

impl Application {
    pub(crate) fn is_third_party(&self) -> bool {
        self.party == Party::Third
    }

    pub(crate) fn may_use(&self, grant: GrantType) -> bool {
        self.grant_types.contains(&grant)
    }

    /// Whether codes are bound to a verifier (RFC 7636).
    pub(crate) fn must_use_pkce(&self) -> bool {
        self.requires_pkce || self.is_third_party() || self.client_type == ClientType::Public
    }

    /// Whether nobody else can take its answers: only then can a first party go without being shown to the user.
    pub(crate) fn is_verifiable(&self) -> bool {
        let is_anybodys =
            |uri: &RedirectUri| uri.is_loopback() || uri.is_private_use() || uri.is_of_a_private_network();
        !self.redirect_uris.iter().any(is_anybodys)
    }

    /// Whether any program on the user's device could ask in its name and take the answer that goes to `presented`: one that
    /// claims the scheme or the port, and shows the token endpoint nothing that it would have to know. What goes through the
    /// browser beside a code needs no token endpoint.
    pub(crate) fn can_be_posed_as(&self, presented: &str, asked: ResponseType) -> bool {
        let on_device = self.redirect_uri(presented).is_none_or(|uri| uri.is_loopback() || uri.is_private_use());
        on_device && (self.client_type == ClientType::Public || asked.is_front_channel())
    }

    /// The registered URI that `presented` is answered at.
    pub(crate) fn redirect_uri(&self, presented: &str) -> Option<&RedirectUri> {
        self.redirect_uris.iter().find(|registered| registered.admits(presented))
    }

    /// Where a browser goes that is led to `presented`, as its user is shown it; empty: nowhere.
    pub(crate) fn destination(&self, presented: &str) -> String {
        self.redirect_uri(presented).map(RedirectUri::destination).unwrap_or_default()
    }
}

/// An API that users let clients use.
#[derive(Clone, Debug)]
pub(crate) struct Api {
    pub(crate) life: Life,
    pub(crate) audience: Audience,
    pub(crate) name: String,
    pub(crate) scopes: Vec<DefinedScope>,
    /// Whether users may let third parties use it.
    pub(crate) allows_third_parties: bool,
    /// Whether first parties that are verifiable need not be asked for.
    pub(crate) skips_first_parties: bool,
    /// Whether `offline_access` gives a refresh token.
    pub(crate) allows_offline_access: bool,
}

/// A scope of an API.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct DefinedScope {
    pub(crate) value: String,
    pub(crate) description: String,
    /// Whether a user may leave it out.
    pub(crate) optional: bool,
}

impl Api {
    /// Whether the API defines the scope.
    pub(crate) fn defines(&self, scope: &str) -> bool {
        self.scopes.iter().any(|defined| defined.value == scope)
    }

    /// Those of `scopes` that the user may leave out.
    pub(crate) fn optional_of(&self, scopes: &ScopeSet) -> ScopeSet {
        let optional = |value: &str| self.scopes.iter().any(|defined| defined.optional && defined.value == value);
        scopes.iter().filter(|scope| optional(scope.as_str())).cloned().collect()
    }
}
