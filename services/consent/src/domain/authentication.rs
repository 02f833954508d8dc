//! Who says that somebody is a user. What comes after it, from the session to the token, asks nobody else.

use std::future::Future;

use mintage_clock::Timestamp;

use super::ConsentError;
use super::known_browser::Counted;
use super::password::PasswordHash;
use super::user::User;

/// Says who a user is, by what is shown to it. The password directory is one.
pub(crate) trait Authenticator: Send + Sync {
    /// What is shown.
    type Shown<'a>: Send;

    /// The user, if what is shown proves who it is.
    ///
    /// # Errors
    /// [`ConsentError::SignInRefused`] whatever is wrong, in the same words and for the same work;
    /// [`ConsentError::TooManyAttempts`] and [`ConsentError::Overloaded`] whoever it is.
    fn authenticate(&self, shown: Self::Shown<'_>) -> impl Future<Output = Result<Authenticated, ConsentError>> + Send;
}

/// A user who proved who it is, and has not entered yet.
#[derive(Clone, Debug)]
pub(crate) struct Authenticated {
    pub(crate) user: User,
    /// When (`auth_time`).
    pub(crate) at: Timestamp,
    pub(crate) proof: Proof,
}

/// By what. It must still hold when the user enters.
#[derive(Clone, Debug)]
pub(crate) enum Proof {
    /// The user's own password.
    Password(ProvenPassword),
}

/// A password that was the right one. It counts as a guess until its user has entered.
#[derive(Clone, Debug)]
pub(crate) struct ProvenPassword {
    /// What was compared.
    pub(crate) compared: PasswordHash,
    /// What stands in its place from now on.
    pub(crate) anew: Option<PasswordHash>,
    /// Where it counts until then.
    pub(crate) counted: Counted,
}
