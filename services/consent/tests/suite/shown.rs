//! A yes is to what the page showed.

#![expect(clippy::expect_used, reason = "what a test sets up must work, or the test has failed")]

use mintage_api::consent::{DecideRequest, DeleteUserGrantRequest, ListUserGrantsRequest};
use mintage_api::registry::{Client, ResourceServer, ScopeDefinition};
use mintage_testkit::on_each_backend;

use crate::browser::{Browser, consent_page, redirection, refusal, request, said};
use crate::house::House;
use crate::registry::API;

type Edit = fn(&mut Client, &mut ResourceServer);

const EDITS: [(&str, Edit); 7] = [
    ("an optional scope became required", |_, api| optional(api, "write:notes", false)),
    ("a required scope became optional", |_, api| optional(api, "read:notes", true)),
    ("a scope means something else", |_, api| scope(api, "read:notes").description = "May burn them".to_owned()),
    ("the API has another name", |_, api| api.name = "Vault".to_owned()),
    ("the API gives no refresh tokens any more", |_, api| {
        api.consent.get_or_insert_default().allow_offline_access = false;
    }),
    ("the client has another name", |client, _| client.name = "Your bank".to_owned()),
    ("the client has another owner", |client, _| {
        client.user_access.get_or_insert_default().owner = "Somebody".to_owned();
    }),
];

fn scope<'a>(api: &'a mut ResourceServer, value: &str) -> &'a mut ScopeDefinition {
    api.scopes.iter_mut().find(|scope| scope.value == value).expect("a scope")
}

fn optional(api: &mut ResourceServer, value: &str, optional: bool) {
    scope(api, value).optional = optional;
}

#[tokio::test]
async fn b29_what_changed_while_the_user_read_is_shown_before_it_is_agreed_to() {
    on_each_backend(async |home| {
        let house = House::on(home).await;
        let (client, mut browser) = Browser::sent_to(&house);
        let asked = || request(&client, "read:notes write:notes offline_access");
        for (what, edit) in EDITS {
            let handle = browser.led_to_consent(asked()).await;
            let stale = browser.answer(&handle, true, &["write:notes"]).await.expect("a page");
            house.registry.change(|records| {
                edit(records.clients.get_mut(&client).expect("it"), records.apis.get_mut(API).expect("it"));
            });
            let same = consent_page(browser.decide(stale.clone()).await.expect("an answer"));
            assert_eq!(same, handle, "{what}");
            consent_page(browser.decide(stale.clone()).await.expect("an answer"));
            let shown = browser.page(&handle).await.expect("the page is there still");
            assert_ne!(shown.shown, stale.shown, "{what}");
            let ticked = shown.scopes.iter().filter(|scope| scope.optional).map(|scope| scope.value.clone()).collect();
            let read = DecideRequest { shown: shown.shown, scopes: ticked, ..stale };
            let told = redirection(browser.decide(read).await.expect("an answer"));
            assert!(!said(&told, "code").is_empty(), "{what}");
            let all = house.user_grants().list_user_grants(ListUserGrantsRequest::default()).await.expect("a list");
            for grant in all.into_inner().user_grants {
                let request = DeleteUserGrantRequest { tenant_id: String::new(), id: grant.id };
                house.user_grants().delete_user_grant(request).await.expect("revoked");
            }
        }
    })
    .await;
}

#[tokio::test]
async fn b29_nobody_makes_up_what_a_page_showed_and_a_no_is_a_no_whatever_it_was() {
    on_each_backend(async |home| {
        let house = House::on(home).await;
        let (client, mut browser) = Browser::sent_to(&house);
        let narrow = browser.led_to_consent(request(&client, "read:notes")).await;
        let wide = browser.led_to_consent(request(&client, "read:notes write:notes")).await;
        let of_narrow = browser.page(&narrow).await.expect("a page").shown;
        let well = browser.answer(&wide, true, &["write:notes"]).await.expect("a page");
        for shown in ["", "x", &of_narrow, &well.csrf_token, &well.shown[1..], &"A".repeat(100_000)] {
            let made_up = DecideRequest { shown: shown.to_owned(), ..well.clone() };
            let same = consent_page(browser.decide(made_up).await.expect("an answer"));
            assert_eq!(same, wide, "{shown:.50}");
        }
        let no = DecideRequest { approve: false, shown: String::new(), ..well };
        let (answer, by_user) = refusal(browser.decide(no).await.expect("an answer"));
        assert_eq!((said(&answer, "error"), by_user), ("access_denied", true));
    })
    .await;
}
