//! A fresh installation, and every start after.

use mintage_api::registry::{Tenant, UpdateTenantRequest};
use mintage_chassis::ServiceName;
use mintage_client_registry::bootstrap;
use mintage_oauth::Origin;
use mintage_testkit::on_each_backend;

use crate::house::{House, mask, texts};

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
