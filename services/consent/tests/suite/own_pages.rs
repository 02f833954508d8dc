//! SessionService: what a user sees and does at the own pages.

#![expect(clippy::expect_used, reason = "what a test sets up must work, or the test has failed")]

use std::time::Duration;

use mintage_api::consent::{
    BrowserTokens, GetSessionRequest, GetSessionResponse, ListOwnGrantsRequest, OwnGrant, RevokeOwnGrantRequest,
};
use mintage_api::types::ErrorReason;
use mintage_chassis::Service;
use mintage_testkit::on_each_backend;
use tonic::Status;

use crate::browser::{Browser, request};
use crate::house::{House, refused, sessions};
use crate::registry::{API, first_party, third_party};

const OFFLINE: &str = "read:notes write:notes offline_access";

pub(crate) async fn session(service: &Service, holds: &BrowserTokens) -> GetSessionResponse {
    let request = GetSessionRequest { tenant_id: "default".to_owned(), browser: Some(holds.clone()) };
    sessions(service).get_session(request).await.expect("an answer").into_inner()
}

/// The address of who is signed in.
pub(crate) async fn who(service: &Service, holds: &BrowserTokens) -> Option<String> {
    session(service, holds).await.person.map(|person| person.email)
}

async fn grants(service: &Service, holds: &BrowserTokens) -> Result<Vec<OwnGrant>, Status> {
    let request = ListOwnGrantsRequest { tenant_id: "default".to_owned(), browser: Some(holds.clone()) };
    Ok(sessions(service).list_own_grants(request).await?.into_inner().grants)
}

async fn revoke(service: &Service, holds: &BrowserTokens, csrf_token: &str, id: &str) -> Result<(), Status> {
    let request = RevokeOwnGrantRequest {
        tenant_id: "default".to_owned(),
        browser: Some(holds.clone()),
        csrf_token: csrf_token.to_owned(),
        id: id.to_owned(),
    };
    sessions(service).revoke_own_grant(request).await.map(drop)
}

#[tokio::test]
async fn a_session_is_of_its_browser_and_tenant_alone() {
    on_each_backend(async |home| {
        let house = House::on(home).await;
        let (client, mut browser) = Browser::sent_to(&house);
        browser.led_to_code(request(&client, OFFLINE)).await;
        let here = session(&house.service, &browser.holds).await;
        assert_eq!(here.person.expect("a person").email, "ada@example.org");
        assert!(!here.csrf_token.is_empty());
        let elsewhere = GetSessionRequest { tenant_id: "other".to_owned(), browser: Some(browser.holds.clone()) };
        assert_eq!(sessions(&house.service).get_session(elsewhere).await.expect("answers").into_inner().person, None);
        let BrowserTokens { browser: own, session: token, .. } = browser.holds.clone();
        for (own, token) in [("", token.as_str()), (&own, ""), (&token, &own), (&own, &token[..token.len() - 1])] {
            let holds = BrowserTokens { browser: own.to_owned(), session: token.to_owned(), known: String::new() };
            let found = session(&house.service, &holds).await;
            assert_eq!((found.person, found.csrf_token.as_str()), (None, ""));
        }
    })
    .await;
}

#[tokio::test]
async fn a_session_ends_when_it_lies_idle_and_when_its_time_is_over() {
    on_each_backend(async |home| {
        let house = House::on(home).await;
        let (client, mut browser) = Browser::sent_to(&house);
        browser.led_to_code(request(&client, OFFLINE)).await;
        let (hour, minute) = (Duration::from_hours(1), Duration::from_mins(1));
        for _ in 0..7 {
            house.clock.advance(23 * hour);
            assert!(who(&house.service, &browser.holds).await.is_some(), "use keeps it");
        }
        house.clock.advance(7 * hour);
        assert_eq!(who(&house.service, &browser.holds).await, None, "a week is over, however much it was used");
        let mut idle = Browser::at(&house.service);
        idle.led_to_code_again(request(&client, OFFLINE)).await;
        house.clock.advance(24 * hour - minute);
        assert!(who(&house.service, &idle.holds).await.is_some());
        house.clock.advance(24 * hour);
        assert_eq!(who(&house.service, &idle.holds).await, None);
    })
    .await;
}

#[tokio::test]
async fn the_use_of_a_session_is_written_once_a_minute_at_most() {
    on_each_backend(async |home| {
        let house = House::on(home).await;
        let (client, mut browser) = Browser::sent_to(&house);
        browser.led_to_code(request(&client, OFFLINE)).await;
        let signed_in = house.seen_at().await;
        house.clock.advance(Duration::from_secs(59));
        who(&house.service, &browser.holds).await;
        assert_eq!(house.seen_at().await, signed_in);
        house.clock.advance(Duration::from_secs(1));
        who(&house.service, &browser.holds).await;
        assert_eq!(house.seen_at().await, signed_in + 60_000);
    })
    .await;
}

#[tokio::test]
async fn a_sign_in_makes_a_new_session_and_ends_the_browsers_former() {
    on_each_backend(async |home| {
        let house = House::on(home).await;
        let (client, mut browser) = Browser::sent_to(&house);
        browser.led_to_code(request(&client, OFFLINE)).await;
        let former = browser.holds.clone();
        let again =
            mintage_api::consent::BeginAuthorizationRequest { prompt: "login".to_owned(), ..request(&client, OFFLINE) };
        browser.led_to_code_again(again).await;
        assert_ne!(browser.holds.session, former.session);
        assert!(who(&house.service, &browser.holds).await.is_some());
        assert_eq!(who(&house.service, &former).await, None, "whoever knew its token knows nothing now");
    })
    .await;
}

#[tokio::test]
async fn users_see_what_they_granted_by_the_names_it_has_now() {
    on_each_backend(async |home| {
        let house = House::on(home).await;
        let (partner, own) = (house.registry.add(third_party()), house.registry.add(first_party()));
        let mut browser = Browser::at(&house.service);
        browser.led_to_code(request(&partner, OFFLINE)).await;
        house.clock.advance(Duration::from_secs(5));
        let code = browser.led_to_code(request(&own, "read:notes")).await;
        house.redeem(&own, &code).await.expect("tokens");
        let [latest, first] = grants(&house.service, &browser.holds).await.expect("lists").try_into().expect("two");
        let (application, grant) = (latest.application.expect("an application"), latest.grant.expect("a grant"));
        assert_eq!((application.client_id, application.is_third_party), (own, false));
        assert!(grant.last_used_at.is_some() && grant.id.starts_with("ugr_"));
        let (application, api) = (first.application.expect("an application"), first.api.expect("an API"));
        assert_eq!((application.client_id.as_str(), application.is_third_party), (partner.as_str(), true));
        assert_eq!((api.identifier.as_str(), api.name.as_str()), (API, "Notes"));
        assert!(
            first.scopes.iter().any(|scope| scope.value == "write:notes" && scope.description == "May write:notes")
        );
        house.registry.change(|records| {
            records.clients.clear();
            records.apis.clear();
        });
        let gone = grants(&house.service, &browser.holds).await.expect("lists");
        assert!(gone.iter().all(|grant| grant.application.is_none() && grant.api.is_none() && grant.grant.is_some()));
        refused(grants(&house.service, &BrowserTokens::default()).await, ErrorReason::Unauthenticated);
    })
    .await;
}

#[tokio::test]
async fn b29_access_is_taken_away_by_the_users_own_page_alone() {
    on_each_backend(async |home| {
        let house = House::on(home).await;
        let replica = house.replica().await;
        let (client, mut browser) = Browser::sent_to(&house);
        let code = browser.led_to_code(request(&client, OFFLINE)).await;
        let refresh_token = house.redeem(&client, &code).await.expect("tokens").refresh_token;
        let unused = browser.led_to_code_again(request(&client, OFFLINE)).await;
        let id = grants(&house.service, &browser.holds).await.expect("lists").remove(0).grant.expect("a grant").id;
        let csrf_token = session(&house.service, &browser.holds).await.csrf_token;

        house.user("bob@example.org").await;
        let mut thief = Browser::at(&house.service);
        let page = crate::browser::sign_in_page(thief.begin(request(&client, OFFLINE)).await);
        thief.sign_in_as(&page, "bob@example.org", crate::house::PASSWORD).await.expect("a sign-in");
        let thiefs = session(&house.service, &thief.holds).await.csrf_token;
        for forged in ["", "x", thiefs.as_str()] {
            let outcome = revoke(&house.service, &browser.holds, forged, &id).await;
            refused(outcome, ErrorReason::Unauthenticated);
        }
        refused(revoke(&house.service, &thief.holds, &csrf_token, &id).await, ErrorReason::Unauthenticated);
        refused(revoke(&house.service, &thief.holds, &thiefs, &id).await, ErrorReason::NotFound);
        refused(
            revoke(&house.service, &BrowserTokens::default(), &csrf_token, &id).await,
            ErrorReason::Unauthenticated,
        );
        assert_eq!(grants(&house.service, &browser.holds).await.expect("lists").len(), 1, "nothing happened");

        revoke(&house.service, &browser.holds, &csrf_token, &id).await.expect("is gone");
        assert!(grants(&replica, &browser.holds).await.expect("lists").is_empty());
        for service in [&house.service, &replica] {
            refused(crate::house::refresh_at(service, &client, &refresh_token).await, ErrorReason::GrantInvalid);
            refused(crate::house::redeem_at(service, &client, &unused).await, ErrorReason::GrantInvalid);
        }
        refused(revoke(&house.service, &browser.holds, &csrf_token, &id).await, ErrorReason::NotFound);
    })
    .await;
}
