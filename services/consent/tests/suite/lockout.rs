//! Guessing passwords.

#![expect(clippy::expect_used, reason = "what a test sets up must work, or the test has failed")]

use std::net::IpAddr;
use std::time::Duration;

use mintage_api::consent::SignInRequest;
use mintage_api::types::ErrorReason;
use mintage_chassis::status::reason_of;
use mintage_chassis::{Service, source};
use mintage_testkit::on_each_backend;
use tonic::{Code, Request, Status};

use crate::browser::{Browser, request, sign_in_page};
use crate::house::{House, PASSWORD, authorizations};
use crate::registry::third_party;

const ADA: &str = "ada@example.org";

/// One guess by a browser of its own.
async fn guess(service: &Service, client: &str, email: &str, password: &str, from: u8) -> Result<(), Status> {
    guess_in(&mut Browser::at(service), client, email, password, from).await
}

/// One guess. Whoever is turned away because too many others hash has not guessed, and comes again.
async fn guess_in(
    browser: &mut Browser<'_>,
    client: &str,
    email: &str,
    password: &str,
    from: u8,
) -> Result<(), Status> {
    let handle = sign_in_page(browser.begin(request(client, "read:notes")).await);
    let csrf_token = browser.page(&handle).await.expect("a page").csrf_token;
    loop {
        let mut request = Request::new(SignInRequest {
            tenant_id: "default".to_owned(),
            handle: handle.clone(),
            browser: Some(browser.holds.clone()),
            csrf_token: csrf_token.clone(),
            email: email.to_owned(),
            password: password.to_owned(),
        });
        source::attach(&mut request, IpAddr::from([192, 0, 2, from]));
        match authorizations(browser.service).sign_in(request).await {
            Err(status) if reason(&status) == Some(ErrorReason::TemporarilyUnavailable) => {}
            outcome => return outcome.map(|answer| drop(browser.follow(answer.into_inner().step))),
        }
    }
}

fn reason(status: &Status) -> Option<ErrorReason> {
    reason_of(status).map(|told| told.reason)
}

/// What whoever guesses is told.
fn told(outcome: Result<(), Status>) -> (Code, String, Option<ErrorReason>) {
    let status = outcome.expect_err("refused");
    (status.code(), status.message().to_owned(), reason(&status))
}

fn assert_refused(outcome: Result<(), Status>) {
    let (code, _, reason) = told(outcome);
    assert_eq!((code, reason), (Code::Unauthenticated, Some(ErrorReason::SignInRefused)));
}

#[tokio::test]
async fn b18_fifty_parallel_wrong_guesses_on_two_replicas_count_fifty() {
    on_each_backend(async |home| {
        let house = House::on(home).await;
        let replica = house.replica().await;
        let client = house.registry.add(third_party());
        let guesses = (0..50).map(|turn| {
            let service = if turn % 2 == 0 { &house.service } else { &replica };
            let (client, password) = (&client, format!("wrong guess {turn}"));
            async move { guess(service, client, ADA, &password, turn).await }
        });
        futures::future::join_all(guesses).await.into_iter().for_each(assert_refused);
        assert_eq!(house.failures(ADA).await, 50);
        assert_refused(guess(&replica, &client, ADA, PASSWORD, 99).await);
        house.clock.advance(Duration::from_mins(15));
        guess(&replica, &client, ADA, PASSWORD, 99).await.expect("heard again");
        assert_eq!(house.failures(ADA).await, 0);
    })
    .await;
}

#[tokio::test]
async fn b18_what_is_wrong_is_not_told_whether_nobody_a_wrong_password_blocked_or_locked() {
    on_each_backend(async |home| {
        let house = House::on(home).await;
        let client = house.registry.add(third_party());
        let wrong = told(guess(&house.service, &client, ADA, "wrong", 1).await);
        let nobody = told(guess(&house.service, &client, "nobody@example.org", "wrong", 1).await);
        let guesses = (2..=5).map(|turn| guess(&house.service, &client, ADA, "wrong", turn));
        futures::future::join_all(guesses).await.into_iter().for_each(assert_refused);
        let locked = told(guess(&house.service, &client, ADA, PASSWORD, 6).await);
        let bob = house.user("bob@example.org").await;
        house.block(bob).await;
        let blocked = told(guess(&house.service, &client, "bob@example.org", PASSWORD, 1).await);
        assert_eq!([&nobody, &locked, &blocked], [&wrong; 3]);
    })
    .await;
}

#[tokio::test]
async fn b18_a_source_that_guesses_on_is_told_so_whether_the_account_exists_or_not() {
    on_each_backend(async |home| {
        let house = House::on(home).await;
        let client = house.registry.add(third_party());
        for email in [ADA, "nobody@example.org"] {
            let guesses = (0..10).map(|_| guess(&house.service, &client, email, "wrong", 1));
            futures::future::join_all(guesses).await.into_iter().for_each(assert_refused);
            let (code, _, reason) = told(guess(&house.service, &client, email, "wrong", 1).await);
            assert_eq!((code, reason), (Code::ResourceExhausted, Some(ErrorReason::TooManyAttempts)), "{email}");
        }
        assert_eq!(house.failures(ADA).await, 10, "who is turned away has not guessed");
    })
    .await;
}
