//! Every knob of key management.

use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::time::Duration;

use mintage_jose::RsaSize;
use serde::{Deserialize, Serialize};

use crate::custody::Keeper;
use crate::domain::{Bounds, Policy, PolicyError, RotationPolicy, WatcherPolicy};
use crate::watch::WatchSettings;

/// How keys live and how signatures are made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Settings {
    /// How long a fetched key set may be kept. At least 1 s, as every length at most 1000 d; default
    /// 15 s.
    pub max_age: Duration,
    /// How long a verifier may wait until it fetches the key set again because it meets a key that it does not know: the
    /// cooldown of its library, 30 s with PyJWT and jose, whatever `max_age` says. Default 30 s.
    pub verifier_cooldown: Duration,
    /// How far the clocks of replicas and verifiers may stand apart. Default 20 s.
    pub skew: Duration,
    /// How long a replica may go on with what it last read while the database does not answer; then it refuses to sign
    /// and to serve keys. From 1 s to 1 h; default 10 s.
    pub replica_lag: Duration,
    /// How long a new key stands in the key set before it signs. At least `max_age` + `replica_lag` + `skew` + 5 s,
    /// and `verifier_cooldown` or once more `max_age`, whichever is longer; default 90 s.
    pub announce_window: Duration,
    /// How long a key stays in the key set after it signed last, at least: it stays as long as the longest-lived token
    /// that it may have signed, + `replica_lag` + 2 `skew` + 5 s. Default 0 s: just as long.
    pub retire_window: Duration,
    /// How long a key signs before the next one follows by itself. At least 1 s; a ring may have a length of its own, as
    /// of the windows (`mintage key policy`). Default 90 d.
    pub rotation_period: Duration,
    /// The shortest `rotation_period` that a ring may have of its own. At least 1 s; default 1 h.
    pub shortest_rotation_period: Duration,
    /// Up to how much earlier the next key may follow, so that rings do not move all at once. At most half of
    /// `rotation_period`; default 1 d.
    pub rotation_jitter: Duration,
    /// How long past `rotation_period` a key may sign while it cannot be relieved; then it signs no more. At least
    /// `announce_window` + `replica_lag`; default 30 d.
    pub rotation_overdue: Duration,
    /// How long past its time an activation waits for connected watchers of the key set that have not acknowledged the
    /// key. Default 10 min.
    pub watcher_deadline: Duration,
    /// Whether an activation waits on after `watcher_deadline`, until an operator decides or the key that signs is about to
    /// end. Default false: the key signs, and the record says who did not acknowledge it.
    pub hold_for_watchers: bool,
    /// How many bits a new RSA key has: 2048, 3072 or 4096. Each signature takes three and seven times as long with the
    /// longer ones. Default 2048.
    pub rsa_bits: u32,
    /// How many keys of one ring may be served at once. 3 to 100; default 12.
    pub max_served_keys: usize,
    /// How often a replica looks for what others changed and for steps that are due: the time after which it follows
    /// another replica's rotation. From 10 ms to `replica_lag`; default 500 ms.
    pub refresh_interval: Duration,
    /// How many RSA signatures are made at once. At most 1024; default: one a core.
    pub signing_threads: NonZeroUsize,
    /// How many RSA signatures may wait for a thread before more are refused. 1 to 1048576; default 1024.
    pub max_waiting_signatures: usize,
    /// How long the record of what was done to keys is kept (`mintage key history`), and as long what may be known of a key
    /// that has ended; its `kid` is never given again. From 1 d to 36500 d; default 400 d.
    pub record_retention: Duration,
    /// Who may watch key sets.
    pub watch: WatchSettings,
    /// Who keeps the private halves of new keys: `sealed`, the database, under the master key; or `pkcs11`, a token. Secrets
    /// of HS256 are sealed either way. Keys that were made before stay where they are. Default `sealed`.
    pub custody: Keeper,
    /// The token.
    pub pkcs11: Pkcs11Settings,
}

/// The PKCS#11 token that keeps private halves, where one does: for new keys with `custody = "pkcs11"`, else for those that
/// were made in it. Its PIN is `secrets.pkcs11_pin`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pkcs11Settings {
    /// The module, a shared library for the program to load, as an absolute path. Set with `token`.
    pub module: Option<PathBuf>,
    /// The label of the token, 1 to 32 characters of ASCII. Set with `module`.
    pub token: Option<String>,
    /// The label of a token that is lost for good, with its keys: the service starts without it, and nobody looks for what it
    /// held any more. Its keys sign nothing; rotate every ring, and past every key that it had announced. Of one that is only
    /// away this must not be said: that cannot be told from here. Must not be `token`.
    pub lost: Option<String>,
    /// How many signatures the token makes at once, each in a session of its own. At most 256; default 4.
    pub sessions: NonZeroUsize,
}

impl Pkcs11Settings {
    /// The module and the token's label; `None` without a token.
    ///
    /// # Errors
    /// When there is one without the other, or one of them can be none.
    pub fn told(&self) -> Result<Option<(&Path, &str)>, SettingsError> {
        let label = |label: &str| {
            (1..=32).contains(&label.len()) && label.bytes().all(|byte| byte.is_ascii_graphic() || byte == b' ')
        };
        if self.lost.as_deref().is_some_and(|lost| !label(lost)) {
            return Err(SettingsError::Pkcs11("pkcs11.lost must be 1 to 32 characters of ASCII"));
        }
        match (&self.module, &self.token) {
            (None, None) => Ok(None),
            (None, Some(_)) => Err(SettingsError::Pkcs11("pkcs11.module must be set where pkcs11.token is")),
            (Some(_), None) => Err(SettingsError::Pkcs11("pkcs11.token must be set where pkcs11.module is")),
            (_, Some(token)) if self.lost.as_ref() == Some(token) => {
                Err(SettingsError::Pkcs11("pkcs11.lost must not be pkcs11.token: a token that is lost is not entered"))
            }
            (Some(module), _) if !module.is_absolute() => {
                Err(SettingsError::Pkcs11("pkcs11.module must be an absolute path"))
            }
            (_, Some(token)) if !label(token) => {
                Err(SettingsError::Pkcs11("pkcs11.token must be 1 to 32 characters of ASCII"))
            }
            (Some(module), Some(token)) => Ok(Some((module, token))),
        }
    }
}

impl Default for Pkcs11Settings {
    fn default() -> Self {
        Self { module: None, token: None, lost: None, sessions: DEFAULT_SESSIONS }
    }
}

impl Settings {
    /// The lengths of a key's life, checked against each other.
    ///
    /// # Errors
    /// When they do not hold together.
    pub fn policy(&self) -> Result<Policy, PolicyError> {
        let bounds = Bounds {
            max_age: self.max_age,
            verifier_cooldown: self.verifier_cooldown,
            skew: self.skew,
            replica_lag: self.replica_lag,
            max_served_keys: self.max_served_keys,
            shortest_period: self.shortest_rotation_period,
        };
        let rotation = RotationPolicy {
            period: self.rotation_period,
            jitter: self.rotation_jitter,
            announce_window: self.announce_window,
            retire_window: self.retire_window,
            overdue: self.rotation_overdue,
        };
        let watchers = WatcherPolicy { deadline: self.watcher_deadline, hold: self.hold_for_watchers };
        Policy::new(bounds, rotation, watchers)
    }

    /// How long new RSA keys are.
    ///
    /// # Errors
    /// When keys of that length are not made.
    pub fn rsa_size(&self) -> Result<RsaSize, SettingsError> {
        RsaSize::try_from(self.rsa_bits).map_err(|_| SettingsError::RsaBits)
    }

    /// Checks every bound.
    ///
    /// # Errors
    /// When one is broken.
    pub fn check(&self) -> Result<Policy, SettingsError> {
        let policy = self.policy()?;
        if self.refresh_interval < SHORTEST_REFRESH || self.refresh_interval > self.replica_lag {
            return Err(SettingsError::RefreshInterval);
        }
        if self.signing_threads.get() > MOST_THREADS {
            return Err(SettingsError::SigningThreads);
        }
        if !(1..=MOST_WAITING).contains(&self.max_waiting_signatures) {
            return Err(SettingsError::MaxWaitingSignatures);
        }
        if !(SHORTEST_RECORD..=LONGEST_RECORD).contains(&self.record_retention) {
            return Err(SettingsError::RecordRetention);
        }
        self.rsa_size()?;
        if self.pkcs11.told()?.is_none() && self.custody == Keeper::Pkcs11 {
            return Err(SettingsError::Pkcs11(
                "pkcs11.module and pkcs11.token must be set where custody is \"pkcs11\"",
            ));
        }
        if self.pkcs11.sessions.get() > MOST_SESSIONS {
            return Err(SettingsError::Pkcs11("pkcs11.sessions must be at most 256"));
        }
        let silence = || self.watch.check_silence(self.max_age, self.replica_lag);
        self.watch.check().and_then(|()| silence()).map_err(|(name, bound)| SettingsError::Watch { name, bound })?;
        Ok(policy)
    }
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            max_age: Duration::from_secs(15),
            verifier_cooldown: Duration::from_secs(30),
            skew: Duration::from_secs(20),
            replica_lag: Duration::from_secs(10),
            announce_window: Duration::from_secs(90),
            retire_window: Duration::ZERO,
            rotation_period: Duration::from_hours(24 * 90),
            shortest_rotation_period: Duration::from_hours(1),
            rotation_jitter: Duration::from_hours(24),
            rotation_overdue: Duration::from_hours(24 * 30),
            watcher_deadline: Duration::from_mins(10),
            hold_for_watchers: false,
            rsa_bits: RsaSize::default().bits(),
            max_served_keys: 12,
            refresh_interval: Duration::from_millis(500),
            signing_threads: std::thread::available_parallelism().unwrap_or(NonZeroUsize::MIN),
            max_waiting_signatures: 1024,
            record_retention: Duration::from_hours(24 * 400),
            watch: WatchSettings::default(),
            custody: Keeper::default(),
            pkcs11: Pkcs11Settings::default(),
        }
    }
}

/// Why settings are refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SettingsError {
    /// Lengths of a key's life do not hold together.
    #[error(transparent)]
    Policy(#[from] PolicyError),
    /// The refresh interval is out of its bounds.
    #[error("refresh_interval must be from 10 ms to replica_lag")]
    RefreshInterval,
    /// More threads than a machine has cores.
    #[error("signing_threads must be at most {MOST_THREADS}")]
    SigningThreads,
    /// Nothing could ever be signed, or more would wait than memory holds.
    #[error("max_waiting_signatures must be from 1 to {MOST_WAITING}")]
    MaxWaitingSignatures,
    /// What was done would be forgotten before anybody asks, or is kept for ever.
    #[error("record_retention must be from 1 d to 36500 d")]
    RecordRetention,
    /// No RSA key is made so long.
    #[error("rsa_bits must be 2048, 3072 or 4096")]
    RsaBits,
    /// The token cannot be found by what is told of it.
    #[error("{0}")]
    Pkcs11(&'static str),
    /// A setting of who may watch is out of its bounds.
    #[error("{name} must be {bound}")]
    Watch {
        /// Which.
        name: &'static str,
        /// How it is bound.
        bound: &'static str,
    },
}

const MOST_THREADS: usize = 1024;
const MOST_SESSIONS: usize = 256;
const DEFAULT_SESSIONS: NonZeroUsize = NonZeroUsize::MIN.saturating_add(3);
/// A place in the queue is set aside for each when the service starts.
const MOST_WAITING: usize = 1 << 20;

const SHORTEST_RECORD: Duration = Duration::from_hours(24);
const LONGEST_RECORD: Duration = Duration::from_hours(24 * 36_500);
const SHORTEST_REFRESH: Duration = Duration::from_millis(10);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_defaults_hold_together() {
        assert!(Settings::default().check().is_ok());
    }

    #[test]
    fn a_token_is_told_whole_or_not_at_all() {
        let told = |module: Option<&str>, token: Option<&str>, custody| {
            let pkcs11 = Pkcs11Settings {
                module: module.map(PathBuf::from),
                token: token.map(ToOwned::to_owned),
                ..Pkcs11Settings::default()
            };
            Settings { pkcs11, custody, ..Settings::default() }.check().map(drop).map_err(|error| error.to_string())
        };
        let module = Some("/usr/lib/softhsm/libsofthsm2.so");
        for custody in [Keeper::Sealed, Keeper::Pkcs11] {
            assert_eq!(told(module, Some("mintage"), custody), Ok(()));
            for (module, token, key) in [
                (None, Some("mintage"), "pkcs11.module must"),
                (module, None, "pkcs11.token must"),
                (Some("libsofthsm2.so"), Some("mintage"), "pkcs11.module must"),
                (module, Some(""), "pkcs11.token must"),
                (module, Some(&*"x".repeat(33)), "pkcs11.token must"),
                (module, Some("a\nb"), "pkcs11.token must"),
            ] {
                let refused = told(module, token, custody).unwrap_err();
                assert!(refused.starts_with(key), "{refused}");
            }
        }
        for lost in ["", "a\nb", &"x".repeat(33)] {
            let pkcs11 = Pkcs11Settings { lost: Some(lost.to_owned()), ..Pkcs11Settings::default() };
            let refused = Settings { pkcs11, ..Settings::default() }.check().unwrap_err().to_string();
            assert!(refused.starts_with("pkcs11.lost must"), "{refused}");
        }
        assert_eq!(told(None, None, Keeper::Sealed), Ok(()));
        assert!(told(None, None, Keeper::Pkcs11).unwrap_err().starts_with("pkcs11.module and pkcs11.token must"));
        let crowded = Pkcs11Settings { sessions: NonZeroUsize::MAX, ..Pkcs11Settings::default() };
        assert!(Settings { pkcs11: crowded, ..Settings::default() }.check().is_err());
    }

    #[test]
    fn what_is_out_of_bounds_is_refused() {
        let slow = Settings { refresh_interval: Duration::from_secs(11), ..Settings::default() };
        assert_eq!(slow.check(), Err(SettingsError::RefreshInterval));
        let busy = Settings { refresh_interval: Duration::from_millis(9), ..Settings::default() };
        assert_eq!(busy.check(), Err(SettingsError::RefreshInterval));
        for rsa_bits in [0, 1024, 2047, 2049, 8192] {
            let weak = Settings { rsa_bits, ..Settings::default() };
            assert_eq!(weak.check(), Err(SettingsError::RsaBits));
        }
        for record_retention in [Duration::ZERO, SHORTEST_RECORD / 2, Duration::MAX] {
            let forgetful = Settings { record_retention, ..Settings::default() };
            assert_eq!(forgetful.check(), Err(SettingsError::RecordRetention));
        }
        for max_waiting_signatures in [0, usize::MAX] {
            let deaf = Settings { max_waiting_signatures, ..Settings::default() };
            assert_eq!(deaf.check(), Err(SettingsError::MaxWaitingSignatures));
        }
        let crowded = Settings { signing_threads: NonZeroUsize::MAX, ..Settings::default() };
        assert_eq!(crowded.check(), Err(SettingsError::SigningThreads));
    }

    #[test]
    fn lesson_19_no_watcher_may_go_on_for_longer_than_a_replica_may_lag_or_a_key_set_be_kept() {
        let refused = SettingsError::Watch {
            name: "watch.sign_of_life_interval",
            bound: "at most a third of max_age and of replica_lag",
        };
        let brief = Duration::from_secs(2);
        let kept = Settings { max_age: brief, ..Settings::default() };
        let lagging = Settings { replica_lag: brief, ..Settings::default() };
        for settings in [kept, lagging] {
            assert_eq!(settings.check(), Err(refused));
            let watch = WatchSettings { sign_of_life_interval: brief / 3, ..WatchSettings::default() };
            assert!(Settings { watch, ..settings }.check().is_ok());
        }
    }
}
