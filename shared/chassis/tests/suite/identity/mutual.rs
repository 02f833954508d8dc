//! Who passes a door between services, and whom a caller believes.

use std::time::Duration;

use mintage_chassis::door::Security;
use mintage_chassis::identity::{Identity, IdentityError, Validity};
use mintage_chassis::{ChannelSettings, ServiceName, Transport};
use mintage_clock::Randomness;
use mintage_clock::{Clock, Timestamp};
use rustls::version::{TLS12, TLS13};
use tonic::Code;
use tonic::transport::Endpoint;

use super::raw;
use super::site::{Site, call, call_as, good, replace};

const KEYS: ServiceName = ServiceName::KEY_MANAGEMENT;
const TOKEN: ServiceName = ServiceName::TOKEN;
const EDGE: ServiceName = ServiceName::EDGE;

#[tokio::test]
async fn a_service_calls_another_and_the_access_table_knows_it_by_its_certificate() {
    let site = Site::new("mint.test");
    let address = site.serve(&site.identity(KEYS)).await;
    let (token, edge) = (site.identity(TOKEN), site.identity(EDGE));
    assert_eq!(call_as(&token, address, "Token").await, Code::Ok);
    assert_eq!(call_as(&edge, address, "Any").await, Code::Ok);
    assert_eq!(call_as(&edge, address, "Token").await, Code::PermissionDenied);
}

#[tokio::test]
async fn services_call_each_other_both_ways() {
    let site = Site::new("mint.test");
    let (keys, token) = (site.identity(KEYS), site.identity(TOKEN));
    let (at_keys, at_token) = (site.serve(&keys).await, site.serve(&token).await);
    assert_eq!(call_as(&token, at_keys, "Any").await, Code::Ok);
    let settings = ChannelSettings::default();
    let back = Transport::connect(&at_token.to_string(), TOKEN, &keys, settings, Randomness::seeded(1)).unwrap();
    assert_eq!(call(&back, "Any").await, Code::Ok);
}

#[tokio::test]
async fn a_caller_in_plain_text_is_refused() {
    let site = Site::new("mint.test");
    let address = site.serve(&site.identity(KEYS)).await;
    let channel = Endpoint::from_shared(format!("http://{address}")).unwrap().connect_lazy();
    assert_ne!(call(&Transport::remote(channel), "Any").await, Code::Ok);
}

#[tokio::test]
async fn a_callee_in_plain_text_is_refused() {
    let site = Site::new("mint.test");
    let address = site.open(Security::Plain).await;
    assert_eq!(call_as(&site.identity(TOKEN), address, "Any").await, Code::Unavailable);
}

#[tokio::test]
async fn a_caller_without_a_certificate_is_refused() {
    let site = Site::new("mint.test");
    let address = site.serve(&site.identity(KEYS)).await;
    let connected = raw::connect(address, &site.authority, &TLS13, None).await.unwrap();
    let refused = raw::first_word(connected).await.unwrap_err();
    assert!(refused.to_string().contains("CertificateRequired"), "{refused}");
}

#[tokio::test]
async fn nothing_older_than_tls_1_3_is_spoken_between_services() {
    let site = Site::new("mint.test");
    let address = site.serve(&site.identity(KEYS)).await;
    let own = site.authority.issue(TOKEN, &[], good()).unwrap();
    let refused = raw::connect(address, &site.authority, &TLS12, Some(&own)).await.unwrap_err();
    assert!(refused.to_string().contains("ProtocolVersion"), "{refused}");
    raw::connect(address, &site.authority, &TLS13, Some(&own)).await.unwrap();
}

/// A key service of `theirs` and a token service of `ours`, each trusting both authorities.
async fn across(ours: &Site, theirs: &Site) -> Code {
    let both = format!("{}{}", ours.authority.certificate(), theirs.authority.certificate());
    let trusting = |site: &Site, service| {
        let files = site.issue(service, good());
        replace(&files.authorities, &both);
        site.load(files, service)
    };
    let address = theirs.serve(&trusting(theirs, KEYS)).await;
    call_as(&trusting(ours, TOKEN), address, "Token").await
}

#[tokio::test]
async fn two_authorities_may_be_trusted_while_one_follows_the_other() {
    assert_eq!(across(&Site::new("mint.test"), &Site::new("mint.test")).await, Code::Ok);
}

#[tokio::test]
async fn another_trust_domain_is_refused_even_of_a_trusted_authority() {
    assert_eq!(across(&Site::new("mint.test"), &Site::new("other.test")).await, Code::Unavailable);
}

#[tokio::test]
async fn a_caller_of_another_trust_domain_is_refused_even_of_a_trusted_authority() {
    let (site, other) = (Site::new("mint.test"), Site::new("other.test"));
    let files = site.issue(KEYS, good());
    replace(&files.authorities, &format!("{}{}", site.authority.certificate(), other.authority.certificate()));
    let address = site.serve(&site.load(files, KEYS)).await;
    let foreign = other.authority.issue(TOKEN, &[], good()).unwrap();
    let connected = raw::connect(address, &site.authority, &TLS13, Some(&foreign)).await.unwrap();
    let refused = raw::first_word(connected).await.unwrap_err();
    assert!(refused.to_string().contains("Certificate"), "{refused}");
}

#[tokio::test]
async fn a_caller_of_an_authority_that_is_not_trusted_is_refused() {
    let (site, other) = (Site::new("mint.test"), Site::new("mint.test"));
    let address = site.serve(&site.identity(KEYS)).await;
    let files = other.issue(TOKEN, good());
    replace(&files.authorities, site.authority.certificate());
    assert_eq!(call_as(&other.load(files, TOKEN), address, "Token").await, Code::Unavailable);
}

#[tokio::test]
async fn a_callee_of_an_authority_that_is_not_trusted_is_refused() {
    let (site, other) = (Site::new("mint.test"), Site::new("mint.test"));
    let files = other.issue(KEYS, good());
    replace(&files.authorities, site.authority.certificate());
    let address = other.serve(&other.load(files, KEYS)).await;
    assert_eq!(call_as(&site.identity(TOKEN), address, "Token").await, Code::Unavailable);
}

#[tokio::test]
async fn a_callee_that_is_another_service_is_refused() {
    let site = Site::new("mint.test");
    let address = site.serve(&site.identity(EDGE)).await;
    assert_eq!(call_as(&site.identity(TOKEN), address, "Token").await, Code::Unavailable);
}

#[tokio::test]
async fn an_expired_certificate_is_refused_on_either_side() {
    let site = Site::new("mint.test");
    let now = Clock::System.now().unix_seconds();
    let at = |seconds| Timestamp::from_unix_seconds(now + seconds);
    let expired = Validity { not_before: at(-7200), not_after: at(-3600) };
    let early = Validity { not_before: at(3600), not_after: at(7200) };
    let address = site.serve(&site.identity(KEYS)).await;
    let token = site.identity(TOKEN);
    assert_eq!(call_as(&token, address, "Token").await, Code::Ok);
    for validity in [expired, early] {
        let other = site.beside();
        let stale = other.serve(&other.identity_for(KEYS, validity)).await;
        assert_eq!(call_as(&token, stale, "Token").await, Code::Unavailable);
        assert_eq!(call_as(&other.identity_for(TOKEN, validity), address, "Token").await, Code::Unavailable);
    }
}

#[tokio::test]
async fn a_process_does_not_begin_with_anothers_certificate_or_none() {
    let site = Site::new("mint.test");
    let load = |files, domain: &str| {
        Identity::load(files, domain.parse().unwrap(), TOKEN, Duration::from_secs(1), &site.tasks).unwrap_err()
    };
    let anothers = load(site.issue(KEYS, good()), "mint.test");
    assert!(matches!(anothers, IdentityError::NotOurs { .. }), "{anothers}");
    let elsewhere = load(site.issue(TOKEN, good()), "other.test");
    assert!(matches!(elsewhere, IdentityError::NotOurs { .. }), "{elsewhere}");
    let absent = load(site.files(EDGE), "mint.test");
    assert!(matches!(absent, IdentityError::File { .. }), "{absent}");
    let mut mixed = site.issue(TOKEN, good());
    mixed.private_key = site.issue(KEYS, good()).private_key;
    let mixed = load(mixed, "mint.test");
    assert!(matches!(mixed, IdentityError::Pair { .. }), "{mixed}");
    let mut empty = site.issue(TOKEN, good());
    empty.authorities = empty.private_key.clone();
    let empty = load(empty, "mint.test");
    assert!(matches!(empty, IdentityError::Pem { .. }), "{empty}");
}
