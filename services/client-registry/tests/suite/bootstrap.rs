//! A fresh installation, and every start after.

use mintage_api::registry::{CreateTenantRequest, Tenant, UpdateTenantRequest};
use mintage_api::types::ErrorReason;
use mintage_chassis::ServiceName;
use mintage_client_registry::bootstrap;
use mintage_oauth::Origin;
use mintage_testkit::on_each_backend;

use crate::house::{House, mask, refused, texts};

fn origins(texts: &[&str]) -> Vec<Origin> {
    texts.iter().filter_map(|text| text.parse().ok()).collect()
}

#[tokio::test]
async fn the_default_tenant_is_served_where_this_start_listens() {
    on_each_backend(async |home| {
        let house = House::on(home).await;
        let start = async |listening: &[&str]| {
            let transport = house.transport(ServiceName::MINTAGE);
            bootstrap(transport, &origins(listening)).await.expect("bootstraps")
        };
        let first = start(&["http://127.0.0.1:8080", "https://localhost:8443"]).await;
        assert_eq!(
            first.origins,
            ["http://127.0.0.1:8080", "https://localhost:8443", "https://default.example"],
            "an operator's origin stays"
        );
        let second = start(&["http://127.0.0.1:9999"]).await;
        assert_eq!(second.origins, ["http://127.0.0.1:9999", "https://default.example"]);
        assert_eq!(start(&["http://127.0.0.1:9999"]).await, second, "a start that changes nothing writes nothing");
    })
    .await;
}

#[tokio::test]
async fn what_an_operator_set_stays() {
    on_each_backend(async |home| {
        let house = House::on(home).await;
        let tenant = Tenant {
            id: "default".to_owned(),
            display_name: "The Mint".to_owned(),
            origins: texts(&["https://mint.example"]),
            ..Default::default()
        };
        let update = UpdateTenantRequest { tenant: Some(tenant), update_mask: mask(&["display_name", "origins"]) };
        house.tenants().update_tenant(update).await.expect("updates");
        let tenant = bootstrap(house.transport(ServiceName::MINTAGE), &origins(&["https://mint.example"])).await;
        let tenant = tenant.expect("bootstraps");
        assert_eq!((tenant.display_name.as_str(), tenant.origins), ("The Mint", texts(&["https://mint.example"])));
    })
    .await;
}

#[tokio::test]
async fn no_other_tenant_takes_an_origin_that_a_next_start_may_listen_on() {
    on_each_backend(async |home| {
        let house = House::on(home).await;
        for loopback in ["http://127.0.0.1:9999", "https://localhost", "http://[::1]:9999"] {
            let acme = CreateTenantRequest {
                id: "acme".to_owned(),
                origins: texts(&["https://acme.example", loopback]),
                ..Default::default()
            };
            let reason = refused(house.tenants().create_tenant(acme).await, ErrorReason::ParameterInvalid);
            assert_eq!(reason.get("parameter"), "origins");
        }
        let acme = house.create_tenant("acme").await.expect("creates");
        let moved = |origin: &str| UpdateTenantRequest {
            tenant: Some(Tenant { origins: texts(&[origin]), ..acme.clone() }),
            update_mask: mask(&["origins"]),
        };
        refused(house.tenants().update_tenant(moved("http://127.0.0.1:9999")).await, ErrorReason::ParameterInvalid);
        house.tenants().update_tenant(moved("http://acme.localhost:9999")).await.expect("a name of its own");
        let transport = house.transport(ServiceName::MINTAGE);
        let tenant = bootstrap(transport, &origins(&["http://127.0.0.1:9999"])).await.expect("starts");
        assert_eq!(tenant.origins, ["http://127.0.0.1:9999", "https://default.example"]);
    })
    .await;
}
