//! The registry is told when a user lets a client act that registered itself.

use mintage_testkit::on_each_backend;

use crate::browser::{Browser, consent_page, request, sign_in_page};
use crate::house::House;
use crate::registry::third_party;

fn told(house: &House) -> Vec<String> {
    house.registry.change(|records| std::mem::take(&mut records.used))
}

#[tokio::test]
async fn a_user_who_agrees_makes_a_client_a_used_one_and_nobody_else_does() {
    on_each_backend(async |home| {
        let house = House::on(home).await;
        let client = house.registry.add(third_party());
        house.registry.change(|records| records.unused.push(client.clone()));
        let mut browser = Browser::at(&house.service);
        let page = sign_in_page(browser.begin(request(&client, "read:notes offline_access")).await);
        let page = consent_page(browser.sign_in(&page).await);
        let no = browser.answer(&page, false, &[]).await.expect("a page");
        browser.decide(no).await.expect("an answer");
        assert!(told(&house).is_empty(), "whoever only asks for it uses nothing");
        let mut browser = Browser::at(&house.service);
        let code = browser.led_to_code(request(&client, "read:notes offline_access")).await;
        assert_eq!(told(&house), [client.as_str()]);
        let tokens = house.redeem(&client, &code).await.expect("tokens");
        let tokens = house.refresh(&client, &tokens.refresh_token).await.expect("tokens");
        assert_eq!(told(&house), [client.as_str()], "until the registry knows");
        house.registry.change(|records| records.unused.clear());
        house.refresh(&client, &tokens.refresh_token).await.expect("tokens");
        browser.led_to_code_again(request(&client, "read:notes offline_access")).await;
        assert!(told(&house).is_empty(), "and then no more");
    })
    .await;
}
