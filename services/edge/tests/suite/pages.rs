//! What every page has alike.

use axum::body::Body;
use http::{Method, StatusCode};
use mintage_api::consent::end_session_response::Next as Ended;
use mintage_api::consent::step::Next;
use mintage_api::consent::{
    ConfirmLogout, DecideResponse, EndSessionResponse, GetInteractionResponse, GetSessionResponse,
    ListOwnGrantsResponse, LoggedOut, OwnGrant, ResponseMode, RevokeOwnGrantResponse, ScopeChoice, UserGrant,
};
use mintage_api::registry::{Branding, ErrorProfile};

use crate::browser::{of_page, submission, visit};
use crate::desk::{CSRF, answer, application, consent_asked, person, refused, sign_in_asked, step};
use crate::rig::{Answer, FORM, RFC_HOST, Rig, request, tenant};

/// Every page there is, as a rig shows it in the language that a browser accepts.
async fn pages(rig: &Rig, language: &str) -> Vec<(&'static str, Answer)> {
    let get =
        async |path: &str| rig.send(visit(path).header("accept-language", language).body(Body::empty()).unwrap()).await;
    rig.desk.shows(sign_in_asked());
    let sign_in = get("/u/sign-in?interaction=int_handle").await;
    rig.desk.shows(consent_asked());
    let consent = get("/u/consent?interaction=int_handle").await;
    rig.desk.session.with(|_| Ok(GetSessionResponse { person: Some(person()), csrf_token: CSRF.into() }));
    rig.desk.grants.with(|_| Ok(ListOwnGrantsResponse { grants: vec![grant()] }));
    let applications = get("/u/applications").await;
    let redirection = answer(ResponseMode::Query, &[("code", "cd_1")]);
    rig.desk.decide.with(move |_| Ok(DecideResponse { step: Some(step(Next::Redirection(redirection.clone()))) }));
    let mut decision = submission("/u/consent", &of_page(&[("decision", "allow")]));
    decision.headers_mut().insert("accept-language", language.parse().unwrap());
    let leave = rig.send(decision).await;
    rig.desk.leads_to(step(Next::Redirection(answer(ResponseMode::FormPost, &[("code", "cd_1")]))));
    let post = get("/authorize?client_id=a").await;
    rig.desk.leads_to(step(refused(ResponseMode::Query, false)));
    let refused = get("/authorize?client_id=a").await;
    let again = request(Method::POST, "/authorize", RFC_HOST).header("content-type", FORM);
    let again = again.header("accept-language", language).body("id_token_hint=e30.e30.x".into()).unwrap();
    let again = rig.send(again).await;
    let problem = get("/u/consent").await;
    rig.desk.end.with(|_| ended(Ended::Confirm(ConfirmLogout { csrf_token: CSRF.into() })));
    let sign_out = get("/oidc/logout").await;
    rig.desk.end.with(|_| ended(Ended::LoggedOut(LoggedOut {})));
    let signed_out = get("/oidc/logout").await;
    vec![
        ("sign-in", sign_in),
        ("consent", consent),
        ("applications", applications),
        ("leave", leave),
        ("post", post),
        ("refused", refused),
        ("again", again),
        ("problem", problem),
        ("sign-out", sign_out),
        ("signed-out", signed_out),
    ]
}

fn ended(next: Ended) -> Result<EndSessionResponse, tonic::Status> {
    Ok(EndSessionResponse { next: Some(next) })
}

pub fn grant() -> OwnGrant {
    let scopes = ["read:messages", "write:messages"].map(|value| ScopeChoice {
        value: value.into(),
        granted: true,
        ..ScopeChoice::default()
    });
    let created_at = Some(prost_types::Timestamp { seconds: 1_800_000_000, nanos: 0 });
    let grant = UserGrant { id: "ugr_1".into(), created_at, ..UserGrant::default() };
    OwnGrant {
        grant: Some(grant),
        application: Some(application()),
        api: consent_asked().api,
        scopes: scopes.into(),
        is_stopped: false,
    }
}

#[tokio::test]
async fn b29_no_page_can_be_framed_kept_or_made_to_load_what_is_not_ours() {
    let rig = Rig::start().await;
    for (name, page) in pages(&rig, "en").await {
        let forms = match name {
            "post" => "script-src 'self'",
            "again" => "script-src 'self'; form-action 'self'",
            _ => "form-action 'self'",
        };
        let policy = format!(
            "default-src 'none'; style-src 'self'; img-src 'self'; {forms}; base-uri 'none'; frame-ancestors 'none'"
        );
        assert_eq!(page.header("content-security-policy"), Some(policy.as_str()), "{name}");
        for (header, value) in [
            ("content-type", "text/html; charset=utf-8"),
            ("x-frame-options", "DENY"),
            ("referrer-policy", "no-referrer"),
            ("cache-control", "no-store"),
            ("x-content-type-options", "nosniff"),
            ("cross-origin-opener-policy", "same-origin"),
            ("cross-origin-resource-policy", "same-origin"),
        ] {
            assert_eq!(page.header(header), Some(value), "{name}");
        }
        assert!(page.header("permissions-policy").is_some() && page.has_no_cors(), "{name}");
    }
}

#[tokio::test]
async fn every_page_is_whole_in_both_languages_and_needs_no_script() {
    let rig = Rig::start().await;
    let (english, german) = (pages(&rig, "en-GB").await, pages(&rig, "de-CH, en;q=0.5").await);
    for ((name, english), (_, german)) in english.iter().zip(&german) {
        for (page, lang) in [(english, "en"), (german, "de")] {
            assert!(page.body.starts_with(&format!("<!doctype html>\n<html lang=\"{lang}\">")), "{name}");
            assert_eq!(page.body.matches("<h1>").count(), 1, "{name}");
            assert_eq!(page.body.matches("<main>").count(), 1, "{name}");
            let title = page.body.split("<title>").nth(1).unwrap().split("</title>").next().unwrap();
            assert!(title.ends_with(" · rfc") && title.len() > 10, "{name}: {title}");
            for inline in ["<style", " style=", "onclick", "onload", "javascript:", "autofocus"] {
                assert!(!page.body.contains(inline), "{name}: {inline}");
            }
            let is_scripted = ["post", "again"].contains(name);
            assert!(!page.body.contains("<script>") && page.body.contains("<script") == is_scripted, "{name}");
        }
        let heading = |page: &Answer| page.body.split("<h1>").nth(1).unwrap().split("</h1>").next().unwrap().to_owned();
        assert_ne!(heading(english), heading(german), "{name}");
    }
}

#[tokio::test]
async fn a_client_chooses_the_language_before_the_browser() {
    let rig = Rig::start().await;
    let mut asked = sign_in_asked();
    asked.ui_locales = "fr de".into();
    rig.desk.shows(asked);
    let page = visit("/u/sign-in?interaction=int_handle").header("accept-language", "en").body(Body::empty()).unwrap();
    assert!(rig.send(page).await.body.contains("<h1>Anmelden</h1>"));
}

#[tokio::test]
async fn the_language_that_a_client_chose_goes_along_to_the_users_own_pages() {
    let rig = Rig::start().await;
    let english = async |path: &str| {
        rig.send(visit(path).header("accept-language", "en").body(Body::empty()).unwrap()).await.body
    };
    rig.desk.session.with(|_| Ok(GetSessionResponse { person: Some(person()), csrf_token: CSRF.into() }));
    rig.desk.grants.with(|_| Ok(ListOwnGrantsResponse { grants: vec![grant()] }));
    rig.desk.revoke.with(|_| Ok(RevokeOwnGrantResponse {}));
    for (ui_locales, behind) in [("", ""), ("fr de", "?ui_locales=de"), ("fr", "?ui_locales=en")] {
        let mut asked = consent_asked();
        asked.ui_locales = ui_locales.into();
        rig.desk.shows(asked);
        let own = format!("/u/applications{behind}");
        assert!(
            english("/u/consent?interaction=int_handle").await.contains(&format!("href=\"{own}\"")),
            "{ui_locales}"
        );
        let page = english(&own).await;
        assert_eq!(page.contains("<h1>Anwendungen mit Zugriff</h1>"), ui_locales == "fr de", "{page}");
        assert!(page.contains(&format!("action=\"/u/applications/revoke{behind}\"")), "{page}");
        assert!(page.contains(&format!("href=\"/oidc/logout{behind}\"")), "{page}");
        let fields = [("csrf_token", CSRF), ("grant", "ugr_1")];
        let removed = rig.submit(&format!("/u/applications/revoke{behind}"), &fields).await;
        assert!(removed.header("location").unwrap().ends_with(behind.trim_start_matches('?')), "{ui_locales}");
    }
}

#[tokio::test]
async fn b29_no_word_of_a_stranger_becomes_more_than_text() {
    let rig = Rig::start().await;
    for hostile in HOSTILE {
        let mut asked = consent_asked();
        let application = asked.application.as_mut().unwrap();
        application.name = (*hostile).into();
        application.owner = (*hostile).into();
        application.destination = (*hostile).into();
        application.client_uri = (*hostile).into();
        application.logo_uri = (*hostile).into();
        application.policy_uri = (*hostile).into();
        asked.api.as_mut().unwrap().name = (*hostile).into();
        asked.person.as_mut().unwrap().email = (*hostile).into();
        asked.csrf_token = (*hostile).into();
        for scope in &mut asked.scopes {
            scope.value = (*hostile).into();
            scope.description = (*hostile).into();
        }
        let consent = shown(&rig, "/u/consent?interaction=int_handle", asked.clone()).await;
        asked.page = mintage_api::consent::Page::SignIn.into();
        asked.login_hint = (*hostile).into();
        let sign_in = shown(&rig, "/u/sign-in?interaction=int_handle", asked).await;
        for page in [consent, sign_in] {
            assert_eq!(page.status, StatusCode::OK);
            let plain = page.body.replace("<!doctype html>", "");
            let tags: Vec<_> = plain.split('<').skip(1).map(|rest| rest.split(['>', ' ']).next().unwrap()).collect();
            assert!(tags.iter().all(|tag| KNOWN_TAGS.contains(&tag.trim_start_matches('/'))), "{hostile}: {tags:?}");
            for address in ["href", "src", "action"] {
                let attribute = format!(" {address}=\"");
                let mut addresses = page.body.split(&attribute).skip(1);
                let is_harmless = |to: &str| to.starts_with("/u/") || to.starts_with("https://sheets.example/");
                assert!(addresses.all(is_harmless), "{hostile}");
            }
            let policy = page.header("content-security-policy").unwrap();
            assert!(policy.contains("img-src 'self'; form-action"), "{hostile}: {policy}");
        }
    }
}

async fn shown(rig: &Rig, path: &str, asked: GetInteractionResponse) -> Answer {
    rig.desk.shows(asked);
    rig.visit(path).await
}

#[tokio::test]
async fn a_page_is_in_its_tenants_name_logo_and_colour() {
    let rig = Rig::start().await;
    let mut branded = tenant("rfc", RFC_HOST, ErrorProfile::Rfc);
    branded.display_name = "Blue & Sons".into();
    branded.branding = Some(Branding { colour: "#ffee00".into(), logo_uri: "https://cdn.example/logo.png".into() });
    rig.registry.write(&branded);
    rig.desk.shows(sign_in_asked());
    let page = loop {
        let page = rig.visit("/u/sign-in?interaction=int_handle").await;
        if page.body.contains("Blue") {
            break page;
        }
        tokio::task::yield_now().await;
    };
    assert!(page.body.contains("<bdi>Blue &#38; Sons</bdi>"), "{}", page.body);
    assert!(page.body.contains(r#"<img class="logo" src="https://cdn.example/logo.png" alt="""#));
    let policy = page.header("content-security-policy").unwrap();
    assert!(policy.contains("img-src 'self' https://cdn.example; "), "{policy}");
    let style = page.body.split("/u/assets/brand-ffee00.").nth(1).unwrap().split('"').next().unwrap();
    let style = rig.get(&format!("/u/assets/brand-ffee00.{style}")).await;
    assert_eq!(style.header("content-type"), Some("text/css; charset=utf-8"));
    assert!(style.body.contains("--on-brand:#000000"), "{}", style.body);
}

#[tokio::test]
async fn what_pages_load_may_be_kept_for_ever_and_is_named_by_what_it_is() {
    let rig = Rig::start().await;
    rig.desk.shows(sign_in_asked());
    let page = rig.visit("/u/sign-in?interaction=int_handle").await;
    let loaded: Vec<_> =
        page.body.split("href=\"/u/assets/").skip(1).map(|rest| rest.split('"').next().unwrap()).collect();
    assert_eq!(loaded.len(), 3);
    for file in loaded {
        let shown = rig.get(&format!("/u/assets/{file}")).await;
        assert_eq!(shown.status, StatusCode::OK, "{file}");
        assert_eq!(shown.header("cache-control"), Some("public, max-age=31536000, immutable"));
        assert_eq!(shown.header("x-content-type-options"), Some("nosniff"));
        let stale = rig.get(&format!("/u/assets/x{file}")).await;
        assert_eq!((stale.status, stale.header("cache-control")), (StatusCode::NOT_FOUND, Some("no-store")));
    }
    let elsewhere = request(Method::GET, "/u/sign-in", "nobody.example").body(Body::empty()).unwrap();
    assert_eq!(rig.send(elsewhere).await.error(), (404, "invalid_request".into()));
}

const HOSTILE: &[&str] = &[
    "<script>alert(1)</script>",
    "\"><img src=x onerror=alert(1)>",
    "' onmouseover='alert(1)",
    "\" autofocus onfocus=\"alert(1)",
    "</title><script>alert(1)</script>",
    "</bdi></strong></main><form action=https://evil.example>",
    "<svg/onload=alert(1)>",
    "javascript:alert(1)",
    "https://evil.example/\"><script>",
    "data:text/html,<script>alert(1)</script>",
    "{{ frame.tenant }}<b>",
    "--><!-- <x>",
    "&lt;script&gt;<i>",
    "<iframe srcdoc='<script>'>",
    "\u{202e}<u>\u{2066}",
    "<base href=https://evil.example>",
    "<meta http-equiv=refresh content='0;url=https://evil.example'>",
    "https://evil.example; script-src *",
];
const KNOWN_TAGS: &[&str] = &[
    "html", "head", "meta", "title", "link", "body", "header", "main", "span", "bdi", "div", "h1", "h2", "p", "form",
    "input", "button", "strong", "ul", "li", "fieldset", "legend", "label", "section", "a", "img",
];
