//! The service through its generated clients, behind its guard.

use std::time::Duration;

use mintage_api::keys::key_ring_service_client::KeyRingServiceClient;
use mintage_api::keys::key_set_service_client::KeySetServiceClient;
use mintage_api::keys::signing_service_client::SigningServiceClient;
use mintage_api::keys::{
    EnsureKeyRingRequest, GetKeySetRequest, GetSigningKeyRequest, KeyRingName, KeyState, ListSigningKeysRequest,
    RemoveKeyRingRequest, ResolveKeyRequest, RevealSharedSecretsRequest, RotateKeyRingRequest, SignItem, SignRequest,
    sign_result,
};
use mintage_api::types::{ErrorReason, SigningAlgorithm};
use mintage_chassis::status::reason_of;
use mintage_chassis::{Routes, Service, ServiceName, Transport};
use mintage_jose::jwt::MAX_PAYLOAD_BYTES;
use mintage_key_management::{ACCESS, build};
use prost::Message;
use prost_types::FileDescriptorSet;
use tonic::{Code, Request, Status};

use crate::house::{House, verifies};

pub(crate) async fn built(house: &House) -> Service {
    build(house.settings.clone(), house.doors().await).await.expect("built")
}

pub(crate) fn from(service: &Service, peer: ServiceName) -> Transport {
    Transport::in_process(peer, service.routes.clone())
}

pub(crate) fn named(algorithm: SigningAlgorithm) -> KeyRingName {
    let api = if algorithm == SigningAlgorithm::Hs256 { "api_1" } else { "" };
    KeyRingName { tenant_id: "default".into(), algorithm: algorithm.into(), resource_server_id: api.into() }
}

pub(crate) async fn ensure(service: &Service, ring: KeyRingName) {
    let mut registry = KeyRingServiceClient::new(from(service, ServiceName::CLIENT_REGISTRY));
    registry
        .ensure_key_ring(EnsureKeyRingRequest {
            ring: Some(ring),
            longest_token: Some(prost_types::Duration { seconds: 600, nanos: 0 }),
        })
        .await
        .expect("ensured");
}

async fn sign(service: &Service, items: Vec<SignItem>) -> Vec<sign_result::Result> {
    let mut token = SigningServiceClient::new(from(service, ServiceName::TOKEN));
    let signed = token.sign(SignRequest { items }).await.expect("signed").into_inner();
    signed.results.into_iter().map(|result| result.result.expect("a result")).collect()
}

fn item(algorithm: SigningAlgorithm, payload: &str) -> SignItem {
    SignItem {
        ring: Some(named(algorithm)),
        typ: "at+jwt".into(),
        payload: payload.as_bytes().to_vec(),
        trace_context: Vec::new(),
        lifetime_seconds: 600,
    }
}

pub(crate) fn reason(status: &Status) -> (Code, ErrorReason) {
    (status.code(), reason_of(status).expect("a reason").reason)
}

/// An operator token of tenant `default`, signed by the service itself.
pub(crate) async fn operator_token(house: &House, service: &Service, scope: &str) -> String {
    operator_token_of("default", house, service, scope).await
}

pub(crate) async fn operator_token_of(tenant: &str, house: &House, service: &Service, scope: &str) -> String {
    let ring = KeyRingName { tenant_id: tenant.into(), ..named(SigningAlgorithm::Es256) };
    ensure(service, ring.clone()).await;
    let now = house.clock.now().unix_seconds();
    let payload = format!(
        r#"{{"iss":"https://x/","sub":"op","client_id":"op","aud":"urn:mintage:management","iat":{now},"exp":{},"jti":"1","scope":"{scope}"}}"#,
        now + 600
    );
    let item = SignItem { ring: Some(ring), ..item(SigningAlgorithm::Es256, &payload) };
    match sign(service, vec![item]).await.remove(0) {
        sign_result::Result::Jws(token) => token,
        refused @ sign_result::Result::Refusal(_) => panic!("{refused:?}"),
    }
}

pub(crate) fn with<T>(message: T, token: &str) -> Request<T> {
    let mut request = Request::new(message);
    request.metadata_mut().insert("authorization", format!("Bearer {token}").parse().expect("a header"));
    request
}

/// Anyone, from outside.
pub(crate) fn anyone(service: &Service) -> Routes {
    service.routes.clone()
}

#[tokio::test]
async fn a_signed_token_verifies_against_the_public_key_set() {
    let house = House::on_sqlite().await;
    let service = built(&house).await;
    ensure(&service, named(SigningAlgorithm::Es256)).await;
    let sign_result::Result::Jws(token) = sign(&service, vec![item(SigningAlgorithm::Es256, "{}")]).await.remove(0)
    else {
        panic!("refused")
    };
    let mut public = KeySetServiceClient::new(anyone(&service));
    let set = public.get_key_set(GetKeySetRequest::default()).await.unwrap().into_inner();
    assert_eq!((set.keys.len(), set.max_age_seconds), (2, 15));
    assert!(Duration::from_secs(set.max_age_seconds.into()) < house.settings.announce_window);
    assert!(set.keys.iter().any(|key| verifies(&token, &key.jwk)));
    let unknown = public.get_key_set(GetKeySetRequest { tenant_id: "nobody".into() }).await.unwrap_err();
    assert_eq!(reason(&unknown), (Code::NotFound, ErrorReason::TenantUnknown));
}

#[tokio::test]
async fn items_of_a_batch_stand_or_fall_by_themselves() {
    let house = House::on_sqlite().await;
    let service = built(&house).await;
    ensure(&service, named(SigningAlgorithm::Es256)).await;
    let good = item(SigningAlgorithm::Es256, "{}");
    let odd_type = SignItem { typ: "none".into(), ..good.clone() };
    let no_ring = SignItem { ring: None, ..good.clone() };
    let too_long = SignItem { payload: vec![b'x'; MAX_PAYLOAD_BYTES + 1], ..good.clone() };
    let longest = SignItem { payload: vec![b'x'; MAX_PAYLOAD_BYTES], ..good.clone() };
    let unknown = item(SigningAlgorithm::Eddsa, "{}");
    let results = sign(&service, vec![good.clone(), odd_type, no_ring, too_long, unknown, longest]).await;
    let refused = |reason: ErrorReason| sign_result::Result::Refusal(reason.into());
    assert!(matches!((&results[0], &results[5]), (sign_result::Result::Jws(_), sign_result::Result::Jws(_))));
    assert!(results[1..4].iter().all(|result| *result == refused(ErrorReason::ParameterInvalid)), "{results:?}");
    assert_eq!(results[4], refused(ErrorReason::NotFound));
    let mut token = SigningServiceClient::new(from(&service, ServiceName::TOKEN));
    let too_many = token.sign(SignRequest { items: vec![good; 257] }).await.unwrap_err();
    assert_eq!(reason(&too_many), (Code::InvalidArgument, ErrorReason::ParameterInvalid));
}

#[test]
fn every_method_of_the_contract_has_a_row_and_every_row_a_method() {
    let contract = FileDescriptorSet::decode(mintage_api::FILE_DESCRIPTOR_SET).expect("descriptors");
    let files = contract.file.iter().filter(|file| file.package() == "mintage.keys.v1");
    let services = files.flat_map(|file| &file.service);
    let named = services.flat_map(|service| service.method.iter().map(move |method| (service.name(), method.name())));
    let mut methods: Vec<_> = named.map(|(service, name)| format!("/mintage.keys.v1.{service}/{name}")).collect();
    let mut rows: Vec<_> = ACCESS.iter().map(|row| row.method).collect();
    methods.sort_unstable();
    rows.sort_unstable();
    assert_eq!((rows.len(), rows), (17, methods.iter().map(String::as_str).collect::<Vec<_>>()));
}

#[tokio::test]
async fn only_the_token_service_signs_and_only_the_registry_makes_rings() {
    let house = House::on_sqlite().await;
    let service = built(&house).await;
    let refused = (Code::PermissionDenied, ErrorReason::MethodRefused);
    for peer in [ServiceName::EDGE, ServiceName::CLIENT_REGISTRY] {
        let status = SigningServiceClient::new(from(&service, peer)).sign(SignRequest::default()).await.unwrap_err();
        assert_eq!(reason(&status), refused);
    }
    for peer in [ServiceName::EDGE, ServiceName::TOKEN] {
        let mut client = KeyRingServiceClient::new(from(&service, peer));
        assert_eq!(reason(&client.ensure_key_ring(EnsureKeyRingRequest::default()).await.unwrap_err()), refused);
        assert_eq!(reason(&client.remove_key_ring(RemoveKeyRingRequest::default()).await.unwrap_err()), refused);
    }
    let mut outside = SigningServiceClient::new(anyone(&service));
    assert_eq!(reason(&outside.sign(SignRequest::default()).await.unwrap_err()), refused);
}

#[tokio::test]
async fn b34_secrets_are_shown_to_their_own_scope_alone() {
    let house = House::on_sqlite().await;
    let service = built(&house).await;
    ensure(&service, named(SigningAlgorithm::Hs256)).await;
    let mut client = KeyRingServiceClient::new(anyone(&service));
    let request = RevealSharedSecretsRequest { resource_server_id: "api_1".into(), ..Default::default() };
    let status = client.reveal_shared_secrets(request.clone()).await.unwrap_err();
    assert_eq!(reason(&status), (Code::Unauthenticated, ErrorReason::Unauthenticated));
    let reader = operator_token(&house, &service, "read:signing_keys").await;
    let status = client.reveal_shared_secrets(with(request.clone(), &reader)).await.unwrap_err();
    assert_eq!(reason(&status), (Code::PermissionDenied, ErrorReason::InsufficientScope));
    let trusted = operator_token(&house, &service, "read:signing_secrets").await;
    let shown = client.reveal_shared_secrets(with(request, &trusted)).await.unwrap().into_inner();
    assert_eq!(shown.secrets.iter().map(|secret| secret.k.len()).collect::<Vec<_>>(), [43, 43]);
    let unknown = RevealSharedSecretsRequest { resource_server_id: "api_2".into(), ..Default::default() };
    let status = client.reveal_shared_secrets(with(unknown, &trusted)).await.unwrap_err();
    assert_eq!(reason(&status), (Code::NotFound, ErrorReason::NotFound));
}

#[tokio::test]
async fn an_operator_rotates_by_hand_and_sees_what_comes_next() {
    let house = House::on_sqlite().await;
    let service = built(&house).await;
    let token = operator_token(&house, &service, "create:signing_keys update:signing_keys read:signing_keys").await;
    let mut client = KeyRingServiceClient::new(anyone(&service));
    let request = RotateKeyRingRequest { ring: Some(named(SigningAlgorithm::Es256)), now_danger: false };
    let first = client.rotate_key_ring(with(request.clone(), &token)).await.unwrap().into_inner();
    assert_eq!(first.successor.unwrap().state(), KeyState::Active);
    assert_eq!(first.predecessor.unwrap().state(), KeyState::Retiring);
    let second = client.rotate_key_ring(with(request, &token)).await.unwrap().into_inner();
    let successor = second.successor.unwrap();
    assert_eq!(successor.state(), KeyState::Pending);
    let due = house.clock.now() + house.settings.announce_window;
    assert_eq!(successor.next_step_at.unwrap().seconds, due.unix_seconds());
    let get = GetSigningKeyRequest { tenant_id: String::new(), kid: successor.kid.clone() };
    let got = client.get_signing_key(with(get, &token)).await.unwrap().into_inner().key.unwrap();
    assert_eq!(got, successor);
    let foreign = GetSigningKeyRequest { tenant_id: "other".into(), kid: successor.kid };
    let status = client.get_signing_key(with(foreign, &token)).await.unwrap_err();
    assert_eq!(reason(&status), (Code::NotFound, ErrorReason::NotFound));
}

#[tokio::test]
async fn half_of_the_scopes_does_not_rotate() {
    let house = House::on_sqlite().await;
    let service = built(&house).await;
    let token = operator_token(&house, &service, "update:signing_keys").await;
    let request = RotateKeyRingRequest { ring: Some(named(SigningAlgorithm::Es256)), now_danger: false };
    let status = KeyRingServiceClient::new(anyone(&service)).rotate_key_ring(with(request, &token)).await.unwrap_err();
    assert_eq!(reason(&status), (Code::PermissionDenied, ErrorReason::InsufficientScope));
}

#[tokio::test]
async fn keys_are_listed_page_by_page() {
    let house = House::on_sqlite().await;
    let service = built(&house).await;
    let token = operator_token(&house, &service, "read:signing_keys").await;
    ensure(&service, named(SigningAlgorithm::Eddsa)).await;
    let mut client = KeyRingServiceClient::new(anyone(&service));
    let mut request = ListSigningKeysRequest { page_size: 3, ..Default::default() };
    let first = client.list_signing_keys(with(request.clone(), &token)).await.unwrap().into_inner();
    assert_eq!(first.keys.len(), 3);
    let token_of_page = first.next_page_token.clone();
    request.page_token = first.next_page_token;
    let second = client.list_signing_keys(with(request.clone(), &token)).await.unwrap().into_inner();
    assert_eq!((second.keys.len(), second.next_page_token.as_str()), (1, ""));
    let kid = first.keys[2].kid.clone();
    for (page_size, page_token) in [(101, ""), (-1, ""), (1, "' OR 1=1 --"), (1, &*kid), (1, &token_of_page[1..])] {
        let page_token = page_token.to_owned();
        let bad = ListSigningKeysRequest { page_size, page_token, ..Default::default() };
        let status = client.list_signing_keys(with(bad, &token)).await.unwrap_err();
        assert_eq!(reason(&status), (Code::InvalidArgument, ErrorReason::ParameterInvalid));
    }
}

#[tokio::test]
async fn a_page_token_is_of_one_list_only() {
    let house = House::on_sqlite().await;
    let service = built(&house).await;
    let token = operator_token(&house, &service, "read:signing_keys").await;
    let elsewhere = KeyRingName { tenant_id: "acme".into(), ..named(SigningAlgorithm::Es256) };
    ensure(&service, elsewhere).await;
    let mut client = KeyRingServiceClient::new(anyone(&service));
    let request = ListSigningKeysRequest { page_size: 1, ..Default::default() };
    let page_token =
        client.list_signing_keys(with(request.clone(), &token)).await.unwrap().into_inner().next_page_token;
    for other in [
        ListSigningKeysRequest { include_ended: true, page_token: page_token.clone(), ..Default::default() },
        ListSigningKeysRequest { tenant_id: "acme".into(), page_token: page_token.clone(), ..Default::default() },
    ] {
        let status = client.list_signing_keys(with(other, &token)).await.unwrap_err();
        assert_eq!(reason(&status), (Code::InvalidArgument, ErrorReason::ParameterInvalid));
    }
    let same = ListSigningKeysRequest { page_size: 9, page_token, ..Default::default() };
    assert_eq!(client.list_signing_keys(with(same, &token)).await.unwrap().into_inner().keys.len(), 1);
}

#[tokio::test]
async fn keys_of_one_instant_are_listed_in_one_order() {
    let house = House::on_sqlite().await;
    let service = built(&house).await;
    let token = operator_token(&house, &service, "read:signing_keys").await;
    for algorithm in [SigningAlgorithm::Eddsa, SigningAlgorithm::Ps256] {
        ensure(&service, named(algorithm)).await;
    }
    let mut client = KeyRingServiceClient::new(anyone(&service));
    let mut kids = async |page_size| {
        let (mut kids, mut page_token) = (Vec::new(), String::new());
        loop {
            let request = ListSigningKeysRequest { page_size, page_token, ..Default::default() };
            let page = client.list_signing_keys(with(request, &token)).await.unwrap().into_inner();
            kids.extend(page.keys.into_iter().map(|key| key.kid));
            page_token = page.next_page_token;
            if page_token.is_empty() {
                return kids;
            }
        }
    };
    let whole = kids(0).await;
    assert_eq!(whole.len(), 6, "the clock of the test stands still: all were made at once");
    for page_size in 1..=5 {
        assert_eq!(kids(page_size).await, whole);
    }
}

#[tokio::test]
async fn a_key_resolves_to_its_tenant_until_its_ring_is_gone() {
    let house = House::on_sqlite().await;
    let service = built(&house).await;
    let ring = KeyRingName { tenant_id: "acme".into(), ..named(SigningAlgorithm::Es256) };
    ensure(&service, ring.clone()).await;
    let set =
        KeySetServiceClient::new(anyone(&service)).get_key_set(GetKeySetRequest { tenant_id: "acme".into() }).await;
    let kid = set.unwrap().into_inner().keys[0].kid.clone();
    let mut client = KeyRingServiceClient::new(from(&service, ServiceName::CLIENT_REGISTRY));
    let resolved = client.resolve_key(ResolveKeyRequest { kid: kid.clone() }).await.unwrap().into_inner();
    assert_eq!((resolved.tenant_id.as_str(), resolved.key.is_some()), ("acme", true));
    let whole = KeyRingName { tenant_id: "acme".into(), ..Default::default() };
    client.remove_key_ring(RemoveKeyRingRequest { ring: Some(whole) }).await.unwrap();
    let resolved = client.resolve_key(ResolveKeyRequest { kid }).await.unwrap().into_inner();
    assert_eq!((resolved.tenant_id.as_str(), resolved.key), ("", None));
    client.remove_key_ring(RemoveKeyRingRequest { ring: Some(ring) }).await.expect("gone already");
}

#[tokio::test]
async fn a_ring_named_by_halves_is_refused() {
    let house = House::on_sqlite().await;
    let service = built(&house).await;
    let mut client = KeyRingServiceClient::new(from(&service, ServiceName::CLIENT_REGISTRY));
    let default = KeyRingName { tenant_id: "default".into(), ..Default::default() };
    let hs256 = KeyRingName { algorithm: SigningAlgorithm::Hs256.into(), ..default.clone() };
    let es256 = KeyRingName { resource_server_id: "api_1".into(), ..named(SigningAlgorithm::Es256) };
    let no_tenant = KeyRingName { tenant_id: String::new(), ..named(SigningAlgorithm::Es256) };
    for (ring, expected) in [
        (default.clone(), ErrorReason::ParameterMissing),
        (hs256, ErrorReason::ParameterMissing),
        (no_tenant, ErrorReason::ParameterMissing),
        (es256, ErrorReason::ParameterInvalid),
        (KeyRingName { algorithm: 77, ..default.clone() }, ErrorReason::ParameterInvalid),
    ] {
        let status = client
            .ensure_key_ring(EnsureKeyRingRequest {
                ring: Some(ring),
                longest_token: Some(prost_types::Duration { seconds: 600, nanos: 0 }),
            })
            .await
            .unwrap_err();
        assert_eq!(reason(&status), (Code::InvalidArgument, expected));
    }
    let forgotten = KeyRingName { resource_server_id: "api_1".into(), ..default };
    let status = client.remove_key_ring(RemoveKeyRingRequest { ring: Some(forgotten) }).await.unwrap_err();
    assert_eq!(reason(&status), (Code::InvalidArgument, ErrorReason::ParameterMissing));
}

#[tokio::test]
async fn a_second_start_keeps_keys_and_verifies_older_tokens() {
    let house = House::on_sqlite().await;
    let first = built(&house).await;
    ensure(&first, named(SigningAlgorithm::Es256)).await;
    let sign_result::Result::Jws(token) = sign(&first, vec![item(SigningAlgorithm::Es256, "{}")]).await.remove(0)
    else {
        panic!("refused")
    };
    first.tasks.drain().await;
    let second = built(&house).await;
    ensure(&second, named(SigningAlgorithm::Es256)).await;
    let set = KeySetServiceClient::new(anyone(&second)).get_key_set(GetKeySetRequest::default()).await.unwrap();
    assert!(set.into_inner().keys.iter().any(|key| verifies(&token, &key.jwk)));
}
