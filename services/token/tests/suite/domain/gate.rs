//! Clients at the gate.

use std::collections::HashSet;
use std::sync::atomic::Ordering;
use std::time::Duration;

use mintage_clock::Randomness;
use mintage_oauth::ClientSecret;
use mintage_token::domain::ports::Disbelief;
use mintage_token::domain::records::{Client, StoredSecret};
use mintage_token::domain::{IssueError, TokenRequest};
use tokio::sync::Semaphore;

use super::fakes::{CLIENT, START, World, stored};

const DENIED: IssueError = IssueError::ClientAuthenticationFailed;

/// The line of the grid, and up to a step more that chance decides.
fn assert_on_line(waited: Duration, line: u64) {
    let line = Duration::from_millis(line);
    assert!((line..=line + Duration::from_millis(10)).contains(&waited), "{waited:?}");
}

#[tokio::test]
async fn b18_when_a_failure_is_answered_is_blurred_by_chance() {
    let world = World::new();
    let arrival = world.clock.clock().monotonic();
    for _ in 0..8 {
        assert!(world.try_secret(CLIENT, "wrong").await.is_err());
    }
    let waits: HashSet<_> = world.metronome.0.lock().unwrap().iter().map(|wait| *wait - arrival).collect();
    assert_eq!(waits.len(), 8);
}

#[tokio::test]
async fn b18_every_way_to_fail_gets_the_same_answer_at_the_same_moment() {
    let world = World::new();
    let right = world.secret.expose().to_owned();
    let wrong = ClientSecret::generate(&Randomness::seeded(2));
    let arrival = world.clock.clock().monotonic();
    let failures = [
        (CLIENT, wrong.expose()),
        (CLIENT, ""),
        (CLIENT, "\u{0}\u{1f4a9}"),
        ("nobody", right.as_str()),
        ("not a client id", right.as_str()),
    ];
    for (client_id, secret) in failures {
        assert_eq!(world.try_secret(client_id, secret).await.unwrap_err(), DENIED, "{client_id}");
    }
    world.registry.put_client(Client { enabled: false, ..world.client() });
    assert_eq!(world.try_secret(CLIENT, &right).await.unwrap_err(), DENIED);
    let elsewhere = TokenRequest { tenant: "elsewhere".parse().unwrap(), ..world.request() };
    assert_eq!(world.mint.issue(&elsewhere).await.unwrap_err(), DENIED);
    let waits = world.metronome.0.lock().unwrap().clone();
    assert_eq!(waits.len(), 7);
    waits.iter().for_each(|wait| assert_on_line(*wait - arrival, 10));
}

#[tokio::test]
async fn operators_are_told_why_the_gate_stayed_shut_and_of_whom_only_if_there_is_such_a_client() {
    let world = World::new();
    let right = world.secret.expose().to_owned();
    let fails = async |client_id: &str, secret: &str| {
        assert_eq!(world.try_secret(client_id, secret).await.unwrap_err(), DENIED);
        world.uses.1.lock().unwrap().pop().unwrap()
    };
    let known = Some(CLIENT.to_owned());
    assert_eq!(fails(&right, "x").await, (None, Disbelief::UnknownClient), "a secret in the wrong field is not told");
    assert_eq!(fails(CLIENT, "wrong").await, (known.clone(), Disbelief::WrongSecret));
    let dead = world.client().secrets.into_iter().map(|secret| StoredSecret { not_after: Some(START), ..secret });
    world.registry.put_client(Client { secrets: dead.collect(), ..world.client() });
    assert_eq!(fails(CLIENT, &right).await, (known.clone(), Disbelief::DeadSecret));
    world.registry.put_client(Client { enabled: false, ..world.client() });
    assert_eq!(fails(CLIENT, &right).await, (known, Disbelief::DisabledClient));
}

#[tokio::test]
async fn b18_a_slow_lookup_shows_only_as_the_next_line_of_the_grid() {
    let world = World::new();
    for (takes, answered_after) in [(0, 10), (1, 10), (9, 10), (10, 20), (13, 20), (25, 30)] {
        *world.registry.client_takes.lock().unwrap() = Duration::from_millis(takes);
        let arrival = world.clock.clock().monotonic();
        assert_eq!(world.try_secret(CLIENT, "wrong").await.unwrap_err(), DENIED);
        let wait = world.metronome.0.lock().unwrap().pop().unwrap();
        assert_on_line(wait - arrival, answered_after);
        world.clock.advance(Duration::from_secs(60));
    }
}

#[tokio::test]
async fn b18_after_too_many_failures_nothing_is_looked_up_or_hashed_until_time_has_passed() {
    let world = World::new();
    for _ in 0..10 {
        assert_eq!(world.try_secret(CLIENT, "wrong").await.unwrap_err(), DENIED);
    }
    let lookups = world.registry.lookups.load(Ordering::SeqCst);
    let retry_after = Duration::from_millis(200);
    assert_eq!(world.issue().await.unwrap_err(), IssueError::TooManyAttempts { retry_after, limit: 10 });
    assert_eq!(world.registry.lookups.load(Ordering::SeqCst), lookups);
    world.clock.advance(retry_after);
    assert!(world.issue().await.is_ok());
}

#[tokio::test]
async fn b18_guesses_that_wait_together_are_no_more_than_those_that_come_one_after_another() {
    let world = World::new();
    let lookups = world.registry.client_lookups.forget_permits(Semaphore::MAX_PERMITS);
    let guesses = futures::future::join_all((0..30).map(|_| world.try_secret(CLIENT, "wrong")));
    let release = async { world.registry.client_lookups.add_permits(lookups) };
    let (outcomes, ()) = tokio::join!(guesses, release);
    assert_eq!(world.registry.lookups.load(Ordering::SeqCst), 60, "each waited for tenant and client");
    assert_eq!(outcomes.into_iter().filter(|outcome| outcome.as_ref().unwrap_err() == &DENIED).count(), 10);
}

#[tokio::test]
async fn b18_failures_from_elsewhere_do_not_lock_a_client_out() {
    let world = World::new();
    for _ in 0..20 {
        assert!(world.try_secret(CLIENT, "wrong").await.is_err());
    }
    let elsewhere = TokenRequest { source: Some("198.51.100.9".parse().unwrap()), ..world.request() };
    assert!(world.mint.issue(&elsewhere).await.is_ok());
}

#[tokio::test]
async fn b18_successes_do_not_count() {
    let world = World::new();
    for _ in 0..1000 {
        assert!(world.issue().await.is_ok());
    }
}

#[tokio::test]
async fn guessing_tenants_counts_as_failing() {
    let world = World::new();
    let request = TokenRequest { tenant: "elsewhere".parse().unwrap(), ..world.request() };
    for _ in 0..10 {
        assert_eq!(world.mint.issue(&request).await.unwrap_err(), DENIED);
    }
    assert!(matches!(world.mint.issue(&request).await.unwrap_err(), IssueError::TooManyAttempts { .. }));
}

#[tokio::test]
async fn b19_a_secret_that_begins_right_is_as_wrong_as_any() {
    let world = World::new();
    let right = world.secret.expose().to_owned();
    let arrival = world.clock.clock().monotonic();
    for length in (0..right.len()).step_by(6) {
        assert_eq!(world.try_secret(CLIENT, &right[..length]).await.unwrap_err(), DENIED);
        world.clock.set(START);
        let wait = world.metronome.0.lock().unwrap().pop().unwrap();
        assert_on_line(wait - arrival, 10);
    }
}

#[tokio::test]
async fn b19_each_of_the_secrets_opens_the_gate_wherever_it_stands() {
    let world = World::new();
    let second = ClientSecret::generate(&Randomness::seeded(3));
    let third = ClientSecret::generate(&Randomness::seeded(4));
    let mut client = world.client();
    client.secrets.push(stored("sec_2", &second, None));
    client.secrets.push(stored("sec_3", &third, None));
    world.registry.put_client(client);
    for secret in [&world.secret, &second, &third] {
        assert!(world.try_secret(CLIENT, secret.expose()).await.is_ok());
    }
    let used: Vec<_> = world.uses.0.lock().unwrap().iter().map(|(id, _)| id.clone()).collect();
    assert_eq!(used, ["sec_1", "sec_2", "sec_3"]);
}

#[tokio::test]
async fn b32_a_secret_opens_the_gate_until_its_end_and_not_a_moment_longer() {
    let world = World::new();
    let mut client = world.client();
    client.secrets = vec![stored("sec_1", &world.secret, Some(START + Duration::from_secs(60)))];
    world.registry.put_client(client);
    world.clock.advance(Duration::from_millis(59_999));
    assert!(world.issue().await.is_ok());
    world.clock.advance(Duration::from_millis(1));
    assert_eq!(world.issue().await.unwrap_err(), DENIED);
}

#[tokio::test]
async fn b32_a_client_without_secrets_cannot_enter() {
    let world = World::new();
    world.registry.put_client(Client { secrets: Vec::new(), ..world.client() });
    for secret in ["", world.secret.expose(), "a secret that no client has"] {
        assert_eq!(world.try_secret(CLIENT, secret).await.unwrap_err(), DENIED);
    }
}

#[tokio::test]
async fn only_secrets_that_opened_the_gate_are_noted_as_used() {
    let world = World::new();
    assert!(world.try_secret(CLIENT, "wrong").await.is_err());
    assert!(world.uses.0.lock().unwrap().is_empty());
    assert!(world.issue().await.is_ok());
    assert_eq!(world.uses.0.lock().unwrap().as_slice(), [("sec_1".to_owned(), START)]);
}

#[tokio::test]
async fn b34_neither_requests_nor_tokens_show_their_secrets() {
    let world = World::new();
    let shown = format!("{:?} {:?}", world.request(), world.issue().await);
    assert!(!shown.contains(world.secret.expose()) && !shown.contains("@clients"), "{shown}");
}
