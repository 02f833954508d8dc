//! Browsers in which users signed in before, and how many a user may be signed in in.

#![expect(clippy::expect_used, reason = "what a test sets up must work, or the test has failed")]

use std::net::IpAddr;
use std::time::Duration;

use mintage_api::consent::{
    BeginSignInRequest, BrowserTokens, CreateUserRequest, GetInteractionRequest, SetPasswordRequest, SignInRequest,
    Step,
};
use mintage_api::types::ErrorReason;
use mintage_chassis::status::reason_of;
use mintage_chassis::{Service, source};
use mintage_testkit::on_each_backend;
use tonic::{Request, Status};

use crate::browser::sign_in_page;
use crate::house::{House, PASSWORD, authorizations, refused};

const ADA: &str = "ada@example.org";
const BOB: &str = "bob@example.org";

/// Somebody at a browser with nothing but what it shows, from a network of its own.
async fn sign_in(
    service: &Service,
    known: &str,
    (tenant, email, password): (&str, &str, &str),
    from: u8,
) -> Result<BrowserTokens, Status> {
    let issuer = if tenant == "default" { "https://id.example/" } else { "https://other.example/" };
    let began = BeginSignInRequest {
        tenant_id: tenant.to_owned(),
        issuer: issuer.to_owned(),
        browser: Some(BrowserTokens { known: known.to_owned(), ..BrowserTokens::default() }),
        ui_locales: String::new(),
    };
    let mut began = Request::new(began);
    source::attach(&mut began, IpAddr::from([192, 0, 2, from]));
    let began = authorizations(service).begin_sign_in(began).await.expect("a page").into_inner().step.expect("a step");
    let held = began.hold.expect("what to hold");
    let handle = sign_in_page(began.next.expect("a page"));
    let browser = BrowserTokens { known: known.to_owned(), ..held };
    let page =
        GetInteractionRequest { tenant_id: tenant.to_owned(), handle: handle.clone(), browser: Some(browser.clone()) };
    let page = authorizations(service).get_interaction(page).await.expect("a page").into_inner();
    let answer = SignInRequest {
        tenant_id: tenant.to_owned(),
        handle,
        browser: Some(browser),
        csrf_token: page.csrf_token,
        email: email.to_owned(),
        password: password.to_owned(),
    };
    loop {
        let mut answer = Request::new(answer.clone());
        source::attach(&mut answer, IpAddr::from([192, 0, 2, from]));
        match authorizations(service).sign_in(answer).await {
            Err(status) if told(&status) == Some(ErrorReason::TemporarilyUnavailable) => {}
            Err(status) => return Err(status),
            Ok(answer) => {
                let Step { hold, .. } = answer.into_inner().step.expect("a step");
                return Ok(hold.expect("what to hold"));
            }
        }
    }
}

fn told(status: &Status) -> Option<ErrorReason> {
    reason_of(status).map(|told| told.reason)
}

/// What a browser holds in which the user signs in.
async fn known_to(service: &Service, email: &str) -> String {
    sign_in(service, "", ("default", email, PASSWORD), 1).await.expect("a sign-in").known
}

/// Guesses until nobody is heard any more.
async fn lock(service: &Service, tenant: &str, email: &str) {
    let guesses = (100..105).map(|from| sign_in(service, "", (tenant, email, "wrong"), from));
    for guess in futures::future::join_all(guesses).await {
        refused(guess, ErrorReason::SignInRefused);
    }
    refused(sign_in(service, "", (tenant, email, PASSWORD), 2).await, ErrorReason::SignInRefused);
}

#[tokio::test]
async fn b18_whoever_locks_an_account_locks_nobody_out_of_a_browser_that_is_known() {
    on_each_backend(async |home| {
        let house = House::on(home).await;
        let replica = house.replica().await;
        let known = known_to(&house.service, ADA).await;
        assert!(known.starts_with("mkt_") && known.len() == 47, "{}", known.len());
        lock(&replica, "default", ADA).await;
        let failures = house.failures(ADA).await;
        for service in [&house.service, &replica] {
            refused(sign_in(service, &known, ("default", ADA, "wrong"), 3).await, ErrorReason::SignInRefused);
            let again = sign_in(service, &known, ("default", ADA, PASSWORD), 3).await.expect("heard");
            assert_eq!(again.known, known, "it is known by the same");
        }
        assert_eq!(house.failures(ADA).await, failures, "what others failed in is not forgiven by it");
        refused(sign_in(&house.service, "", ("default", ADA, PASSWORD), 4).await, ErrorReason::SignInRefused);
    })
    .await;
}

#[tokio::test]
async fn b18_what_a_known_browser_holds_is_worth_nothing_elsewhere() {
    on_each_backend(async |home| {
        let house = House::on(home).await;
        house.user(BOB).await;
        let elsewhere = CreateUserRequest {
            tenant_id: "other".to_owned(),
            email: ADA.to_owned(),
            password: PASSWORD.to_owned(),
            ..CreateUserRequest::default()
        };
        house.users().create_user(elsewhere).await.expect("the user is created");
        let of_bob = known_to(&house.service, BOB).await;
        let of_ada = known_to(&house.service, ADA).await;
        lock(&house.service, "default", ADA).await;
        lock(&house.service, "other", ADA).await;
        let forged = format!("mkt_{}", "A".repeat(43));
        let cut = &of_ada[..46];
        let (loud, for_more) = (of_ada.to_uppercase(), of_ada.replace("mkt_", "mbt_"));
        let attempts = [&of_bob, &forged, cut, "", "mkt_", &loud, &for_more]
            .map(|worthless| sign_in(&house.service, worthless, ("default", ADA, PASSWORD), 5));
        for outcome in futures::future::join_all(attempts).await {
            refused(outcome, ErrorReason::SignInRefused);
        }
        let outcome = sign_in(&house.service, &of_ada, ("other", ADA, PASSWORD), 5).await;
        refused(outcome, ErrorReason::SignInRefused);
        sign_in(&house.service, &of_ada, ("default", ADA, PASSWORD), 5).await.expect("but where it is Ada's");
    })
    .await;
}

#[tokio::test]
async fn b18_a_known_browser_that_guesses_is_as_locked_as_any_other() {
    on_each_backend(async |home| {
        let house = House::on(home).await;
        let replica = house.replica().await;
        let stolen = known_to(&house.service, ADA).await;
        lock(&house.service, "default", ADA).await;
        let guesses = (0..10).map(|from| {
            let service = if from % 2 == 0 { &house.service } else { &replica };
            sign_in(service, &stolen, ("default", ADA, "wrong"), 10 + from)
        });
        for guess in futures::future::join_all(guesses).await {
            refused(guess, ErrorReason::SignInRefused);
        }
        let outcome = sign_in(&replica, &stolen, ("default", ADA, PASSWORD), 30).await;
        refused(outcome, ErrorReason::SignInRefused);
        house.clock.advance(Duration::from_secs(30));
        sign_in(&replica, &stolen, ("default", ADA, PASSWORD), 31).await.expect("its time has passed");
    })
    .await;
}

#[tokio::test]
async fn b18_a_known_browser_is_not_turned_away_for_who_else_is_behind_its_address() {
    on_each_backend(async |home| {
        let house = House::on(home).await;
        let known = known_to(&house.service, ADA).await;
        let guesses = (0..10).map(|_| sign_in(&house.service, "", ("default", ADA, "wrong"), 7));
        for guess in futures::future::join_all(guesses).await {
            refused(guess, ErrorReason::SignInRefused);
        }
        let forged = format!("mkt_{}", "A".repeat(43));
        for other in ["", &forged] {
            let outcome = sign_in(&house.service, other, ("default", ADA, PASSWORD), 7).await;
            refused(outcome, ErrorReason::TooManyAttempts);
        }
        sign_in(&house.service, &known, ("default", ADA, PASSWORD), 7).await.expect("heard");
    })
    .await;
}

#[tokio::test]
async fn b18_a_stolen_cookie_gets_a_few_attempts_in_where_its_source_is_turned_away() {
    on_each_backend(async |home| {
        let house = House::on(home).await;
        let stolen = known_to(&house.service, ADA).await;
        let guesses = (0..10).map(|_| sign_in(&house.service, "", ("default", ADA, "wrong"), 7));
        for guess in futures::future::join_all(guesses).await {
            refused(guess, ErrorReason::SignInRefused);
        }
        let attempt = async || sign_in(&house.service, &stolen, ("default", ADA, PASSWORD), 7).await;
        for _ in 0..10 {
            attempt().await.expect("heard");
        }
        refused(attempt().await, ErrorReason::TooManyAttempts);
        house.clock.advance(Duration::from_secs(1));
        attempt().await.expect("heard again");
    })
    .await;
}

#[tokio::test]
async fn b18_no_browser_is_known_after_another_password_a_block_or_ninety_days() {
    on_each_backend(async |home| {
        let house = House::on(home).await;
        let bob = house.user(BOB).await;
        let (of_ada, of_bob) = (known_to(&house.service, ADA).await, known_to(&house.service, BOB).await);
        let ada = house.user_id(ADA).await;
        let request = SetPasswordRequest { id: ada, password: PASSWORD.to_owned(), ..SetPasswordRequest::default() };
        house.users().set_password(request).await.expect("the same password, chosen anew");
        house.block(bob.clone()).await;
        house.unblock(bob).await;
        for (known, email) in [(of_ada, ADA), (of_bob, BOB)] {
            lock(&house.service, "default", email).await;
            let outcome = sign_in(&house.service, &known, ("default", email, PASSWORD), 8).await;
            refused(outcome, ErrorReason::SignInRefused);
        }
        house.clock.advance(Duration::from_hours(1));
        let idle = known_to(&house.service, ADA).await;
        house.clock.advance(Duration::from_hours(24 * 90));
        lock(&house.service, "default", ADA).await;
        let outcome = sign_in(&house.service, &idle, ("default", ADA, PASSWORD), 9).await;
        refused(outcome, ErrorReason::SignInRefused);
    })
    .await;
}

#[tokio::test]
async fn a_user_is_known_in_ten_browsers_and_signed_in_in_fifty() {
    on_each_backend(async |home| {
        let house = House::on(home).await;
        let first = known_to(&house.service, ADA).await;
        let kept = known_to(&house.service, ADA).await;
        for turn in 0..55 {
            house.clock.advance(Duration::from_secs(2));
            let known = if turn < 46 { kept.as_str() } else { "" };
            sign_in(&house.service, known, ("default", ADA, PASSWORD), 40 + turn).await.expect("a sign-in");
        }
        let rows = async |table: &str| house.number(format!("SELECT count(*) AS number FROM {table}")).await;
        assert_eq!((rows("known_browser").await, rows("browser_session").await), (10, 50));
        house.clock.advance(Duration::from_mins(2));
        lock(&house.service, "default", ADA).await;
        refused(sign_in(&house.service, &first, ("default", ADA, PASSWORD), 3).await, ErrorReason::SignInRefused);
        sign_in(&house.service, &kept, ("default", ADA, PASSWORD), 3).await.expect("the ten that were used last");
    })
    .await;
}

#[tokio::test]
async fn two_users_of_one_browser_are_both_known_there() {
    on_each_backend(async |home| {
        let house = House::on(home).await;
        house.user(BOB).await;
        let shared = known_to(&house.service, ADA).await;
        let same = sign_in(&house.service, &shared, ("default", BOB, PASSWORD), 1).await.expect("a sign-in").known;
        assert_eq!(same, shared);
        for email in [ADA, BOB] {
            lock(&house.service, "default", email).await;
            sign_in(&house.service, &shared, ("default", email, PASSWORD), 6).await.expect(email);
        }
    })
    .await;
}
