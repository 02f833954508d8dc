//! Refresh tokens (RFC 6749 section 6): each is good once, and a second use ends all that came of the sign-in (RFC 9700
//! section 4.14.2). Where the answer to the first may have been lost, the second is heard for a moment.

use std::time::Duration;

use mintage_clock::{Randomness, Timestamp};
use mintage_oauth::{GrantType, ScopeSet, openid};
use zeroize::Zeroizing;

use super::code::SignedIn;
use super::grant::UserGrant;
use super::id::{FamilyId, UserGrantId};
use super::secret::{Digest, Digester, HandedOut, Purpose};
use super::terms::Terms;

/// A refresh token in clear: a secret, and the name of its family, by which a used one is known for what it is.
#[derive(Debug)]
pub(crate) struct RefreshToken {
    secret: HandedOut,
    family: FamilyId,
}

impl RefreshToken {
    /// The next one of a family.
    pub(crate) fn generate(family: FamilyId, randomness: &Randomness) -> Self {
        Self { secret: HandedOut::generate(Purpose::RefreshToken, randomness), family }
    }

    /// As it was presented; `None` where it cannot be one.
    pub(crate) fn read(text: &str) -> Option<Self> {
        let (secret, family) = text.split_once(SEPARATOR)?;
        let family = format!("{FAMILY}{family}").parse().ok()?;
        Some(Self { secret: HandedOut::read(Purpose::RefreshToken, secret)?, family })
    }

    pub(crate) fn family(&self) -> &FamilyId {
        &self.family
    }

    pub(crate) fn digest(&self, digester: &Digester) -> Digest {
        digester.of(Purpose::RefreshToken, &self.secret)
    }

    /// The token in clear, for the one answer that tells it.
    pub(crate) fn expose(&self) -> Zeroizing<String> {
        let letters = self.family.as_str().strip_prefix(FAMILY).unwrap_or_default();
        Zeroizing::new(format!("{}{SEPARATOR}{letters}", self.secret.expose()))
    }
}

/// The refresh tokens that came of one sign-in, as they are kept: one of them is good.
#[derive(Clone, Debug)]
pub(crate) struct Family {
    pub(crate) id: FamilyId,
    /// Of the one that is good.
    pub(crate) current: Digest,
    /// Of the one that it was given for; `None`: it is the first.
    pub(crate) previous: Option<Digest>,
    pub(crate) grant: UserGrantId,
    pub(crate) scopes: ScopeSet,
    pub(crate) signed_in: SignedIn,
    pub(crate) created_at: Timestamp,
    /// When the previous one was presented first.
    pub(crate) used_at: Timestamp,
    pub(crate) idle: Duration,
    pub(crate) ends_at: Timestamp,
}

/// What a refresh token that was presented is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Presented {
    /// The one that is good.
    Good,
    /// The one that the good one was given for, a moment ago, and nobody has used the good one: it may never have arrived.
    Again,
    /// Too old, or its family is.
    Ended,
    /// One of the family that is not good any more: somebody has a copy.
    Reused,
}

impl Family {
    /// What a token is that is presented at that moment. `leeway` is for how long after its use one is heard again.
    pub(crate) fn judge(&self, presented: &Digest, at: Timestamp, leeway: Duration) -> Presented {
        let is_previous = || self.previous.as_ref().is_some_and(|previous| previous.matches(presented));
        if at >= self.ends_at || at >= self.used_at + self.idle {
            Presented::Ended
        } else if self.current.matches(presented) {
            Presented::Good
        } else if is_previous() && !leeway.is_zero() && at < self.used_at + leeway {
            Presented::Again
        } else {
            Presented::Reused
        }
    }

    /// The family once `next` was given for what was presented. The one that was good until then is not any more, so that
    /// there is one at every moment; and the moment in which one is heard again does not begin anew.
    pub(crate) fn give(&mut self, next: Digest, presented: Presented, now: Timestamp) {
        let former = std::mem::replace(&mut self.current, next);
        if presented == Presented::Good {
            self.previous = Some(former);
            self.used_at = now;
        }
    }

    /// What its good token gives now; `None`: nothing. Without `offline_access` there is nothing to go on with, whoever took
    /// it away, nor without the grant that it began with.
    pub(crate) fn worth(&self, grant: &UserGrant, terms: &Terms<'_>) -> Option<ScopeSet> {
        let kept = match self.begun_by() {
            // Nobody is asked where a user gives the password away.
            GrantType::Password => terms.hold(&grant.allowed_of(&self.scopes)),
            _ => terms.hold_of(grant, &self.scopes),
        }?;
        let goes_on = kept.contains(openid::OFFLINE_ACCESS) && terms.client.may_use(self.begun_by());
        goes_on.then_some(kept)
    }

    /// A code comes of a session, a password of none.
    fn begun_by(&self) -> GrantType {
        if self.signed_in.session.is_some() { GrantType::AuthorizationCode } else { GrantType::Password }
    }
}

const FAMILY: &str = "rtf_";
const SEPARATOR: char = '.';

#[cfg(test)]
mod tests;
