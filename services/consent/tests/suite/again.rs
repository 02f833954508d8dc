//! Answers that a browser sends twice: its user pressed twice, or loaded the page anew.

#![expect(clippy::expect_used, reason = "a step that leads elsewhere has failed the test")]

use std::time::Duration;

use mintage_api::consent::step::Next;
use mintage_api::consent::{
    BeginAuthorizationRequest, BrowserTokens, DecideRequest, ListUserGrantsRequest, Page, SignInRequest,
};
use mintage_api::types::ErrorReason;
use mintage_testkit::on_each_backend;

use crate::browser::{Browser, consent_page, redirection, request, said, sign_in_page};
use crate::house::{House, PASSWORD, authorizations, refused};
use crate::own_pages::who;
use crate::registry::{ISSUER, first_party};

const MOMENT: Duration = Duration::from_secs(29);

/// What the sign-in page of `handle` sends.
async fn filled(browser: &Browser<'_>, handle: &str, password: &str) -> SignInRequest {
    SignInRequest {
        tenant_id: "default".to_owned(),
        handle: handle.to_owned(),
        browser: Some(browser.holds.clone()),
        csrf_token: browser.page(handle).await.expect("a page").csrf_token,
        email: "ada@example.org".to_owned(),
        password: password.to_owned(),
    }
}

async fn send(browser: &mut Browser<'_>, form: SignInRequest) -> Next {
    let answer = authorizations(browser.service).sign_in(form).await.expect("a sign-in");
    browser.follow(answer.into_inner().step)
}

#[tokio::test]
async fn b29_the_same_yes_brings_another_code_and_the_former_is_worth_nothing() {
    on_each_backend(async |home| {
        let house = House::on(home).await;
        let (client, mut browser) = Browser::sent_to(&house);
        let handle = browser.led_to_consent(request(&client, "read:notes write:notes")).await;
        let yes = browser.answer(&handle, true, &["write:notes"]).await.expect("a page");
        let first = redirection(browser.decide(yes.clone()).await.expect("an answer"));
        house.clock.advance(MOMENT);
        let second = redirection(browser.decide(yes.clone()).await.expect("the same answer"));
        assert_eq!((said(&second, "state"), said(&second, "iss")), ("a state", ISSUER));
        assert_ne!(said(&first, "code"), said(&second, "code"));
        for other in [
            DecideRequest { scopes: Vec::new(), ..yes.clone() },
            DecideRequest { approve: false, ..yes.clone() },
            DecideRequest { shown: String::new(), ..yes.clone() },
        ] {
            refused(browser.decide(other).await, ErrorReason::InteractionOver);
        }
        refused(house.redeem(&client, said(&first, "code")).await, ErrorReason::GrantInvalid);
        let given = house.redeem(&client, said(&second, "code")).await.expect("tokens");
        assert_eq!(given.scopes, ["read:notes", "write:notes"]);
        refused(browser.decide(yes).await, ErrorReason::InteractionOver);
        let grants = house.user_grants().list_user_grants(ListUserGrantsRequest::default()).await.expect("a list");
        assert_eq!(grants.into_inner().user_grants.len(), 1);
    })
    .await;
}

#[tokio::test]
async fn b29_a_yes_comes_again_for_a_moment_from_its_own_browser_and_session_alone() {
    on_each_backend(async |home| {
        let house = House::on(home).await;
        let (client, mut browser, handle) = Browser::asked_at(&house).await;
        let yes = browser.answer(&handle, true, &[]).await.expect("a page");
        let first = redirection(browser.decide(yes.clone()).await.expect("an answer"));
        let mut thief = Browser::at(&house.service);
        thief.led_to_code_again(request(&client, "read:notes")).await;
        let BrowserTokens { browser: token, session, .. } = browser.holds.clone();
        for holds in [
            thief.holds.clone(),
            BrowserTokens { session: String::new(), browser: token, ..BrowserTokens::default() },
            BrowserTokens { session, browser: thief.holds.browser.clone(), ..BrowserTokens::default() },
        ] {
            let stolen = DecideRequest { browser: Some(holds), ..yes.clone() };
            refused(thief.decide(stolen).await, ErrorReason::InteractionOver);
        }
        let forged = DecideRequest { csrf_token: String::new(), ..yes.clone() };
        refused(browser.decide(forged).await, ErrorReason::InteractionOver);
        house.clock.advance(MOMENT + Duration::from_secs(1));
        refused(browser.decide(yes).await, ErrorReason::InteractionOver);
        house.redeem(&client, said(&first, "code")).await.expect("none of them touched the code");
    })
    .await;
}

#[tokio::test]
async fn a_user_whose_yes_was_withdrawn_or_whose_client_was_stopped_does_not_give_it_again() {
    on_each_backend(async |home| {
        let house = House::on(home).await;
        let (client, mut browser, handle) = Browser::asked_at(&house).await;
        let yes = browser.answer(&handle, true, &[]).await.expect("a page");
        browser.decide(yes.clone()).await.expect("an answer");
        house.registry.change(|records| records.clients.get_mut(&client).expect("it").enabled = false);
        assert!(matches!(browser.decide(yes.clone()).await.expect("a page"), Next::Problem(_)));
        house.registry.change(|records| records.clients.get_mut(&client).expect("it").enabled = true);
        house.execute("DELETE FROM user_grant").await;
        refused(browser.decide(yes).await, ErrorReason::InteractionOver);
    })
    .await;
}

#[tokio::test]
async fn a_sign_in_that_is_sent_twice_leads_on_whichever_the_browser_waits_for() {
    on_each_backend(async |home| {
        let house = House::on(home).await;
        let (client, mut browser) = Browser::sent_to(&house);
        let page = sign_in_page(browser.begin(request(&client, "read:notes")).await);
        let form = filled(&browser, &page, PASSWORD).await;
        let mut other = Browser { service: &house.service, holds: browser.holds.clone() };
        let pages =
            [consent_page(send(&mut other, form.clone()).await), consent_page(send(&mut browser, form.clone()).await)];
        for (browser, page) in [&mut browser, &mut other].into_iter().zip(pages.iter().rev()) {
            assert!(who(&house.service, &browser.holds).await.is_some());
            assert!(!said(&browser.approve(page, &[]).await, "code").is_empty());
        }
        let wrong = SignInRequest { password: "not the password".to_owned(), ..form.clone() };
        refused(authorizations(&house.service).sign_in(wrong).await, ErrorReason::SignInRefused);
        house.clock.advance(MOMENT + Duration::from_secs(1));
        refused(authorizations(&house.service).sign_in(form).await, ErrorReason::InteractionOver);
    })
    .await;
}

#[tokio::test]
async fn a_sign_in_that_is_sent_twice_gives_a_code_that_is_good_each_time() {
    on_each_backend(async |home| {
        let house = House::on(home).await;
        let client = house.registry.add(first_party());
        let mut browser = Browser::at(&house.service);
        browser.led_to_code(request(&client, "read:notes")).await;
        let anew = BeginAuthorizationRequest { prompt: "login".to_owned(), ..request(&client, "read:notes") };
        let page = sign_in_page(browser.begin(anew).await);
        let form = filled(&browser, &page, PASSWORD).await;
        for _ in 0..2 {
            let answer = redirection(send(&mut browser, form.clone()).await);
            house.redeem(&client, said(&answer, "code")).await.expect("the password was shown each time");
        }
    })
    .await;
}

#[tokio::test]
async fn whoever_comes_back_to_a_page_that_was_answered_is_told_who_asked() {
    on_each_backend(async |home| {
        let house = House::on(home).await;
        let (_, mut browser, handle) = Browser::asked_at(&house).await;
        browser.approve(&handle, &[]).await;
        house.clock.advance(Duration::from_mins(20));
        let over = browser.page(&handle).await.expect("what is left of it");
        assert_eq!((over.page(), over.csrf_token.as_str(), over.person), (Page::Over, "", None));
        assert_eq!(over.application.map(|application| application.name).as_deref(), Some("App"));
        refused(Browser::at(&house.service).page(&handle).await, ErrorReason::InteractionOver);
        house.clock.advance(Duration::from_mins(20));
        refused(browser.page(&handle).await, ErrorReason::InteractionOver);
    })
    .await;
}

#[tokio::test]
async fn another_user_may_be_wanted_twice() {
    on_each_backend(async |home| {
        let house = House::on(home).await;
        let (_, mut browser, handle) = Browser::asked_at(&house).await;
        let page = browser.page(&handle).await.expect("a page");
        let other = mintage_api::consent::SwitchUserRequest {
            tenant_id: "default".to_owned(),
            handle,
            browser: Some(browser.holds.clone()),
            csrf_token: page.csrf_token,
        };
        for _ in 0..2 {
            let answer = authorizations(&house.service).switch_user(other.clone()).await.expect("a page");
            let page = sign_in_page(browser.follow(answer.into_inner().step));
            assert_eq!(browser.page(&page).await.expect("a page").page(), Page::SignIn);
        }
    })
    .await;
}
