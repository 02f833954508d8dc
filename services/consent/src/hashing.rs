//! Hashes passwords with argon2id (RFC 9106), a few at a time, on threads of their own.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use argon2::password_hash::phc;
use argon2::{Algorithm, Argon2, Params, PasswordHasher, PasswordVerifier, Version};
use mintage_chassis::telemetry::names::PASSWORD_HASH_WAIT;
use mintage_clock::Randomness;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::Instant;
use zeroize::Zeroizing;

use crate::domain::ConsentError;
use crate::domain::password::{NewPassword, PasswordHash, Verdict};
use crate::domain::password_directory::Passwords;
use crate::settings::PasswordSettings;

/// Makes and compares hashes.
pub(crate) struct Hashing {
    work: Arc<Work>,
    /// Those who hash.
    turns: Arc<Semaphore>,
    /// Those who hash or wait to.
    line: Semaphore,
}

/// What a thread needs for it.
struct Work {
    argon2: Argon2<'static>,
    /// Compared with where there is nothing to compare with. Nobody knows a password for it.
    decoy: phc::PasswordHash,
    randomness: Randomness,
    made: AtomicU64,
}

impl Hashing {
    /// Ready to hash; makes one hash, of chance.
    ///
    /// # Errors
    /// When the settings are none of argon2id's.
    pub(crate) fn new(settings: &PasswordSettings, randomness: Randomness) -> Result<Self, HashingError> {
        let PasswordSettings { memory_kib, passes, at_once } = *settings;
        let params = Params::new(memory_kib, passes, LANES, Some(HASH_BYTES))?;
        let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
        let unknown = Zeroizing::new(randomness.bytes::<32>());
        let decoy = argon2.hash_password_with_salt(&*unknown, &randomness.bytes::<SALT_BYTES>())?;
        let work = Arc::new(Work { argon2, decoy, randomness, made: AtomicU64::new(0) });
        let line = Semaphore::new(at_once.saturating_mul(LINE_FOR_EACH));
        Ok(Self { work, turns: Arc::new(Semaphore::new(at_once)), line })
    }

    /// The hash to store of a password that somebody chose.
    ///
    /// # Errors
    /// [`ConsentError::Overloaded`] when too many others are under way.
    pub(crate) async fn hash(&self, password: NewPassword) -> Result<PasswordHash, ConsentError> {
        let turn = self.turn().await?;
        let clear = password.into_clear();
        self.apart(turn, move |work| work.hash(&clear)).await?
    }

    /// How many hashes were made so far, for storage or to compare.
    #[cfg(test)]
    fn made(&self) -> u64 {
        self.work.made.load(Ordering::SeqCst)
    }

    /// The turn is kept until the work is done, though whoever asked for it may have gone.
    async fn apart<T: Send + 'static>(
        &self,
        turn: OwnedSemaphorePermit,
        act: impl FnOnce(&Work) -> T + Send + 'static,
    ) -> Result<T, ConsentError> {
        let work = Arc::clone(&self.work);
        let done = tokio::task::spawn_blocking(move || {
            let _turn = turn;
            act(&work)
        });
        done.await.map_err(|cause| ConsentError::Failed(cause.into()))
    }
}

impl Passwords for Hashing {
    type Turn = OwnedSemaphorePermit;

    async fn turn(&self) -> Result<OwnedSemaphorePermit, ConsentError> {
        let _place = self.line.try_acquire().map_err(|_| ConsentError::Overloaded)?;
        let came = Instant::now();
        let waiting = tokio::time::timeout(PATIENCE, Arc::clone(&self.turns).acquire_owned()).await;
        PASSWORD_HASH_WAIT.record(came.elapsed().as_secs_f64(), []);
        waiting.map_err(|_| ConsentError::Overloaded)?.map_err(|cause| ConsentError::Failed(cause.into()))
    }

    async fn verify(
        &self,
        turn: OwnedSemaphorePermit,
        presented: Option<Zeroizing<String>>,
        stored: Option<PasswordHash>,
    ) -> Result<Verdict, ConsentError> {
        self.apart(turn, move |work| work.verify(presented, stored.as_ref())).await?
    }
}

impl Work {
    fn hash(&self, clear: &str) -> Result<PasswordHash, ConsentError> {
        self.made.fetch_add(1, Ordering::SeqCst);
        let salt = self.randomness.bytes::<SALT_BYTES>();
        let made = self.argon2.hash_password_with_salt(clear.as_bytes(), &salt).map_err(failed)?;
        Ok(PasswordHash::from_stored(made.to_string()))
    }

    fn verify(
        &self,
        presented: Option<Zeroizing<String>>,
        stored: Option<&PasswordHash>,
    ) -> Result<Verdict, ConsentError> {
        let known = stored.map(|stored| phc::PasswordHash::new(stored.as_str()).map_err(failed)).transpose()?;
        let (against, clear) = match (&known, presented) {
            (Some(known), Some(clear)) => (known, clear),
            _ => (&self.decoy, Zeroizing::default()),
        };
        self.made.fetch_add(1, Ordering::SeqCst);
        if self.argon2.verify_password(clear.as_bytes(), against).is_err() {
            return Ok(Verdict::Wrong);
        }
        let anew = if self.is_due(against) { Some(self.hash(&clear)?) } else { None };
        Ok(Verdict::Right { anew })
    }

    /// Whether a hash was made for another price than hashes have by now.
    fn is_due(&self, hash: &phc::PasswordHash) -> bool {
        let ours = self.argon2.params();
        let same = Params::try_from(hash).is_ok_and(|its| {
            (its.m_cost(), its.t_cost(), its.p_cost()) == (ours.m_cost(), ours.t_cost(), ours.p_cost())
        });
        !same || hash.algorithm != self.decoy.algorithm || hash.version != self.decoy.version
    }
}

fn failed(cause: impl std::error::Error + Send + Sync + 'static) -> ConsentError {
    ConsentError::Failed(Box::new(cause))
}

/// Why nothing can be hashed.
#[derive(Clone, Copy, Debug, thiserror::Error)]
pub enum HashingError {
    /// The settings are none of argon2id's.
    #[error("passwords cannot be hashed with these settings: {0}")]
    Settings(#[from] argon2::Error),
    /// The first hash failed.
    #[error("passwords cannot be hashed: {0}")]
    Failed(#[from] argon2::password_hash::Error),
}

impl fmt::Debug for Hashing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Hashing(argon2id)")
    }
}

/// One thread for each hash: lanes would only take the place of other hashes.
const LANES: u32 = 1;
const SALT_BYTES: usize = 16;
const HASH_BYTES: usize = 32;
/// How many may stand in line for each hash that is made at a time.
const LINE_FOR_EACH: usize = 16;
/// How long anybody does.
const PATIENCE: Duration = Duration::from_secs(2);

#[cfg(test)]
mod tests {
    use super::*;

    const CHEAPEST: PasswordSettings = PasswordSettings { memory_kib: 64, passes: 1, at_once: 1 };

    fn hashing(settings: PasswordSettings) -> Hashing {
        Hashing::new(&settings, Randomness::seeded(1)).expect("hashes")
    }

    fn chosen(text: &str) -> NewPassword {
        let email = "ada@example.org".parse().expect("an address");
        NewPassword::read(Zeroizing::new(text.to_owned()), &email).expect("a good password")
    }

    async fn verdict(hashing: &Hashing, typed: Option<&str>, stored: Option<&PasswordHash>) -> Verdict {
        let typed = typed.map(|typed| Zeroizing::new(typed.to_owned()));
        let turn = hashing.turn().await.expect("a turn");
        hashing.verify(turn, typed, stored.cloned()).await.expect("a verdict")
    }

    #[tokio::test]
    async fn a_hash_knows_its_password_and_no_other() {
        let hashing = hashing(CHEAPEST);
        let stored = hashing.hash(chosen("kq8-Vn2.xT7!")).await.expect("hashes");
        assert!(stored.as_str().starts_with("$argon2id$v=19$m=64,t=1,p=1$"), "{}", stored.as_str());
        assert_eq!(verdict(&hashing, Some("kq8-Vn2.xT7!"), Some(&stored)).await, Verdict::Right { anew: None });
        for typed in ["", "kq8-Vn2.xT7", "KQ8-vN2.Xt7!", "kq8-Vn2.xT7! "] {
            assert_eq!(verdict(&hashing, Some(typed), Some(&stored)).await, Verdict::Wrong, "{typed}");
        }
        let again = hashing.hash(chosen("kq8-Vn2.xT7!")).await.expect("hashes");
        assert_ne!(stored, again, "each has a salt of its own");
    }

    #[tokio::test]
    async fn b18_nothing_to_compare_with_costs_one_hash_as_everything_does() {
        let hashing = hashing(CHEAPEST);
        let stored = hashing.hash(chosen("kq8-Vn2.xT7!")).await.expect("hashes");
        for (typed, stored) in [
            (Some("kq8-Vn2.xT7!"), Some(&stored)),
            (Some("another one"), Some(&stored)),
            (Some("kq8-Vn2.xT7!"), None),
            (Some(""), None),
            (None, Some(&stored)),
            (None, None),
        ] {
            let before = hashing.made();
            let verdict = verdict(&hashing, typed, stored).await;
            assert_eq!(hashing.made() - before, 1);
            assert_eq!(verdict != Verdict::Wrong, typed == Some("kq8-Vn2.xT7!") && stored.is_some());
        }
    }

    #[tokio::test]
    async fn a_password_that_cost_less_is_hashed_anew_when_it_is_known() {
        let stored = hashing(CHEAPEST).hash(chosen("kq8-Vn2.xT7!")).await.expect("hashes");
        let dearer = hashing(PasswordSettings { passes: 2, ..CHEAPEST });
        let Verdict::Right { anew: Some(anew) } = verdict(&dearer, Some("kq8-Vn2.xT7!"), Some(&stored)).await else {
            panic!("it is due");
        };
        assert!(anew.as_str().contains("t=2"));
        assert_eq!(verdict(&dearer, Some("kq8-Vn2.xT7!"), Some(&anew)).await, Verdict::Right { anew: None });
        assert_eq!(verdict(&dearer, Some("wrong"), Some(&stored)).await, Verdict::Wrong);
    }

    #[tokio::test(start_paused = true)]
    async fn who_finds_no_turn_in_time_is_turned_away_and_the_line_is_short() {
        let hashing = Arc::new(hashing(CHEAPEST));
        let held = hashing.turn().await.expect("the first");
        let waiting: Vec<_> = (0..LINE_FOR_EACH)
            .map(|_| {
                let hashing = Arc::clone(&hashing);
                tokio::spawn(async move { hashing.turn().await.map(drop) })
            })
            .collect();
        tokio::task::yield_now().await;
        let before = Instant::now();
        assert!(matches!(hashing.turn().await, Err(ConsentError::Overloaded)), "the line is full");
        assert_eq!(before.elapsed(), Duration::ZERO, "and that is said at once");
        for turned_away in waiting {
            assert!(matches!(turned_away.await.expect("no panic"), Err(ConsentError::Overloaded)));
        }
        drop(held);
        assert!(hashing.turn().await.is_ok());
    }

    #[tokio::test]
    async fn a_stored_text_that_is_no_hash_is_our_fault() {
        let hashing = hashing(CHEAPEST);
        let turn = hashing.turn().await.expect("a turn");
        let stored = Some(PasswordHash::from_stored("plain".to_owned()));
        let outcome = hashing.verify(turn, Some(Zeroizing::default()), stored).await;
        assert!(matches!(outcome, Err(ConsentError::Failed(_))));
    }
}
