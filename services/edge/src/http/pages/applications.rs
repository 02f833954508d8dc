//! `GET /u/applications` and `POST /u/applications/revoke`: which applications act for the user, and an end of it.

use std::sync::Arc;

use ::http::StatusCode;
use askama::Template;
use axum::extract::{Request, State};
use axum::response::Response;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use mintage_jose::digest;

use super::consent::name_of_api;
use super::frame::{Frame, page};
use super::next::{APPLICATIONS, After, go, lead};
use super::own_form::{Fields, is_handle};
use super::scopes::lines;
use super::{Texts, Visit, receive};
use crate::domain::{Application, OwnGrant, Person, Refusal, Session};
use crate::http::{Http, address};

/// Shows the page to whoever is signed in; others sign in first.
pub(in crate::http) async fn show(State(http): State<Arc<Http>>, request: Request) -> Response {
    receive(http, request, async |visit, _| show_to(&visit).await).await
}

/// Takes access away from one.
pub(in crate::http) async fn revoke(State(http): State<Arc<Http>>, request: Request) -> Response {
    receive(http, request, async |visit, body| {
        let fields = Fields::take_own(&visit, body).await?;
        let (csrf_token, id) = (fields.csrf_token()?, fields.one("grant")?);
        if !is_handle(&id) {
            return Err(Refusal::ParameterMissing { parameter: "grant".into() });
        }
        let mark = mark_of(&csrf_token);
        let removed = match visit.http.sessions.revoke(&visit.tenant, &visit.browser, csrf_token, id).await {
            Err(Refusal::Unauthenticated) => false,
            outcome => outcome?,
        };
        let language = visit.texts().asked_for(&chosen(&visit)).map(|tag| (UI_LOCALES, tag));
        let removed = removed.then_some((REMOVED, &*mark));
        go(&address::own(APPLICATIONS, removed.into_iter().chain(language)))
    })
    .await
}

async fn show_to(visit: &Visit) -> Result<Response, Refusal> {
    let (sessions, tenant) = (&visit.http.sessions, &visit.tenant);
    if let Some(Session { person, csrf_token }) = sessions.session(tenant, &visit.browser).await? {
        match sessions.grants(tenant, &visit.browser).await {
            // The session ended between the two questions.
            Err(Refusal::Unauthenticated) => {}
            listed => return written(visit, &person, &csrf_token, &listed?),
        }
    }
    let step = visit.http.authorizations.begin_sign_in(tenant, &visit.browser, chosen(visit), visit.source).await?;
    lead(visit, step, After::Get).await
}

fn written(visit: &Visit, person: &Person, csrf_token: &str, grants: &[OwnGrant]) -> Result<Response, Refusal> {
    let frame = Frame::of(visit);
    let (texts, policy) = (frame.texts, frame.policy());
    let rows = grants.iter().map(|grant| Row::of(grant, texts)).collect();
    let removed = visit.parameter(REMOVED).is_some_and(|mark| mark == mark_of(csrf_token));
    let language = texts.asked_for(&chosen(visit)).map(|tag| (UI_LOCALES, tag));
    let [revoke, sign_out] = [REVOKE, SIGN_OUT].map(|path| address::own(path, language));
    let template = ApplicationsPage { t: texts, frame, person, csrf_token, removed, rows, revoke, sign_out };
    page(&template, StatusCode::OK, &policy)
}

/// The languages that the address says a client chose.
fn chosen(visit: &Visit) -> String {
    visit.parameter(UI_LOCALES).filter(|tags| tags.len() <= MAX_LOCALES).unwrap_or_default()
}

/// What the address says once access was taken away. Made of the token of the user's own page, which it does not tell, so that
/// nobody else's link says so.
fn mark_of(csrf_token: &str) -> String {
    let marked = format!("{REMOVED} {csrf_token}");
    URL_SAFE_NO_PAD.encode(digest::sha256(marked.as_bytes())).chars().take(16).collect()
}

#[derive(Template)]
#[template(path = "applications.html")]
struct ApplicationsPage<'a> {
    frame: Frame<'a>,
    t: &'static Texts,
    person: &'a Person,
    csrf_token: &'a str,
    /// Whether access was just taken away.
    removed: bool,
    rows: Vec<Row<'a>>,
    /// Where the forms go.
    revoke: String,
    sign_out: String,
}

/// A grant, in words.
struct Row<'a> {
    id: &'a str,
    name: &'a str,
    owner: &'a str,
    /// What the user should know of whose it is.
    mark: Option<&'static str>,
    is_stopped: bool,
    api: Option<&'a str>,
    scopes: Vec<String>,
    since: Option<String>,
    last_used: Option<String>,
}

impl<'a> Row<'a> {
    fn of(grant: &'a OwnGrant, texts: &'static Texts) -> Self {
        let application = grant.application.as_ref();
        Self {
            id: &grant.id,
            name: application.map_or(texts.application_gone, |application| &application.name),
            owner: application.map_or("", |application| &application.owner),
            mark: application.and_then(|application| match application {
                Application { registered_itself: true, .. } => Some(texts.registered_itself_mark),
                Application { is_third_party: true, .. } => Some(texts.third_party_mark),
                _ => None,
            }),
            is_stopped: grant.is_stopped,
            api: grant.api.as_ref().map(name_of_api),
            scopes: lines(grant.scopes.iter(), texts),
            since: grant.created_at.map(|at| texts.day(at)),
            last_used: grant.last_used_at.map(|at| texts.day(at)),
        }
    }
}

const REVOKE: &str = "/u/applications/revoke";
const SIGN_OUT: &str = "/oidc/logout";
const UI_LOCALES: &str = "ui_locales";
/// In the address of the page, once access was taken away.
const REMOVED: &str = "removed";
/// Longer lists of languages are passed over.
const MAX_LOCALES: usize = 256;
