//! `POST /u/switch-user`: the user is another one.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::response::Response;

use super::next::{After, lead};
use super::own_form::Fields;
use super::receive;
use crate::http::Http;

/// Ends the session, and asks again who the user is.
pub(in crate::http) async fn take(State(http): State<Arc<Http>>, request: Request) -> Response {
    receive(http, request, async |visit, body| {
        let key = Fields::take_own(&visit, body).await?.interaction()?;
        let step = visit.http.authorizations.switch_user(&visit.tenant, &visit.browser, key).await?;
        lead(&visit, step, After::Form).await
    })
    .await
}
