//! What must not come out: secrets in logs, and one request's words in another's answer.

use std::io::{self, Write};
use std::sync::{Arc, Mutex};

use axum::body::Body;
use http::Method;
use http::header::{AUTHORIZATION, CONTENT_TYPE, COOKIE};
use mintage_api::consent::step::Next;
use mintage_api::consent::{ResponseMode, SignInResponse};
use mintage_api::types::ErrorReason;
use mintage_chassis::status::refusal;
use tonic::{Code, Status};
use tracing_subscriber::fmt::MakeWriter;

use crate::desk::{answer, holding, sign_in_asked};
use crate::rig::{AUTH0_HOST, FORM, RFC_HOST, Rig, request, send, token_request};
use crate::siblings::TOKEN;

#[derive(Clone, Default)]
struct Captured(Arc<Mutex<Vec<u8>>>);

impl Write for Captured {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Captured {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}

impl Captured {
    /// Takes in all that this thread logs, as long as what is returned beside it lives.
    fn install() -> (Self, tracing::subscriber::DefaultGuard) {
        let captured = Self::default();
        let subscriber = tracing_subscriber::fmt()
            .with_max_level(tracing::Level::TRACE)
            .with_span_events(tracing_subscriber::fmt::format::FmtSpan::FULL)
            .with_writer(captured.clone())
            .finish();
        (captured, tracing::subscriber::set_default(subscriber))
    }

    /// Panics where a line holds what was planted, or where nothing was captured.
    fn expect_nothing_planted(&self, something: &str) {
        let log = String::from_utf8_lossy(&self.0.lock().unwrap()).into_owned();
        assert!(log.contains(something), "the log was captured");
        for planted in ["canary", "Y2FuYXJ5", "99, 97, 110, 97, 114, 121"] {
            let line = log.lines().find(|line| line.contains(planted));
            assert_eq!(line, None, "{planted}");
        }
    }
}

#[tokio::test]
async fn b34_no_secret_and_no_token_is_ever_logged() {
    let (captured, _installed) = Captured::install();
    let rig = Rig::start().await;
    let good = "grant_type=client_credentials&client_id=alpha&client_secret=canary-secret";
    assert!(rig.form(good).await.body.contains(TOKEN));
    rig.form(format!("{good}&client_secret=canary-secret")).await;
    rig.form(format!("{good}&client_assertion=canary-assertion")).await;
    rig.form(format!("{good}&canary-secret=1&canary-secret=2")).await;
    rig.form(format!("{good}&scope=%zz")).await;
    rig.json(r#"{"client_secret":["canary-secret"]}"#).await;
    let public = "client_id=alpha&grant_type";
    rig.form(format!("{public}=authorization_code&code=canary-code&code_verifier=canary-verifier")).await;
    rig.form(format!("{public}=refresh_token&refresh_token=canary-refresh")).await;
    rig.form(format!("{public}=password&username=canary-user&password=canary-password")).await;
    let revoked = "client_id=alpha&token=canary-refresh";
    let revoke = request(Method::POST, "/oauth/revoke", RFC_HOST).header(CONTENT_TYPE, FORM);
    rig.send(revoke.body(revoked.into()).unwrap()).await;
    rig.json(r#"{"client_secret":"canary-secret""#).await;
    let query = "/oauth/token?client_secret=canary-secret";
    rig.send(request(Method::POST, query, RFC_HOST).header(CONTENT_TYPE, FORM).body(good.into()).unwrap()).await;
    rig.send(request(Method::GET, query, RFC_HOST).body(Body::empty()).unwrap()).await;
    // alpha:canary-secret, then a Bearer that is none of ours
    for header in ["Basic YWxwaGE6Y2FuYXJ5LXNlY3JldA==", "Bearer canary-bearer"] {
        let request = request(Method::POST, "/oauth/token", RFC_HOST).header(CONTENT_TYPE, FORM);
        rig.send(request.header(AUTHORIZATION, header).body(Body::from("grant_type=client_credentials")).unwrap())
            .await;
    }
    for status in [
        refusal(Code::Unauthenticated, ErrorReason::ClientAuthenticationFailed, "", &[]),
        refusal(Code::Internal, ErrorReason::Internal, "", &[]),
        Status::unavailable("down"),
    ] {
        rig.tokens.answer_with(move |_| Err(status.clone()));
        rig.form(good).await;
    }
    captured.expect_nothing_planted("a sibling service failed");
}

#[tokio::test]
async fn b34_no_word_of_a_user_and_nothing_a_browser_holds_is_ever_logged() {
    let (captured, _installed) = Captured::install();
    let rig = Rig::start().await;
    let mut redirection = answer(ResponseMode::Fragment, &[("code", "canary-code"), ("state", "canary-state")]);
    redirection.front_channel_ticket = "canary-ticket".into();
    let led = holding("canary-browser", "canary-session", Next::Redirection(redirection));
    rig.desk.leads_to(led.clone());
    rig.desk.sign_in.with(move |_| Ok(SignInResponse { step: Some(led.clone()) }));
    rig.desk.shows(sign_in_asked());
    rig.desk.decide.with(|_| Err(Status::unknown("down")));
    *rig.tokens.front_channel.lock().unwrap() = Err(Status::unknown("down"));
    let held = "__Host-mintage-browser=canary-b; __Host-mintage-session=canary-s; __Host-mintage-known=canary-k";
    let asked =
        "client_id=alpha&state=canary-state&nonce=canary-nonce&login_hint=canary-hint&code_challenge=canary-challenge";
    for path in [&*format!("/authorize?{asked}"), "/u/sign-in?interaction=canary-handle", "/u/applications"] {
        rig.send(request(Method::GET, path, RFC_HOST).header(COOKIE, held).body(Body::empty()).unwrap()).await;
    }
    let said = [
        ("interaction", "canary-handle"),
        ("csrf_token", "canary-csrf"),
        ("email", "canary@example.com"),
        ("password", "canary-password"),
        ("decision", "allow"),
        ("scope", "canary:scope"),
        ("grant", "canary-grant"),
        ("id_token_hint", "canary-hint"),
        ("client_id", "alpha"),
    ];
    for path in ["/u/sign-in", "/u/consent", "/u/switch-user", "/u/applications/revoke", "/oidc/logout", "/authorize"] {
        rig.submit(path, &said).await;
        rig.submit(path, &said[2..]).await;
    }
    for (method, path) in [(Method::GET, "/userinfo"), (Method::POST, "/oidc/register")] {
        let bearer = request(method, path, RFC_HOST).header(AUTHORIZATION, "Bearer canary-bearer");
        let body = Body::from(r#"{"client_name":"canary-name","client_name":"canary"}"#);
        rig.send(bearer.header(CONTENT_TYPE, "application/json").body(body).unwrap()).await;
    }
    captured.expect_nothing_planted("a sibling service failed");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn b35_no_error_says_a_word_of_another_request() {
    let rig = Rig::start().await;
    rig.tokens.answer_with(|request| {
        let told =
            [("audience", request.audience.as_str()), ("client_id", "alpha"), ("scopes", request.audience.as_str())];
        let reason = match request.audience.len() % 3 {
            0 => ErrorReason::AudienceUnknown,
            1 => ErrorReason::ClientGrantMissing,
            _ => ErrorReason::ScopeNotGranted,
        };
        Err(refusal(Code::PermissionDenied, reason, "", &told))
    });
    let requests = (0..300).map(|number| {
        // Three lengths, so that three kinds of error mix.
        let canary = format!("canary-{number:05}{}", "x".repeat(number % 3));
        let body = format!("grant_type=client_credentials&client_id=alpha&client_secret=s&audience={canary}");
        let router = rig.router.clone();
        tokio::spawn(async move { (canary, send(router, token_request(AUTH0_HOST, FORM, body)).await) })
    });
    for outcome in futures::future::join_all(requests).await {
        let (canary, answer) = outcome.unwrap();
        assert_eq!(answer.status.as_u16(), 403);
        assert!(answer.body.contains(&canary), "{}", answer.body);
        assert_eq!(answer.body.matches("canary-").count(), 1, "{}", answer.body);
    }
}
