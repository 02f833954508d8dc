//! Whoever guesses learns nothing, and whoever knows gets in.

use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use mintage_clock::ManualClock;
use mintage_jose::mac::HmacKey;

use super::*;
use crate::domain::id::SessionId;
use crate::domain::known_browser::Failures;
use crate::domain::lockout::Lockout;
use crate::domain::secret::Digester;
use crate::domain::signing_in::{Entrances, Entry, NewSession, begin_session};
use crate::domain::user::{NewUser, PersonName};

const RIGHT: &str = "the right one";

/// One account, `ada@example.org`, with the password [`RIGHT`].
struct OneAccount {
    user: Mutex<User>,
    /// That its user is known in the browser that holds [`known`], if it is.
    failures: Mutex<Failures>,
    /// How often it was asked who is known.
    asked: AtomicUsize,
    entered: AtomicUsize,
    /// Blocks the user between the attempt and the entry.
    too_late: bool,
}

impl Accounts for OneAccount {
    async fn count_attempt(&self, claim: &Claim<'_>, now: Timestamp) -> Answer<Option<Attempted>> {
        let user = self.user.lock().unwrap().clone();
        if claim.email.key() != user.email.key() {
            return Ok(None);
        }
        let mut failures = self.failures.lock().unwrap();
        let known = Failures { browser: failures.browser.filter(|_| claim.browser == Some(&known())), ..*failures };
        let (after, hearing, counted) = known.count(now);
        *failures = Failures { browser: after.browser.or(failures.browser), ..after };
        Ok(Some(Attempted { user, password: PasswordHash::from_stored(RIGHT.to_owned()), hearing, counted }))
    }

    async fn is_known(&self, claim: &Claim<'_>, now: Timestamp) -> Answer<bool> {
        self.asked.fetch_add(1, Ordering::SeqCst);
        let failures = *self.failures.lock().unwrap();
        let forgiven = failures.browser.is_some_and(|browser| now >= browser.until);
        Ok(forgiven && claim.browser == Some(&known()) && claim.email.as_str() == "ada@example.org")
    }
}

impl Entrances for OneAccount {
    async fn enter(&self, _: &Entry<'_>) -> Answer<bool> {
        if self.too_late {
            return Ok(false);
        }
        let mut failures = self.failures.lock().unwrap();
        *failures = Failures { account: Lockout::NONE, browser: failures.browser.map(|_| Lockout::NONE) };
        self.entered.fetch_add(1, Ordering::SeqCst);
        Ok(true)
    }
}

/// Counts how often it was made to work.
#[derive(Default)]
struct Counting {
    worked: AtomicUsize,
    full: bool,
}

impl Passwords for Counting {
    type Turn = ();

    async fn turn(&self) -> Answer<()> {
        if self.full { Err(ConsentError::Overloaded) } else { Ok(()) }
    }

    async fn verify(
        &self,
        (): (),
        presented: Option<Zeroizing<String>>,
        stored: Option<PasswordHash>,
    ) -> Answer<Verdict> {
        self.worked.fetch_add(1, Ordering::SeqCst);
        let right = matches!((presented, stored), (Some(typed), Some(kept)) if *typed == kept.as_str());
        Ok(if right { Verdict::Right { anew: None } } else { Verdict::Wrong })
    }
}

/// Remembers how long answers were kept back.
#[derive(Default)]
struct Waits(Mutex<Vec<Duration>>);

impl Metronome for Waits {
    async fn wait_until(&self, reading: Duration) {
        self.0.lock().unwrap().push(reading);
    }
}

type Door = PasswordDirectory<OneAccount, Counting, Waits>;

fn door(clock: &ManualClock) -> Door {
    let new = NewUser {
        tenant: TenantId::default_tenant(),
        incarnation: "api_a".parse().unwrap(),
        email: "ada@example.org".parse().unwrap(),
        email_verified: true,
        name: PersonName::default(),
    };
    let user = Mutex::new(User::new(new, clock.now(), &Randomness::seeded(1)));
    let failures = Mutex::new(Failures { account: Lockout::NONE, browser: None });
    let (asked, entered) = (AtomicUsize::new(0), AtomicUsize::new(0));
    let accounts = OneAccount { user, failures, asked, entered, too_late: false };
    PasswordDirectory::new(accounts, Counting::default(), Waits::default(), clock.clock(), Randomness::seeded(2))
}

/// Of the tenant that the user is of.
fn life() -> Life {
    Life { incarnation: "api_a".parse().unwrap(), since: Timestamp::from_unix_seconds(0) }
}

fn clock() -> ManualClock {
    ManualClock::at(Timestamp::from_unix_seconds(1_767_225_600))
}

fn digest(label: &str) -> Digest {
    Digester::new(HmacKey::new(&[1; 32])).mac(label, &[])
}

/// What the browser holds that the user may be known in.
fn known() -> Digest {
    digest("known")
}

fn new_session() -> NewSession {
    let id = SessionId::generate(&Randomness::seeded(3));
    NewSession { id, digest: digest("session"), former: None, known: known(), lifetime: Duration::from_hours(1) }
}

async fn tried(door: &Door, email: &str, password: &str, from: u8) -> Answer<User> {
    tried_in(door, None, email, password, from).await
}

async fn tried_in(door: &Door, browser: Option<&Digest>, email: &str, password: &str, from: u8) -> Answer<User> {
    let password = Zeroizing::new(password.to_owned());
    let tenant = TenantId::default_tenant();
    let source = Some(IpAddr::from([192, 0, 2, from]));
    let shown = Shown { tenant: &tenant, life: &life(), email, password, browser, source };
    let authenticated = door.authenticate(shown).await?;
    begin_session(&door.accounts, &authenticated, &new_session()).await.map(|_| authenticated.user)
}

#[tokio::test]
async fn b18_whatever_is_wrong_costs_one_hash_and_is_refused_in_the_same_words() {
    let long = "x".repeat(2000);
    for (email, password) in [
        ("ada@example.org", "wrong"),
        ("nobody@example.org", "wrong"),
        ("nobody@example.org", RIGHT),
        ("no address", "wrong"),
        ("", ""),
        ("ada@example.org", long.as_str()),
        (long.as_str(), "wrong"),
    ] {
        let door = door(&clock());
        let refused = tried(&door, email, password, 1).await;
        assert!(matches!(refused, Err(ConsentError::SignInRefused)), "{email:.20} {refused:?}");
        assert_eq!(door.passwords.worked.load(Ordering::SeqCst), 1, "{email:.20}");
        let kept_back = door.metronome.0.lock().unwrap().clone();
        let first_beat = door.clock.monotonic() + BEAT.0;
        assert!(matches!(kept_back.as_slice(), [one] if (first_beat..=first_beat + BEAT.0).contains(one)));
    }
}

#[tokio::test]
async fn b32_a_blocked_user_is_refused_like_a_wrong_password() {
    let door = door(&clock());
    door.accounts.user.lock().unwrap().blocked = true;
    let refused = tried(&door, "ada@example.org", RIGHT, 1).await;
    assert!(matches!(refused, Err(ConsentError::SignInRefused)));
    assert_eq!(door.passwords.worked.load(Ordering::SeqCst), 1);
    assert_eq!(door.accounts.entered.load(Ordering::SeqCst), 0);
}

#[tokio::test]
async fn b18_a_locked_account_refuses_the_right_password_too_for_the_same_work() {
    let clock = clock();
    let door = door(&clock);
    for from in 1..=5 {
        assert!(tried(&door, "ada@example.org", "wrong", from).await.is_err());
    }
    assert!(matches!(tried(&door, "ada@example.org", RIGHT, 6).await, Err(ConsentError::SignInRefused)));
    assert_eq!(door.passwords.worked.load(Ordering::SeqCst), 6);
    clock.advance(Duration::from_secs(30));
    assert!(tried(&door, "ADA@example.org", RIGHT, 6).await.is_ok());
    assert_eq!(door.accounts.failures.lock().unwrap().account, Lockout::NONE, "a sign-in forgives");
}

#[tokio::test]
async fn b18_a_source_that_fails_too_often_is_turned_away_before_any_work() {
    let clock = clock();
    let door = door(&clock);
    for _ in 0..10 {
        assert!(matches!(tried(&door, "nobody@example.org", "x", 1).await, Err(ConsentError::SignInRefused)));
    }
    for email in ["nobody@example.org", "NOBODY@example.org"] {
        let refused = tried(&door, email, "x", 1).await;
        assert!(matches!(refused, Err(ConsentError::TooManyAttempts { retry_after }) if !retry_after.is_zero()));
    }
    assert_eq!(door.passwords.worked.load(Ordering::SeqCst), 10);
    assert!(matches!(tried(&door, "nobody@example.org", "x", 2).await, Err(ConsentError::SignInRefused)));
    assert!(tried(&door, "ada@example.org", RIGHT, 1).await.is_ok(), "others behind the same address are heard");
}

#[tokio::test]
async fn who_is_turned_away_for_want_of_room_has_not_guessed() {
    let clock = clock();
    let mut door = door(&clock);
    door.passwords.full = true;
    for _ in 0..20 {
        assert!(matches!(tried(&door, "ada@example.org", RIGHT, 1).await, Err(ConsentError::Overloaded)));
    }
    door.passwords.full = false;
    assert!(tried(&door, "ada@example.org", RIGHT, 1).await.is_ok());
}

#[tokio::test]
async fn b32_who_is_blocked_while_the_password_is_looked_at_does_not_get_in() {
    let clock = clock();
    let mut door = door(&clock);
    door.accounts.too_late = true;
    assert!(matches!(tried(&door, "ada@example.org", RIGHT, 1).await, Err(ConsentError::SignInRefused)));
}

#[tokio::test]
async fn a_session_begins_when_the_user_is_known() {
    let clock = clock();
    let door = door(&clock);
    let new = new_session();
    let password = Zeroizing::new(RIGHT.to_owned());
    let tenant = TenantId::default_tenant();
    let shown =
        Shown { tenant: &tenant, life: &life(), email: "ada@example.org", password, browser: None, source: None };
    let authenticated = door.authenticate(shown).await.unwrap();
    let session = begin_session(&door.accounts, &authenticated, &new).await.unwrap();
    assert_eq!((session.id, session.user, session.tenant), (new.id, authenticated.user.id, tenant));
    assert_eq!((session.signed_in_at, session.ends_at), (clock.now(), clock.now() + Duration::from_hours(1)));
}

#[tokio::test]
async fn b18_a_browser_that_is_known_is_heard_at_a_locked_account_and_beside_a_source_that_guesses() {
    let clock = clock();
    let door = door(&clock);
    for _ in 0..10 {
        assert!(tried(&door, "ada@example.org", "wrong", 1).await.is_err());
    }
    let too_many = tried(&door, "ada@example.org", RIGHT, 1).await;
    assert!(matches!(too_many, Err(ConsentError::TooManyAttempts { .. })));
    assert_eq!(door.accounts.asked.load(Ordering::SeqCst), 0, "who shows nothing costs nothing");
    door.accounts.failures.lock().unwrap().browser = Some(Lockout::NONE);
    let forged = tried_in(&door, Some(&digest("forged")), "ada@example.org", RIGHT, 1).await;
    assert!(matches!(forged, Err(ConsentError::TooManyAttempts { .. })));
    let of_another = tried_in(&door, Some(&digest("forged")), "ada@example.org", RIGHT, 2).await;
    assert!(matches!(of_another, Err(ConsentError::SignInRefused)), "and the account is locked for it");
    assert!(tried_in(&door, Some(&known()), "ada@example.org", "wrong", 1).await.is_err(), "the password is needed");
    assert!(tried_in(&door, Some(&known()), "ada@example.org", RIGHT, 1).await.is_ok());
}

#[tokio::test]
async fn b18_a_browser_that_is_known_and_guesses_is_heard_no_longer() {
    let clock = clock();
    let door = door(&clock);
    door.accounts.failures.lock().unwrap().account =
        Lockout { failures: 9, until: clock.now() + Duration::from_hours(1) };
    door.accounts.failures.lock().unwrap().browser = Some(Lockout::NONE);
    for from in 0..5 {
        assert!(tried_in(&door, Some(&known()), "ada@example.org", "wrong", from).await.is_err());
    }
    let refused = tried_in(&door, Some(&known()), "ada@example.org", RIGHT, 9).await;
    assert!(matches!(refused, Err(ConsentError::SignInRefused)));
    assert_eq!(door.passwords.worked.load(Ordering::SeqCst), 6, "for the same work");
}

#[tokio::test]
async fn b18_a_browser_that_is_known_is_slowed_by_itself_where_its_source_is_not_heard() {
    let clock = clock();
    let door = door(&clock);
    for _ in 0..10 {
        assert!(tried(&door, "ada@example.org", "wrong", 1).await.is_err());
    }
    door.accounts.failures.lock().unwrap().browser = Some(Lockout::NONE);
    let in_it = async || tried_in(&door, Some(&known()), "ada@example.org", RIGHT, 1).await;
    for _ in 0..10 {
        assert!(in_it().await.is_ok());
    }
    let worked = door.passwords.worked.load(Ordering::SeqCst);
    let refused = in_it().await;
    assert!(matches!(refused, Err(ConsentError::TooManyAttempts { retry_after }) if !retry_after.is_zero()));
    assert_eq!(door.passwords.worked.load(Ordering::SeqCst), worked, "before any work");
    assert!(
        tried_in(&door, Some(&known()), "ada@example.org", RIGHT, 2).await.is_ok(),
        "elsewhere its source is heard"
    );
    clock.advance(Duration::from_secs(1));
    assert!(in_it().await.is_ok(), "and there again when its time has passed");
}

#[tokio::test]
async fn b18_a_source_that_is_right_all_the_time_is_slowed_too() {
    let clock = clock();
    let door = door(&clock);
    for _ in 0..30 {
        assert!(tried(&door, "ada@example.org", RIGHT, 1).await.is_ok());
    }
    let refused = tried(&door, "ada@example.org", RIGHT, 1).await;
    assert!(matches!(refused, Err(ConsentError::TooManyAttempts { .. })));
    clock.advance(Duration::from_secs(1));
    assert!(tried(&door, "ada@example.org", RIGHT, 1).await.is_ok());
}

#[tokio::test]
async fn b18_one_password_tried_on_everybody_is_slowed_by_its_source() {
    let door = door(&clock());
    let mut heard = 0;
    for one in 0..700 {
        let email = format!("user{one}@example.org");
        match tried(&door, &email, "Summer2026!xyz", 1).await {
            Err(ConsentError::SignInRefused) => heard += 1,
            Err(ConsentError::TooManyAttempts { .. }) => {}
            other => panic!("{other:?}"),
        }
    }
    assert_eq!(heard, 100, "as many failures as are forgiven");
    assert!(tried(&door, "ada@example.org", RIGHT, 2).await.is_ok(), "others are heard");
}
