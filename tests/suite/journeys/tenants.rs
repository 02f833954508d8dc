//! Tenants keep to themselves.

use http::StatusCode;
use mintage_api::registry::{
    CreateClientGrantRequest, CreateClientRequest, CreateResourceServerRequest, CreateTenantRequest,
};
use mintage_api::types::SigningAlgorithm;

use super::rig::{HOST, Known, Rig, decoded};

const OTHER_HOST: &str = "other.test";

async fn with_other_tenant(rig: &Rig) -> Known {
    let request = CreateTenantRequest {
        id: "other".to_owned(),
        origins: vec![format!("https://{OTHER_HOST}")],
        ..CreateTenantRequest::default()
    };
    rig.tenants().create_tenant(request).await.expect("a tenant");
    let tenant_id = "other".to_owned();
    let api = CreateResourceServerRequest {
        tenant_id: tenant_id.clone(),
        identifier: "https://api.test/".to_owned(),
        name: "Their API".to_owned(),
        signing_algorithm: SigningAlgorithm::Es256.into(),
        ..CreateResourceServerRequest::default()
    };
    rig.apis().create_resource_server(api).await.expect("an API");
    let known =
        rig.client(CreateClientRequest { tenant_id: tenant_id.clone(), ..CreateClientRequest::default() }).await;
    let grant = CreateClientGrantRequest {
        tenant_id,
        client_id: known.client.client_id.clone(),
        audience: "https://api.test/".to_owned(),
        scopes: Vec::new(),
    };
    rig.grants().create_client_grant(grant).await.expect("a grant");
    known
}

#[tokio::test]
async fn a_client_of_one_tenant_is_unknown_to_another() {
    let rig = Rig::new().await;
    let known = with_other_tenant(&rig).await;
    rig.granted(SigningAlgorithm::Es256).await;
    let (status, answer) = rig.ask_at(OTHER_HOST, &known, "https://api.test/").await;
    assert_eq!(status, StatusCode::OK, "{answer}");
    let (_, claims) = decoded(answer["access_token"].as_str().expect("a token"));
    assert_eq!(claims["iss"], format!("https://{OTHER_HOST}/"));
    assert_eq!(rig.ask_at(HOST, &known, "https://api.test/").await.0, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn tenants_share_no_key() {
    let rig = Rig::new().await;
    with_other_tenant(&rig).await;
    rig.granted(SigningAlgorithm::Es256).await;
    let (ours, theirs) = (rig.key_set_at(HOST).await, rig.key_set_at(OTHER_HOST).await);
    let kids = |set: &serde_json::Value| -> Vec<String> {
        set["keys"].as_array().expect("keys").iter().map(|key| key["kid"].to_string()).collect()
    };
    assert!(!kids(&ours).is_empty() && kids(&ours).iter().all(|kid| !kids(&theirs).contains(kid)));
}

#[tokio::test]
async fn b22_a_host_that_no_tenant_registered_is_served_nothing() {
    let rig = Rig::new().await;
    let granted = rig.granted(SigningAlgorithm::Es256).await;
    for host in ["evil.test", "mint.test.evil.test", "mint.test:444", "127.0.0.1"] {
        let (status, answer) = rig.ask_at(host, &granted.known, &granted.api.identifier).await;
        assert!(status.is_client_error() && answer.get("access_token").is_none(), "{host}: {status} {answer}");
    }
}
