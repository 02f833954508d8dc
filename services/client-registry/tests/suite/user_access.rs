//! How clients act for users: what is kept, what is refused, which keys it takes.

use std::time::Duration;

use mintage_api::registry::{
    Branding, Client, ClientType, ConsentPolicy, CreateClientRequest, CreateClientSecretRequest,
    CreateResourceServerRequest, DynamicRegistration, GetClientRequest, Party, ResolveApplicationRequest,
    ResolveClientRequest, ResourceServer, ScopeDefinition, Tenant, ThirdParties, UpdateClientRequest,
    UpdateResourceServerRequest, UpdateTenantRequest, UserAccess,
};
use mintage_api::types::{ErrorReason, SigningAlgorithm};
use mintage_testkit::on_each_backend;

use crate::house::{House, mask, refused, texts};

const CALLBACK: &str = "https://app.example.com/callback";

fn access() -> UserAccess {
    UserAccess { redirect_uris: texts(&[CALLBACK]), ..Default::default() }
}

fn app() -> CreateClientRequest {
    CreateClientRequest {
        name: "Invoices".to_owned(),
        grant_types: texts(&["authorization_code", "refresh_token"]),
        user_access: Some(access()),
        ..Default::default()
    }
}

fn seconds(seconds: i64) -> Option<prost_types::Duration> {
    Some(prost_types::Duration { seconds, nanos: 0 })
}

fn change(client: &Client, paths: &[&str]) -> UpdateClientRequest {
    UpdateClientRequest { client: Some(client.clone()), update_mask: mask(paths) }
}

#[tokio::test]
async fn what_is_said_of_how_a_client_acts_for_users_is_kept() {
    on_each_backend(async |home| {
        let house = House::on(home).await;
        let said = UserAccess {
            redirect_uris: texts(&[CALLBACK, "http://127.0.0.1/cb", "com.example.app:/cb"]),
            post_logout_redirect_uris: texts(&["https://app.example.com/bye"]),
            id_token_algorithm: SigningAlgorithm::Es256.into(),
            owner: "Müller & Söhne GmbH".to_owned(),
            client_uri: "https://example.com".to_owned(),
            logo_uri: "https://example.com/logo.svg".to_owned(),
            policy_uri: "https://example.com/privacy".to_owned(),
            tos_uri: "https://example.com/terms".to_owned(),
            refresh_token_idle_lifetime: seconds(60),
            refresh_token_lifetime: seconds(365 * 86_400),
            require_pkce: true,
            dangerously_allow_implicit: true,
            dangerously_allow_password: true,
        };
        let created = house.client(CreateClientRequest { user_access: Some(said.clone()), ..app() }).await;
        assert!(created.client_secret.starts_with("mcs_"));
        let client = created.client.expect("a client");
        assert_eq!((client.client_type(), client.user_access.as_ref()), (ClientType::Confidential, Some(&said)));
        let get = GetClientRequest { tenant_id: String::new(), client_id: client.client_id.clone() };
        let found = house.clients().get_client(get).await.expect("found").into_inner().client;
        assert_eq!(found.as_ref(), Some(&client));
        let resolve = ResolveClientRequest { tenant_id: "default".to_owned(), client_id: client.client_id.clone() };
        let record = house.resolver().resolve_client(resolve).await.expect("resolves").into_inner().client;
        let record = record.expect("a record");
        assert_eq!((record.client_type(), record.user_access), (ClientType::Confidential, Some(said)));
    })
    .await;
}

#[tokio::test]
async fn a_client_of_whom_nothing_is_said_acts_for_no_user() {
    on_each_backend(async |home| {
        let house = House::on(home).await;
        let client = house.client(CreateClientRequest::default()).await.client.expect("a client");
        let access = client.user_access.expect("how it acts for users");
        assert_eq!(access.id_token_algorithm(), SigningAlgorithm::Rs256);
        assert_eq!(access.refresh_token_idle_lifetime, seconds(15 * 86_400));
        assert_eq!(access.refresh_token_lifetime, seconds(30 * 86_400));
        assert!(access.redirect_uris.is_empty() && !access.require_pkce);
        assert!(house.keys.ensured().iter().all(|ring| ring.algorithm() == SigningAlgorithm::Es256), "no key for it");
    })
    .await;
}

#[tokio::test]
async fn a_public_client_has_no_secret_and_never_gets_one() {
    on_each_backend(async |home| {
        let house = House::on(home).await;
        let public = CreateClientRequest { client_type: ClientType::Public.into(), ..app() };
        let created = house.client(public.clone()).await;
        let client = created.client.expect("a client");
        assert_eq!((created.client_secret.as_str(), client.secrets.len()), ("", 0));
        assert_eq!(client.client_type(), ClientType::Public);
        let secret = CreateClientSecretRequest { client_id: client.client_id.clone(), ..Default::default() };
        refused(house.clients().create_client_secret(secret).await, ErrorReason::ParameterInvalid);
        let itself = CreateClientRequest { grant_types: Vec::new(), ..public.clone() };
        assert_eq!(refused_by(&house, itself).await, "grant_types");
        let access = UserAccess { dangerously_allow_password: true, ..access() };
        let password = CreateClientRequest { user_access: Some(access), ..public };
        assert_eq!(refused_by(&house, password).await, "user_access.dangerously_allow_password");
        let later = Client { grant_types: texts(&["client_credentials"]), ..client };
        refused(house.clients().update_client(change(&later, &["grant_types"])).await, ErrorReason::ParameterInvalid);
    })
    .await;
}

#[tokio::test]
async fn b30_a_third_party_never_gets_the_dangerous_grants() {
    on_each_backend(async |home| {
        let house = House::on(home).await;
        let third = CreateClientRequest { party: Party::Third.into(), ..app() };
        let client = house.client(third.clone()).await.client.expect("a client");
        for (field, access) in [
            ("dangerously_allow_password", UserAccess { dangerously_allow_password: true, ..access() }),
            ("dangerously_allow_implicit", UserAccess { dangerously_allow_implicit: true, ..access() }),
        ] {
            let path = format!("user_access.{field}");
            let request = CreateClientRequest { user_access: Some(access.clone()), ..third.clone() };
            assert_eq!(refused_by(&house, request).await, path);
            for mask in [path.as_str(), "user_access"] {
                let later = Client { user_access: Some(access.clone()), ..client.clone() };
                let reason = refused(
                    house.clients().update_client(change(&later, &[mask])).await,
                    ErrorReason::ParameterInvalid,
                );
                assert_eq!(reason.get("parameter"), path);
            }
        }
        for grant_type in ["password", "implicit"] {
            let request = CreateClientRequest { grant_types: texts(&[grant_type]), ..app() };
            assert_eq!(refused_by(&house, request).await, "grant_types");
        }
    })
    .await;
}

#[tokio::test]
async fn what_breaks_a_rule_about_users_is_refused_by_name() {
    on_each_backend(async |home| {
        let house = House::on(home).await;
        let before = house.keys.ensured().len();
        let with = |access: UserAccess| CreateClientRequest { user_access: Some(access), ..app() };
        let many: Vec<_> = (0..21).map(|number| format!("{CALLBACK}/{number}")).collect();
        refused(
            house.clients().create_client(with(UserAccess { redirect_uris: many, ..access() })).await,
            ErrorReason::LimitReached,
        );
        for (request, parameter) in [
            (with(UserAccess::default()), "grant_types"),
            (CreateClientRequest { grant_types: texts(&["refresh_token"]), ..app() }, "grant_types"),
            (CreateClientRequest { name: "Αcme".to_owned(), ..app() }, "name"),
            (CreateClientRequest { name: "\u{202e}emcA".to_owned(), ..app() }, "name"),
            (
                with(UserAccess { redirect_uris: texts(&["javascript:alert(1)"]), ..access() }),
                "user_access.redirect_uris",
            ),
            (
                with(UserAccess { redirect_uris: texts(&["http://app.example.com/"]), ..access() }),
                "user_access.redirect_uris",
            ),
            (with(UserAccess { redirect_uris: texts(&[CALLBACK, CALLBACK]), ..access() }), "user_access.redirect_uris"),
            (
                with(UserAccess { post_logout_redirect_uris: texts(&["data:text/html,x"]), ..access() }),
                "user_access.post_logout_redirect_uris",
            ),
            (
                with(UserAccess { id_token_algorithm: SigningAlgorithm::Hs256.into(), ..access() }),
                "user_access.id_token_algorithm",
            ),
            (with(UserAccess { id_token_algorithm: 99, ..access() }), "user_access.id_token_algorithm"),
            (with(UserAccess { owner: "Ac\u{200b}me".to_owned(), ..access() }), "user_access.owner"),
            (with(UserAccess { owner: "o".repeat(129), ..access() }), "user_access.owner"),
            (with(UserAccess { client_uri: "http://example.com".to_owned(), ..access() }), "user_access.client_uri"),
            (with(UserAccess { logo_uri: "data:image/svg+xml,x".to_owned(), ..access() }), "user_access.logo_uri"),
            (with(UserAccess { policy_uri: "javascript:alert(1)".to_owned(), ..access() }), "user_access.policy_uri"),
            (
                with(UserAccess { tos_uri: format!("https://a.test/{}", "a".repeat(2000)), ..access() }),
                "user_access.tos_uri",
            ),
            (
                with(UserAccess { refresh_token_lifetime: seconds(59), ..access() }),
                "user_access.refresh_token_lifetime",
            ),
            (
                with(UserAccess { refresh_token_idle_lifetime: seconds(365 * 86_400 + 1), ..access() }),
                "user_access.refresh_token_idle_lifetime",
            ),
            (
                with(UserAccess { refresh_token_idle_lifetime: seconds(i64::MIN), ..access() }),
                "user_access.refresh_token_idle_lifetime",
            ),
        ] {
            assert_eq!(refused_by(&house, request).await, parameter);
        }
        assert_eq!(house.keys.ensured().len(), before, "what is refused makes no keys");
    })
    .await;
}

#[tokio::test]
async fn one_field_of_how_a_client_acts_for_users_changes_alone() {
    on_each_backend(async |home| {
        let house = House::on(home).await;
        let client = house.client(app()).await.client.expect("a client");
        house.clock.advance(Duration::from_secs(1));
        let new = UserAccess { owner: "Acme".to_owned(), require_pkce: true, ..Default::default() };
        let asked = Client { user_access: Some(new), ..client.clone() };
        let updated = house.clients().update_client(change(&asked, &["user_access.owner"])).await.expect("updates");
        let updated = updated.into_inner().client.expect("a client").user_access.expect("how it acts");
        let expected = UserAccess { owner: "Acme".to_owned(), ..client.user_access.clone().expect("how it acted") };
        assert_eq!(updated, expected);
        let nothing_left = house.clients().update_client(change(&asked, &["user_access"])).await;
        assert_eq!(refused(nothing_left, ErrorReason::ParameterInvalid).get("parameter"), "grant_types");
        for path in ["user_access.", "user_access.secrets", "user_access.*", "user_accessowner", "client_type"] {
            refused(house.clients().update_client(change(&asked, &[path])).await, ErrorReason::ParameterInvalid);
        }
    })
    .await;
}

#[tokio::test]
async fn a_first_party_that_users_meet_has_keys_for_what_it_gets_beside_the_tokens_of_apis() {
    on_each_backend(async |home| {
        let house = House::on(home).await;
        let third = CreateClientRequest { party: Party::Third.into(), ..app() };
        house.client(third).await;
        let before = house.keys.ensured().len();
        let client = house.client(app()).await.client.expect("a client");
        let made = house.keys.ensured()[before..].to_vec();
        assert_eq!(made.len(), 1, "none for the third party");
        assert_eq!((made[0].algorithm(), made[0].resource_server_id.as_str()), (SigningAlgorithm::Rs256, ""));
        assert_eq!(house.keys.longest_tokens().last(), Some(&3600));
        let access = UserAccess { id_token_algorithm: SigningAlgorithm::Es256.into(), ..access() };
        let asked = Client { user_access: Some(access), ..client };
        let path = ["user_access.id_token_algorithm"];
        house.keys.fall_down();
        refused(house.clients().update_client(change(&asked, &path)).await, ErrorReason::TemporarilyUnavailable);
        house.keys.get_up();
        house.clients().update_client(change(&asked, &path)).await.expect("updates");
        assert_eq!(
            house.keys.ensured().last().map(mintage_api::keys::KeyRingName::algorithm),
            Some(SigningAlgorithm::Es256)
        );
        house.settle().await;
        house.clock.advance(Duration::from_secs(3600));
        house.settle().await;
        let alive = house.keys.alive();
        let own = |algorithm| alive.iter().any(|ring| ring.tenant_id == "default" && ring.algorithm() == algorithm);
        assert!(own(SigningAlgorithm::Rs256) && own(SigningAlgorithm::Es256), "they stay with the tenant");
    })
    .await;
}

#[tokio::test]
async fn a_client_made_while_its_tenant_goes_leaves_no_ring() {
    on_each_backend(async |home| {
        let house = House::on(home).await;
        house.create_tenant("acme").await.expect("creates");
        house.keys.hold();
        let mut clients = house.clients();
        let making = tokio::spawn(async move {
            clients.create_client(CreateClientRequest { tenant_id: "acme".to_owned(), ..app() }).await
        });
        house.keys.until_waiting(1).await;
        let gone = mintage_api::registry::DeleteTenantRequest { id: "acme".to_owned() };
        house.tenants().delete_tenant(gone).await.expect("deletes");
        house.keys.release();
        refused(making.await.expect("it ends"), ErrorReason::NotFound);
        house.settle().await;
        assert!(house.keys.alive().iter().all(|ring| ring.tenant_id != "acme"), "{:?}", house.keys.alive());
    })
    .await;
}

#[tokio::test]
async fn what_users_are_shown_of_a_client_has_nothing_that_is_its_operators_business() {
    on_each_backend(async |home| {
        let house = House::on(home).await;
        let metadata = [("plan".to_owned(), "gold".to_owned())].into();
        let client = house.client(CreateClientRequest { metadata, ..app() }).await.client.expect("a client");
        let asked = |id: &str| ResolveApplicationRequest { tenant_id: "default".to_owned(), client_id: id.to_owned() };
        let shown =
            house.consents().resolve_application(asked(&client.client_id)).await.expect("resolves").into_inner();
        let expected = Client { secrets: Vec::new(), metadata: [].into(), ..client.clone() };
        assert_eq!(shown.client, Some(expected));
        assert!(shown.revision > 0);
        for absent in ["unknown", "not a client id"] {
            let shown = house.consents().resolve_application(asked(absent)).await.expect("resolves").into_inner();
            assert_eq!(shown.client, None);
        }
        let disabled = Client { enabled: false, ..client.clone() };
        house.clients().update_client(change(&disabled, &["enabled"])).await.expect("updates");
        let shown =
            house.consents().resolve_application(asked(&client.client_id)).await.expect("resolves").into_inner();
        assert!(!shown.client.expect("disabled, but there").enabled);
        refused(house.resolver().resolve_application(asked(&client.client_id)).await, ErrorReason::MethodRefused);
    })
    .await;
}

#[tokio::test]
async fn what_users_may_consent_to_is_the_apis_to_say() {
    on_each_backend(async |home| {
        let house = House::on(home).await;
        let policy = ConsentPolicy {
            third_parties: ThirdParties::Allowed.into(),
            skip_for_verifiable_first_parties: true,
            allow_offline_access: true,
        };
        let scope = ScopeDefinition { value: "read".to_owned(), description: "d".repeat(500), optional: true };
        let request = CreateResourceServerRequest {
            identifier: "https://api.example/".to_owned(),
            scopes: vec![scope.clone()],
            consent: Some(policy),
            ..Default::default()
        };
        let made = house.apis().create_resource_server(request.clone()).await.expect("creates").into_inner();
        let made = made.resource_server.expect("an API");
        assert_eq!((made.consent, made.scopes.as_slice()), (Some(policy), &[scope][..]));
        let shared = CreateResourceServerRequest {
            identifier: "https://shared.example/".to_owned(),
            signing_algorithm: SigningAlgorithm::Hs256.into(),
            ..request
        };
        let reason = refused(house.apis().create_resource_server(shared).await, ErrorReason::ParameterInvalid);
        assert_eq!(reason.get("parameter"), "consent.third_parties");
        let update = |api: ResourceServer, path: &str| UpdateResourceServerRequest {
            resource_server: Some(api),
            update_mask: mask(&[path]),
        };
        let to_hs256 = ResourceServer { signing_algorithm: SigningAlgorithm::Hs256.into(), ..made.clone() };
        let outcome = house.apis().update_resource_server(update(to_hs256, "signing_algorithm")).await;
        assert_eq!(refused(outcome, ErrorReason::ParameterInvalid).get("parameter"), "consent.third_parties");
        let closed = ResourceServer { consent: None, ..made };
        let closed = house.apis().update_resource_server(update(closed, "consent")).await.expect("updates");
        let consent = closed.into_inner().resource_server.expect("an API").consent.expect("a policy");
        assert_eq!(consent.third_parties(), ThirdParties::Refused);
        assert!(!consent.skip_for_verifiable_first_parties && !consent.allow_offline_access);
    })
    .await;
}

#[tokio::test]
async fn a_tenant_says_how_its_pages_look_and_who_may_register_clients() {
    on_each_backend(async |home| {
        let house = House::on(home).await;
        let update = |tenant: Tenant, path: &str| UpdateTenantRequest {
            tenant: Some(Tenant { id: "default".to_owned(), ..tenant }),
            update_mask: mask(&[path]),
        };
        let branding = |colour: &str, logo_uri: &str| Tenant {
            branding: Some(Branding { colour: colour.to_owned(), logo_uri: logo_uri.to_owned() }),
            ..Default::default()
        };
        let said = branding("#0A7F5c", "https://acme.example/logo.svg");
        let updated = house.tenants().update_tenant(update(said, "branding")).await.expect("updates").into_inner();
        let updated = updated.tenant.expect("a tenant");
        assert_eq!(updated.dynamic_registration(), DynamicRegistration::Off);
        assert_eq!(updated.branding.expect("branding").colour, "#0a7f5c");
        for bad in [branding("red", ""), branding("#000000;x", ""), branding("", "http://a.test/"), branding("", "x")] {
            refused(house.tenants().update_tenant(update(bad, "branding")).await, ErrorReason::ParameterInvalid);
        }
        let open = Tenant { dynamic_registration: DynamicRegistration::Open.into(), ..Default::default() };
        let updated = house.tenants().update_tenant(update(open, "dynamic_registration")).await.expect("updates");
        let updated = updated.into_inner().tenant.expect("a tenant");
        assert_eq!(updated.dynamic_registration(), DynamicRegistration::Open);
        assert_eq!(updated.branding.expect("still there").logo_uri, "https://acme.example/logo.svg");
    })
    .await;
}

async fn refused_by(house: &House, request: CreateClientRequest) -> String {
    let outcome = house.clients().create_client(request).await;
    refused(outcome, ErrorReason::ParameterInvalid).get("parameter").to_owned()
}
