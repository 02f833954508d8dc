//! What the registry has no more.

use mintage_clock::Timestamp;
use mintage_oauth::{Audience, ClientId, TenantId};

use super::incarnation::{Incarnation, Life};

/// What the registry has under a name, or had.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Named {
    Tenant(TenantId),
    Client(TenantId, ClientId),
    Api(TenantId, Audience),
}

/// One of those that had a name and have it no more.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Former {
    This(Incarnation),
    /// Any, by what a release wrote before the moment that kept no incarnations.
    AnyBefore(Timestamp),
}

/// Those that have the name no more, of `kept` that had it: whatever was kept before the registry was asked and is not what it
/// has now is gone for good. `now` is what has the name, `asked_at` a moment before that was asked.
pub(crate) fn former(kept: Vec<Incarnation>, now: Option<&Life>, asked_at: Timestamp) -> Vec<Former> {
    let present = now.map(|life| &life.incarnation);
    let gone = kept.into_iter().filter(|incarnation| Some(incarnation) != present).map(Former::This);
    gone.chain([Former::AnyBefore(now.map_or(asked_at, |life| life.since))]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn incarnation(name: &str) -> Incarnation {
        name.parse().expect("an incarnation")
    }

    #[test]
    fn whatever_was_kept_goes_but_what_there_is_now() {
        let (since, asked_at) = (Timestamp::from_unix_millis(10), Timestamp::from_unix_millis(99));
        let kept = || vec![incarnation("a"), incarnation("b")];
        let now = Life { incarnation: incarnation("b"), since };
        assert_eq!(
            former(kept(), Some(&now), asked_at),
            [Former::This(incarnation("a")), Former::AnyBefore(since)],
            "what names none and is younger than b may be b's"
        );
        let (a, b) = (Former::This(incarnation("a")), Former::This(incarnation("b")));
        assert_eq!(former(kept(), None, asked_at), [a, b, Former::AnyBefore(asked_at)]);
    }
}
