//! What went wrong, and what a person can do about it.

use ::http::StatusCode;
use ::http::header::RETRY_AFTER;
use askama::Template;
use axum::response::Response;
use mintage_chassis::telemetry;
use mintage_oauth::ErrorProfile;

use super::frame::{Frame, page};
use super::next::own_pages;
use super::texts::Trouble;
use super::{Texts, Visit};
use crate::domain::{Interaction, Problem, Refusal};
use crate::http::errors::{Asked, Row, answer, retry_after};

/// The page of a request that was refused.
pub(super) fn refused(visit: &Visit, refusal: &Refusal) -> Response {
    let row = Row::of(refusal, ErrorProfile::Rfc);
    telemetry::note(|facts| facts.error(row.code.as_str()));
    let trouble = |texts: &'static Texts| match refusal {
        // Whoever comes to a page of an interaction was given a cookie a moment before.
        Refusal::InteractionOver if visit.browser.browser.is_none() => &texts.no_cookies,
        Refusal::InteractionOver => &texts.interaction_over,
        Refusal::CrossSite => &texts.cross_site,
        Refusal::NothingHere | Refusal::MethodNotAllowed => &texts.nothing_here,
        Refusal::TemporarilyUnavailable { .. } => &texts.unavailable,
        Refusal::TooManyAttempts { .. } | Refusal::TooManyRequests { .. } => &texts.too_many_requests,
        Refusal::Internal => &texts.fault,
        _ => &texts.unreadable,
    };
    match written(visit, with(visit, trouble), None, row.status) {
        Ok(mut response) => {
            if let Some(wait) = retry_after(refusal) {
                response.headers_mut().insert(RETRY_AFTER, wait.as_secs().into());
            }
            response
        }
        Err(unwritten) => answer(&unwritten, &Asked::of_nobody(&visit.http)),
    }
}

/// The page of a request whose client cannot be told.
pub(super) fn nowhere(visit: &Visit, why: Problem) -> Result<Response, Refusal> {
    let trouble = |texts: &'static Texts| match why {
        Problem::ClientUnknown => &texts.client_unknown,
        Problem::RedirectUriMismatch => &texts.redirect_uri_mismatch,
        Problem::InteractionOver => &texts.interaction_over,
    };
    written(visit, with(visit, trouble), None, StatusCode::BAD_REQUEST)
}

/// The page of an interaction that was answered, with a way back: to an application that the tenant vouches for, where that
/// says where it is at home, and from our own pages to those.
pub(super) fn over(visit: &Visit, interaction: &Interaction) -> Result<Response, Refusal> {
    let texts = visit.texts_for(&interaction.ui_locales);
    let applications = own_pages(texts, &interaction.ui_locales);
    let way = match &interaction.application {
        None => Some(Way { address: &applications, name: texts.applications }),
        Some(application) => {
            let home = application.client_uri.as_ref().filter(|_| !application.is_third_party);
            home.map(|home| Way { address: home.as_str(), name: &application.name })
        }
    };
    telemetry::note(|facts| facts.error(Row::of(&Refusal::InteractionOver, ErrorProfile::Rfc).code.as_str()));
    written(visit, (texts, &texts.interaction_over), way, StatusCode::BAD_REQUEST)
}

fn written(
    visit: &Visit,
    (texts, trouble): (&'static Texts, &'static Trouble),
    way: Option<Way<'_>>,
    status: StatusCode,
) -> Result<Response, Refusal> {
    let frame = Frame::in_words(&visit.tenant, texts);
    let policy = frame.policy();
    let reference = telemetry::trace_id();
    page(&ProblemPage { t: texts, frame, trouble, way, reference }, status, &policy)
}

/// In the words of a visit.
fn with(visit: &Visit, trouble: impl Fn(&'static Texts) -> &'static Trouble) -> (&'static Texts, &'static Trouble) {
    let texts = visit.texts();
    (texts, trouble(texts))
}

/// Where a user may go on.
struct Way<'a> {
    address: &'a str,
    name: &'a str,
}

#[derive(Template)]
#[template(path = "problem.html")]
struct ProblemPage<'a> {
    frame: Frame<'a>,
    t: &'static Texts,
    trouble: &'static Trouble,
    way: Option<Way<'a>>,
    reference: Option<String>,
}
