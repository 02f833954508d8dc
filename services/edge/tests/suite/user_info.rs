//! `/userinfo`.

use axum::body::Body;
use http::header::{AUTHORIZATION, CONTENT_TYPE, ORIGIN};
use http::{Method, StatusCode};
use mintage_api::consent::{GetUserInfoResponse, UserClaims};
use mintage_api::types::ErrorReason;
use mintage_chassis::status::refusal;
use serde_json::json;
use tonic::Code;

use crate::rig::{Answer, FORM, RFC_HOST, Rig, request};

async fn ask(rig: &Rig, method: Method, header: &str) -> Answer {
    let asked = request(method, "/userinfo", RFC_HOST).header(AUTHORIZATION, header);
    rig.send(asked.header(ORIGIN, "https://spa.example").body(Body::empty()).unwrap()).await
}

#[tokio::test]
async fn a_token_tells_of_its_user_what_its_scopes_say() {
    let rig = Rig::start().await;
    rig.desk.user_info.with(|_| {
        let claims = UserClaims { name: Some("Ada".into()), email_verified: Some(false), ..UserClaims::default() };
        Ok(GetUserInfoResponse { user_id: "usr_1".into(), claims: Some(claims) })
    });
    for (method, header) in [(Method::GET, "Bearer a.b-c_d~e+f/g="), (Method::POST, "bearer a.b-c_d~e+f/g=")] {
        let told = ask(&rig, method, header).await;
        assert_eq!(told.status, StatusCode::OK);
        assert_eq!(told.json(), json!({"sub": "usr_1", "name": "Ada", "email_verified": false}));
        assert_eq!(told.header("cache-control"), Some("no-store"));
        assert_eq!(told.header("content-type"), Some("application/json"));
        assert_eq!(told.header("access-control-allow-origin"), Some("*"));
        assert_eq!(told.header("access-control-allow-credentials"), None);
        let asked = rig.desk.user_info.last();
        assert_eq!((asked.access_token.as_str(), asked.issuer.as_str()), ("a.b-c_d~e+f/g=", "https://rfc.example/"));
    }
}

#[tokio::test]
async fn who_shows_no_token_or_a_bad_one_is_told_how_to_come_back() {
    let rig = Rig::start().await;
    let bare = rig.get("/userinfo").await;
    assert_eq!((bare.status.as_u16(), bare.header("www-authenticate")), (401, Some("Bearer realm=\"oauth\"")));
    let invalid = "Bearer realm=\"oauth\", error=\"invalid_token\"";
    for header in ["Bearer", "Bearer ", "Basic YTpi", "Bearer a b", "Bearer <x>", "DPoP abc"] {
        let refused = ask(&rig, Method::GET, header).await;
        assert_eq!(refused.error(), (401, "invalid_token".into()), "{header}");
        assert_eq!(refused.header("www-authenticate"), Some(invalid), "{header}");
    }
    assert_eq!(rig.desk.user_info.count(), 0);
    rig.desk.user_info.with(|_| Err(refusal(Code::Unauthenticated, ErrorReason::Unauthenticated, "inner", &[])));
    let refused = ask(&rig, Method::GET, "Bearer abc").await;
    assert_eq!((refused.error(), refused.header("www-authenticate")), ((401, "invalid_token".into()), Some(invalid)));
    rig.desk.user_info.with(|_| Err(refusal(Code::PermissionDenied, ErrorReason::InsufficientScope, "inner", &[])));
    let refused = ask(&rig, Method::GET, "Bearer abc").await;
    let narrow = "Bearer realm=\"oauth\", error=\"insufficient_scope\", scope=\"openid\"";
    assert_eq!(
        (refused.error(), refused.header("www-authenticate")),
        ((403, "insufficient_scope".into()), Some(narrow))
    );
    assert_eq!(refused.header("access-control-expose-headers"), Some("WWW-Authenticate"));
    assert!(!refused.body.contains("inner"));
}

#[tokio::test]
async fn b5_a_token_is_taken_from_the_header_alone() {
    let rig = Rig::start().await;
    let query = rig.get("/userinfo?access_token=abc").await;
    assert_eq!(query.error(), (400, "invalid_request".into()));
    let body = request(Method::POST, "/userinfo", RFC_HOST).header(CONTENT_TYPE, FORM);
    let body = rig.send(body.body("access_token=abc".into()).unwrap()).await;
    assert_eq!(body.status, StatusCode::UNAUTHORIZED);
    let two = request(Method::GET, "/userinfo", RFC_HOST).header(AUTHORIZATION, "Bearer a");
    let two = rig.send(two.header(AUTHORIZATION, "Bearer b").body(Body::empty()).unwrap()).await;
    assert_eq!(two.error(), (400, "invalid_request".into()));
    assert_eq!(rig.desk.user_info.count(), 0);
}

#[tokio::test]
async fn scripts_of_every_site_may_ask_by_a_token() {
    let rig = Rig::start().await;
    let preflight = rig.send(request(Method::OPTIONS, "/userinfo", RFC_HOST).body(Body::empty()).unwrap()).await;
    assert_eq!(preflight.status, StatusCode::NO_CONTENT);
    assert_eq!(preflight.header("access-control-allow-origin"), Some("*"));
    assert_eq!(preflight.header("access-control-allow-headers"), Some("Authorization"));
    assert_eq!(preflight.header("access-control-allow-methods"), Some("GET, HEAD, POST"));
}
