//! The user says who it is.

use std::net::IpAddr;

use mintage_api::consent::SignInRequest;
use zeroize::Zeroizing;

use super::convert::{Going, Step};
use super::flow::{Flow, Parties};
use super::refusing::Refusing;
use super::standing::Standing;
use crate::clients::Tenant;
use crate::domain::ConsentError;
use crate::domain::id::SessionId;
use crate::domain::password_directory::Shown;
use crate::domain::request::AuthorizationRequest;
use crate::domain::secret::Purpose;
use crate::domain::session::Session;
use crate::domain::signing_in::{NewSession, begin_session};
use crate::grpc::{Desk, told};
use crate::store::{Interaction, Page, Upon};

/// Signs the user in and goes on with the request, if there is one. The session is a new one: whoever knew the former knows
/// nothing of it. Who sends the same page again proves again who it is and signs in again: of two presses that are on their way
/// together nobody here can tell which one the browser waits for, so that neither ends what the other brings.
pub(super) async fn run(desk: &Desk, request: SignInRequest, source: Option<IpAddr>) -> Result<Step, ConsentError> {
    let password = Zeroizing::new(request.password);
    let browser = request.browser.unwrap_or_default();
    let standing = Standing::answered(desk, &request.tenant_id, &request.handle, &browser, &request.csrf_token).await?;
    if standing.interaction.page != Page::SignIn {
        return Err(ConsentError::InteractionOver);
    }
    let tenant = desk.tenant(standing.interaction.tenant.as_str()).await?;
    let (token, digest) = desk.draw(Purpose::Session);
    let shown_known = desk.digest(Purpose::Known, &browser.known);
    let (known_token, known) = desk.kept_or_drawn(Purpose::Known, &browser.known);
    let new = NewSession {
        id: SessionId::generate(&desk.randomness),
        digest,
        former: desk.digest(Purpose::Session, &browser.session),
        known,
        lifetime: desk.settings.session_lifetime,
    };
    let shown = Shown {
        tenant: &tenant.id,
        life: &tenant.life,
        email: &request.email,
        password,
        browser: shown_known.as_ref(),
        source,
    };
    let authenticated = desk.authenticate(shown).await?;
    told::user(&authenticated.user.id);
    standing.end(desk, SIGNED_IN, source).await?;
    let session = begin_session(&desk.store, &authenticated, &new).await?;
    let going = go_on(desk, &tenant, &standing.interaction, &session).await?;
    Ok(Step { session: Some(token), known: Some(known_token), ..going })
}

/// Goes on with the request that waited for the sign-in; to the user's own pages where none did.
async fn go_on(
    desk: &Desk,
    tenant: &Tenant,
    interaction: &Interaction,
    session: &Session,
) -> Result<Step, ConsentError> {
    let Some(kept) = interaction.request.clone() else { return Ok(Going::Home.alone()) };
    let kept = AuthorizationRequest { is_fresh: true, ..kept };
    let (parties, fit) = match Parties::of(desk, tenant, &kept).await? {
        Ok(found) => found,
        Err(nowhere) => return Ok(nowhere.alone()),
    };
    match fit {
        Ok(request) => {
            let (browser, upon) = (&interaction.browser, Upon::Request);
            let flow = Flow { desk, tenant, browser, parties: &parties, request: &request, upon };
            flow.advance(Some(session)).await
        }
        Err(refusal) => {
            let (back, ui_locales) = (&kept.back, kept.ui_locales.as_str());
            Ok(Refusing { client: &parties.client, back, ui_locales }.unasked(&refusal))
        }
    }
}

/// What a sign-in page is answered with, whoever it is: the proof is looked at each time.
const SIGNED_IN: &str = "signed in";
