//! Certificates are replaced while the process runs.

use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use mintage_chassis::door::Security;
use mintage_chassis::identity::{Authority, Identity, ServerCertificate};
use mintage_chassis::{ChannelSettings, ServiceName, Transport};
use mintage_clock::Randomness;
use rustls::version::{TLS12, TLS13};
use rustls_pki_types::CertificateDer;
use rustls_pki_types::pem::PemObject;
use tonic::Code;

use super::raw;
use super::site::{Site, call, call_as, good, replace};

const KEYS: ServiceName = ServiceName::KEY_MANAGEMENT;
const TOKEN: ServiceName = ServiceName::TOKEN;

/// What should come about soon.
async fn soon<T>(event: impl Future<Output = T>) -> T {
    tokio::time::timeout(Duration::from_secs(20), event).await.unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn certificates_are_replaced_under_load_and_no_call_fails() {
    let site = Site::new("mint.test");
    let (mut keys, mut token) = (site.identity(KEYS), site.identity(TOKEN));
    let address = site.serve(&keys).await;
    let (ended, calls) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicUsize::new(0)));
    let to = address.to_string();
    let kept = Transport::connect(&to, KEYS, &token, ChannelSettings::default(), Randomness::seeded(1)).unwrap();
    let callers: Vec<_> = (0..4)
        .map(|_| {
            let (ended, calls) = (Arc::clone(&ended), Arc::clone(&calls));
            let (kept, token) = (kept.clone(), token.clone());
            tokio::spawn(async move {
                while !ended.load(Ordering::Relaxed) {
                    assert_eq!(call(&kept, "Token").await, Code::Ok, "over the connection there was");
                    assert_eq!(call_as(&token, address, "Token").await, Code::Ok, "over a new one");
                    calls.fetch_add(1, Ordering::Relaxed);
                }
            })
        })
        .collect();
    for _ in 0..5 {
        let (old, before) = ((keys.serial(), token.serial()), calls.load(Ordering::Relaxed));
        site.issue(KEYS, good());
        site.issue(TOKEN, good());
        soon(changed(&mut keys, &old.0)).await;
        soon(changed(&mut token, &old.1)).await;
        soon(async {
            while calls.load(Ordering::Relaxed) < before + 20 {
                tokio::task::yield_now().await;
            }
        })
        .await;
    }
    ended.store(true, Ordering::Relaxed);
    for caller in callers {
        caller.await.unwrap();
    }
}

async fn changed(identity: &mut Identity, old: &str) {
    while identity.serial() == old {
        identity.reloaded().await;
    }
}

#[tokio::test]
async fn a_new_connection_shows_the_new_certificate() {
    let site = Site::new("mint.test");
    let mut keys = site.identity(KEYS);
    let address = site.serve(&keys).await;
    let own = site.authority.issue(TOKEN, &[], good()).unwrap();
    let mut seen = Vec::new();
    for _ in 0..2 {
        let stream = raw::connect(address, &site.authority, &TLS13, Some(&own)).await.unwrap();
        let on_disk = std::fs::read(site.files(KEYS).certificate).unwrap();
        assert_eq!(raw::shown(&stream), CertificateDer::from_pem_slice(&on_disk).unwrap());
        seen.push(keys.serial());
        let old = keys.serial();
        site.issue(KEYS, good());
        soon(changed(&mut keys, &old)).await;
    }
    assert_ne!(seen[0], seen[1]);
}

#[tokio::test]
async fn an_authority_follows_another_without_a_restart() {
    let (old, new) = (Site::new("mint.test"), Site::new("mint.test"));
    let mut keys = old.identity(KEYS);
    let address = old.serve(&keys).await;
    let files = new.issue(TOKEN, good());
    let trusts = |authorities: [&Authority; 2]| authorities.map(Authority::certificate).concat();
    replace(&files.authorities, &trusts([&old.authority, &new.authority]));
    let token = new.load(files, TOKEN);
    assert_eq!(call_as(&token, address, "Token").await, Code::Unavailable, "the new one is not trusted yet");
    replace(&old.files(KEYS).authorities, &trusts([&old.authority, &new.authority]));
    soon(keys.reloaded()).await;
    assert_eq!(call_as(&token, address, "Token").await, Code::Ok);
}

#[tokio::test]
async fn a_call_recovers_by_itself_when_the_callee_becomes_who_it_should_be() {
    let (site, other) = (Site::new("mint.test"), Site::new("other.test"));
    let token = site.identity(TOKEN);
    let files = site.issue(KEYS, good());
    let mut keys = site.load(files, KEYS);
    replace(&site.files(KEYS).authorities, other.authority.certificate());
    soon(keys.reloaded()).await;
    let address = site.serve(&keys).await;
    let transport =
        Transport::connect(&address.to_string(), KEYS, &token, ChannelSettings::default(), Randomness::seeded(1))
            .unwrap();
    assert_eq!(call(&transport, "Token").await, Code::Unavailable, "it trusts nobody we know");
    replace(&site.files(KEYS).authorities, site.authority.certificate());
    soon(async { while call(&transport, "Token").await != Code::Ok {} }).await;
}

#[tokio::test]
async fn a_public_door_shows_the_new_certificate_and_speaks_tls_1_2_too() {
    let site = Site::new("mint.test");
    let files = site.issue(ServiceName::EDGE, good());
    let (certificate, key) = (files.certificate.clone(), files.private_key.clone());
    let mut public = ServerCertificate::load(certificate, key, Duration::from_millis(5), &site.tasks).unwrap();
    let address = site.open(Security::Reloading(public.clone())).await;
    let first = raw::shown(&raw::connect(address, &site.authority, &TLS12, None).await.unwrap());
    site.issue(ServiceName::EDGE, good());
    let on_disk = CertificateDer::from_pem_slice(&std::fs::read(&files.certificate).unwrap()).unwrap();
    let renewed = async {
        loop {
            public.reloaded().await;
            let now = raw::shown(&raw::connect(address, &site.authority, &TLS13, None).await.unwrap());
            if now != first {
                return now;
            }
        }
    };
    assert_eq!(soon(renewed).await, on_disk);
}
