//! ChangeFeedService.

use std::time::Duration;

use mintage_api::registry::change::Subject;
use mintage_api::registry::client_service_client::ClientServiceClient;
use mintage_api::registry::watch_response::Event;
use mintage_api::registry::{
    Change, ClientChange, ClientGrantChange, CreateClientRequest, CreateClientSecretRequest, DeleteClientRequest,
    DeleteResourceServerRequest, Reset, ResourceServerChange,
};
use mintage_api::types::{ErrorReason, SigningAlgorithm};
use mintage_chassis::{Service, ServiceName, Transport};
use mintage_client_registry::FeedBounds;
use mintage_testkit::on_each_backend;
use sea_orm::ConnectionTrait;
use tokio::task::JoinSet;
use tonic::Code;

use crate::house::{House, Watcher, refused};

const API: &str = "https://api.example/";

/// A write waits for its watchers as long as a test may take.
fn patient() -> FeedBounds {
    let long = Duration::from_secs(60);
    FeedBounds { acknowledge_timeout: long, watcher_patience: long, ..FeedBounds::default() }
}

fn new_client() -> CreateClientRequest {
    CreateClientRequest { name: "a client".to_owned(), ..Default::default() }
}

fn clients_of(service: &Service) -> ClientServiceClient<Transport> {
    ClientServiceClient::new(Transport::in_process(ServiceName::MINTAGE, service.routes.clone()))
}

#[expect(clippy::panic, reason = "anything but a change fails the test")]
async fn next_change(watcher: &mut Watcher) -> Change {
    match watcher.next_news().await {
        Event::Change(change) => change,
        other => panic!("expected a change, got {other:?}"),
    }
}

#[tokio::test]
async fn every_write_is_told_in_order_and_without_a_gap() {
    on_each_backend(async |home| {
        let house = House::on(home).await;
        house.api(API, SigningAlgorithm::Es256).await;
        let client = house.client_id().await;
        house.grant(&client, API, &["read"]).await.expect("granted");
        let secret = CreateClientSecretRequest { client_id: client.clone(), ..Default::default() };
        house.clients().create_client_secret(secret).await.expect("added");
        let delete = DeleteClientRequest { tenant_id: String::new(), client_id: client.clone() };
        house.clients().delete_client(delete).await.expect("deletes");
        let delete = DeleteResourceServerRequest { tenant_id: String::new(), id: API.to_owned() };
        house.apis().delete_resource_server(delete).await.expect("deletes");

        let api =
            |identifier: &str| Subject::ResourceServer(ResourceServerChange { identifier: identifier.to_owned() });
        let of_client = || Subject::Client(ClientChange { client_id: client.clone() });
        let grant = || Subject::ClientGrant(ClientGrantChange { client_id: client.clone(), audience: API.to_owned() });
        let expected = [
            api("urn:mintage:management"),
            api(API),
            of_client(),
            grant(),
            of_client(),
            of_client(),
            grant(),
            api(API),
        ];
        let mut watcher = house.watch(1).await;
        for (revision, subject) in (2..).zip(expected) {
            let told = next_change(&mut watcher).await;
            assert_eq!(told, Change { revision, tenant_id: "default".to_owned(), subject: Some(subject) });
        }
    })
    .await;
}

#[tokio::test]
async fn a_watcher_that_has_nothing_cached_begins_at_the_head_whatever_the_past_was() {
    on_each_backend(async |home| {
        let house = House::on(home).await;
        house.api(API, SigningAlgorithm::Es256).await;
        let mut watcher = house.watch(0).await;
        assert_eq!(watcher.next_news().await, Event::Reset(Reset { revision: 3 }));
        house.client_id().await;
        assert_eq!(next_change(&mut watcher).await.revision, 4);
    })
    .await;
}

#[tokio::test]
async fn a_refused_write_tells_nothing() {
    on_each_backend(async |home| {
        let house = House::on(home).await;
        house.api(API, SigningAlgorithm::Es256).await;
        let client = house.client_id().await;
        house.grant(&client, API, &["read"]).await.expect("granted");
        refused(house.grant(&client, API, &["read"]).await, ErrorReason::Conflict);
        house.client_id().await;
        let mut watcher = house.watch(5).await;
        let told = next_change(&mut watcher).await;
        assert_eq!(told.revision, 6);
        assert!(matches!(told.subject, Some(Subject::Client(_))), "{told:?}");
    })
    .await;
}

#[tokio::test]
async fn a_watcher_hears_from_the_feed_when_nothing_is_written() {
    on_each_backend(async |home| {
        let often = Duration::from_millis(100);
        let bounds = FeedBounds { heartbeat_interval: often, poll_interval: often / 10, ..FeedBounds::default() };
        let house = House::with(home, bounds).await;
        let mut watcher = house.watch(2).await;
        for _ in 0..3 {
            let event = watcher.next().await.expect("the stream lives").expect("the stream lives");
            assert!(matches!(&event, Event::Heartbeat(beat) if beat.revision == 2), "{event:?}");
        }
    })
    .await;
}

#[tokio::test]
async fn a_write_returns_when_every_watcher_has_applied_it() {
    on_each_backend(async |home| {
        let house = House::with(home, patient()).await;
        let (mut first, mut second) = (house.watch(2).await, house.watch(2).await);
        for watcher in [&mut first, &mut second] {
            watcher.next().await.expect("the stream lives").expect("both are seated before the write");
        }
        let mut clients = house.clients();
        let write = tokio::spawn(async move { clients.create_client(new_client()).await });
        assert_eq!(next_change(&mut first).await.revision, 3);
        assert_eq!(next_change(&mut second).await.revision, 3);
        first.acknowledge(3).await;
        tokio::task::yield_now().await;
        assert!(!write.is_finished(), "the second has not applied it");
        second.acknowledge(3).await;
        write.await.expect("no panic").expect("written");
    })
    .await;
}

#[tokio::test]
async fn a_watcher_that_leaves_holds_up_no_write() {
    on_each_backend(async |home| {
        let house = House::with(home, patient()).await;
        let mut leaving = house.watch(2).await;
        leaving.next().await.expect("the stream lives").expect("seated");
        let mut clients = house.clients();
        let write = tokio::spawn(async move { clients.create_client(new_client()).await });
        next_change(&mut leaving).await;
        assert!(!write.is_finished());
        drop(leaving);
        write.await.expect("no panic").expect("written");
    })
    .await;
}

#[tokio::test]
async fn a_watcher_that_does_not_answer_delays_a_write_by_the_bound_and_is_sent_away() {
    on_each_backend(async |home| {
        let bounds = FeedBounds {
            acknowledge_timeout: Duration::from_millis(20),
            watcher_patience: Duration::from_millis(100),
            poll_interval: Duration::from_millis(20),
            ..FeedBounds::default()
        };
        let house = House::with(home, bounds).await;
        let mut silent = house.watch(2).await;
        silent.next().await.expect("the stream lives").expect("seated");
        house.client_id().await;
        let end = loop {
            match silent.next().await {
                Ok(Some(_)) => {}
                Ok(None) => panic!("the stream ended without a word"),
                Err(status) => break status,
            }
        };
        assert_eq!(end.code(), Code::Unavailable);
    })
    .await;
}

#[tokio::test]
async fn writes_of_another_replica_are_told_too() {
    on_each_backend(async |home| {
        let house = House::on(home).await;
        let replica = house.replica(FeedBounds::default()).await;
        let mut watcher = house.watch(2).await;
        clients_of(&replica).create_client(new_client()).await.expect("written elsewhere");
        assert_eq!(next_change(&mut watcher).await.revision, 3);
    })
    .await;
}

#[tokio::test]
async fn replicas_that_write_at_once_leave_no_gap() {
    on_each_backend(async |home| {
        let house = House::on(home).await;
        let replica = house.replica(FeedBounds::default()).await;
        let mut writers = JoinSet::new();
        for number in 0..12 {
            let mut clients = clients_of(if number % 2 == 0 { &house.service } else { &replica });
            writers.spawn(async move { clients.create_client(new_client()).await });
        }
        for outcome in writers.join_all().await {
            outcome.expect("written");
        }
        let mut watcher = house.watch(2).await;
        for revision in 3..=14 {
            assert_eq!(next_change(&mut watcher).await.revision, revision);
        }
    })
    .await;
}

#[tokio::test]
async fn a_watcher_from_before_the_log_begins_drops_everything() {
    on_each_backend(async |home| {
        let house = House::on(home).await;
        for _ in 0..3 {
            house.client_id().await;
        }
        let forget = "DELETE FROM change_log WHERE revision <= 4";
        house.database.connection().execute_unprepared(forget).await.expect("trimmed");
        // A process that has seen none of it.
        let replica = house.replica(FeedBounds::default()).await;
        let mut watcher = Watcher::of(&replica, 3).await.expect("opens");
        let event = watcher.next_news().await;
        assert!(matches!(&event, Event::Reset(reset) if reset.revision == 5), "{event:?}");
        let mut reaching = Watcher::of(&replica, 4).await.expect("opens");
        assert_eq!(next_change(&mut reaching).await.revision, 5);
    })
    .await;
}

#[tokio::test]
async fn a_change_that_cannot_be_read_is_a_gap_and_holds_up_none_that_follows() {
    on_each_backend(async |home| {
        let house = House::on(home).await;
        let mut watcher = house.watch(2).await;
        house.client_id().await;
        assert_eq!(next_change(&mut watcher).await.revision, 3);
        for odd in [
            "INSERT INTO change_log (revision, tenant_id, kind, written_at) VALUES (4, 'default', 'of tomorrow', 0)",
            "UPDATE feed_head SET revision = 4",
        ] {
            house.database.connection().execute_unprepared(odd).await.expect("written by somebody else");
        }
        assert_eq!(watcher.next_news().await, Event::Reset(Reset { revision: 4 }));
        house.client_id().await;
        assert_eq!(next_change(&mut watcher).await.revision, 5);
        let mut later = house.watch(3).await;
        assert_eq!(later.next_news().await, Event::Reset(Reset { revision: 5 }));
    })
    .await;
}

#[tokio::test]
async fn a_watcher_from_the_future_drops_everything() {
    on_each_backend(async |home| {
        let house = House::on(home).await;
        let mut watcher = house.watch(1000).await;
        let event = watcher.next_news().await;
        assert!(matches!(&event, Event::Reset(reset) if reset.revision == 2), "{event:?}");
    })
    .await;
}

#[tokio::test]
async fn there_are_no_more_watchers_than_the_bound() {
    on_each_backend(async |home| {
        let house = House::with(home, FeedBounds { max_watchers: 1, ..FeedBounds::default() }).await;
        let mut only = house.watch(2).await;
        only.next().await.expect("the stream lives").expect("seated");
        let second = Watcher::of(&house.service, 2).await.map(drop);
        refused(second, ErrorReason::LimitReached);
    })
    .await;
}

#[tokio::test]
async fn draining_ends_every_stream() {
    on_each_backend(async |home| {
        let house = House::on(home).await;
        let mut watcher = house.watch(2).await;
        watcher.next().await.expect("the stream lives").expect("seated");
        house.service.tasks.drain().await;
        while let Ok(Some(_)) = watcher.next().await {}
    })
    .await;
}
