//! A user's browser before the suite: it holds cookies, reads pages, and sends their forms.

use std::collections::BTreeMap;

use axum::body::Body;
use http::header::{CONTENT_TYPE, COOKIE, HOST, LOCATION, ORIGIN, SET_COOKIE};
use http::{Request, Response, StatusCode};
use http_body_util::BodyExt;

/// The suite as a browser sees it.
pub(crate) trait Server {
    /// Its scheme, host and port.
    fn origin(&self) -> String;

    /// Answers a request for one of its paths.
    async fn answer(&self, request: Request<Body>) -> Response<Body>;
}

/// Nobody is signed in at first.
pub(crate) struct Browser<'a, S> {
    server: &'a S,
    cookies: BTreeMap<String, String>,
}

/// Where a browser stands.
#[derive(Debug)]
pub(crate) enum At {
    /// A page of the suite: its path, and what it shows.
    Page(String, String),
    /// The client's, with the parameters of the answer.
    Client(BTreeMap<String, String>),
}

impl At {
    /// One parameter of the answer.
    pub(crate) fn parameter(&self, name: &str) -> &str {
        match self {
            Self::Client(parameters) => parameters.get(name).map_or("", String::as_str),
            Self::Page(path, page) => panic!("the browser is not at the client but at {path}: {page}"),
        }
    }

    /// The page, which must be the one at `path`.
    pub(crate) fn page(&self, path: &str) -> &str {
        match self {
            Self::Page(at, page) if at == path => page,
            other => panic!("the browser is not at {path} but at {other:?}"),
        }
    }
}

impl<'a, S: Server> Browser<'a, S> {
    pub(crate) const fn new(server: &'a S) -> Self {
        Self { server, cookies: BTreeMap::new() }
    }

    /// Follows an address until there is a page or the client.
    pub(crate) async fn visit(&mut self, address: &str) -> At {
        let mut next = address.to_owned();
        for _ in 0..8 {
            let (status, location, page) = self.send(Request::get(&next), Body::empty()).await;
            match location {
                Some(location) if location.starts_with('/') => next = location,
                Some(location) => return At::Client(parameters(&location)),
                None => {
                    assert!(status.is_success() || status.is_client_error(), "{status} at {next}: {page}");
                    return At::Page(next.split('?').next().unwrap_or_default().to_owned(), page);
                }
            }
        }
        panic!("the browser is led in circles by {next}");
    }

    /// Signs in on the page where the browser stands.
    pub(crate) async fn sign_in(&mut self, at: &At, email: &str, password: &str) -> At {
        self.submit("/u/sign-in", at.page("/u/sign-in"), &[("email", email), ("password", password)]).await
    }

    /// Says what the user says on the page where the browser stands.
    pub(crate) async fn decide(&mut self, at: &At, decision: &str, ticked: &[&str]) -> At {
        let ticked = ticked.iter().map(|scope| ("scope", *scope));
        let said: Vec<_> = [("decision", decision)].into_iter().chain(ticked).collect();
        self.submit("/u/consent", at.page("/u/consent"), &said).await
    }

    async fn submit(&mut self, path: &str, page: &str, fields: &[(&str, &str)]) -> At {
        let names: &[_] =
            if path == "/u/consent" { &["interaction", "csrf_token", "shown"] } else { &["interaction", "csrf_token"] };
        let hidden = names.iter().map(|name| (*name, hidden(page, name)));
        let form = form_urlencoded::Serializer::new(String::new()).extend_pairs(hidden).extend_pairs(fields).finish();
        let request = Request::post(path)
            .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
            .header("sec-fetch-site", "same-origin")
            .header(ORIGIN, self.server.origin());
        let (_, location, page) = self.send(request, Body::from(form)).await;
        match (location, left_for(&page)) {
            (Some(location), _) => Box::pin(self.visit(&location)).await,
            (None, Some(address)) => At::Client(parameters(&address)),
            (None, None) => At::Page(path.to_owned(), page),
        }
    }

    async fn send(&mut self, request: http::request::Builder, body: Body) -> (StatusCode, Option<String>, String) {
        let cookies: Vec<_> = self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let origin = self.server.origin();
        let (_, host) = origin.split_once("://").expect("a scheme");
        let request = request.header(HOST, host).header(COOKIE, cookies.join("; "));
        let (head, body) = self.server.answer(request.body(body).expect("a request")).await.into_parts();
        for cookie in head.headers.get_all(SET_COOKIE) {
            let cookie = cookie.to_str().expect("a cookie").split(';').next().unwrap_or_default();
            let (name, value) = cookie.split_once('=').expect("a cookie");
            self.cookies.insert(name.to_owned(), value.to_owned());
        }
        let location = head.headers.get(LOCATION).map(|value| value.to_str().expect("an address").to_owned());
        let body = body.collect().await.expect("a body").to_bytes();
        (head.status, location, String::from_utf8(body.into()).expect("text"))
    }
}

/// The value of a hidden field.
fn hidden(page: &str, name: &str) -> String {
    let field = format!("name=\"{name}\" value=\"");
    let (_, rest) = page.split_once(&field).unwrap_or_else(|| panic!("there is no {name} in {page}"));
    rest.split('"').next().unwrap_or_default().to_owned()
}

/// Where a page leads that says that the browser goes on elsewhere.
fn left_for(page: &str) -> Option<String> {
    let (_, rest) = page.split_once("href=\"https://app.test/")?;
    let rest = rest.split('"').next()?;
    Some(format!("https://app.test/{}", rest.replace("&#38;", "&").replace("&amp;", "&")))
}

/// Of a query or a fragment.
fn parameters(address: &str) -> BTreeMap<String, String> {
    let (_, parameters) = address.split_once(['?', '#']).unwrap_or((address, ""));
    form_urlencoded::parse(parameters.as_bytes()).into_owned().collect()
}
