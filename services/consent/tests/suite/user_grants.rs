//! UserGrantService: what users granted, as operators read it and end it.

#![expect(clippy::expect_used, reason = "what a test sets up must work, or the test has failed")]

use mintage_api::consent::{
    DeleteUserGrantsRequest, DeleteUserGrantsResponse, GetInteractionResponse, ListUserGrantsRequest, UserGrant,
};
use mintage_api::registry::Client;
use mintage_api::types::ErrorReason;
use mintage_testkit::on_each_backend;

use crate::browser::{Browser, request};
use crate::house::{House, PASSWORD, refused};
use crate::registry::{API, first_party, third_party};

const SCOPES: &str = "read:notes offline_access";
const BOB: &str = "bob@example.org";

async fn listed(house: &House) -> Vec<UserGrant> {
    let answer = house.user_grants().list_user_grants(ListUserGrantsRequest::default()).await.expect("lists");
    answer.into_inner().user_grants
}

async fn end(house: &House, which: DeleteUserGrantsRequest) -> DeleteUserGrantsResponse {
    house.user_grants().delete_user_grants(which).await.expect("deletes").into_inner()
}

/// Ada lets both clients act, and Bob the third party; the third party's refresh token for Ada.
async fn three_grants(house: &House, third: &str, first: &str) -> String {
    let mut ada = Browser::at(&house.service);
    let code = ada.led_to_code(request(third, SCOPES)).await;
    ada.led_to_code(request(first, SCOPES)).await;
    house.user(BOB).await;
    let mut bob = Browser::at(&house.service);
    let handle = crate::browser::sign_in_page(bob.begin(request(third, SCOPES)).await);
    let handle = crate::browser::consent_page(bob.sign_in_as(&handle, BOB, PASSWORD).await.expect("a sign-in"));
    bob.approve(&handle, &[]).await;
    house.redeem(third, &code).await.expect("tokens").refresh_token
}

#[tokio::test]
async fn operators_read_who_granted_whom_what_by_name() {
    on_each_backend(async |home| {
        let house = House::on(home).await;
        let client = house.registry.add(Client { name: "Printer".to_owned(), ..third_party() });
        Browser::at(&house.service).led_to_code(request(&client, SCOPES)).await;
        let [grant] = listed(&house).await.try_into().expect("one");
        let UserGrant { user_email, user_name, client_name, api_name, audience, .. } = grant;
        assert_eq!([&*user_email, &*user_name, &*client_name], ["ada@example.org", "Ada", "Printer"]);
        assert_eq!([&*api_name, &*audience], ["Notes", API]);
    })
    .await;
}

#[tokio::test]
async fn grants_end_by_whom_to_whom_and_where_and_none_besides() {
    on_each_backend(async |home| {
        let house = House::on(home).await;
        let (third, first) = (house.registry.add(third_party()), house.registry.add(first_party()));
        let token = three_grants(&house, &third, &first).await;
        assert_eq!(listed(&house).await.len(), 3);
        let ada = house.user_id("ada@example.org").await;
        let none = [
            DeleteUserGrantsRequest { client_id: "another".to_owned(), ..Default::default() },
            DeleteUserGrantsRequest { audience: "urn:other".to_owned(), user_id: ada.clone(), ..Default::default() },
        ];
        for which in none {
            assert_eq!(end(&house, which).await, DeleteUserGrantsResponse { deleted: 0, more: false });
        }
        let all = DeleteUserGrantsRequest::default();
        refused(house.user_grants().delete_user_grants(all).await, ErrorReason::ParameterMissing);
        assert_eq!(listed(&house).await.len(), 3, "a slip empties nothing");
        let hers = DeleteUserGrantsRequest { client_id: third.clone(), user_id: ada.clone(), ..Default::default() };
        assert_eq!(end(&house, hers.clone()).await.deleted, 1);
        assert_eq!(end(&house, hers).await.deleted, 0, "again it is the same");
        refused(house.refresh(&third, &token).await, ErrorReason::GrantInvalid);
        let left = listed(&house).await;
        assert!(left.iter().all(|grant| grant.user_id != ada || grant.client_id == first), "{left:?}");
        assert_eq!(left.len(), 2);
        let at_api = DeleteUserGrantsRequest { audience: API.to_owned(), ..Default::default() };
        assert_eq!(end(&house, at_api).await, DeleteUserGrantsResponse { deleted: 2, more: false });
        assert_eq!(listed(&house).await, []);
    })
    .await;
}

#[tokio::test]
async fn of_many_grants_some_end_at_a_time() {
    on_each_backend(async |home| {
        let house = House::on(home).await;
        let client = house.registry.add(third_party());
        Browser::at(&house.service).led_to_code(request(&client, SCOPES)).await;
        for copy in [
            "INSERT INTO user_account (id, tenant_id, email, email_key, email_verified, name, password_hash, blocked, \
             created_at, updated_at, failures, locked_until, tenant_incarnation) \
             SELECT 'usr_aaaaaaaaaaaa' || CAST(n AS TEXT), tenant_id, 'u' || CAST(n AS TEXT), 'u' || CAST(n AS TEXT), \
             email_verified, name, password_hash, blocked, created_at, updated_at, failures, locked_until, tenant_incarnation \
             FROM user_account, many",
            "INSERT INTO user_grant (id, tenant_id, user_id, client_id, audience, scopes, declined, consented, created_at, \
             updated_at, resource_server_id) \
             SELECT 'ugr_aaaaaaaaaaaa' || CAST(n AS TEXT), tenant_id, 'usr_aaaaaaaaaaaa' || CAST(n AS TEXT), client_id, \
             audience, scopes, declined, consented, created_at, updated_at, resource_server_id FROM user_grant, many",
        ] {
            let many = "WITH RECURSIVE many(n) AS \
                        (SELECT 100000000001 UNION ALL SELECT n + 1 FROM many WHERE n < 100000000500)";
            assert_eq!(house.execute(&format!("{many} {copy}")).await, 500);
        }
        let which = DeleteUserGrantsRequest { client_id: client, ..Default::default() };
        assert_eq!(end(&house, which.clone()).await, DeleteUserGrantsResponse { deleted: 500, more: true });
        assert_eq!(end(&house, which.clone()).await, DeleteUserGrantsResponse { deleted: 1, more: false });
        assert_eq!(end(&house, which).await, DeleteUserGrantsResponse { deleted: 0, more: false });
    })
    .await;
}

#[tokio::test]
async fn b30_a_user_is_told_which_client_registered_itself() {
    on_each_backend(async |home| {
        let house = House::on(home).await;
        for registered_itself in [false, true] {
            let client = house.registry.add(Client { registered_itself, ..third_party() });
            let mut browser = Browser::at(&house.service);
            let handle = browser.led_to_consent(request(&client, SCOPES)).await;
            let page: GetInteractionResponse = browser.page(&handle).await.expect("a page");
            assert_eq!(page.application.expect("a client").registered_itself, registered_itself);
            // Where that changes, so does the word of what was shown.
            house.registry.add(Client { registered_itself: !registered_itself, ..third_party() });
            assert_ne!(browser.page(&handle).await.expect("a page").shown, page.shown);
        }
    })
    .await;
}
