//! What a user agreed to: one grant a user, client and API.

use mintage_clock::{Randomness, Timestamp};
use mintage_oauth::{Audience, ClientId, Scope, ScopeSet, TenantId};

use super::ConsentError;
use super::id::{UserGrantId, UserId};
use super::incarnation::{Incarnation, Life};

/// Whose grant it is, and for what: there is one of each.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Between {
    pub(crate) tenant: TenantId,
    pub(crate) user: UserId,
    pub(crate) client: ClientId,
    /// `None`: no API, but OpenID scopes alone.
    pub(crate) audience: Option<Audience>,
    /// Which API of that name; `None` with an API: whoever wrote it did not note which, and then it is none that there is.
    pub(crate) api: Option<Incarnation>,
}

impl Between {
    /// Whether it is known which API it is about, or that it is about none.
    pub(crate) fn is_definite(&self) -> bool {
        self.audience.is_some() == self.api.is_some()
    }

    /// Whether it is something that this client of this tenant was granted.
    pub(crate) fn is_of(&self, tenant: &TenantId, client: &ClientId) -> bool {
        self.tenant == *tenant && self.client == *client
    }

    /// Refuses any API but the one it is about (RFC 8707 section 2.2); `None`: no other is asked for.
    pub(crate) fn expect_audience(&self, asked: Option<&Audience>) -> Result<(), ConsentError> {
        match asked.filter(|asked| self.audience.as_ref() != Some(asked)) {
            Some(other) => Err(ConsentError::AudienceNotGranted { audience: other.to_string() }),
            None => Ok(()),
        }
    }
}

/// A user grant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct UserGrant {
    pub(crate) id: UserGrantId,
    pub(crate) between: Between,
    /// What tokens may have: what the user agreed to, and what the API said that nobody need be asked for.
    pub(crate) scopes: ScopeSet,
    /// What the user was asked for and agreed to; all of it among `scopes`.
    pub(crate) consented: ScopeSet,
    /// What the user left out when asked.
    pub(crate) declined: ScopeSet,
    pub(crate) created_at: Timestamp,
    pub(crate) updated_at: Timestamp,
    pub(crate) last_used_at: Option<Timestamp>,
}

/// Why a scope is given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Basis {
    /// The user was asked just now.
    Asked,
    /// The user agreed to it before, and still does.
    Said,
    /// The API says that nobody need be asked, or the user gave the password away.
    Unasked,
}

/// What a client is given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Agreement {
    pub(crate) scopes: ScopeSet,
    /// What the user left out just now.
    pub(crate) declined: ScopeSet,
    pub(crate) basis: Basis,
}

impl UserGrant {
    /// The first one.
    pub(crate) fn new(between: Between, agreed: &Agreement, now: Timestamp, randomness: &Randomness) -> Self {
        let mut grant = Self {
            id: UserGrantId::generate(randomness),
            between,
            scopes: ScopeSet::default(),
            consented: ScopeSet::default(),
            declined: ScopeSet::default(),
            created_at: now,
            updated_at: now,
            last_used_at: None,
        };
        grant.widen(agreed, now);
        grant
    }

    /// Writes down what is given. What a user agrees to is not declined any more, and the other way round; a user who is
    /// asked has the last word on all that was taken for granted. What nobody was asked about is no consent, whoever has it
    /// now, and takes nothing back that a user said.
    pub(crate) fn widen(&mut self, agreed: &Agreement, now: Timestamp) {
        let before = (self.scopes.clone(), self.consented.clone(), self.declined.clone());
        match agreed.basis {
            Basis::Asked => {
                self.consented = union(&without(&self.consented, &agreed.declined), &agreed.scopes);
                self.declined = union(&without(&self.declined, &agreed.scopes), &agreed.declined);
                self.scopes = self.consented.clone();
            }
            Basis::Unasked => self.scopes = union(&self.scopes, &agreed.scopes),
            Basis::Said => {}
        }
        if before != (self.scopes.clone(), self.consented.clone(), self.declined.clone()) {
            self.updated_at = now;
        }
    }

    /// Whether it may be for the API of that life, though nobody noted which API of the name it is for.
    pub(crate) fn may_be_for(&self, api: &Life) -> bool {
        !self.between.is_definite() && api.includes(None, self.created_at)
    }

    /// What of `asked` the user has neither agreed to nor left out.
    pub(crate) fn unsaid(&self, asked: &ScopeSet) -> Vec<Scope> {
        asked.missing_from(&union(&self.consented, &self.declined))
    }

    /// What of `asked` the user agreed to.
    pub(crate) fn consented_of(&self, asked: &ScopeSet) -> ScopeSet {
        asked.iter().filter(|scope| self.consented.contains(scope.as_str())).cloned().collect()
    }

    /// Whether what is given on that basis may be given still.
    pub(crate) fn bears(&self, agreed: &Agreement) -> bool {
        agreed.basis != Basis::Said || agreed.scopes.missing_from(&self.consented).is_empty()
    }

    /// What of `asked` it allows.
    pub(crate) fn allowed_of(&self, asked: &ScopeSet) -> ScopeSet {
        asked.iter().filter(|scope| self.scopes.contains(scope.as_str())).cloned().collect()
    }
}

fn without(set: &ScopeSet, other: &ScopeSet) -> ScopeSet {
    set.iter().filter(|scope| !other.contains(scope.as_str())).cloned().collect()
}

fn union(one: &ScopeSet, other: &ScopeSet) -> ScopeSet {
    one.iter().chain(other.iter()).cloned().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set(text: &str) -> ScopeSet {
        if text.is_empty() { ScopeSet::default() } else { ScopeSet::parse_delimited(text).expect("scopes") }
    }

    fn agreed(scopes: &str, declined: &str, basis: Basis) -> Agreement {
        Agreement { scopes: set(scopes), declined: set(declined), basis }
    }

    fn grant(agreement: &Agreement) -> UserGrant {
        let randomness = Randomness::seeded(1);
        let between = Between {
            tenant: TenantId::default_tenant(),
            user: UserId::generate(&randomness),
            client: ClientId::generate(mintage_oauth::Party::Third, &randomness),
            audience: None,
            api: None,
        };
        UserGrant::new(between, agreement, Timestamp::from_unix_millis(0), &randomness)
    }

    const LATER: Timestamp = Timestamp::from_unix_millis(1);

    fn unsaid(grant: &UserGrant, asked: &str) -> Vec<String> {
        grant.unsaid(&set(asked)).iter().map(ToString::to_string).collect()
    }

    #[test]
    fn what_is_new_is_asked_and_what_was_said_is_not() {
        let mut grant = grant(&agreed("read", "write", Basis::Asked));
        assert!(unsaid(&grant, "read write").is_empty());
        assert_eq!(unsaid(&grant, "read delete"), ["delete"]);
        assert_eq!(grant.allowed_of(&set("read write")), set("read"));
        grant.widen(&agreed("write delete", "read", Basis::Asked), LATER);
        assert_eq!((grant.scopes.clone(), grant.declined.clone()), (set("write delete"), set("read")));
    }

    #[test]
    fn what_was_taken_for_granted_is_no_consent() {
        let mut grant = grant(&agreed("read write", "", Basis::Unasked));
        assert_eq!(unsaid(&grant, "read"), ["read"], "nobody was asked");
        assert_eq!(grant.allowed_of(&set("read write")), set("read write"));
        grant.widen(&agreed("read", "", Basis::Asked), LATER);
        assert_eq!(grant.allowed_of(&set("read write")), set("read"));
    }

    #[test]
    fn what_is_taken_for_granted_after_a_question_takes_nothing_back_that_was_said() {
        let mut grant = grant(&agreed("read", "delete", Basis::Asked));
        grant.widen(&agreed("delete write", "", Basis::Unasked), LATER);
        assert_eq!(
            grant.allowed_of(&set("read delete write")),
            set("read delete write"),
            "as long as nobody need be asked"
        );
        assert_eq!(grant.consented_of(&set("read delete write")), set("read"));
        assert_eq!(unsaid(&grant, "read delete write"), ["write"]);
    }

    #[test]
    fn what_was_said_holds_until_it_is_taken_back() {
        let mut grant = grant(&agreed("read write", "", Basis::Asked));
        let known = agreed("read write", "", Basis::Said);
        assert!(grant.bears(&known));
        grant.widen(&agreed("read", "write", Basis::Asked), LATER);
        assert!(!grant.bears(&known));
        let nobody = UserGrant::new(grant.between.clone(), &known, LATER, &Randomness::seeded(2));
        assert!(!nobody.bears(&known), "a grant that is gone does not come back by being known");
    }
}
