//! Users are known again by what their browser holds; and the passwords that are chosen for them.

use mintage_api::consent::BrowserTokens;
use mintage_oauth::TenantId;
use zeroize::Zeroizing;

use super::Desk;
use crate::domain::ConsentError;
use crate::domain::csrf::{self, Form};
use crate::domain::password::{NewPassword, PasswordHash};
use crate::domain::secret::{Digest, Purpose};
use crate::domain::session::Session;
use crate::domain::user::{Email, User};

impl Desk {
    /// The hash of a password that is chosen for the user with that address.
    pub(super) async fn hash(&self, password: Zeroizing<String>, email: &Email) -> Result<PasswordHash, ConsentError> {
        let chosen = NewPassword::read(password, email).map_err(|rule| ConsentError::invalid("password", rule))?;
        self.passwords.passwords().hash(chosen).await
    }

    /// Who is there, if anybody is who may be.
    pub(super) async fn present(
        &self,
        tenant: &TenantId,
        held: &BrowserTokens,
    ) -> Result<Option<Present>, ConsentError> {
        let session = self.digest(Purpose::Session, &held.session);
        let (Some(session), Some(browser)) = (session, self.digest(Purpose::Browser, &held.browser)) else {
            return Ok(None);
        };
        let found = self.signed_in(tenant, &held.session).await?;
        Ok(found.map(|(known, user)| Present { session: known, user, digest: session, browser }))
    }
}

/// A user at a browser.
#[derive(Debug)]
pub(super) struct Present {
    pub(super) session: Session,
    pub(super) user: User,
    /// Of the session's token.
    pub(super) digest: Digest,
    /// Of the browser's.
    browser: Digest,
}

impl Present {
    /// What the forms of the user's own pages carry.
    pub(super) fn csrf_token(&self, desk: &Desk) -> String {
        csrf::token(&desk.digester, Form::OwnPages, &self.digest, &self.browser)
    }

    /// Whether a form came from there.
    pub(super) fn sent(&self, desk: &Desk, csrf_token: &str) -> bool {
        csrf::is_token(&desk.digester, Form::OwnPages, &self.digest, &self.browser, csrf_token)
    }
}
