//! What watchers may not do.

use std::time::Duration;

use mintage_api::keys::watch_key_set_request::Message;
use mintage_api::keys::{KeySetAcknowledgement, WatchKeySetRequest};
use mintage_api::types::ErrorReason;
use mintage_chassis::ServiceName;
use mintage_key_management::Settings;
use mintage_key_management::watch::WatchSettings;
use tokio::sync::mpsc;
use tokio::time::{Instant, timeout};
use tonic::Code;

use super::rig::{LONG, edge, open, start, stranger, with_ring};
use crate::grpc::{built, reason};
use crate::house::House;

#[tokio::test]
async fn b8_what_is_no_start_is_refused() {
    let house = House::on_sqlite().await;
    let service = with_ring(&house).await;
    let missing = (Code::InvalidArgument, ErrorReason::ParameterMissing);
    let invalid = (Code::InvalidArgument, ErrorReason::ParameterInvalid);
    for (first, expected) in [
        (Some(Message::Acknowledgement(KeySetAcknowledgement { version: 1 })), missing),
        (None, missing),
        (Some(start("", "")), missing),
        (Some(start("", &"x".repeat(101))), invalid),
        (Some(start("", "two\nlines")), invalid),
        (Some(start("", "\u{e9}")), invalid),
        (Some(start("No Tenant", "someone")), invalid),
        (Some(start("nobody", "someone")), (Code::NotFound, ErrorReason::TenantUnknown)),
    ] {
        let mut watch = open(&service, None, None).await.expect("a stream");
        watch.say.send(WatchKeySetRequest { message: first.clone() }).await.expect("heard");
        assert_eq!(watch.refused().await, expected, "{first:?}");
    }
    let mut silent = open(&service, None, None).await.expect("a stream");
    let (never, _) = mpsc::channel(1);
    silent.say = never;
    assert_eq!(silent.refused().await, missing, "it ended before it began");
    let mut long = open(&service, None, None).await.expect("a stream");
    long.say(start(&"x".repeat(2000), "someone")).await;
    assert_eq!(long.next().await.unwrap_err().code(), Code::OutOfRange);
}

#[tokio::test]
async fn b8_who_does_not_begin_loses_its_seat() {
    let house = House::on_sqlite().await;
    let service = built(&house).await;
    let mut watch = open(&service, None, None).await.expect("a stream");
    tokio::time::pause();
    assert_eq!(watch.refused().await, (Code::InvalidArgument, ErrorReason::ParameterMissing));
}

#[tokio::test]
async fn b8_acknowledgements_are_of_what_was_sent_and_no_more_than_that() {
    let house = House::on_sqlite().await;
    let service = with_ring(&house).await;
    let mut lying = edge(&service, "default").await;
    let version = lying.key_set().await.version;
    lying.acknowledge(version + 1).await;
    assert_eq!(lying.refused().await, (Code::InvalidArgument, ErrorReason::ParameterInvalid));
    let mut twice = edge(&service, "default").await;
    twice.key_set().await;
    twice.say(start("default", "pod-1")).await;
    assert_eq!(twice.refused().await, (Code::InvalidArgument, ErrorReason::ParameterInvalid));
    let mut flooding = edge(&service, "default").await;
    flooding.key_set().await;
    for _ in 0..20 {
        flooding.acknowledge(version).await;
    }
    assert_eq!(flooding.refused().await, (Code::ResourceExhausted, ErrorReason::LimitReached));
}

#[tokio::test]
async fn b8_strangers_take_no_seat_of_those_that_count_and_one_address_few_of_the_strangers() {
    let watch = WatchSettings { max_other_watchers: 32, max_service_watchers: 1, ..WatchSettings::default() };
    let house = House { settings: Settings { watch, ..Settings::default() }, ..House::on_sqlite().await };
    let service = with_ring(&house).await;
    let (one, mut two) = (stranger(&service).await, stranger(&service).await);
    two.key_set().await;
    let full = (Code::ResourceExhausted, ErrorReason::LimitReached);
    assert_eq!(reason(&open(&service, None, None).await.err().expect("refused")), full);
    let mut counted = edge(&service, "default").await;
    counted.key_set().await;
    assert_eq!(reason(&open(&service, Some(ServiceName::EDGE), None).await.err().expect("refused")), full);
    drop(one);
    let freed = async {
        while open(&service, None, None).await.is_err() {
            tokio::task::yield_now().await;
        }
    };
    timeout(LONG, freed).await.expect("a seat is free again");
}

#[tokio::test]
async fn b8_strangers_do_not_keep_their_seats_for_ever() {
    let house = House::on_sqlite().await;
    let service = with_ring(&house).await;
    let mut strange = stranger(&service).await;
    strange.key_set().await;
    let mut counted = edge(&service, "default").await;
    counted.key_set().await;
    tokio::time::pause();
    let began = Instant::now();
    while strange.next().await.expect("in order").is_some() {}
    let sat = began.elapsed();
    assert!((Duration::from_mins(10)..Duration::from_mins(12)).contains(&sat), "{sat:?}");
    counted.next().await.expect("well").expect("a service stays");
}
