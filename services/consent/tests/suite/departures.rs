//! What is deleted in the registry is forgotten here.

#![expect(clippy::expect_used, reason = "what a test sets up must work, or the test has failed")]

use mintage_api::consent::{BeginSignInRequest, CreateUserRequest};
use mintage_api::registry::change::Subject;
use mintage_api::registry::{Client, ClientChange, ResourceServerChange, TenantChange};
use mintage_testkit::on_each_backend;

use crate::browser::{Browser, request};
use crate::house::{House, PASSWORD, authorizations};
use crate::registry::{API, ISSUER, first_party, third_party};

const OFFLINE: &str = "read:notes offline_access";

/// A refresh token of each client, for the same API; their ids.
async fn two_clients(house: &House) -> [String; 2] {
    let clients = [house.registry.add(third_party()), house.registry.add(first_party())];
    for client in &clients {
        let code = Browser::at(&house.service).led_to_code(request(client, OFFLINE)).await;
        house.redeem(client, &code).await.expect("tokens");
    }
    clients
}

async fn count(house: &House, table: &str) -> i64 {
    house.number(format!("SELECT COUNT(*) AS number FROM {table}")).await
}

fn client_change(client: &str) -> Subject {
    Subject::Client(ClientChange { client_id: client.to_owned() })
}

fn api_change() -> Subject {
    Subject::ResourceServer(ResourceServerChange { identifier: API.to_owned() })
}

/// A user of tenant `other`, signed in, with a grant.
async fn somebody_elsewhere(house: &House) {
    let user = CreateUserRequest {
        tenant_id: "other".to_owned(),
        email: "eve@example.org".to_owned(),
        password: PASSWORD.to_owned(),
        ..CreateUserRequest::default()
    };
    let user = house.users().create_user(user).await.expect("a user").into_inner().user.expect("a user");
    let grant = format!(
        "INSERT INTO user_grant (id, tenant_id, user_id, client_id, audience, resource_server_id, scopes, declined, \
         consented, created_at, updated_at) VALUES ('ugr_eeeeeeeeeeeeeeeeeeeeeeee', 'other', '{}', \
         'eeeeeeeeeeeeeeeeeeeeeeeeeeeeeeee', '{API}', 'api_aaaaaaaaaaaaaaaaaaaaaaaa', 'read:notes', '', 'read:notes', 1, 1)",
        user.id
    );
    assert_eq!(house.execute(&grant).await, 1);
    let sign_in = BeginSignInRequest {
        tenant_id: "other".to_owned(),
        issuer: "https://other.example/".to_owned(),
        ..BeginSignInRequest::default()
    };
    authorizations(&house.service).begin_sign_in(sign_in).await.expect("a page");
}

#[tokio::test]
async fn a_tenant_that_is_deleted_takes_its_users_and_all_that_is_theirs_with_it_and_nobody_elses() {
    on_each_backend(async |home| {
        let house = House::on(home).await;
        two_clients(&house).await;
        somebody_elsewhere(&house).await;
        let here = BeginSignInRequest { issuer: ISSUER.to_owned(), ..BeginSignInRequest::default() };
        authorizations(&house.service).begin_sign_in(here).await.expect("a page");
        house.registry.change(|records| records.tenants.remove("other"));
        house.registry.feed().tell(1, "other", Subject::Tenant(TenantChange {})).await;
        for table in ["user_account", "user_grant", "interaction"] {
            let query = format!("SELECT COUNT(*) AS number FROM {table} WHERE tenant_id = 'other'");
            house.until(&query, 0).await;
        }
        for (table, kept) in [("user_account", 1), ("user_grant", 2), ("refresh_family", 2), ("interaction", 1)] {
            assert_eq!(count(&house, table).await, kept, "{table}");
        }
    })
    .await;
}

#[tokio::test]
async fn of_a_tenant_that_came_back_the_users_of_before_are_forgotten_and_those_of_now_are_not() {
    on_each_backend(async |home| {
        let house = House::on(home).await;
        somebody_elsewhere(&house).await;
        house.registry.replace_tenant("other", "second");
        let user = CreateUserRequest {
            tenant_id: "other".to_owned(),
            email: "mia@example.org".to_owned(),
            password: PASSWORD.to_owned(),
            ..CreateUserRequest::default()
        };
        house.users().create_user(user).await.expect("a user");
        house.registry.feed().tell(1, "other", Subject::Tenant(TenantChange {})).await;
        let former = "SELECT COUNT(*) AS number FROM user_account WHERE tenant_id = 'other' AND email_key LIKE 'eve%'";
        house.until(former, 0).await;
        let now = "SELECT COUNT(*) AS number FROM user_account WHERE tenant_id = 'other' AND email_key LIKE 'mia%'";
        assert_eq!(house.number(now.to_owned()).await, 1);
    })
    .await;
}

#[tokio::test]
async fn a_client_that_is_deleted_takes_what_it_was_granted_with_it_and_one_that_is_disabled_does_not() {
    on_each_backend(async |home| {
        let house = House::on(home).await;
        let [deleted, disabled] = two_clients(&house).await;
        house.registry.change(|records| {
            records.clients.remove(&deleted);
            let client = records.clients.get_mut(&disabled).expect("a client");
            *client = Client { enabled: false, ..client.clone() };
        });
        let feed = house.registry.feed();
        feed.tell(1, "default", client_change(&disabled)).await;
        feed.tell(1, "default", client_change(&deleted)).await;
        for table in ["user_grant", "refresh_family", "authorization_code"] {
            house.until(&format!("SELECT COUNT(*) AS number FROM {table}"), 1).await;
        }
        let kept = format!("SELECT COUNT(*) AS number FROM user_grant WHERE client_id = '{disabled}'");
        assert_eq!(house.number(kept).await, 1);
        assert_eq!(count(&house, "browser_session").await, 2, "users stay signed in");
    })
    .await;
}

#[tokio::test]
async fn what_was_granted_at_an_api_that_came_back_is_forgotten_and_what_is_granted_since_is_not() {
    on_each_backend(async |home| {
        let house = House::on(home).await;
        let [former, present] = two_clients(&house).await;
        house.registry.replace_api(API, "api_bbbbbbbbbbbbbbbbbbbbbbbb");
        let mut browser = Browser::at(&house.service);
        let code = browser.led_to_code(request(&present, OFFLINE)).await;
        let token = house.redeem(&present, &code).await.expect("tokens").refresh_token;
        house.registry.feed().tell(1, "default", api_change()).await;
        let left = format!("SELECT COUNT(*) AS number FROM user_grant WHERE client_id = '{former}'");
        house.until(&left, 0).await;
        house.refresh(&present, &token).await.expect("the next");
        house.registry.change(|records| records.apis.clear());
        house.registry.feed().tell(1, "default", api_change()).await;
        house.until("SELECT COUNT(*) AS number FROM user_grant", 0).await;
        assert_eq!(count(&house, "user_account").await, 1);
    })
    .await;
}

#[tokio::test]
async fn what_was_deleted_while_nobody_listened_is_found_by_however_many_look_at_once() {
    on_each_backend(async |home| {
        let house = House::on(home).await;
        let [gone, kept] = two_clients(&house).await;
        somebody_elsewhere(&house).await;
        for number in 0..250 {
            let user = format!(
                "INSERT INTO user_account (id, tenant_id, tenant_incarnation, email, email_key, email_verified, name, \
                 password_hash, blocked, created_at, updated_at, failures, locked_until) VALUES \
                 ('usr_{number:0>24}', 'other', 'first', 'u{number}@x', 'u{number}@x', true, '', 'x', false, 1, 1, 0, 0)"
            );
            assert_eq!(house.execute(&user).await, 1);
        }
        house.registry.change(|records| {
            records.tenants.remove("other");
            records.clients.remove(&gone);
        });
        let _replicas = [house.replica().await, house.replica().await];
        house.registry.feed().reset(3).await;
        house.until("SELECT COUNT(*) AS number FROM user_account", 1).await;
        house.until("SELECT COUNT(*) AS number FROM user_grant", 1).await;
        let left = format!("SELECT COUNT(*) AS number FROM refresh_family f JOIN user_grant g ON f.grant_id = g.id WHERE g.client_id = '{kept}'");
        assert_eq!(house.number(left).await, 1);
    })
    .await;
}

#[tokio::test]
async fn while_the_registry_is_away_nothing_is_forgotten_and_then_all_that_is_gone() {
    on_each_backend(async |home| {
        let house = House::on(home).await;
        let [gone, _] = two_clients(&house).await;
        house.registry.change(|records| {
            records.clients.remove(&gone);
            records.away = true;
        });
        house.registry.feed().tell(1, "default", client_change(&gone)).await;
        // The second time it was asked after the first was over.
        house.registry.until_asked(2).await;
        assert_eq!(count(&house, "user_grant").await, 2);
        house.registry.change(|records| records.away = false);
        house.until("SELECT COUNT(*) AS number FROM user_grant", 1).await;
    })
    .await;
}

#[tokio::test]
async fn a_registry_that_is_another_than_that_of_the_users_empties_nothing() {
    on_each_backend(async |home| {
        let house = House::on(home).await;
        two_clients(&house).await;
        somebody_elsewhere(&house).await;
        house.registry.replace_tenant("default", "another");
        house.registry.change(|records| {
            records.clients.clear();
            records.tenants.remove("other");
        });
        house.registry.feed().reset(1).await;
        // Of default, where it stops; and once more.
        house.registry.until_asked(2).await;
        for (table, kept) in [("user_account", 2), ("user_grant", 3), ("refresh_family", 2)] {
            assert_eq!(count(&house, table).await, kept, "{table}");
        }
    })
    .await;
}
