//! The page of a third party's request that was refused: the user goes there with the refusal, or does not (RFC 9700 section
//! 4.11.2).

use ::http::StatusCode;
use askama::Template;
use axum::response::Response;
use mintage_chassis::telemetry;

use super::destination::Destination;
use super::frame::{Frame, Policy, page};
use super::texts::Phrase;
use super::{Texts, Visit};
use crate::domain::{Application, Redirection, Refusal, Refused, ResponseMode};
use crate::http::address::{with_fragment, with_query};

/// Says what happened, and where the client would hear of it.
pub(super) fn written(visit: &Visit, refused: &Refused) -> Result<Response, Refusal> {
    let Refused { redirection, application, by_user, ui_locales } = refused;
    let Redirection { redirect_uri, mode, parameters, front_channel_ticket: _ } = redirection;
    let texts = visit.texts_for(ui_locales);
    let frame = Frame::in_words(&visit.tenant, texts);
    let is_posted = *mode == ResponseMode::FormPost;
    let policy = Policy { posts_elsewhere: is_posted, ..frame.policy() };
    let error = known(parameters);
    telemetry::note(|facts| facts.error(error));
    let template = RefusedPage {
        t: texts,
        frame,
        title: if *by_user { texts.user_refused } else { texts.request_refused },
        said: if *by_user { &texts.user_refused_means } else { &texts.request_refused_means },
        by_user: *by_user,
        application,
        destination: Destination::of(&redirect_uri.destination()),
        address: match mode {
            ResponseMode::Query => with_query(redirect_uri, parameters),
            ResponseMode::Fragment => with_fragment(redirect_uri, parameters),
            ResponseMode::FormPost => redirect_uri.to_string(),
        },
        form: is_posted.then_some(parameters.as_slice()),
        error,
    };
    page(&template, if *by_user { StatusCode::OK } else { StatusCode::BAD_REQUEST }, &policy)
}

/// Nothing of a stranger's request is repeated to the user: neither a description nor a code that is not ours.
fn known(parameters: &[(String, String)]) -> &'static str {
    let said = parameters.iter().find(|(name, _)| name == "error").map_or("", |(_, error)| error.as_str());
    ERRORS.into_iter().find(|known| *known == said).unwrap_or(OTHER)
}

#[derive(Template)]
#[template(path = "refused.html")]
struct RefusedPage<'a> {
    frame: Frame<'a>,
    t: &'static Texts,
    title: &'static str,
    said: &'static Phrase,
    by_user: bool,
    application: &'a Application,
    destination: Destination,
    address: String,
    form: Option<&'a [(String, String)]>,
    error: &'static str,
}

/// RFC 6749 section 4.1.2.1, RFC 8707 section 2, OpenID Connect Core 1.0 section 3.1.2.6.
const ERRORS: [&str; 13] = [
    OTHER,
    "access_denied",
    "unauthorized_client",
    "unsupported_response_type",
    "invalid_scope",
    "invalid_target",
    "login_required",
    "consent_required",
    "interaction_required",
    "account_selection_required",
    "request_not_supported",
    "request_uri_not_supported",
    "registration_not_supported",
];
const OTHER: &str = "invalid_request";
