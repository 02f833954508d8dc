//! `/oidc/logout`.

use http::StatusCode;
use mintage_api::consent::end_session_response::Next;
use mintage_api::consent::{ConfirmLogout, EndSessionResponse, LoggedOut};

use crate::browser::{encoded, posted_elsewhere, set_cookies};
use crate::desk::CSRF;
use crate::rig::Rig;

const WISH: &[(&str, &str)] = &[
    ("id_token_hint", "e30.e30.x"),
    ("client_id", "alpha"),
    ("post_logout_redirect_uri", "https://app.example/out"),
    ("state", "\"><b/%>"),
];
const TAKEN: &str = "__Host-mintage-session=; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=0";

fn answers(rig: &Rig, next: Next) {
    rig.desk.end.with(move |_| Ok(EndSessionResponse { next: Some(next.clone()) }));
}

#[tokio::test]
async fn a_client_that_says_who_it_is_ends_the_session_and_gets_the_browser_back() {
    let rig = Rig::start().await;
    answers(&rig, Next::RedirectUri("https://app.example/out?k=v&state=%22%3E%3Cb%2F%25%3E".into()));
    let shown = rig.visit(&format!("/oidc/logout?{}", encoded(WISH))).await;
    assert_eq!(shown.status, StatusCode::SEE_OTHER);
    assert_eq!(shown.header("location"), Some("https://app.example/out?k=v&state=%22%3E%3Cb%2F%25%3E"));
    assert_eq!(set_cookies(&shown), [TAKEN]);
    let asked = rig.desk.end.last();
    assert_eq!((asked.id_token_hint.as_str(), asked.client_id.as_str()), ("e30.e30.x", "alpha"));
    assert_eq!(asked.post_logout_redirect_uri, "https://app.example/out");
    assert_eq!((asked.state.as_str(), asked.csrf_token.as_str()), ("\"><b/%>", ""));
    assert_eq!(asked.browser.unwrap().session, "ses_secret");
}

#[tokio::test]
async fn where_nobody_proves_to_speak_for_the_session_the_user_is_asked() {
    let rig = Rig::start().await;
    answers(&rig, Next::Confirm(ConfirmLogout { csrf_token: CSRF.into() }));
    let page = rig.visit(&format!("/oidc/logout?{}", encoded(WISH))).await;
    assert_eq!((page.status, set_cookies(&page).len()), (StatusCode::OK, 0));
    assert!(page.body.contains("<h1>Sign out?</h1>"));
    assert!(page.body.contains(r#"name="csrf_token" value="csrf-of-the-page""#));
    assert!(page.body.contains(r#"name="state" value="&#34;&#62;&#60;b/%&#62;""#), "{}", page.body);
    answers(&rig, Next::RedirectUri("https://app.example/out?state=x".into()));
    let said: Vec<_> = WISH.iter().copied().chain([("csrf_token", CSRF)]).collect();
    let left = rig.submit("/oidc/logout", &said).await;
    assert_eq!((left.status, set_cookies(&left)), (StatusCode::OK, vec![TAKEN.to_owned()]));
    assert!(
        left.body.contains(r#"content="0;url=https://app.example/out?state=%22%3E%3Cb%2F%25%3E""#),
        "{}",
        left.body
    );
    assert_eq!(rig.desk.end.last().csrf_token, CSRF);
    answers(&rig, Next::LoggedOut(LoggedOut {}));
    let done = rig.submit("/oidc/logout", &[("csrf_token", CSRF)]).await;
    assert!(done.body.contains("<h1>You are signed out</h1>") && set_cookies(&done) == [TAKEN]);
}

#[tokio::test]
async fn a_wish_that_another_site_posts_comes_back_with_cookies_and_its_id_token_in_no_address() {
    let rig = Rig::start().await;
    answers(&rig, Next::LoggedOut(LoggedOut {}));
    let bare: Vec<_> = WISH.iter().copied().filter(|(name, _)| *name != "id_token_hint").collect();
    let back = rig.send(posted_elsewhere("/oidc/logout", &bare)).await;
    assert_eq!((back.status, rig.desk.end.count()), (StatusCode::SEE_OTHER, 0));
    assert!(back.header("location").unwrap().starts_with("/oidc/logout?client_id=alpha&"));
    let page = rig.send(posted_elsewhere("/oidc/logout", WISH)).await;
    assert_eq!((page.status, page.header("location"), rig.desk.end.count()), (StatusCode::OK, None, 0));
    assert!(page.body.contains(r#"<form method="post" action="/oidc/logout">"#), "{}", page.body);
    assert!(page.body.contains(r#"name="id_token_hint" value="e30.e30.x""#));
    let sent: Vec<_> = WISH.iter().copied().chain([("again", "1")]).collect();
    let done = rig.submit("/oidc/logout", &sent).await;
    assert!(done.body.contains("<h1>You are signed out</h1>"));
    let asked = rig.desk.end.last();
    assert_eq!((asked.id_token_hint.as_str(), asked.csrf_token.as_str()), ("e30.e30.x", ""), "a client's word");
}

#[tokio::test]
async fn b29_no_other_site_says_the_users_word() {
    let rig = Rig::start().await;
    answers(&rig, Next::LoggedOut(LoggedOut {}));
    for csrf in [CSRF, ""] {
        let forged: Vec<_> = WISH.iter().copied().chain([("csrf_token", csrf)]).collect();
        let refused = rig.send(posted_elsewhere("/oidc/logout", &forged)).await;
        assert_eq!((refused.status, rig.desk.end.count()), (StatusCode::FORBIDDEN, 0));
    }
}

#[tokio::test]
async fn b26_a_browser_leaves_for_no_address_that_is_none() {
    let rig = Rig::start().await;
    for hostile in ["javascript:alert(1)", "//evil.example", "https://u@evil.example/", "https://a.example/%2f", ""] {
        answers(&rig, Next::RedirectUri(hostile.into()));
        for path in ["/oidc/logout", "/oidc/logout?state=x"] {
            let shown = rig.visit(path).await;
            assert_eq!((shown.status.as_u16(), shown.header("location")), (500, None), "{hostile}");
        }
    }
    let twice = rig.visit("/oidc/logout?client_id=a&client_id=b").await;
    assert_eq!(twice.status, StatusCode::BAD_REQUEST);
}
