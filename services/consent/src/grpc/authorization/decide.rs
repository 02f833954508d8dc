//! The user says yes or no.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use mintage_api::consent::DecideRequest;
use mintage_oauth::ScopeSet;

use super::asking::Asking;
use super::convert::{Going, Step};
use super::flow::{Flow, Parties};
use super::refusing::Refusing;
use super::standing::Standing;
use crate::domain::ConsentError;
use crate::domain::answer::Refusal;
use crate::domain::next::agreement;
use crate::domain::secret::{HandedOut, Purpose};
use crate::grpc::{Desk, counted};
use crate::store::{Page, Upon};

/// Gives the client what the user agreed to, or tells it no. The first answer counts, and only of whoever was asked; the same
/// once more gives the same, with a code in the place of the first.
pub(super) async fn run(desk: &Desk, request: DecideRequest) -> Result<Step, ConsentError> {
    let browser = request.browser.clone().unwrap_or_default();
    let standing = Standing::answered(desk, &request.tenant_id, &request.handle, &browser, &request.csrf_token).await?;
    let (Page::Consent(asked), Some(kept)) = (&standing.interaction.page, &standing.interaction.request) else {
        return Err(ConsentError::InteractionOver);
    };
    let tenant = desk.tenant(standing.interaction.tenant.as_str()).await?;
    let session = desk.session(&tenant.id, &browser.session).await?.filter(|session| session.id == *asked);
    let Some(session) = session else { return Err(ConsentError::InteractionOver) };
    let said = said(desk, &request);
    let answering = standing.answering(desk, &said);
    let take = async |step: Step| desk.store.take(&answering).await.map(|_| step);
    let (parties, fit) = match Parties::of(desk, &tenant, kept).await? {
        Ok(found) => found,
        Err(nowhere) => return take(nowhere.alone()).await,
    };
    let refusing = Refusing { client: &parties.client, back: &kept.back, ui_locales: &kept.ui_locales };
    if !request.approve {
        if desk.store.take(&answering).await?.is_none() {
            counted::denied();
        }
        return Ok(refusing.by_the_user(tenant.error_profile));
    }
    let kept = match fit {
        Ok(request) => request,
        Err(refusal) => return take(refusing.at_once(&refusal)).await,
    };
    // A yes is to what the user read. What has become of it since is read first.
    let asking = Asking::of(desk, &tenant.id, &session.user, &parties, &kept).await?;
    if !asking.is_what_was_shown(desk, &request.shown) && !standing.is_over_by_now(desk).await? {
        let same = HandedOut::read(Purpose::Interaction, &request.handle).ok_or(ConsentError::InteractionOver)?;
        return Ok(Going::Consent(same).alone());
    }
    let malformed = |error| ConsentError::invalid("scopes", error);
    let ticked = ScopeSet::parse_each(&request.scopes).map_err(malformed)?;
    let Some(agreed) = agreement(&kept.scopes(), parties.api.as_ref(), &ticked) else {
        let nothing = Refusal::new("access_denied", "the user agreed to nothing");
        return take(refusing.at_once(&nothing)).await;
    };
    let (browser, upon) = (&standing.interaction.browser, Upon::Decision(&answering));
    let flow = Flow { desk, tenant: &tenant, browser, parties: &parties, request: &kept, upon };
    let answered = flow.answer(&session, &agreed).await?;
    answered.ok_or(ConsentError::InteractionOver)
}

/// All that the user says, as one word: to what, and with what left ticked.
fn said(desk: &Desk, request: &DecideRequest) -> String {
    if !request.approve {
        return "no".to_owned();
    }
    let ticked = request.scopes.iter().map(String::as_bytes);
    let parts: Vec<_> = [request.shown.as_bytes()].into_iter().chain(ticked).collect();
    URL_SAFE_NO_PAD.encode(desk.digester.mac("said", &parts).as_bytes())
}
