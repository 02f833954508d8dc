//! Leads a browser on: to a page of ours, or to the client with an answer.

use ::http::header::LOCATION;
use ::http::{HeaderValue, StatusCode};
use askama::Template;
use axum::response::Response;

use super::destination::Destination;
use super::frame::{Frame, Policy, page, seal};
use super::{Texts, Visit, assets, problem, refused};
use crate::domain::{Next, Page, Redirection, Refusal, ResponseMode, Step};
use crate::http::{address, cookies};

/// By what the browser came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::http) enum After {
    /// By an address.
    Get,
    /// By a form. Chrome holds every redirect behind it to the page's `form-action`, so that the way to a client has to
    /// begin at a page of its own.
    Form,
}

/// Leads a browser where a step says.
///
/// # Errors
/// When the step leads nowhere that a browser can go.
pub(in crate::http) async fn lead(visit: &Visit, step: Step, after: After) -> Result<Response, Refusal> {
    let Step { hold, next } = step;
    let mut response = match next {
        Next::Client(redirection) => answer(visit, redirection, after).await?,
        Next::Page { handle, page } => go(&format!("{}?{}", path_of(page), address::query([("interaction", handle)])))?,
        Next::Nowhere(why) => problem::nowhere(visit, why)?,
        Next::Home => go(APPLICATIONS)?,
        Next::Refused(refused) => refused::written(visit, &refused)?,
    };
    cookies::give(&mut response, &hold)?;
    Ok(response)
}

/// Sends a browser to another address by a GET (RFC 9110 section 15.4.4).
///
/// # Errors
/// When the address cannot stand in a header.
pub(in crate::http) fn go(address: &str) -> Result<Response, Refusal> {
    let mut response = Response::default();
    *response.status_mut() = StatusCode::SEE_OTHER;
    seal(&mut response);
    let location = HeaderValue::try_from(address).map_err(|_| Refusal::Internal)?;
    response.headers_mut().insert(LOCATION, location);
    Ok(response)
}

/// Sends a browser to an address that is not ours; `shown` is what a person is told of it.
///
/// # Errors
/// When the page cannot be written.
pub(in crate::http) fn leave(visit: &Visit, address: &str, shown: &str, after: After) -> Result<Response, Refusal> {
    if after == After::Get {
        return go(address);
    }
    let frame = Frame::of(visit);
    let policy = frame.policy();
    let destination = Destination::of(shown);
    page(&Leave { t: frame.texts, frame, address, destination }, StatusCode::OK, &policy)
}

/// The path of a page of an interaction.
pub(super) const fn path_of(page: Page) -> &'static str {
    match page {
        Page::SignIn => "/u/sign-in",
        Page::Consent => "/u/consent",
    }
}

/// An answer for the client, with the tokens that go beside it.
async fn answer(visit: &Visit, redirection: Redirection, after: After) -> Result<Response, Refusal> {
    let Redirection { redirect_uri, mode, mut parameters, front_channel_ticket } = redirection;
    if let Some(ticket) = front_channel_ticket {
        // RFC 9700 section 4.3.1: never where servers write it down.
        if mode == ResponseMode::Query {
            tracing::error!("tokens were to go in a query");
            return Err(Refusal::Internal);
        }
        match visit.http.front_channel.redeem(&visit.tenant, ticket).await {
            Ok(tokens) => parameters.extend(tokens.parameters),
            Err(refusal) => fail(&mut parameters, &refusal),
        }
    }
    let shown = redirect_uri.destination();
    match mode {
        ResponseMode::Query => leave(visit, &address::with_query(&redirect_uri, &parameters), &shown, after),
        ResponseMode::Fragment => leave(visit, &address::with_fragment(&redirect_uri, &parameters), &shown, after),
        ResponseMode::FormPost => post(visit, redirect_uri.as_str(), &parameters, &shown),
    }
}

/// Half an answer is none: the client hears that there is none (RFC 6749 section 4.2.2.1), and what told them apart stays.
fn fail(parameters: &mut Vec<(String, String)>, refusal: &Refusal) {
    let error = match refusal {
        Refusal::TemporarilyUnavailable { .. } | Refusal::TooManyAttempts { .. } => "temporarily_unavailable",
        _ => "server_error",
    };
    parameters.retain(|(name, _)| matches!(name.as_str(), "state" | "iss"));
    parameters.insert(0, ("error".to_owned(), error.to_owned()));
}

/// A page that posts the answer (OAuth 2.0 Form Post Response Mode): by its script, or by a press of its button.
fn post(visit: &Visit, address: &str, parameters: &[(String, String)], shown: &str) -> Result<Response, Refusal> {
    let frame = Frame::of(visit);
    let policy = Policy { posts_elsewhere: true, is_scripted: true, ..frame.policy() };
    let (script, destination) = (assets::post_script(), Destination::of(shown));
    page(&Post { t: frame.texts, frame, address, parameters, destination, script }, StatusCode::OK, &policy)
}

#[derive(Template)]
#[template(path = "leave.html")]
struct Leave<'a> {
    frame: Frame<'a>,
    t: &'static Texts,
    address: &'a str,
    destination: Destination,
}

#[derive(Template)]
#[template(path = "post.html")]
struct Post<'a> {
    frame: Frame<'a>,
    t: &'static Texts,
    address: &'a str,
    parameters: &'a [(String, String)],
    destination: Destination,
    script: &'static str,
}

/// The address of the user's own pages, in the language of the page that leads there where a client has chosen that.
pub(super) fn own_pages(texts: &Texts, ui_locales: &str) -> String {
    address::own(APPLICATIONS, texts.asked_for(ui_locales).map(|tag| ("ui_locales", tag)))
}

pub(super) const APPLICATIONS: &str = "/u/applications";
