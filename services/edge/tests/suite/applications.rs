//! `/u/applications`.

use http::StatusCode;
use mintage_api::consent::{
    BeginSignInResponse, GetSessionResponse, ListOwnGrantsResponse, OwnGrant, Page, RevokeOwnGrantResponse,
};
use mintage_api::types::ErrorReason;
use mintage_chassis::status::refusal;
use tonic::Code;

use crate::browser::set_cookies;
use crate::desk::{CSRF, at, holding, person};
use crate::pages::grant;
use crate::rig::Rig;

#[tokio::test]
async fn who_is_signed_in_sees_which_applications_act_for_them() {
    let rig = Rig::start().await;
    rig.desk.session.with(|_| Ok(GetSessionResponse { person: Some(person()), csrf_token: CSRF.into() }));
    let gone = OwnGrant { application: None, ..grant() };
    let stopped = OwnGrant { is_stopped: true, ..grant() };
    let grants = vec![grant(), gone, stopped];
    rig.desk.grants.with(move |_| Ok(ListOwnGrantsResponse { grants: grants.clone() }));
    let page = rig.visit("/u/applications").await;
    assert_eq!(page.status, StatusCode::OK);
    for part in [
        "<bdi>Sheets</bdi> <span class=\"badge\">Third party</span>",
        "<bdi>read, write — messages</bdi>",
        "<dt>Since</dt><dd>15 January 2027</dd>",
        "<dt>Last used</dt><dd>never</dd>",
        r#"<input type="hidden" name="grant" value="ugr_1">"#,
        r#"<input type="hidden" name="csrf_token" value="csrf-of-the-page">"#,
        "An application that no longer exists",
        "<p class=\"warn\"><bdi>rfc</bdi> has stopped this application: it is given nothing any more, unless",
        r#"<a href="/oidc/logout">Sign out</a>"#,
    ] {
        assert!(page.body.contains(part), "{part}\n{}", page.body);
    }
    assert!(!page.body.contains("The access was removed."));
    for link in ["removed", "removed=1", "removed=ugr_1", "removed=csrf-of-the-page"] {
        let page = rig.visit(&format!("/u/applications?{link}")).await;
        assert!(!page.body.contains("The access was removed."), "anybody can make the link {link}");
    }
    rig.desk.grants.with(|_| Ok(ListOwnGrantsResponse::default()));
    assert!(rig.visit("/u/applications").await.body.contains("No application has access."));
}

#[tokio::test]
async fn who_is_not_signs_in_first() {
    let rig = Rig::start().await;
    rig.desk.session.with(|_| Ok(GetSessionResponse::default()));
    rig.desk.begin_sign_in.with(|_| Ok(BeginSignInResponse { step: Some(holding("brw_new", "", at(Page::SignIn))) }));
    let shown = rig.visit("/u/applications?ui_locales=de").await;
    assert_eq!(shown.header("location"), Some("/u/sign-in?interaction=int_handle"));
    assert_eq!((set_cookies(&shown).len(), rig.desk.grants.count()), (1, 0));
    assert_eq!(rig.desk.begin_sign_in.last().ui_locales, "de");
    rig.desk.session.with(|_| Ok(GetSessionResponse { person: Some(person()), csrf_token: CSRF.into() }));
    rig.desk.grants.with(|_| Err(refusal(Code::Unauthenticated, ErrorReason::Unauthenticated, "", &[])));
    assert_eq!(rig.visit("/u/applications").await.status, StatusCode::SEE_OTHER, "the session ended in between");
}

#[tokio::test]
async fn access_is_taken_away_and_said_to_be_so_to_the_user_alone_and_only_if_there_was_any() {
    let rig = Rig::start().await;
    rig.desk.revoke.with(|_| Ok(RevokeOwnGrantResponse {}));
    let fields = [("csrf_token", CSRF), ("grant", "ugr_1")];
    let shown = rig.submit("/u/applications/revoke", &fields).await;
    assert_eq!(shown.status, StatusCode::SEE_OTHER);
    let removed = shown.header("location").unwrap().to_owned();
    assert!(removed.starts_with("/u/applications?removed=") && !removed.contains(CSRF), "{removed}");
    rig.desk.grants.with(|_| Ok(ListOwnGrantsResponse::default()));
    for (csrf_token, is_theirs) in [(CSRF, true), ("csrf-of-another", false)] {
        rig.desk
            .session
            .with(move |_| Ok(GetSessionResponse { person: Some(person()), csrf_token: csrf_token.into() }));
        let page = rig.visit(&removed).await;
        assert_eq!(page.body.contains("The access was removed."), is_theirs, "{csrf_token}");
    }
    let asked = rig.desk.revoke.last();
    assert_eq!((asked.id.as_str(), asked.csrf_token.as_str()), ("ugr_1", CSRF));
    for reason in [ErrorReason::NotFound, ErrorReason::Unauthenticated] {
        rig.desk.revoke.with(move |_| Err(refusal(Code::NotFound, reason, "", &[])));
        let again = rig.submit("/u/applications/revoke", &fields).await;
        assert_eq!(again.header("location"), Some("/u/applications"), "{reason:?}: nothing was removed");
    }
    let before = rig.desk.revoke.count();
    for grant in ["", "a b", "<x>"] {
        let refused = rig.submit("/u/applications/revoke", &[("csrf_token", CSRF), ("grant", grant)]).await;
        assert_eq!(refused.status, StatusCode::BAD_REQUEST);
    }
    assert_eq!(rig.desk.revoke.count(), before);
}
