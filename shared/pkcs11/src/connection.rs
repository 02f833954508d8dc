//! One login to a token, and the sessions that share it.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use cryptoki::context::Pkcs11;
use cryptoki::error::{Error, RvError};
use cryptoki::mechanism::MechanismType;
use cryptoki::object::{Attribute, ObjectClass};
use cryptoki::session::{Session, UserType};
use cryptoki::slot::Slot;
use cryptoki::types::AuthPin;

use super::TokenError;
use super::module::{Inside, Module};
use super::token::TokenAccess;

/// One login, which lasts as long as any session of it.
pub(super) struct Connection {
    module: Arc<Module>,
    /// The how manieth time the module runs.
    beginning: u64,
    slot: Slot,
    label: String,
    number: u64,
    mechanisms: Vec<MechanismType>,
    sessions: Mutex<Sessions>,
}

struct Sessions {
    /// Does nothing but stay logged in; `None` when the connection was given up.
    anchor: Option<Session>,
    /// Those that nobody uses just now: never more than were used at a time.
    idle: Vec<Session>,
}

impl Connection {
    /// Enters the token.
    pub(super) fn open(access: &TokenAccess, number: u64, inside: &Inside) -> Result<Self, TokenError> {
        let library = inside.library();
        let slot = slot_of(library, &access.label)?;
        let mechanisms = library.get_mechanism_list(slot)?;
        let anchor = library.open_rw_session_no_drop(slot)?;
        if let Err(error) = log_in(library, slot, &anchor, access) {
            end(anchor);
            return Err(error);
        }
        let sessions = Mutex::new(Sessions { anchor: Some(anchor), idle: Vec::new() });
        let (module, beginning) = (Arc::clone(inside.module()), inside.beginning());
        Ok(Self { module, beginning, slot, label: access.label.clone(), number, mechanisms, sessions })
    }

    /// The how manieth it is: handles of objects are good within one.
    pub(super) const fn number(&self) -> u64 {
        self.number
    }

    /// The how manieth time the module runs: what is of one has no meaning in another.
    pub(super) const fn beginning(&self) -> u64 {
        self.beginning
    }

    /// The token's label.
    pub(super) fn label(&self) -> String {
        self.label.clone()
    }

    /// Whether the token does all of `wanted`.
    pub(super) fn does(&self, wanted: &[MechanismType]) -> bool {
        wanted.iter().all(|mechanism| self.mechanisms.contains(mechanism))
    }

    /// Lets `work` use a session that nobody else uses. One that something failed in is not used again: an operation may
    /// be left open in it.
    pub(super) fn run<T>(
        &self,
        inside: &Inside,
        work: impl Fn(&Self, &Session) -> Result<T, TokenError>,
    ) -> Result<T, TokenError> {
        let idle = self.sessions().idle.pop();
        let session = match idle {
            Some(session) => session,
            None => inside.library().open_rw_session_no_drop(self.slot)?,
        };
        let outcome = work(self, &session);
        match &outcome {
            // Its number may be another's by now.
            Err(error) if error.lost_handle() => {}
            Err(TokenError::Failed(_)) => end(session),
            _ => self.give_back(session),
        }
        outcome
    }

    /// Whether the token still looks into itself, in a session of its own.
    pub(super) fn probe(&self, inside: &Inside) -> Result<(), TokenError> {
        let session = inside.library().open_rw_session_no_drop(self.slot)?;
        let looked = look(&session);
        end(session);
        looked
    }

    /// Ends its sessions, but for those in use.
    pub(super) fn give_up(&self) {
        let mut sessions = self.sessions();
        let all: Vec<_> = sessions.anchor.take().into_iter().chain(sessions.idle.drain(..)).collect();
        drop(sessions);
        // Where the module has forgotten them, their numbers may be those of others.
        if !all.is_empty()
            && let Some(_inside) = self.module.enter_again(self.beginning)
        {
            all.into_iter().for_each(end);
        }
    }

    fn give_back(&self, session: Session) {
        let mut sessions = self.sessions();
        if sessions.anchor.is_some() {
            sessions.idle.push(session);
        } else {
            drop(sessions);
            end(session);
        }
    }

    fn sessions(&self) -> MutexGuard<'_, Sessions> {
        self.sessions.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        self.give_up();
    }
}

/// Lets the token look into itself for a private half that nobody has: what a module answers by itself tells nothing of it.
pub(super) fn look(session: &Session) -> Result<(), TokenError> {
    let nobodys = [Attribute::Class(ObjectClass::PRIVATE_KEY), Attribute::Id(vec![0; 20])];
    Ok(session.find_objects(&nobodys).map(drop)?)
}

fn end(session: Session) {
    if let Err(cause) = session.close() {
        tracing::debug!(%cause, "a session of the token could not be closed");
    }
}

fn slot_of(module: &Pkcs11, label: &str) -> Result<Slot, TokenError> {
    let mut shown = Vec::new();
    for slot in module.get_slots_with_token()? {
        // A slot whose token was just taken out tells nothing of it.
        let Ok(token) = module.get_token_info(slot) else { continue };
        if token.token_initialized() {
            shown.push((token.label().to_owned(), slot));
        }
    }
    let named: Vec<_> = shown.iter().filter(|(shown, _)| shown == label).map(|(_, slot)| *slot).collect();
    match *named {
        [slot] => Ok(slot),
        [] => {
            let labels: Vec<_> = shown.iter().map(|(label, _)| format!("{label:?}")).collect();
            let shown = if labels.is_empty() { "none".to_owned() } else { labels.join(", ") };
            Err(TokenError::Absent { label: label.to_owned(), shown })
        }
        _ => Err(TokenError::Ambiguous { label: label.to_owned(), count: named.len() }),
    }
}

/// Logs in with one try, and not with the last one.
fn log_in(module: &Pkcs11, slot: Slot, session: &Session, access: &TokenAccess) -> Result<(), TokenError> {
    let label = || access.label.clone();
    let token = module.get_token_info(slot)?;
    if token.user_pin_final_try() {
        return Err(TokenError::LastTry { label: label() });
    }
    let pin = AuthPin::new(access.pin.reveal().into());
    match session.login(UserType::User, Some(&pin)) {
        Ok(()) | Err(Error::Pkcs11(RvError::UserAlreadyLoggedIn, _)) => Ok(()),
        Err(Error::Pkcs11(
            cause @ (RvError::PinIncorrect
            | RvError::PinInvalid
            | RvError::PinLenRange
            | RvError::PinExpired
            | RvError::PinLocked
            | RvError::UserPinNotInitialized),
            _,
        )) => Err(TokenError::Pin { label: label(), cause }),
        Err(error) => Err(error.into()),
    }
}
