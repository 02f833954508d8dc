//! An application registers itself, a user agrees to it, and it goes again.

use http::{Method, StatusCode};
use mintage_api::registry::registration_service_client::RegistrationServiceClient;
use mintage_api::registry::{
    Client, CreateInitialAccessTokenRequest, DynamicRegistration, Tenant, UpdateTenantRequest,
};
use serde_json::{Value, json};

use super::rig::{Known, Rig};
use super::users::{BACK, Town};

const PATH: &str = "/oidc/register";

async fn lets(rig: &Rig, who: DynamicRegistration) {
    let tenant = Tenant { id: "default".to_owned(), dynamic_registration: who.into(), ..Tenant::default() };
    let update_mask = Some(prost_types::FieldMask { paths: vec!["dynamic_registration".to_owned()] });
    rig.tenants().update_tenant(UpdateTenantRequest { tenant: Some(tenant), update_mask }).await.expect("updates");
}

async fn initial_access_token(rig: &Rig) -> String {
    let mut registrations = RegistrationServiceClient::new(rig.registry());
    let request = CreateInitialAccessTokenRequest::default();
    let made = registrations.create_initial_access_token(request).await.expect("a token");
    made.into_inner().initial_access_token
}

fn printer() -> Value {
    json!({
        "client_name": "Photo Printer",
        "redirect_uris": [BACK],
        "grant_types": ["authorization_code", "refresh_token"],
        "token_endpoint_auth_method": "none",
    })
}

#[tokio::test]
async fn an_application_registers_itself_acts_for_a_user_and_goes_with_all_it_had() {
    let town = Town::new().await;
    lets(&town.rig, DynamicRegistration::Open).await;
    let (status, registered) = town.rig.register(Method::POST, PATH, "", &printer()).await;
    assert_eq!(status, StatusCode::CREATED, "{registered}");
    let client_id = registered["client_id"].as_str().expect("a client_id").to_owned();
    assert!(client_id.starts_with("tpc_") && registered.get("client_secret").is_none(), "{registered}");
    let token = registered["registration_access_token"].as_str().expect("a token").to_owned();
    let client = Client { client_id: client_id.clone(), ..Client::default() };
    let known = Known { client, secret: String::new() };
    let at = town.agreed(&known, "read:x offline_access", &[]).await;
    let (status, first) = town.redeem(&known, at.parameter("code")).await;
    assert_eq!(status, StatusCode::OK, "{first}");
    let place = format!("{PATH}/{client_id}");
    let (status, shown) = town.rig.register(Method::GET, &place, &token, &Value::Null).await;
    assert_eq!((status, &shown["client_name"]), (StatusCode::OK, &json!("Photo Printer")), "{shown}");
    let (status, _) = town.rig.register(Method::DELETE, &place, &token, &Value::Null).await;
    assert_eq!(status, StatusCode::NO_CONTENT);
    let (status, _) = town.refresh(&known, &first["refresh_token"]).await;
    assert!(status.is_client_error(), "what it had is worth nothing: {status}");
    let (status, _) = town.rig.register(Method::GET, &place, &token, &Value::Null).await;
    assert_eq!(status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn who_may_register_is_the_tenants_to_say() {
    let rig = Rig::new().await;
    let token = initial_access_token(&rig).await;
    let attempt = async |bearer: &str| rig.register(Method::POST, PATH, bearer, &printer()).await.0;
    for bearer in ["", &token] {
        assert!(attempt(bearer).await.is_client_error(), "it is off");
    }
    lets(&rig, DynamicRegistration::WithToken).await;
    assert_eq!(attempt("").await, StatusCode::UNAUTHORIZED);
    assert_eq!(attempt("mia_made-up").await, StatusCode::UNAUTHORIZED);
    assert_eq!(attempt(&token).await, StatusCode::CREATED);
    assert_eq!(attempt(&token).await, StatusCode::UNAUTHORIZED, "it was for one");
}

#[tokio::test]
async fn b26_a_hostile_address_is_not_registered() {
    let rig = Rig::new().await;
    lets(&rig, DynamicRegistration::Open).await;
    for bad in ["javascript:alert(1)", "https://app.test/../back", "https://user@app.test/back", "http://app.test/back"]
    {
        let mut said = printer();
        said["redirect_uris"] = json!([bad]);
        let (status, answer) = rig.register(Method::POST, PATH, "", &said).await;
        assert_eq!((status, &answer["error"]), (StatusCode::BAD_REQUEST, &json!("invalid_redirect_uri")), "{answer}");
    }
}
