//! `GET` and `POST /u/sign-in`: who the user is.

use std::sync::Arc;

use ::http::StatusCode;
use ::http::header::RETRY_AFTER;
use askama::Template;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::response::Response;

use super::frame::{Frame, page};
use super::next::{After, go, lead, path_of};
use super::own_form::{Fields, is_handle};
use super::problem::over;
use super::{Texts, Visit, receive};
use crate::domain::{Application, Interaction, Page, Refusal, SignIn};
use crate::http::{Http, address};

/// Shows the page.
pub(in crate::http) async fn show(State(http): State<Arc<Http>>, request: Request) -> Response {
    receive(http, request, async |visit, _| {
        let (handle, interaction) = interaction_at(&visit).await?;
        match interaction.page {
            Some(Page::SignIn) => written(&visit, &handle, &interaction, &interaction.login_hint, None),
            Some(other) => elsewhere(other, &handle),
            None => over(&visit, &interaction),
        }
    })
    .await
}

/// Takes the answer.
pub(in crate::http) async fn take(State(http): State<Arc<Http>>, request: Request) -> Response {
    receive(http, request, async |visit, body| take_from(&visit, body).await).await
}

/// The interaction that the address of a page names.
///
/// # Errors
/// When there is none any more, or it is another browser's.
pub(super) async fn interaction_at(visit: &Visit) -> Result<(String, Interaction), Refusal> {
    let handle = visit.parameter("interaction").filter(|handle| is_handle(handle)).ok_or(Refusal::InteractionOver)?;
    let interaction = visit.http.authorizations.interaction(&visit.tenant, &visit.browser, handle.clone()).await?;
    Ok((handle, interaction))
}

/// Sends whoever comes back to an earlier page to the one that the interaction is at.
pub(super) fn elsewhere(page: Page, handle: &str) -> Result<Response, Refusal> {
    go(&format!("{}?{}", path_of(page), address::query([("interaction", handle)])))
}

async fn take_from(visit: &Visit, body: Body) -> Result<Response, Refusal> {
    let fields = Fields::take_own(visit, body).await?;
    let key = fields.interaction()?;
    let user = SignIn { email: fields.one("email")?.trim().to_owned(), password: fields.one("password")? };
    let (handle, email) = (key.handle.clone(), user.email.clone());
    let signed_in = if (1..=MAX_EMAIL).contains(&email.len()) && (1..=MAX_PASSWORD).contains(&user.password.len()) {
        visit.http.authorizations.sign_in(&visit.tenant, &visit.browser, key, user, visit.source).await
    } else {
        Err(Refusal::SignInRefused)
    };
    match signed_in {
        Ok(step) => lead(visit, step, After::Form).await,
        Err(refusal @ (Refusal::SignInRefused | Refusal::TooManyAttempts { .. })) => {
            let asked = visit.http.authorizations.interaction(&visit.tenant, &visit.browser, handle.clone());
            match asked.await? {
                asked @ Interaction { page: Some(Page::SignIn), .. } => {
                    written(visit, &handle, &asked, &email, Some(&refusal))
                }
                asked => over(visit, &asked),
            }
        }
        Err(Refusal::InteractionOver) => elsewhere(Page::SignIn, &handle),
        Err(refusal) => Err(refusal),
    }
}

fn written(
    visit: &Visit,
    handle: &str,
    interaction: &Interaction,
    email: &str,
    refusal: Option<&Refusal>,
) -> Result<Response, Refusal> {
    let texts = visit.texts_for(&interaction.ui_locales);
    let frame = Frame::in_words(&visit.tenant, texts);
    let policy = frame.policy();
    let error = refusal.map(|refusal| match refusal {
        Refusal::TooManyAttempts { .. } => texts.too_many_attempts,
        _ => texts.sign_in_refused,
    });
    let known = interaction.person.as_ref().map_or("", |person| person.email.as_str());
    let email = if email.is_empty() { known } else { email };
    let csrf_token = &interaction.csrf_token;
    let application = interaction.application.as_ref();
    let template = SignInPage { t: texts, frame, handle, csrf_token, application, email, error };
    let mut response = page(&template, status_of(refusal), &policy)?;
    if let Some(Refusal::TooManyAttempts { retry_after, .. }) = refusal {
        response.headers_mut().insert(RETRY_AFTER, retry_after.as_secs().into());
    }
    Ok(response)
}

const fn status_of(refusal: Option<&Refusal>) -> StatusCode {
    match refusal {
        None => StatusCode::OK,
        Some(Refusal::TooManyAttempts { .. }) => StatusCode::TOO_MANY_REQUESTS,
        Some(_) => StatusCode::FORBIDDEN,
    }
}

#[derive(Template)]
#[template(path = "sign_in.html")]
struct SignInPage<'a> {
    frame: Frame<'a>,
    t: &'static Texts,
    handle: &'a str,
    csrf_token: &'a str,
    application: Option<&'a Application>,
    email: &'a str,
    error: Option<&'static str>,
}

/// RFC 5321 section 4.5.3.1, both parts and the sign between.
const MAX_EMAIL: usize = 320;
/// In bytes, of the longest password that there can be.
const MAX_PASSWORD: usize = 1024;
