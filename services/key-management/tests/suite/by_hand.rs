//! What operators do to keys, through the generated clients and behind the guard.

use std::time::Duration;

use mintage_api::keys::key_ring_service_client::KeyRingServiceClient;
use mintage_api::keys::{
    ActivateSigningKeyRequest, HoldKeyRingRequest, HoldKeyRingResponse, KeyDeed, KeyRing, KeyRingName, KeyState,
    ListKeyFactsRequest, ListKeyRingsRequest, RemoveKeyRingRequest, ResealPrivateKeysRequest, ResealedKeys,
    RevealSharedSecretsRequest, RevokeSigningKeyRequest, RotateKeyRingRequest, RotationPolicy,
    SetRotationPolicyRequest,
};
use mintage_api::types::{ErrorReason, SigningAlgorithm};
use mintage_chassis::{Routes, Service, ServiceName};
use mintage_jose::Algorithm;
use mintage_jose::seal::{MasterKey, MasterKeys};
use mintage_key_management::build;
use tonic::{Code, Request};

use crate::grpc::{anyone, built, ensure, from, named, operator_token, operator_token_of, reason, with};
use crate::house::{House, master, ring};

/// A service with one ring, and an operator who may do everything to keys.
struct Desk {
    house: House,
    service: Service,
    token: String,
}

impl Desk {
    async fn open() -> Self {
        let house = House::on_sqlite().await;
        let service = built(&house).await;
        let token = operator_token(&house, &service, "create:signing_keys read:signing_keys update:signing_keys").await;
        // Tokens of operators are signed with another one: what happens to its keys happens to them.
        ensure(&service, KeyRingName { tenant_id: "default".into(), ..eddsa().unwrap_or_default() }).await;
        Self { house, service, token }
    }

    fn rings(&self) -> KeyRingServiceClient<Routes> {
        KeyRingServiceClient::new(anyone(&self.service))
    }

    fn asks<T>(&self, message: T) -> Request<T> {
        with(message, &self.token)
    }

    async fn ring(&self) -> KeyRing {
        let listed = self.rings().list_key_rings(self.asks(ListKeyRingsRequest::default())).await;
        let listed = listed.expect("rings").into_inner();
        let named = |ring: &KeyRing| ring.name.as_ref().map(KeyRingName::algorithm) == Some(RING);
        listed.rings.into_iter().find(named).expect("the ring")
    }

    async fn kid(&self, state: KeyState) -> String {
        let ring = self.ring().await;
        ring.keys.into_iter().find(|key| key.state() == state).expect("such a key").kid
    }

    async fn deeds(&self) -> Vec<(KeyDeed, String, String)> {
        let listed = self.rings().list_key_facts(self.asks(ListKeyFactsRequest::default())).await;
        let facts = listed.expect("facts").into_inner().facts;
        facts.into_iter().map(|fact| (fact.deed(), fact.by, fact.reason)).collect()
    }
}

fn eddsa() -> Option<KeyRingName> {
    let algorithm = RING.into();
    Some(KeyRingName { tenant_id: String::new(), algorithm, resource_server_id: String::new() })
}

const RING: SigningAlgorithm = SigningAlgorithm::Eddsa;

fn length(seconds: i64) -> Option<prost_types::Duration> {
    Some(prost_types::Duration { seconds, nanos: 0 })
}

#[tokio::test]
async fn a_ring_shows_what_comes_next_and_when() {
    let desk = Desk::open().await;
    let ring = desk.ring().await;
    assert_eq!((ring.keys.len(), ring.policy_is_own, ring.watchers), (2, false, 0));
    assert_eq!(ring.policy.unwrap().period, length(90 * 86_400));
    let [active, next] = [KeyState::Active, KeyState::Pending]
        .map(|state| ring.keys.iter().find(|key| key.state() == state).expect("such a key"));
    assert_eq!(active.next_step_at, ring.rotates_at, "it retires when the next one's turn is");
    assert_eq!(next.next_step_at, ring.rotates_at);
    assert!(active.signs_until.unwrap().seconds > ring.rotates_at.unwrap().seconds);
    assert_eq!(active.longest_token, length(600));
}

#[tokio::test]
async fn a_rotation_is_on_record_with_who_asked_for_it() {
    let desk = Desk::open().await;
    let request = RotateKeyRingRequest { ring: eddsa(), now_danger: false };
    let done = desk.rings().rotate_key_ring(desk.asks(request)).await.expect("rotated").into_inner();
    assert_eq!(done.successor.unwrap().state(), KeyState::Active);
    let deeds = desk.deeds().await;
    assert!(deeds.contains(&(KeyDeed::Activated, "operator op".into(), String::new())), "{deeds:?}");
    assert!(deeds.contains(&(KeyDeed::Announced, "service client-registry".into(), String::new())), "{deeds:?}");
}

#[tokio::test]
async fn a_key_that_verifiers_may_not_know_is_activated_only_in_danger() {
    let desk = Desk::open().await;
    let rotate = RotateKeyRingRequest { ring: eddsa(), now_danger: false };
    desk.rings().rotate_key_ring(desk.asks(rotate)).await.expect("rotated");
    let kid = desk.kid(KeyState::Pending).await;
    let request = ActivateSigningKeyRequest { tenant_id: String::new(), kid: kid.clone(), now_danger: false };
    let refused = desk.rings().activate_signing_key(desk.asks(request.clone())).await.unwrap_err();
    assert_eq!(reason(&refused), (Code::FailedPrecondition, ErrorReason::KeyNotReady));
    let request = ActivateSigningKeyRequest { now_danger: true, ..request };
    let done = desk.rings().activate_signing_key(desk.asks(request.clone())).await.expect("activated").into_inner();
    assert!(done.early && done.successor.unwrap().kid == kid, "{:?}", done.predecessor);
    let refused = desk.rings().activate_signing_key(desk.asks(request)).await.unwrap_err();
    assert_eq!(reason(&refused), (Code::FailedPrecondition, ErrorReason::StateRefused), "it signs already");
    assert!(refused.message().contains("active"), "{refused:?}");
}

#[tokio::test]
async fn a_revocation_names_its_reason_and_may_be_asked_for_twice() {
    let desk = Desk::open().await;
    let kid = desk.kid(KeyState::Active).await;
    let revoke = |reason: &str| RevokeSigningKeyRequest {
        tenant_id: String::new(),
        kid: kid.clone(),
        reason: reason.to_owned(),
    };
    let refused = desk.rings().revoke_signing_key(desk.asks(revoke(""))).await.unwrap_err();
    assert_eq!(reason(&refused), (Code::InvalidArgument, ErrorReason::ParameterMissing));
    let refused = desk.rings().revoke_signing_key(desk.asks(revoke("two\nlines"))).await.unwrap_err();
    assert_eq!(reason(&refused), (Code::InvalidArgument, ErrorReason::ParameterInvalid));
    let mut active = Vec::new();
    for already in [false, true] {
        let done = desk.rings().revoke_signing_key(desk.asks(revoke("case 4711"))).await.expect("revoked").into_inner();
        assert_eq!(done.revoked.unwrap().state(), KeyState::Revoked);
        assert_eq!((done.early, done.already), (false, already), "the one that took over was born with the ring");
        active.push(done.active.unwrap().kid);
    }
    assert!(active[0] == active[1] && active[0] != kid, "one successor, and no more");
    let revoked = (KeyDeed::Revoked, "operator op".to_owned(), "case 4711".to_owned());
    assert_eq!(desk.deeds().await.iter().filter(|deed| **deed == revoked).count(), 1);
    let next = RevokeSigningKeyRequest { kid: active[0].clone(), ..revoke("case 4712") };
    let done = desk.rings().revoke_signing_key(desk.asks(next)).await.expect("revoked").into_inner();
    assert!(done.early && done.active.unwrap().kid != active[0], "verifiers cannot know that one yet");
    let unknown = RevokeSigningKeyRequest { kid: "nobody".to_owned(), ..revoke("gone") };
    let refused = desk.rings().revoke_signing_key(desk.asks(unknown)).await.unwrap_err();
    assert_eq!(reason(&refused), (Code::NotFound, ErrorReason::NotFound));
}

#[tokio::test]
async fn a_ring_that_is_held_has_its_turn_only_just_before_its_key_ends_until_it_is_released() {
    let desk = Desk::open().await;
    for (release, deed) in [(false, KeyDeed::Held), (true, KeyDeed::Released)] {
        let request = HoldKeyRingRequest { ring: eddsa(), release, reason: "partners are not ready".to_owned() };
        let ring = desk.rings().hold_key_ring(desk.asks(request)).await.expect("done").into_inner().ring.unwrap();
        assert_eq!((ring.held_since.is_none(), ring.rotates_at.is_some()), (release, release));
        let active = ring.keys.iter().find(|key| key.state() == KeyState::Active).expect("one signs");
        let left = active.signs_until.expect("an end").seconds - active.next_step_at.expect("a turn").seconds;
        assert!(if release { left > 35 } else { left == 35 }, "{left} s for every replica to know the next");
        assert_eq!(desk.deeds().await[0], (deed, "operator op".into(), "partners are not ready".into()));
    }
}

#[tokio::test]
async fn whoever_holds_a_ring_that_is_held_has_a_reason_on_record_too() {
    let desk = Desk::open().await;
    let hold = async |reason: &str| {
        let request = HoldKeyRingRequest { ring: eddsa(), release: false, reason: reason.to_owned() };
        desk.rings().hold_key_ring(desk.asks(request)).await.expect("held").into_inner()
    };
    let first = hold("partners are not ready").await;
    desk.house.wait(Duration::from_secs(60));
    let second = hold("nor is billing").await;
    assert_eq!((first.already, second.already), (false, true));
    let since = |held: HoldKeyRingResponse| held.ring.and_then(|ring| ring.held_since);
    assert_eq!(since(second), since(first), "it is held since the first");
    assert!(hold("").await.already, "that says nothing");
    let by = |reason: &str| (KeyDeed::Held, "operator op".to_owned(), reason.to_owned());
    assert_eq!(desk.deeds().await[..2], [by("nor is billing"), by("partners are not ready")]);
}

#[tokio::test]
async fn a_policy_under_which_a_verifier_could_miss_a_key_is_refused_with_what_would_do() {
    let desk = Desk::open().await;
    let set = async |policy| {
        let request = SetRotationPolicyRequest { ring: eddsa(), policy };
        desk.rings().set_rotation_policy(desk.asks(request)).await
    };
    let hasty = RotationPolicy { announce_window: length(79), ..RotationPolicy::default() };
    let refused = set(Some(hasty)).await.unwrap_err();
    assert_eq!(reason(&refused), (Code::InvalidArgument, ErrorReason::ParameterInvalid));
    assert!(refused.message().contains("announce_window must be at least 80s"), "{refused:?}");
    let short = RotationPolicy { retire_window: length(654), ..RotationPolicy::default() };
    assert!(set(Some(short)).await.unwrap_err().message().contains("retire_window must be at least 655s"));
    let monthly = RotationPolicy { period: length(30 * 86_400), ..RotationPolicy::default() };
    let ring = set(Some(monthly)).await.expect("set").into_inner().ring.unwrap();
    assert!(ring.policy_is_own);
    assert_eq!(ring.policy.unwrap().announce_window, length(90), "what is not given is the installation's");
    let ring = set(None).await.expect("set").into_inner().ring.unwrap();
    assert_eq!((ring.policy_is_own, ring.policy.unwrap().period), (false, length(90 * 86_400)));
    assert_eq!(desk.deeds().await[0].0, KeyDeed::PolicySet);
}

#[tokio::test]
async fn facts_come_page_by_page_latest_first() {
    let desk = Desk::open().await;
    for early in [false, true, true] {
        let request = RotateKeyRingRequest { ring: eddsa(), now_danger: true };
        let done = desk.rings().rotate_key_ring(desk.asks(request)).await.expect("rotated").into_inner();
        assert_eq!(done.early, early, "the second key is as old as its ring, and every other a second old");
        desk.house.wait(Duration::from_secs(1));
    }
    let (mut page_token, mut seen) = (String::new(), Vec::new());
    loop {
        let request = ListKeyFactsRequest { page_size: 4, page_token, ..ListKeyFactsRequest::default() };
        let page = desk.rings().list_key_facts(desk.asks(request)).await.expect("a page").into_inner();
        seen.extend(page.facts.iter().map(|fact| fact.at.expect("an instant").seconds));
        page_token = page.next_page_token;
        if page_token.is_empty() {
            break;
        }
    }
    assert_eq!(
        seen.len(),
        2 * 3 + 3 * 3,
        "three at the birth of either ring, and at each turn one announced, one activated and one retired"
    );
    assert!(seen.is_sorted_by(|one, next| one >= next));
}

#[tokio::test]
async fn whoever_has_a_tenant_anew_reads_nothing_of_the_former_one_and_the_installation_does() {
    let house = House::on_sqlite().await;
    let service = built(&house).await;
    let mut registry = KeyRingServiceClient::new(from(&service, ServiceName::CLIENT_REGISTRY));
    let mut rings = KeyRingServiceClient::new(anyone(&service));
    let scope = "read:signing_keys update:signing_keys";
    let installation = operator_token(&house, &service, scope).await;
    let of_acme = |algorithm| KeyRingName { tenant_id: "acme".into(), ..named(algorithm) };
    let mut counts = Vec::new();
    for reason in ["of the former", "of this one"] {
        let token = operator_token_of("acme", &house, &service, scope).await;
        let ring = Some(of_acme(SigningAlgorithm::Es256));
        let hold = HoldKeyRingRequest { ring, release: false, reason: reason.to_owned() };
        rings.hold_key_ring(with(hold, &token)).await.expect("held");
        // An API that goes takes nothing of the record with it.
        ensure(&service, of_acme(SigningAlgorithm::Hs256)).await;
        let of_api = RemoveKeyRingRequest { ring: Some(of_acme(SigningAlgorithm::Hs256)) };
        registry.remove_key_ring(of_api).await.expect("removed");
        let mut reasons = async |token: &str| {
            let all = ListKeyFactsRequest { tenant_id: "acme".into(), page_size: 100, page_token: String::new() };
            let facts = rings.list_key_facts(with(all, token)).await.expect("facts").into_inner().facts;
            counts.push(facts.len());
            facts.into_iter().map(|fact| fact.reason).filter(|reason| !reason.is_empty()).collect::<Vec<_>>()
        };
        assert_eq!(reasons(&token).await, [reason]);
        assert!(reasons(&installation).await.contains(&"of the former".to_owned()));
        let whole = KeyRingName { tenant_id: "acme".into(), ..KeyRingName::default() };
        registry.remove_key_ring(RemoveKeyRingRequest { ring: Some(whole) }).await.expect("removed");
    }
    assert!(counts[0] == counts[1] && counts[0] == counts[2] && counts[3] > counts[2], "{counts:?}");
}

#[tokio::test]
async fn what_changes_keys_is_refused_to_who_may_only_read_them() {
    let desk = Desk::open().await;
    let reader = operator_token(&desk.house, &desk.service, "read:signing_keys").await;
    let kid = desk.kid(KeyState::Active).await;
    let (tenant_id, mut rings) = (String::new(), desk.rings());
    let activate = ActivateSigningKeyRequest { tenant_id: tenant_id.clone(), kid: kid.clone(), now_danger: true };
    let revoke = RevokeSigningKeyRequest { tenant_id, kid, reason: "mine".to_owned() };
    let refusals = [
        rings.activate_signing_key(with(activate, &reader)).await.map(drop),
        rings.revoke_signing_key(with(revoke, &reader)).await.map(drop),
        rings.hold_key_ring(with(HoldKeyRingRequest { ring: eddsa(), ..Default::default() }, &reader)).await.map(drop),
        rings
            .set_rotation_policy(with(SetRotationPolicyRequest { ring: eddsa(), policy: None }, &reader))
            .await
            .map(drop),
    ];
    for refused in refusals {
        assert_eq!(reason(&refused.unwrap_err()), (Code::PermissionDenied, ErrorReason::InsufficientScope));
    }
}

#[tokio::test]
async fn who_was_shown_a_secret_and_who_had_keys_resealed_is_on_record_with_the_reason() {
    let house = House::on_sqlite().await;
    house.replica_with(MasterKey::from_bytes(&[9; 32]).into()).await.ensure(&ring(Algorithm::EdDsa)).await.unwrap();
    let masters = MasterKeys::new(master(), [MasterKey::from_bytes(&[9; 32])]);
    let service = build(house.settings.clone(), house.doors_with(masters).await).await.expect("a service");
    ensure(&service, named(SigningAlgorithm::Hs256)).await;
    let scopes = "read:signing_keys read:signing_secrets update:signing_keys";
    let token = operator_token(&house, &service, scopes).await;
    let mut client = KeyRingServiceClient::new(anyone(&service));
    let reveal = |reason: &str| RevealSharedSecretsRequest {
        resource_server_id: "api_1".into(),
        reason: reason.to_owned(),
        ..Default::default()
    };
    let refused = client.reveal_shared_secrets(with(reveal("two\nlines"), &token)).await.unwrap_err();
    assert_eq!(reason(&refused), (Code::InvalidArgument, ErrorReason::ParameterInvalid));
    let shown = client.reveal_shared_secrets(with(reveal("a new host"), &token)).await.unwrap().into_inner().secrets;
    let reseal = ResealPrivateKeysRequest { reason: "case 4711".to_owned(), ..Default::default() };
    let resealed = client.reseal_private_keys(with(reseal, &token)).await.unwrap().into_inner();
    assert_eq!(resealed.resealed, 2);
    let facts = client.list_key_facts(with(ListKeyFactsRequest::default(), &token)).await.unwrap().into_inner().facts;
    let told = |deed: KeyDeed| facts.iter().filter(move |fact| fact.deed() == deed);
    let mut kids: Vec<_> = told(KeyDeed::Shown).map(|fact| (&*fact.kid, &*fact.by, &*fact.reason)).collect();
    let mut expected: Vec<_> = shown.iter().map(|secret| (&*secret.kid, "operator op", "a new host")).collect();
    kids.sort_unstable();
    expected.sort_unstable();
    assert_eq!(kids, expected, "which secrets, by whom, and why");
    assert!(told(KeyDeed::Shown).all(|fact| fact.ring.as_ref().unwrap().resource_server_id == "api_1"));
    let [fact] = &*told(KeyDeed::Resealed).collect::<Vec<_>>() else { panic!("one reseal: {facts:?}") };
    assert_eq!((&*fact.by, &*fact.reason, &*fact.kid), ("operator op", "case 4711", ""));
    let (from, to) = (MasterKey::from_bytes(&[9; 32]), master());
    let moved = ResealedKeys { keys: 2, from_master_key_id: from.id().into(), to_master_key_id: to.id().into() };
    assert_eq!(fact.resealed, Some(moved));
}
