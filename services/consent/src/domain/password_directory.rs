//! A user says who it is by e-mail address and password.
//!
//! Whoever guesses learns nothing but that it was no sign-in: an address that nobody has, a wrong password, a user who is
//! blocked and an account that is locked are refused in the same words, for the same work. Sources that try too often are
//! turned away before there is any, whomever they claim to be; only where that user signed in before, what others fail in
//! shuts nobody out, up to a bound that is the browser's own.

use std::fmt;
use std::future::Future;
use std::net::IpAddr;
use std::time::Duration;

use mintage_clock::{Clock, Randomness, Timestamp};
use mintage_oauth::{Beat, TenantId};
use zeroize::Zeroizing;

use super::ConsentError;
use super::attempt_limits::{AttemptLimits, Trying};
use super::authentication::{Authenticated, Authenticator, Proof, ProvenPassword};
use super::incarnation::Life;
use super::known_browser::Counted;
use super::lockout::Hearing;
use super::password::{PasswordHash, Verdict, presented};
use super::secret::Digest;
use super::user::{Email, User};

type Answer<T> = Result<T, ConsentError>;

/// What the directory needs to know of accounts. Replicas share it.
pub(crate) trait Accounts: Send + Sync {
    /// Counts an attempt, before its password is looked at; `None`: there is no such account.
    fn count_attempt(
        &self,
        claim: &Claim<'_>,
        now: Timestamp,
    ) -> impl Future<Output = Answer<Option<Attempted>>> + Send;

    /// Whether the user is known in the browser, and what failed there is forgiven.
    fn is_known(&self, claim: &Claim<'_>, now: Timestamp) -> impl Future<Output = Answer<bool>> + Send;
}

/// Who somebody says to be.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Claim<'a> {
    pub(crate) tenant: &'a TenantId,
    pub(crate) email: &'a Email,
    /// By what the user may be known in the browser; `None`: by nothing.
    pub(crate) browser: Option<&'a Digest>,
}

/// An account at which an attempt was counted.
#[derive(Clone, Debug)]
pub(crate) struct Attempted {
    pub(crate) user: User,
    pub(crate) password: PasswordHash,
    pub(crate) hearing: Hearing,
    pub(crate) counted: Counted,
}

/// Hashes passwords. Hashes cost much on purpose, so that few are made at a time, and each needs a turn.
pub(crate) trait Passwords: Send + Sync {
    /// The right to one hash.
    type Turn: Send;

    /// Waits for a turn, for a moment.
    ///
    /// # Errors
    /// [`ConsentError::Overloaded`] when too many others do.
    fn turn(&self) -> impl Future<Output = Answer<Self::Turn>> + Send;

    /// Compares. `None` on either side is wrong and costs the same.
    fn verify(
        &self,
        turn: Self::Turn,
        presented: Option<Zeroizing<String>>,
        stored: Option<PasswordHash>,
    ) -> impl Future<Output = Answer<Verdict>> + Send;
}

/// Keeps answers back until their moment.
pub(crate) trait Metronome: Send + Sync {
    /// Waits until the monotonic clock reads at least `reading`.
    fn wait_until(&self, reading: Duration) -> impl Future<Output = ()> + Send;
}

/// What somebody shows, and from where.
pub(crate) struct Shown<'a> {
    pub(crate) tenant: &'a TenantId,
    /// Of the tenant: who was a user of one that had its id before is none.
    pub(crate) life: &'a Life,
    pub(crate) email: &'a str,
    pub(crate) password: Zeroizing<String>,
    /// By what the user may be known in the browser; `None`: by nothing.
    pub(crate) browser: Option<&'a Digest>,
    /// `None`: not known.
    pub(crate) source: Option<IpAddr>,
}

/// Knows users by their passwords.
#[derive(Debug)]
pub(crate) struct PasswordDirectory<A, P, M> {
    accounts: A,
    passwords: P,
    metronome: M,
    limits: AttemptLimits,
    clock: Clock,
    randomness: Randomness,
}

impl<A: Accounts, P: Passwords, M: Metronome> Authenticator for PasswordDirectory<A, P, M> {
    type Shown<'a> = Shown<'a>;

    async fn authenticate(&self, shown: Self::Shown<'_>) -> Answer<Authenticated> {
        let Shown { tenant, life, email, password, browser, source } = shown;
        let email = email.parse::<Email>().ok();
        let claim = email.as_ref().map(|email| Claim { tenant, email, browser });
        let name = email.as_ref().map_or_else(String::new, Email::key);
        let trying = self.limits.trying(tenant, &name, source);
        self.hear(trying, claim.as_ref()).await?;
        let arrived = self.clock.monotonic();
        self.limits.count(trying, arrived);
        if let Some(authenticated) = self.verified(claim.as_ref(), life, password).await? {
            return Ok(authenticated);
        }
        self.limits.count_failure(trying, self.clock.monotonic());
        let moment = BEAT.moment(arrived, self.clock.monotonic(), &self.randomness);
        self.metronome.wait_until(moment).await;
        Err(ConsentError::SignInRefused)
    }
}

impl<A: Accounts, P: Passwords, M: Metronome> PasswordDirectory<A, P, M> {
    pub(crate) fn new(accounts: A, passwords: P, metronome: M, clock: Clock, randomness: Randomness) -> Self {
        Self { accounts, passwords, metronome, limits: AttemptLimits::new(), clock, randomness }
    }

    /// Hashes passwords.
    pub(crate) const fn passwords(&self) -> &P {
        &self.passwords
    }

    /// Turns away who tries too often. Whoever shares an address with those shares no browser with them, so that one which the
    /// user is known in has a bound of its own.
    async fn hear(&self, trying: Trying, claim: Option<&Claim<'_>>) -> Answer<()> {
        let Some(retry_after) = self.limits.refusal(trying, self.clock.monotonic()) else { return Ok(()) };
        let too_many = |retry_after| ConsentError::TooManyAttempts { retry_after };
        match claim {
            Some(claim @ Claim { tenant, email, browser: Some(browser) })
                if self.accounts.is_known(claim, self.clock.now()).await? =>
            {
                self.limits.count_known(tenant, &email.key(), browser, self.clock.monotonic()).map_err(too_many)
            }
            _ => Err(too_many(retry_after)),
        }
    }

    async fn verified(
        &self,
        claim: Option<&Claim<'_>>,
        life: &Life,
        password: Zeroizing<String>,
    ) -> Answer<Option<Authenticated>> {
        // Before it is counted: who is turned away here has not guessed.
        let turn = self.passwords.turn().await?;
        let attempted = match claim {
            Some(claim) => self.accounts.count_attempt(claim, self.clock.now()).await?,
            None => None,
        };
        let stored = attempted.as_ref().map(|attempted| attempted.password.clone());
        let verdict = self.passwords.verify(turn, presented(password), stored).await?;
        Ok(match (attempted, verdict) {
            (Some(attempted), Verdict::Right { anew }) if attempted.may_enter(life) => {
                let Attempted { user, password: compared, counted, .. } = attempted;
                let proof = Proof::Password(ProvenPassword { compared, anew, counted });
                Some(Authenticated { user, at: self.clock.now(), proof })
            }
            _ => None,
        })
    }
}

impl Attempted {
    fn may_enter(&self, life: &Life) -> bool {
        let User { incarnation, created_at, blocked, .. } = &self.user;
        self.hearing == Hearing::Heard && !blocked && life.includes(incarnation.as_ref(), *created_at)
    }
}

impl fmt::Debug for Shown<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Shown([redacted])")
    }
}

/// Longer than a hash takes, and than what an account is written down in besides, where there is one.
const BEAT: Beat = Beat(Duration::from_millis(250));

#[cfg(test)]
mod tests;
