//! `/oidc/register`.

use axum::body::Body;
use http::header::{AUTHORIZATION, CONTENT_TYPE};
use http::{Method, StatusCode};
use mintage_api::registry::{
    Client, ClientMetadata, ClientType, DeleteRegistrationResponse, GetRegistrationResponse, RegisterClientResponse,
    UpdateRegistrationResponse, UserAccess,
};
use mintage_api::types::ErrorReason;
use mintage_chassis::status::refusal;
use serde_json::json;
use tonic::Code;

use crate::registrar::Registrar;
use crate::rig::{Answer, RFC_HOST, Rig, SOURCE, request};

const MANAGED: &str = "/oidc/register/tpc_sheets";

async fn ask(rig: &Rig, method: Method, path: &str, token: &str, body: impl Into<Body>) -> Answer {
    let mut asked = request(method, path, RFC_HOST).header(CONTENT_TYPE, "application/json");
    if !token.is_empty() {
        asked = asked.header(AUTHORIZATION, format!("Bearer {token}"));
    }
    rig.send(asked.body(body.into()).unwrap()).await
}

fn client() -> Client {
    let user_access = UserAccess { redirect_uris: vec!["https://sheets.example/cb".into()], ..UserAccess::default() };
    Client {
        client_id: "tpc_sheets".into(),
        name: "Sheets".into(),
        client_type: ClientType::Confidential.into(),
        grant_types: vec!["authorization_code".into()],
        created_at: Some(prost_types::Timestamp { seconds: 7, nanos: 0 }),
        user_access: Some(user_access),
        ..Client::default()
    }
}

#[tokio::test]
async fn a_client_that_registers_is_told_who_it_is_and_how_to_come_back() {
    let rig = Rig::start().await;
    rig.registrar.register.with(|_| {
        let (client, client_secret) = (Some(client()), "s3cret".into());
        Ok(RegisterClientResponse { client, client_secret, registration_access_token: "rat".into() })
    });
    let body = json!({"client_name": "Sheets", "redirect_uris": ["https://sheets.example/cb"], "scope": "ignored"});
    let made = ask(&rig, Method::POST, "/oidc/register", "iat", body.to_string()).await;
    assert_eq!(made.status, StatusCode::CREATED);
    assert_eq!(
        (made.header("cache-control"), made.header("content-type")),
        (Some("no-store"), Some("application/json"))
    );
    let expected = json!({
        "client_id": "tpc_sheets", "client_secret": "s3cret", "client_secret_expires_at": 0, "client_id_issued_at": 7,
        "registration_access_token": "rat",
        "registration_client_uri": "https://rfc.example/oidc/register/tpc_sheets",
        "token_endpoint_auth_method": "client_secret_basic",
        "redirect_uris": ["https://sheets.example/cb"], "grant_types": ["authorization_code"],
        "response_types": ["code"], "client_name": "Sheets",
    });
    assert_eq!(made.json(), expected);
    let asked = rig.registrar.register.last();
    let metadata = ClientMetadata {
        client_name: "Sheets".into(),
        redirect_uris: vec!["https://sheets.example/cb".into()],
        ..ClientMetadata::default()
    };
    assert_eq!(asked.metadata, Some(metadata));
    assert_eq!((asked.initial_access_token.as_str(), rig.registrar.register.source()), ("iat", Some(SOURCE)));
    ask(&rig, Method::POST, "/oidc/register", "", r#"{"token_endpoint_auth_method":"none"}"#).await;
    let public = rig.registrar.register.last();
    assert_eq!(public.metadata.unwrap().client_type(), ClientType::Public);
    assert_eq!(public.initial_access_token, "");
}

#[tokio::test]
async fn what_a_client_says_wrong_of_itself_is_named() {
    let rig = Rig::start().await;
    let rows = [
        ("not json", (400, "invalid_request")),
        (r#"{"client_name":1}"#, (400, "invalid_client_metadata")),
        (r#"{"redirect_uris":"x"}"#, (400, "invalid_redirect_uri")),
        (r#"{"client_name":"a","client_name":"b"}"#, (400, "invalid_client_metadata")),
        (r#"{"token_endpoint_auth_method":"private_key_jwt"}"#, (400, "invalid_client_metadata")),
    ];
    for (body, (status, code)) in rows {
        let refused = ask(&rig, Method::POST, "/oidc/register", "", body).await;
        assert_eq!(refused.error(), (status, code.to_owned()), "{body}");
    }
    let large = format!(r#"{{"client_name":"{}"}}"#, "x".repeat(70_000));
    assert_eq!(ask(&rig, Method::POST, "/oidc/register", "", large).await.status, StatusCode::PAYLOAD_TOO_LARGE);
    let form =
        request(Method::POST, "/oidc/register", RFC_HOST).header(CONTENT_TYPE, "application/x-www-form-urlencoded");
    let form = rig.send(form.body("client_name=a".into()).unwrap()).await;
    assert_eq!(form.status, StatusCode::UNSUPPORTED_MEDIA_TYPE);
    assert_eq!(form.json()["error_description"], "the body must be application/json");
    assert_eq!(rig.registrar.register.count(), 0);
    for (parameter, code) in [("redirect_uris", "invalid_redirect_uri"), ("logo_uri", "invalid_client_metadata")] {
        rig.registrar.register.with(move |_| {
            let metadata = [("parameter", parameter), ("rule", "it is not https")];
            Err(refusal(Code::InvalidArgument, ErrorReason::ParameterInvalid, "inner", &metadata))
        });
        let refused = ask(&rig, Method::POST, "/oidc/register", "", "{}").await;
        assert_eq!(refused.error(), (400, code.to_owned()));
        assert!(refused.body.contains("it is not https") && !refused.body.contains("inner"));
    }
}

#[tokio::test]
async fn who_may_not_register_is_told_to_show_a_token() {
    let rig = Rig::start().await;
    rig.registrar.register.with(|_| Err(refusal(Code::PermissionDenied, ErrorReason::RegistrationRefused, "", &[])));
    let bare = ask(&rig, Method::POST, "/oidc/register", "", "{}").await;
    assert_eq!(bare.error(), (401, "invalid_token".into()));
    assert_eq!(bare.header("www-authenticate"), Some("Bearer realm=\"oauth\""));
    let wrong = ask(&rig, Method::POST, "/oidc/register", "wrong", "{}").await;
    assert_eq!(wrong.header("www-authenticate"), Some("Bearer realm=\"oauth\", error=\"invalid_token\""));
    let metadata = [("retry_after_seconds", "9")];
    rig.registrar
        .register
        .with(move |_| Err(refusal(Code::ResourceExhausted, ErrorReason::TooManyAttempts, "", &metadata)));
    let limited = ask(&rig, Method::POST, "/oidc/register", "", "{}").await;
    assert_eq!((limited.status.as_u16(), limited.header("retry-after")), (429, Some("9")));
    assert!(limited.has_no_cors() && limited.body.contains("more was asked lately"), "{}", limited.body);
    rig.registrar.get.with(move |_| Err(refusal(Code::ResourceExhausted, ErrorReason::TooManyAttempts, "", &metadata)));
    let limited = ask(&rig, Method::GET, MANAGED, "rat", "").await;
    assert!(limited.status == 429 && limited.body.contains("more was asked lately"), "{}", limited.body);
    let full = [("limit", "1000 clients that registered themselves")];
    rig.registrar.register.with(move |_| Err(refusal(Code::FailedPrecondition, ErrorReason::LimitReached, "", &full)));
    let full = ask(&rig, Method::POST, "/oidc/register", "", "{}").await;
    assert_eq!((full.status.as_u16(), full.header("retry-after")), (429, Some("3600")));
    assert!(!full.body.contains("failed"), "{}", full.body);
}

#[tokio::test]
async fn where_clients_do_not_register_nobody_is_asked_for_a_token() {
    let rig = Rig::start().await;
    rig.registrar.register.with(|_| Err(refusal(Code::PermissionDenied, ErrorReason::RegistrationOff, "", &[])));
    rig.registrar.update.with(|_| Err(refusal(Code::PermissionDenied, ErrorReason::RegistrationOff, "", &[])));
    for token in ["", "iat"] {
        let off = ask(&rig, Method::POST, "/oidc/register", token, "{}").await;
        assert_eq!(off.error(), (403, "access_denied".into()));
        assert!(off.body.contains("clients do not register themselves here"), "{}", off.body);
        assert_eq!(off.header("www-authenticate"), None);
    }
    let off = ask(&rig, Method::PUT, MANAGED, "rat", r#"{"client_id":"tpc_sheets"}"#).await;
    assert_eq!((off.error(), off.header("www-authenticate")), ((403, "access_denied".into()), None));
}

#[tokio::test]
async fn a_registration_is_shown_replaced_and_deleted_by_its_token() {
    let rig = Rig::start().await;
    rig.registrar.get.with(|_| Ok(GetRegistrationResponse { client: Some(client()) }));
    let shown = ask(&rig, Method::GET, MANAGED, "rat", "").await;
    assert_eq!((shown.status, shown.json()["registration_access_token"].as_str()), (StatusCode::OK, Some("rat")));
    assert_eq!(shown.json().get("client_secret"), None);
    let asked = rig.registrar.get.last();
    assert_eq!((asked.client_id.as_str(), asked.registration_access_token.as_str()), ("tpc_sheets", "rat"));
    rig.registrar.update.with(|_| Ok(UpdateRegistrationResponse { client: Some(client()) }));
    let replaced = ask(&rig, Method::PUT, MANAGED, "rat", r#"{"client_id":"tpc_sheets","client_name":"S"}"#).await;
    assert_eq!(replaced.status, StatusCode::OK);
    let said = rig.registrar.update.last().metadata.unwrap();
    assert_eq!((said.client_name.as_str(), said.client_type()), ("S", ClientType::Unspecified), "it stays what it is");
    let secretive = r#"{"client_id":"tpc_sheets","token_endpoint_auth_method":"client_secret_post"}"#;
    ask(&rig, Method::PUT, MANAGED, "rat", secretive).await;
    assert_eq!(rig.registrar.update.last().metadata.unwrap().client_type(), ClientType::Confidential);
    for body in ["{}", r#"{"client_id":"tpc_other"}"#] {
        let refused = ask(&rig, Method::PUT, MANAGED, "rat", body).await;
        assert_eq!(refused.error(), (400, "invalid_client_metadata".into()), "{body}");
    }
    assert_eq!(rig.registrar.update.count(), 2);
    rig.registrar.delete.with(|_| Ok(DeleteRegistrationResponse {}));
    let deleted = ask(&rig, Method::DELETE, MANAGED, "rat", "").await;
    assert_eq!((deleted.status, deleted.body.as_str()), (StatusCode::NO_CONTENT, ""));
    let Registrar { get, update, delete, .. } = &*rig.registrar;
    assert_eq!([get.source(), update.source(), delete.source()], [Some(SOURCE); 3], "each is counted by it");
}

#[tokio::test]
async fn who_does_not_hold_the_token_learns_nothing_of_a_registration() {
    let rig = Rig::start().await;
    for method in [Method::GET, Method::PUT, Method::DELETE] {
        let bare = ask(&rig, method.clone(), MANAGED, "", r#"{"client_id":"tpc_sheets"}"#).await;
        assert_eq!(bare.error(), (401, "invalid_token".into()), "{method}");
        let odd = ask(&rig, method.clone(), "/oidc/register/a%2Fb", "rat", "{}").await;
        assert_eq!(odd.error(), (401, "invalid_token".into()), "{method}");
    }
    assert_eq!(rig.registrar.get.count() + rig.registrar.update.count() + rig.registrar.delete.count(), 0);
    let mut answers = Vec::new();
    for reason in [ErrorReason::NotFound, ErrorReason::RegistrationRefused, ErrorReason::Unauthenticated] {
        rig.registrar.get.with(move |_| Err(refusal(Code::NotFound, reason, "inner", &[])));
        answers.push(ask(&rig, Method::GET, MANAGED, "rat", "").await);
    }
    assert!(answers.iter().all(|answer| *answer == answers[0]), "{answers:?}");
    assert_eq!(answers[0].error(), (401, "invalid_token".into()));
}
