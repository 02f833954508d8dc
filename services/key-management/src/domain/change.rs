//! A change of a ring, and what it did: kept together or not at all.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use mintage_clock::Timestamp;
use mintage_jose::Kid;
use mintage_oauth::is_hidden;

use super::minting::Minted;
use super::policy::shown;
use super::{Key, KeyState, Ring};

/// A ring as it shall be, the private halves of its new keys, and the record of what was done.
#[derive(Clone, Debug)]
pub struct Change {
    /// The ring as it shall be.
    pub ring: Ring,
    /// The keys new to it.
    pub minted: Vec<Minted>,
    /// What was done, in the order of the keys.
    pub deeds: Vec<Deed>,
    /// By whom and why.
    pub cause: Cause,
    /// When.
    pub at: Timestamp,
}

impl Change {
    /// The change from `before` to `ring`; `None` when there is nothing to keep.
    #[must_use]
    pub fn between(
        before: Option<&Ring>,
        ring: Ring,
        minted: Vec<Minted>,
        cause: Cause,
        at: Timestamp,
    ) -> Option<Self> {
        if before == Some(&ring) {
            return None;
        }
        let of_keys = ring.keys().iter().flat_map(|key| deeds_of(before, key));
        let deeds = of_keys.chain(deeds_of_ring(before, &ring)).collect();
        Some(Self { ring, minted, deeds, cause, at })
    }

    /// The change that holds a ring, or lets go of it; `None` when there is nothing to keep. Who holds one that is held already
    /// changes nothing, and yet has a reason that whoever releases it should know.
    #[must_use]
    pub fn to_hold(before: &Ring, held: bool, cause: Cause, at: Timestamp) -> Option<Self> {
        let ring = before.clone().hold(held, at);
        let besides = held && before.standing().held_since.is_some() && cause.reason.is_some();
        let change = Self::between(Some(before), ring.clone(), Vec::new(), cause.clone(), at);
        if !besides {
            return change;
        }
        let mut change = change.unwrap_or(Self { ring, minted: Vec::new(), deeds: Vec::new(), cause, at });
        change.deeds.push(Deed::plain(None, DeedKind::Held));
        Some(change)
    }
}

/// Something that was done to a key or, without one, to its ring.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Deed {
    /// The key.
    pub kid: Option<Kid>,
    /// What.
    pub kind: DeedKind,
    /// What it came to, in words, where `kind` does not say it all.
    pub detail: Option<Arc<str>>,
}

impl Deed {
    /// Something that needs no more words.
    pub(crate) const fn plain(kid: Option<Kid>, kind: DeedKind) -> Self {
        Self { kid, kind, detail: None }
    }
}

/// What can be done to a key or its ring.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DeedKind {
    /// The key was made and stands in the key set.
    Announced,
    /// It was asked to sign as soon as it may.
    Scheduled,
    /// It signs.
    Activated,
    /// It was activated before every verifier could know it.
    ActivatedEarly,
    /// It signs no more.
    Retired,
    /// It left the key set.
    Removed,
    /// It was ended at once, for cause.
    Revoked,
    /// It may sign longer-lived tokens, and is kept for them.
    Extended,
    /// No key of the ring follows by itself.
    Held,
    /// Keys of the ring follow by themselves again.
    Released,
    /// The ring's policy was set.
    PolicySet,
    /// Private halves of the ring were sealed anew, under another master key.
    Resealed,
    /// The secret was shown to somebody.
    Shown,
    /// The token that kept its private half was given up as lost.
    GivenUp,
}

impl DeedKind {
    /// Every one.
    pub const ALL: [Self; 14] = [
        Self::Announced,
        Self::Scheduled,
        Self::Activated,
        Self::ActivatedEarly,
        Self::Retired,
        Self::Removed,
        Self::Revoked,
        Self::Extended,
        Self::Held,
        Self::Released,
        Self::PolicySet,
        Self::Resealed,
        Self::Shown,
        Self::GivenUp,
    ];

    /// Its name, in the log and in the record.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Announced => "announced",
            Self::Scheduled => "scheduled",
            Self::Activated => "activated",
            Self::ActivatedEarly => "activated_early",
            Self::Retired => "retired",
            Self::Removed => "removed",
            Self::Revoked => "revoked",
            Self::Extended => "extended",
            Self::Held => "held",
            Self::Released => "released",
            Self::PolicySet => "policy_set",
            Self::Resealed => "resealed",
            Self::Shown => "shown",
            Self::GivenUp => "given_up",
        }
    }
}

fn deeds_of(ring: Option<&Ring>, key: &Key) -> impl Iterator<Item = Deed> {
    let before = ring.and_then(|ring| ring.key(&key.kid));
    let made = before.is_none().then_some(DeedKind::Announced);
    let moved = match (before.map(|before| before.state), key.state) {
        // Whoever knows a new ring at all knows its first key; nobody knows a later one that was not announced.
        (None, KeyState::Active { .. }) if ring.is_none_or(Ring::is_ended) => Some(DeedKind::Activated),
        (None, KeyState::Active { .. }) => Some(DeedKind::ActivatedEarly),
        (Some(KeyState::Pending { activate_at: None, .. }), KeyState::Pending { activate_at: Some(_), .. }) => {
            Some(DeedKind::Scheduled)
        }
        (Some(KeyState::Pending { ready_at, .. }), KeyState::Active { .. }) => {
            let known = before.is_some_and(|before| before.settled) && key.since >= ready_at;
            Some(if known { DeedKind::Activated } else { DeedKind::ActivatedEarly })
        }
        (Some(KeyState::Active { .. }), KeyState::Retiring { .. }) => Some(DeedKind::Retired),
        (Some(before), KeyState::Removed) if before.is_served() => Some(DeedKind::Removed),
        (Some(before), KeyState::Revoked) if before.is_served() => Some(DeedKind::Revoked),
        _ => None,
    };
    let extended = before.filter(|before| before.longest_token < key.longest_token).map(|_| DeedKind::Extended);
    let kid = key.kid.clone();
    let longest = key.longest_token.as_duration();
    [made, moved, extended].into_iter().flatten().map(move |kind| {
        let detail = (kind == DeedKind::Extended).then(|| format!("tokens of {}", shown(longest)).into());
        Deed { kid: Some(kid.clone()), kind, detail }
    })
}

fn deeds_of_ring(before: Option<&Ring>, ring: &Ring) -> impl Iterator<Item = Deed> {
    let (was, is) = (before.map(Ring::standing).unwrap_or_default(), ring.standing());
    let held = match (was.held_since, is.held_since) {
        (None, Some(_)) => Some(DeedKind::Held),
        (Some(_), None) => Some(DeedKind::Released),
        _ => None,
    };
    let set = (was.own_policy != is.own_policy).then(|| {
        let policy = is.own_policy.map_or_else(|| "the installation's".to_owned(), |own| own.to_string());
        Deed { detail: Some(policy.into()), ..Deed::plain(None, DeedKind::PolicySet) }
    });
    held.map(|kind| Deed::plain(None, kind)).into_iter().chain(set)
}

/// Who caused a change, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cause {
    /// Who.
    pub by: Author,
    /// Why, if somebody said so.
    pub reason: Option<Reason>,
}

impl Cause {
    /// A step was due.
    #[must_use]
    pub const fn due() -> Self {
        Self { by: Author::Itself, reason: None }
    }

    /// `by`, without a reason given.
    #[must_use]
    pub const fn of(by: Author) -> Self {
        Self { by, reason: None }
    }
}

/// Who caused a change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Author {
    /// Nobody: a step was due.
    Itself,
    /// A service of the suite.
    Service(&'static str),
    /// The binary, where it sets up an installation.
    Installation,
    /// The client of an operator's token.
    Operator(Arc<str>),
}

impl fmt::Display for Author {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Itself => f.write_str("itself"),
            Self::Service(name) => write!(f, "service {name}"),
            Self::Installation => f.write_str("installation"),
            Self::Operator(client) => write!(f, "operator {client}"),
        }
    }
}

/// Why somebody did something: 1 to 500 characters, each of them seen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reason(Arc<str>);

impl Reason {
    /// What was said.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Why something of this program's own was done, in its own words.
    pub(crate) fn own(text: &str) -> Self {
        Self(text.into())
    }
}

impl FromStr for Reason {
    type Err = ReasonError;

    fn from_str(text: &str) -> Result<Self, ReasonError> {
        let length = text.chars().count();
        if (1..=LONGEST_REASON).contains(&length) && !text.chars().any(is_hidden) {
            Ok(Self(text.into()))
        } else {
            Err(ReasonError)
        }
    }
}

/// Some text is no reason.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a reason is 1 to {LONGEST_REASON} characters on one line, none that is not seen or turns the text round")]
pub struct ReasonError;

const LONGEST_REASON: usize = 500;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reason_is_bounded_and_on_one_line() {
        assert_eq!("leaked on the 3rd — see 4711".parse::<Reason>().unwrap().as_str(), "leaked on the 3rd — see 4711");
        for refused in ["", "a\nb", "\u{1b}[31m", "case \u{202e}1174", "le\u{200b}aked", &"é".repeat(501)] {
            assert_eq!(refused.parse::<Reason>(), Err(ReasonError), "{refused:?}");
        }
        assert!("é".repeat(500).parse::<Reason>().is_ok());
    }
}
