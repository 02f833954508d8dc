//! `HEAD` of pages that do something when they are followed: the same headers, and nothing is begun or ended (RFC 9110 section
//! 9.3.2).

use std::sync::Arc;

use ::http::HeaderValue;
use ::http::header::CONTENT_TYPE;
use axum::extract::{Request, State};
use axum::response::Response;

use super::frame::seal;
use super::receive;
use crate::http::Http;

/// Answers whoever previews a link, or asks whether there is anything behind it.
pub(in crate::http) async fn glance(State(http): State<Arc<Http>>, request: Request) -> Response {
    receive(http, request, async |_, _| {
        let mut response = Response::default();
        seal(&mut response);
        response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"));
        Ok(response)
    })
    .await
}
