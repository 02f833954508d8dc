//! One refresh token of a family is good at every moment, whatever is lost on the way and whoever has a copy.

#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "what a test sets up must work, or the test has failed"
)]

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use mintage_api::consent::{Authorization, BeginAuthorizationRequest, RedeemRefreshTokenRequest};
use mintage_api::types::ErrorReason;
use mintage_chassis::Service;
use mintage_clock::{Randomness, Timestamp};
use mintage_consent::Settings;
use mintage_testkit::on_each_backend;
use tokio::task::JoinSet;
use tonic::Status;

use crate::browser::{Browser, request};
use crate::house::{House, redemptions, refresh_at, refused};
use crate::registry::{API, first_party, third_party};

const SCOPES: &str = "read:notes write:notes offline_access";
/// Unless told otherwise.
const LEEWAY: Duration = Duration::from_secs(30);

/// A client with its first refresh token.
async fn family(house: &House) -> (String, String) {
    let client = house.registry.add(third_party());
    let code = Browser::at(&house.service).led_to_code(request(&client, SCOPES)).await;
    let token = house.redeem(&client, &code).await.expect("tokens").refresh_token;
    (client, token)
}

/// Another family of the client.
async fn next_family(house: &House, client: &str) -> String {
    let code = Browser::at(&house.service).led_to_code_again(request(client, SCOPES)).await;
    house.redeem(client, &code).await.expect("tokens").refresh_token
}

/// Two processes that never hear a used token again.
async fn strict(house: &House) -> [Arc<Service>; 2] {
    let settings = Settings { refresh_token_leeway: Duration::ZERO, ..Settings::default() };
    [house.replica_with(settings).await, house.replica_with(settings).await].map(Arc::new)
}

async fn given(service: &Service, client: &str, token: &str) -> String {
    refresh_at(service, client, token).await.expect("the next").refresh_token
}

async fn ask(house: &House, request: RedeemRefreshTokenRequest) -> Result<Authorization, Status> {
    let answer = redemptions(&house.service).redeem_refresh_token(request).await?.into_inner();
    Ok(answer.authorization.expect("an authorization"))
}

fn presented(client: &str, token: &str) -> RedeemRefreshTokenRequest {
    let (client_id, refresh_token) = (client.to_owned(), token.to_owned());
    RedeemRefreshTokenRequest {
        tenant_id: "default".to_owned(),
        client_id,
        refresh_token,
        ..RedeemRefreshTokenRequest::default()
    }
}

/// Many who present one token at once, taking turns at the replicas; what each got.
async fn all_at_once(replicas: &[Arc<Service>; 2], client: &str, token: &str) -> Vec<String> {
    let mut tries = JoinSet::new();
    for turn in 0..50 {
        let (replica, client, token) = (Arc::clone(&replicas[turn % 2]), client.to_owned(), token.to_owned());
        tries.spawn(async move { refresh_at(&replica, &client, &token).await.ok() });
    }
    tries.join_all().await.into_iter().flatten().map(|given| given.refresh_token).collect()
}

#[tokio::test]
async fn without_a_leeway_a_refresh_token_is_good_once_and_a_second_use_ends_its_family() {
    on_each_backend(async |home| {
        let house = House::on(home).await;
        let [here, there] = strict(&house).await;
        let (client, first) = family(&house).await;
        let second = given(&here, &client, &first).await;
        let third = given(&there, &client, &second).await;
        assert!(first != second && second != third);
        refused(refresh_at(&here, &client, &second).await, ErrorReason::GrantInvalid);
        refused(refresh_at(&there, &client, &third).await, ErrorReason::GrantInvalid);
    })
    .await;
}

#[tokio::test]
async fn without_a_leeway_of_many_who_use_a_token_at_once_one_gets_the_next_and_it_ends() {
    on_each_backend(async |home| {
        let house = House::on(home).await;
        let replicas = strict(&house).await;
        let (client, token) = family(&house).await;
        let next = all_at_once(&replicas, &client, &token).await;
        assert_eq!(next.len(), 1, "one of fifty");
        refused(house.refresh(&client, &next[0]).await, ErrorReason::GrantInvalid);
    })
    .await;
}

#[tokio::test]
async fn an_answer_that_was_lost_is_given_again_and_what_was_lost_is_worth_nothing() {
    on_each_backend(async |home| {
        let house = House::on(home).await;
        let replica = house.replica().await;
        let (client, first) = family(&house).await;
        let lost = given(&house.service, &client, &first).await;
        house.clock.advance(LEEWAY - Duration::from_millis(1));
        let second = given(&replica, &client, &first).await;
        let third = given(&house.service, &client, &second).await;
        assert_eq!(HashSet::from([&first, &lost, &second, &third]).len(), 4);
        refused(refresh_at(&replica, &client, &lost).await, ErrorReason::GrantInvalid);
        refused(house.refresh(&client, &third).await, ErrorReason::GrantInvalid);
    })
    .await;
}

#[tokio::test]
async fn a_used_token_is_heard_again_for_half_a_minute_from_its_use_on_and_then_it_is_a_copy() {
    on_each_backend(async |home| {
        let house = House::on(home).await;
        let (client, first) = family(&house).await;
        house.refresh(&client, &first).await.expect("lost");
        house.clock.advance(LEEWAY / 2);
        let second = given(&house.service, &client, &first).await;
        house.clock.advance(LEEWAY / 2);
        refused(house.refresh(&client, &first).await, ErrorReason::GrantInvalid);
        refused(house.refresh(&client, &second).await, ErrorReason::GrantInvalid);
    })
    .await;
}

#[tokio::test]
async fn once_the_next_token_was_used_the_one_before_is_a_copy_however_soon_it_comes() {
    on_each_backend(async |home| {
        let house = House::on(home).await;
        let (client, first) = family(&house).await;
        let second = given(&house.service, &client, &first).await;
        let third = given(&house.service, &client, &second).await;
        refused(house.refresh(&client, &first).await, ErrorReason::GrantInvalid);
        refused(house.refresh(&client, &third).await, ErrorReason::GrantInvalid);
    })
    .await;
}

#[tokio::test]
async fn of_many_who_use_a_token_at_once_the_last_alone_got_one_that_is_good() {
    on_each_backend(async |home| {
        let house = House::on(home).await;
        let replicas = [house.replica().await, house.replica().await].map(Arc::new);
        let (client, first) = family(&house).await;
        let given_out = all_at_once(&replicas, &client, &first).await;
        assert_eq!(given_out.iter().collect::<HashSet<_>>().len(), 50, "each hears an answer of its own");
        let good = given(&house.service, &client, &first).await;
        let next = given(&house.service, &client, &good).await;
        refused(house.refresh(&client, &given_out[0]).await, ErrorReason::GrantInvalid);
        refused(house.refresh(&client, &next).await, ErrorReason::GrantInvalid);
    })
    .await;
}

#[tokio::test]
async fn of_two_who_hold_a_token_and_its_successor_one_goes_on_until_the_other_shows_its_own() {
    on_each_backend(async |home| {
        let house = House::on(home).await;
        let replica = house.replica().await;
        let (client, mut first) = family(&house).await;
        for _ in 0..8 {
            let second = given(&house.service, &client, &first).await;
            let (one, other) =
                tokio::join!(refresh_at(&house.service, &client, &first), refresh_at(&replica, &client, &second),);
            let [next] = [one, other].into_iter().flatten().collect::<Vec<_>>().try_into().expect("one of the two");
            refused(house.refresh(&client, &next.refresh_token).await, ErrorReason::GrantInvalid);
            first = next_family(&house, &client).await;
        }
    })
    .await;
}

/// A token that was given out: for which one, and when it was used first.
struct Seen {
    token: String,
    parent: Option<usize>,
    used_at: Option<Timestamp>,
}

/// The rule in its own words: the last one given out is good, and so is the one that it was given for, 30 s from its use on.
fn is_heard(seen: &[Seen], which: usize, now: Timestamp) -> bool {
    let last = seen.len() - 1;
    let in_time = seen[which].used_at.is_some_and(|at| now < at + LEEWAY);
    which == last || (seen[last].parent == Some(which) && in_time)
}

#[tokio::test]
async fn whatever_is_presented_in_whatever_order_on_two_replicas_follows_the_rule() {
    on_each_backend(async |home| {
        let house = House::on(home).await;
        let replica = house.replica().await;
        let chance = Randomness::seeded(7);
        let (client, mut token) = family(&house).await;
        for _ in 0..6 {
            let mut seen = vec![Seen { token, parent: None, used_at: None }];
            loop {
                let [wait, place, which, any] = chance.bytes::<4>();
                house.clock.advance(Duration::from_secs(u64::from(wait % 16)));
                let last = seen.len() - 1;
                let which = match which % 8 {
                    0 => usize::from(any) % seen.len(),
                    1..5 => seen[last].parent.unwrap_or(last),
                    _ => last,
                };
                let (now, service) = (house.clock.now(), [&house.service, &replica][usize::from(place % 2)]);
                let answer = refresh_at(service, &client, &seen[which].token).await;
                assert_eq!(answer.is_ok(), is_heard(&seen, which, now), "token {which} of {}", seen.len());
                let Ok(given) = answer else { break };
                seen[which].used_at.get_or_insert(now);
                seen.push(Seen { token: given.refresh_token, parent: Some(which), used_at: None });
            }
            let families = house.number("SELECT count(*) AS number FROM refresh_family".to_owned()).await;
            assert_eq!(families, 0, "a copy ends all of them");
            token = next_family(&house, &client).await;
        }
    })
    .await;
}

#[tokio::test]
async fn a_token_is_not_heard_again_once_a_release_that_does_not_know_of_it_gave_the_next() {
    on_each_backend(async |home| {
        let house = House::on(home).await;
        let (client, first) = family(&house).await;
        given(&house.service, &client, &first).await;
        assert_eq!(house.execute("UPDATE refresh_family SET used_at = used_at + 1").await, 1);
        refused(house.refresh(&client, &first).await, ErrorReason::GrantInvalid);
    })
    .await;
}

#[tokio::test]
async fn whoever_only_looks_at_a_refresh_token_takes_nothing_and_shows_a_copy_all_the_same() {
    on_each_backend(async |home| {
        let house = House::on(home).await;
        let (client, first) = family(&house).await;
        let look = |token: &str| RedeemRefreshTokenRequest { look_only: true, ..presented(&client, token) };
        for _ in 0..3 {
            let shown = ask(&house, look(&first)).await.expect("a look");
            assert_eq!((shown.scopes.len(), shown.refresh_token.as_str()), (3, ""));
        }
        let second = given(&house.service, &client, &first).await;
        ask(&house, look(&first)).await.expect("its answer may have been lost");
        let third = given(&house.service, &client, &second).await;
        refused(ask(&house, look(&first)).await, ErrorReason::GrantInvalid);
        refused(house.refresh(&client, &third).await, ErrorReason::GrantInvalid);
    })
    .await;
}

/// Looks at a token, lets so much time pass as signing takes, and takes it as it was then.
async fn taken_late(house: &House, client: &str, token: &str, signing: Duration) -> Result<Authorization, Status> {
    let looked_at = looked_at(house, client, token).await?;
    house.clock.advance(signing);
    ask(house, RedeemRefreshTokenRequest { looked_at, ..presented(client, token) }).await
}

async fn looked_at(house: &House, client: &str, token: &str) -> Result<Option<prost_types::Timestamp>, Status> {
    let look = RedeemRefreshTokenRequest { look_only: true, ..presented(client, token) };
    Ok(redemptions(&house.service).redeem_refresh_token(look).await?.into_inner().judged_at)
}

const A_MOMENT: Duration = Duration::from_millis(1);

#[tokio::test]
async fn what_was_heard_again_when_it_was_looked_at_is_not_a_copy_because_it_was_signed_first() {
    on_each_backend(async |home| {
        let house = House::on(home).await;
        let (client, first) = family(&house).await;
        let lost = given(&house.service, &client, &first).await;
        house.clock.advance(LEEWAY - A_MOMENT);
        let next = taken_late(&house, &client, &first, LEEWAY).await.expect("it was in time").refresh_token;
        let after = given(&house.service, &client, &next).await;
        refused(house.refresh(&client, &lost).await, ErrorReason::GrantInvalid);
        refused(house.refresh(&client, &after).await, ErrorReason::GrantInvalid);
    })
    .await;
}

#[tokio::test]
async fn a_token_that_lay_idle_just_short_of_its_end_goes_on_though_it_is_signed_past_it() {
    on_each_backend(async |home| {
        let house = House::on(home).await;
        let (client, first) = family(&house).await;
        house.clock.advance(Duration::from_hours(24 * 15) - A_MOMENT);
        let next = taken_late(&house, &client, &first, Duration::from_secs(10)).await.expect("it was in time");
        given(&house.service, &client, &next.refresh_token).await;
    })
    .await;
}

#[tokio::test]
async fn what_was_used_between_the_look_and_the_taking_is_a_copy_whatever_the_look_said() {
    on_each_backend(async |home| {
        let house = House::on(home).await;
        let (client, first) = family(&house).await;
        let second = given(&house.service, &client, &first).await;
        let looked_at = looked_at(&house, &client, &first).await.expect("heard again");
        let third = given(&house.service, &client, &second).await;
        let take = RedeemRefreshTokenRequest { looked_at, ..presented(&client, &first) };
        refused(ask(&house, take).await, ErrorReason::GrantInvalid);
        refused(house.refresh(&client, &third).await, ErrorReason::GrantInvalid);
    })
    .await;
}

#[tokio::test]
async fn a_look_of_more_than_a_minute_ago_counts_for_nothing() {
    on_each_backend(async |home| {
        let house = House::on(home).await;
        let (client, first) = family(&house).await;
        let lost = given(&house.service, &client, &first).await;
        refused(taken_late(&house, &client, &first, Duration::from_mins(1)).await, ErrorReason::GrantInvalid);
        refused(house.refresh(&client, &lost).await, ErrorReason::GrantInvalid);
    })
    .await;
}

#[tokio::test]
async fn a_refresh_asks_for_no_more_than_was_granted_and_less_for_one_token_alone() {
    on_each_backend(async |home| {
        let house = House::on(home).await;
        let (client, token) = family(&house).await;
        let with = |scopes: &[&str]| {
            let scopes = scopes.iter().map(ToString::to_string).collect();
            RedeemRefreshTokenRequest { scopes, ..presented(&client, &token) }
        };
        refused(ask(&house, with(&["read:notes", "delete:notes"])).await, ErrorReason::ScopeNotGranted);
        let narrow = ask(&house, with(&["read:notes"])).await.expect("not spent");
        assert_eq!(narrow.scopes, ["read:notes"]);
        let next = house.refresh(&client, &narrow.refresh_token).await.expect("the next");
        assert_eq!(next.scopes, ["read:notes", "write:notes", "offline_access"]);
    })
    .await;
}

#[tokio::test]
async fn b2_a_refresh_is_for_the_api_that_was_granted_and_another_uses_nothing_up() {
    on_each_backend(async |home| {
        let house = House::on(home).await;
        let (client, token) = family(&house).await;
        let at =
            |audience: &str| RedeemRefreshTokenRequest { audience: audience.to_owned(), ..presented(&client, &token) };
        for other in ["https://notes.example", "urn:mintage:management", "https://id.example/userinfo"] {
            refused(ask(&house, at(other)).await, ErrorReason::AudienceNotGranted);
        }
        assert_eq!(ask(&house, at(API)).await.expect("the next").audience, API);
    })
    .await;
}

#[tokio::test]
async fn a_grant_for_no_api_is_for_none_that_is_named_later() {
    on_each_backend(async |home| {
        let house = House::on(home).await;
        let client = house.registry.add(first_party());
        let asked = BeginAuthorizationRequest { audience: String::new(), ..request(&client, "openid") };
        let code = Browser::at(&house.service).led_to_code_again(asked).await;
        let mut redeeming = crate::house::presented_code(&client, &code);
        redeeming.audience = API.to_owned();
        let mut door = redemptions(&house.service);
        refused(door.redeem_authorization_code(redeeming).await, ErrorReason::AudienceNotGranted);
        assert!(house.redeem(&client, &code).await.expect("tokens").refresh_token.is_empty());
    })
    .await;
}
