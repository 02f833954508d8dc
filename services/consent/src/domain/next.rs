//! What a request needs before it can be answered.

use mintage_clock::Timestamp;
use mintage_oauth::{ScopeSet, openid};

use super::answer::Refusal;
use super::application::{Api, Application};
use super::grant::{Agreement, Basis, UserGrant};
use super::request::AuthorizationRequest;
use super::session::Session;
use super::terms::Terms;

/// What comes next.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Next {
    /// The user says who it is.
    SignIn,
    /// The user is asked.
    Ask,
    /// What is asked for is given, or as much of it as the user once said.
    Grant(Agreement),
    /// The client is told no.
    Refuse(Refusal),
}

/// All that is known when it is decided.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Situation<'a> {
    pub(crate) request: &'a AuthorizationRequest,
    pub(crate) client: &'a Application,
    pub(crate) api: Option<&'a Api>,
    /// Who is signed in.
    pub(crate) session: Option<&'a Session>,
    /// What that user granted the client at the API.
    pub(crate) grant: Option<&'a UserGrant>,
    pub(crate) now: Timestamp,
}

impl Situation<'_> {
    /// Decides.
    pub(crate) fn next(&self) -> Next {
        let silent = self.request.prompt.none;
        if self.request.is_fresh && self.session.is_some() && self.meant().is_none() {
            return refuse("login_required", "another user signed in than the client means");
        }
        if !self.is_signed_in_well_enough() {
            return if silent { refuse("login_required", "the user must sign in") } else { Next::SignIn };
        }
        let asked = self.request.scopes();
        if let Some(agreement) = self.unasked(&asked) {
            return Next::Grant(agreement);
        }
        if silent { refuse("consent_required", "the user must be asked") } else { Next::Ask }
    }

    fn is_signed_in_well_enough(&self) -> bool {
        let Some(session) = self.meant() else { return false };
        let recent = |seconds: u32| self.now <= session.signed_in_at + std::time::Duration::from_secs(seconds.into());
        self.request.is_fresh || (!self.request.prompt.login && self.request.max_age.is_none_or(recent))
    }

    /// Who is signed in, if the client may mean that user.
    fn meant(&self) -> Option<&Session> {
        self.session.filter(|session| self.request.may_mean(&session.user))
    }

    /// Whether a browser is led to the client with a refusal though its user has not just agreed to go there. To one that the
    /// tenant vouches for; to a third party only where the user let it act before. Anybody can be a third party, and a link
    /// under our name that leads on to theirs without a question is made for phishing (RFC 9700 section 4.11.2): by a scope
    /// that there is not, by a page that ends there whatever is answered, or by `prompt=none`. The last has to go without a
    /// page by OpenID Connect Core 1.0 section 3.1.2.1, which no third party speaks here; those that the user knows are
    /// answered so nevertheless.
    pub(crate) fn leads_back_unasked(&self) -> bool {
        let knows_it = || self.meant().is_some() && self.grant.is_some_and(|grant| !grant.consented.is_empty());
        !self.client.is_third_party() || knows_it()
    }

    /// What is given without a question, if that may be. Where nobody can tell who asks, whatever was said before was perhaps
    /// said to another (RFC 8252 section 8.6, RFC 6749 section 10.2).
    fn unasked(&self, asked: &ScopeSet) -> Option<Agreement> {
        if self.request.prompt.consent || self.request.can_be_anybodys(self.client) {
            return None;
        }
        if (Terms { client: self.client, api: self.api }).ask_nobody() {
            return Some(Agreement { scopes: asked.clone(), declined: ScopeSet::default(), basis: Basis::Unasked });
        }
        let grant = self.grant.filter(|grant| grant.unsaid(asked).is_empty())?;
        let scopes = grant.consented_of(asked);
        // Whoever left out everything that is asked now is asked once more.
        let something = lets_do_something(&scopes);
        something.then(|| Agreement { scopes, declined: ScopeSet::default(), basis: Basis::Said })
    }
}

/// What the user agrees to with what was left ticked; `None` where something was ticked that nobody asked, or nothing is
/// left.
pub(crate) fn agreement(asked: &ScopeSet, api: Option<&Api>, ticked: &ScopeSet) -> Option<Agreement> {
    let optional = api.map(|api| api.optional_of(asked)).unwrap_or_default();
    if ticked.iter().any(|scope| !optional.contains(scope.as_str())) {
        return None;
    }
    let is_declined = |scope: &str| optional.contains(scope) && !ticked.contains(scope);
    let (declined, scopes): (Vec<_>, Vec<_>) = asked.iter().cloned().partition(|scope| is_declined(scope.as_str()));
    let (scopes, declined): (ScopeSet, ScopeSet) = (scopes.into_iter().collect(), declined.into_iter().collect());
    lets_do_something(&scopes).then_some(Agreement { scopes, declined, basis: Basis::Asked })
}

/// To go on doing nothing is nothing.
pub(super) fn lets_do_something(scopes: &ScopeSet) -> bool {
    scopes.iter().any(|scope| scope.as_str() != openid::OFFLINE_ACCESS)
}

fn refuse(error: &'static str, description: &'static str) -> Next {
    Next::Refuse(Refusal::new(error, description))
}
