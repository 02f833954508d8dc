//! How calls find their way to several addresses.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use http::Request;
use mintage_clock::Randomness;
use tonic::body::Body;
use tonic::{Code, Status};

use super::rig::{Rig, SHARING, call, call_to, soon};
use crate::channel::{Channel, ChannelSettings};
use crate::{ServiceName, Tasks};

/// Calls until exactly `addresses` have answered the last `20`.
async fn settles(channel: &Channel, addresses: &[SocketAddr]) {
    loop {
        let mut answered = HashMap::new();
        for _ in 0..20 {
            *answered.entry(call(channel).await.unwrap()).or_insert(0) += 1;
        }
        let even = 20 / addresses.len();
        if answered.len() == addresses.len() && addresses.iter().all(|one| answered.get(one) == Some(&even)) {
            return;
        }
    }
}

#[tokio::test]
async fn calls_are_spread_evenly_and_follow_the_addresses_as_they_change() {
    let rig = Rig::new();
    let (one, two, three) = (rig.serve(&rig.tasks).await, rig.serve(&rig.tasks).await, rig.serve(&rig.tasks).await);
    rig.know(&[one, two]);
    let channel = rig.channel();
    soon(settles(&channel, &[one, two])).await;
    rig.know(&[two, three]);
    soon(settles(&channel, &[two, three])).await;
    rig.know(&[]);
    soon(settles(&channel, &[two, three])).await;
}

#[tokio::test]
async fn a_busy_address_gets_fewer_calls() {
    let rig = Rig::new();
    let (one, two) = (rig.serve(&rig.tasks).await, rig.serve(&rig.tasks).await);
    rig.know(&[one]);
    let channel = rig.channel();
    call(&channel).await.unwrap();
    let stuck = Request::post("/test/Call").header("never", "").body(Body::empty()).unwrap();
    let mut stuck = channel.call(stuck, None);
    assert!(futures::poll!(&mut stuck).is_pending());
    rig.know(&[one, two]);
    soon(settles(&channel, &[two])).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_call_is_lost_while_one_address_after_another_drains_and_another_comes() {
    rolls_on("/test/Call").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_call_that_shares_a_stream_is_lost_either() {
    rolls_on(SHARING).await;
}

/// Calls the method at `path` while addresses come and go; every call is answered.
async fn rolls_on(path: &'static str) {
    let rig = Rig::new();
    let mut standing = vec![];
    for _ in 0..2 {
        let tasks = Tasks::new();
        standing.push((rig.serve(&tasks).await, tasks));
    }
    let known = |standing: &[(SocketAddr, Tasks)]| standing.iter().map(|(address, _)| *address).collect::<Vec<_>>();
    rig.know(&known(&standing));
    let channel = rig.channel();
    let ended = Arc::new(AtomicBool::new(false));
    let callers: Vec<_> = (0..8)
        .map(|_| {
            let (channel, ended) = (channel.clone(), Arc::clone(&ended));
            tokio::spawn(async move {
                while !ended.load(Ordering::Relaxed) {
                    call_to(&channel, path, None).await.expect("no call fails");
                }
            })
        })
        .collect();
    for _ in 0..6 {
        let tasks = Tasks::new();
        let new = rig.serve(&tasks).await;
        standing.push((new, tasks));
        rig.know(&known(&standing));
        soon(async { while call_to(&channel, path, None).await.unwrap() != new {} }).await;
        // The one that drains is still known for a while, as in DNS.
        let (_, draining) = standing.remove(0);
        soon(draining.drain()).await;
        rig.know(&known(&standing));
    }
    ended.store(true, Ordering::Relaxed);
    for caller in callers {
        caller.await.unwrap();
    }
}

#[tokio::test]
async fn where_nobody_is_a_call_fails_at_once_and_works_when_somebody_comes() {
    let rig = Rig::new();
    let unused = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    rig.know(&[unused]);
    let channel = rig.channel();
    let refused = soon(call(&channel)).await.unwrap_err();
    assert_eq!(refused.code(), Code::Unavailable);
    let began = tokio::time::Instant::now();
    for _ in 0..100 {
        call(&channel).await.unwrap_err();
    }
    assert!(began.elapsed() < ChannelSettings::default().connect_timeout, "it does not wait for each: {began:?}");
    let one = rig.serve(&rig.tasks).await;
    rig.know(&[one]);
    soon(async { while call(&channel).await.ok() != Some(one) {} }).await;
}

#[tokio::test]
async fn a_call_ends_when_its_own_time_is_over() {
    let rig = Rig::new();
    rig.know(&[rig.serve(&rig.tasks).await]);
    let channel = rig.channel();
    call(&channel).await.unwrap();
    let request = Request::post("/test/Call").header("never", "");
    let patience = Some(Duration::from_nanos(1));
    let answer = soon(channel.call(request.body(Body::empty()).unwrap(), patience)).await;
    assert_eq!(Status::from_error(answer.expect_err("it is over here")).code(), Code::DeadlineExceeded);
}

#[tokio::test]
async fn connections_end_with_the_last_clone_of_their_channel() {
    let rig = Rig::new();
    let tasks = Tasks::new();
    rig.know(&[rig.serve(&tasks).await]);
    let channel = rig.channel();
    let clone = channel.clone();
    call(&channel).await.unwrap();
    drop(channel);
    call(&clone).await.unwrap();
    drop(clone);
    soon(tasks.drain()).await;
}

#[tokio::test]
async fn what_is_not_a_host_and_a_port_is_no_address() {
    let rig = Rig::new();
    let settings = ChannelSettings::default();
    for text in [
        "",
        "token",
        "token:",
        "token:x",
        "https://token:443",
        "a@token:443",
        "token:443/x",
        "to ken:1",
        "token:1,",
        ",",
        "token:1;key:2",
    ] {
        assert!(
            Channel::new(text, ServiceName::TOKEN, &rig.identity, settings, Randomness::seeded(1)).is_err(),
            "{text}"
        );
    }
    for text in ["token:9090", "token.mint.svc.cluster.local:1", "127.0.0.1:9090", "[::1]:9090", "token:1, [::1]:2"] {
        assert!(
            Channel::new(text, ServiceName::TOKEN, &rig.identity, settings, Randomness::seeded(1)).is_ok(),
            "{text}"
        );
    }
}
