//! Modules: shared libraries that speak PKCS#11.

use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use cryptoki::context::{CInitializeArgs, CInitializeFlags, Pkcs11};
use cryptoki::error::{Error, RvError};

use super::TokenError;

/// The module at `path`, ready for calls from any thread. It is loaded once and stays for as long as the process: PKCS#11
/// knows one beginning and one end a process, and a library that runs threads of its own must not be unloaded under them.
///
/// # Errors
/// When there is no such module, or it does not begin.
pub(super) fn module(path: &Path) -> Result<Pkcs11, TokenError> {
    let refused = |cause| TokenError::Module { path: path.to_owned(), cause };
    let mut loaded = LOADED.lock().unwrap_or_else(PoisonError::into_inner);
    let known = loaded.iter().find(|(known, _)| known == path).map(|(_, module)| module.clone());
    let module = match known {
        Some(module) => module,
        None => {
            let module = Pkcs11::new(path).map_err(refused)?;
            loaded.push((path.to_owned(), module.clone()));
            module
        }
    };
    match module.initialize(CInitializeArgs::new(CInitializeFlags::OS_LOCKING_OK)) {
        Ok(()) | Err(Error::Pkcs11(RvError::CryptokiAlreadyInitialized, _)) => Ok(module),
        Err(cause) => Err(refused(cause)),
    }
}

/// Ends what the module at `path` does, if it is loaded: it begins anew at the next call of [`module`]. Nobody may be inside it.
pub(super) fn end(path: &Path) {
    let loaded = LOADED.lock().unwrap_or_else(PoisonError::into_inner);
    let known = loaded.iter().find(|(known, _)| known == path).map(|(_, module)| module.clone());
    if let Some(Err(cause)) = known.map(Pkcs11::finalize) {
        tracing::debug!(%cause, "the PKCS#11 module could not be ended");
    }
}

static LOADED: Mutex<Vec<(PathBuf, Pkcs11)>> = Mutex::new(Vec::new());
