//! Ends a session (OpenID Connect RP-Initiated Logout 1.0).
//!
//! A request for it comes by the browser, from whatever page: the session ends when a client shows the ID token of that very
//! session, or when the user says so. The browser goes on only to where the client once said, and never to a third party's.

use mintage_api::consent::end_session_response::Next;
use mintage_api::consent::{ConfirmLogout, EndSessionRequest, EndSessionResponse, LoggedOut};
use mintage_oauth::{ClientId, TenantId};
use tonic::{Request, Status};

use crate::domain::ConsentError;
use crate::grpc::Desk;
use crate::grpc::id_token_hint::IdTokenHint;
use crate::grpc::signing_in::Present;

pub(super) async fn end_session(
    desk: &Desk,
    request: Request<EndSessionRequest>,
) -> Result<EndSessionResponse, Status> {
    let request = request.into_inner();
    let tenant = desk.tenant(&request.tenant_id).await?;
    let issuer = tenant.issuer(&request.issuer)?;
    let hint = match request.id_token_hint.as_str() {
        "" => None,
        token => IdTokenHint::read(desk, &tenant.id, issuer, token).await?,
    };
    let there = request.browser.clone().unwrap_or_default();
    if let Some(present) = desk.present(&tenant.id, &there).await? {
        if !present.sent(desk, &request.csrf_token) && !is_meant(&present, hint.as_ref()) {
            let csrf_token = present.csrf_token(desk);
            return Ok(EndSessionResponse { next: Some(Next::Confirm(ConfirmLogout { csrf_token })) });
        }
        desk.store.end_session(&tenant.id, &present.digest).await?;
    }
    let next = match where_to(desk, &tenant.id, &request, hint.as_ref()).await? {
        Some(uri) => Next::RedirectUri(uri),
        None => Next::LoggedOut(LoggedOut {}),
    };
    Ok(EndSessionResponse { next: Some(next) })
}

/// Whether the client that shows the hint means this session, and no other of the same user.
fn is_meant(present: &Present, hint: Option<&IdTokenHint>) -> bool {
    hint.is_some_and(|hint| hint.session.as_ref() == Some(&present.session.id) && hint.user == present.user.id)
}

/// Where the browser goes on, if a client that may have it so is named and says it as it was registered.
async fn where_to(
    desk: &Desk,
    tenant: &TenantId,
    request: &EndSessionRequest,
    hint: Option<&IdTokenHint>,
) -> Result<Option<String>, ConsentError> {
    let asked = &request.post_logout_redirect_uri;
    let named = request.client_id.parse::<ClientId>().ok();
    let client = match (hint, named) {
        (Some(hint), None) if request.client_id.is_empty() => Some(hint.client.clone()),
        (Some(hint), Some(named)) if named == hint.client => Some(named),
        (None, Some(named)) => Some(named),
        _ => None,
    };
    let (Some(client), false) = (client, asked.is_empty()) else { return Ok(None) };
    let known = desk.registry.application(tenant, &client).await?.filter(|known| !known.is_third_party());
    let may = known.is_some_and(|known| known.post_logout_redirect_uris.iter().any(|uri| uri.admits(asked)));
    Ok(may.then(|| with_state(asked, &request.state)))
}

/// The URI stays byte for byte as it was registered.
fn with_state(uri: &str, state: &str) -> String {
    if state.is_empty() {
        return uri.to_owned();
    }
    let separator = if uri.contains('?') { '&' } else { '?' };
    let state: String = url::form_urlencoded::byte_serialize(state.as_bytes()).collect();
    format!("{uri}{separator}state={state}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_state_goes_behind_whatever_query_there_is() {
        for (uri, state, expected) in [
            ("https://app.example/bye", "", "https://app.example/bye"),
            ("https://app.example/bye", "a b&c=#", "https://app.example/bye?state=a+b%26c%3D%23"),
            ("https://app.example/bye?x=1", "s", "https://app.example/bye?x=1&state=s"),
            ("com.example.app:/bye", "s", "com.example.app:/bye?state=s"),
        ] {
            assert_eq!(with_state(uri, state), expected);
        }
    }
}
