//! What came back under a name that is known inherits nothing, long before anything is forgotten.

#![expect(clippy::expect_used, reason = "what a test sets up must work, or the test has failed")]

use mintage_api::consent::step::Next;
use mintage_api::consent::{
    CreateUserRequest, DeleteUserRequest, GetUserRequest, ListOwnGrantsRequest, ListUserGrantsRequest,
    ListUsersRequest, SetPasswordRequest, UpdateUserRequest, User, UserGrant,
};
use mintage_api::types::ErrorReason;
use mintage_chassis::Service;
use mintage_testkit::on_each_backend;
use prost_types::{FieldMask, Timestamp};

use crate::browser::{Browser, request, sign_in_page};
use crate::house::{House, PASSWORD, refused, sessions};
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

#[tokio::test]
async fn a_grant_of_such_a_release_is_none_until_it_is_known_for_which_api() {
    on_each_backend(async |home| {
        let house = House::on(home).await;
        let (client, mut browser) = Browser::sent_to(&house);
        let code = browser.led_to_code(request(&client, OFFLINE)).await;
        let token = house.redeem(&client, &code).await.expect("tokens").refresh_token;
        without_incarnations(&house).await;
        refused(house.refresh(&client, &token).await, ErrorReason::GrantInvalid);
        crate::browser::consent_page(browser.begin(request(&client, OFFLINE)).await);
        house.registry.feed().reset(1).await;
        house.until("SELECT COUNT(*) AS number FROM user_grant WHERE resource_server_id IS NULL", 0).await;
        house.refresh(&client, &token).await.expect("the next");
    })
    .await;
}
