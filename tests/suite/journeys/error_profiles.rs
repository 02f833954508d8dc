//! A tenant's refusals speak the RFC's language, or Auth0's when it is told so.

use http::StatusCode;
use mintage_api::registry::{ErrorProfile, Tenant, UpdateTenantRequest};
use mintage_api::types::SigningAlgorithm;
use prost_types::FieldMask;
use serde_json::json;

use super::rig::{Known, Rig};

#[tokio::test]
async fn a_tenant_switches_the_language_of_its_refusals() {
    let rig = Rig::new().await;
    let granted = rig.granted(SigningAlgorithm::Es256).await;
    let wrong = Known { client: granted.known.client.clone(), secret: "wrong".to_owned() };
    let audience = &granted.api.identifier;

    let (status, answer) = rig.ask(&wrong, audience).await;
    assert_eq!((status, &answer["error"]), (StatusCode::UNAUTHORIZED, &json!("invalid_client")));

    let tenant = Tenant { id: "default".to_owned(), error_profile: ErrorProfile::Auth0.into(), ..Tenant::default() };
    let update_mask = Some(FieldMask { paths: vec!["error_profile".to_owned()] });
    rig.tenants().update_tenant(UpdateTenantRequest { tenant: Some(tenant), update_mask }).await.expect("an update");

    let unauthorized = json!({"error": "access_denied", "error_description": "Unauthorized"});
    assert_eq!(rig.ask(&wrong, audience).await, (StatusCode::UNAUTHORIZED, unauthorized));
    let (status, answer) = rig.ask(&granted.known, "https://nobody.test/").await;
    assert_eq!(status, StatusCode::FORBIDDEN);
    assert_eq!(answer["error_description"], "Service not enabled within domain: https://nobody.test/");
}
