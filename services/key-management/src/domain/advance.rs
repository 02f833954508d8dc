//! Takes the steps of a ring that are due by themselves.

use mintage_clock::Timestamp;

use super::error::ATTEMPTS;
use super::ports::{Evidence, Held, Lifetimes, Mint, Rings};
use super::{Cause, Change, KeysError, Means, Ready, Reason, Ring, RingName};

/// What came of looking at a ring.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Advance {
    /// What an activation waits for that is due but for its watchers.
    pub waits_for: Option<Held>,
    /// A key took over because the one before it was about to end, whoever held that back.
    pub at_the_last: bool,
}

impl<R: Rings, M: Mint, E: Evidence, L: Lifetimes> Means<R, M, E, L> {
    /// Removes expired keys and activates the announced key when its turn has come and every watcher holds it; then announces
    /// others, as a change of its own: what has to be made may take long, or fail. Replicas race here at the same instant;
    /// losing is nothing.
    ///
    /// # Errors
    /// When a step cannot be kept, or it cannot be told what watchers hold; when a key cannot be made, those before it are
    /// taken.
    pub async fn advance(&self, name: &RingName) -> Result<Advance, KeysError> {
        let found = self.rings.find(name).await?.filter(|ring| !ring.is_ended());
        let Some(before) = found else { return Ok(Advance::default()) };
        let turn = self.turn(&before, self.clock.now()).await?;
        let now = self.clock.now();
        let ring = before.clone().settle(now, &self.policy).remove_expired(now);
        let (mut ring, mut cause, mut advance) = (ring, Cause::due(), Advance::default());
        match (turn, before.next()) {
            (Turn::Come(reason), Some(next)) => {
                let last = before.last_turn_at(&self.policy).is_some_and(|last| last <= now);
                advance.at_the_last = last && reason.is_some();
                cause.reason = reason;
                ring = ring.activate(&next.kid, Ready::Needed, now, &self.policy)?;
            }
            (Turn::Waits(held), _) => advance.waits_for = Some(held),
            (Turn::Come(_) | Turn::NotYet, _) => {}
        }
        if let Some(change) = Change::between(Some(&before), ring, Vec::new(), cause, now) {
            advance.at_the_last &= self.keep(&change).await?.is_some();
        }
        self.fill(name, &Cause::due()).await?;
        Ok(advance)
    }

    /// Whether the announced key may sign now.
    pub(super) async fn turn(&self, ring: &Ring, now: Timestamp) -> Result<Turn, KeysError> {
        let Some(at) = ring.activation_at(&self.policy).filter(|at| *at <= now) else { return Ok(Turn::NotYet) };
        let held = self.next_held(ring).await?;
        if held.by_all() {
            return Ok(Turn::Come(ring.is_held_back().then(|| Reason::own(HELD_TO_THE_LAST))));
        }
        if self.waits_until(ring, at).is_none_or(|until| now < until) {
            return Ok(Turn::Waits(held));
        }
        Ok(Turn::Come(Some(behind(&held))))
    }

    /// Until when watchers are waited for with a key that could sign since `at`: not so long that the one that signs ends
    /// before every replica knows its successor. Who waits for an operator, and has to stop, would lock out the operator too.
    pub(crate) fn waits_until(&self, ring: &Ring, at: Timestamp) -> Option<Timestamp> {
        let patience = self.policy.watchers();
        let deadline = (!patience.hold).then(|| at + patience.deadline);
        deadline.into_iter().chain(ring.last_turn_at(&self.policy)).min()
    }

    /// Announces keys that a ring lacks, a few at a time. They are made first, and announced from the instant at which they
    /// are there.
    ///
    /// # Errors
    /// When keys cannot be made or kept.
    pub async fn fill(&self, name: &RingName, cause: &Cause) -> Result<(), KeysError> {
        let lacks = async || Ok::<_, KeysError>(self.alive(name).await?.lacks(&self.policy).min(AT_ONCE));
        let mut minted = Vec::new();
        for _ in 0..lacks().await? {
            minted.push(self.mint.mint(name).await?);
        }
        for _ in 0..ATTEMPTS {
            let before = self.alive(name).await?;
            // Another replica may have announced as many meanwhile.
            minted.truncate(before.lacks(&self.policy));
            if minted.is_empty() {
                return Ok(());
            }
            let inherited = before.active().map(|active| active.longest_token).unwrap_or_default();
            // An API whose tokens live longer tells so before the first of them is made; and the signer sees to it again.
            let longest = self.lifetimes.longest(name).await.ok().flatten().unwrap_or(inherited);
            let now = self.clock.now();
            let ring = minted
                .iter()
                .try_fold(before.clone(), |ring, fresh| ring.announce(fresh.key.clone(), longest, now, &self.policy))?;
            match Change::between(Some(&before), ring, minted.clone(), cause.clone(), now) {
                Some(change) if self.keep(&change).await?.is_none() => {}
                _ => return Ok(()),
            }
        }
        Err(KeysError::Contended(name.clone()))
    }
}

/// What stands in the record when a key signs that some watchers do not hold.
pub(super) fn behind(held: &Held) -> Reason {
    let Held { watchers, holding, waiting_for } = held;
    let missing = watchers.saturating_sub(*holding);
    let mut said = format!("{missing} of {watchers} watchers had not acknowledged the key");
    let named: Vec<String> =
        waiting_for.iter().take(NAMED).map(|name| name.chars().take(LONGEST_NAME).collect()).collect();
    if !named.is_empty() {
        said.push_str(&format!(": {}", named.join(", ")));
        let more = usize::try_from(missing).unwrap_or(usize::MAX).saturating_sub(named.len());
        if more > 0 {
            said.push_str(&format!(" and {more} more"));
        }
    }
    Reason::own(&said)
}

/// Where the announced key stands.
#[derive(Debug)]
pub(super) enum Turn {
    /// Its time has not come.
    NotYet,
    /// It has, but some watchers do not hold it.
    Waits(Held),
    /// It may sign; for a reason that should be on record.
    Come(Option<Reason>),
}

/// What stands in the record when a ring that is held rotates all the same.
const HELD_TO_THE_LAST: &str = "the ring is held, but its active key was about to end";

/// So many watchers are named in the record.
const NAMED: usize = 5;
/// So much of each name.
const LONGEST_NAME: usize = 80;

/// The change is kept before more are made.
const AT_ONCE: usize = 2;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_record_names_some_of_those_that_had_not_acknowledged_a_key() {
        let waiting = |watchers, names: &[&str]| {
            let waiting_for = names.iter().map(|name| (*name).to_owned()).collect();
            behind(&Held { watchers, holding: 1, waiting_for }).as_str().to_owned()
        };
        assert_eq!(waiting(2, &["edge-1"]), "1 of 2 watchers had not acknowledged the key: edge-1");
        let many = waiting(21, &["é".repeat(500).as_str(); 20]);
        assert!(many.ends_with(" and 15 more") && many.chars().count() < 500, "{many}");
    }
}
