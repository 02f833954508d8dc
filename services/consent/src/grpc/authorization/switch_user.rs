//! The user wants to be another one.

use std::net::IpAddr;

use mintage_api::consent::SwitchUserRequest;

use super::convert::{Going, Step};
use super::standing::Standing;
use crate::domain::ConsentError;
use crate::domain::secret::Purpose;
use crate::grpc::Desk;
use crate::store::{Interaction, Page};

/// Ends the session and asks who the user is.
pub(super) async fn run(desk: &Desk, request: SwitchUserRequest, source: Option<IpAddr>) -> Result<Step, ConsentError> {
    let browser = request.browser.unwrap_or_default();
    let standing = Standing::answered(desk, &request.tenant_id, &request.handle, &browser, &request.csrf_token).await?;
    standing.end(desk, SWITCHED, source).await?;
    if let Some(session) = desk.digest(Purpose::Session, &browser.session) {
        desk.store.end_session(&standing.interaction.tenant, &session).await?;
    }
    let (handle, digest) = desk.draw(Purpose::Interaction);
    let interaction = Interaction { page: Page::SignIn, ..standing.interaction };
    desk.store.begin(&digest, &interaction).await?;
    Ok(Going::SignIn(handle).alone())
}

/// What a page is answered with by whoever is another one.
const SWITCHED: &str = "another user";
