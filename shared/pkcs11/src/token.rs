//! The way to a token: logged in once, with as many sessions as are used at a time, and opened again when it is lost.

use std::collections::VecDeque;
use std::fmt;
use std::path::PathBuf;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use cryptoki::session::Session;
use mintage_clock::Clock;
use mintage_jose::Algorithm;
use zeroize::Zeroizing;

use super::connection::{Connection, look};
use super::doubt::Doubt;
use super::gate::{PATIENCE, Shut};
use super::module::{Inside, Module};
use super::objects::{PROBE, find};
use super::renewals::Cause;
use super::{ObjectId, TokenError, mechanisms};

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
    label: Arc<str>,
    module: Arc<Module>,
    clock: Clock,
    way: Mutex<Way>,
    entered: Condvar,
    doubt: Mutex<Doubt>,
    /// Held by the one who makes a key: there are modules that fail when two are made at once.
    making: Mutex<()>,
}

#[derive(Default)]
struct Way {
    connection: Option<Arc<Connection>>,
    /// How many connections there were.
    count: u64,
    /// Whether somebody enters just now; no lock is held meanwhile, which may be for as long as the device likes.
    entering: bool,
    /// When a try failed last, by the clock that no correction sets back.
    failed_at: Option<Duration>,
    /// When it was entered lately, by the same clock.
    entered_at: VecDeque<Duration>,
    /// Why none is tried any more: the PIN was refused.
    closed: bool,
}

impl Way {
    /// The connection, if it is of this `beginning` of the module.
    fn connection(&self, beginning: u64) -> Option<Arc<Connection>> {
        self.connection.clone().filter(|connection| connection.beginning() == beginning)
    }

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
        let module = Module::at(&access.module)?;
        let (way, entered, doubt, making) = Default::default();
        let label = access.label.as_str().into();
        let token = Self { access, label, module, clock, way, entered, doubt, making };
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
        self.with(&Cause::Other, |_, session| look(session))?;
        let doubted = self.doubt().key(self.clock.monotonic());
        let Some((id, algorithm)) = doubted else { return Ok(()) };
        self.with(&Cause::Key(id.clone()), |connection, session| {
            let private = find(connection, session, &id)?;
            mechanisms::sign(session, private, algorithm, PROBE).map(drop)
        })?;
        self.doubt().forget(&id);
        Ok(())
    }

    /// Lets `work` use a session; again with another one, once, if that one turns out to be lost or the token to be in doubt.
    /// In doubt, the module may begin anew for `cause`.
    pub(super) fn with<T>(
        &self,
        cause: &Cause,
        work: impl Fn(&Connection, &Session) -> Result<T, TokenError>,
    ) -> Result<T, TokenError> {
        match self.once(cause, &work) {
            Err(error) if error.lost_session() || error.doubtful() => self.once(cause, &work),
            outcome => outcome,
        }
    }

    /// The same of work with a key that is in the token: how it fares tells of the token.
    pub(super) fn with_key<T>(
        &self,
        key: (&ObjectId, Algorithm),
        work: impl Fn(&Connection, &Session) -> Result<T, TokenError>,
    ) -> Result<T, TokenError> {
        let cause = Cause::Key(key.0.clone());
        let outcome = self.with(&cause, work);
        let now = self.clock.monotonic();
        match &outcome {
            Ok(_) => {
                self.doubt().succeeded(now);
                self.module.succeeded(key.0, &self.label, now);
            }
            Err(TokenError::NotHeld { .. } | TokenError::Failed(_)) => {
                self.doubt().failed(key, now);
                self.module.fails(&cause);
            }
            Err(_) => {}
        }
        outcome
    }

    /// Nothing is asked of a key any more.
    pub(super) fn forget(&self, id: &ObjectId) {
        self.doubt().forget(id);
    }

    /// Lets `work` use a session, once: what may have been done must not be done twice.
    pub(super) fn once<T>(
        &self,
        cause: &Cause,
        work: impl Fn(&Connection, &Session) -> Result<T, TokenError>,
    ) -> Result<T, TokenError> {
        let (inside, connection) = self.enter()?;
        let outcome = connection.run(&inside, work);
        if let Err(error) = &outcome {
            if error.lost_session() || (error.doubtful() && connection.probe(&inside).is_err()) {
                self.lose(&connection, &inside, error);
            } else if error.doubtful() {
                self.renew(&connection, &inside, cause, error);
            }
        }
        outcome
    }

    fn enter(&self) -> Result<(Inside, Arc<Connection>), TokenError> {
        let now = self.clock.monotonic();
        self.look_anew(now)?;
        let inside = self.go_in(now)?;
        let connection = self.connection(&inside, now)?;
        Ok((inside, connection))
    }

    fn go_in(&self, now: Duration) -> Result<Inside, TokenError> {
        self.module.enter(now).map_err(|shut| match shut {
            Shut::Turning | Shut::NotBegun(None) => self.away(),
            Shut::NotBegun(Some(error)) => error,
        })
    }

    /// There are modules that see once, when they begin, which tokens there are.
    fn look_anew(&self, now: Duration) -> Result<(), TokenError> {
        let mut way = self.way();
        let absent = way.connection.is_none() && way.failed_at.is_some() && !way.entering && !way.rests(now);
        drop(way);
        if absent {
            self.go_in(now)?.renew(self.absence(), now);
        }
        Ok(())
    }

    fn connection(&self, inside: &Inside, now: Duration) -> Result<Arc<Connection>, TokenError> {
        let mut way = self.way();
        if let Some(connection) = way.connection(inside.beginning()) {
            return Ok(connection);
        }
        if way.rests(now) {
            return Err(self.away());
        }
        let waited = self.entered.wait_timeout_while(way, PATIENCE, |way| way.entering);
        way = waited.unwrap_or_else(PoisonError::into_inner).0;
        if way.entering {
            // It hangs: for a while the next ones do not even wait.
            way.failed_at = Some(now);
            return Err(self.away());
        }
        if let Some(connection) = way.connection(inside.beginning()) {
            return Ok(connection);
        }
        if way.rests(now) {
            return Err(self.away());
        }
        way.entering = true;
        let number = way.count + 1;
        drop(way);
        let opened = Connection::open(&self.access, number, inside);
        self.opened(opened, now, inside)
    }

    fn opened(
        &self,
        opened: Result<Connection, TokenError>,
        now: Duration,
        inside: &Inside,
    ) -> Result<Arc<Connection>, TokenError> {
        let mut way = self.way();
        way.entering = false;
        self.entered.notify_all();
        // Tokens count wrong PINs and lock themselves: whoever is told a better one starts anew.
        way.closed = matches!(opened, Err(TokenError::Pin { .. } | TokenError::LastTry { .. }));
        way.failed_at = opened.is_err().then_some(now);
        if let Err(error) = &opened {
            self.module.fails(&self.absence());
            if error.lost_module() {
                inside.forgot();
            }
        }
        let connection = Arc::new(opened?);
        way.entered_at.push_back(now);
        if way.count > 0 {
            tracing::info!(token = self.access.label, "the token was entered again");
        }
        way.count = connection.number();
        let before = way.connection.replace(Arc::clone(&connection));
        drop((way, before));
        self.module.is_well(&self.absence());
        Ok(connection)
    }

    /// Lets the module begin anew, unless others fare well or it did a moment ago: it answers, and does not find or use what it
    /// held. There are modules to which a token that went away for a moment stays empty for as long as they run.
    fn renew(&self, doubted: &Arc<Connection>, inside: &Inside, cause: &Cause, why: &TokenError) {
        let now = self.clock.monotonic();
        let mut way = self.way();
        let current = way.connection.as_ref().is_some_and(|connection| Arc::ptr_eq(connection, doubted));
        if current && inside.renew(cause.clone(), now) {
            way.connection = None;
            drop(way);
            tracing::warn!(token = self.access.label, %why, "the token is in doubt: its module begins anew");
            doubted.give_up();
        }
    }

    fn lose(&self, lost: &Arc<Connection>, inside: &Inside, why: &TokenError) {
        if why.lost_module() {
            inside.forgot();
        }
        let mut way = self.way();
        // Another thread may have lost it first, and entered again.
        if way.connection.as_ref().is_some_and(|connection| Arc::ptr_eq(connection, lost)) {
            way.connection = None;
            drop(way);
            tracing::warn!(token = self.access.label, %why, "the token was lost");
            lost.give_up();
        }
    }

    /// The turn to make a key.
    pub(super) fn turn(&self) -> MutexGuard<'_, ()> {
        self.making.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn away(&self) -> TokenError {
        TokenError::Away { label: self.access.label.clone() }
    }

    fn absence(&self) -> Cause {
        Cause::Token(Arc::clone(&self.label))
    }

    fn way(&self) -> MutexGuard<'_, Way> {
        self.way.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn doubt(&self) -> MutexGuard<'_, Doubt> {
        self.doubt.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Token({:?})", self.access.label)
    }
}

/// How long after a try to enter a token, or to begin a module, that failed another one may follow: what is away must not be
/// kept busy by those who wait.
pub(super) const PAUSE: Duration = Duration::from_secs(1);
/// How often a token may be entered within that time, if it lets in and is lost again.
const ENTERED_AT_MOST: usize = 3;
