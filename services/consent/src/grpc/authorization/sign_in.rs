//! The user says who it is.

use std::net::IpAddr;

use mintage_api::consent::SignInRequest;
use zeroize::Zeroizing;

use super::convert::{Going, Step};
use super::flow::{Flow, Parties};
use super::refusing::Refusing;
use super::standing::Standing;
use crate::domain::ConsentError;
use crate::domain::id::SessionId;
use crate::domain::password_directory::Shown;
use crate::domain::request::AuthorizationRequest;
use crate::domain::secret::Purpose;
use crate::domain::signing_in::{NewSession, begin_session};
use crate::grpc::{Desk, told};
use crate::store::{Page, Upon};

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
    if desk.store.take(&standing.answering(desk, SIGNED_IN)).await?.is_some() {
        // Each makes another session, and perhaps another page.
        let client = standing.interaction.request.as_ref().map_or("", |request| request.client.as_str());
        desk.count_begun(&tenant.id, client, source)?;
    }
    let session = begin_session(&desk.store, &authenticated, &new).await?;
    let going = match standing.interaction.request.clone() {
        None => Going::Home.alone(),
        Some(kept) => {
            let kept = AuthorizationRequest { is_fresh: true, ..kept };
            match Parties::of(desk, &tenant, &kept).await? {
                None => Going::ClientUnknown.alone(),
                Some((parties, Err(refusal))) => {
                    let (back, ui_locales) = (&kept.back, kept.ui_locales.as_str());
                    Refusing { client: &parties.client, back, ui_locales }.unasked(&refusal)
                }
                Some((parties, Ok(kept))) => {
                    let Parties { client, api } = &parties;
                    let browser = &standing.interaction.browser;
                    let flow = Flow {
                        desk,
                        tenant: &tenant,
                        browser,
                        client,
                        api: api.as_ref(),
                        request: &kept,
                        upon: Upon::Request,
                    };
                    flow.advance(Some(&session)).await?
                }
            }
        }
    };
    Ok(Step { session: Some(token), known: Some(known_token), ..going })
}

/// What a sign-in page is answered with, whoever it is: the proof is looked at each time.
const SIGNED_IN: &str = "signed in";
