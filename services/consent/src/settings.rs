//! Every knob of the consent service.

use std::time::Duration;

use serde::{Deserialize, Serialize};

/// What the consent service is told from outside.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Settings {
    /// How long a session may lie unused; 1 min to 365 d, 24 h unless told.
    pub session_idle_lifetime: Duration,
    /// How long a session lives at all; from `session_idle_lifetime` to 365 d, 7 d unless told.
    pub session_lifetime: Duration,
    /// How long a user may take from an authorization request to its answer; 1 min to 24 h, 30 min unless told.
    pub interaction_lifetime: Duration,
    /// How long a code is good (RFC 6749 section 4.1.2 recommends 10 min at most); 5 s to 10 min, 1 min unless told.
    pub code_lifetime: Duration,
    /// For how long a refresh token that was used is heard again, if nobody used the one that it was given for: the answer may
    /// have been lost. 0 s to 1 min, 30 s unless told; 0 s: never.
    pub refresh_token_leeway: Duration,
    /// How users' passwords are hashed.
    pub passwords: PasswordSettings,
}

/// What hashing a password costs (RFC 9106).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PasswordSettings {
    /// Memory of one hash, in KiB; 19456 to 1048576, 19456 unless told.
    pub memory_kib: u32,
    /// Passes over it; 2 to 16, 2 unless told.
    pub passes: u32,
    /// How many are made at the same time; 1 to 64, 2 unless told. Whoever comes beyond that waits for a moment and is then
    /// turned away.
    pub at_once: usize,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            session_idle_lifetime: Duration::from_hours(24),
            session_lifetime: Duration::from_hours(24 * 7),
            interaction_lifetime: Duration::from_mins(30),
            code_lifetime: Duration::from_mins(1),
            refresh_token_leeway: Duration::from_secs(30),
            passwords: PasswordSettings::default(),
        }
    }
}

impl Default for PasswordSettings {
    fn default() -> Self {
        Self { memory_kib: LEAST_MEMORY, passes: 2, at_once: 2 }
    }
}

impl Settings {
    /// Checks every bound.
    ///
    /// # Errors
    /// The first setting that is out of its own.
    pub fn check(&self) -> Result<(), SettingsError> {
        let minute = Duration::from_mins(1);
        let lengths = [
            ("session_idle_lifetime", self.session_idle_lifetime, minute, LONGEST),
            ("session_lifetime", self.session_lifetime, self.session_idle_lifetime, LONGEST),
            ("interaction_lifetime", self.interaction_lifetime, minute, Duration::from_hours(24)),
            ("code_lifetime", self.code_lifetime, Duration::from_secs(5), Duration::from_mins(10)),
            ("refresh_token_leeway", self.refresh_token_leeway, Duration::ZERO, minute),
        ];
        for (name, length, least, most) in lengths {
            if !(least..=most).contains(&length) {
                return Err(SettingsError::Length { name, least, most });
            }
        }
        let PasswordSettings { memory_kib, passes, at_once } = self.passwords;
        let counts = [
            ("passwords.memory_kib", u64::from(memory_kib), u64::from(LEAST_MEMORY), 1_048_576),
            ("passwords.passes", u64::from(passes), 2, 16),
            ("passwords.at_once", u64::try_from(at_once).unwrap_or(u64::MAX), 1, 64),
        ];
        for (name, count, least, most) in counts {
            if !(least..=most).contains(&count) {
                return Err(SettingsError::Count { name, least, most });
            }
        }
        Ok(())
    }
}

/// A setting is out of its bounds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SettingsError {
    /// A length of time.
    #[error("{name} must be from {least:?} to {most:?}")]
    Length {
        /// Which.
        name: &'static str,
        /// The shortest it may be.
        least: Duration,
        /// The longest it may be.
        most: Duration,
    },
    /// A number.
    #[error("{name} must be from {least} to {most}")]
    Count {
        /// Which.
        name: &'static str,
        /// The least it may be.
        least: u64,
        /// The most it may be.
        most: u64,
    },
}

const LONGEST: Duration = Duration::from_hours(24 * 365);
/// What OWASP recommends at the least for argon2id with two passes.
const LEAST_MEMORY: u32 = 19_456;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_defaults_are_within_their_bounds() {
        assert_eq!(Settings::default().check(), Ok(()));
    }

    #[test]
    fn what_is_out_of_bounds_is_refused_by_its_name() {
        let well = Settings::default();
        let password = |passwords| Settings { passwords, ..well };
        for (name, settings) in [
            ("session_idle_lifetime", Settings { session_idle_lifetime: Duration::ZERO, ..well }),
            ("session_lifetime", Settings { session_lifetime: Duration::from_mins(2), ..well }),
            ("interaction_lifetime", Settings { interaction_lifetime: Duration::MAX, ..well }),
            ("code_lifetime", Settings { code_lifetime: Duration::from_mins(11), ..well }),
            ("refresh_token_leeway", Settings { refresh_token_leeway: Duration::from_secs(61), ..well }),
            ("passwords.memory_kib", password(PasswordSettings { memory_kib: 64, ..well.passwords })),
            ("passwords.passes", password(PasswordSettings { passes: 0, ..well.passwords })),
            ("passwords.at_once", password(PasswordSettings { at_once: 0, ..well.passwords })),
        ] {
            let refused = settings.check().expect_err("out of bounds").to_string();
            assert!(refused.starts_with(&format!("{name} must be from ")), "{refused}");
        }
    }
}
