//! A request comes in, or a user wants to sign in.

use std::net::IpAddr;

use mintage_api::consent::{BeginAuthorizationRequest, BeginSignInRequest, BrowserTokens};
use mintage_oauth::Issuer;

use super::convert::{Going, Step};
use super::flow::{Flow, Parties};
use super::refusing::Refusing;
use crate::clients::Tenant;
use crate::domain::answer::Refusal;
use crate::domain::application::Application;
use crate::domain::request::{AuthorizationRequest, RawRequest, return_address};
use crate::domain::secret::{Digest, HandedOut, Purpose};
use crate::domain::{ConsentError, Kind};
use crate::grpc::id_token_hint::IdTokenHint;
use crate::grpc::{Desk, told};
use crate::store::{Interaction, Page, Upon};

/// Takes an authorization request. What is wrong with it goes to the client once that can be trusted, and to the user until
/// then.
pub(super) async fn authorization(
    desk: &Desk,
    mut request: BeginAuthorizationRequest,
    source: Option<IpAddr>,
) -> Result<Step, ConsentError> {
    let tenant = desk.tenant(&request.tenant_id).await?;
    let issuer = issuer_of(&tenant, &request.issuer)?;
    let Some(client) = client_of(desk, &tenant, &request).await? else { return Ok(Going::ClientUnknown.alone()) };
    told::client(&client.id);
    desk.count_begun(&tenant.id, client.id.as_str(), source)?;
    let browser = request.browser.take().unwrap_or_default();
    let hint = std::mem::take(&mut request.id_token_hint);
    let raw = raw_of(request, &tenant);
    let Some(back) = return_address(&raw, &client, issuer.as_str()) else {
        return Ok(Going::RedirectUriMismatch.alone());
    };
    let refused =
        |refusal: &Refusal| Refusing { client: &client, back: &back, ui_locales: &raw.ui_locales }.unasked(refusal);
    let read = match AuthorizationRequest::read(&raw, &client, back.clone()) {
        Ok(read) => read,
        Err(refusal) => return Ok(refused(&refusal)),
    };
    let read = match heeding(desk, &tenant, issuer, &hint, read).await? {
        Ok(read) => read,
        Err(refusal) => return Ok(refused(&refusal)),
    };
    let (parties, fit) = match Parties::of(desk, &tenant, &read).await? {
        Ok(found) => found,
        Err(nowhere) => return Ok(nowhere.alone()),
    };
    let request = match fit {
        Ok(request) => request,
        Err(refusal) => return Ok(refused(&refusal)),
    };
    let (token, digest) = browser_of(desk, &browser);
    let session = desk.session(&tenant.id, &browser.session).await?;
    let (browser, upon) = (&digest, Upon::Request);
    let flow = Flow { desk, tenant: &tenant, browser, parties: &parties, request: &request, upon };
    Ok(Step { browser: token, ..flow.advance(session.as_ref()).await? })
}

/// Begins a sign-in that no client asked for.
pub(super) async fn sign_in(
    desk: &Desk,
    request: BeginSignInRequest,
    source: Option<IpAddr>,
) -> Result<Step, ConsentError> {
    let tenant = desk.tenant(&request.tenant_id).await?;
    issuer_of(&tenant, &request.issuer)?;
    desk.count_begun(&tenant.id, "", source)?;
    let (token, browser) = browser_of(desk, &request.browser.unwrap_or_default());
    let (handle, digest) = desk.draw(Purpose::Interaction);
    let ends_at = desk.now() + desk.settings.interaction_lifetime;
    let interaction = Interaction { tenant: tenant.id, browser, request: None, page: Page::SignIn, ends_at };
    desk.store.begin(&digest, &interaction).await?;
    Ok(Step { browser: token, ..Going::SignIn(handle).alone() })
}

/// The client that asks, if one is named, once, that there is.
async fn client_of(
    desk: &Desk,
    tenant: &Tenant,
    request: &BeginAuthorizationRequest,
) -> Result<Option<Application>, ConsentError> {
    match request.client_id.parse() {
        Ok(id) if !request.repeated_parameters.iter().any(|name| name == "client_id") => {
            desk.registry.application(&tenant.id, &id).await
        }
        _ => Ok(None),
    }
}

/// The request for the user whom the client shows an ID token of. To pass over a hint that says nothing would be to give the
/// client whoever comes along.
async fn heeding(
    desk: &Desk,
    tenant: &Tenant,
    issuer: &Issuer,
    hint: &str,
    read: AuthorizationRequest,
) -> Result<Result<AuthorizationRequest, Refusal>, ConsentError> {
    if hint.is_empty() {
        return Ok(Ok(read));
    }
    let hint = IdTokenHint::read(desk, &tenant.id, issuer, hint).await?;
    let Some(hint) = hint.filter(|hint| hint.client.as_str() == read.client) else {
        return Ok(Err(Refusal::invalid("the id_token_hint is no ID token of this issuer for this client")));
    };
    Ok(Ok(read.meaning(&hint.user, hint.email)))
}

/// The browser's token, drawn where it has none.
fn browser_of(desk: &Desk, held: &BrowserTokens) -> (Option<HandedOut>, Digest) {
    match desk.digest(Purpose::Browser, &held.browser) {
        Some(digest) => (None, digest),
        None => {
            let (token, digest) = desk.draw(Purpose::Browser);
            (Some(token), digest)
        }
    }
}

/// Only under its own names does a tenant issue anything.
fn issuer_of<'a>(tenant: &'a Tenant, asked: &str) -> Result<&'a Issuer, ConsentError> {
    let known = tenant.issuers.iter().find(|issuer| issuer.as_str() == asked);
    known.ok_or(ConsentError::NotFound(Kind::Tenant))
}

fn raw_of(request: BeginAuthorizationRequest, tenant: &Tenant) -> RawRequest {
    let audience = if request.audience.is_empty() { tenant.default_audience.clone() } else { request.audience };
    RawRequest {
        redirect_uri: request.redirect_uri,
        response_type: request.response_type,
        response_mode: request.response_mode,
        scope: request.scope,
        state: request.state,
        nonce: request.nonce,
        audience,
        code_challenge: request.code_challenge,
        code_challenge_method: request.code_challenge_method,
        prompt: request.prompt,
        max_age: request.max_age,
        login_hint: request.login_hint,
        ui_locales: request.ui_locales,
        repeated: request.repeated_parameters,
        refused: request.refused_parameters,
    }
}
