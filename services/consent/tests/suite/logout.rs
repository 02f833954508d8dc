//! EndSession (OpenID Connect RP-Initiated Logout 1.0).

#![expect(clippy::expect_used, reason = "what a test sets up must work, or the test has failed")]

use std::time::Duration;

use mintage_api::consent::end_session_response::Next;
use mintage_api::consent::{BeginAuthorizationRequest, BrowserTokens, EndSessionRequest};
use mintage_api::registry::Client;
use mintage_api::types::ErrorReason;
use mintage_testkit::on_each_backend;
use serde_json::{Value, json};

use crate::browser::{Browser, request};
use crate::house::{House, refused, sessions};
use crate::own_pages::who;
use crate::registry::{ISSUER, first_party, third_party};

const BYE: &str = "https://app.example/bye";

fn leaving(client: Client) -> Client {
    let mut client = client;
    let access = client.user_access.as_mut().expect("access");
    access.post_logout_redirect_uris = vec![BYE.to_owned()];
    client
}

fn asked(holds: &BrowserTokens) -> EndSessionRequest {
    EndSessionRequest {
        tenant_id: "default".to_owned(),
        issuer: ISSUER.to_owned(),
        browser: Some(holds.clone()),
        ..EndSessionRequest::default()
    }
}

async fn end(house: &House, request: EndSessionRequest) -> Next {
    sessions(&house.service).end_session(request).await.expect("an answer").into_inner().next.expect("something")
}

/// A browser that is signed in by way of the client, and what its ID token says.
async fn signed_in<'a>(house: &'a House, client: &str) -> (Browser<'a>, Value) {
    let mut browser = Browser::at(&house.service);
    let asked = BeginAuthorizationRequest { prompt: "consent".to_owned(), ..request(client, "openid read:notes") };
    let code = browser.led_to_code(asked).await;
    let given = house.redeem(client, &code).await.expect("tokens");
    let now = house.clock.now().unix_seconds();
    let claims = json!({
        "iss": ISSUER, "sub": given.user_id, "aud": client, "iat": now, "exp": now + 3600, "sid": given.session_id,
    });
    (browser, claims)
}

#[tokio::test]
async fn a_client_that_shows_the_sessions_id_token_ends_it_and_gets_the_browser_back() {
    on_each_backend(async |home| {
        let house = House::on(home).await;
        let client = house.registry.add(leaving(first_party()));
        let (browser, claims) = signed_in(&house, &client).await;
        house.clock.advance(Duration::from_hours(5));
        let request = EndSessionRequest {
            id_token_hint: house.keys.token("default", "JWT", &claims),
            post_logout_redirect_uri: BYE.to_owned(),
            state: "a&b".to_owned(),
            ..asked(&browser.holds)
        };
        let next = end(&house, request.clone()).await;
        assert_eq!(next, Next::RedirectUri(format!("{BYE}?state=a%26b")), "though the token has expired");
        assert_eq!(who(&house.service, &browser.holds).await, None);
        assert_eq!(end(&house, request).await, next, "twice is as once");
    })
    .await;
}

#[tokio::test]
async fn whoever_does_not_prove_to_mean_the_session_makes_the_user_be_asked() {
    on_each_backend(async |home| {
        let house = House::on(home).await;
        let client = house.registry.add(leaving(first_party()));
        let (browser, claims) = signed_in(&house, &client).await;
        let (other, of_other) = signed_in(&house, &client).await;
        let with = |name: &str, value: Value| {
            let mut claims = claims.clone();
            claims[name] = value;
            house.keys.token("default", "JWT", &claims)
        };
        let well = house.keys.token("default", "JWT", &claims);
        let mut cut = well.clone();
        cut.pop();
        let hints = [
            String::new(),
            "x".to_owned(),
            cut,
            house.keys.token("other", "JWT", &claims),
            house.keys.token("default", "at+jwt", &claims),
            house.keys.token("default", "JWT", &of_other),
            with("iss", json!("https://other.example/")),
            with("sid", json!(null)),
            with("sid", json!("ses_aaaaaaaaaaaaaaaaaaaaaaaa")),
            with("sub", json!("usr_aaaaaaaaaaaaaaaaaaaaaaaa")),
            with("aud", json!([client, "https://notes.example/"])),
        ];
        for hint in hints {
            let request = EndSessionRequest { id_token_hint: hint.clone(), ..asked(&browser.holds) };
            assert!(matches!(end(&house, request).await, Next::Confirm(_)), "{hint}");
        }
        for csrf_token in ["x", &crate::own_pages::session(&house.service, &other.holds).await.csrf_token] {
            let request = EndSessionRequest { csrf_token: csrf_token.to_owned(), ..asked(&browser.holds) };
            assert!(matches!(end(&house, request).await, Next::Confirm(_)), "b29: {csrf_token}");
        }
        assert!(who(&house.service, &browser.holds).await.is_some());
        let Next::Confirm(page) = end(&house, asked(&browser.holds)).await else { panic!("the user is asked") };
        let confirmed = EndSessionRequest { csrf_token: page.csrf_token, ..asked(&browser.holds) };
        assert!(matches!(end(&house, confirmed).await, Next::LoggedOut(_)));
        assert_eq!(who(&house.service, &browser.holds).await, None);
        assert!(who(&house.service, &other.holds).await.is_some(), "another browser's session stays");
    })
    .await;
}

#[tokio::test]
async fn b26_the_browser_goes_on_only_to_where_the_client_once_said() {
    on_each_backend(async |home| {
        let house = House::on(home).await;
        let client = house.registry.add(leaving(first_party()));
        let partner = house.registry.add(leaving(third_party()));
        let nobody = BrowserTokens::default();
        let go = async |client: &str, uri: &str| {
            let (client_id, post_logout_redirect_uri) = (client.to_owned(), uri.to_owned());
            end(&house, EndSessionRequest { client_id, post_logout_redirect_uri, ..asked(&nobody) }).await
        };
        assert_eq!(go(&client, BYE).await, Next::RedirectUri(BYE.to_owned()));
        for uri in [
            "",
            "https://app.example/bye/",
            "https://app.example/BYE",
            "https://app.example/bye?x",
            "https://evil.example",
            "https://app.example/bye#x",
            "https://app.example/bye/../x",
            "//app.example/bye",
            "javascript:alert(1)",
            "https://app.example@evil.example/bye",
            "https://app.example/bye%2f",
            "http://app.example/bye",
        ] {
            assert!(matches!(go(&client, uri).await, Next::LoggedOut(_)), "{uri}");
        }
        assert!(matches!(go(&partner, BYE).await, Next::LoggedOut(_)), "never a third party's");
        for client in ["", "unknown", "\0"] {
            assert!(matches!(go(client, BYE).await, Next::LoggedOut(_)), "{client}");
        }
        let (browser, claims) = signed_in(&house, &client).await;
        let other = EndSessionRequest {
            id_token_hint: house.keys.token("default", "JWT", &claims),
            client_id: partner,
            post_logout_redirect_uri: BYE.to_owned(),
            ..asked(&browser.holds)
        };
        assert!(matches!(end(&house, other).await, Next::LoggedOut(_)), "the hint is another client's");
    })
    .await;
}

#[tokio::test]
async fn b22_a_request_under_another_tenants_issuer_is_refused() {
    on_each_backend(async |home| {
        let house = House::on(home).await;
        let request =
            EndSessionRequest { issuer: "https://other.example/".to_owned(), ..asked(&BrowserTokens::default()) };
        refused(sessions(&house.service).end_session(request).await, ErrorReason::ParameterInvalid);
    })
    .await;
}
