//! An interaction that a browser comes back to.

use std::net::IpAddr;

use mintage_api::consent::BrowserTokens;

use crate::domain::ConsentError;
use crate::domain::csrf::{self, Form};
use crate::domain::secret::{Digest, Purpose};
use crate::grpc::Desk;
use crate::grpc::desk::tenant_id;
use crate::store::{Answering, Interaction};

/// An interaction, found for the browser that it belongs to.
#[derive(Debug)]
pub(super) struct Standing {
    pub(super) handle: Digest,
    pub(super) interaction: Interaction,
    pub(super) is_over: Over,
}

/// Whether it was answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Over {
    No,
    /// A moment ago: the same answer may come again.
    JustNow,
    LongAgo,
}

impl Standing {
    /// Finds it, answered or not. Whoever comes from another tenant, with another browser or too late finds nothing.
    pub(super) async fn find(
        desk: &Desk,
        tenant: &str,
        handle: &str,
        browser: &BrowserTokens,
    ) -> Result<Self, ConsentError> {
        let tenant = tenant_id(tenant)?;
        let over = || ConsentError::InteractionOver;
        let handle = desk.digest(Purpose::Interaction, handle).ok_or_else(over)?;
        let browser = desk.digest(Purpose::Browser, &browser.browser).ok_or_else(over)?;
        let standing = desk.store.interaction(&handle, desk.now()).await?;
        let (interaction, is_over) = match standing {
            Some(standing) => (standing, Over::No),
            // Looked for second: what is answered in between is found there.
            None => match desk.store.answered(&handle, desk.now()).await?.ok_or_else(over)? {
                (answered, true) => (answered, Over::JustNow),
                (answered, false) => (answered, Over::LongAgo),
            },
        };
        if interaction.tenant != tenant || !interaction.browser.matches(&browser) {
            return Err(over());
        }
        Ok(Self { handle, interaction, is_over })
    }

    /// As [`Self::find`], for an answer: it carries what the page carried.
    pub(super) async fn answered(
        desk: &Desk,
        tenant: &str,
        handle: &str,
        browser: &BrowserTokens,
        csrf_token: &str,
    ) -> Result<Self, ConsentError> {
        let found = Self::find(desk, tenant, handle, browser).await?;
        let (handle, browser) = (&found.handle, &found.interaction.browser);
        let is_token = csrf::is_token(&desk.digester, Form::Interaction, handle, browser, csrf_token);
        if is_token && found.is_over != Over::LongAgo { Ok(found) } else { Err(ConsentError::InteractionOver) }
    }

    /// Ends it by an answer that each time brings another page, or another session. Whoever sends it again is counted.
    pub(super) async fn end(&self, desk: &Desk, said: &str, source: Option<IpAddr>) -> Result<(), ConsentError> {
        if desk.store.take(&self.answering(desk, said)).await?.is_some() {
            let client = self.interaction.request.as_ref().map_or("", |request| request.client.as_str());
            desk.count_begun(&self.interaction.tenant, client, source)?;
        }
        Ok(())
    }

    /// Whether it is answered, by somebody who came at the same moment perhaps.
    pub(super) async fn is_over_by_now(&self, desk: &Desk) -> Result<bool, ConsentError> {
        Ok(self.is_over != Over::No || desk.store.answered(&self.handle, desk.now()).await?.is_some())
    }

    /// The interaction on its way to an end.
    pub(super) fn answering<'a>(&'a self, desk: &Desk, said: &'a str) -> Answering<'a> {
        Answering { handle: &self.handle, interaction: &self.interaction, said, now: desk.now() }
    }

    /// What the page carries.
    pub(super) fn csrf_token(&self, desk: &Desk) -> String {
        csrf::token(&desk.digester, Form::Interaction, &self.handle, &self.interaction.browser)
    }
}
