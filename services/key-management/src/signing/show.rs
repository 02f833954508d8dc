//! Shows in metrics which keys there are and how old they are.

use std::sync::{Arc, Weak};
use std::time::Duration;

use mintage_chassis::telemetry::names::{
    ACTIVE_KEY_AGE, KEY_OVERDUE, KEYS_AGE, KEYS_WAITING, NEXT_KEY_AGE, OVERDUE_RINGS, SIGNING_KEYS, WATCHERS_WAITED_FOR,
};
use mintage_clock::Timestamp;
use mintage_jose::Algorithm;

use super::Keys;
use crate::domain::{Key, KeyState, Ring};

impl Keys {
    /// Shows them for as long as somebody holds them.
    pub fn show(self: &Arc<Self>) {
        let keys = Arc::downgrade(self);
        SIGNING_KEYS.observe(looking(&keys, |keys, _, see| {
            let directory = keys.follower.glance();
            for algorithm in Algorithm::ALL {
                let states = rings(&directory, algorithm).flat_map(Ring::served).filter_map(|key| name(&key.state));
                let states: Vec<_> = states.collect();
                for state in STATES {
                    let count = states.iter().filter(|known| **known == state).count();
                    see([algorithm.as_str(), state], count as f64);
                }
            }
        }));
        ACTIVE_KEY_AGE.observe(looking(&keys, |keys, now, see| oldest(keys, now, Ring::active, see)));
        NEXT_KEY_AGE.observe(looking(&keys, |keys, now, see| oldest(keys, now, Ring::next, see)));
        KEY_OVERDUE.observe(looking(&keys, |keys, now, see| {
            let directory = keys.follower.glance();
            for algorithm in Algorithm::ALL {
                let most =
                    rings(&directory, algorithm).map(|ring| ring.overdue(now, keys.policy())).fold(0.0, f64::max);
                see([algorithm.as_str()], most);
            }
        }));
        OVERDUE_RINGS.observe(looking(&keys, |keys, now, see| {
            let directory = keys.follower.glance();
            let overdue = directory.due(now - keys.policy().bounds().replica_lag, keys.policy());
            see([], overdue.len() as f64);
        }));
        KEYS_WAITING.observe(looking(&keys, |keys, _, see| waiting(keys, |(keys, _)| keys as f64, see)));
        WATCHERS_WAITED_FOR.observe(looking(&keys, |keys, _, see| waiting(keys, |(_, most)| f64::from(most), see)));
        KEYS_AGE.observe(looking(&keys, |keys, _, see| see([], keys.follower.age().as_secs_f64())));
    }
}

/// What a gauge with `N` labels tells.
type See<'s, const N: usize> = &'s mut dyn FnMut([&'static str; N], f64);

/// Looks at the keys, while there are any.
fn looking<const N: usize>(
    keys: &Weak<Keys>,
    look: impl Fn(&Keys, Timestamp, See<'_, N>) + Send + Sync + 'static,
) -> impl Fn(See<'_, N>) + Send + Sync + 'static {
    let keys = Weak::clone(keys);
    move |see| {
        if let Some(keys) = keys.upgrade() {
            look(&keys, keys.clock().now(), see);
        }
    }
}

/// For how long the oldest of the keys that `of` finds in rings has been what it is, algorithm by algorithm.
fn oldest(keys: &Keys, now: Timestamp, of: fn(&Ring) -> Option<&Key>, see: See<'_, 1>) {
    let directory = keys.follower.glance();
    for algorithm in Algorithm::ALL {
        let since = rings(&directory, algorithm).filter_map(of).map(|key| key.since).min();
        see([algorithm.as_str()], since.map_or(Duration::ZERO, |since| now.since(since)).as_secs_f64());
    }
}

/// What is told of the keys that wait for their watchers, algorithm by algorithm.
fn waiting(keys: &Keys, told: fn((usize, u32)) -> f64, see: See<'_, 1>) {
    for algorithm in Algorithm::ALL {
        see([algorithm.as_str()], told(keys.waiting(algorithm)));
    }
}

fn rings(directory: &super::Directory, algorithm: Algorithm) -> impl Iterator<Item = &Ring> {
    directory.views().map(super::RingView::ring).filter(move |ring| ring.name().algorithm() == algorithm)
}

const fn name(state: &KeyState) -> Option<&'static str> {
    match state {
        KeyState::Pending { .. } => Some("pending"),
        KeyState::Active { .. } => Some("active"),
        KeyState::Retiring { .. } => Some("retiring"),
        KeyState::Removed | KeyState::Revoked => None,
    }
}

const STATES: [&str; 3] = ["active", "pending", "retiring"];
