//! Every metric that is named is sent and served, and nothing else is.

use std::collections::BTreeSet;
use std::net::SocketAddr;

use mintage_chassis::ServiceName;
use mintage_chassis::telemetry::names;
use mintage_testkit::installation::{Installation, Plan, Post, Program, Speech, get};
use mintage_testkit::programs;

use super::SERVICES;
use super::receiver::Receiver;
use super::scraper::Prometheus;

/// Those that only something going wrong makes, or PostgreSQL, or a PKCS#11 token, or a key that changes while its set is
/// watched.
const OF_TROUBLE: [&str; 7] = [
    "mintage_key_set_push_seconds",
    "mintage_log_lines_lost_total",
    "mintage_feed_breaks_total",
    "mintage_registry_unsettled_writes_total",
    "mintage_requests_shed_total",
    "mintage_database_acquire_timeouts_total",
    "mintage_pkcs11_token_up",
];

/// Those that users make, who have journeys of their own.
const OF_USERS: [&str; 5] = [
    "mintage_sign_ins_total",
    "mintage_password_hash_wait_seconds",
    "mintage_consent_decisions_total",
    "mintage_consent_used_twice_total",
    "mintage_consent_purged_rows_total",
];

/// Whether traffic of machines, when all is well, makes no such metric.
fn is_rare(name: &str) -> bool {
    OF_TROUBLE.contains(&name) || OF_USERS.contains(&name)
}

fn named() -> BTreeSet<String> {
    names::all().iter().map(|metric| metric.name.to_owned()).collect()
}

/// Asks for tokens, well and badly.
fn traffic(installation: &Installation) {
    installation.ask_for_token().unwrap();
    let edge = installation.address(ServiceName::EDGE, 0, "http");
    let wrong = installation.form().replace("client_secret=", "client_secret=x");
    assert_eq!(Post::begin(edge, "/oauth/token", &wrong).finish().0, "HTTP/1.1 401 Unauthorized");
}

#[tokio::test(flavor = "multi_thread")]
async fn every_metric_is_sent_by_otlp_and_no_other() {
    let receiver = Receiver::start().await;
    let plan = Plan::new(Program::beside_tests(), Speech::MutualTls)
        .setting_of_all("TELEMETRY__OTLP_ENDPOINT", &receiver.endpoint())
        .setting_of_all("TELEMETRY__OTLP_HEADERS", "authorization=Bearer collector")
        .setting_of_all("TELEMETRY__OTLP_INTERVAL", "1 s");
    let installation = Installation::start(plan);
    traffic(&installation);
    let expected: BTreeSet<_> = named().into_iter().filter(|name| !is_rare(name)).collect();
    let all = receiver.until("every metric", |received| {
        let sent: BTreeSet<_> =
            received.metrics.iter().filter_map(|sent| Some(sent.split_once(' ')?.1.to_owned())).collect();
        expected.is_subset(&sent).then(|| (sent, received.headers.clone()))
    });
    let (sent, headers) = all.await;
    assert_eq!(sent.difference(&named()).collect::<Vec<_>>(), Vec::<&String>::new());
    assert!(headers.iter().any(|header| header.contains("authorization")), "{headers:?}");
}

#[test]
fn every_process_serves_what_prometheus_reads_and_only_what_is_named() {
    let installation = Installation::start(Plan::new(Program::beside_tests(), Speech::MutualTls));
    traffic(&installation);
    let mut served = BTreeSet::new();
    for service in SERVICES {
        let (status, page) = get(installation.address(service, 0, "health"), "/metrics");
        assert_eq!(status, "HTTP/1.1 200 OK");
        served
            .extend(page.lines().filter_map(|line| Some(line.strip_prefix("# TYPE ")?.split(' ').next()?.to_owned())));
        assert!(page.contains(&format!("mintage_build_info{{service=\"{service}\"")), "{page}");
    }
    let missing: Vec<_> = named().into_iter().filter(|name| !served.contains(name)).collect();
    assert_eq!(missing.iter().filter(|name| !is_rare(name)).count(), 0, "{missing:?}");
    assert_eq!(served.difference(&named()).collect::<Vec<_>>(), Vec::<&String>::new());
    for (service, door) in [(ServiceName::EDGE, "http"), (ServiceName::TOKEN, "public")] {
        let address = installation.address(service, 0, door);
        let reached = std::panic::catch_unwind(|| get(address, "/metrics"));
        assert!(!reached.is_ok_and(|(status, _)| status.contains("200")), "{service} shows its metrics to the public");
    }
}

#[test]
fn probes_are_nobodys_requests() {
    let installation = Installation::start(Plan::new(Program::beside_tests(), Speech::Plaintext));
    let health = installation.address(ServiceName::EDGE, 0, "health");
    let edge = installation.address(ServiceName::EDGE, 0, "http");
    for path in ["/healthz", "/readyz", "/metrics"] {
        let _ = get(health, path);
    }
    let _ = get(edge, "/healthz");
    let (_, page) = get(health, "/metrics");
    assert!(!page.contains("mintage_requests_total{"), "{page}");
    installation.ask_for_token().unwrap();
    assert!(get(health, "/metrics").1.contains("mintage_requests_total{"), "the page would show it");
}

#[test]
fn metrics_can_be_turned_off() {
    let plan = Plan::new(Program::beside_tests(), Speech::Plaintext).setting_of_all("TELEMETRY__METRICS", "false");
    let installation = Installation::start(plan);
    let (_, page) = get(installation.address(ServiceName::TOKEN, 0, "health"), "/metrics");
    assert!(!page.contains("mintage_"), "{page}");
}

#[test]
fn prometheus_scrapes_every_process() {
    if !programs::is_there("prometheus") {
        return;
    }
    let installation = Installation::start(Plan::new(Program::beside_tests(), Speech::MutualTls));
    let targets: Vec<SocketAddr> = SERVICES.iter().map(|service| installation.address(*service, 0, "health")).collect();
    let mut prometheus = Prometheus::scraping(&targets);
    traffic(&installation);
    for (query, least) in [
        ("sum(up)==5", 5.0),
        ("sum(mintage_tokens_issued_total)", 1.0),
        ("sum(mintage_authentication_failures_total{reason=\"wrong_secret\"})", 1.0),
        ("count(mintage_build_info)==5", 5.0),
        ("sum(mintage_requests_total{service=\"edge\",route=\"/oauth/token\",outcome=\"ok\"})", 1.0),
        ("sum(mintage_signing_keys{state=\"active\"})", 1.0),
        ("min(mintage_certificate_expiry_timestamp_seconds-time())", 1.0),
        ("sum(mintage_database_connections_max)", 1.0),
    ] {
        let query = query.replace('{', "%7B").replace('}', "%7D").replace('"', "%22");
        let found = prometheus.query(&query);
        let value: f64 = found[0]["value"][1].as_str().unwrap().parse().unwrap();
        assert!(value >= least, "{query}: {found:?}");
    }
}
