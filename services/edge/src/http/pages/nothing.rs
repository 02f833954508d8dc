//! An address that has no page, and whoever looks at it in a browser.

use std::future::ready;
use std::sync::Arc;

use ::http::header::ACCEPT;
use axum::extract::Request;
use axum::response::Response;

use super::receive;
use crate::domain::Refusal;
use crate::http::Http;

/// Whether it is a person who looks: at an address of people's, by something that shows pages.
pub(in crate::http) fn is_seen(request: &Request) -> bool {
    let path = request.uri().path();
    let accepted = request.headers().get_all(ACCEPT).iter().filter_map(|value| value.to_str().ok());
    let mut ranges =
        accepted.flat_map(|value| value.split(',')).map(|range| range.split(';').next().unwrap_or_default());
    (PATHS.contains(&path) || path.starts_with(OURS)) && ranges.any(|range| range.trim().eq_ignore_ascii_case(PAGE))
}

/// Says so on a page.
pub(in crate::http) async fn nothing(http: Arc<Http>, request: Request, refusal: Refusal) -> Response {
    receive(http, request, |_, _| ready(Err(refusal))).await
}

/// Where people come by themselves, or are sent.
const PATHS: [&str; 4] = ["/", "/u", "/authorize", "/oidc/logout"];
const OURS: &str = "/u/";
const PAGE: &str = "text/html";
