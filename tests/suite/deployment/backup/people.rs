//! A user who lets an application act for her, before a dump and after the restoration.

use std::fs;

use axum::body::Body;
use http::{Request, Response};
use http_body_util::BodyExt;
use mintage_chassis::ServiceName;
use mintage_testkit::installation::{Installation, Post, exchange};
use serde_json::Value;

use super::super::manifests::text;
use crate::browser::{At, Browser, Server};

/// An application of a third party's, and what it holds of a user's.
pub(super) struct Notebook {
    client_id: String,
    refresh_token: String,
}

impl Notebook {
    /// Registers it at an API of its own, and has a new user agree.
    pub(super) async fn agreed(installation: &Installation) -> Self {
        create_user(installation, EMAIL);
        operate(installation, &["api", "create", API, "--name", "Notes", SCOPE, "--third-parties", "allowed", OFFLINE]);
        let client = [
            &["client", "create", "--name", "Notebook", "--party", "third", "--public", "--redirect-uri", CALLBACK][..],
            &["--grant-type", "authorization_code", "--grant-type", "refresh_token", "--output", "json"][..],
        ];
        let created: Value = serde_json::from_str(&operate(installation, &client.concat())).expect("JSON");
        let client_id = text(&created["client"]["client_id"]).to_owned();
        let mut notebook = Self { client_id, refresh_token: String::new() };
        let mut browser = Browser::new(installation);
        let asked = notebook.signed_in(&mut browser).await;
        let code = browser.decide(&asked, "allow", &[]).await.parameter("code").to_owned();
        let more = [("code", &*code), ("redirect_uri", CALLBACK), ("code_verifier", VERIFIER)];
        notebook.refresh_token = notebook.ask(installation, "authorization_code", &more).expect("tokens");
        notebook
    }

    /// Takes the next refresh token, which the application then holds.
    pub(super) fn refresh(&mut self, installation: &Installation) {
        let (from, rotated) = (self.refresh_token.clone(), self.refreshed(installation, &self.refresh_token));
        self.refresh_token = rotated.expect("the next one");
        assert_ne!(self.refresh_token, from);
    }

    /// An application that holds what this one does now.
    pub(super) fn remembered(&self) -> Self {
        Self { client_id: self.client_id.clone(), refresh_token: self.refresh_token.clone() }
    }

    /// What was there in the dump is there again: the user, the grant, and the refresh token that was current then.
    /// `later` holds what came after.
    pub(super) async fn stands_again(mut self, installation: &Installation, later: &Self) {
        self.refresh(installation);
        assert_eq!(later.refreshed(installation, &later.refresh_token), Err("invalid_grant".to_owned()));
        let granted = operate(installation, &["consent", "list", "--user", EMAIL, "--output", "json"]);
        let granted: Value = serde_json::from_str(&granted).expect("JSON");
        assert_eq!(granted["user_grants"][0]["client_id"], *self.client_id, "{granted}");
        assert_eq!(granted["user_grants"][0]["scopes"][0], "read:notes", "{granted}");
        let answered = self.signed_in(&mut Browser::new(installation)).await;
        assert!(!answered.parameter("code").is_empty(), "what was granted is asked again: {answered:?}");
    }

    /// Sends the user here, who signs in.
    async fn signed_in(&self, browser: &mut Browser<'_, Installation>) -> At {
        let pairs = [
            ("response_type", "code"),
            ("client_id", &self.client_id),
            ("redirect_uri", CALLBACK),
            ("audience", API),
            ("scope", "read:notes offline_access"),
            ("code_challenge", CHALLENGE),
            ("code_challenge_method", "S256"),
        ];
        let at = browser.visit(&format!("/authorize?{}", form(&pairs))).await;
        browser.sign_in(&at, EMAIL, PASSWORD).await
    }

    fn refreshed(&self, installation: &Installation, token: &str) -> Result<String, String> {
        self.ask(installation, "refresh_token", &[("refresh_token", token)])
    }

    /// The refresh token, or the error.
    fn ask(&self, installation: &Installation, grant: &str, more: &[(&str, &str)]) -> Result<String, String> {
        let who = [("grant_type", grant), ("client_id", &self.client_id)];
        let edge = installation.address(ServiceName::EDGE, 0, "http");
        let (_, body) = Post::begin(edge, "/oauth/token", &form(&[&who, more].concat())).finish();
        let answer: Value = serde_json::from_str(&body).expect("JSON");
        let word = |key: &str| answer[key].as_str().map(str::to_owned);
        word("refresh_token").ok_or_else(|| word("error").unwrap_or(body))
    }
}

impl Server for Installation {
    fn origin(&self) -> String {
        Self::origin(self)
    }

    async fn answer(&self, request: Request<Body>) -> Response<Body> {
        let (head, body) = request.into_parts();
        let body = String::from_utf8(body.collect().await.expect("a body").to_bytes().into()).expect("a form");
        let headers = head.headers.iter().map(|(name, value)| format!("{name}: {}\r\n", value.to_str().expect("text")));
        let headers: String = headers.collect();
        let first = format!("{} {} HTTP/1.1\r\nconnection: close\r\n", head.method, head.uri);
        let request = format!("{first}content-length: {}\r\n{headers}\r\n{body}", body.len());
        let (head, body) = exchange(self.address(ServiceName::EDGE, 0, "http"), &request);
        let mut lines = head.lines();
        let status = lines.next().and_then(|line| line.split(' ').nth(1)).expect("a status");
        let named = lines.filter_map(|line| line.split_once(": "));
        let response = named.fold(Response::builder().status(status), |made, (name, value)| made.header(name, value));
        response.body(Body::from(body)).expect("an answer")
    }
}

pub(super) fn create_user(installation: &Installation, email: &str) {
    fs::write(installation.folder().join("password"), PASSWORD).expect("a file");
    operate(installation, &["user", "create", email, "--password-file", "password"]);
}

pub(super) fn operate(installation: &Installation, arguments: &[&str]) -> String {
    let outcome = installation.operate(arguments);
    assert_eq!(outcome.code, 0, "{outcome:?}");
    outcome.stdout
}

fn form(pairs: &[(&str, &str)]) -> String {
    form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish()
}

const EMAIL: &str = "ada@example.org";
const PASSWORD: &str = "correct horse battery";
const API: &str = "https://notes.test/";
const SCOPE: &str = "--scope=read:notes=Read your notes";
const OFFLINE: &str = "--allow-offline-access";
const CALLBACK: &str = "https://app.test/back";
/// RFC 7636 appendix B.
const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
