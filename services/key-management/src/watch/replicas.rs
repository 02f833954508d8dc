//! Which replicas live, by their signs of life: no two clocks are compared.

use std::collections::HashMap;
use std::time::Duration;

/// What this replica saw of the signs of life of all.
#[derive(Clone, Debug)]
pub(super) struct Replicas {
    lease: Duration,
    looked: Option<Duration>,
    seen: HashMap<String, Seen>,
}

#[derive(Clone, Copy, Debug)]
struct Seen {
    beat: i64,
    /// When this replica saw it first, by its clock that nothing sets back.
    at: Duration,
}

impl Replicas {
    /// Nothing seen yet. A replica counts for `lease` after its last sign of life was seen.
    pub(super) fn new(lease: Duration) -> Self {
        Self { lease, looked: None, seen: HashMap::new() }
    }

    /// Notes what there is at `now`. Whoever did not look for a while cannot tell who was silent meanwhile: all are given
    /// as much time again, be it after a start or after the database was away.
    pub(super) fn look(&mut self, now: Duration, beats: Vec<(String, i64)>) {
        let was_away = self.looked.is_none_or(|looked| now.saturating_sub(looked) > self.lease / 2);
        let seen = beats.into_iter().map(|(id, beat)| {
            let before = self.seen.get(&id).filter(|seen| seen.beat == beat && !was_away);
            (id, before.copied().unwrap_or(Seen { beat, at: now }))
        });
        self.seen = seen.collect();
        self.looked = Some(now);
    }

    /// Those that live, as far as is known.
    pub(super) fn living(&self, now: Duration) -> Vec<String> {
        self.silent_for(now, |silence| silence <= self.lease).map(|(id, _)| id).collect()
    }

    /// Those that live; where none gives a sign of life, all that are known: it is the database that takes none.
    pub(super) fn last_living(&self, now: Duration) -> Vec<String> {
        let living = self.living(now);
        if living.is_empty() { self.seen.keys().cloned().collect() } else { living }
    }

    /// Those of which nothing is to be expected any more, with their last sign of life.
    pub(super) fn long_gone(&self, now: Duration) -> Vec<(String, i64)> {
        self.silent_for(now, |silence| silence > self.lease * GONE).collect()
    }

    /// The last sign of life of a replica.
    pub(super) fn beat_of(&self, replica: &str) -> Option<i64> {
        self.seen.get(replica).map(|seen| seen.beat)
    }

    /// Nothing is kept of a replica any more. Should it come back, it counts from one again, and that is news.
    pub(super) fn forget(&mut self, replica: &str) {
        self.seen.remove(replica);
    }

    fn silent_for(&self, now: Duration, is_wanted: impl Fn(Duration) -> bool) -> impl Iterator<Item = (String, i64)> {
        let wanted = self.seen.iter().filter(move |(_, seen)| is_wanted(now.saturating_sub(seen.at)));
        wanted.map(|(id, seen)| (id.clone(), seen.beat))
    }
}

/// So many leases later a replica's rows go.
const GONE: u32 = 6;

#[cfg(test)]
mod tests {
    use super::*;

    const LEASE: Duration = Duration::from_secs(10);

    fn at(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    fn beats(left: i64, right: i64) -> Vec<(String, i64)> {
        vec![("left".to_owned(), left), ("right".to_owned(), right)]
    }

    #[test]
    fn a_replica_counts_until_its_lease_ends_without_a_sign_of_life() {
        let mut replicas = Replicas::new(LEASE);
        for second in (0..=60).step_by(2) {
            replicas.look(at(second), beats(i64::try_from(second).unwrap(), 7));
            let mut living = replicas.living(at(second));
            living.sort();
            assert_eq!(living, if second <= 10 { vec!["left", "right"] } else { vec!["left"] }, "{second}");
        }
        assert_eq!(replicas.long_gone(at(60)), []);
        replicas.look(at(62), beats(62, 7));
        assert_eq!(replicas.long_gone(at(62)), [("right".to_owned(), 7)]);
        replicas.forget("right");
        replicas.look(at(62), beats(62, 7));
        assert_eq!(replicas.living(at(62)).len(), 2, "it was not gone after all");
    }

    #[test]
    fn where_all_are_silent_those_that_lived_last_are_known_yet() {
        let mut replicas = Replicas::new(LEASE);
        for second in (0..=30).step_by(2) {
            replicas.look(at(second), beats(i64::try_from(second).unwrap(), 7));
        }
        assert_eq!(replicas.last_living(at(30)), ["left"], "the other is dead");
        for second in (32..=60).step_by(2) {
            replicas.look(at(second), beats(30, 7));
        }
        assert_eq!((replicas.living(at(60)).len(), replicas.last_living(at(60)).len()), (0, 2));
    }

    #[test]
    fn nobody_is_held_for_dead_by_one_who_was_away() {
        let mut replicas = Replicas::new(LEASE);
        assert_eq!(replicas.living(at(0)), [""; 0]);
        replicas.look(at(1000), beats(1, 1));
        replicas.look(at(2000), beats(1, 1));
        assert_eq!(replicas.living(at(2000)).len(), 2, "the database was away, maybe for all");
        replicas.look(at(2004), beats(1, 2));
        replicas.look(at(2008), beats(1, 3));
        replicas.look(at(2012), beats(1, 4));
        assert_eq!(replicas.living(at(2012)), ["right"]);
    }
}
