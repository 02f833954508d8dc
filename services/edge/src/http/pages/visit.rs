//! A browser's request for a page.

use std::future::Future;
use std::net::IpAddr;
use std::sync::Arc;

use ::http::header::ACCEPT_LANGUAGE;
use ::http::request::Parts;
use axum::body::Body;
use axum::extract::Request;
use axum::response::Response;

use super::{Texts, problem};
use crate::domain::{BrowserTokens, Language, Refusal, Tenant};
use crate::http::errors::{Asked, answer};
use crate::http::{Arrival, Http, cookies, form};

/// Who came, to whom, and in which language to answer.
pub(in crate::http) struct Visit {
    pub(in crate::http) http: Arc<Http>,
    pub(in crate::http) tenant: Arc<Tenant>,
    pub(in crate::http) source: Option<IpAddr>,
    pub(in crate::http) browser: BrowserTokens,
    pub(in crate::http) head: Parts,
}

/// Answers a request by `respond`, and by a page that says why where that refuses.
pub(in crate::http) async fn receive<F>(
    http: Arc<Http>,
    request: Request,
    respond: impl FnOnce(Arc<Visit>, Body) -> F,
) -> Response
where
    F: Future<Output = Result<Response, Refusal>>,
{
    let (head, body) = request.into_parts();
    let Arrival { tenant, source } = match http.arrival(&head).await {
        Ok(arrival) => arrival,
        Err(refusal) => return answer(&refusal, &Asked::of_nobody(&http)),
    };
    let browser = cookies::held(&head.headers);
    let visit = Arc::new(Visit { http, tenant, source, browser, head });
    match respond(Arc::clone(&visit), body).await {
        Ok(response) => response,
        Err(refusal) => problem::refused(&visit, &refusal),
    }
}

impl Visit {
    /// The language to answer in, before an interaction says more: the address may carry `ui_locales`.
    pub(super) fn texts(&self) -> &'static Texts {
        self.texts_for(self.parameter("ui_locales").as_deref().unwrap_or_default())
    }

    /// The language to answer in where a client has said which.
    pub(super) fn texts_for(&self, ui_locales: &str) -> &'static Texts {
        let accepted = self.head.headers.get(ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok());
        Texts::of(Language::choose(ui_locales, accepted.unwrap_or_default()))
    }

    /// A parameter of the address that stands there once.
    pub(super) fn parameter(&self, name: &str) -> Option<String> {
        let query = self.head.uri.query().filter(|query| query.len() <= MAX_QUERY)?;
        let mut values = form::pairs(query.as_bytes())
            .filter_map(|pair| pair.ok().and_then(|(found, value)| (found == name).then_some(value)));
        match (values.next(), values.next()) {
            (Some(value), None) => Some(value.into_owned()),
            _ => None,
        }
    }

    /// Every parameter of the address.
    ///
    /// # Errors
    /// When there are too many, or they cannot be read.
    pub(in crate::http) fn parameters(&self) -> Result<Vec<(String, String)>, Refusal> {
        let query = self.head.uri.query().unwrap_or_default();
        if query.len() > MAX_QUERY {
            return Err(Refusal::QueryTooLong);
        }
        read(query.as_bytes())
    }
}

/// Names and values, no more of them than any request has.
pub(in crate::http) fn read(form: &[u8]) -> Result<Vec<(String, String)>, Refusal> {
    let mut read = Vec::new();
    for pair in form::pairs(form) {
        if read.len() == MAX_PARAMETERS {
            return Err(Refusal::TooManyParameters);
        }
        let (name, value) = pair?;
        read.push((name.into_owned(), value.into_owned()));
    }
    Ok(read)
}

/// Of an address, which has to fit into a header beside cookies.
pub(in crate::http) const MAX_QUERY: usize = 16 << 10;
/// Twice as many as an authorization request knows.
const MAX_PARAMETERS: usize = 64;
