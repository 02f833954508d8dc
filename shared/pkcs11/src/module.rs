//! Modules: shared libraries that speak PKCS#11.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use cryptoki::context::{CInitializeArgs, CInitializeFlags, Pkcs11};
use cryptoki::error::{Error, RvError};

use super::gate::{Gate, PATIENCE, Shut};
use super::renewals::{Cause, Renewals};
use super::token::PAUSE;
use super::{ObjectId, TokenError};

/// A library, shared by all tokens that are reached through it.
pub(super) struct Module {
    path: PathBuf,
    library: Pkcs11,
    gate: Gate,
    renewals: Mutex<Renewals>,
    /// When it did not begin last, by the clock that no correction sets back.
    not_begun_at: Mutex<Option<Duration>>,
}

impl Module {
    /// The module at `path`. It is loaded once and stays for as long as the process: a library that runs threads of its own
    /// must not be unloaded under them.
    ///
    /// # Errors
    /// When there is no such module.
    pub(super) fn at(path: &Path) -> Result<Arc<Self>, TokenError> {
        let mut loaded = LOADED.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = loaded.iter().find(|known| known.path == path) {
            return Ok(Arc::clone(known));
        }
        let library = Pkcs11::new(path).map_err(|cause| TokenError::Module { path: path.to_owned(), cause })?;
        let (gate, renewals, not_begun_at) = (Gate::new(PATIENCE), Mutex::default(), Mutex::default());
        let module = Arc::new(Self { path: path.to_owned(), library, gate, renewals, not_begun_at });
        loaded.push(Arc::clone(&module));
        Ok(module)
    }

    /// Goes inside for a call; the module begins for it if it does not run.
    ///
    /// # Errors
    /// When it does not begin, `None` when it did not a moment ago; [`Shut::Turning`] when it hangs in its beginning or its end.
    pub(super) fn enter(self: &Arc<Self>, now: Duration) -> Result<Inside, Shut<Option<TokenError>>> {
        let beginning = self.gate.enter(|| self.begin(now))?;
        Ok(Inside { module: Arc::clone(self), beginning })
    }

    fn begin(&self, now: Duration) -> Result<(), Option<TokenError>> {
        if self.not_begun_at().is_some_and(|at| now.saturating_sub(at) < PAUSE) {
            return Err(None);
        }
        match self.library.initialize(CInitializeArgs::new(CInitializeFlags::OS_LOCKING_OK)) {
            Ok(()) | Err(Error::Pkcs11(RvError::CryptokiAlreadyInitialized, _)) => Ok(()),
            Err(cause) => {
                *self.not_begun_at() = Some(now);
                Err(Some(TokenError::Module { path: self.path.clone(), cause }))
            }
        }
    }

    /// Goes inside to clear up what is of that `beginning`; `None` where it is over: what had a number in it has none now, or
    /// another has it.
    pub(super) fn enter_again(self: &Arc<Self>, beginning: u64) -> Option<Inside> {
        self.gate.enter_again(beginning).then(|| Inside { module: Arc::clone(self), beginning })
    }

    /// A key of a token of it did what it was asked.
    pub(super) fn succeeded(&self, key: &ObjectId, token: &Arc<str>, now: Duration) {
        self.renewals().succeeded(key, token, now);
    }

    /// What it would begin anew for is well.
    pub(super) fn is_well(&self, cause: &Cause) {
        self.renewals().is_well(cause);
    }

    /// It is not.
    pub(super) fn fails(&self, cause: &Cause) {
        self.renewals().fails(cause);
    }

    fn not_begun_at(&self) -> MutexGuard<'_, Option<Duration>> {
        self.not_begun_at.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn renewals(&self) -> MutexGuard<'_, Renewals> {
        self.renewals.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A call that is inside a module; it left when this is dropped.
pub(super) struct Inside {
    module: Arc<Module>,
    beginning: u64,
}

impl Inside {
    /// The module.
    pub(super) const fn module(&self) -> &Arc<Module> {
        &self.module
    }

    /// The library.
    pub(super) fn library(&self) -> &Pkcs11 {
        &self.module.library
    }

    /// The how manieth time the module runs: connections are good within one.
    pub(super) const fn beginning(&self) -> u64 {
        self.beginning
    }

    /// Lets the module begin anew for `cause` once everybody has left it; false when it is not to now.
    pub(super) fn renew(&self, cause: Cause, now: Duration) -> bool {
        self.module.renewals().next(cause, now, || self.module.gate.shut(self.beginning))
    }

    /// The module says that it does not run.
    pub(super) fn forgot(&self) {
        self.module.gate.forgot(self.beginning);
    }
}

impl Drop for Inside {
    fn drop(&mut self) {
        self.module.gate.leave(|| {
            if let Err(cause) = self.module.library.clone().finalize() {
                tracing::debug!(%cause, "the PKCS#11 module could not be ended");
            }
            self.module.renewals().ended();
        });
    }
}

static LOADED: Mutex<Vec<Arc<Module>>> = Mutex::new(Vec::new());
