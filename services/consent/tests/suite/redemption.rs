//! What a code and a refresh token are worth: once, to whom they were given, for as long as the grant lasts.

use std::time::Duration;

use mintage_api::consent::{
    BeginAuthorizationRequest, DeleteUserGrantRequest, ListUserGrantsRequest, RedeemAuthorizationCodeRequest,
    RevokeRefreshTokenRequest,
};
use mintage_api::types::ErrorReason;
use mintage_testkit::on_each_backend;
use tokio::task::JoinSet;

use crate::browser::{Browser, request};
use crate::house::{House, presented_code, redeem_at, redemptions, refresh_at, refused};
use crate::registry::{CALLBACK, ISSUER, first_party, third_party};

const OFFLINE: &str = "read:notes offline_access";

#[tokio::test]
async fn a_code_gives_what_was_agreed_to() {
    on_each_backend(async |home| {
        let house = House::on(home).await;
        let client = house.registry.add(first_party());
        let asked = BeginAuthorizationRequest {
            nonce: "a nonce".to_owned(),
            max_age: "600".to_owned(),
            ..request(&client, "openid email read:notes offline_access")
        };
        let code = Browser::at(&house.service).led_to_code(asked).await;
        let given = house.redeem(&client, &code).await.expect("tokens");
        assert!(given.user_id.starts_with("usr_") && given.session_id.starts_with("ses_"));
        assert_eq!((given.nonce.as_str(), given.tell_auth_time), ("a nonce", true));
        assert_eq!(given.audience, crate::registry::API);
        let claims = given.claims.expect("claims");
        assert_eq!((claims.email.as_deref(), claims.name), (Some("ada@example.org"), None));
        assert!(!given.refresh_token.is_empty());
    })
    .await;
}

#[tokio::test]
async fn b27_a_code_without_its_verifier_client_or_address_is_worth_nothing() {
    on_each_backend(async |home| {
        let house = House::on(home).await;
        let client = house.registry.add(third_party());
        let other = house.registry.add(first_party());
        let code = Browser::at(&house.service).led_to_code(request(&client, "read:notes")).await;
        let well = presented_code(&client, &code);
        for wrong in [
            RedeemAuthorizationCodeRequest { code_verifier: String::new(), ..well.clone() },
            RedeemAuthorizationCodeRequest { code_verifier: "x".repeat(43), ..well.clone() },
            RedeemAuthorizationCodeRequest { redirect_uri: String::new(), ..well.clone() },
            RedeemAuthorizationCodeRequest { redirect_uri: format!("{CALLBACK}/"), ..well.clone() },
            RedeemAuthorizationCodeRequest { client_id: other, ..well.clone() },
            RedeemAuthorizationCodeRequest { tenant_id: "other".to_owned(), ..well.clone() },
            RedeemAuthorizationCodeRequest { issuer: "https://other.example/".to_owned(), ..well.clone() },
            RedeemAuthorizationCodeRequest { code: code.to_uppercase(), ..well.clone() },
            RedeemAuthorizationCodeRequest { code: String::new(), ..well.clone() },
        ] {
            refused(redemptions(&house.service).redeem_authorization_code(wrong).await, ErrorReason::GrantInvalid);
        }
        house.redeem(&client, &code).await.expect("tokens, for it was not spent");
    })
    .await;
}

#[tokio::test]
async fn b28_a_code_is_redeemed_under_the_issuer_that_it_was_asked_under_and_no_other_of_its_tenant() {
    on_each_backend(async |home| {
        let house = House::on(home).await;
        let second = "https://second.example/";
        house.registry.change(|records| {
            let tenant = records.tenants.get_mut("default").expect("a tenant");
            tenant.origins.push("https://second.example".to_owned());
        });
        let client = house.registry.add(third_party());
        let redeem = async |code: &str, issuer: &str| {
            let presented =
                RedeemAuthorizationCodeRequest { issuer: issuer.to_owned(), ..presented_code(&client, code) };
            redemptions(&house.service).redeem_authorization_code(presented).await
        };
        let code = Browser::at(&house.service).led_to_code(request(&client, "read:notes")).await;
        refused(redeem(&code, second).await, ErrorReason::GrantInvalid);
        redeem(&code, ISSUER).await.expect("it was not used up");
        let asked = BeginAuthorizationRequest { issuer: second.to_owned(), ..request(&client, "read:notes") };
        let code = Browser::at(&house.service).led_to_code_again(asked).await;
        refused(redeem(&code, ISSUER).await, ErrorReason::GrantInvalid);
        redeem(&code, second).await.expect("where it was asked for");
    })
    .await;
}

#[tokio::test]
async fn a_code_that_was_in_time_when_it_was_looked_at_may_be_taken_when_it_is_signed() {
    on_each_backend(async |home| {
        let house = House::on(home).await;
        let client = house.registry.add(third_party());
        let mut browser = Browser::at(&house.service);
        let mut door = redemptions(&house.service);
        for (kept, well) in [(true, true), (false, false)] {
            let code = browser.led_to_code(with_consent(request(&client, "read:notes"))).await;
            house.clock.advance(Duration::from_millis(59_999));
            let look = RedeemAuthorizationCodeRequest { look_only: true, ..presented_code(&client, &code) };
            let looked_at = door.redeem_authorization_code(look).await.expect("in time").into_inner().judged_at;
            house.clock.advance(Duration::from_secs(5));
            let looked_at = looked_at.filter(|_| kept);
            let take = RedeemAuthorizationCodeRequest { looked_at, ..presented_code(&client, &code) };
            assert_eq!(door.redeem_authorization_code(take.clone()).await.is_ok(), well);
            refused(door.redeem_authorization_code(take).await, ErrorReason::GrantInvalid);
        }
    })
    .await;
}

/// The user is asked each time.
fn with_consent(request: BeginAuthorizationRequest) -> BeginAuthorizationRequest {
    BeginAuthorizationRequest { prompt: "consent".to_owned(), ..request }
}

#[tokio::test]
async fn a_code_is_good_for_a_minute() {
    on_each_backend(async |home| {
        let house = House::on(home).await;
        let client = house.registry.add(third_party());
        let code = Browser::at(&house.service).led_to_code(request(&client, "read:notes")).await;
        house.clock.advance(Duration::from_mins(1));
        refused(house.redeem(&client, &code).await, ErrorReason::GrantInvalid);
    })
    .await;
}

#[tokio::test]
async fn b27_of_fifty_who_redeem_a_code_on_two_replicas_one_does_and_what_it_got_ends() {
    on_each_backend(async |home| {
        let house = House::on(home).await;
        let replica = std::sync::Arc::new(house.replica().await);
        let client = house.registry.add(third_party());
        let code = Browser::at(&house.service).led_to_code(request(&client, OFFLINE)).await;
        let mut tries = JoinSet::new();
        for _ in 0..25 {
            let (replica, client, code) = (replica.clone(), client.clone(), code.clone());
            tries.spawn(async move { redeem_at(&replica, &client, &code).await.ok() });
        }
        let here = futures(&house, &client, &code).await;
        let mut given: Vec<_> = tries.join_all().await.into_iter().flatten().collect();
        given.extend(here);
        assert_eq!(given.len(), 1, "one of fifty");
        let token = given.pop().expect("one").refresh_token;
        refused(house.refresh(&client, &token).await, ErrorReason::GrantInvalid);
    })
    .await;
}

/// Twenty-five tries at the first replica.
async fn futures(house: &House, client: &str, code: &str) -> Vec<mintage_api::consent::Authorization> {
    let mut given = Vec::new();
    for _ in 0..25 {
        given.extend(house.redeem(client, code).await.ok());
    }
    given
}

#[tokio::test]
async fn a_refresh_token_of_another_client_is_refused_and_does_no_harm() {
    on_each_backend(async |home| {
        let house = House::on(home).await;
        let (client, other) = (house.registry.add(third_party()), house.registry.add(first_party()));
        let code = Browser::at(&house.service).led_to_code(request(&client, OFFLINE)).await;
        let token = house.redeem(&client, &code).await.expect("tokens").refresh_token;
        refused(house.refresh(&other, &token).await, ErrorReason::GrantInvalid);
        let revoke = |client: &str| RevokeRefreshTokenRequest {
            tenant_id: "default".to_owned(),
            client_id: client.to_owned(),
            refresh_token: token.clone(),
        };
        redemptions(&house.service).revoke_refresh_token(revoke(&other)).await.expect("an answer");
        let next = house.refresh(&client, &token).await.expect("the next").refresh_token;
        redemptions(&house.service).revoke_refresh_token(revoke(&client)).await.expect("an answer");
        refused(house.refresh(&client, &next).await, ErrorReason::GrantInvalid);
    })
    .await;
}

#[tokio::test]
async fn refresh_tokens_end_when_they_lie_idle_and_at_last_however_much_they_are_used() {
    on_each_backend(async |home| {
        let house = House::on(home).await;
        let client = house.registry.add(third_party());
        let day = Duration::from_hours(24);
        let mut browser = Browser::at(&house.service);
        let code = browser.led_to_code(request(&client, OFFLINE)).await;
        let idle = house.redeem(&client, &code).await.expect("tokens").refresh_token;
        house.clock.advance(day * 15);
        refused(house.refresh(&client, &idle).await, ErrorReason::GrantInvalid);
        let code = Browser::at(&house.service).led_to_code_again(request(&client, OFFLINE)).await;
        let mut token = house.redeem(&client, &code).await.expect("tokens").refresh_token;
        for _ in 0..2 {
            house.clock.advance(day * 14);
            token = house.refresh(&client, &token).await.expect("the next").refresh_token;
        }
        house.clock.advance(day * 2);
        refused(house.refresh(&client, &token).await, ErrorReason::GrantInvalid);
    })
    .await;
}

#[tokio::test]
async fn a_revoked_grant_ends_its_codes_and_refresh_tokens_on_every_replica_at_once() {
    on_each_backend(async |home| {
        let house = House::on(home).await;
        let replica = house.replica().await;
        let (client, mut browser) = Browser::sent_to(&house);
        let code = browser.led_to_code(request(&client, OFFLINE)).await;
        let token = house.redeem(&client, &code).await.expect("tokens").refresh_token;
        let unused = browser.led_to_code_again(request(&client, OFFLINE)).await;
        let grants = house.user_grants().list_user_grants(ListUserGrantsRequest::default()).await.expect("a list");
        let id = grants.into_inner().user_grants.pop().expect("a grant").id;
        house
            .user_grants()
            .delete_user_grant(DeleteUserGrantRequest { tenant_id: String::new(), id })
            .await
            .expect("revoked");
        refused(refresh_at(&replica, &client, &token).await, ErrorReason::GrantInvalid);
        refused(redeem_at(&replica, &client, &unused).await, ErrorReason::GrantInvalid);
    })
    .await;
}

#[tokio::test]
async fn whoever_only_looks_at_a_code_takes_nothing_and_whoever_looks_at_a_used_one_ends_what_it_gave() {
    on_each_backend(async |home| {
        let house = House::on(home).await;
        let client = house.registry.add(third_party());
        let code = Browser::at(&house.service).led_to_code(request(&client, OFFLINE)).await;
        let look = RedeemAuthorizationCodeRequest { look_only: true, ..presented_code(&client, &code) };
        let mut door = redemptions(&house.service);
        let mut shown = Vec::new();
        for _ in 0..3 {
            let answer = door.redeem_authorization_code(look.clone()).await.expect("a look").into_inner();
            shown.push(answer.authorization.expect("an authorization"));
        }
        let elsewhere = RedeemAuthorizationCodeRequest { audience: "urn:other".to_owned(), ..look.clone() };
        refused(door.redeem_authorization_code(elsewhere).await, ErrorReason::AudienceNotGranted);
        let taken = house.redeem(&client, &code).await.expect("tokens");
        for shown in shown {
            assert!(shown.refresh_token.is_empty());
            let refresh_token = taken.refresh_token.clone();
            assert_eq!(mintage_api::consent::Authorization { refresh_token, ..shown }, taken);
        }
        refused(door.redeem_authorization_code(look).await, ErrorReason::GrantInvalid);
        refused(house.refresh(&client, &taken.refresh_token).await, ErrorReason::GrantInvalid);
    })
    .await;
}
