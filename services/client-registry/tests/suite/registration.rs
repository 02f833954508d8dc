//! RegistrationService: who may register clients, what they may be, and who manages them.

#![expect(clippy::expect_used, reason = "what a test sets up must work, or the test has failed")]

use std::time::Duration;

use mintage_api::registry::{
    Client, ClientMetadata, ClientType, CreateClientRequest, CreateInitialAccessTokenRequest, DeleteClientRequest,
    DeleteRegistrationRequest, DynamicRegistration, GetClientRequest, GetRegistrationRequest, ListClientsRequest,
    Party, RegisterClientRequest, RegisterClientResponse, ResolveApplicationRequest, Tenant, UpdateClientRequest,
    UpdateRegistrationRequest, UpdateTenantRequest,
};
use mintage_api::types::ErrorReason;
use mintage_chassis::source;
use mintage_testkit::on_each_backend;
use tonic::{Code, Request, Status};

use crate::house::{House, mask, refused, texts};

const CALLBACK: &str = "https://photos.example/callback";

pub(crate) fn photos() -> ClientMetadata {
    ClientMetadata { client_name: "Photo Printer".to_owned(), redirect_uris: texts(&[CALLBACK]), ..Default::default() }
}

pub(crate) fn with(metadata: ClientMetadata, token: &str) -> RegisterClientRequest {
    RegisterClientRequest {
        tenant_id: "default".to_owned(),
        metadata: Some(metadata),
        initial_access_token: token.to_owned(),
    }
}

/// The message, from an address.
pub(crate) fn from<M>(source: &str, message: M) -> Request<M> {
    let mut request = Request::new(message);
    source::attach(&mut request, source.parse().expect("an address"));
    request
}

pub(crate) async fn lets(house: &House, who: DynamicRegistration) {
    let tenant = Tenant { id: "default".to_owned(), dynamic_registration: who.into(), ..Default::default() };
    let request = UpdateTenantRequest { tenant: Some(tenant), update_mask: mask(&["dynamic_registration"]) };
    house.tenants().update_tenant(request).await.expect("updates");
}

pub(crate) async fn register(house: &House, metadata: ClientMetadata) -> Result<RegisterClientResponse, Status> {
    house.registrations().register_client(with(metadata, "")).await.map(tonic::Response::into_inner)
}

pub(crate) async fn initial_access(house: &House, tenant: &str, uses: i32) -> String {
    let request = CreateInitialAccessTokenRequest { tenant_id: tenant.to_owned(), not_after: None, uses };
    let answer = house.initial_access().create_initial_access_token(request).await.expect("a token").into_inner();
    answer.initial_access_token
}

pub(crate) fn get(client: &Client, token: &str) -> GetRegistrationRequest {
    GetRegistrationRequest {
        tenant_id: "default".to_owned(),
        client_id: client.client_id.clone(),
        registration_access_token: token.to_owned(),
    }
}

pub(crate) fn update(client: &Client, token: &str, metadata: ClientMetadata) -> UpdateRegistrationRequest {
    UpdateRegistrationRequest {
        tenant_id: "default".to_owned(),
        client_id: client.client_id.clone(),
        registration_access_token: token.to_owned(),
        metadata: Some(metadata),
    }
}

pub(crate) fn delete(client: &Client, token: &str) -> DeleteRegistrationRequest {
    DeleteRegistrationRequest {
        tenant_id: "default".to_owned(),
        client_id: client.client_id.clone(),
        registration_access_token: token.to_owned(),
    }
}

#[tokio::test]
async fn nobody_registers_unless_the_tenant_lets_them() {
    on_each_backend(async |home| {
        let house = House::on(home).await;
        let initial = initial_access(&house, "default", 1).await;
        for token in ["", &initial] {
            let outcome = house.registrations().register_client(with(photos(), token)).await;
            refused(outcome, ErrorReason::RegistrationOff);
        }
        let elsewhere = RegisterClientRequest { tenant_id: "nowhere".to_owned(), ..with(photos(), "") };
        refused(house.registrations().register_client(elsewhere).await, ErrorReason::NotFound);
    })
    .await;
}

#[tokio::test]
async fn whoever_registers_is_a_third_party_and_manages_what_it_registered() {
    on_each_backend(async |home| {
        let house = House::on(home).await;
        lets(&house, DynamicRegistration::Open).await;
        let said = ClientMetadata {
            grant_types: texts(&["authorization_code", "refresh_token"]),
            response_types: texts(&["code"]),
            client_uri: "https://photos.example".to_owned(),
            logo_uri: "https://photos.example/logo.png".to_owned(),
            policy_uri: "https://photos.example/privacy".to_owned(),
            tos_uri: "https://photos.example/terms".to_owned(),
            ..photos()
        };
        let registered = register(&house, said).await.expect("registers");
        let token = registered.registration_access_token;
        let client = registered.client.expect("a client");
        assert!(client.client_id.starts_with("tpc_") && registered.client_secret.starts_with("mcs_"));
        assert_eq!(
            (client.party(), client.client_type(), client.enabled),
            (Party::Third, ClientType::Confidential, true)
        );
        let access = client.user_access.clone().expect("how it acts");
        assert_eq!(
            (access.redirect_uris, access.tos_uri.as_str()),
            (texts(&[CALLBACK]), "https://photos.example/terms")
        );
        assert!(!access.dangerously_allow_implicit && !access.dangerously_allow_password);
        let found = house.registrations().get_registration(get(&client, &token)).await.expect("found").into_inner();
        assert_eq!(found.client.as_ref(), Some(&client));
        let moved = ClientMetadata { redirect_uris: texts(&["https://photos.example/new"]), ..photos() };
        let updated = house.registrations().update_registration(update(&client, &token, moved)).await.expect("updates");
        let updated = updated.into_inner().client.expect("a client");
        assert_eq!(updated.grant_types, ["authorization_code"], "what is not said is as if never said");
        let access = updated.user_access.expect("how it acts");
        assert_eq!((access.redirect_uris, access.logo_uri.as_str()), (texts(&["https://photos.example/new"]), ""));
        house.registrations().delete_registration(delete(&client, &token)).await.expect("deletes");
        let gone = GetClientRequest { tenant_id: String::new(), client_id: client.client_id.clone() };
        refused(house.clients().get_client(gone).await, ErrorReason::NotFound);
        refused(house.registrations().get_registration(get(&client, &token)).await, ErrorReason::RegistrationRefused);
    })
    .await;
}

#[tokio::test]
async fn a_public_client_registers_without_a_secret_and_stays_public() {
    on_each_backend(async |home| {
        let house = House::on(home).await;
        lets(&house, DynamicRegistration::Open).await;
        let public = ClientMetadata {
            client_name: String::new(),
            client_type: ClientType::Public.into(),
            redirect_uris: texts(&["http://127.0.0.1/cb", "com.example.photos:/cb"]),
            ..photos()
        };
        let registered = register(&house, public.clone()).await.expect("registers");
        let client = registered.client.expect("a client");
        assert_eq!((registered.client_secret.as_str(), client.client_type()), ("", ClientType::Public));
        assert_eq!(client.name, "http://127.0.0.1", "without a name it is where it leads");
        let token = registered.registration_access_token;
        let other = ClientMetadata { client_type: ClientType::Confidential.into(), ..public.clone() };
        let outcome = house.registrations().update_registration(update(&client, &token, other)).await;
        assert_eq!(refused(outcome, ErrorReason::ParameterInvalid).get("parameter"), "client_type");
        let untold = ClientMetadata { client_type: 0, ..public };
        house.registrations().update_registration(update(&client, &token, untold)).await.expect("updates");
    })
    .await;
}

#[tokio::test]
async fn hostile_metadata_is_refused() {
    on_each_backend(async |home| {
        let house = House::on(home).await;
        lets(&house, DynamicRegistration::Open).await;
        let long = "a".repeat(100_000);
        let named = |name: &str| ClientMetadata { client_name: name.to_owned(), ..photos() };
        let to = |uris: &[&str]| ClientMetadata { redirect_uris: texts(uris), ..photos() };
        let many: Vec<_> = (0..21).map(|number| format!("{CALLBACK}/{number}")).collect();
        let granted = |names: &[&str]| ClientMetadata { grant_types: texts(names), ..photos() };
        let hostile = [
            ("client_name", named("Photo\u{202e}retnirP")),
            ("client_name", named("Pho\u{200b}to")),
            ("client_name", named("Phоto")),
            ("client_name", named("<b>\0</b>")),
            ("client_name", named("Photo\nPrinter")),
            ("client_name", named(" ")),
            ("client_name", named("---")),
            ("client_name", named(&long)),
            ("redirect_uris", to(&[])),
            ("redirect_uris", to(&["javascript:alert(1)"])),
            ("redirect_uris", to(&[CALLBACK, "data:text/html,x"])),
            ("redirect_uris", to(&["http://photos.example/callback"])),
            ("redirect_uris", to(&["https://*.example/callback"])),
            ("redirect_uris", to(&["https://photos.example/callback#x"])),
            ("redirect_uris", to(&["https://a@photos.example/callback"])),
            ("redirect_uris", to(&["https://photos.example/../callback"])),
            ("redirect_uris", to(&["photos:/callback"])),
            ("redirect_uris", to(&[CALLBACK, CALLBACK])),
            ("redirect_uris", to(&[&format!("{CALLBACK}/{long}")])),
            ("redirect_uris", ClientMetadata { redirect_uris: many, ..photos() }),
            ("grant_types", granted(&["client_credentials"])),
            ("grant_types", granted(&["authorization_code", "client_credentials"])),
            ("grant_types", granted(&["password"])),
            ("grant_types", granted(&["implicit"])),
            ("grant_types", granted(&["urn:ietf:params:oauth:grant-type:jwt-bearer"])),
            ("grant_types", granted(&["refresh_token"])),
            ("grant_types", granted(&["authorization_code", "authorization_code"])),
            ("response_types", ClientMetadata { response_types: texts(&["token"]), ..photos() }),
            ("response_types", ClientMetadata { response_types: texts(&["code", "id_token token"]), ..photos() }),
            ("client_uri", ClientMetadata { client_uri: "javascript:alert(1)".to_owned(), ..photos() }),
            (
                "logo_uri",
                ClientMetadata { logo_uri: "data:image/svg+xml,<svg onload=alert(1)>".to_owned(), ..photos() },
            ),
            ("logo_uri", ClientMetadata { logo_uri: "http://photos.example/logo.png".to_owned(), ..photos() }),
            ("policy_uri", ClientMetadata { policy_uri: long.clone(), ..photos() }),
            ("tos_uri", ClientMetadata { tos_uri: "//photos.example".to_owned(), ..photos() }),
            ("client_type", ClientMetadata { client_type: 99, ..photos() }),
        ];
        let honest = register(&house, photos()).await.expect("registers");
        let (client, token) = (honest.client.expect("a client"), honest.registration_access_token);
        for (number, (field, metadata)) in hostile.into_iter().enumerate() {
            // So that the limit is not what refuses.
            let source = format!("192.0.2.{number}");
            house.clock.advance(Duration::from_secs(1));
            let request = from(&source, with(metadata.clone(), ""));
            let registered = house.registrations().register_client(request).await.map(|_| ());
            let request = from(&source, update(&client, &token, metadata));
            let replaced = house.registrations().update_registration(request).await.map(|_| ());
            for outcome in [registered, replaced] {
                let reason = outcome.expect_err(field);
                assert_eq!(reason.code(), Code::InvalidArgument, "{field} {number}: {reason:?}");
                let reason = mintage_chassis::status::reason_of(&reason).expect("a reason");
                assert_eq!(reason.get("parameter"), field, "{number}");
            }
        }
        let found = house.registrations().get_registration(get(&client, &token)).await.expect("found").into_inner();
        assert_eq!(found.client, Some(client), "and nothing of it is kept");
    })
    .await;
}

#[tokio::test]
async fn b30_a_name_that_looks_like_the_tenants_or_an_operators_clients_is_refused() {
    on_each_backend(async |home| {
        let house = House::on(home).await;
        lets(&house, DynamicRegistration::Open).await;
        let honest = register(&house, photos()).await.expect("registers");
        let (client, token) = (honest.client.expect("a client"), honest.registration_access_token);
        house.client(CreateClientRequest { name: "Acme Billing".to_owned(), ..Default::default() }).await;
        let third = Party::Third.into();
        let partner = CreateClientRequest { name: "Partner".to_owned(), party: third, ..Default::default() };
        let partner = house.client(partner).await.client.expect("a client");
        let named = |name: &str| ClientMetadata { client_name: name.to_owned(), ..photos() };
        let tenants = ["Default", "dеfаult"];
        let own = ["Acme Billing", "acme-billing", "ACME BILLING!", "Acme BiIIing"];
        let partners = ["Partner", "PARTNER", "Part-ner.", "P a r t n e r", "Раrtnеr", "Pаrtner", "Par\u{200b}tner"];
        for name in tenants.into_iter().chain(own).chain(partners) {
            house.clock.advance(Duration::from_secs(1));
            let outcome = register(&house, named(name)).await;
            assert_eq!(refused(outcome, ErrorReason::ParameterInvalid).get("parameter"), "client_name", "{name}");
            let outcome = house.registrations().update_registration(update(&client, &token, named(name))).await;
            assert_eq!(refused(outcome, ErrorReason::ParameterInvalid).get("parameter"), "client_name", "{name}");
        }
        for name in ["Acme Billing Tool", "Partner Import", "Photo Printer"] {
            register(&house, named(name)).await.expect(name);
        }
        let renamed = Client { name: "Associate".to_owned(), enabled: false, ..partner };
        let request = UpdateClientRequest { client: Some(renamed), update_mask: mask(&["name", "enabled"]) };
        house.clients().update_client(request).await.expect("updates");
        let outcome = register(&house, named("associate")).await;
        assert_eq!(refused(outcome, ErrorReason::ParameterInvalid).get("parameter"), "client_name", "disabled or not");
        register(&house, named("Partner")).await.expect("nobody has the name any more");
    })
    .await;
}

#[tokio::test]
async fn b30_what_registered_itself_is_marked_wherever_it_is_shown() {
    on_each_backend(async |home| {
        let house = House::on(home).await;
        lets(&house, DynamicRegistration::Open).await;
        let third = CreateClientRequest { party: Party::Third.into(), ..Default::default() };
        let made = house.client(third).await.client.expect("a client");
        let registered = register(&house, photos()).await.expect("registers");
        let token = registered.registration_access_token;
        let registered = registered.client.expect("a client");
        assert_eq!((made.registered_itself, registered.registered_itself), (false, true));
        let updated = house.registrations().update_registration(update(&registered, &token, photos())).await;
        assert!(updated.expect("updates").into_inner().client.expect("a client").registered_itself);
        // An operator's word changes neither, and the mark is none of the fields.
        let renamed = Client { name: "Renamed".to_owned(), registered_itself: false, ..registered.clone() };
        let request = UpdateClientRequest { client: Some(renamed.clone()), update_mask: mask(&["name"]) };
        let answer = house.clients().update_client(request).await.expect("updates").into_inner();
        assert!(answer.client.expect("a client").registered_itself);
        let request = UpdateClientRequest { client: Some(renamed), update_mask: mask(&["registered_itself"]) };
        refused(house.clients().update_client(request).await, ErrorReason::ParameterInvalid);
        let listed = house.clients().list_clients(ListClientsRequest::default()).await.expect("lists").into_inner();
        for client in [&made, &registered] {
            let one = GetClientRequest { tenant_id: String::new(), client_id: client.client_id.clone() };
            let one = house.clients().get_client(one).await.expect("found").into_inner().client.expect("a client");
            let of_list = listed.clients.iter().find(|listed| listed.client_id == client.client_id);
            let (tenant_id, client_id) = ("default".to_owned(), client.client_id.clone());
            let asked = ResolveApplicationRequest { tenant_id, client_id };
            let shown = house.consents().resolve_application(asked).await.expect("resolves").into_inner();
            let shown = shown.client.expect("a client").registered_itself;
            let marks = [one.registered_itself, of_list.expect("listed").registered_itself, shown];
            assert_eq!(marks, [client.registered_itself; 3]);
        }
    })
    .await;
}

#[tokio::test]
async fn a_registration_is_managed_by_its_own_token_alone() {
    on_each_backend(async |home| {
        let house = House::on(home).await;
        lets(&house, DynamicRegistration::Open).await;
        let [one, other] = [
            register(&house, photos()).await.expect("registers"),
            register(&house, photos()).await.expect("registers"),
        ];
        let client = one.client.clone().expect("a client");
        let token = one.registration_access_token;
        let made = house.client(CreateClientRequest::default()).await.client.expect("a client");
        let wrong = [
            (&client, String::new()),
            (&client, other.registration_access_token),
            (&client, token[..token.len() - 1].to_owned()),
            (&client, format!("{token}0")),
            (&client, token.to_uppercase()),
            (&client, one.client_secret),
            (&client, "x".repeat(100_000)),
            (&made, token.clone()),
            (&made, String::new()),
            (&Client { client_id: "unknown".to_owned(), ..Default::default() }, token.clone()),
            (&Client { client_id: "no client id".to_owned(), ..Default::default() }, token.clone()),
        ];
        for (client, token) in &wrong {
            house.clock.advance(Duration::from_secs(3));
            let mut registrations = house.registrations();
            let outcomes = [
                registrations.get_registration(get(client, token)).await.map(|_| ()),
                registrations.update_registration(update(client, token, photos())).await.map(|_| ()),
                registrations.delete_registration(delete(client, token)).await.map(|_| ()),
            ];
            for outcome in outcomes {
                let status = outcome.as_ref().expect_err("refused").clone();
                assert_eq!(status.message(), "whoever asks may not register clients here, or not manage this one");
                refused(outcome, ErrorReason::RegistrationRefused);
            }
        }
        let elsewhere = GetRegistrationRequest { tenant_id: "acme".to_owned(), ..get(&client, &token) };
        refused(house.registrations().get_registration(elsewhere).await, ErrorReason::RegistrationRefused);
        house.registrations().get_registration(get(&client, &token)).await.expect("its own");
        let gone = DeleteClientRequest { tenant_id: String::new(), client_id: client.client_id.clone() };
        house.clients().delete_client(gone).await.expect("the operator deletes it");
        refused(house.registrations().get_registration(get(&client, &token)).await, ErrorReason::RegistrationRefused);
    })
    .await;
}

#[tokio::test]
async fn b32_what_is_switched_off_stays_off_whatever_a_client_says_of_itself() {
    on_each_backend(async |home| {
        let house = House::on(home).await;
        lets(&house, DynamicRegistration::Open).await;
        let registered = register(&house, photos()).await.expect("registers");
        let (client, token) = (registered.client.expect("a client"), registered.registration_access_token);
        let disabled = Client { enabled: false, ..client.clone() };
        let request = UpdateClientRequest { client: Some(disabled), update_mask: mask(&["enabled"]) };
        house.clients().update_client(request).await.expect("the operator disables it");
        let updated =
            house.registrations().update_registration(update(&client, &token, photos())).await.expect("updates");
        assert!(!updated.into_inner().client.expect("a client").enabled);
        lets(&house, DynamicRegistration::Off).await;
        let outcome = house.registrations().update_registration(update(&client, &token, photos())).await;
        refused(outcome, ErrorReason::RegistrationOff);
        house.registrations().get_registration(get(&client, &token)).await.expect("it may look");
        house.registrations().delete_registration(delete(&client, &token)).await.expect("and go");
    })
    .await;
}

#[tokio::test]
async fn b30_what_registered_itself_leads_those_who_agreed_to_it_nowhere_else_and_keeps_its_name() {
    on_each_backend(async |home| {
        let house = House::on(home).await;
        lets(&house, DynamicRegistration::Open).await;
        let said = ClientMetadata { redirect_uris: texts(&[CALLBACK, "com.example.photos:/cb"]), ..photos() };
        let registered = register(&house, said.clone()).await.expect("registers");
        let token = registered.registration_access_token;
        let client = registered.client.expect("a client");
        let elsewhere = [
            "https://evil.example/callback",
            "https://photos.example.evil.example/callback",
            "https://photos.example:8443/callback",
            "http://127.0.0.1/callback",
            "com.example.evil:/cb",
        ];
        for uri in elsewhere {
            let moved = ClientMetadata { redirect_uris: texts(&[CALLBACK, uri]), ..said.clone() };
            let outcome = house.registrations().update_registration(update(&client, &token, moved)).await;
            assert_eq!(refused(outcome, ErrorReason::ParameterInvalid).get("parameter"), "redirect_uris", "{uri}");
        }
        for name in ["Payroll", ""] {
            let renamed = ClientMetadata { client_name: name.to_owned(), ..said.clone() };
            let outcome = house.registrations().update_registration(update(&client, &token, renamed)).await;
            assert_eq!(refused(outcome, ErrorReason::ParameterInvalid).get("parameter"), "client_name", "{name}");
        }
        let uris = texts(&["https://photos.example/other", "com.example.photos:/other"]);
        let alike = ClientMetadata { client_name: "PHOTO printer".to_owned(), redirect_uris: uris, ..said };
        house.registrations().update_registration(update(&client, &token, alike)).await.expect("updates");
    })
    .await;
}
