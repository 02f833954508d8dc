//! What becomes of calls to a service that fails, or has more to do than it can.

use std::time::Duration;

use futures::poll;
use http::Request;
use tokio::time::Instant;
use tonic::Code;
use tonic::body::Body;

use super::rig::{Mood, Rig, Service, call, call_to, soon};
use crate::channel::{Channel, ChannelSettings};
use crate::door::DoorLimits;

/// It may be repeated, by its proto.
const READ: &str = "/mintage.registry.v1.ResolverService/ResolveClient";
/// It may not.
const COUNT: &str = "/mintage.token.v1.TokenService/IssueToken";

impl Rig {
    async fn serving(&self, moods: &[Mood]) -> Vec<Service> {
        let (mut services, mut addresses) = (Vec::new(), Vec::new());
        for mood in moods {
            let service = Service::new(*mood);
            addresses.push(self.serve_within(DoorLimits::default(), &self.tasks, &service).await);
            services.push(service);
        }
        self.know(&addresses);
        services
    }
}

/// Until both addresses are connected.
async fn connected(channel: &Channel, services: &[Service]) {
    soon(async {
        while services.iter().any(|service| service.calls() == 0) {
            let _ = call_to(channel, COUNT, None).await;
        }
    })
    .await;
}

#[tokio::test]
async fn what_may_be_repeated_is_asked_elsewhere_and_nothing_else_is() {
    let rig = Rig::new();
    let services = rig.serving(&[Mood::Busy, Mood::Well]).await;
    let channel = rig.channel();
    connected(&channel, &services).await;
    for _ in 0..10 {
        call_to(&channel, READ, None).await.expect("the other one answers");
    }
    let before = services[0].calls() + services[1].calls();
    let mut refused = 0;
    for _ in 0..20 {
        refused +=
            u32::from(call_to(&channel, COUNT, None).await.is_err_and(|status| status.code() == Code::Unavailable));
    }
    assert!(refused > 0);
    assert_eq!(services[0].calls() + services[1].calls() - before, 20, "each was made once");
}

#[tokio::test]
async fn repeats_do_not_multiply_an_outage() {
    let rig = Rig::new();
    let services = rig.serving(&[Mood::Busy, Mood::Busy]).await;
    let channel = rig.channel();
    connected(&channel, &services).await;
    let before = services[0].calls() + services[1].calls();
    for _ in 0..200 {
        assert_eq!(call_to(&channel, READ, None).await.unwrap_err().code(), Code::Unavailable);
    }
    let repeats = services[0].calls() + services[1].calls() - before - 200;
    assert!((20..=30).contains(&repeats), "{repeats}: ten at once and a tenth");
}

#[tokio::test]
async fn a_repeat_for_which_there_is_no_time_is_not_made() {
    let rig = Rig::new();
    let services = rig.serving(&[Mood::Well]).await;
    let channel = rig.channel();
    connected(&channel, &services).await;
    services[0].turn(Mood::Busy);
    let before = services[0].calls();
    // No pause is as short. Where the answer takes longer, it is a deadline that says so.
    let outcome = soon(call_to(&channel, READ, Some(Duration::from_millis(9)))).await;
    assert!(matches!(outcome.unwrap_err().code(), Code::Unavailable | Code::DeadlineExceeded));
    assert!(services[0].calls() <= before + 1);
    let outcome = soon(call_to(&channel, READ, Some(Duration::from_secs(10)))).await;
    assert_eq!(outcome.unwrap_err().code(), Code::Unavailable);
    assert!(services[0].calls() > before + 1, "where there is time, it is");
}

#[tokio::test]
async fn an_address_that_only_errs_is_left_out_until_it_works_again() {
    let rig = Rig::new();
    let services = rig.serving(&[Mood::Well, Mood::Well]).await;
    let channel = rig.channel();
    connected(&channel, &services).await;
    let before = services[0].calls();
    services[0].turn(Mood::Ill);
    for _ in 0..200 {
        let _ = call_to(&channel, COUNT, None).await;
    }
    let failed = services[0].calls() - before;
    assert!((5..=8).contains(&failed), "{failed} of 200 went to the address that errs");
    services[0].turn(Mood::Well);
    let before = services[0].calls();
    soon(async {
        while services[0].calls() < before + 20 {
            call_to(&channel, COUNT, None).await.expect("the other one answers meanwhile");
            tokio::task::yield_now().await;
        }
    })
    .await;
}

#[tokio::test]
async fn while_every_address_says_nothing_calls_fail_at_once() {
    let rig = Rig::new();
    let services = rig.serving(&[Mood::Well]).await;
    let channel = rig.channel();
    connected(&channel, &services).await;
    services[0].turn(Mood::Silent);
    let patience = Some(Duration::from_millis(1050));
    let stalled = futures::future::join_all((0..5).map(|_| call_to(&channel, COUNT, patience))).await;
    assert!(stalled.iter().all(|one| one.as_ref().is_err_and(|status| status.code() == Code::DeadlineExceeded)));
    let asked = services[0].calls();
    let began = Instant::now();
    let refused = call_to(&channel, COUNT, patience).await.unwrap_err();
    assert_eq!((refused.code(), services[0].calls()), (Code::Unavailable, asked));
    assert!(began.elapsed() < Duration::from_millis(500));
    services[0].turn(Mood::Well);
    soon(async { while call_to(&channel, COUNT, patience).await.is_err() {} }).await;
}

#[tokio::test]
async fn b8_neither_haste_nor_a_refusal_closes_the_way_for_others() {
    let rig = Rig::new();
    let services = rig.serving(&[Mood::Well]).await;
    let channel = rig.channel();
    connected(&channel, &services).await;
    services[0].turn(Mood::Silent);
    for _ in 0..30 {
        let hasty = call_to(&channel, COUNT, Some(Duration::from_millis(5))).await;
        assert_eq!(hasty.unwrap_err().code(), Code::DeadlineExceeded);
    }
    services[0].turn(Mood::Busy);
    for _ in 0..30 {
        assert_eq!(call_to(&channel, COUNT, None).await.unwrap_err().code(), Code::Unavailable);
    }
    services[0].turn(Mood::Well);
    call_to(&channel, COUNT, None).await.expect("it is not left out");
}

#[tokio::test]
async fn calls_above_what_the_other_end_takes_wait_in_a_short_line_and_the_rest_is_refused_at_once() {
    let rig = Rig::new();
    // One of them is kept for the stream that calls share.
    let limits = DoorLimits { max_streams: 3, ..DoorLimits::default() };
    let service = Service::default();
    rig.know(&[rig.serve_within(limits, &rig.tasks, &service).await]);
    let patience = Duration::from_millis(300);
    let settings = ChannelSettings { max_waiting: 1, connect_timeout: patience, ..ChannelSettings::default() };
    let channel = rig.channel_with(settings);
    for _ in 0..3 {
        // What the other end takes is known from its first answers on.
        call(&channel).await.unwrap();
    }
    let never = || channel.call(Request::post(COUNT).header("never", "").body(Body::empty()).unwrap(), None);
    let mut held = [never(), never()];
    for one in &mut held {
        assert!(poll!(one).is_pending());
    }
    let mut waits = Box::pin(call(&channel));
    assert!(poll!(&mut waits).is_pending());
    let refused = call(&channel).await.unwrap_err();
    assert_eq!(refused.code(), Code::ResourceExhausted, "one waits already");
    drop(held);
    waits.await.expect("a place became free");
    let mut held = [never(), never()];
    for one in &mut held {
        assert!(poll!(one).is_pending());
    }
    let began = Instant::now();
    assert_eq!(call(&channel).await.unwrap_err().code(), Code::ResourceExhausted);
    assert!(began.elapsed() >= patience);
}
