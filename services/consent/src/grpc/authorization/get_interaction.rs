//! What a page shows.

use mintage_api::consent as wire;
use mintage_api::consent::{GetInteractionRequest, GetInteractionResponse};
use mintage_chassis::wire::wire_time;

use super::asking::Asking;
use super::convert::person_of;
use super::flow::Parties;
use super::standing::{Over, Standing};
use crate::domain::ConsentError;
use crate::grpc::Desk;
use crate::grpc::convert::application_of;
use crate::store::{Interaction, Page};

/// Tells it, as the registry has it now.
pub(super) async fn run(desk: &Desk, request: GetInteractionRequest) -> Result<GetInteractionResponse, ConsentError> {
    let browser = request.browser.unwrap_or_default();
    let standing = Standing::find(desk, &request.tenant_id, &request.handle, &browser).await?;
    let interaction = &standing.interaction;
    if standing.is_over != Over::No {
        return over(desk, interaction).await;
    }
    let signed_in = desk.signed_in(&interaction.tenant, &browser.session).await?;
    let session = signed_in.as_ref().map(|(session, _)| session);
    if let Page::Consent(asked) = &interaction.page
        && session.is_none_or(|session| session.id != *asked)
    {
        return Err(ConsentError::InteractionOver);
    }
    let mut shown = GetInteractionResponse {
        page: page_of(&interaction.page).into(),
        csrf_token: standing.csrf_token(desk),
        person: signed_in.as_ref().map(|(_, user)| person_of(user)),
        expires_at: Some(wire_time(interaction.ends_at)),
        ..Default::default()
    };
    let Some(asked) = &interaction.request else { return Ok(shown) };
    shown.login_hint.clone_from(&asked.login_hint);
    shown.ui_locales.clone_from(&asked.ui_locales);
    shown.person = shown.person.filter(|_| session.is_some_and(|session| asked.may_mean(&session.user)));
    let tenant = desk.tenant(interaction.tenant.as_str()).await?;
    let Ok((parties, Ok(asked))) = Parties::of(desk, &tenant, asked).await? else {
        return Err(ConsentError::InteractionOver);
    };
    if let (Page::Consent(_), Some(session)) = (&interaction.page, session) {
        let asking = Asking::of(desk, &tenant.id, &session.user, &parties, &asked).await?;
        shown.shown = asking.word(desk);
        asking.put_on(&mut shown);
    } else {
        let client = &parties.client;
        shown.application = Some(application_of(client, client.destination(&asked.back.redirect_uri)));
    }
    Ok(shown)
}

/// What is left to say where the interaction was answered: who asked, so that there is a way back.
async fn over(desk: &Desk, interaction: &Interaction) -> Result<GetInteractionResponse, ConsentError> {
    let mut shown = GetInteractionResponse { page: wire::Page::Over.into(), ..Default::default() };
    let Some(asked) = &interaction.request else { return Ok(shown) };
    shown.ui_locales.clone_from(&asked.ui_locales);
    let tenant = desk.tenant(interaction.tenant.as_str()).await?;
    if let Ok((Parties { client, .. }, _)) = Parties::of(desk, &tenant, asked).await? {
        shown.application = Some(application_of(&client, client.destination(&asked.back.redirect_uri)));
    }
    Ok(shown)
}

const fn page_of(page: &Page) -> wire::Page {
    match page {
        Page::SignIn => wire::Page::SignIn,
        Page::Consent(_) => wire::Page::Consent,
    }
}
