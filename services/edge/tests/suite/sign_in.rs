//! `/u/sign-in` and `/u/switch-user`.

use axum::body::Body;
use http::header::{CONTENT_TYPE, COOKIE, ORIGIN};
use http::{Method, StatusCode};
use mintage_api::consent::step::Next;
use mintage_api::consent::{GetInteractionResponse, Page, ResponseMode, SignInResponse, SwitchUserResponse};
use mintage_api::types::ErrorReason;
use mintage_chassis::status::refusal;
use tonic::Code;

use crate::browser::{COOKIES, encoded, of_page, set_cookies, submission};
use crate::desk::{CALLBACK, answer, at, consent_asked, holding, home, person, sign_in_asked, step};
use crate::rig::{FORM, RFC_HOST, Rig, request};

const USER: [(&str, &str); 2] = [("email", " ada@example.com "), ("password", " correct horse ")];

#[tokio::test]
async fn the_page_asks_for_what_a_password_manager_knows() {
    let rig = Rig::start().await;
    let mut asked = sign_in_asked();
    asked.login_hint = "ada@example.com".into();
    rig.desk.shows(asked);
    let page = rig.visit("/u/sign-in?interaction=int_handle").await;
    assert_eq!(page.status, StatusCode::OK);
    for part in [
        r#"autocomplete="username""#,
        r#"autocomplete="current-password""#,
        r#"<label for="email">E-mail address</label>"#,
        r#"value="ada@example.com""#,
        r#"name="interaction" value="int_handle""#,
        r#"name="csrf_token" value="csrf-of-the-page""#,
        r#"<form method="post" action="/u/sign-in?interaction=int_handle">"#,
        "to continue to <strong><bdi>Sheets</bdi></strong>",
    ] {
        assert!(page.body.contains(part), "{part}");
    }
    assert!(rig.desk.interaction.last().handle == "int_handle");
}

#[tokio::test]
async fn a_user_who_is_believed_goes_on_with_a_new_session() {
    let rig = Rig::start().await;
    rig.desk.sign_in.with(|_| Ok(SignInResponse { step: Some(holding("brw_new", "ses_new", at(Page::Consent))) }));
    let shown = rig.submit("/u/sign-in", &of_page(&USER)).await;
    assert_eq!(shown.status, StatusCode::SEE_OTHER);
    assert_eq!(shown.header("location"), Some("/u/consent?interaction=int_handle"));
    assert_eq!(set_cookies(&shown).len(), 2);
    let asked = rig.desk.sign_in.last();
    assert_eq!((asked.email.as_str(), asked.password.as_str()), ("ada@example.com", " correct horse "));
    assert_eq!((asked.handle.as_str(), asked.csrf_token.as_str()), ("int_handle", "csrf-of-the-page"));
    assert_eq!(asked.browser.unwrap().browser, "brw_secret");
    rig.desk.sign_in.with(|_| Ok(SignInResponse { step: Some(step(home())) }));
    let home = rig.submit("/u/sign-in", &of_page(&USER)).await;
    assert_eq!(home.header("location"), Some("/u/applications"));
    let redirection = answer(ResponseMode::Query, &[("code", "cd_1")]);
    rig.desk.sign_in.with(move |_| Ok(SignInResponse { step: Some(step(Next::Redirection(redirection.clone()))) }));
    let left = rig.submit("/u/sign-in", &of_page(&USER)).await;
    assert!(left.status == StatusCode::OK && left.body.contains(CALLBACK));
}

#[tokio::test]
async fn a_browser_in_which_a_user_signed_in_shows_that_it_is_known_and_is_told_so_for_long() {
    let rig = Rig::start().await;
    let mut led = holding("", "ses_new", at(Page::Consent));
    led.hold.as_mut().unwrap().known = "mkt_new".into();
    rig.desk.sign_in.with(move |_| Ok(SignInResponse { step: Some(led.clone()) }));
    let mut form = submission("/u/sign-in", &of_page(&USER));
    let held = format!("{COOKIES}; __Host-mintage-known=mkt_held");
    form.headers_mut().insert(COOKIE, held.parse().unwrap());
    let shown = rig.send(form).await;
    assert_eq!(rig.desk.sign_in.last().browser.unwrap().known, "mkt_held");
    let known = "__Host-mintage-known=mkt_new; Path=/; Secure; HttpOnly; SameSite=Strict; Max-Age=34560000";
    assert!(set_cookies(&shown).iter().any(|cookie| cookie == known), "{:?}", set_cookies(&shown));
}

#[tokio::test]
async fn a_user_who_is_not_believed_is_told_so_and_no_more() {
    let rig = Rig::start().await;
    rig.desk.shows(sign_in_asked());
    rig.desk.sign_in.with(|_| Err(refusal(Code::Unauthenticated, ErrorReason::SignInRefused, "inner text", &[])));
    let refused = rig.submit("/u/sign-in", &of_page(&USER)).await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
    assert!(refused.body.contains(r#"role="alert" aria-live="assertive">This e-mail address and password"#));
    assert!(refused.body.contains(r#"value="ada@example.com" aria-invalid="true" aria-describedby="error""#));
    assert!(!refused.body.contains("correct horse") && !refused.body.contains("inner text"));
    let metadata = [("retry_after_seconds", "30")];
    rig.desk.sign_in.with(move |_| Err(refusal(Code::ResourceExhausted, ErrorReason::TooManyAttempts, "", &metadata)));
    let limited = rig.submit("/u/sign-in", &of_page(&USER)).await;
    assert_eq!((limited.status, limited.header("retry-after")), (StatusCode::TOO_MANY_REQUESTS, Some("30")));
    assert!(limited.body.contains("There were too many attempts."));
}

#[tokio::test]
async fn b18_what_can_be_nobodys_password_costs_nobody_a_hash() {
    let rig = Rig::start().await;
    rig.desk.shows(sign_in_asked());
    let (long_email, long_password) = ("a".repeat(321), "p".repeat(1025));
    for (email, password) in [("", "p"), ("a", ""), (&*long_email, "p"), ("a", &*long_password)] {
        let refused = rig.submit("/u/sign-in", &of_page(&[("email", email), ("password", password)])).await;
        assert_eq!(refused.status, StatusCode::FORBIDDEN);
    }
    assert_eq!(rig.desk.sign_in.count(), 0);
}

#[tokio::test]
async fn who_comes_back_to_a_page_is_sent_to_the_one_the_interaction_is_at() {
    let rig = Rig::start().await;
    rig.desk.shows(consent_asked());
    let back = rig.visit("/u/sign-in?interaction=int_handle").await;
    assert_eq!(back.header("location"), Some("/u/consent?interaction=int_handle"));
    rig.desk.shows(sign_in_asked());
    let back = rig.visit("/u/consent?interaction=int_handle").await;
    assert_eq!(back.header("location"), Some("/u/sign-in?interaction=int_handle"));
}

#[tokio::test]
async fn an_interaction_that_cannot_be_reaches_nobody() {
    let rig = Rig::start().await;
    rig.desk.shows(sign_in_asked());
    let long = "x".repeat(513);
    for handle in ["", "a%20b", "%3Cscript%3E", "a/b", "a&interaction=b", &long] {
        let shown = rig.visit(&format!("/u/sign-in?interaction={handle}")).await;
        assert_eq!(shown.status, StatusCode::BAD_REQUEST, "{handle:.20}");
        assert!(shown.body.contains("This page has expired"), "{handle:.20}");
    }
    assert_eq!(rig.desk.interaction.count(), 0);
}

#[tokio::test]
async fn whoever_answers_a_page_again_too_late_is_led_to_what_is_left_of_it() {
    let rig = Rig::start().await;
    let over = || refusal(Code::NotFound, ErrorReason::InteractionOver, "", &[]);
    rig.desk.sign_in.with(move |_| Err(over()));
    let late = rig.submit("/u/sign-in", &of_page(&USER)).await;
    let address = "/u/sign-in?interaction=int_handle";
    assert_eq!((late.status, late.header("location")), (StatusCode::SEE_OTHER, Some(address)));
    let mut answered = GetInteractionResponse { page: Page::Over.into(), ..sign_in_asked() };
    let home = answered.application.as_ref().unwrap().client_uri.clone();
    assert!(home.starts_with("https://"), "{home}");
    for (is_third_party, leads_back) in [(false, true), (true, false)] {
        answered.application.as_mut().unwrap().is_third_party = is_third_party;
        rig.desk.shows(answered.clone());
        let shown = rig.visit(address).await;
        assert_eq!(shown.status, StatusCode::BAD_REQUEST);
        assert!(shown.body.contains("This page has expired"), "{}", shown.body);
        let way = format!(r#"<a class="button" href="{home}" rel="noopener noreferrer nofollow"><span>Back to "#);
        assert_eq!(shown.body.contains(&way), leads_back, "{}", shown.body);
    }
    answered.application = None;
    rig.desk.shows(answered);
    assert!(rig.visit("/u/consent?interaction=int_handle").await.body.contains(r#"href="/u/applications""#));
    rig.desk.sign_in.with(|_| Err(refusal(Code::Unauthenticated, ErrorReason::SignInRefused, "", &[])));
    assert!(rig.submit("/u/sign-in", &of_page(&USER)).await.body.contains("This page has expired"));
}

#[tokio::test]
async fn a_browser_that_keeps_no_cookies_is_told_so() {
    let rig = Rig::start().await;
    for path in ["/u/sign-in", "/u/consent"] {
        let bare = request(Method::GET, &format!("{path}?interaction=int_handle"), RFC_HOST);
        let shown = rig.send(bare.body(Body::empty()).unwrap()).await;
        assert_eq!(shown.status, StatusCode::BAD_REQUEST);
        assert!(shown.body.contains("Your browser keeps no cookies for this site"), "{}", shown.body);
        assert!(rig.visit(&format!("{path}?interaction=int_handle")).await.body.contains("This page has expired"));
    }
}

#[tokio::test]
async fn another_user_may_sign_in_instead() {
    let rig = Rig::start().await;
    rig.desk.switch_user.with(|_| Ok(SwitchUserResponse { step: Some(holding("brw_new", "", at(Page::SignIn))) }));
    let shown = rig.submit("/u/switch-user", &of_page(&[])).await;
    assert_eq!(shown.header("location"), Some("/u/sign-in?interaction=int_handle"));
    assert_eq!(rig.desk.switch_user.last().csrf_token, "csrf-of-the-page");
    let mut asked = sign_in_asked();
    asked.person = Some(person());
    rig.desk.shows(asked);
    assert!(rig.visit("/u/sign-in?interaction=int_handle").await.body.contains(r#"value="ada@example.com""#));
}

#[tokio::test]
async fn b29_no_form_that_is_not_of_our_page_does_anything() {
    let rig = Rig::start().await;
    let yes: &[(&str, &str)] = &[("decision", "allow"), ("grant", "ugr_1"), ("email", "a@b"), ("password", "p")];
    for path in ["/u/sign-in", "/u/consent", "/u/switch-user", "/u/applications/revoke", "/oidc/logout"] {
        let own = of_page(yes);
        for headers in [
            &[("origin", "https://evil.example"), ("sec-fetch-site", "cross-site")][..],
            &[("origin", "https://evil.example")],
            &[("origin", "https://evil.rfc.example"), ("sec-fetch-site", "same-site")],
            &[("origin", "null")],
            &[("sec-fetch-site", "none")],
            &[],
        ] {
            let mut forged = request(Method::POST, path, RFC_HOST).header(CONTENT_TYPE, FORM).header(COOKIE, COOKIES);
            for (name, value) in headers {
                forged = forged.header(*name, *value);
            }
            let shown = rig.send(forged.body(encoded(&own).into()).unwrap()).await;
            assert_eq!(shown.status, StatusCode::FORBIDDEN, "{path} {headers:?}");
            assert!(shown.body.contains("This did not come from our page"), "{path}");
        }
        for (content_type, status) in [("text/plain", 415), ("application/json", 415), ("multipart/form-data", 415)] {
            let mut other = submission(path, &own);
            other.headers_mut().insert(CONTENT_TYPE, content_type.parse().unwrap());
            assert_eq!(rig.send(other).await.status.as_u16(), status, "{path} {content_type}");
        }
        let twice = of_page(&[("csrf_token", "csrf-of-the-page")]);
        assert_eq!(rig.submit(path, &twice).await.status, StatusCode::BAD_REQUEST, "{path}");
        if path != "/oidc/logout" {
            let without: Vec<_> = own.iter().copied().filter(|(name, _)| *name != "csrf_token").collect();
            assert_eq!(rig.submit(path, &without).await.status, StatusCode::FORBIDDEN, "{path}");
        }
        let empty: Vec<_> =
            own.iter().map(|(name, value)| (*name, if *name == "csrf_token" { "" } else { value })).collect();
        assert_eq!(rig.submit(path, &empty).await.status, StatusCode::FORBIDDEN, "{path}");
    }
    assert_eq!(rig.desk.deeds(), 0);
    let safari = request(Method::POST, "/u/switch-user", RFC_HOST).header(ORIGIN, "https://rfc.example");
    let safari = safari.header(CONTENT_TYPE, FORM).body(encoded(&of_page(&[])).into()).unwrap();
    rig.send(safari).await;
    assert_eq!(rig.desk.deeds(), 1, "an older browser says its origin alone");
}

#[tokio::test]
async fn b29_a_look_never_does_anything() {
    let rig = Rig::start().await;
    rig.desk.shows(consent_asked());
    let said = "interaction=int_handle&csrf_token=csrf-of-the-page&decision=allow&email=a&password=b&grant=ugr_1";
    for path in ["/u/sign-in", "/u/consent", "/u/switch-user", "/u/applications/revoke"] {
        for method in [Method::GET, Method::HEAD] {
            let look = request(method, &format!("{path}?{said}"), RFC_HOST).header(COOKIE, COOKIES);
            rig.send(look.body(Body::empty()).unwrap()).await;
        }
    }
    assert_eq!(rig.desk.deeds(), 0);
}
