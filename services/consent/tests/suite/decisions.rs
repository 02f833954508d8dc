//! What the user is asked, and what the answer is worth.

use mintage_api::consent::step::Next;
use mintage_api::consent::{
    BeginAuthorizationRequest, DeleteUserGrantRequest, ListOwnGrantsRequest, ListUserGrantsRequest, Page,
};
use mintage_api::registry::ThirdParties;
use mintage_api::types::ErrorReason;
use mintage_testkit::on_each_backend;

use crate::browser::{Browser, consent_page, redirection, refusal, request, said, sign_in_page};
use crate::house::{House, PASSWORD, authorizations, refused, sessions};
use crate::registry::{API, first_party, third_party};

#[tokio::test]
async fn a_user_who_agrees_is_asked_again_only_for_what_is_new() {
    on_each_backend(async |home| {
        let house = House::on(home).await;
        let (client, mut browser, handle) = Browser::asked_at(&house).await;
        let page = browser.page(&handle).await.expect("a page");
        assert_eq!(page.application.as_ref().map(|app| app.is_third_party), Some(true));
        assert_eq!(page.application.map(|app| app.destination).as_deref(), Some("https://app.example"));
        assert_eq!(page.api.map(|api| api.name).as_deref(), Some("Notes"));
        assert_eq!(page.person.map(|person| person.email).as_deref(), Some("ada@example.org"));
        assert_eq!(page.scopes.first().map(|scope| scope.description.as_str()), Some("May read:notes"));
        let answer = browser.approve(&handle, &[]).await;
        assert!(!said(&answer, "code").is_empty());
        let again = redirection(browser.begin(request(&client, "read:notes")).await);
        assert!(!said(&again, "code").is_empty(), "what was said is not asked");
        let wider = consent_page(browser.begin(request(&client, "read:notes write:notes")).await);
        let page = browser.page(&wider).await.expect("a page");
        let shown: Vec<_> = page.scopes.iter().map(|scope| (scope.value.as_str(), scope.granted)).collect();
        assert!(shown.contains(&("read:notes", true)) && shown.contains(&("write:notes", false)), "{shown:?}");
        let asked = BeginAuthorizationRequest { prompt: "consent".to_owned(), ..request(&client, "read:notes") };
        consent_page(browser.begin(asked).await);
    })
    .await;
}

#[tokio::test]
async fn what_a_user_leaves_out_is_not_given_nor_asked_again() {
    on_each_backend(async |home| {
        let house = House::on(home).await;
        let (client, mut browser) = Browser::sent_to(&house);
        let all = || request(&client, "read:notes write:notes delete:notes");
        let handle = browser.led_to_consent(all()).await;
        let answer = browser.approve(&handle, &["write:notes"]).await;
        let given = house.redeem(&client, said(&answer, "code")).await.expect("tokens").scopes;
        assert_eq!(given, ["read:notes", "write:notes"]);
        let again = redirection(browser.begin(all()).await);
        let given = house.redeem(&client, said(&again, "code")).await.expect("tokens").scopes;
        assert_eq!(given, ["read:notes", "write:notes"]);
        for made_up in ["read:notes", "delete:everything", "openid"] {
            let asked = BeginAuthorizationRequest { prompt: "consent".to_owned(), ..all() };
            let handle = browser.led_to_consent(asked).await;
            let told = browser.approve(&handle, &[made_up]).await;
            assert_eq!((said(&told, "error"), said(&told, "code")), ("access_denied", ""), "{made_up}");
        }
    })
    .await;
}

#[tokio::test]
async fn a_user_who_refuses_gives_nothing() {
    on_each_backend(async |home| {
        let house = House::on(home).await;
        let (_, mut browser, handle) = Browser::asked_at(&house).await;
        let no = browser.answer(&handle, false, &["write:notes"]).await.expect("a page");
        let (answer, by_user) = refusal(browser.decide(no.clone()).await.expect("an answer"));
        assert_eq!((said(&answer, "error"), said(&answer, "state"), by_user), ("access_denied", "a state", true));
        let (again, by_user) = refusal(browser.decide(no.clone()).await.expect("a press that was doubled"));
        assert_eq!((said(&again, "error"), by_user), ("access_denied", true));
        house.clock.advance(std::time::Duration::from_secs(30));
        refused(browser.decide(no).await, ErrorReason::InteractionOver);
        let grants = house.user_grants().list_user_grants(ListUserGrantsRequest::default()).await.expect("a list");
        assert!(grants.into_inner().user_grants.is_empty());
    })
    .await;
}

#[tokio::test]
async fn b29_an_answer_counts_once_from_its_own_browser_session_and_page() {
    on_each_backend(async |home| {
        let house = House::on(home).await;
        let client = house.registry.add(third_party());
        house.user("eve@example.org").await;
        let mut browser = Browser::at(&house.service);
        let handle = browser.led_to_consent(request(&client, "read:notes")).await;
        let well = browser.answer(&handle, true, &[]).await.expect("a page");
        // Another one, signed in too, who knows the handle.
        let mut thief = Browser::at(&house.service);
        let other = sign_in_page(thief.begin(request(&client, "read:notes")).await);
        let other = consent_page(thief.sign_in_as(&other, "eve@example.org", PASSWORD).await.expect("a sign-in"));
        refused(thief.page(&handle).await, ErrorReason::InteractionOver);
        let of_thief = thief.answer(&other, true, &[]).await.expect("a page");
        for stolen in [
            // The thief's browser, with the page's own token.
            mintage_api::consent::DecideRequest { browser: of_thief.browser.clone(), ..well.clone() },
            // The victim's browser, made to send the thief's token.
            mintage_api::consent::DecideRequest { csrf_token: of_thief.csrf_token.clone(), ..well.clone() },
            mintage_api::consent::DecideRequest { csrf_token: String::new(), ..well.clone() },
            // The thief's page, answered in the victim's browser.
            mintage_api::consent::DecideRequest { browser: well.browser.clone(), ..of_thief.clone() },
            // The victim's browser token, with the thief's session.
            mintage_api::consent::DecideRequest {
                browser: Some(mintage_api::consent::BrowserTokens {
                    browser: browser.holds.browser.clone(),
                    session: thief.holds.session.clone(),
                    known: String::new(),
                }),
                ..well.clone()
            },
        ] {
            refused(browser.decide(stolen).await, ErrorReason::InteractionOver);
        }
        assert!(!said(&redirection(browser.decide(well.clone()).await.expect("an answer")), "code").is_empty());
        let other = mintage_api::consent::DecideRequest { approve: false, ..well };
        refused(browser.decide(other).await, ErrorReason::InteractionOver);
    })
    .await;
}

#[tokio::test]
async fn b29_of_many_answers_at_once_on_two_replicas_one_counts() {
    on_each_backend(async |home| {
        let house = House::on(home).await;
        let replica = house.replica().await;
        let (client, mut browser, handle) = Browser::asked_at(&house).await;
        let well = browser.answer(&handle, true, &[]).await.expect("a page");
        let mut answers = tokio::task::JoinSet::new();
        for turn in 0..20 {
            let service = if turn % 2 == 0 { &house.service } else { &replica };
            let (mut door, well) = (authorizations(service), well.clone());
            answers.spawn(async move { door.decide(well).await });
        }
        let mut counted = 0;
        for answer in answers.join_all().await {
            let code = redirection(browser.follow(answer.expect("the same answer").into_inner().step));
            counted += usize::from(house.redeem(&client, said(&code, "code")).await.is_ok());
        }
        assert_eq!(counted, 1, "of all codes one is good");
    })
    .await;
}

#[tokio::test]
async fn nothing_is_asked_of_a_user_where_the_client_says_so() {
    on_each_backend(async |home| {
        let house = House::on(home).await;
        let client = house.registry.add(third_party());
        let silent = || BeginAuthorizationRequest { prompt: "none".to_owned(), ..request(&client, "read:notes") };
        let mut browser = Browser::at(&house.service);
        assert_eq!(said(&refusal(browser.begin(silent()).await).0, "error"), "login_required");
        let handle = browser.led_to_consent(request(&client, "read:notes")).await;
        let stranger = refusal(browser.begin(silent()).await).0;
        assert_eq!(said(&stranger, "error"), "consent_required", "b26: whom the user does not know waits for the user");
        browser.approve(&handle, &[]).await;
        assert!(!said(&redirection(browser.begin(silent()).await), "code").is_empty());
        let wider = BeginAuthorizationRequest { scope: "read:notes write:notes".to_owned(), ..silent() };
        let told = redirection(browser.begin(wider).await);
        assert_eq!(said(&told, "error"), "consent_required", "whom the user let act before hears at once");
        let own = house.registry.add(first_party());
        let own = BeginAuthorizationRequest { prompt: "none".to_owned(), ..request(&own, "read:notes") };
        let mut nobody = Browser::at(&house.service);
        assert_eq!(said(&redirection(nobody.begin(own).await), "error"), "login_required");
    })
    .await;
}

#[tokio::test]
async fn a_client_may_have_the_user_sign_in_anew() {
    on_each_backend(async |home| {
        let house = House::on(home).await;
        let (client, mut browser, handle) = Browser::asked_at(&house).await;
        browser.approve(&handle, &[]).await;
        let anew = BeginAuthorizationRequest { prompt: "login".to_owned(), ..request(&client, "read:notes") };
        let former = browser.holds.session.clone();
        let handle = sign_in_page(browser.begin(anew).await);
        assert!(matches!(browser.sign_in(&handle).await, Next::Redirection(_)), "once is enough");
        assert_ne!(browser.holds.session, former, "the session is a new one");
        house.clock.advance(std::time::Duration::from_secs(61));
        let recent = BeginAuthorizationRequest { max_age: "60".to_owned(), ..request(&client, "read:notes") };
        sign_in_page(browser.begin(recent).await);
    })
    .await;
}

#[tokio::test]
async fn the_user_may_be_another_one_than_the_browser_thinks() {
    on_each_backend(async |home| {
        let house = House::on(home).await;
        let client = house.registry.add(third_party());
        house.user("eve@example.org").await;
        let mut browser = Browser::at(&house.service);
        let handle = browser.led_to_consent(request(&client, "read:notes")).await;
        let sign_in = sign_in_page(browser.switch_user(&handle).await.expect("a page"));
        assert_eq!(browser.page(&handle).await.expect("what is left").page(), Page::Over);
        let next = browser.sign_in_as(&sign_in, "eve@example.org", PASSWORD).await.expect("a sign-in");
        let page = browser.page(&consent_page(next)).await.expect("a page");
        assert_eq!(page.person.map(|person| person.email).as_deref(), Some("eve@example.org"));
    })
    .await;
}

#[tokio::test]
async fn consent_is_skipped_for_a_verifiable_first_party_where_the_api_says_so_and_for_nobody_else() {
    on_each_backend(async |home| {
        let house = House::on(home).await;
        let first = house.registry.add(first_party());
        let third = house.registry.add(third_party());
        let mut browser = Browser::at(&house.service);
        let handle = browser.led_to_consent(request(&first, "read:notes")).await;
        let skip = |skips| lets_skip(&house, skips);
        skip(true);
        assert!(!said(&redirection(browser.begin(request(&first, "read:notes")).await), "code").is_empty());
        consent_page(browser.begin(request(&third, "read:notes")).await);
        let asked = BeginAuthorizationRequest { prompt: "consent".to_owned(), ..request(&first, "read:notes") };
        consent_page(browser.begin(asked).await);
        for unverifiable in [
            "http://localhost:3000/cb",
            "http://127.0.0.1/cb",
            "com.example.app:/cb",
            "https://192.168.0.10/cb",
            "https://printer.local/cb",
        ] {
            house.registry.change(|records| {
                let access = &mut records.clients.get_mut(&first).expect("it").user_access;
                access.get_or_insert_default().redirect_uris.truncate(1);
                access.get_or_insert_default().redirect_uris.push(unverifiable.to_owned());
            });
            consent_page(browser.begin(request(&first, "read:notes")).await);
        }
        // What nobody was asked for is no consent once the API wants it asked.
        skip(false);
        consent_page(browser.begin(request(&first, "read:notes")).await);
        drop(handle);
    })
    .await;
}

#[tokio::test]
async fn an_api_that_refuses_third_parties_is_not_consented_to() {
    on_each_backend(async |home| {
        let house = House::on(home).await;
        let (client, mut browser, handle) = Browser::asked_at(&house).await;
        let yes = browser.answer(&handle, true, &[]).await.expect("a page");
        house.registry.change(|records| {
            let policy = &mut records.apis.get_mut(API).expect("it").consent;
            policy.get_or_insert_default().third_parties = ThirdParties::Refused.into();
        });
        let told = redirection(browser.decide(yes).await.expect("an answer"));
        assert_eq!((said(&told, "error"), said(&told, "code")), ("access_denied", ""), "even while the user is asked");
        let asked = refusal(browser.begin(request(&client, "read:notes")).await).0;
        assert_eq!(said(&asked, "error"), "access_denied");
    })
    .await;
}

#[tokio::test]
async fn a_page_is_over_in_time() {
    on_each_backend(async |home| {
        let house = House::on(home).await;
        let (_, mut browser, handle) = Browser::asked_at(&house).await;
        let yes = browser.answer(&handle, true, &[]).await.expect("a page");
        house.clock.advance(std::time::Duration::from_mins(31));
        refused(browser.decide(yes).await, ErrorReason::InteractionOver);
    })
    .await;
}

#[tokio::test]
async fn after_a_grant_is_revoked_the_user_is_asked_again() {
    on_each_backend(async |home| {
        let house = House::on(home).await;
        let (client, mut browser) = Browser::sent_to(&house);
        browser.led_to_code(request(&client, "read:notes")).await;
        let grants = house.user_grants().list_user_grants(ListUserGrantsRequest::default()).await.expect("a list");
        let id = grants.into_inner().user_grants.pop().expect("a grant").id;
        let request_ = DeleteUserGrantRequest { tenant_id: String::new(), id };
        house.user_grants().delete_user_grant(request_).await.expect("revoked");
        consent_page(browser.begin(request(&client, "read:notes")).await);
    })
    .await;
}

#[tokio::test]
async fn what_an_api_lets_a_client_have_unasked_is_no_consent_and_takes_none_back() {
    on_each_backend(async |home| {
        let house = House::on(home).await;
        let client = house.registry.add(first_party());
        let mut browser = Browser::at(&house.service);
        let all = || request(&client, "read:notes delete:notes");
        let handle = browser.led_to_consent(all()).await;
        browser.approve(&handle, &[]).await;
        let skip = |skips| lets_skip(&house, skips);
        skip(true);
        let unasked = redirection(browser.begin(all()).await);
        let given = house.redeem(&client, said(&unasked, "code")).await.expect("tokens").scopes;
        assert_eq!(given, ["read:notes", "delete:notes"], "as long as nobody need be asked");
        skip(false);
        let again = redirection(browser.begin(all()).await);
        let given = house.redeem(&client, said(&again, "code")).await.expect("tokens").scopes;
        assert_eq!(given, ["read:notes"], "what the user left out stays left out");
    })
    .await;
}

#[tokio::test]
async fn what_nobody_was_asked_for_is_shown_to_the_user_and_ends_with_the_apis_word() {
    on_each_backend(async |home| {
        let house = House::on(home).await;
        let client = house.registry.add(first_party());
        let mut browser = Browser::at(&house.service);
        let skip = |skips| lets_skip(&house, skips);
        let offline = || request(&client, "read:notes offline_access");
        skip(true);
        let handle = sign_in_page(browser.begin(offline()).await);
        let unasked = redirection(browser.sign_in(&handle).await);
        let redeem = async |told: &_| house.redeem(&client, said(told, "code")).await;
        let token = redeem(&unasked).await.expect("tokens").refresh_token;
        let token = house.refresh(&client, &token).await.expect("as long as nobody need be asked").refresh_token;
        let own = ListOwnGrantsRequest { tenant_id: "default".to_owned(), browser: Some(browser.holds.clone()) };
        let own = sessions(&house.service).list_own_grants(own).await.expect("a list").into_inner();
        assert_eq!(own.grants.len(), 1, "it acts for the user, asked or not");
        let code = redirection(browser.begin(offline()).await);
        skip(false);
        refused(house.refresh(&client, &token).await, ErrorReason::GrantInvalid);
        refused(redeem(&code).await, ErrorReason::GrantInvalid);
        let handle = consent_page(browser.begin(offline()).await);
        browser.approve(&handle, &[]).await;
    })
    .await;
}

/// Whether the API lets verifiable first parties go without a question from now on.
#[expect(clippy::expect_used, reason = "what a test sets up must work, or the test has failed")]
fn lets_skip(house: &House, skips: bool) {
    house.registry.change(|records| {
        let policy = &mut records.apis.get_mut(API).expect("it").consent;
        policy.get_or_insert_default().skip_for_verifiable_first_parties = skips;
    });
}
