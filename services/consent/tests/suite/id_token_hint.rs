//! A client that means one user gets that one, or nobody (OpenID Connect Core 1.0 section 3.1.2.1).

use std::time::Duration;

use mintage_api::consent::BeginAuthorizationRequest;
use mintage_testkit::on_each_backend;
use serde_json::{Value, json};

use crate::browser::{Browser, redirection, refusal, request, said, sign_in_page};
use crate::house::{House, PASSWORD};
use crate::registry::{ISSUER, first_party, third_party};

/// What an ID token of that user says.
fn claims(house: &House, client: &str, user: &str) -> Value {
    let now = house.clock.now().unix_seconds();
    json!({ "iss": ISSUER, "sub": user, "aud": client, "iat": now, "exp": now + 3600, "email": "ada@told.example" })
}

fn meaning(house: &House, client: &str, claims: &Value, prompt: &str) -> BeginAuthorizationRequest {
    BeginAuthorizationRequest {
        id_token_hint: house.keys.token("default", "JWT", claims),
        prompt: prompt.to_owned(),
        ..request(client, "openid read:notes")
    }
}

#[tokio::test]
async fn a_client_that_means_a_user_gets_no_other() {
    on_each_backend(async |home| {
        let house = House::on(home).await;
        let client = house.registry.add(first_party());
        let eve = house.user("eve@example.org").await;
        let mut browser = Browser::at(&house.service);
        let code = browser.led_to_code(request(&client, "openid read:notes")).await;
        let ada = house.redeem(&client, &code).await.expect("tokens").user_id;
        let (of_ada, of_eve) = (claims(&house, &client, &ada), claims(&house, &client, &eve.id));
        house.clock.advance(Duration::from_hours(5));
        let silent = redirection(browser.begin(meaning(&house, &client, &of_ada, "none")).await);
        assert!(!said(&silent, "code").is_empty(), "it is she, though the token has expired");
        let other = redirection(browser.begin(meaning(&house, &client, &of_eve, "none")).await);
        assert_eq!((said(&other, "error"), said(&other, "state")), ("login_required", "a state"));
        let mut nobody = Browser::at(&house.service);
        let none = redirection(nobody.begin(meaning(&house, &client, &of_ada, "none")).await);
        assert_eq!(said(&none, "error"), "login_required");

        let handle = sign_in_page(browser.begin(meaning(&house, &client, &of_eve, "")).await);
        let page = browser.page(&handle).await.expect("a page");
        assert_eq!(page.login_hint, "ada@told.example", "what the client was told itself, and nothing else");
        assert_eq!(page.person, None, "whoever is signed in is not meant");
        let again = redirection(browser.sign_in(&handle).await);
        assert_eq!((said(&again, "error"), said(&again, "code")), ("login_required", ""), "another one signed in");
        let handle = sign_in_page(browser.begin(meaning(&house, &client, &of_eve, "")).await);
        let next = browser.sign_in_as(&handle, "eve@example.org", PASSWORD).await.expect("a sign-in");
        crate::browser::consent_page(next);
        let said_so = BeginAuthorizationRequest {
            login_hint: "eve@example.org".to_owned(),
            ..meaning(&house, &client, &of_ada, "")
        };
        let handle = sign_in_page(browser.begin(said_so).await);
        assert_eq!(browser.page(&handle).await.expect("a page").login_hint, "eve@example.org");
    })
    .await;
}

#[tokio::test]
async fn a_hint_that_says_nothing_is_refused_and_never_passed_over() {
    on_each_backend(async |home| {
        let house = House::on(home).await;
        let client = house.registry.add(first_party());
        let mut browser = Browser::at(&house.service);
        let code = browser.led_to_code(request(&client, "openid read:notes")).await;
        let user = house.redeem(&client, &code).await.expect("tokens").user_id;
        let of_ada = claims(&house, &client, &user);
        let with = |name: &str, value: Value| {
            let mut claims = of_ada.clone();
            claims[name] = value;
            house.keys.token("default", "JWT", &claims)
        };
        let mut cut = house.keys.token("default", "JWT", &of_ada);
        cut.pop();
        let hints = [
            "x".to_owned(),
            "e30.e30.x".to_owned(),
            cut,
            house.keys.token("other", "JWT", &of_ada),
            house.keys.token("default", "at+jwt", &of_ada),
            with("iss", json!("https://other.example/")),
            with("aud", json!("bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb")),
            with("aud", json!([client, "https://notes.example/"])),
            with("sub", json!("")),
            with("sub", json!("ada@example.org")),
            with("client_id", json!(client)),
            with("azp", json!(client)),
            with("sid", json!(7)),
        ];
        for hint in hints {
            for prompt in ["", "none"] {
                let prompt = prompt.to_owned();
                let asked = BeginAuthorizationRequest {
                    id_token_hint: hint.clone(),
                    prompt,
                    ..request(&client, "openid read:notes")
                };
                let told = redirection(browser.begin(asked).await);
                assert_eq!((said(&told, "error"), said(&told, "code")), ("invalid_request", ""), "{hint}");
            }
        }
        let partner = house.registry.add(third_party());
        let asked = BeginAuthorizationRequest {
            id_token_hint: house.keys.token("default", "JWT", &of_ada),
            ..request(&partner, "read:notes")
        };
        assert_eq!(said(&refusal(browser.begin(asked).await).0, "error"), "invalid_request", "it is told of nobody");
    })
    .await;
}
