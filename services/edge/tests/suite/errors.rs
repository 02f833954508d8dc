//! Every row of both tables of errors.

use axum::body::Body;
use http::Method;
use http::header::{AUTHORIZATION, CONTENT_TYPE};
use mintage_api::types::ErrorReason;
use mintage_chassis::status::refusal;
use tonic::{Code, Status};

use crate::rig::{AUTH0_HOST, Answer, FORM, GOOD, RFC_HOST, Rig, request, token_request};

/// What the token service refuses, and what both customs make of it: status, code, description.
struct Row {
    refused: Status,
    rfc: (u16, &'static str),
    auth0: (u16, &'static str, &'static str),
}

/// Content type, body, and what both customs make of it.
type OwnRow<'a> = (&'a str, &'a str, (u16, &'a str), (u16, &'a str, &'a str));

fn row(
    reason: ErrorReason,
    metadata: &[(&str, &str)],
    rfc: (u16, &'static str),
    auth0: (u16, &'static str, &'static str),
) -> Row {
    Row { refused: refusal(Code::FailedPrecondition, reason, "inner text", metadata), rfc, auth0 }
}

fn rows() -> Vec<Row> {
    let grant = [("client_id", "alpha"), ("audience", "https://api/")];
    vec![
        row(
            ErrorReason::ClientAuthenticationFailed,
            &[],
            (401, "invalid_client"),
            (401, "access_denied", "Unauthorized"),
        ),
        row(
            ErrorReason::ParameterMissing,
            &[("parameter", "grant_type")],
            (400, "invalid_request"),
            (400, "invalid_request", "Missing required parameter: grant_type"),
        ),
        row(
            ErrorReason::GrantTypeUnsupported,
            &[("grant_type", "x")],
            (400, "unsupported_grant_type"),
            (400, "unsupported_grant_type", "Grant type not supported"),
        ),
        row(
            ErrorReason::GrantTypeNotAllowed,
            &[("grant_type", "client_credentials")],
            (400, "unauthorized_client"),
            (403, "unauthorized_client", "Grant type 'client_credentials' not allowed for the client."),
        ),
        row(
            ErrorReason::AudienceMissing,
            &[],
            (400, "invalid_target"),
            (403, "access_denied", "Non-global clients are not allowed access to APIv1"),
        ),
        row(
            ErrorReason::AudienceUnknown,
            &[("audience", "https://api/")],
            (400, "invalid_target"),
            (403, "access_denied", "Service not enabled within domain: https://api/"),
        ),
        row(ErrorReason::ClientGrantMissing, &grant, (400, "invalid_target"), (403, "access_denied", NO_GRANT)),
        row(ErrorReason::ThirdPartyRefused, &grant, (400, "invalid_target"), (403, "unauthorized_client", NO_GRANT)),
        row(
            ErrorReason::AudienceNotGranted,
            &[("audience", "https://api/")],
            (400, "invalid_target"),
            (400, "invalid_target", "the audience is not the one that was granted"),
        ),
        row(
            ErrorReason::ScopeNotGranted,
            &[("scopes", "read:a write:b")],
            (400, "invalid_scope"),
            (403, "access_denied", "Client has not been granted scopes: read:a, write:b"),
        ),
        row(
            ErrorReason::TooManyAttempts,
            &[("retry_after_seconds", "30")],
            (429, "too_many_requests"),
            (429, "too_many_requests", RATE_LIMITED),
        ),
        row(
            ErrorReason::TemporarilyUnavailable,
            &[],
            (503, "temporarily_unavailable"),
            (503, "temporarily_unavailable", "the server cannot answer now; try again"),
        ),
        row(
            ErrorReason::LimitReached,
            &[("limit", "12000")],
            (400, "invalid_scope"),
            (400, "invalid_scope", "the token would be too long; ask for fewer scopes"),
        ),
        row(ErrorReason::ScopeMalformed, &[], (400, "invalid_scope"), (400, "invalid_scope", "the scope is malformed")),
        row(
            ErrorReason::ParameterInvalid,
            &[("parameter", "audience"), ("rule", "at most 600 characters")],
            (400, "invalid_target"),
            (400, "invalid_target", "the parameter audience is invalid: at most 600 characters"),
        ),
        row(
            ErrorReason::ParameterInvalid,
            &[("parameter", "client_id"), ("rule", "at most 64 characters")],
            (400, "invalid_request"),
            (400, "invalid_request", "the parameter client_id is invalid: at most 64 characters"),
        ),
        row(
            ErrorReason::ParameterRepeated,
            &[("parameter", "scope")],
            (400, "invalid_request"),
            (400, "invalid_request", "the parameter scope stands more than once"),
        ),
        row(
            ErrorReason::ClientAuthenticationAmbiguous,
            &[],
            (400, "invalid_request"),
            (400, "invalid_request", "the client authenticated in more than one way"),
        ),
        row(
            ErrorReason::TenantUnknown,
            &[],
            (404, "invalid_request"),
            (404, "invalid_request", "there is nothing here"),
        ),
        row(ErrorReason::Internal, &[], (500, "server_error"), (500, "server_error", "the server failed")),
        row(ErrorReason::MethodRefused, &[], (500, "server_error"), (500, "server_error", "the server failed")),
    ]
}

#[tokio::test]
async fn every_refusal_has_its_row_in_both_tables() {
    let rig = Rig::start().await;
    for Row { refused, rfc, auth0 } in rows() {
        rig.tokens.answer_with(move |_| Err(refused.clone()));
        let answer = rig.send(token_request(RFC_HOST, FORM, GOOD)).await;
        assert_eq!(answer.error(), (rfc.0, rfc.1.to_owned()), "{}", answer.body);
        assert!(!answer.body.contains("inner text") && answer.header("www-authenticate").is_none());
        let answer = rig.send(token_request(AUTH0_HOST, FORM, GOOD)).await;
        assert_eq!(answer.error(), (auth0.0, auth0.1.to_owned()), "{}", answer.body);
        assert_eq!(answer.json()["error_description"], auth0.2);
        assert!(!answer.body.contains("inner text") && answer.header("www-authenticate").is_none());
    }
}

#[tokio::test]
async fn b8_a_request_too_large_for_the_token_service_is_too_large_and_no_fault() {
    let rig = Rig::start().await;
    rig.tokens.answer_with(|_| Err(Status::out_of_range("decoded message length too large: found 40000 bytes")));
    for host in [RFC_HOST, AUTH0_HOST] {
        let answer = rig.send(token_request(host, FORM, GOOD)).await;
        assert_eq!(answer.error(), (413, "invalid_request".into()));
        assert!(!answer.body.contains("40000"));
    }
}

#[tokio::test]
async fn b18_an_oversized_name_or_secret_is_refused_by_its_length_alone_and_nobody_is_asked() {
    let rig = Rig::start().await;
    let long = "x".repeat(1025);
    for client in [format!("client_id={long}&client_secret=s"), format!("client_id=alpha&client_secret={long}")] {
        let answer = rig.form(format!("grant_type=client_credentials&{client}")).await;
        assert_eq!(answer.error(), (400, "invalid_request".into()), "{}", answer.body);
        assert!(answer.body.contains("longer than 1024 bytes") && !answer.body.contains("xx"), "{}", answer.body);
    }
    for (parameter, length, code) in [("audience", 601, "invalid_target"), ("scope", 4097, "invalid_scope")] {
        let body = format!("grant_type=client_credentials&client_id=alpha&client_secret=s&{parameter}=");
        let answer = rig.form(body + &"x".repeat(length)).await;
        assert_eq!(answer.error(), (400, code.into()), "{}", answer.body);
    }
    assert_eq!(rig.tokens.calls(), 0);
}

#[tokio::test]
async fn every_refusal_of_the_edge_itself_has_its_row_in_both_tables() {
    let rig = Rig::start().await;
    let grant = "grant_type=client_credentials";
    let named = format!("{grant}&client_id=alpha");
    let rows: [OwnRow<'_>; 6] = [
        (FORM, "scope=a", (400, "invalid_request"), (400, "invalid_request", "Missing required parameter: grant_type")),
        (
            FORM,
            "grant_type=implicit",
            (400, "unsupported_grant_type"),
            (400, "unsupported_grant_type", "Grant type not supported"),
        ),
        (FORM, grant, (401, "invalid_client"), (401, "invalid_client", "Missing client_id")),
        (FORM, &named, (401, "invalid_client"), (401, "access_denied", "Unauthorized")),
        (
            "application/json",
            r#"{"scope":7}"#,
            (400, "invalid_scope"),
            (400, "invalid_scope", "Scope must be an array or a string"),
        ),
        (FORM, "scope=%zz", (400, "invalid_request"), (400, "invalid_request", "the body cannot be read")),
    ];
    for (content_type, body, rfc, auth0) in rows {
        let answer = rig.send(token_request(RFC_HOST, content_type, body.to_owned())).await;
        assert_eq!(answer.error(), (rfc.0, rfc.1.to_owned()), "{body}");
        let answer = rig.send(token_request(AUTH0_HOST, content_type, body.to_owned())).await;
        assert_eq!(answer.error(), (auth0.0, auth0.1.to_owned()), "{body}");
        assert_eq!(answer.json()["error_description"], auth0.2);
    }
    assert_eq!(rig.tokens.calls(), 0);
}

#[tokio::test]
async fn a_wrong_method_has_its_row_in_both_tables() {
    let rig = Rig::start().await;
    let get = |host| request(Method::GET, "/oauth/token", host).body(Body::empty()).unwrap();
    assert_eq!(rig.send(get(RFC_HOST)).await.error(), (405, "invalid_request".into()));
    assert_eq!(rig.send(get(AUTH0_HOST)).await.error(), (405, "method_not_allowed".into()));
    assert_eq!(rig.send(get("nobody.example")).await.error(), (404, "invalid_request".into()));
}

#[tokio::test]
async fn a_grant_type_that_is_not_enabled_names_where_to_read_on_only_for_auth0() {
    let rig = Rig::start().await;
    rig.tokens.answer_with(|_| {
        let metadata = [("grant_type", "client_credentials")];
        Err(refusal(Code::PermissionDenied, ErrorReason::GrantTypeNotAllowed, "", &metadata))
    });
    let uri = |answer: Answer| answer.json()["error_uri"].as_str().map(ToOwned::to_owned);
    let named = uri(rig.send(token_request(AUTH0_HOST, FORM, GOOD)).await);
    assert_eq!(named.as_deref(), Some("https://auth0.com/docs/clients/client-grant-types"));
    assert_eq!(uri(rig.send(token_request(RFC_HOST, FORM, GOOD)).await), None);
}

#[tokio::test]
async fn a_challenge_goes_only_to_whom_used_the_authorization_header() {
    let rig = Rig::start().await;
    rig.tokens.answer_with(|_| Err(refusal(Code::Unauthenticated, ErrorReason::ClientAuthenticationFailed, "", &[])));
    let with = |header: &str, body: &'static str| {
        let request = request(Method::POST, "/oauth/token", RFC_HOST).header(CONTENT_TYPE, FORM);
        request.header(AUTHORIZATION, header).body(Body::from(body)).unwrap()
    };
    let grant = "grant_type=client_credentials";
    for header in ["Basic YWxwaGE6czNjcmV0", "Basic !", "Bearer abc"] {
        let answer = rig.send(with(header, grant)).await;
        assert_eq!(answer.error(), (401, "invalid_client".into()));
        assert_eq!(answer.header("www-authenticate"), Some("Basic realm=\"oauth\", charset=\"UTF-8\""), "{header}");
    }
    let bad_request = rig.send(with("Basic YWxwaGE6czNjcmV0", "scope=a")).await;
    assert_eq!((bad_request.status.as_u16(), bad_request.header("www-authenticate")), (400, None));
    assert_eq!(rig.form(GOOD).await.header("www-authenticate"), None);
}

#[tokio::test]
async fn whoever_is_to_come_back_is_told_when() {
    let rig = Rig::start().await;
    rig.tokens.answer_with(|_| {
        let metadata = [("retry_after_seconds", "30"), ("limit", "100")];
        Err(refusal(Code::ResourceExhausted, ErrorReason::TooManyAttempts, "", &metadata))
    });
    let limited = rig.send(token_request(AUTH0_HOST, FORM, GOOD)).await;
    assert_eq!((limited.status.as_u16(), limited.header("retry-after")), (429, Some("30")));
    assert_eq!(limited.header("x-ratelimit-limit"), Some("100"));
    assert_eq!(limited.header("x-ratelimit-remaining"), Some("0"));
    assert_eq!(limited.header("x-ratelimit-reset"), Some("1800000030"));
    assert_eq!(rig.form(GOOD).await.header("retry-after"), Some("30"));
    for gone in [Status::unavailable("10.0.0.7 refused"), Status::deadline_exceeded("late"), Status::cancelled("x")] {
        rig.tokens.answer_with(move |_| Err(gone.clone()));
        let answer = rig.form(GOOD).await;
        assert_eq!(answer.error(), (503, "temporarily_unavailable".into()));
        assert_eq!(answer.header("retry-after"), Some("1"));
        assert!(!answer.body.contains("10.0.0.7"));
    }
    rig.tokens.answer_with(|_| Err(Status::unknown("stack trace")));
    let fault = rig.form(GOOD).await;
    assert_eq!(fault.error(), (500, "server_error".into()));
    assert!(!fault.body.contains("stack trace"));
}

const NO_GRANT: &str = "Client \"alpha\" is not authorized to access resource server \"https://api/\". You need to create a \"client-grant\" associated to this API.";
const RATE_LIMITED: &str =
    "Too many requests. Check the X-RateLimit-Limit, X-RateLimit-Remaining and X-RateLimit-Reset headers.";
