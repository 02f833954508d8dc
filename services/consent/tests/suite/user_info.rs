//! GetUserInfo (OpenID Connect Core 1.0 section 5.3).

#![expect(clippy::expect_used, reason = "what a test sets up must work, or the test has failed")]

use std::time::Duration;

use mintage_api::consent::{
    Authorization, DeleteUserGrantRequest, GetUserInfoRequest, GetUserInfoResponse, ListUserGrantsRequest,
};
use mintage_api::types::ErrorReason;
use mintage_testkit::on_each_backend;
use serde_json::{Value, json};
use tonic::Status;

use crate::browser::{Browser, request};
use crate::house::{House, refused, sessions};
use crate::registry::{API, ISSUER, first_party, third_party};
use crate::users::found;

const SCOPE: &str = "openid profile email read:notes";

async fn ask(house: &House, access_token: &str) -> Result<GetUserInfoResponse, Status> {
    let request = GetUserInfoRequest {
        tenant_id: "default".to_owned(),
        issuer: ISSUER.to_owned(),
        access_token: access_token.to_owned(),
    };
    Ok(sessions(&house.service).get_user_info(request).await?.into_inner())
}

/// What an access token of that grant says.
fn claims(house: &House, client: &str, given: &Authorization) -> Value {
    let now = house.clock.now().unix_seconds();
    json!({
        "iss": ISSUER, "sub": given.user_id, "aud": [API, format!("{ISSUER}userinfo")], "azp": client, "scope": SCOPE,
        "iat": now, "exp": now + 3600,
    })
}

async fn granted(house: &House, client: &str) -> Value {
    let code = Browser::at(&house.service).led_to_code(request(client, SCOPE)).await;
    let given = house.redeem(client, &code).await.expect("tokens");
    claims(house, client, &given)
}

#[tokio::test]
async fn a_token_tells_of_its_user_what_its_scopes_tell() {
    on_each_backend(async |home| {
        let house = House::on(home).await;
        let client = house.registry.add(first_party());
        let claims = granted(&house, &client).await;
        for typ in ["JWT", "at+jwt"] {
            let told = ask(&house, &house.keys.token("default", typ, &claims)).await.expect("tells");
            assert_eq!(Some(told.user_id.as_str()), claims["sub"].as_str());
            let about = told.claims.expect("claims");
            assert_eq!((about.name.as_deref(), about.email.as_deref()), (Some("Ada"), Some("ada@example.org")));
            assert_eq!(about.email_verified, Some(true));
        }
        let mut narrow = claims.clone();
        narrow["scope"] = json!("openid");
        let about = ask(&house, &house.keys.token("default", "JWT", &narrow)).await.expect("tells").claims;
        assert_eq!(about.map(|about| (about.name, about.email)), Some((None, None)));
        let mut wide = claims.clone();
        wide["scope"] = json!("read:notes");
        refused(ask(&house, &house.keys.token("default", "JWT", &wide)).await, ErrorReason::InsufficientScope);
    })
    .await;
}

#[tokio::test]
async fn what_is_no_access_token_for_it_tells_nothing() {
    on_each_backend(async |home| {
        let house = House::on(home).await;
        let client = house.registry.add(first_party());
        let claims = granted(&house, &client).await;
        let with = |name: &str, value: Value| {
            let mut claims = claims.clone();
            claims[name] = value;
            house.keys.token("default", "JWT", &claims)
        };
        let now = house.clock.now().unix_seconds();
        let well = house.keys.token("default", "JWT", &claims);
        let id_token = json!({
            "iss": ISSUER, "sub": claims["sub"], "aud": client, "iat": now, "exp": now + 3600,
            "sid": "ses_aaaaaaaaaaaaaaaaaaaaaaaa",
        });
        for token in [
            String::new(),
            "x".to_owned(),
            "a".repeat(100_000),
            format!("{well}A"),
            house.keys.token("other", "JWT", &claims),
            house.keys.token("default", "logout+jwt", &claims),
            house.keys.token("default", "JWT", &id_token),
            with("iss", json!("https://other.example/")),
            with("aud", json!(API)),
            with("aud", json!([API, "https://second.example/", format!("{ISSUER}userinfo")])),
            with("aud", json!([API, format!("{ISSUER}userinfo/")])),
            with("exp", json!(now - 31)),
            with("iat", json!(now + 31)),
            with("sub", json!(client)),
            with("sub", json!("usr_aaaaaaaaaaaaaaaaaaaaaaaa")),
            with("azp", json!("another_client")),
            with("azp", json!(null)),
        ] {
            refused(ask(&house, &token).await, ErrorReason::Unauthenticated);
        }
    })
    .await;
}

#[tokio::test]
async fn b32_a_token_tells_nothing_of_who_is_blocked_nor_once_the_grant_or_the_client_is_gone() {
    on_each_backend(async |home| {
        let house = House::on(home).await;
        let client = house.registry.add(first_party());
        let claims = granted(&house, &client).await;
        let token = house.keys.token("default", "JWT", &claims);
        house.clock.advance(Duration::from_secs(1));
        let disable = |enabled| {
            house.registry.change(|records| records.clients.get_mut(&client).expect("a client").enabled = enabled);
        };
        disable(false);
        refused(ask(&house, &token).await, ErrorReason::Unauthenticated);
        disable(true);
        ask(&house, &token).await.expect("tells");
        let grants =
            house.user_grants().list_user_grants(ListUserGrantsRequest::default()).await.expect("lists").into_inner();
        let [grant] = grants.user_grants.try_into().expect("one");
        let delete = DeleteUserGrantRequest { id: grant.id, ..DeleteUserGrantRequest::default() };
        house.user_grants().delete_user_grant(delete).await.expect("deletes");
        refused(ask(&house, &token).await, ErrorReason::Unauthenticated);
        let token = house.keys.token("default", "JWT", &granted(&house, &client).await);
        ask(&house, &token).await.expect("tells");
        house.block(found(&house, "ada@example.org").await.expect("found")).await;
        refused(ask(&house, &token).await, ErrorReason::Unauthenticated);
    })
    .await;
}

#[tokio::test]
async fn a_third_party_is_told_nothing_whatever_its_token_says() {
    on_each_backend(async |home| {
        let house = House::on(home).await;
        let client = house.registry.add(third_party());
        let code = Browser::at(&house.service).led_to_code(request(&client, "read:notes")).await;
        let given = house.redeem(&client, &code).await.expect("tokens");
        let token = house.keys.token("default", "JWT", &claims(&house, &client, &given));
        refused(ask(&house, &token).await, ErrorReason::Unauthenticated);
    })
    .await;
}
