//! A user who proved who it is goes in.

use std::future::Future;
use std::time::Duration;

use super::ConsentError;
use super::authentication::Authenticated;
use super::id::SessionId;
use super::secret::Digest;
use super::session::Session;

type Answer<T> = Result<T, ConsentError>;

/// Where it is written down who went in.
pub(crate) trait Entrances: Send + Sync {
    /// Forgives what failed before, and begins the session if one is to begin, in one write. False, and nothing is done, when
    /// the proof does not hold any more: the user has been blocked or deleted or got another password.
    fn enter(&self, entry: &Entry<'_>) -> impl Future<Output = Answer<bool>> + Send;
}

/// A user goes in.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Entry<'a> {
    pub(crate) authenticated: &'a Authenticated,
    /// `None`: no browser takes part.
    pub(crate) begins: Option<&'a Begins<'a>>,
}

/// A session that begins, and the one that ends for it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Begins<'a> {
    pub(crate) session: &'a Session,
    pub(crate) digest: &'a Digest,
    pub(crate) former: Option<&'a Digest>,
    /// By what the user is known in this browser from now on.
    pub(crate) known: &'a Digest,
}

/// The session that a sign-in begins, before it is known whose it is.
#[derive(Clone, Debug)]
pub(crate) struct NewSession {
    pub(crate) id: SessionId,
    pub(crate) digest: Digest,
    /// That of the session which the browser had until now.
    pub(crate) former: Option<Digest>,
    /// By what the user is known in this browser from now on.
    pub(crate) known: Digest,
    pub(crate) lifetime: Duration,
}

/// Lets the user in for as long as the session lasts. The one which the browser had ends.
///
/// # Errors
/// [`ConsentError::SignInRefused`] when what proved who it is does not hold any more.
pub(crate) async fn begin_session(
    entrances: &impl Entrances,
    authenticated: &Authenticated,
    new: &NewSession,
) -> Answer<Session> {
    let session = Session {
        id: new.id.clone(),
        tenant: authenticated.user.tenant.clone(),
        user: authenticated.user.id.clone(),
        signed_in_at: authenticated.at,
        seen_at: authenticated.at,
        ends_at: authenticated.at + new.lifetime,
    };
    let NewSession { digest, former, known, .. } = new;
    let begins = Begins { session: &session, digest, former: former.as_ref(), known };
    let entry = Entry { authenticated, begins: Some(&begins) };
    if entrances.enter(&entry).await? { Ok(session) } else { Err(ConsentError::SignInRefused) }
}
