//! Every refusal with its reason.

use std::sync::atomic::Ordering;
use std::time::Duration;

use mintage_api::registry::change::Subject;
use mintage_api::registry::{ClientChange, Party, ResourceServerChange};
use mintage_api::token::IssueTokenRequest;
use mintage_api::types::ErrorReason;
use mintage_chassis::status::reason_of;
use tonic::Code;

use super::rig::{API, CLIENT, Rig, reason, secret_of};

#[tokio::test]
async fn what_cannot_be_read_is_refused_by_the_name_of_its_parameter() {
    let rig = Rig::new().await;
    let right = rig.request();
    let scopes = |scopes: &[&str]| scopes.iter().map(|scope| (*scope).to_owned()).collect::<Vec<_>>();
    let many: Vec<_> = (0..101).map(|n| format!("scope:{n}")).collect();
    let long = "x".repeat(601);
    for (request, wanted, parameter) in [
        (IssueTokenRequest { grant: None, ..right.clone() }, ErrorReason::ParameterMissing, "grant"),
        (
            IssueTokenRequest { client_authentication: None, ..right.clone() },
            ErrorReason::ParameterMissing,
            "client_authentication",
        ),
        (rig.request_with("", "secret"), ErrorReason::ParameterMissing, "client_id"),
        (
            IssueTokenRequest { tenant_id: "No Tenant".into(), ..right.clone() },
            ErrorReason::ParameterInvalid,
            "tenant_id",
        ),
        (IssueTokenRequest { audience: "a b".into(), ..right.clone() }, ErrorReason::ParameterInvalid, "audience"),
        (IssueTokenRequest { audience: long, ..right.clone() }, ErrorReason::ParameterInvalid, "audience"),
        (IssueTokenRequest { scopes: scopes(&[""]), ..right.clone() }, ErrorReason::ScopeMalformed, ""),
        (IssueTokenRequest { scopes: scopes(&["a", "a"]), ..right.clone() }, ErrorReason::ScopeMalformed, ""),
        (IssueTokenRequest { scopes: scopes(&["a b"]), ..right.clone() }, ErrorReason::ScopeMalformed, ""),
        (IssueTokenRequest { scopes: many, ..right.clone() }, ErrorReason::ScopeMalformed, ""),
    ] {
        let status = rig.ask(request).await.unwrap_err();
        let told = reason_of(&status).unwrap();
        assert_eq!((status.code(), told.reason, told.get("parameter")), (Code::InvalidArgument, wanted, parameter));
    }
}

#[tokio::test]
async fn what_is_not_to_be_had_is_refused_with_what_was_asked_for() {
    let rig = Rig::new().await;
    let right = rig.request();
    let elsewhere = IssueTokenRequest { tenant_id: "elsewhere".into(), ..right.clone() };
    assert_eq!(reason(rig.ask(elsewhere).await).reason, ErrorReason::ClientAuthenticationFailed);
    let foreign = IssueTokenRequest { issuer: "https://evil.example/".into(), ..right.clone() };
    assert_eq!(reason(rig.ask(foreign).await).reason, ErrorReason::TenantUnknown);
    let nameless = IssueTokenRequest { audience: String::new(), ..right.clone() };
    assert_eq!(reason(rig.ask(nameless).await).reason, ErrorReason::AudienceMissing);
    let unknown = reason(rig.ask(IssueTokenRequest { audience: "urn:x".into(), ..right.clone() }).await);
    assert_eq!((unknown.reason, unknown.get("audience")), (ErrorReason::AudienceUnknown, "urn:x"));
    let asked = ["read:it", "fly", "delete:it"].map(str::to_owned).to_vec();
    let scopes = reason(rig.ask(IssueTokenRequest { scopes: asked, ..right }).await);
    assert_eq!((scopes.reason, scopes.get("scopes")), (ErrorReason::ScopeNotGranted, "fly delete:it"));
}

#[tokio::test]
async fn clients_that_may_not_are_told_what_they_may_not() {
    let rig = Rig::new().await;
    let client = || Subject::Client(ClientChange { client_id: CLIENT.to_owned() });
    let api = Subject::ResourceServer(ResourceServerChange { identifier: API.to_owned() });
    rig.registry.change(client(), |records| records.clients.get_mut(CLIENT).unwrap().grant_types.clear()).await;
    let told = reason(rig.issue().await);
    assert_eq!((told.reason, told.get("grant_type")), (ErrorReason::GrantTypeNotAllowed, "client_credentials"));
    rig.registry
        .change(client(), |records| {
            let client = records.clients.get_mut(CLIENT).unwrap();
            client.grant_types = vec!["client_credentials".to_owned()];
            client.party = Party::Third.into();
        })
        .await;
    rig.registry.change(api, |records| records.resource_servers.get_mut(API).unwrap().is_system = true).await;
    let told = reason(rig.issue().await);
    assert_eq!((told.reason, told.get("client_id")), (ErrorReason::ThirdPartyRefused, CLIENT));
    assert_eq!(told.get("audience"), API);
}

#[tokio::test(start_paused = true)]
async fn b18_strangers_and_wrong_secrets_get_the_same_bytes_no_sooner_and_no_later() {
    let rig = Rig::new().await;
    let mut answers = Vec::new();
    for _ in 0..2 {
        for (client_id, secret) in [(CLIENT, "wrong"), (CLIENT, ""), ("nobody", "wrong"), ("no client id", "wrong")] {
            let began = tokio::time::Instant::now();
            let status = rig.ask(rig.request_with(client_id, secret)).await.unwrap_err();
            let answer = (status.code(), status.message().to_owned(), status.details().to_vec());
            let took = began.elapsed();
            assert!((10..=21).contains(&took.as_millis()), "the beat and up to a step more: {took:?}");
            answers.push(answer);
        }
    }
    assert!(answers.iter().all(|answer| answer == &answers[0]), "{answers:?}");
    assert_eq!(answers[0].0, Code::Unauthenticated);
}

#[tokio::test(start_paused = true)]
async fn b18_whoever_fails_too_often_is_told_when_to_return_and_others_are_served() {
    let rig = Rig::new().await;
    for _ in 0..100 {
        let told = reason(rig.ask(rig.request_with(CLIENT, "wrong")).await);
        assert_eq!(told.reason, ErrorReason::ClientAuthenticationFailed);
    }
    let told = reason(rig.issue().await);
    assert_eq!((told.reason, told.get("retry_after_seconds")), (ErrorReason::TooManyAttempts, "1"));
    assert_eq!(told.get("limit"), "100");
    assert!(rig.ask_from("198.51.100.1", rig.request()).await.is_ok());
    rig.clock.advance(Duration::from_millis(200));
    assert!(rig.issue().await.is_ok());
}

#[tokio::test]
async fn a_registry_that_does_not_answer_is_a_reason_to_try_again_and_its_words_stay_inside() {
    let rig = Rig::new().await;
    rig.registry.break_down();
    let status = rig.issue().await.unwrap_err();
    assert_eq!(reason_of(&status).unwrap().reason, ErrorReason::TemporarilyUnavailable);
    assert!(!status.message().contains("own words"));
}

#[tokio::test]
async fn a_signature_that_is_refused_is_our_fault_and_one_that_must_wait_is_not() {
    let rig = Rig::new().await;
    for (refusal, told) in [
        (ErrorReason::ParameterInvalid, ErrorReason::Internal),
        // An API that was just deleted took its keys with it.
        (ErrorReason::NotFound, ErrorReason::TemporarilyUnavailable),
        (ErrorReason::TemporarilyUnavailable, ErrorReason::TemporarilyUnavailable),
    ] {
        *rig.keys.refusal.lock().unwrap() = Some(refusal);
        assert_eq!(reason(rig.issue().await).reason, told);
    }
}

#[tokio::test]
async fn a_record_that_this_version_cannot_read_gives_no_token() {
    let rig = Rig::new().await;
    let change = Subject::Client(ClientChange { client_id: CLIENT.to_owned() });
    rig.registry.change(change, |records| records.clients.get_mut(CLIENT).unwrap().party = 99).await;
    assert_eq!(reason(rig.issue().await).reason, ErrorReason::TemporarilyUnavailable);
}

#[tokio::test]
async fn b32_a_secret_hashed_in_a_way_this_version_does_not_know_opens_nothing() {
    let rig = Rig::new().await;
    let change = Subject::Client(ClientChange { client_id: CLIENT.to_owned() });
    rig.registry.change(change, |records| records.clients.get_mut(CLIENT).unwrap().secrets[0].scheme = 2).await;
    let request =
        IssueTokenRequest { client_authentication: Some(secret_of(CLIENT, rig.secret.expose())), ..rig.request() };
    assert_eq!(reason(rig.ask(request).await).reason, ErrorReason::ClientAuthenticationFailed);
}

#[tokio::test]
async fn who_asks_while_the_signers_have_too_much_to_do_is_told_to_come_back() {
    let rig = Rig::new().await;
    rig.keys.overloaded.store(true, Ordering::Relaxed);
    let status = rig.issue().await.unwrap_err();
    let told = reason_of(&status).unwrap();
    assert_eq!((status.code(), told.reason), (Code::ResourceExhausted, ErrorReason::TemporarilyUnavailable));
    assert_eq!(told.get("retry_after_seconds"), "1");
}
