//! Lists: every entry once, and page tokens that nobody else can make.

use mintage_api::registry::{ListClientGrantsRequest, ListClientsRequest, ListTenantsRequest};
use mintage_api::types::ErrorReason;
use mintage_testkit::on_each_backend;

use crate::house::{House, refused};

fn page(page_size: i32, page_token: &str) -> ListClientsRequest {
    ListClientsRequest { tenant_id: String::new(), page_size, page_token: page_token.to_owned() }
}

#[tokio::test]
async fn every_entry_comes_once_and_in_order() {
    on_each_backend(async |home| {
        let house = House::on(home).await;
        let mut made = Vec::new();
        for _ in 0..7 {
            made.push(house.client_id().await);
        }
        made.sort();
        let (mut seen, mut token, mut pages) = (Vec::new(), String::new(), 0);
        loop {
            let answer = house.clients().list_clients(page(3, &token)).await.expect("lists").into_inner();
            seen.extend(answer.clients.into_iter().map(|client| client.client_id));
            pages += 1;
            token = answer.next_page_token;
            if token.is_empty() {
                break;
            }
        }
        assert_eq!((seen, pages), (made, 3));
    })
    .await;
}

#[tokio::test]
async fn a_page_token_of_another_list_is_refused() {
    on_each_backend(async |home| {
        let house = House::on(home).await;
        for _ in 0..2 {
            house.client_id().await;
        }
        let token = house.clients().list_clients(page(1, "")).await.expect("lists").into_inner().next_page_token;
        let outcome =
            house.tenants().list_tenants(ListTenantsRequest { page_size: 1, page_token: token.clone() }).await;
        assert_eq!(refused(outcome, ErrorReason::ParameterInvalid).get("parameter"), "page_token");
        let grants = ListClientGrantsRequest { page_token: token.clone(), ..Default::default() };
        refused(house.grants().list_client_grants(grants).await, ErrorReason::ParameterInvalid);
        for forged in ["AAAA", "zzz\u{0}", &token[1..], &format!("{token}AA")] {
            let outcome = house.clients().list_clients(page(1, forged)).await;
            refused(outcome, ErrorReason::ParameterInvalid);
        }
        for size in [-1, 101] {
            refused(house.clients().list_clients(page(size, "")).await, ErrorReason::ParameterInvalid);
        }
    })
    .await;
}
