//! What a client may ask for, and who hears of it when it may not.

use mintage_api::consent::step::Next;
use mintage_api::consent::{BeginAuthorizationRequest, ProblemReason, ResponseMode};
use mintage_api::registry::{Client, ClientType, ErrorProfile, UserAccess};
use mintage_api::types::ErrorReason;
use mintage_testkit::on_each_backend;

use crate::browser::{Browser, redirection, refusal, request, said, sign_in_page};
use crate::house::House;
use crate::registry::{CALLBACK, ISSUER, first_party, third_party};

/// What goes wrong where the client cannot be told.
#[track_caller]
fn problem(next: &Next) -> ProblemReason {
    match next {
        Next::Problem(problem) => problem.reason(),
        _ => ProblemReason::Unspecified,
    }
}

#[tokio::test]
async fn b26_a_browser_is_sent_to_no_address_but_the_clients_own() {
    on_each_backend(async |home| {
        let house = House::on(home).await;
        let (client, mut browser) = Browser::sent_to(&house);
        for address in [
            "",
            "https://app.example/cb/",
            "https://app.example/cb?x=1",
            "https://app.example/cb#x",
            "https://app.example/CB",
            "https://APP.example/cb",
            "https://app.example:443/cb",
            "https://app.example/cb/../cb",
            "https://app.example/%63b",
            "https://app.example@evil.example/cb",
            "https://evil.example/cb",
            "https://app.example.evil.example/cb",
            "http://app.example/cb",
            "//app.example/cb",
            "javascript:alert(1)",
            " https://app.example/cb",
            "https://app.example/cb\n",
            "https://app.example\\@evil.example/cb",
        ] {
            let asked =
                BeginAuthorizationRequest { redirect_uri: address.to_owned(), ..request(&client, "read:notes") };
            assert_eq!(problem(&browser.begin(asked).await), ProblemReason::RedirectUriMismatch, "{address:?}");
        }
        let twice = BeginAuthorizationRequest {
            repeated_parameters: vec!["redirect_uri".to_owned()],
            ..request(&client, "read:notes")
        };
        assert_eq!(problem(&browser.begin(twice).await), ProblemReason::RedirectUriMismatch);
    })
    .await;
}

#[tokio::test]
async fn a_client_that_is_unknown_disabled_or_of_another_tenant_is_told_nothing() {
    on_each_backend(async |home| {
        let house = House::on(home).await;
        let (client, mut browser) = Browser::sent_to(&house);
        let unknown = request("tpc_bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb", "read:notes");
        assert_eq!(problem(&browser.begin(unknown).await), ProblemReason::ClientUnknown);
        let elsewhere = BeginAuthorizationRequest {
            tenant_id: "other".to_owned(),
            issuer: "https://other.example/".to_owned(),
            ..request(&client, "read:notes")
        };
        assert_eq!(problem(&browser.begin(elsewhere).await), ProblemReason::ClientUnknown);
        house.registry.change(|records| records.clients.get_mut(&client).expect("it").enabled = false);
        assert_eq!(problem(&browser.begin(request(&client, "read:notes")).await), ProblemReason::ClientUnknown);
    })
    .await;
}

/// What a user is told, and what was taken away.
type TakenAway = (ProblemReason, fn(&mut Client));

const TAKEN_AWAY: [TakenAway; 2] = [
    (ProblemReason::ClientUnknown, |client| client.enabled = false),
    (ProblemReason::RedirectUriMismatch, |client| {
        let access = client.user_access.get_or_insert_with(UserAccess::default);
        access.redirect_uris = vec!["https://app.example/new".to_owned()];
    }),
];

#[tokio::test]
async fn who_answers_a_page_whose_client_or_way_back_was_taken_away_meanwhile_is_told_which() {
    on_each_backend(async |home| {
        let house = House::on(home).await;
        for (reason, take) in TAKEN_AWAY {
            for approve in [true, false] {
                let (client, mut browser, handle) = Browser::asked_at(&house).await;
                let answer = browser.answer(&handle, approve, &[]).await.expect("a page");
                house.registry.change(|records| take(records.clients.get_mut(&client).expect("it")));
                assert_eq!(problem(&browser.decide(answer).await.expect("an answer")), reason, "{approve}");
            }
        }
    })
    .await;
}

#[tokio::test]
async fn what_is_wrong_with_a_request_is_told_with_its_state_and_b28_the_issuer_and_b26_leads_nobody_to_a_third_party()
{
    on_each_backend(async |home| {
        let house = House::on(home).await;
        let (client, mut browser) = Browser::sent_to(&house);
        // Neither a session nor that the user knows the client makes a request well.
        browser.led_to_code(request(&client, "read:notes")).await;
        let well = || request(&client, "read:notes");
        let cases: [(&str, BeginAuthorizationRequest); 19] = [
            ("invalid_request", BeginAuthorizationRequest { response_type: String::new(), ..well() }),
            ("unsupported_response_type", BeginAuthorizationRequest { response_type: "token".to_owned(), ..well() }),
            (
                "unsupported_response_type",
                BeginAuthorizationRequest { response_type: "code id_token".to_owned(), ..well() },
            ),
            ("unsupported_response_type", BeginAuthorizationRequest { response_type: "none".to_owned(), ..well() }),
            ("invalid_request", BeginAuthorizationRequest { response_mode: "web_message".to_owned(), ..well() }),
            ("invalid_request", BeginAuthorizationRequest { code_challenge: String::new(), ..well() }),
            ("invalid_request", BeginAuthorizationRequest { code_challenge_method: "plain".to_owned(), ..well() }),
            ("invalid_request", BeginAuthorizationRequest { code_challenge_method: String::new(), ..well() }),
            ("invalid_request", BeginAuthorizationRequest { code_challenge: "short".to_owned(), ..well() }),
            ("invalid_scope", BeginAuthorizationRequest { scope: String::new(), ..well() }),
            ("invalid_scope", BeginAuthorizationRequest { scope: "read:mail".to_owned(), ..well() }),
            ("invalid_scope", BeginAuthorizationRequest { scope: "openid read:notes".to_owned(), ..well() }),
            ("invalid_target", BeginAuthorizationRequest { audience: "https://nowhere.example/".to_owned(), ..well() }),
            ("invalid_target", BeginAuthorizationRequest { audience: String::new(), ..well() }),
            ("invalid_request", BeginAuthorizationRequest { prompt: "none login".to_owned(), ..well() }),
            ("invalid_request", BeginAuthorizationRequest { max_age: "-1".to_owned(), ..well() }),
            ("invalid_request", BeginAuthorizationRequest { repeated_parameters: vec!["scope".to_owned()], ..well() }),
            (
                "invalid_request",
                BeginAuthorizationRequest { refused_parameters: vec!["organization".to_owned()], ..well() },
            ),
            (
                "request_uri_not_supported",
                BeginAuthorizationRequest { refused_parameters: vec!["request_uri".to_owned()], ..well() },
            ),
        ];
        for (error, asked) in cases {
            let shown = format!("{} {}", asked.response_type, asked.scope);
            let (answer, by_user) = refusal(browser.begin(asked).await);
            assert_eq!((said(&answer, "error"), by_user), (error, false), "{shown}");
            assert_eq!((said(&answer, "state"), said(&answer, "iss")), ("a state", ISSUER), "{shown}");
            assert_eq!((answer.redirect_uri.as_str(), said(&answer, "code")), (CALLBACK, ""));
        }
    })
    .await;
}

#[tokio::test]
async fn a_tenant_that_speaks_as_auth0_does_so_to_applications_too() {
    on_each_backend(async |home| {
        let house = House::on(home).await;
        let client = house.registry.add(first_party());
        let mut browser = Browser::at(&house.service);
        let nowhere = "https://nowhere.example/";
        for (profile, error, unknown, refused) in [
            (ErrorProfile::Rfc, "invalid_target", "there is no such API".to_owned(), "the user did not agree"),
            (
                ErrorProfile::Auth0,
                "access_denied",
                format!("Service not found: {nowhere}"),
                "User did not authorize the request",
            ),
        ] {
            house.registry.change(|records| {
                records.tenants.get_mut("default").expect("it").error_profile = profile.into();
            });
            let asked = BeginAuthorizationRequest { audience: nowhere.to_owned(), ..request(&client, "read:notes") };
            let told = redirection(browser.begin(asked).await);
            assert_eq!((said(&told, "error"), said(&told, "error_description")), (error, unknown.as_str()));
            assert_eq!((said(&told, "state"), said(&told, "iss")), ("a state", ISSUER));
            let bare = BeginAuthorizationRequest { audience: nowhere.to_owned(), ..request(&client, "") };
            let told = redirection(browser.begin(bare).await);
            assert_eq!((said(&told, "error"), said(&told, "error_description")), (error, unknown.as_str()));
            let bare = redirection(browser.begin(request(&client, "")).await);
            assert_eq!(
                (said(&bare, "error"), said(&bare, "error_description")),
                ("invalid_scope", "the scope is missing")
            );
            let handle = browser.led_to_consent(request(&client, "read:notes")).await;
            let no = browser.answer(&handle, false, &[]).await.expect("a page");
            let told = redirection(browser.decide(no).await.expect("an answer"));
            assert_eq!((said(&told, "error"), said(&told, "error_description")), ("access_denied", refused));
        }
    })
    .await;
}

#[tokio::test]
async fn b27_a_public_client_without_pkce_is_refused_and_a_first_party_that_keeps_a_secret_may_go_without() {
    on_each_backend(async |home| {
        let house = House::on(home).await;
        let plain = |client: &str| BeginAuthorizationRequest {
            code_challenge: String::new(),
            code_challenge_method: String::new(),
            ..request(client, "read:notes")
        };
        let mut browser = Browser::at(&house.service);
        let client = house.registry.add(first_party());
        sign_in_page(browser.begin(plain(&client)).await);
        house.registry.change(|records| {
            records.clients.get_mut(&client).expect("it").client_type = ClientType::Public.into();
        });
        assert_eq!(said(&redirection(browser.begin(plain(&client)).await), "error"), "invalid_request");
    })
    .await;
}

#[tokio::test]
async fn b30_tokens_go_through_the_browser_for_a_first_party_that_was_dangerously_allowed_them_alone() {
    on_each_backend(async |home| {
        let house = House::on(home).await;
        let implicit = |client: &str| BeginAuthorizationRequest {
            response_type: "id_token token".to_owned(),
            nonce: "a nonce".to_owned(),
            ..request(client, "openid read:notes")
        };
        let mut browser = Browser::at(&house.service);
        let client = house.registry.add(first_party());
        let refused = redirection(browser.begin(implicit(&client)).await);
        assert_eq!((said(&refused, "error"), refused.mode()), ("unsupported_response_type", ResponseMode::Fragment));
        let allow = |client: &str| {
            house.registry.change(|records| {
                let access = &mut records.clients.get_mut(client).expect("it").user_access;
                access.get_or_insert_with(UserAccess::default).dangerously_allow_implicit = true;
            });
        };
        allow(&client);
        sign_in_page(browser.begin(implicit(&client)).await);
        let query = BeginAuthorizationRequest { response_mode: "query".to_owned(), ..implicit(&client) };
        assert_eq!(said(&redirection(browser.begin(query).await), "error"), "invalid_request");
        let bare = BeginAuthorizationRequest { nonce: String::new(), ..implicit(&client) };
        assert_eq!(said(&redirection(browser.begin(bare).await), "error"), "invalid_request");
        let third = house.registry.add(third_party());
        allow(&third);
        let asked = BeginAuthorizationRequest { scope: "read:notes".to_owned(), ..implicit(&third) };
        assert_eq!(said(&refusal(browser.begin(asked).await).0, "error"), "unsupported_response_type");
    })
    .await;
}

#[tokio::test]
async fn nobody_begins_more_than_can_be_kept() {
    on_each_backend(async |home| {
        let house = House::on(home).await;
        let client = house.registry.add(third_party());
        let mut door = crate::house::authorizations(&house.service);
        let silent = || BeginAuthorizationRequest { prompt: "none".to_owned(), ..request(&client, "read:notes") };
        let mut begun = 0;
        while door.begin_authorization(silent()).await.is_ok() {
            begun += 1;
            assert!(begun < 10_000, "there is an end to it");
        }
        crate::house::refused(door.begin_authorization(silent()).await, ErrorReason::TooManyAttempts);
        house.clock.advance(std::time::Duration::from_secs(1));
        door.begin_authorization(silent()).await.expect("a little later it is heard again");
    })
    .await;
}

#[tokio::test]
async fn a_user_who_has_just_signed_in_is_recent_enough_for_any_client() {
    on_each_backend(async |home| {
        let house = House::on(home).await;
        let (client, mut browser) = Browser::sent_to(&house);
        let now = BeginAuthorizationRequest { max_age: "0".to_owned(), ..request(&client, "read:notes") };
        let handle = sign_in_page(browser.begin(now).await);
        crate::browser::consent_page(browser.sign_in(&handle).await);
    })
    .await;
}
