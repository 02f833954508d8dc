//! `GET` and `POST /oidc/logout`: an end of the session (OpenID Connect RP-Initiated Logout 1.0).

use std::sync::Arc;

use ::http::StatusCode;
use askama::Template;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::response::Response;

use super::again::{Came, come};
use super::frame::{Frame, page};
use super::next::{After, leave};
use super::{Texts, Visit, receive};
use crate::domain::{Logout, LogoutRequest, Refusal};
use crate::http::{Http, address, cookies};

/// Takes a client's wish, or the user's own.
pub(in crate::http) async fn ask(State(http): State<Arc<Http>>, request: Request) -> Response {
    receive(http, request, async |visit, _| {
        let parameters = visit.parameters()?;
        let one = |name: &'static str| only(&parameters, name);
        end(&visit, read(one)?, None, After::Get).await
    })
    .await
}

/// Takes the user's word from our own page, or a client's wish once it comes with cookies.
pub(in crate::http) async fn take(State(http): State<Arc<Http>>, request: Request) -> Response {
    receive(http, request, async |visit, body| take_from(&visit, body).await).await
}

async fn take_from(visit: &Visit, body: Body) -> Result<Response, Refusal> {
    let fields = match come(visit, PATH, body).await? {
        Came::Home(fields) => fields,
        Came::Away(answer) => return Ok(answer),
    };
    let csrf_token = if fields.has("csrf_token") { Some(fields.csrf_token()?) } else { None };
    end(visit, read(|name| fields.one(name))?, csrf_token, After::Form).await
}

async fn end(
    visit: &Visit,
    request: LogoutRequest,
    csrf_token: Option<String>,
    after: After,
) -> Result<Response, Refusal> {
    let (sessions, tenant) = (&visit.http.sessions, &visit.tenant);
    let mut response = match sessions.end(tenant, &visit.browser, request.clone(), csrf_token).await? {
        Logout::Confirm { csrf_token } => return confirm(visit, &request, &csrf_token),
        Logout::Leave(uri) => {
            let state = Some(("state".to_owned(), request.state)).filter(|(_, state)| !state.is_empty());
            leave(visit, &address::with_query(&uri, state.as_slice()), &uri.destination(), after)?
        }
        Logout::Done => done(visit)?,
    };
    cookies::take_session(&mut response);
    Ok(response)
}

fn read(one: impl Fn(&'static str) -> Result<String, Refusal>) -> Result<LogoutRequest, Refusal> {
    Ok(LogoutRequest {
        id_token_hint: one("id_token_hint")?,
        client_id: one("client_id")?,
        post_logout_redirect_uri: one("post_logout_redirect_uri")?,
        state: one("state")?,
    })
}

fn only(parameters: &[(String, String)], name: &'static str) -> Result<String, Refusal> {
    let mut values = parameters.iter().filter_map(|(found, value)| (found == name).then_some(value));
    match (values.next(), values.next()) {
        (value, None) => Ok(value.cloned().unwrap_or_default()),
        _ => Err(Refusal::ParameterRepeated { parameter: name.into() }),
    }
}

fn confirm(visit: &Visit, request: &LogoutRequest, csrf_token: &str) -> Result<Response, Refusal> {
    let frame = Frame::of(visit);
    let policy = frame.policy();
    page(&ConfirmPage { t: frame.texts, frame, request, csrf_token }, StatusCode::OK, &policy)
}

fn done(visit: &Visit) -> Result<Response, Refusal> {
    let frame = Frame::of(visit);
    let policy = frame.policy();
    page(&SignedOutPage { t: frame.texts, frame }, StatusCode::OK, &policy)
}

#[derive(Template)]
#[template(path = "sign_out.html")]
struct ConfirmPage<'a> {
    frame: Frame<'a>,
    t: &'static Texts,
    request: &'a LogoutRequest,
    csrf_token: &'a str,
}

#[derive(Template)]
#[template(path = "signed_out.html")]
struct SignedOutPage<'a> {
    frame: Frame<'a>,
    t: &'static Texts,
}

const PATH: &str = "/oidc/logout";
