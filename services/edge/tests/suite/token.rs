//! `POST /oauth/token`.

use std::time::Duration;

use axum::body::Body;
use http::header::{AUTHORIZATION, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_TYPE, COOKIE, ORIGIN, PRAGMA};
use http::{Method, StatusCode};
use mintage_api::token::issue_token_request::{ClientAuthentication, Grant};
use mintage_api::token::{ClientCredentialsGrant, ClientSecretAuthentication, IssueTokenRequest};
use mintage_api::types::ErrorReason;
use mintage_chassis::status::refusal;
use mintage_edge::Settings;
use serde_json::json;
use tonic::Code;

use crate::rig::{AUTH0_HOST, FORM, GOOD, RFC_HOST, Rig, SOURCE, chunked, request, token_request};
use crate::siblings::TOKEN;

fn expected(scopes: &[&str]) -> IssueTokenRequest {
    let secret = ClientSecretAuthentication { client_id: "alpha".into(), client_secret: "s3cret".into() };
    IssueTokenRequest {
        tenant_id: "rfc".into(),
        issuer: "https://rfc.example/".into(),
        grant: Some(Grant::ClientCredentials(ClientCredentialsGrant {})),
        client_authentication: Some(ClientAuthentication::ClientSecret(secret)),
        audience: "https://api/".into(),
        scopes: scopes.iter().map(|scope| (*scope).to_owned()).collect(),
    }
}

#[tokio::test]
async fn a_form_is_answered_with_a_token_in_the_order_of_auth0() {
    let rig = Rig::start().await;
    let answer = rig.form(format!("{GOOD}&scope=read%3Ademo+write%3Ademo")).await;
    assert_eq!(answer.status, StatusCode::OK);
    let expected_body = format!(
        r#"{{"access_token":"{TOKEN}","scope":"read:demo write:demo","expires_in":3600,"token_type":"Bearer"}}"#
    );
    assert_eq!(answer.body, expected_body);
    assert_eq!(answer.header("content-type"), Some("application/json"));
    assert_eq!(rig.tokens.last(), expected(&["read:demo", "write:demo"]));
}

#[tokio::test]
async fn a_token_without_scopes_has_no_scope_member() {
    let rig = Rig::start().await;
    let answer = rig.form(GOOD).await;
    assert_eq!(answer.body, format!(r#"{{"access_token":"{TOKEN}","expires_in":3600,"token_type":"Bearer"}}"#));
    assert_eq!(rig.tokens.last(), expected(&[]));
}

#[tokio::test]
async fn json_says_the_same_as_a_form_and_null_and_the_empty_text_mean_absent() {
    let rig = Rig::start().await;
    let base = json!({
        "grant_type": "client_credentials", "client_id": "alpha", "client_secret": "s3cret",
        "audience": "https://api/", "organization": null, "redirect_uri": null,
    });
    for (scope, scopes) in [
        (json!(null), vec![]),
        (json!(""), vec![]),
        (json!([]), vec![]),
        (json!("read write"), vec!["read", "write"]),
        (json!(["read", "write"]), vec!["read", "write"]),
    ] {
        let mut body = base.clone();
        body["scope"] = scope.clone();
        assert_eq!(rig.json(body.to_string()).await.status, StatusCode::OK, "{scope}");
        assert_eq!(rig.tokens.last(), expected(&scopes), "{scope}");
    }
    assert_eq!(rig.json("{\"scope\":7").await.error(), (400, "invalid_request".into()));
}

#[tokio::test]
async fn basic_credentials_are_taken_form_encoded_and_raw() {
    let rig = Rig::start().await;
    // alpha:s3cret, al%70ha:s3%63ret
    for header in ["Basic YWxwaGE6czNjcmV0", "basic YWwlNzBoYTpzMyU2M3JldA=="] {
        let request = request(Method::POST, "/oauth/token", RFC_HOST)
            .header(CONTENT_TYPE, FORM)
            .header(AUTHORIZATION, header)
            .body(Body::from("grant_type=client_credentials&resource=https%3A%2F%2Fapi%2F"))
            .unwrap();
        assert_eq!(rig.send(request).await.status, StatusCode::OK, "{header}");
        assert_eq!(rig.tokens.last(), expected(&[]), "{header}");
    }
}

#[tokio::test]
async fn unknown_parameters_and_content_type_parameters_are_ignored() {
    let rig = Rig::start().await;
    let body = format!("{GOOD}&organization=&color=red&auth0Client=abc");
    let answer = rig.send(token_request(RFC_HOST, "application/x-www-form-urlencoded; charset=UTF-8", body)).await;
    assert_eq!(answer.status, StatusCode::OK);
}

#[tokio::test]
async fn b5_a_parameter_in_the_query_is_refused_before_anyone_is_asked() {
    let rig = Rig::start().await;
    for query in [
        "client_secret=s3cret",
        "client_id=alpha",
        "scope=a",
        "client%5Fsecret=s3cret",
        "client%255Fsecret=s3cret",
        "x=1;client_secret=s3cret",
        "x=1&Client_Assertion=a",
    ] {
        let request = request(Method::POST, &format!("/oauth/token?{query}"), RFC_HOST).header(CONTENT_TYPE, FORM);
        let answer = rig.send(request.body(GOOD.into()).unwrap()).await;
        assert_eq!(answer.error(), (400, "invalid_request".into()), "{query}");
        assert!(!answer.body.contains("s3cret"));
    }
    assert_eq!(rig.tokens.calls(), 0);
    let other = request(Method::POST, "/oauth/token?trace=1", RFC_HOST).header(CONTENT_TYPE, FORM);
    assert_eq!(rig.send(other.body(GOOD.into()).unwrap()).await.status, StatusCode::OK);
}

#[tokio::test]
async fn b6_more_than_one_client_authentication_is_refused() {
    let rig = Rig::start().await;
    let basic = "Basic YWxwaGE6czNjcmV0";
    let grant = "grant_type=client_credentials";
    let cases: [(&[&str], String); 6] = [
        (&[basic], GOOD.to_owned()),
        (&[basic], format!("{grant}&client_id=beta")),
        (&[basic], format!("{grant}&client_assertion=a.b.c")),
        (&[], format!("{GOOD}&client_assertion=a.b.c&client_assertion_type=x")),
        (&["Bearer abc"], GOOD.to_owned()),
        (&[basic, basic], grant.to_owned()),
    ];
    for (headers, body) in cases {
        let mut request = request(Method::POST, "/oauth/token", RFC_HOST).header(CONTENT_TYPE, FORM);
        for header in headers {
            request = request.header(AUTHORIZATION, *header);
        }
        let answer = rig.send(request.body(body.clone().into()).unwrap()).await;
        assert_eq!(answer.error(), (400, "invalid_request".into()), "{headers:?} {body}");
    }
    assert_eq!(rig.tokens.calls(), 0);
}

#[tokio::test]
async fn b7_a_repeated_parameter_is_refused_and_resource_may_repeat_with_one_value() {
    let rig = Rig::start().await;
    for pair in [
        "grant_type=client_credentials",
        "client_id=alpha",
        "client_secret=s3cret",
        "audience=x",
        "scope=a&scope=a",
        "z=1&z=1",
    ] {
        let answer = rig.form(format!("{GOOD}&{pair}")).await;
        assert_eq!(answer.error(), (400, "invalid_request".into()), "{pair}");
    }
    let resource = "resource=https%3A%2F%2Fapi%2F";
    assert_eq!(rig.form(format!("{GOOD}&{resource}&{resource}")).await.status, StatusCode::OK);
    let other = rig.form(format!("{GOOD}&resource=https%3A%2F%2Fother%2F")).await;
    assert_eq!(other.error(), (400, "invalid_target".into()));
    assert_eq!(rig.tokens.calls(), 1);
}

#[tokio::test]
async fn b8_every_other_method_is_refused_with_what_is_allowed() {
    let rig = Rig::start().await;
    for method in [Method::GET, Method::HEAD, Method::PUT, Method::DELETE, Method::PATCH] {
        let answer = rig.send(request(method.clone(), "/oauth/token", RFC_HOST).body(Body::empty()).unwrap()).await;
        assert_eq!((answer.status.as_u16(), answer.header("allow")), (405, Some("POST,OPTIONS")), "{method}");
        assert_eq!(answer.header("cache-control"), Some("no-store"));
    }
}

#[tokio::test]
async fn b8_every_other_content_type_is_refused() {
    let rig = Rig::start().await;
    for content_type in
        ["text/plain", "multipart/form-data; boundary=x", "application/xml", "application/json; charset=utf-16"]
    {
        let answer = rig.send(token_request(RFC_HOST, content_type, GOOD)).await;
        assert_eq!(answer.error(), (415, "invalid_request".into()), "{content_type}");
    }
    let none = request(Method::POST, "/oauth/token", RFC_HOST).body(GOOD.into()).unwrap();
    assert_eq!(rig.send(none).await.error(), (415, "invalid_request".into()));
    let compressed = request(Method::POST, "/oauth/token", RFC_HOST).header(CONTENT_TYPE, FORM);
    let compressed = compressed.header(CONTENT_ENCODING, "gzip").body(GOOD.into()).unwrap();
    assert_eq!(rig.send(compressed).await.error(), (415, "invalid_request".into()));
}

#[tokio::test]
async fn b8_a_body_over_64_kib_is_refused_whether_it_says_so_or_not() {
    let rig = Rig::start().await;
    let padded = |length: usize| format!("{GOOD}&x={}", "y".repeat(length - GOOD.len() - 3));
    assert_eq!(rig.form(padded(64 << 10)).await.status, StatusCode::OK);
    assert_eq!(rig.form(padded((64 << 10) + 1)).await.error(), (413, "invalid_request".into()));
    assert_eq!(rig.form(padded(1 << 20)).await.error(), (413, "invalid_request".into()));
    let declared = request(Method::POST, "/oauth/token", RFC_HOST).header(CONTENT_TYPE, FORM);
    let declared = declared
        .header("content-length", "65537")
        .body(Body::from_stream(futures::stream::pending::<Result<&str, String>>()));
    assert_eq!(rig.send(declared.unwrap()).await.error(), (413, "invalid_request".into()));
    let unsaid = chunked(vec!["0123456789abcdef"; 4097]);
    assert_eq!(rig.form(unsaid).await.error(), (413, "invalid_request".into()));
}

#[tokio::test]
async fn b8_a_body_that_does_not_arrive_in_time_is_refused() {
    let rig = Rig::with(Settings { body_timeout: Duration::from_millis(20), ..Settings::default() }).await;
    let slow = Body::from_stream(futures::stream::pending::<Result<&str, String>>());
    assert_eq!(rig.form(slow).await.error(), (408, "invalid_request".into()));
}

#[tokio::test]
async fn a_body_that_breaks_off_is_refused() {
    let rig = Rig::start().await;
    let broken = Body::from_stream(futures::stream::iter([Ok(GOOD), Err("connection reset")]));
    assert_eq!(rig.form(broken).await.error(), (400, "invalid_request".into()));
    assert_eq!(rig.tokens.calls(), 0);
}

#[tokio::test]
async fn b9_nothing_of_the_token_endpoint_is_kept_by_caches() {
    let rig = Rig::start().await;
    let answers = [
        rig.form(GOOD).await,
        rig.form("grant_type=password").await,
        rig.send(token_request("nobody.example", FORM, GOOD)).await,
        rig.send(token_request(AUTH0_HOST, FORM, "")).await,
        rig.send(token_request(RFC_HOST, "text/plain", GOOD)).await,
    ];
    for answer in answers {
        assert_eq!(answer.header(CACHE_CONTROL.as_str()), Some("no-store"), "{answer:?}");
        assert_eq!(answer.header(PRAGMA.as_str()), Some("no-cache"), "{answer:?}");
    }
}

#[tokio::test]
async fn b17_pages_of_other_origins_read_nothing_that_takes_a_secret_or_a_guess() {
    let rig = Rig::start().await;
    for body in [
        GOOD,
        "grant_type=x",
        "grant_type=authorization_code&client_id=alpha&client_secret=s3cret&code=c",
        "grant_type=refresh_token&client_id=alpha&client_secret=s3cret&refresh_token=r",
        "grant_type=refresh_token&client_id=alpha&refresh_token=r&client_assertion=a.b.c",
        "grant_type=password&client_id=alpha&username=ada&password=guess",
        "grant_type=authorization_code&client_id=alpha",
    ] {
        let posted = posted_by_a_script(body).header(COOKIE, "session=1");
        let answer = rig.send(posted.body(body.into()).unwrap()).await;
        assert!(answer.has_no_cors() && answer.header("set-cookie").is_none(), "{body}");
    }
    // alpha:s3cret
    let body = "grant_type=authorization_code&code=c";
    let basic = posted_by_a_script(body).header(AUTHORIZATION, "Basic YWxwaGE6czNjcmV0");
    assert!(rig.send(basic.body(body.into()).unwrap()).await.has_no_cors());
}

#[tokio::test]
async fn a_page_of_a_public_client_redeems_and_refreshes_and_b17_shows_no_cookie_for_it() {
    let rig = Rig::start().await;
    for path in ["/oauth/token", "/oauth/revoke"] {
        let preflight = request(Method::OPTIONS, path, RFC_HOST)
            .header(ORIGIN, "https://app.example")
            .header("access-control-request-method", "POST")
            .header("access-control-request-headers", "content-type");
        let preflight = rig.send(preflight.body(Body::empty()).unwrap()).await;
        assert_eq!(preflight.status, StatusCode::NO_CONTENT);
        for (name, value) in [
            ("access-control-allow-origin", Some("*")),
            ("access-control-allow-methods", Some("POST")),
            ("access-control-allow-headers", Some("Content-Type, Auth0-Client")),
            ("access-control-max-age", Some("7200")),
            ("access-control-allow-credentials", None),
        ] {
            assert_eq!(preflight.header(name), value, "{path} {name}");
        }
    }
    for body in [
        "grant_type=authorization_code&client_id=alpha&code=c&code_verifier=v",
        "grant_type=refresh_token&client_id=alpha&refresh_token=r",
    ] {
        let answer = rig.send(posted_by_a_script(body).body(body.into()).unwrap()).await;
        assert_eq!(answer.header("access-control-allow-origin"), Some("*"), "{answer:?}");
        assert_eq!(answer.header("access-control-allow-credentials"), None);
        assert_eq!(answer.status, StatusCode::OK);
    }
    rig.tokens.answer_with(|_| Err(refusal(Code::InvalidArgument, ErrorReason::GrantInvalid, "", &[])));
    let body = "grant_type=authorization_code&client_id=alpha&code=c&code_verifier=v";
    let refused = rig.send(posted_by_a_script(body).body(body.into()).unwrap()).await;
    assert_eq!(refused.error(), (400, "invalid_grant".into()));
    assert_eq!(refused.header("access-control-allow-origin"), Some("*"), "a page learns why not");
}

fn posted_by_a_script(body: &str) -> http::request::Builder {
    assert!(body.contains('='), "a form");
    request(Method::POST, "/oauth/token", RFC_HOST).header(ORIGIN, "https://app.example").header(CONTENT_TYPE, FORM)
}

#[tokio::test]
async fn b22_the_source_is_the_sockets_and_not_the_headers() {
    let rig = Rig::start().await;
    let request = request(Method::POST, "/oauth/token", RFC_HOST)
        .header(CONTENT_TYPE, FORM)
        .header("x-forwarded-for", "203.0.113.9")
        .header("forwarded", "for=203.0.113.9")
        .header("x-mintage-source", "203.0.113.9")
        .header("auth0-forwarded-for", "203.0.113.9");
    assert_eq!(rig.send(request.body(GOOD.into()).unwrap()).await.status, StatusCode::OK);
    assert_eq!(rig.tokens.last_source(), Some(SOURCE));
}
