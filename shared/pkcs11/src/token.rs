//! The way to a token: logged in once, with as many sessions as are used at a time, and opened again when it is lost.

use std::collections::VecDeque;
use std::fmt;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use cryptoki::session::Session;
use mintage_clock::Clock;
use mintage_jose::Algorithm;
use zeroize::Zeroizing;

use super::connection::{Connection, look};
use super::doubt::Doubt;
use super::objects::{PROBE, find};
use super::{ObjectId, TokenError, mechanisms, module};

/// Which token, and how it is entered.
pub struct TokenAccess {
    /// The shared library that speaks PKCS#11.
    pub module: PathBuf,
    /// The token's label.
    pub label: String,
    /// The user's PIN.
    pub pin: Pin,
}

impl fmt::Debug for TokenAccess {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TokenAccess").field("module", &self.module).field("label", &self.label).finish_non_exhaustive()
    }
}

/// What a user proves itself to a token with; wiped when dropped, and never shown.
#[derive(Clone)]
pub struct Pin(Zeroizing<String>);

impl Pin {
    /// From its text.
    #[must_use]
    pub fn new(text: &str) -> Self {
        Self(Zeroizing::new(text.to_owned()))
    }

    pub(super) fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Pin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Pin(…)")
    }
}

/// A token that keys are kept in and sign in. Every call to it blocks, over a network or on a device: never call it where
/// requests run.
pub struct Token {
    access: TokenAccess,
    clock: Clock,
    state: Mutex<State>,
    /// Held by the one who makes a key: there are modules that fail when two are made at once.
    making: Mutex<()>,
}

#[derive(Default)]
struct State {
    connection: Option<Arc<Connection>>,
    /// How many connections there were.
    count: u64,
    /// When a try failed last, by the clock that no correction sets back.
    failed_at: Option<Duration>,
    /// When it was entered lately, by the same clock.
    entered_at: VecDeque<Duration>,
    /// Why none is tried any more: the PIN was refused.
    closed: bool,
    /// How many calls are inside the module.
    inside: usize,
    /// Since when nobody goes in: the module begins anew once the last one has left.
    renewing: Option<Duration>,
    doubt: Doubt,
}

impl State {
    /// Whether nobody enters now: the PIN was refused, a try failed a moment ago, or it was lost as often as it was entered.
    fn rests(&mut self, now: Duration) -> bool {
        let lately = |at: &Duration| now.saturating_sub(*at) < PAUSE;
        self.entered_at.retain(lately);
        self.closed || self.failed_at.as_ref().is_some_and(lately) || self.entered_at.len() >= ENTERED_AT_MOST
    }
}

impl Token {
    /// Enters the token.
    ///
    /// # Errors
    /// When the module or the token is not there, or the PIN is refused. A refused PIN is tried once.
    pub fn open(access: TokenAccess, clock: Clock) -> Result<Self, TokenError> {
        let token = Self { access, clock, state: Mutex::default(), making: Mutex::default() };
        token.enter().map(drop)?;
        Ok(token)
    }

    /// The token's label.
    #[must_use]
    pub fn label(&self) -> &str {
        &self.access.label
    }

    /// Whether it is there, and does what it is asked; enters it again if it was lost. A key that failed lately, while none
    /// did what it was asked, is tried again.
    ///
    /// # Errors
    /// Why it is not, or does not.
    pub fn check(&self) -> Result<(), TokenError> {
        self.with(|_, session| look(session))?;
        let doubted = self.state().doubt.key(self.clock.monotonic());
        let Some((id, algorithm)) = doubted else { return Ok(()) };
        self.with(|connection, session| {
            let private = find(connection, session, &id)?;
            mechanisms::sign(session, private, algorithm, PROBE).map(drop)
        })?;
        self.state().doubt.forget(&id);
        Ok(())
    }

    /// Lets `work` use a session; again with another one, once, if that one turns out to be lost or the token to be in doubt.
    pub(super) fn with<T>(
        &self,
        work: impl Fn(&Connection, &Session) -> Result<T, TokenError>,
    ) -> Result<T, TokenError> {
        match self.once(&work) {
            Err(error) if error.lost_session() || error.doubtful() => self.once(&work),
            outcome => outcome,
        }
    }

    /// The same of work with a key that is in the token: how it fares tells of the token.
    pub(super) fn with_key<T>(
        &self,
        key: (&ObjectId, Algorithm),
        work: impl Fn(&Connection, &Session) -> Result<T, TokenError>,
    ) -> Result<T, TokenError> {
        let outcome = self.with(work);
        let now = self.clock.monotonic();
        match &outcome {
            Ok(_) => self.state().doubt.succeeded(now),
            Err(TokenError::NotHeld { .. } | TokenError::Failed(_)) => self.state().doubt.failed(key, now),
            Err(_) => {}
        }
        outcome
    }

    /// Nothing is asked of a key any more.
    pub(super) fn forget(&self, id: &ObjectId) {
        self.state().doubt.forget(id);
    }

    /// Lets `work` use a session, once: what may have been done must not be done twice.
    pub(super) fn once<T>(
        &self,
        work: impl Fn(&Connection, &Session) -> Result<T, TokenError>,
    ) -> Result<T, TokenError> {
        let inside = self.enter()?;
        let outcome = inside.connection.run(work);
        if let Err(error) = &outcome {
            if error.lost_session() || (error.doubtful() && inside.connection.probe().is_err()) {
                self.lose(&inside.connection, error);
            } else if error.doubtful() {
                self.renew(&inside.connection, error);
            }
        }
        outcome
    }

    fn enter(&self) -> Result<Inside<'_>, TokenError> {
        let mut state = self.state();
        let now = self.clock.monotonic();
        // Whoever hangs inside must not keep all others out.
        if state.renewing.is_some_and(|since| now.saturating_sub(since) < PAUSE) {
            return Err(TokenError::Away { label: self.access.label.clone() });
        }
        state.renewing = None;
        let connection = match &state.connection {
            Some(connection) => Arc::clone(connection),
            None => self.connect(&mut state, now)?,
        };
        state.inside += 1;
        Ok(Inside { token: self, connection })
    }

    fn connect(&self, state: &mut State, now: Duration) -> Result<Arc<Connection>, TokenError> {
        let label = &self.access.label;
        if state.rests(now) {
            return Err(TokenError::Away { label: label.clone() });
        }
        // There are modules that see once, when they begin, which tokens there are.
        if state.failed_at.is_some() && state.inside == 0 && state.doubt.renew(now) {
            module::end(&self.access.module);
        }
        let entered = Connection::open(&self.access, state.count + 1);
        // Tokens count wrong PINs and lock themselves: whoever is told a better one starts anew.
        state.closed = matches!(entered, Err(TokenError::Pin { .. } | TokenError::LastTry { .. }));
        state.failed_at = entered.is_err().then_some(now);
        let connection = Arc::new(entered?);
        state.entered_at.push_back(now);
        if state.count > 0 {
            tracing::info!(token = label, "the token was entered again");
        }
        state.count += 1;
        state.connection = Some(Arc::clone(&connection));
        Ok(connection)
    }

    /// Lets the module begin anew, not too often: it answers, and does not find or use what it held. There are modules to which a
    /// token that went away for a moment stays empty for as long as they run.
    fn renew(&self, doubted: &Arc<Connection>, why: &TokenError) {
        let mut state = self.state();
        let now = self.clock.monotonic();
        // One key that is lost must not end what others are doing again and again.
        let current = state.connection.as_ref().is_some_and(|connection| Arc::ptr_eq(connection, doubted));
        if current && state.doubt.renew(now) {
            tracing::warn!(token = self.access.label, %why, "the token is in doubt: its module begins anew");
            state.connection = None;
            state.renewing = Some(now);
            doubted.give_up(false);
        }
    }

    fn leave(&self) {
        let mut state = self.state();
        state.inside -= 1;
        if state.inside == 0 && state.renewing.take().is_some() {
            module::end(&self.access.module);
        }
    }

    fn lose(&self, lost: &Arc<Connection>, why: &TokenError) {
        let mut state = self.state();
        // Another thread may have lost it first, and entered again.
        if state.connection.as_ref().is_some_and(|connection| Arc::ptr_eq(connection, lost)) {
            tracing::warn!(token = self.access.label, %why, "the token was lost");
            state.connection = None;
            lost.give_up(why.lost_module());
        }
    }

    /// The turn to make a key.
    pub(super) fn turn(&self) -> MutexGuard<'_, ()> {
        self.making.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A call that is inside the module; it left when this is dropped.
struct Inside<'t> {
    token: &'t Token,
    connection: Arc<Connection>,
}

impl Drop for Inside<'_> {
    fn drop(&mut self) {
        self.token.leave();
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Token({:?})", self.access.label)
    }
}

/// How long after a try to enter a token that failed another one may follow: what is away must not be kept busy by those who
/// wait.
const PAUSE: Duration = Duration::from_secs(1);
/// How often a token may be entered within that time, if it lets in and is lost again.
const ENTERED_AT_MOST: usize = 3;
