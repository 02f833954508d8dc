//! What must not come out: secrets in logs, and one request's words in another's answer.

use std::io::{self, Write};
use std::sync::{Arc, Mutex};

use axum::body::Body;
use http::Method;
use http::header::{AUTHORIZATION, CONTENT_TYPE};
use mintage_api::types::ErrorReason;
use mintage_chassis::status::refusal;
use tonic::{Code, Status};
use tracing_subscriber::fmt::MakeWriter;

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

#[tokio::test]
async fn b34_no_secret_and_no_token_is_ever_logged() {
    let captured = Captured::default();
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(tracing::Level::TRACE)
        .with_span_events(tracing_subscriber::fmt::format::FmtSpan::FULL)
        .with_writer(captured.clone())
        .finish();
    let _installed = tracing::subscriber::set_default(subscriber);
    let rig = Rig::start().await;
    let good = "grant_type=client_credentials&client_id=alpha&client_secret=canary-secret";
    assert!(rig.form(good).await.body.contains(TOKEN));
    rig.form(format!("{good}&client_secret=canary-secret")).await;
    rig.form(format!("{good}&client_assertion=canary-assertion")).await;
    rig.form(format!("{good}&canary-secret=1&canary-secret=2")).await;
    rig.form(format!("{good}&scope=%zz")).await;
    rig.json(r#"{"client_secret":["canary-secret"]}"#).await;
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
    let log = String::from_utf8_lossy(&captured.0.lock().unwrap()).into_owned();
    assert!(log.contains("a sibling service failed"), "the log was captured");
    for planted in ["canary", "Y2FuYXJ5", "99, 97, 110, 97, 114, 121"] {
        let line = log.lines().find(|line| line.contains(planted));
        assert_eq!(line, None, "{planted}");
    }
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
