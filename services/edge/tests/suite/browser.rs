//! Requests as a browser makes them.

use axum::body::Body;
use http::header::{CONTENT_TYPE, COOKIE, ORIGIN};
use http::{Method, Request};

use crate::desk::{CSRF, HANDLE};
use crate::rig::{Answer, FORM, RFC_HOST, Rig, request};

pub const COOKIES: &str = "__Host-mintage-browser=brw_secret; __Host-mintage-session=ses_secret";

impl Rig {
    /// Follows an address, with both cookies.
    pub async fn visit(&self, path: &str) -> Answer {
        self.send(visit(path).body(Body::empty()).unwrap()).await
    }

    /// Sends a form of one of our own pages, with both cookies.
    pub async fn submit(&self, path: &str, fields: &[(&str, &str)]) -> Answer {
        self.send(submission(path, fields)).await
    }
}

pub fn visit(path: &str) -> http::request::Builder {
    request(Method::GET, path, RFC_HOST).header(COOKIE, COOKIES)
}

/// A form as Chrome sends it from a page that sends no referrer.
pub fn submission(path: &str, fields: &[(&str, &str)]) -> Request<Body> {
    let from = request(Method::POST, path, RFC_HOST).header("sec-fetch-site", "same-origin").header(ORIGIN, "null");
    from.header(COOKIE, COOKIES).header(CONTENT_TYPE, FORM).body(encoded(fields).into()).unwrap()
}

/// A form that another site sends: without cookies, as `SameSite=Lax` has it.
pub fn posted_elsewhere(path: &str, fields: &[(&str, &str)]) -> Request<Body> {
    let from = request(Method::POST, path, RFC_HOST).header("sec-fetch-site", "cross-site");
    let from = from.header(ORIGIN, "https://sheets.example").header(CONTENT_TYPE, FORM);
    from.body(encoded(fields).into()).unwrap()
}

pub fn encoded(fields: &[(&str, &str)]) -> String {
    form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish()
}

/// The fields by which a page of an interaction says which one it is of.
pub const OF_PAGE: [(&str, &str); 2] = [("interaction", HANDLE), ("csrf_token", CSRF)];

/// Those, and what the user says.
pub fn of_page<'a>(more: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    OF_PAGE.into_iter().chain(more.iter().copied()).collect()
}

/// The cookies that an answer sets, whole.
pub fn set_cookies(answer: &Answer) -> Vec<String> {
    let values = answer.headers.get_all("set-cookie").iter();
    values.map(|value| value.to_str().unwrap().to_owned()).collect()
}
