//! A form that another site sent comes back from our own: the first brings no cookies (`SameSite=Lax`), so that the browser
//! would look as if it had none.

use ::http::StatusCode;
use askama::Template;
use axum::body::Body;
use axum::response::Response;

use super::frame::{Frame, Policy, page};
use super::next::go;
use super::own_form::Fields;
use super::visit::MAX_QUERY;
use super::{Texts, Visit, assets};
use crate::domain::Refusal;
use crate::http::address;

/// A form that came.
pub(in crate::http) enum Came {
    /// From a page of ours, with cookies.
    Home(Fields),
    /// From another site: this answer has it come back.
    Away(Response),
}

/// Takes a form for `path`, or has it come back: as an address, or by a form where it shows a token, which is not to end in
/// histories and logs.
///
/// # Errors
/// When it is none, or comes back and is still another site's.
pub(in crate::http) async fn come(visit: &Visit, path: &'static str, body: Body) -> Result<Came, Refusal> {
    let fields = Fields::take(visit, body).await?;
    if visit.expect_own_form().is_ok() {
        return Ok(Came::Home(fields));
    }
    if fields.has(AGAIN) || fields.has(CSRF_TOKEN) {
        return Err(Refusal::CrossSite);
    }
    if fields.has(TOKEN) {
        return by_form(visit, path, fields).map(Came::Away);
    }
    let query = address::query(fields.into_pairs());
    if query.len() > MAX_QUERY {
        return Err(Refusal::QueryTooLong);
    }
    go(&format!("{path}?{query}")).map(Came::Away)
}

fn by_form(visit: &Visit, path: &'static str, fields: Fields) -> Result<Response, Refusal> {
    let frame = Frame::of(visit);
    let policy = Policy { is_scripted: true, ..frame.policy() };
    let mut fields = fields.into_pairs();
    fields.push((AGAIN.to_owned(), "1".to_owned()));
    let script = assets::post_script();
    page(&Again { t: frame.texts, frame, path, fields, script }, StatusCode::OK, &policy)
}

#[derive(Template)]
#[template(path = "again.html")]
struct Again<'a> {
    frame: Frame<'a>,
    t: &'static Texts,
    path: &'static str,
    fields: Vec<(String, String)>,
    script: &'static str,
}

/// Says who somebody is.
const TOKEN: &str = "id_token_hint";
/// Stands in what came back, so that nothing comes back for ever.
const AGAIN: &str = "again";
/// Stands in forms of our own alone.
const CSRF_TOKEN: &str = "csrf_token";
