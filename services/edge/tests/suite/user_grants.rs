//! `POST /oauth/token` for what users granted.

use http::StatusCode;
use mintage_api::token::issue_token_request::{ClientAuthentication, Grant};
use mintage_api::token::{
    AuthorizationCodeGrant, ClientSecretAuthentication, IssueTokenRequest, IssueTokenResponse, PasswordGrant,
    PublicClient, RefreshTokenGrant,
};
use mintage_api::types::ErrorReason;
use mintage_chassis::status::refusal;
use serde_json::{Value, json};
use tonic::Code;

use crate::rig::{AUTH0_HOST, FORM, Rig, token_request};
use crate::siblings::{TOKEN, token_for};

fn expected(grant: Grant) -> IssueTokenRequest {
    let secret = ClientSecretAuthentication { client_id: "alpha".into(), client_secret: "s3cret".into() };
    IssueTokenRequest {
        tenant_id: "rfc".into(),
        issuer: "https://rfc.example/".into(),
        grant: Some(grant),
        client_authentication: Some(ClientAuthentication::ClientSecret(secret)),
        ..IssueTokenRequest::default()
    }
}

fn code(redirect_uri: &str, code_verifier: &str) -> Grant {
    let (redirect_uri, code_verifier) = (redirect_uri.to_owned(), code_verifier.to_owned());
    Grant::AuthorizationCode(AuthorizationCodeGrant { code: "c0de".into(), redirect_uri, code_verifier })
}

/// As a form, with absent members left out, and as JSON.
fn bodies(members: &Value) -> [(&'static str, String); 2] {
    let mut form = form_urlencoded::Serializer::new(String::new());
    for (name, value) in members.as_object().unwrap() {
        form.append_pair(name, value.as_str().unwrap_or_default());
    }
    [(FORM, form.finish()), ("application/json", members.to_string())]
}

async fn asks(rig: &Rig, members: Value, wanted: &IssueTokenRequest) {
    for (content_type, body) in bodies(&members) {
        let answer = rig.send(token_request(crate::rig::RFC_HOST, content_type, body)).await;
        assert_eq!(answer.status, StatusCode::OK, "{content_type} {members}: {}", answer.body);
        assert_eq!(rig.tokens.last(), *wanted, "{content_type} {members}");
    }
}

#[tokio::test]
async fn forms_and_json_ask_for_each_grant_and_null_and_the_empty_text_mean_absent() {
    let rig = Rig::start().await;
    let with = |more: Value| {
        let mut members = json!({ "client_id": "alpha", "client_secret": "s3cret", "organization": null });
        members.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        members
    };
    let full = json!({
        "grant_type": "authorization_code", "code": "c0de", "redirect_uri": "https://app.example/back",
        "code_verifier": "v",
    });
    asks(&rig, with(full), &expected(code("https://app.example/back", "v"))).await;
    let bare = json!({ "grant_type": "authorization_code", "code": "c0de", "redirect_uri": null, "code_verifier": "" });
    asks(&rig, with(bare), &expected(code("", ""))).await;
    let refresh = || expected(Grant::RefreshToken(RefreshTokenGrant { refresh_token: "r".into() }));
    asks(&rig, with(json!({ "grant_type": "refresh_token", "refresh_token": "r", "scope": "" })), &refresh()).await;
    let scopes = vec!["a".to_owned(), "b".to_owned()];
    let narrowed = IssueTokenRequest { scopes: scopes.clone(), ..refresh() };
    asks(&rig, with(json!({ "grant_type": "refresh_token", "refresh_token": "r", "scope": "a b" })), &narrowed).await;
    let password = json!({
        "grant_type": "password", "username": "ada@example.com", "password": "p a&ss", "audience": "https://api/",
        "scope": "a b",
    });
    let grant = Grant::Password(PasswordGrant { username: "ada@example.com".into(), password: "p a&ss".into() });
    let wanted = IssueTokenRequest { audience: "https://api/".into(), scopes, ..expected(grant) };
    asks(&rig, with(password), &wanted).await;
}

#[tokio::test]
async fn a_public_client_says_who_it_is_and_nothing_more() {
    let rig = Rig::start().await;
    let public = ClientAuthentication::PublicClient(PublicClient { client_id: "alpha".into() });
    let wanted = IssueTokenRequest { client_authentication: Some(public), ..expected(code("", "v")) };
    let members = json!({
        "grant_type": "authorization_code", "client_id": "alpha", "code": "c0de", "code_verifier": "v",
        "client_secret": null,
    });
    asks(&rig, members, &wanted).await;
    let calls = rig.tokens.calls();
    let alone = rig.form("grant_type=client_credentials&client_id=alpha&audience=x").await;
    assert_eq!(alone.error(), (401, "invalid_client".into()));
    assert_eq!(rig.form("grant_type=refresh_token&refresh_token=r").await.error(), (401, "invalid_client".into()));
    assert_eq!(rig.tokens.calls(), calls);
}

#[tokio::test]
async fn what_a_grant_lacks_is_named_before_anyone_is_asked() {
    let rig = Rig::start().await;
    for (grant, parameter) in [
        ("authorization_code", "code"),
        ("refresh_token", "refresh_token"),
        ("password&password=p", "username"),
        ("password&username=ada", "password"),
    ] {
        let answer = rig.form(format!("client_id=alpha&client_secret=s3cret&grant_type={grant}")).await;
        assert_eq!(answer.error(), (400, "invalid_request".into()), "{grant}");
        assert!(answer.body.contains(&format!("the parameter {parameter} is missing")), "{}", answer.body);
    }
    for grant in ["implicit", "token", "urn:ietf:params:oauth:grant-type:jwt-bearer"] {
        let answer = rig.form(format!("client_id=alpha&client_secret=s3cret&grant_type={grant}")).await;
        assert_eq!(answer.error(), (400, "unsupported_grant_type".into()), "{grant}");
    }
    assert_eq!(rig.tokens.calls(), 0);
}

#[tokio::test]
async fn the_answer_has_what_was_issued_in_the_order_of_auth0() {
    let rig = Rig::start().await;
    rig.tokens.answer_with(|request| {
        let (refresh_token, id_token, scopes) = ("next".to_owned(), "e30.e30.id".to_owned(), vec!["a".to_owned()]);
        Ok(IssueTokenResponse { refresh_token, id_token, scopes, ..token_for(request) })
    });
    let answer = rig.form("grant_type=authorization_code&client_id=alpha&code=c0de").await;
    let wanted = format!(
        r#"{{"access_token":"{TOKEN}","refresh_token":"next","id_token":"e30.e30.id","scope":"a","expires_in":3600,"token_type":"Bearer"}}"#
    );
    assert_eq!(answer.body, wanted);
    assert_eq!(answer.header("cache-control"), Some("no-store"));
}

#[tokio::test]
async fn what_is_no_good_is_an_invalid_grant_in_the_words_of_each_profile() {
    let rig = Rig::start().await;
    rig.tokens.answer_with(|_| Err(refusal(Code::InvalidArgument, ErrorReason::GrantInvalid, "its own words", &[])));
    for (grant, auth0) in [
        ("authorization_code&code=c", "Invalid authorization code"),
        ("refresh_token&refresh_token=r", "Unknown or invalid refresh token."),
        ("password&username=ada&password=p", "Wrong email or password."),
    ] {
        let body = format!("client_id=alpha&client_secret=s3cret&grant_type={grant}");
        let answer = rig.form(body.clone()).await;
        assert_eq!(answer.error(), (400, "invalid_grant".into()), "{grant}");
        assert!(!answer.body.contains("its own words"));
        let answer = rig.send(token_request(AUTH0_HOST, FORM, body)).await;
        assert_eq!(answer.error(), (403, "invalid_grant".into()), "{grant}");
        assert_eq!(answer.json()["error_description"], auth0);
    }
}
