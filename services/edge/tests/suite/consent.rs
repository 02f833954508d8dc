//! `/u/consent`.

use http::StatusCode;
use mintage_api::consent::step::Next;
use mintage_api::consent::{DecideResponse, Page, ResponseMode};
use mintage_api::types::ErrorReason;
use mintage_chassis::status::refusal;
use tonic::{Code, Status};

use crate::browser::of_page;
use crate::desk::{SHOWN, answer, at, consent_asked, step};
use crate::rig::Rig;

#[tokio::test]
async fn the_page_says_who_asks_for_what_and_where_the_browser_goes_next() {
    let rig = Rig::start().await;
    rig.desk.shows(consent_asked());
    let page = rig.visit("/u/consent?interaction=int_handle").await;
    assert_eq!(page.status, StatusCode::OK);
    for part in [
        "<h1>Let <bdi>Sheets</bdi> act for you?</h1>",
        "by <bdi>Sheets Ltd</bdi>",
        "<bdi>rfc</bdi> does not run this application and does not vouch for it.",
        "At <bdi>Post Office</bdi> it would be able to:",
        "<li><bdi>read, write — messages</bdi></li>",
        "<li><bdi>Send mail in your name</bdi></li>",
        r#"<input type="checkbox" name="scope" value="read:contacts" checked><span><bdi>See your contacts</bdi>"#,
        r#"value="delete:messages" checked><span><bdi>delete — messages</bdi>"#,
        "If you allow it, your browser then goes to <strong><bdi>https://sheets.example</bdi></strong>.",
        r#"name="shown" value="word-of-the-page""#,
        "Signed in as <strong><bdi>ada@example.com</bdi></strong>",
        r#"<form class="person" method="post" action="/u/switch-user">"#,
        r#"name="decision" value="refuse">Refuse</button>"#,
        r#"name="decision" value="allow">Allow</button>"#,
        r#"href="https://sheets.example/privacy" target="_blank" rel="noopener noreferrer nofollow""#,
    ] {
        assert!(page.body.contains(part), "{part}\n{}", page.body);
    }
    let (new, before) = page.body.split_once("You allowed this before:").unwrap();
    assert!(before.contains("See your profile") && !new.contains("See your profile"));
    assert!(!page.body.contains("logo.png"), "a third party does not learn who looks");
}

#[tokio::test]
async fn b30_an_application_that_registered_itself_is_said_to_have_been_checked_by_nobody() {
    let rig = Rig::start().await;
    let mut asked = consent_asked();
    let warnings = [
        ("en", "This application registered itself; nobody at <bdi>rfc</bdi> has checked it."),
        ("de", "Diese Anwendung hat sich selbst eingetragen; niemand bei <bdi>rfc</bdi> hat sie geprüft."),
    ];
    for registered_itself in [false, true] {
        asked.application.as_mut().unwrap().registered_itself = registered_itself;
        for (language, warning) in warnings {
            asked.ui_locales = language.to_owned();
            rig.desk.shows(asked.clone());
            let page = rig.visit("/u/consent?interaction=int_handle").await;
            assert_eq!(page.body.contains(warning), registered_itself, "{}", page.body);
        }
    }
}

#[tokio::test]
async fn a_first_party_shows_its_picture_and_is_not_warned_of() {
    let rig = Rig::start().await;
    let mut asked = consent_asked();
    asked.application.as_mut().unwrap().is_third_party = false;
    asked.scopes.iter_mut().for_each(|scope| scope.granted = true);
    rig.desk.shows(asked.clone());
    let page = rig.visit("/u/consent?interaction=int_handle").await;
    let ticked: Vec<_> =
        page.body.split("name=\"scope\" value=\"").skip(1).map(|rest| rest.split('"').next().unwrap()).collect();
    let optional: Vec<_> =
        asked.scopes.iter().filter(|scope| scope.optional).map(|scope| scope.value.as_str()).collect();
    assert_eq!(ticked, optional, "what was granted and may be left out stays unless it is unticked");
    assert!(page.body.contains("An application of <bdi>rfc</bdi>."));
    // Where the picture does not load, the style puts the letter in its place.
    let picture = r#"<img class="tile" src="https://sheets.example/logo.png" alt="" data-letter="S""#;
    assert!(page.body.contains(picture), "{}", page.body);
    assert!(page.header("content-security-policy").unwrap().contains("img-src 'self' https://sheets.example;"));
    assert!(page.body.contains("It asks for nothing that you have not allowed before."));
    assert!(page.body.contains("Whatever you choose, your browser then goes to "));
}

#[tokio::test]
async fn a_user_who_is_asked_each_time_reads_why_and_what_was_left_out_stays_so() {
    let rig = Rig::start().await;
    let why = "another program on this device could pose as this application";
    let mut asked = consent_asked();
    rig.desk.shows(asked.clone());
    assert!(!rig.visit("/u/consent?interaction=int_handle").await.body.contains(why));
    asked.asked_each_time = true;
    let left_out = |scope: &&mut mintage_api::consent::ScopeChoice| scope.value == "read:contacts";
    asked.scopes.iter_mut().find(left_out).unwrap().declined = true;
    rig.desk.shows(asked);
    let page = rig.visit("/u/consent?interaction=int_handle").await;
    assert!(page.body.contains(why), "{}", page.body);
    assert!(page.body.contains(r#"name="scope" value="read:contacts"><span>"#), "{}", page.body);
    assert!(page.body.contains(r#"value="delete:messages" checked><span>"#), "{}", page.body);
}

#[tokio::test]
async fn who_stays_on_their_own_device_is_told_so() {
    let rig = Rig::start().await;
    let there = "goes to <strong>an application on this device</strong>";
    for (destination, words) in [
        ("http://127.0.0.1:49152", format!("{there} (<bdi>http://127.0.0.1</bdi>).")),
        ("http://localhost", format!("{there} (<bdi>http://localhost</bdi>).")),
        ("com.example.app:", format!("{there} (<bdi>com.example.app:</bdi>).")),
        ("https://a.example", "goes to <strong><bdi>https://a.example</bdi></strong>.".to_owned()),
    ] {
        let mut asked = consent_asked();
        asked.application.as_mut().unwrap().destination = destination.into();
        rig.desk.shows(asked);
        let page = rig.visit("/u/consent?interaction=int_handle").await;
        assert!(page.body.contains(&words), "{words}\n{}", page.body);
    }
}

#[tokio::test]
async fn a_decision_is_one_of_two_with_the_scopes_that_were_left_ticked() {
    let rig = Rig::start().await;
    let redirection = answer(ResponseMode::Query, &[("code", "cd_1")]);
    rig.desk.decide.with(move |_| Ok(DecideResponse { step: Some(step(Next::Redirection(redirection.clone()))) }));
    let allowed = [("decision", "allow"), ("shown", SHOWN), ("scope", "read:contacts"), ("scope", "delete:messages")];
    assert_eq!(rig.submit("/u/consent", &of_page(&allowed)).await.status, StatusCode::OK);
    let decided = rig.desk.decide.last();
    assert!(decided.approve && decided.shown == SHOWN);
    assert_eq!(decided.scopes, ["read:contacts", "delete:messages"]);
    assert_eq!((decided.handle.as_str(), decided.csrf_token.as_str()), ("int_handle", "csrf-of-the-page"));
    rig.submit("/u/consent", &of_page(&[("decision", "refuse"), ("scope", "read:contacts")])).await;
    let decided = rig.desk.decide.last();
    assert!(!decided.approve && decided.scopes.is_empty());
    for decision in
        [&[][..], &[("decision", "")], &[("decision", "Allow")], &[("decision", "allow"), ("decision", "refuse")]]
    {
        assert_eq!(rig.submit("/u/consent", &of_page(decision)).await.status, StatusCode::BAD_REQUEST, "{decision:?}");
    }
    assert_eq!(rig.desk.decide.count(), 2);
}

#[tokio::test]
async fn a_page_that_became_untrue_is_shown_again_and_says_so() {
    let rig = Rig::start().await;
    rig.desk.shows(consent_asked());
    rig.desk.decide.with(|_| Ok(DecideResponse { step: Some(step(at(Page::Consent))) }));
    let again = rig.submit("/u/consent", &of_page(&[("decision", "allow"), ("shown", "another")])).await;
    assert_eq!(again.header("location"), Some("/u/consent?interaction=int_handle&changed=1"));
    let notice = "What you are asked has changed since you opened this page.";
    assert!(rig.visit("/u/consent?interaction=int_handle&changed=1").await.body.contains(notice));
    assert!(!rig.visit("/u/consent?interaction=int_handle").await.body.contains(notice));
}

#[tokio::test]
async fn what_goes_wrong_behind_a_page_is_told_with_what_can_be_done_and_without_a_word_of_ours() {
    let rig = Rig::start().await;
    for (status, code, title) in [
        (Status::unavailable("10.0.0.7"), 503, "We cannot answer right now"),
        (Status::internal("inner"), 500, "Something went wrong on our side"),
        (refusal(Code::PermissionDenied, ErrorReason::MethodRefused, "inner", &[]), 500, "Something went wrong"),
    ] {
        rig.desk.decide.with(move |_| Err(status.clone()));
        let shown = rig.submit("/u/consent", &of_page(&[("decision", "allow")])).await;
        assert_eq!(shown.status.as_u16(), code);
        assert!(shown.body.contains(title), "{}", shown.body);
        assert!(!shown.body.contains("inner") && !shown.body.contains("10.0.0.7"));
    }
}
