//! `GET` and `POST /authorize`: a client asks something of a user (RFC 6749 section 3.1).

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::response::Response;

use super::Http;
use super::pages::{After, Came, Visit, come, lead, receive};
use crate::domain::{AuthorizationRequest, Refusal};

/// Takes the request.
pub(super) async fn take(State(http): State<Arc<Http>>, request: Request) -> Response {
    receive(http, request, async |visit, _| {
        let parameters = visit.parameters()?;
        begin(&visit, &parameters, After::Get).await
    })
    .await
}

/// Takes the request as a form (OpenID Connect Core 1.0 section 3.1.2.1), once it comes with cookies.
pub(super) async fn take_form(State(http): State<Arc<Http>>, request: Request) -> Response {
    receive(http, request, async |visit, body| match come(&visit, "/authorize", body).await? {
        Came::Home(fields) => begin(&visit, &fields.into_pairs(), After::Form).await,
        Came::Away(answer) => Ok(answer),
    })
    .await
}

async fn begin(visit: &Visit, parameters: &[(String, String)], after: After) -> Result<Response, Refusal> {
    let pairs = parameters.iter().map(|(name, value)| (name.as_str(), value.as_str()));
    let request = AuthorizationRequest::read(pairs);
    request.expect_client()?;
    let step = visit.http.authorizations.begin(&visit.tenant, &visit.browser, request, visit.source).await?;
    lead(visit, step, after).await
}
