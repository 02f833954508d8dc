//! What came back under a name that is known inherits nothing, long before anything is forgotten.

#![expect(clippy::expect_used, reason = "what a test sets up must work, or the test has failed")]

use mintage_api::consent::step::Next;
use mintage_api::consent::{
    CreateUserRequest, DeleteUserRequest, GetUserRequest, ListOwnGrantsRequest, ListUserGrantsRequest,
    ListUsersRequest, RevokeRefreshTokenRequest, SetPasswordRequest, UpdateUserRequest, User, UserGrant,
};
use mintage_api::types::ErrorReason;
use mintage_chassis::Service;
use mintage_testkit::on_each_backend;
use prost_types::{FieldMask, Timestamp};

use crate::browser::{Browser, request, sign_in_page};
use crate::house::{House, PASSWORD, redemptions, refused, sessions};
use crate::own_pages::who;
use crate::registry::API;

const OFFLINE: &str = "read:notes offline_access";
const ADA: &str = "ada@example.org";

async fn users(house: &House) -> Vec<User> {
    house.users().list_users(ListUsersRequest::default()).await.expect("a list").into_inner().users
}

async fn grants(house: &House) -> Vec<UserGrant> {
    let mut door = house.user_grants();
    door.list_user_grants(ListUserGrantsRequest::default()).await.expect("a list").into_inner().user_grants
}

async fn own_grants(service: &Service, browser: &Browser<'_>) -> usize {
    let request = ListOwnGrantsRequest { tenant_id: "default".to_owned(), browser: Some(browser.holds.clone()) };
    sessions(service).list_own_grants(request).await.expect("a list").into_inner().grants.len()
}

#[tokio::test]
async fn a_tenant_that_came_back_knows_nobody_of_before() {
    on_each_backend(async |home| {
        let house = House::on(home).await;
        let (client, mut browser) = Browser::sent_to(&house);
        browser.led_to_code(request(&client, OFFLINE)).await;
        let before = users(&house).await.remove(0);
        house.registry.replace_tenant("default", "second");

        assert_eq!(who(&house.service, &browser.holds).await, None);
        assert_eq!((users(&house).await.len(), grants(&house).await.len()), (0, 0));
        let mut door = house.users();
        for id in [ADA, &before.id] {
            let named = GetUserRequest { tenant_id: String::new(), id: id.to_owned() };
            refused(door.get_user(named).await, ErrorReason::NotFound);
        }
        let (tenant_id, id) = (String::new(), before.id.clone());
        let password = PASSWORD.to_owned();
        let set = SetPasswordRequest { tenant_id: tenant_id.clone(), id: id.clone(), password };
        refused(door.set_password(set).await, ErrorReason::NotFound);
        let update_mask = Some(FieldMask { paths: vec!["name".to_owned()] });
        let update = UpdateUserRequest { user: Some(before.clone()), update_mask };
        refused(door.update_user(update).await, ErrorReason::NotFound);
        refused(door.delete_user(DeleteUserRequest { tenant_id, id }).await, ErrorReason::NotFound);
        let mut again = Browser::at(&house.service);
        let page = sign_in_page(again.begin(request(&client, OFFLINE)).await);
        refused(again.sign_in_as(&page, ADA, PASSWORD).await, ErrorReason::SignInRefused);
    })
    .await;
}

#[tokio::test]
async fn an_address_of_before_is_free_for_a_new_user_and_one_of_now_is_not() {
    on_each_backend(async |home| {
        let house = House::on(home).await;
        let at_other = |email: &str| CreateUserRequest {
            tenant_id: "other".to_owned(),
            email: email.to_owned(),
            password: PASSWORD.to_owned(),
            ..Default::default()
        };
        let create = async |email: &str| {
            let created = house.users().create_user(at_other(email)).await;
            created.map(|created| created.into_inner().user.expect("a user"))
        };
        let before = create(ADA).await.expect("a user");
        create("bob@example.org").await.expect("a user");
        house.registry.replace_tenant("other", "second");
        let after = create(ADA).await.expect("a user");
        assert_ne!(after.id, before.id);
        refused(create(ADA).await, ErrorReason::Conflict);
        let renamed = User { email: "BOB@example.org".to_owned(), ..after };
        let update_mask = Some(FieldMask { paths: vec!["email".to_owned()] });
        house.users().update_user(UpdateUserRequest { user: Some(renamed), update_mask }).await.expect("is free");
        let listed = ListUsersRequest { tenant_id: "other".to_owned(), ..Default::default() };
        assert_eq!(house.users().list_users(listed).await.expect("a list").into_inner().users.len(), 1);
    })
    .await;
}

#[tokio::test]
async fn an_address_stays_taken_while_the_registry_is_another_than_that_of_the_users() {
    on_each_backend(async |home| {
        let house = House::on(home).await;
        house.registry.replace_tenant("default", "second");
        let taken = CreateUserRequest { email: ADA.to_owned(), password: PASSWORD.to_owned(), ..Default::default() };
        refused(house.users().create_user(taken).await, ErrorReason::Conflict);
        assert_eq!(house.number("SELECT COUNT(*) AS number FROM user_account".to_owned()).await, 1);
    })
    .await;
}

#[tokio::test]
async fn an_api_that_came_back_was_granted_nothing() {
    on_each_backend(async |home| {
        let house = House::on(home).await;
        let replica = house.replica().await;
        let (client, mut browser) = Browser::sent_to(&house);
        let code = browser.led_to_code(request(&client, OFFLINE)).await;
        let given = house.redeem(&client, &code).await.expect("tokens");
        assert_eq!(given.resource_server_id, "api_aaaaaaaaaaaaaaaaaaaaaaaa");
        let unused = browser.led_to_code_again(request(&client, OFFLINE)).await;
        house.registry.replace_api(API, "api_bbbbbbbbbbbbbbbbbbbbbbbb");

        for service in [&house.service, &replica] {
            refused(crate::house::refresh_at(service, &client, &given.refresh_token).await, ErrorReason::GrantInvalid);
            refused(crate::house::redeem_at(service, &client, &unused).await, ErrorReason::GrantInvalid);
            assert_eq!(own_grants(service, &browser).await, 0);
        }
        assert_eq!(grants(&house).await.len(), 0);

        let page = crate::browser::consent_page(browser.begin(request(&client, OFFLINE)).await);
        let shown = browser.page(&page).await.expect("a page");
        assert!(shown.scopes.iter().all(|scope| !scope.granted), "nothing was said of this one");
        let answer = browser.approve(&page, &[]).await;
        let code = crate::browser::said(&answer, "code").to_owned();
        let given = crate::house::redeem_at(&replica, &client, &code).await.expect("tokens");
        assert_eq!(given.resource_server_id, "api_bbbbbbbbbbbbbbbbbbbbbbbb");
        assert_eq!((own_grants(&house.service, &browser).await, grants(&house).await.len()), (1, 1));
        refused(house.redeem(&client, &unused).await, ErrorReason::GrantInvalid);
    })
    .await;
}

#[tokio::test]
async fn b29_a_yes_to_an_api_is_none_to_another_that_came_back_under_its_name_meanwhile() {
    on_each_backend(async |home| {
        let house = House::on(home).await;
        let (client, mut browser) = Browser::sent_to(&house);
        let page = browser.led_to_consent(request(&client, OFFLINE)).await;
        let yes = browser.answer(&page, true, &[]).await.expect("an answer");
        house.registry.replace_api(API, "api_bbbbbbbbbbbbbbbbbbbbbbbb");
        let next = browser.decide(yes).await.expect("a step");
        assert!(matches!(&next, Next::Interaction(asked) if asked.handle == page), "{next:?}");
        assert_eq!(grants(&house).await.len(), 0);
    })
    .await;
}

/// As a release wrote it that kept no incarnations.
async fn without_incarnations(house: &House) {
    house.execute("UPDATE user_account SET tenant_incarnation = NULL").await;
    house.execute("UPDATE user_grant SET resource_server_id = NULL").await;
}

#[tokio::test]
async fn users_of_a_release_that_kept_no_incarnations_are_of_a_tenant_that_is_not_younger() {
    on_each_backend(async |home| {
        let house = House::on(home).await;
        without_incarnations(&house).await;
        let made = house.number("SELECT created_at AS number FROM user_account".to_owned()).await;
        let made_at = |millis: i64| {
            let created_at =
                Timestamp { seconds: millis / 1000, nanos: i32::try_from(millis % 1000).expect("a part") * 1_000_000 };
            house.registry.change(|records| {
                records.tenants.get_mut("default").expect("a tenant").created_at = Some(created_at);
            });
        };
        made_at(made);
        assert_eq!(users(&house).await.len(), 1);
        made_at(made + 1);
        assert_eq!(users(&house).await.len(), 0);
        let named = GetUserRequest { tenant_id: String::new(), id: ADA.to_owned() };
        refused(house.users().get_user(named).await, ErrorReason::NotFound);
    })
    .await;
}

/// What such a release gave: a browser of the user, the client, and a refresh token and a code of it.
async fn given_before(house: &House) -> (Browser<'_>, String, [String; 2]) {
    let (client, mut browser) = Browser::sent_to(house);
    let code = browser.led_to_code(request(&client, OFFLINE)).await;
    let token = house.redeem(&client, &code).await.expect("tokens").refresh_token;
    let code = browser.led_to_code_again(request(&client, OFFLINE)).await;
    without_incarnations(house).await;
    (browser, client, [token, code])
}

async fn unplaced(house: &House) -> i64 {
    house.number("SELECT COUNT(*) AS number FROM user_grant WHERE resource_server_id IS NULL".to_owned()).await
}

#[tokio::test]
async fn a_grant_of_such_a_release_is_placed_when_what_it_gave_is_shown() {
    on_each_backend(async |home| {
        let house = House::on(home).await;
        let (_, client, [token, code]) = given_before(&house).await;
        let next = house.refresh(&client, &token).await.expect("the next").refresh_token;
        assert_eq!(unplaced(&house).await, 0);
        without_incarnations(&house).await;
        let given = house.redeem(&client, &code).await.expect("tokens");
        assert_eq!(given.resource_server_id, "api_aaaaaaaaaaaaaaaaaaaaaaaa");
        house.refresh(&client, &next).await.expect("it goes on");
    })
    .await;
}

#[tokio::test]
async fn whoever_shows_what_such_a_grant_gave_is_told_to_come_again_while_it_cannot_be_placed() {
    on_each_backend(async |home| {
        let house = House::on(home).await;
        let (_, client, [token, code]) = given_before(&house).await;
        let token =
            house.refresh(&client, &token).await.expect("the first registry that is seen is the one").refresh_token;
        without_incarnations(&house).await;
        let come_again = async || {
            refused(house.refresh(&client, &token).await, ErrorReason::TemporarilyUnavailable);
            refused(house.redeem(&client, &code).await, ErrorReason::TemporarilyUnavailable);
            assert_eq!(unplaced(&house).await, 1);
        };
        house.registry.change(|records| records.away = true);
        come_again().await;
        house.registry.change(|records| records.away = false);
        house.registry.replace_tenant("default", "of another registry");
        come_again().await;
        house.registry.replace_tenant("default", "first");
        house.refresh(&client, &token).await.expect("nothing was lost");
        house.redeem(&client, &code).await.expect("nor this");
    })
    .await;
}

#[tokio::test]
async fn what_such_a_release_gave_for_an_api_is_worth_nothing_at_a_younger_one() {
    on_each_backend(async |home| {
        let house = House::on(home).await;
        let (_, client, [token, code]) = given_before(&house).await;
        let made = house.number("SELECT created_at AS number FROM user_grant".to_owned()).await + 1;
        house.registry.change(|records| {
            let nanos = i32::try_from(made % 1000).expect("a part") * 1_000_000;
            let api = records.apis.get_mut(API).expect("an API");
            api.created_at = Some(Timestamp { seconds: made / 1000, nanos });
        });
        refused(house.refresh(&client, &token).await, ErrorReason::GrantInvalid);
        refused(house.redeem(&client, &code).await, ErrorReason::GrantInvalid);
        assert_eq!(unplaced(&house).await, 1);
    })
    .await;
}

#[tokio::test]
async fn whoever_agreed_at_such_a_release_is_not_asked_again_and_what_that_gave_goes_on() {
    on_each_backend(async |home| {
        let house = House::on(home).await;
        let (mut browser, client, [token, _]) = given_before(&house).await;
        browser.led_to_code_again(request(&client, OFFLINE)).await;
        assert_eq!(unplaced(&house).await, 0);
        house.refresh(&client, &token).await.expect("the next");
    })
    .await;
}

#[tokio::test]
async fn a_refresh_token_of_such_a_release_ends_when_it_is_revoked() {
    on_each_backend(async |home| {
        let house = House::on(home).await;
        let (_, client, [token, _]) = given_before(&house).await;
        let revoked = RevokeRefreshTokenRequest {
            tenant_id: "default".to_owned(),
            client_id: client.clone(),
            refresh_token: token.clone(),
        };
        redemptions(&house.service).revoke_refresh_token(revoked).await.expect("an answer");
        refused(house.refresh(&client, &token).await, ErrorReason::GrantInvalid);
    })
    .await;
}

#[tokio::test]
async fn grants_of_such_a_release_that_nobody_uses_are_placed_by_themselves() {
    on_each_backend(async |home| {
        let house = House::on(home).await;
        given_before(&house).await;
        house.registry.feed().reset(1).await;
        house.until("SELECT COUNT(*) AS number FROM user_grant WHERE resource_server_id IS NULL", 0).await;
    })
    .await;
}
