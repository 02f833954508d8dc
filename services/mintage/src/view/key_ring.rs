//! A key ring as it stands.

use mintage_api::keys;
use serde::Serialize;

use super::Key;
use super::time::{Length, Time, short};
use super::words::Algorithm;
use crate::output::{Block, View};

/// A ring, its keys and who holds them, in words.
#[derive(Debug, Serialize)]
pub(crate) struct KeyRing {
    tenant_id: String,
    algorithm: String,
    resource_server_id: String,
    policy: Policy,
    policy_is_own: bool,
    held_since: Option<Time>,
    rotates_at: Option<Time>,
    watchers: u32,
    waiting_for: Vec<String>,
    /// How many watchers the next key waits for that could sign.
    watchers_behind: u32,
    /// When it signs all the same.
    waits_until: Option<Time>,
    keys: Vec<HeldKey>,
}

#[derive(Debug, Serialize)]
struct Policy {
    period: Length,
    jitter: Length,
    announce_window: Length,
    retire_window: Length,
    overdue: Length,
}

#[derive(Debug, Serialize)]
struct HeldKey {
    #[serde(flatten)]
    key: Key,
    /// How many watchers of the key set have acknowledged it.
    holders: u32,
}

impl From<keys::KeyRing> for KeyRing {
    fn from(ring: keys::KeyRing) -> Self {
        let keys::KeyRing {
            name,
            policy,
            policy_is_own,
            held_since,
            rotates_at,
            keys,
            watchers,
            waiting_for,
            watchers_behind,
            waits_until,
        } = ring;
        let keys::KeyRingName { tenant_id, algorithm, resource_server_id } = name.unwrap_or_default();
        Self {
            tenant_id,
            algorithm: Algorithm::name_of(algorithm),
            resource_server_id,
            policy: Policy::from(policy.unwrap_or_default()),
            policy_is_own,
            held_since: held_since.map(Time::from),
            rotates_at: rotates_at.map(Time::from),
            watchers,
            waiting_for,
            watchers_behind,
            waits_until: waits_until.map(Time::from),
            keys: keys.into_iter().map(|key| HeldKey { holders: key.holders, key: key.into() }).collect(),
        }
    }
}

impl From<keys::RotationPolicy> for Policy {
    fn from(policy: keys::RotationPolicy) -> Self {
        let keys::RotationPolicy { period, jitter, announce_window, retire_window, overdue } = policy;
        let [period, jitter, announce_window, retire_window, overdue] =
            [period, jitter, announce_window, retire_window, overdue].map(|length| length.unwrap_or_default().into());
        Self { period, jitter, announce_window, retire_window, overdue }
    }
}

impl KeyRing {
    /// The head of the list of keys.
    pub(crate) const KEYS: &'static [&'static str] =
        &["KID", "ALGORITHM", "STATE", "SINCE", "NEXT STEP", "SIGNS UNTIL", "HELD BY", "CUSTODY", "API"];

    /// A line for each key.
    pub(crate) fn key_rows(&self) -> Vec<Vec<String>> {
        let row = |HeldKey { key, holders }: &HeldKey| {
            let [kid, algorithm, state, since, next_step, custody, api] = key.cells();
            // Its time has come and gone.
            let next_step = if self.watchers_behind > 0 && !next_step.is_empty() && !key.is_retiring() {
                format!("waits for {}", watchers(self.watchers_behind))
            } else {
                next_step
            };
            // Nobody watches a secret.
            let held = if api.is_empty() { format!("{holders} of {}", self.watchers) } else { String::new() };
            vec![kid, algorithm, state, since, next_step, key.signs_until(), held, custody, api]
        };
        self.keys.iter().map(row).collect()
    }

    /// Whether its keys follow each other by themselves; secrets do where that was said.
    fn follows(&self) -> bool {
        self.policy_is_own || self.resource_server_id.is_empty()
    }

    /// What an operator should not miss.
    pub(crate) fn remarks(&self) -> Vec<String> {
        let ring = if self.resource_server_id.is_empty() { &self.algorithm } else { &self.resource_server_id };
        let held = self.held_since.map(|since| {
            format!(
                "{ring} is held since {}: no key follows by itself until `mintage key release`, but for the one that takes \
                 over just before the active one ends.",
                since.short()
            )
        });
        let waits = (self.watchers_behind > 0).then(|| {
            let until = self
                .waits_until
                .map_or_else(String::new, |until| format!(", and signs all the same at {}", until.short()));
            format!("{ring}: its next key waits for {}{until}.", watchers(self.watchers_behind))
        });
        let waiting = (!self.waiting_for.is_empty()).then(|| {
            format!("{ring}: watchers that have not acknowledged an announced key: {}.", self.waiting_for.join(", "))
        });
        let unknown = self.keys.iter().find(|HeldKey { key, .. }| key.is_unknown_next()).map(|HeldKey { key, .. }| {
            format!(
                "{ring}: there is no record that the next secret, {}, was shown to anybody: see to it that the API's verifier \
                 has it before it signs (`mintage key secret`).",
                key.kid()
            )
        });
        held.into_iter().chain(waits).chain(waiting).chain(unknown).collect()
    }
}

/// So many, in words.
fn watchers(count: u32) -> String {
    if count == 1 { "1 watcher".to_owned() } else { format!("{count} watchers") }
}

const BY_HAND: &str = "by hand";

impl View for KeyRing {
    const ONE: &'static str = "key_ring";
    const MANY: &'static str = "key_rings";
    const HEAD: &'static [&'static str] = &["ALGORITHM", "NEXT KEY SIGNS", "PERIOD", "ANNOUNCED FOR", "POLICY", "API"];

    fn row(&self) -> Vec<String> {
        let next = match self.held_since {
            Some(_) => "held".to_owned(),
            None if !self.follows() && self.rotates_at.is_none() => BY_HAND.to_owned(),
            None => short(self.rotates_at),
        };
        let period = if self.follows() { self.policy.period.in_words() } else { BY_HAND.to_owned() };
        let policy = if self.policy_is_own { "its own" } else { "the installation's" };
        vec![
            self.algorithm.clone(),
            next,
            period,
            self.policy.announce_window.in_words(),
            policy.to_owned(),
            self.resource_server_id.clone(),
        ]
    }

    fn blocks(&self) -> Vec<Block> {
        vec![Block::Grid(Self::HEAD, vec![self.row()]), Block::Grid(Self::KEYS, self.key_rows())]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ring() -> keys::KeyRing {
        let key = keys::SigningKey { kid: "k1".to_owned(), holders: 2, ..keys::SigningKey::default() };
        keys::KeyRing { keys: vec![key], watchers: 3, ..keys::KeyRing::default() }
    }

    #[test]
    fn a_key_says_how_many_watchers_hold_it_and_a_secret_does_not() {
        let public = KeyRing::from(ring()).key_rows();
        assert_eq!(public[0][6], "2 of 3");
        let mut secret = ring();
        secret.keys[0].resource_server_id = "api_1".to_owned();
        assert_eq!(KeyRing::from(secret).key_rows()[0][6], "");
    }

    #[test]
    fn secrets_that_are_brought_by_hand_have_no_period_and_no_next_step() {
        let name = keys::KeyRingName { resource_server_id: "api_1".to_owned(), ..keys::KeyRingName::default() };
        let secrets = keys::KeyRing { name: Some(name), ..ring() };
        assert_eq!(KeyRing::from(secrets.clone()).row()[1..3], ["by hand", "by hand"]);
        let rotates_at = Some(prost_types::Timestamp { seconds: 60, nanos: 0 });
        let following = KeyRing::from(keys::KeyRing { policy_is_own: true, rotates_at, ..secrets }).row();
        assert_eq!(following[1..3], ["1970-01-01T00:01:00Z", "0s"]);
    }

    #[test]
    fn lengths_are_told_in_json_as_everywhere_else() {
        let announce_window = Some(prost_types::Duration { seconds: 90, nanos: 500_000_000 });
        let policy = Some(keys::RotationPolicy { announce_window, ..keys::RotationPolicy::default() });
        let mut ring = keys::KeyRing { policy, ..ring() };
        ring.keys[0].longest_token = Some(prost_types::Duration { seconds: 86_400, nanos: 0 });
        let json = serde_json::to_value(KeyRing::from(ring)).unwrap();
        assert_eq!((&json["policy"]["announce_window"], &json["policy"]["overdue"]), (&"90.500s".into(), &"0s".into()));
        assert_eq!(json["keys"][0]["longest_token"], "86400s");
    }

    #[test]
    fn a_key_whose_time_has_come_says_whom_it_waits_for_and_until_when() {
        let mut ring = ring();
        ring.keys[0].set_state(keys::KeyState::Pending);
        ring.keys[0].next_step_at = Some(prost_types::Timestamp { seconds: 1, nanos: 0 });
        ring.watchers_behind = 1;
        ring.waits_until = Some(prost_types::Timestamp { seconds: 60, nanos: 0 });
        let ring = KeyRing::from(ring);
        assert_eq!(ring.key_rows()[0][4], "waits for 1 watcher");
        let said = ring.remarks();
        assert!(said[0].contains("waits for 1 watcher, and signs all the same at 1970-01-01T00:01:00Z"), "{said:?}");
    }

    #[test]
    fn a_secret_that_is_about_to_sign_and_of_which_no_showing_is_on_record_is_named() {
        let mut ring = ring();
        (ring.keys[0].no_record_of_showing, ring.keys[0].resource_server_id) = (true, "api_1".to_owned());
        assert_eq!(KeyRing::from(ring.clone()).remarks(), [""; 0], "it signs already");
        ring.keys[0].set_state(keys::KeyState::Pending);
        let said = KeyRing::from(ring).remarks();
        assert!(said[0].contains("no record that the next secret, k1, was shown"), "{said:?}");
        assert!(!said[0].contains("never") && said[0].contains("`mintage key secret`"), "{said:?}");
    }

    #[test]
    fn what_holds_a_ring_up_is_said() {
        assert!(KeyRing::from(ring()).remarks().is_empty());
        let held_since = Some(prost_types::Timestamp { seconds: 60, nanos: 0 });
        let waiting_for = vec!["edge-1".to_owned()];
        let remarks = KeyRing::from(keys::KeyRing { held_since, waiting_for, ..ring() }).remarks();
        assert!(remarks[0].contains("held since 1970-01-01T00:01:00Z") && remarks[1].contains("edge-1"), "{remarks:?}");
    }
}
