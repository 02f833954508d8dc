//! What an operator, an API or a user takes away is gone at the next redemption.

#![expect(clippy::expect_used, reason = "what a test sets up must work, or the test has failed")]

use mintage_api::consent::{DeleteUserRequest, RedeemPasswordRequest, RedeemRefreshTokenRequest, User};
use mintage_api::registry::{Client, ConsentPolicy, ResourceServer, ThirdParties};
use mintage_api::types::{ErrorReason, SigningAlgorithm};
use mintage_testkit::on_each_backend;

use crate::browser::{Browser, request};
use crate::house::{House, PASSWORD, redemptions, refused};
use crate::registry::{API, Records, first_party, third_party};
use crate::users::found;

const SCOPES: &str = "read:notes write:notes offline_access";

fn client_of(records: &mut Records) -> &mut Client {
    records.clients.values_mut().next().expect("a client")
}

fn api_of(records: &mut Records) -> &mut ResourceServer {
    records.apis.get_mut(API).expect("the API")
}

fn policy_of(records: &mut Records) -> &mut ConsentPolicy {
    api_of(records).consent.as_mut().expect("a policy")
}

/// Something that is taken away, as it is called and as it is done.
type Withdrawal = (&'static str, fn(&mut Records));

/// Without any of these a third party has nothing to refresh.
const ENDS_REFRESHING: &[Withdrawal] = &[
    ("offline access", |records| policy_of(records).allow_offline_access = false),
    ("refresh tokens", |records| client_of(records).grant_types.retain(|name| name != "refresh_token")),
    ("the code grant", |records| client_of(records).grant_types.retain(|name| name != "authorization_code")),
    ("the client", |records| client_of(records).enabled = false),
    ("third parties", |records| policy_of(records).third_parties = ThirdParties::Refused.into()),
    ("asymmetric keys", |records| api_of(records).signing_algorithm = SigningAlgorithm::Hs256.into()),
    ("every scope", |records| api_of(records).scopes.clear()),
    ("the API", |records| drop(records.apis.remove(API))),
];

/// Without any of these a code gives it nothing.
const ENDS_CODES: &[&str] =
    &["the code grant", "the client", "third parties", "asymmetric keys", "every scope", "the API"];

/// Nor without this one; what it was given before goes on.
const REDIRECT_URI: Withdrawal = ("the redirect URI", |records| {
    client_of(records).user_access.as_mut().expect("access").redirect_uris = vec!["https://app.example/new".to_owned()];
});

/// Takes something away until it is given back.
async fn while_without(house: &House, (_, take): Withdrawal, work: impl AsyncFnOnce()) {
    let before = house.registry.change(|records| {
        let before = (records.clients.clone(), records.apis.clone());
        take(records);
        before
    });
    work().await;
    house.registry.change(|records| (records.clients, records.apis) = before);
}

#[tokio::test]
async fn a_refresh_token_is_worth_nothing_without_what_it_rests_on_and_what_it_was_once_that_is_back() {
    on_each_backend(async |home| {
        let house = House::on(home).await;
        let client = house.registry.add(third_party());
        let code = Browser::at(&house.service).led_to_code(request(&client, SCOPES)).await;
        let mut token = house.redeem(&client, &code).await.expect("tokens").refresh_token;
        for withdrawal in ENDS_REFRESHING {
            while_without(&house, *withdrawal, async || {
                let outcome = house.refresh(&client, &token).await;
                assert!(outcome.is_err(), "without {}", withdrawal.0);
                refused(outcome, ErrorReason::GrantInvalid);
            })
            .await;
            token = house.refresh(&client, &token).await.expect(withdrawal.0).refresh_token;
        }
    })
    .await;
}

#[tokio::test]
async fn a_code_is_worth_nothing_without_what_it_rests_on_and_is_not_used_up() {
    on_each_backend(async |home| {
        let house = House::on(home).await;
        let client = house.registry.add(third_party());
        let code = Browser::at(&house.service).led_to_code(request(&client, SCOPES)).await;
        let ends_codes = ENDS_REFRESHING.iter().filter(|(name, _)| ENDS_CODES.contains(name));
        for withdrawal in ends_codes.chain([&REDIRECT_URI]) {
            while_without(&house, *withdrawal, async || {
                let outcome = house.redeem(&client, &code).await;
                assert!(outcome.is_err(), "without {}", withdrawal.0);
                refused(outcome, ErrorReason::GrantInvalid);
            })
            .await;
        }
        house.redeem(&client, &code).await.expect("tokens");
    })
    .await;
}

#[tokio::test]
async fn a_code_gives_no_refresh_token_where_that_was_taken_away_since() {
    on_each_backend(async |home| {
        let house = House::on(home).await;
        let client = house.registry.add(third_party());
        let mut code = Browser::at(&house.service).led_to_code(request(&client, SCOPES)).await;
        for withdrawal in ENDS_REFRESHING.iter().take(2) {
            while_without(&house, *withdrawal, async || {
                let given = house.redeem(&client, &code).await.expect("tokens");
                assert_eq!(
                    (given.scopes.as_slice(), given.refresh_token.as_str()),
                    (READ_AND_WRITE.map(str::to_owned).as_slice(), "")
                );
            })
            .await;
            code = Browser::at(&house.service).led_to_code_again(request(&client, SCOPES)).await;
        }
        assert!(!house.redeem(&client, &code).await.expect("tokens").refresh_token.is_empty());
    })
    .await;
}

const READ_AND_WRITE: [&str; 2] = ["read:notes", "write:notes"];

#[tokio::test]
async fn scopes_that_an_api_gives_up_are_left_out_and_cannot_be_asked_for() {
    on_each_backend(async |home| {
        let house = House::on(home).await;
        let (client, mut browser) = Browser::sent_to(&house);
        let code = browser.led_to_code(request(&client, SCOPES)).await;
        let token = house.redeem(&client, &code).await.expect("tokens").refresh_token;
        let unused = browser.led_to_code_again(request(&client, SCOPES)).await;
        let gives_up: Withdrawal =
            ("read:notes", |records| api_of(records).scopes.retain(|scope| scope.value != "read:notes"));
        while_without(&house, gives_up, async || {
            let wide = RedeemRefreshTokenRequest {
                tenant_id: "default".to_owned(),
                client_id: client.clone(),
                refresh_token: token.clone(),
                scopes: vec!["read:notes".to_owned()],
                ..RedeemRefreshTokenRequest::default()
            };
            let outcome = redemptions(&house.service).redeem_refresh_token(wide).await;
            refused(outcome, ErrorReason::ScopeNotGranted);
            let code = house.redeem(&client, &unused).await.expect("tokens");
            assert_eq!(code.scopes, ["write:notes", "offline_access"]);
            let refreshed = house.refresh(&client, &token).await.expect("the next");
            assert_eq!(refreshed.scopes, ["write:notes", "offline_access"]);
        })
        .await;
        let refreshed = house.refresh(&client, &token).await.expect("its answer may have been lost");
        assert_eq!(refreshed.scopes, ["read:notes", "write:notes", "offline_access"], "it was given back");
    })
    .await;
}

#[tokio::test]
async fn b32_a_user_who_is_blocked_or_deleted_ends_all_refresh_tokens_for_good() {
    on_each_backend(async |home| {
        let house = House::on(home).await;
        let client = house.registry.add(third_party());
        let ada = found(&house, "ada@example.org").await.expect("found");
        let code = Browser::at(&house.service).led_to_code(request(&client, SCOPES)).await;
        let token = house.redeem(&client, &code).await.expect("tokens").refresh_token;
        house.block(ada.clone()).await;
        refused(house.refresh(&client, &token).await, ErrorReason::GrantInvalid);
        house.unblock(ada.clone()).await;
        refused(house.refresh(&client, &token).await, ErrorReason::GrantInvalid);
        let code = Browser::at(&house.service).led_to_code_again(request(&client, SCOPES)).await;
        let token = house.redeem(&client, &code).await.expect("tokens").refresh_token;
        let User { id, .. } = ada;
        house.users().delete_user(DeleteUserRequest { id, ..DeleteUserRequest::default() }).await.expect("deleted");
        refused(house.refresh(&client, &token).await, ErrorReason::GrantInvalid);
        house.user("ada@example.org").await;
        refused(house.refresh(&client, &token).await, ErrorReason::GrantInvalid);
    })
    .await;
}

#[tokio::test]
async fn what_a_password_gave_ends_when_the_client_may_see_none_any_more() {
    on_each_backend(async |home| {
        let house = House::on(home).await;
        let mut legacy = first_party();
        legacy.user_access.as_mut().expect("access").dangerously_allow_password = true;
        let client = house.registry.add(legacy);
        let shown = RedeemPasswordRequest {
            tenant_id: "default".to_owned(),
            client_id: client.clone(),
            username: "ada@example.org".to_owned(),
            password: PASSWORD.to_owned(),
            audience: API.to_owned(),
            scopes: SCOPES.split(' ').map(str::to_owned).collect(),
        };
        let given = redemptions(&house.service).redeem_password(shown).await.expect("tokens").into_inner();
        let token = given.authorization.expect("an authorization").refresh_token;
        let passwords: Withdrawal = ("passwords", |records| {
            client_of(records).user_access.as_mut().expect("access").dangerously_allow_password = false;
        });
        while_without(&house, passwords, async || {
            refused(house.refresh(&client, &token).await, ErrorReason::GrantInvalid);
        })
        .await;
        let codes: Withdrawal =
            ("codes", |records| client_of(records).grant_types.retain(|name| name != "authorization_code"));
        while_without(&house, codes, async || {
            house.refresh(&client, &token).await.expect("it came of no code");
        })
        .await;
    })
    .await;
}
