//! What the registry says now to something that a user granted once.

use mintage_oauth::{GrantType, ScopeSet, openid};

use super::application::{Api, Application};
use super::grant::UserGrant;
use super::next::lets_do_something;

/// The client and the API of a grant as they are at the moment.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Terms<'a> {
    pub(crate) client: &'a Application,
    /// `None`: the grant is for no API, but OpenID scopes alone.
    pub(crate) api: Option<&'a Api>,
}

impl Terms<'_> {
    /// Whether users need not be asked at all: for the tenant's own where the API lets them, if nobody else can pose as it.
    pub(crate) fn ask_nobody(&self) -> bool {
        self.let_unasked() && self.client.is_verifiable()
    }

    /// What of `asked` the client has still by a grant. What nobody was asked for ends with the API's word that nobody need
    /// be.
    pub(crate) fn hold_of(&self, grant: &UserGrant, asked: &ScopeSet) -> Option<ScopeSet> {
        self.hold(&if self.let_unasked() { grant.allowed_of(asked) } else { grant.consented_of(asked) })
    }

    fn let_unasked(&self) -> bool {
        !self.client.is_third_party() && self.api.is_none_or(|api| api.skips_first_parties)
    }

    /// What of `granted` the client may have still; `None` where that lets it do nothing. What an operator took away is left
    /// out without a word, as Auth0 does, and is there again when it is given back.
    pub(crate) fn hold(&self, granted: &ScopeSet) -> Option<ScopeSet> {
        let closed = self.client.is_third_party() && !self.api.is_some_and(|api| api.allows_third_parties);
        let kept: ScopeSet = granted.iter().filter(|scope| self.allow(scope.as_str())).cloned().collect();
        (!closed && lets_do_something(&kept)).then_some(kept)
    }

    fn allow(&self, scope: &str) -> bool {
        match scope {
            openid::OFFLINE_ACCESS => {
                self.client.may_use(GrantType::RefreshToken) && self.api.is_some_and(|api| api.allows_offline_access)
            }
            who if openid::is_openid_scope(who) => !self.client.is_third_party(),
            own => self.api.is_some_and(|api| api.defines(own)),
        }
    }
}
