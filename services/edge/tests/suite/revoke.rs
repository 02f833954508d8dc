//! `POST /oauth/revoke`.

use axum::body::Body;
use http::header::{AUTHORIZATION, CONTENT_TYPE};
use http::{Method, Request, StatusCode};
use mintage_api::token::revoke_token_request::ClientAuthentication;
use mintage_api::token::{ClientSecretAuthentication, PublicClient, RevokeTokenRequest};
use mintage_api::types::ErrorReason;
use mintage_chassis::status::refusal;
use serde_json::json;
use tonic::Code;

use crate::rig::{AUTH0_HOST, Answer, FORM, RFC_HOST, Rig, request};

const GOOD: &str = "client_id=alpha&client_secret=s3cret&token=canary";

fn revocation(host: &str, content_type: &str, body: impl Into<Body>) -> Request<Body> {
    request(Method::POST, "/oauth/revoke", host).header(CONTENT_TYPE, content_type).body(body.into()).unwrap()
}

async fn form(rig: &Rig, body: &str) -> Answer {
    rig.send(revocation(RFC_HOST, FORM, body.to_owned())).await
}

fn revoked(rig: &Rig) -> Vec<RevokeTokenRequest> {
    std::mem::take(&mut *rig.tokens.revoked.lock().unwrap())
}

#[tokio::test]
async fn a_token_ends_with_an_empty_answer_however_the_client_says_so() {
    let rig = Rig::start().await;
    let secret = ClientSecretAuthentication { client_id: "alpha".into(), client_secret: "s3cret".into() };
    let expected = RevokeTokenRequest {
        tenant_id: "rfc".into(),
        client_authentication: Some(ClientAuthentication::ClientSecret(secret)),
        token: "canary".into(),
    };
    let json = json!({
        "client_id": "alpha", "client_secret": "s3cret", "token": "canary", "token_type_hint": "refresh_token",
    });
    // alpha:s3cret
    let basic = request(Method::POST, "/oauth/revoke", RFC_HOST)
        .header(CONTENT_TYPE, FORM)
        .header(AUTHORIZATION, "Basic YWxwaGE6czNjcmV0")
        .body("token=canary&token_type_hint=access_token".into())
        .unwrap();
    for asked in [revocation(RFC_HOST, FORM, GOOD), revocation(RFC_HOST, "application/json", json.to_string()), basic] {
        let answer = rig.send(asked).await;
        assert_eq!((answer.status, answer.body.as_str()), (StatusCode::OK, ""));
        assert_eq!(answer.header("cache-control"), Some("no-store"));
        assert_eq!(revoked(&rig), std::slice::from_ref(&expected));
    }
}

#[tokio::test]
async fn a_public_client_says_who_it_is() {
    let rig = Rig::start().await;
    assert_eq!(form(&rig, "client_id=alpha&token=canary").await.status, StatusCode::OK);
    let public = ClientAuthentication::PublicClient(PublicClient { client_id: "alpha".into() });
    assert!(revoked(&rig)[0].client_authentication == Some(public));
}

#[tokio::test]
async fn what_is_missing_repeated_or_in_the_query_is_refused_before_anyone_is_asked() {
    let rig = Rig::start().await;
    for (body, status, error) in [
        ("client_id=alpha&client_secret=s3cret", 400, "invalid_request"),
        ("client_id=alpha&client_secret=s3cret&token=", 400, "invalid_request"),
        ("token=canary", 401, "invalid_client"),
        ("client_id=alpha&token=canary&client_assertion=a.b.c", 401, "invalid_client"),
        ("client_id=alpha&token=canary&token=canary", 400, "invalid_request"),
    ] {
        assert_eq!(form(&rig, body).await.error(), (status, error.into()), "{body}");
    }
    let long = format!("client_id=alpha&token={}", "x".repeat(1025));
    assert_eq!(form(&rig, &long).await.error(), (400, "invalid_request".into()));
    let query = request(Method::POST, "/oauth/revoke?token=canary", RFC_HOST).header(CONTENT_TYPE, FORM);
    let answer = rig.send(query.body(GOOD.into()).unwrap()).await;
    assert_eq!(answer.error(), (400, "invalid_request".into()));
    assert!(!answer.body.contains("canary"));
    let plain = rig.send(revocation(RFC_HOST, "text/plain", GOOD)).await;
    assert_eq!(plain.error(), (415, "invalid_request".into()));
    assert!(revoked(&rig).is_empty());
}

#[tokio::test]
async fn a_client_that_is_not_believed_is_told_so_in_the_words_of_the_rfc_in_both_profiles() {
    let rig = Rig::start().await;
    let status = refusal(Code::Unauthenticated, ErrorReason::ClientAuthenticationFailed, "", &[]);
    *rig.tokens.revocation.lock().unwrap() = Err(status);
    for host in [RFC_HOST, AUTH0_HOST] {
        let answer = rig.send(revocation(host, FORM, GOOD)).await;
        assert_eq!(answer.error(), (401, "invalid_client".into()), "{host}");
        assert_eq!(answer.header("www-authenticate"), None, "nobody used the header");
    }
}

#[tokio::test]
async fn b17_pages_of_other_origins_read_what_a_public_client_is_answered_and_nothing_else() {
    let rig = Rig::start().await;
    assert!(form(&rig, GOOD).await.has_no_cors());
    assert!(form(&rig, "client_id=alpha").await.has_no_cors());
    let public = form(&rig, "client_id=alpha&token=canary").await;
    assert_eq!((public.status, public.header("access-control-allow-origin")), (StatusCode::OK, Some("*")));
    assert_eq!(public.header("access-control-allow-credentials"), None);
}
