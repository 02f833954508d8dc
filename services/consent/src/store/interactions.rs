//! The table `interaction`: what browsers are being asked.

use mintage_clock::Timestamp;
use mintage_oauth::TenantId;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter};

use super::entities::interaction;
use super::errors::unreadable;
use super::records::{digest, read, time};
use super::{Answer, ConsentStore};
use crate::domain::ConsentError;
use crate::domain::id::SessionId;
use crate::domain::request::AuthorizationRequest;
use crate::domain::secret::Digest;

/// What a browser is being asked.
#[derive(Clone, Debug)]
pub(crate) struct Interaction {
    pub(crate) tenant: TenantId,
    /// Whose browser token answers it.
    pub(crate) browser: Digest,
    /// `None`: nobody asks, the user goes to its own pages.
    pub(crate) request: Option<AuthorizationRequest>,
    pub(crate) page: Page,
    pub(crate) ends_at: Timestamp,
}

/// Which page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Page {
    SignIn,
    /// Only whoever was signed in when the page was made says what it says.
    Consent(SessionId),
}

impl ConsentStore {
    /// Keeps it under the digest of its handle.
    pub(crate) async fn begin(&self, handle: &Digest, interaction: &Interaction) -> Answer<()> {
        let Kept { request, page, session_id } = Kept::of(interaction)?;
        let row = interaction::Model {
            digest: handle.as_bytes().to_vec(),
            tenant_id: interaction.tenant.to_string(),
            browser: interaction.browser.as_bytes().to_vec(),
            request,
            page: page.to_owned(),
            session_id,
            ends_at: interaction.ends_at.unix_millis(),
        };
        interaction::Entity::insert(row.into_active_model()).exec_without_returning(self.0.connection()).await?;
        Ok(())
    }

    /// The interaction of that handle, as long as it lasts.
    pub(crate) async fn interaction(&self, handle: &Digest, now: Timestamp) -> Answer<Option<Interaction>> {
        let found = interaction::Entity::find_by_id(handle.as_bytes().to_vec()).one(self.0.connection()).await?;
        let found = found.map(|row| interaction_of(&row)).transpose()?;
        Ok(found.filter(|interaction| now < interaction.ends_at))
    }
}

/// Ends an interaction. Of many who try, one does: true.
pub(super) async fn end(target: &impl ConnectionTrait, handle: &Digest) -> Answer<bool> {
    let this = interaction::Column::Digest.eq(handle.as_bytes().to_vec());
    Ok(interaction::Entity::delete_many().filter(this).exec(target).await?.rows_affected == 1)
}

/// An interaction as rows keep it.
pub(super) struct Kept {
    pub(super) request: Option<String>,
    pub(super) page: &'static str,
    pub(super) session_id: Option<String>,
}

impl Kept {
    pub(super) fn of(interaction: &Interaction) -> Answer<Self> {
        let request = interaction.request.as_ref().map(serde_json::to_string).transpose().map_err(unreadable)?;
        let (page, session_id) = match &interaction.page {
            Page::SignIn => (SIGN_IN, None),
            Page::Consent(session) => (CONSENT, Some(session.to_string())),
        };
        Ok(Self { request, page, session_id })
    }
}

fn interaction_of(row: &interaction::Model) -> Answer<Interaction> {
    let interaction::Model { digest: _, tenant_id, browser, request, page, session_id, ends_at } = row;
    read_back(tenant_id, browser, request.as_deref(), (page, session_id.as_deref()), *ends_at)
}

/// An interaction of what a row keeps.
pub(super) fn read_back(
    tenant: &str,
    browser: &[u8],
    request: Option<&str>,
    page: (&str, Option<&str>),
    ends_at: i64,
) -> Answer<Interaction> {
    let page = match page {
        (SIGN_IN, _) => Page::SignIn,
        (CONSENT, Some(session)) => Page::Consent(read(session)?),
        _ => return Err(ConsentError::Failed("a stored page is none that this version knows".into())),
    };
    Ok(Interaction {
        tenant: read(tenant)?,
        browser: digest(browser)?,
        request: request.map(serde_json::from_str).transpose().map_err(unreadable)?,
        page,
        ends_at: time(ends_at),
    })
}

const SIGN_IN: &str = "sign_in";
const CONSENT: &str = "consent";
