//! Programs of the user's device that pose as an application there (RFC 8252 section 8.6).

#![expect(clippy::expect_used, reason = "a step that leads elsewhere has failed the test")]

use mintage_api::consent::{BeginAuthorizationRequest, GetInteractionResponse};
use mintage_api::registry::{Client, ClientType};
use mintage_testkit::on_each_backend;

use crate::browser::{Browser, consent_page, redirection, request, said};
use crate::house::House;
use crate::registry::{CALLBACK, first_party, third_party};

const ON_DEVICE: [(&str, &str); 4] = [
    ("http://127.0.0.1/cb", "http://127.0.0.1:49152/cb"),
    ("http://localhost:3000/cb", "http://localhost:3000/cb"),
    ("https://localhost/cb", "https://localhost/cb"),
    ("com.example.app:/cb", "com.example.app:/cb"),
];

/// One that is answered at an address of its own, and on the user's device.
fn native(client: Client, client_type: ClientType) -> Client {
    let mut access = client.user_access.unwrap_or_default();
    access.redirect_uris.extend(ON_DEVICE.map(|(registered, _)| registered.to_owned()));
    Client { client_type: client_type.into(), user_access: Some(access), ..client }
}

fn at(address: &str, client: &str, scope: &str) -> BeginAuthorizationRequest {
    BeginAuthorizationRequest { redirect_uri: address.to_owned(), ..request(client, scope) }
}

fn silently(request: BeginAuthorizationRequest) -> BeginAuthorizationRequest {
    BeginAuthorizationRequest { prompt: "none".to_owned(), ..request }
}

async fn shown(browser: &Browser<'_>, handle: &str) -> GetInteractionResponse {
    browser.page(handle).await.expect("a page")
}

#[tokio::test]
async fn b26_whoever_can_be_any_program_of_the_device_is_never_answered_unasked() {
    on_each_backend(async |home| {
        let house = House::on(home).await;
        for client in [third_party(), first_party()] {
            let client = house.registry.add(native(client, ClientType::Public));
            let mut browser = Browser::at(&house.service);
            browser.led_to_code(request(&client, "read:notes write:notes")).await;
            for (_, address) in ON_DEVICE {
                let asked = || at(address, &client, "read:notes write:notes");
                let told = redirection(browser.begin(silently(asked())).await);
                assert_eq!((said(&told, "error"), said(&told, "code")), ("consent_required", ""), "{address}");
                let handle = consent_page(browser.begin(asked()).await);
                let page = shown(&browser, &handle).await;
                assert!(page.asked_each_time && page.scopes.iter().all(|scope| scope.granted), "{page:?}");
                assert!(!said(&browser.approve(&handle, &["write:notes"]).await, "code").is_empty());
                consent_page(browser.begin(asked()).await);
            }
            let elsewhere = redirection(browser.begin(silently(at(CALLBACK, &client, "read:notes"))).await);
            assert!(!said(&elsewhere, "code").is_empty(), "nobody but the client is answered there");
        }
    })
    .await;
}

#[tokio::test]
async fn who_shows_a_secret_before_it_gets_tokens_is_answered_on_a_device_as_elsewhere() {
    on_each_backend(async |home| {
        let house = House::on(home).await;
        let client = house.registry.add(native(third_party(), ClientType::Confidential));
        let mut browser = Browser::at(&house.service);
        let handle = browser.led_to_consent(request(&client, "read:notes")).await;
        assert!(!shown(&browser, &handle).await.asked_each_time);
        browser.approve(&handle, &[]).await;
        for (_, address) in ON_DEVICE {
            let told = redirection(browser.begin(silently(at(address, &client, "read:notes"))).await);
            assert!(!said(&told, "code").is_empty(), "{address}");
        }
        house.registry.change(|records| {
            records.clients.get_mut(&client).expect("it").client_type = ClientType::Public.into();
        });
        let told = redirection(browser.begin(silently(at("com.example.app:/cb", &client, "read:notes"))).await);
        assert_eq!(said(&told, "error"), "consent_required", "from the moment that it has none");
    })
    .await;
}

#[tokio::test]
async fn tokens_that_go_through_the_browser_need_no_secret_so_that_it_counts_for_nothing() {
    on_each_backend(async |home| {
        let house = House::on(home).await;
        let client = house.registry.add(native(first_party(), ClientType::Confidential));
        house.registry.change(|records| {
            let access = &mut records.clients.get_mut(&client).expect("it").user_access;
            access.get_or_insert_default().dangerously_allow_implicit = true;
        });
        let asked = |address: &str| BeginAuthorizationRequest {
            response_type: "code token".to_owned(),
            ..at(address, &client, "read:notes")
        };
        let mut browser = Browser::at(&house.service);
        browser.led_to_code(asked(CALLBACK)).await;
        assert!(!redirection(browser.begin(asked(CALLBACK)).await).front_channel_ticket.is_empty());
        consent_page(browser.begin(asked("http://127.0.0.1:49152/cb")).await);
    })
    .await;
}

#[tokio::test]
async fn what_a_user_left_out_is_shown_as_left_out() {
    on_each_backend(async |home| {
        let house = House::on(home).await;
        let client = house.registry.add(native(third_party(), ClientType::Public));
        let mut browser = Browser::at(&house.service);
        let asked = || at("http://127.0.0.1:49152/cb", &client, "read:notes write:notes delete:notes");
        let handle = browser.led_to_consent(asked()).await;
        assert!(shown(&browser, &handle).await.scopes.iter().all(|scope| !scope.declined));
        browser.approve(&handle, &["write:notes"]).await;
        let handle = consent_page(browser.begin(asked()).await);
        let page = shown(&browser, &handle).await;
        let declined: Vec<_> = page.scopes.iter().filter(|scope| scope.declined).map(|scope| &*scope.value).collect();
        assert_eq!(declined, ["delete:notes"]);
    })
    .await;
}
