//! UserService, and what becomes of users who are blocked.

#![expect(clippy::expect_used, reason = "what a test sets up must work, or the test has failed")]

use mintage_api::consent::step::Next;
use mintage_api::consent::{
    BeginAuthorizationRequest, CreateUserRequest, DeleteUserRequest, GetUserRequest, ListUsersRequest,
    RedeemPasswordRequest, SetPasswordRequest, UpdateUserRequest, User,
};
use mintage_api::types::ErrorReason;
use mintage_testkit::on_each_backend;
use prost_types::FieldMask;
use tonic::Status;

use crate::browser::{Browser, request, said, sign_in_page};
use crate::house::{House, PASSWORD, redemptions, refused};
use crate::own_pages::who;
use crate::registry::{API, first_party, third_party};

fn new(email: &str, password: &str) -> CreateUserRequest {
    CreateUserRequest { email: email.to_owned(), password: password.to_owned(), ..CreateUserRequest::default() }
}

async fn create(house: &House, request: CreateUserRequest) -> Result<User, Status> {
    Ok(house.users().create_user(request).await?.into_inner().user.expect("a user"))
}

pub(crate) async fn found(house: &House, id: &str) -> Result<User, Status> {
    let request = GetUserRequest { id: id.to_owned(), ..GetUserRequest::default() };
    Ok(house.users().get_user(request).await?.into_inner().user.expect("a user"))
}

async fn update(house: &House, user: User, paths: &[&str]) -> Result<User, Status> {
    let paths = paths.iter().map(ToString::to_string).collect();
    let request = UpdateUserRequest { user: Some(user), update_mask: Some(FieldMask { paths }) };
    Ok(house.users().update_user(request).await?.into_inner().user.expect("a user"))
}

async fn set_password(house: &House, password: &str) -> Result<(), Status> {
    let id = found(house, "ada@example.org").await.expect("found").id;
    let request = SetPasswordRequest { id, password: password.to_owned(), ..SetPasswordRequest::default() };
    house.users().set_password(request).await.map(drop)
}

#[tokio::test]
async fn a_user_is_found_by_id_and_by_address_however_it_is_written() {
    on_each_backend(async |home| {
        let house = House::on(home).await;
        let bob = house.user("Bob@Example.org").await;
        assert!(bob.id.starts_with("usr_"), "{}", bob.id);
        assert_eq!((bob.email.as_str(), bob.blocked, bob.last_sign_in_at), ("Bob@Example.org", false, None));
        for name in [bob.id.as_str(), "bob@example.ORG", "BOB@EXAMPLE.ORG"] {
            assert_eq!(found(&house, name).await.expect("found"), bob);
        }
        for nobody in ["usr_aaaaaaaaaaaaaaaaaaaaaaaa", "carol@example.org", "x", "' OR 1=1"] {
            refused(found(&house, nobody).await, ErrorReason::NotFound);
        }
        refused(found(&house, "").await, ErrorReason::ParameterMissing);
        let elsewhere = GetUserRequest { tenant_id: "other".to_owned(), id: bob.id };
        refused(house.users().get_user(elsewhere).await, ErrorReason::NotFound);
    })
    .await;
}

#[tokio::test]
async fn there_is_one_user_for_an_address_in_each_tenant() {
    on_each_backend(async |home| {
        let house = House::on(home).await;
        refused(create(&house, new("ADA@example.org", PASSWORD)).await, ErrorReason::Conflict);
        let elsewhere = CreateUserRequest { tenant_id: "other".to_owned(), ..new("ada@example.org", PASSWORD) };
        assert_eq!(create(&house, elsewhere).await.expect("another tenant").tenant_id, "other");
        let nowhere = CreateUserRequest { tenant_id: "nope".to_owned(), ..new("ada@example.org", PASSWORD) };
        refused(create(&house, nowhere).await, ErrorReason::NotFound);
        let bob = house.user("bob@example.org").await;
        let taken = User { email: "Ada@Example.org".to_owned(), ..bob.clone() };
        refused(update(&house, taken, &["email"]).await, ErrorReason::Conflict);
        assert_eq!(found(&house, &bob.id).await.expect("as it was"), bob);
    })
    .await;
}

#[tokio::test]
async fn of_many_who_create_a_user_at_once_one_does() {
    on_each_backend(async |home| {
        let house = House::on(home).await;
        let creating = (0..4).map(|_| create(&house, new("bob@example.org", PASSWORD)));
        let outcomes = futures::future::join_all(creating).await;
        assert_eq!(outcomes.iter().filter(|outcome| outcome.is_ok()).count(), 1);
        outcomes.into_iter().filter(Result::is_err).for_each(|outcome| refused(outcome, ErrorReason::Conflict));
    })
    .await;
}

#[tokio::test]
async fn what_is_no_address_name_or_password_is_refused() {
    on_each_backend(async |home| {
        let house = House::on(home).await;
        for odd in ["", "bob", "bob@", "b ob@example.org", "bob@example.org\0", &format!("{}@b.c", "a".repeat(251))] {
            let outcome = create(&house, new(odd, PASSWORD)).await;
            let reason = if odd.is_empty() { ErrorReason::ParameterMissing } else { ErrorReason::ParameterInvalid };
            refused(outcome, reason);
        }
        for weak in ["", "short", "password1234!", "bob@example.org", "xx-bob-kq8Vn2", &"x".repeat(100_000)] {
            let status = create(&house, new("bob@example.org", weak)).await.expect_err("refused");
            assert!(weak.is_empty() || !format!("{status:?}").contains(weak), "it is not repeated");
            refused::<User>(Err(status), ErrorReason::ParameterInvalid);
        }
        let long = CreateUserRequest { name: "é".repeat(129), ..new("bob@example.org", PASSWORD) };
        refused(create(&house, long).await, ErrorReason::ParameterInvalid);
    })
    .await;
}

#[tokio::test]
async fn an_update_changes_what_it_names_and_nothing_else() {
    on_each_backend(async |home| {
        let house = House::on(home).await;
        let ada = found(&house, "ada@example.org").await.expect("found");
        let asked = User { name: "Countess".to_owned(), email: "other@example.org".to_owned(), ..ada.clone() };
        let changed = update(&house, asked.clone(), &["name"]).await.expect("changes");
        assert_eq!((changed.name.as_str(), changed.email.as_str()), ("Countess", "ada@example.org"));
        let moved = update(&house, asked.clone(), &["email"]).await.expect("changes");
        assert_eq!((moved.email.as_str(), moved.email_verified), ("other@example.org", false));
        refused(found(&house, "ada@example.org").await, ErrorReason::NotFound);
        for paths in [&["id"][..], &["created_at"], &["password"]] {
            refused(update(&house, asked.clone(), paths).await, ErrorReason::ParameterInvalid);
        }
        refused(update(&house, asked, &[]).await, ErrorReason::ParameterMissing);
    })
    .await;
}

#[tokio::test]
async fn every_user_comes_once() {
    on_each_backend(async |home| {
        let house = House::on(home).await;
        for name in ["b", "c", "d", "e"] {
            house.user(&format!("{name}@example.org")).await;
        }
        let (mut seen, mut page_token, mut pages) = (Vec::new(), String::new(), 0);
        loop {
            let request = ListUsersRequest { page_size: 2, page_token, ..ListUsersRequest::default() };
            let answer = house.users().list_users(request).await.expect("lists").into_inner();
            seen.extend(answer.users.into_iter().map(|user| user.email));
            (page_token, pages) = (answer.next_page_token, pages + 1);
            if page_token.is_empty() {
                break;
            }
        }
        seen.sort();
        let all = ["ada@example.org", "b@example.org", "c@example.org", "d@example.org", "e@example.org"];
        assert_eq!((seen, pages), (all.map(str::to_owned).to_vec(), 3));
        let forged = ListUsersRequest { page_token: "AAAA".to_owned(), ..ListUsersRequest::default() };
        refused(house.users().list_users(forged).await, ErrorReason::ParameterInvalid);
    })
    .await;
}

#[tokio::test]
async fn b32_a_blocked_users_sessions_codes_and_refresh_tokens_are_worth_nothing_on_any_replica() {
    on_each_backend(async |home| {
        let house = House::on(home).await;
        let replica = house.replica().await;
        let (client, mut browser) = Browser::sent_to(&house);
        let code = browser.led_to_code(request(&client, "read:notes offline_access")).await;
        let refresh_token = house.redeem(&client, &code).await.expect("tokens").refresh_token;
        let unused = browser.led_to_code_again(request(&client, "read:notes offline_access")).await;
        assert!(who(&replica, &browser.holds).await.is_some());
        let ada = found(&house, "ada@example.org").await.expect("found");
        house.block(ada.clone()).await;
        for service in [&house.service, &replica] {
            assert_eq!(who(service, &browser.holds).await, None);
            refused(crate::house::refresh_at(service, &client, &refresh_token).await, ErrorReason::GrantInvalid);
            refused(crate::house::redeem_at(service, &client, &unused).await, ErrorReason::GrantInvalid);
            let mut elsewhere = Browser::at(service);
            let page = sign_in_page(elsewhere.begin(request(&client, "read:notes")).await);
            let outcome = elsewhere.sign_in_as(&page, "ada@example.org", PASSWORD).await;
            refused(outcome, ErrorReason::SignInRefused);
        }
        update(&house, User { blocked: false, ..ada }, &["blocked"]).await.expect("changes");
        assert_eq!(who(&replica, &browser.holds).await, None, "what was taken does not come back");
        refused(house.refresh(&client, &refresh_token).await, ErrorReason::GrantInvalid);
        refused(house.redeem(&client, &unused).await, ErrorReason::GrantInvalid);
        let page = sign_in_page(browser.begin(request(&client, "read:notes")).await);
        browser.sign_in_as(&page, "ada@example.org", PASSWORD).await.expect("may sign in again");
    })
    .await;
}

#[tokio::test]
async fn b32_what_is_granted_while_the_user_is_blocked_is_worth_nothing_afterwards() {
    on_each_backend(async |home| {
        let house = House::on(home).await;
        let replica = house.replica().await;
        let client = house.registry.add(third_party());
        let ada = found(&house, "ada@example.org").await.expect("found");
        for _ in 0..8 {
            let mut browser = Browser::at(&replica);
            let asked = BeginAuthorizationRequest { prompt: "consent".to_owned(), ..request(&client, "read:notes") };
            let page = browser.led_to_consent(asked).await;
            let answer = browser.answer(&page, true, &[]).await.expect("a page");
            let (outcome, ()) = tokio::join!(browser.decide(answer), house.block(ada.clone()));
            update(&house, User { blocked: false, ..ada.clone() }, &["blocked"]).await.expect("changes");
            if let Ok(Next::Redirection(back)) = outcome {
                refused(house.redeem(&client, said(&back, "code")).await, ErrorReason::GrantInvalid);
            }
        }
    })
    .await;
}

#[tokio::test]
async fn b32_what_a_password_gives_while_its_user_is_blocked_is_worth_nothing_afterwards() {
    on_each_backend(async |home| {
        let house = House::on(home).await;
        let replica = house.replica().await;
        let ada = found(&house, "ada@example.org").await.expect("found");
        for round in 0..6 {
            // Each of a client of its own, so that each time the grant is new.
            let mut legacy = first_party();
            legacy.client_id = format!("legacy-{round}");
            legacy.user_access.as_mut().expect("access").dangerously_allow_password = true;
            let client = house.registry.add(legacy);
            let request = RedeemPasswordRequest {
                tenant_id: "default".to_owned(),
                client_id: client.clone(),
                username: "ada@example.org".to_owned(),
                password: PASSWORD.to_owned(),
                audience: API.to_owned(),
                scopes: vec!["read:notes".to_owned(), "offline_access".to_owned()],
            };
            let mut redemptions = redemptions(&replica);
            let (given, ()) = tokio::join!(redemptions.redeem_password(request), house.block(ada.clone()));
            update(&house, User { blocked: false, ..ada.clone() }, &["blocked"]).await.expect("changes");
            match given {
                Ok(given) => {
                    let token = given.into_inner().authorization.expect("an authorization").refresh_token;
                    refused(house.refresh(&client, &token).await, ErrorReason::GrantInvalid);
                }
                outcome => refused(outcome, ErrorReason::GrantInvalid),
            }
        }
    })
    .await;
}

#[tokio::test]
async fn b32_another_password_ends_what_the_former_gave() {
    on_each_backend(async |home| {
        let house = House::on(home).await;
        let (client, mut browser) = Browser::sent_to(&house);
        let code = browser.led_to_code(request(&client, "read:notes offline_access")).await;
        let refresh_token = house.redeem(&client, &code).await.expect("tokens").refresh_token;
        refused(set_password(&house, "password1234").await, ErrorReason::ParameterInvalid);
        assert!(who(&house.service, &browser.holds).await.is_some(), "nothing happened");
        set_password(&house, "plum orbit kettle").await.expect("is set");
        assert_eq!(who(&house.service, &browser.holds).await, None);
        refused(house.refresh(&client, &refresh_token).await, ErrorReason::GrantInvalid);
        let page = sign_in_page(browser.begin(request(&client, "read:notes")).await);
        refused(browser.sign_in_as(&page, "ada@example.org", PASSWORD).await, ErrorReason::SignInRefused);
        browser.sign_in_as(&page, "ada@example.org", "plum orbit kettle").await.expect("a sign-in");
        let ada = found(&house, "ada@example.org").await.expect("found");
        assert!(ada.last_sign_in_at.is_some());
    })
    .await;
}

#[tokio::test]
async fn b32_of_a_deleted_user_nothing_is_left() {
    on_each_backend(async |home| {
        let house = House::on(home).await;
        let (client, mut browser) = Browser::sent_to(&house);
        let code = browser.led_to_code(request(&client, "read:notes offline_access")).await;
        let refresh_token = house.redeem(&client, &code).await.expect("tokens").refresh_token;
        let ada = found(&house, "ada@example.org").await.expect("found");
        let delete = DeleteUserRequest { id: ada.id.clone(), ..DeleteUserRequest::default() };
        let elsewhere = DeleteUserRequest { tenant_id: "other".to_owned(), ..delete.clone() };
        refused(house.users().delete_user(elsewhere).await, ErrorReason::NotFound);
        house.users().delete_user(delete.clone()).await.expect("deletes");
        assert_eq!(who(&house.service, &browser.holds).await, None);
        refused(house.refresh(&client, &refresh_token).await, ErrorReason::GrantInvalid);
        refused(house.users().delete_user(delete).await, ErrorReason::NotFound);
        let again = house.user("ada@example.org").await;
        assert_ne!(again.id, ada.id, "whoever has the address next is another user");
    })
    .await;
}
