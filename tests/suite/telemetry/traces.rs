//! One token is one trace, through every process.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use mintage_chassis::ServiceName;
use mintage_clock::Clock;
use mintage_testkit::installation::{Installation, Plan, Program, Speech};

use super::SERVICES;
use super::receiver::Receiver;
use super::spans::Seen;

/// An installation whose every request is traced to `receiver`.
fn traced(receiver: &Receiver, speech: Speech) -> Plan {
    Plan::new(Program::beside_tests(), speech)
        .setting_of_all("TELEMETRY__OTLP_ENDPOINT", &receiver.endpoint())
        .setting_of_all("TELEMETRY__OTLP_INTERVAL", "1 s")
        .setting_of_all("TELEMETRY__SAMPLE_ONE_IN", "1")
}

#[tokio::test(flavor = "multi_thread")]
async fn one_token_is_one_trace_through_four_processes() {
    let receiver = Receiver::start().await;
    let installation = Installation::start(traced(&receiver, Speech::MutualTls));
    let (mut asked, mut seen) = (0, [false; 2]);
    // The first token needs what is not in memory; one of the next needs nothing else.
    while seen != [true; 2] {
        installation.ask_for_token().unwrap();
        asked += 1;
        assert!(asked < 100, "never from memory");
        let all = |spans: &[Seen]| Some(whole_traces(spans)).filter(|whole| whole.len() == asked);
        let mut traces = receiver.until("every trace", |received| all(&received.spans)).await;
        let trace = traces.pop().unwrap();
        let from_registry = trace.iter().any(|span| span.service == "client-registry");
        seen[usize::from(from_registry)] = true;
        assert!(trace.iter().any(|span| span.service == "token" && span.name == "cache"));
        let of = |service: &str, name: &str| one(&trace, service, name);
        let (edge, token) = (of("edge", "POST /oauth/token"), of("token", ISSUE));
        assert_eq!(edge.parent, Vec::<u8>::new(), "it begins at the edge: nobody outside is followed unasked");
        let (call, sign) = (parent_of(&token, &trace), of("key-management", "sign"));
        assert_eq!((&*call.service, &call.parent), ("edge", &edge.id), "the call stands between the two");
        assert_eq!(sign.parent, token.id);
        assert_eq!(sign.links.len(), 1, "the batch that it was signed in");
        assert_eq!(edge.says("mintage.tenant").as_deref(), Some("default"));
        assert_eq!(edge.says("mintage.client_id"), Some(installation.operator("OPERATOR_CLIENT_ID")));
        let processes = [&edge, &token, &sign].map(|span| span.process.clone());
        assert_eq!(processes, ["edge", "token", "key-management"], "each from its own process");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_strangers_trace_is_linked_and_a_trusted_ones_goes_on() {
    for (networks, goes_on) in [("192.0.2.0/24", false), ("127.0.0.0/8", true)] {
        let receiver = Receiver::start().await;
        let plan =
            traced(&receiver, Speech::Plaintext).setting(ServiceName::EDGE, "TELEMETRY__TRUSTED_NETWORKS", networks);
        let installation = Installation::start(plan);
        let edge = installation.address(ServiceName::EDGE, 0, "http");
        ask_within(edge, "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01");
        let theirs = 0x4bf9_2f35_77b3_4da6_a3ce_929d_0e0e_4736_u128.to_be_bytes().to_vec();
        let span = receiver.until("the request for keys", |received| {
            received.spans.iter().find(|span| span.name == "GET /.well-known/jwks.json").cloned()
        });
        let span = span.await;
        assert_eq!(span.trace == theirs, goes_on, "{span:?}");
        assert_eq!(span.links, if goes_on { Vec::new() } else { vec![theirs] });
    }
}

/// Nothing is traced unless it is asked for, and a collector that is not there changes nothing.
#[tokio::test(flavor = "multi_thread")]
async fn a_dead_collector_slows_no_request_and_holds_up_no_end_for_long() {
    let dead = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let endpoint = format!("http://{}", dead.local_addr().unwrap());
    let plan = Plan::new(Program::beside_tests(), Speech::Plaintext)
        .setting_of_all("TELEMETRY__OTLP_ENDPOINT", &endpoint)
        .setting_of_all("TELEMETRY__SAMPLE_ONE_IN", "1")
        .setting_of_all("TELEMETRY__MAX_WAITING_SPANS", "512");
    let mut installation = Installation::start(plan);
    // More than wait at most: spans are dropped from then on.
    for _ in 0..600 {
        let asked = Clock::System.monotonic();
        installation.ask_for_token().unwrap();
        let took = Clock::System.monotonic() - asked;
        assert!(took < PROMPT, "a request waited for the collector: {took:?}");
    }
    for service in SERVICES {
        let (process, told) = (installation.take(service, 0), Clock::System.monotonic());
        process.terminate();
        assert_eq!(process.code(), Some(0), "{service}");
        let took = Clock::System.monotonic() - told;
        println!("{service} ended after {took:?}");
        assert!(took < ON_TIME, "{service} waited for the collector: {took:?}");
    }
}

/// The traces in which a token was issued and of which all spans have arrived, in the order of their ends.
fn whole_traces(spans: &[Seen]) -> Vec<Vec<Seen>> {
    let edges = spans.iter().filter(|span| span.name == "POST /oauth/token");
    let traces = edges.map(|edge| spans.iter().filter(|span| span.trace == edge.trace).cloned().collect::<Vec<_>>());
    let has = |trace: &[Seen], service: &str, name: &str| {
        trace.iter().any(|span| span.service == service && span.name == name)
    };
    let parts = [("edge", ISSUE), ("token", ISSUE), ("key-management", "sign")];
    let is_whole = |trace: &Vec<Seen>| {
        let called = trace.iter().filter(|span| span.name.contains("Resolver"));
        let answered = called.filter(|span| span.service == "client-registry").count();
        let all_answered = trace.iter().filter(|span| span.name.contains("Resolver")).count() == 2 * answered;
        parts.iter().all(|(service, name)| has(trace, service, name)) && all_answered
    };
    traces.filter(is_whole).collect()
}

fn one(trace: &[Seen], service: &str, name: &str) -> Seen {
    let found: Vec<_> = trace.iter().filter(|span| span.service == service && span.name == name).collect();
    assert_eq!(found.len(), 1, "{service} {name} in {trace:#?}");
    found[0].clone()
}

fn parent_of(span: &Seen, trace: &[Seen]) -> Seen {
    let parent = trace.iter().find(|other| other.id == span.parent);
    parent.unwrap_or_else(|| panic!("{span:?} has no parent in {trace:#?}")).clone()
}

/// Asks for the key set within a trace of one's own.
fn ask_within(address: SocketAddr, traceparent: &str) {
    let mut stream = TcpStream::connect(address).unwrap();
    let head = format!("GET /.well-known/jwks.json HTTP/1.1\r\nhost: {address}\r\ntraceparent: {traceparent}\r\n");
    stream.write_all(format!("{head}connection: close\r\n\r\n").as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
}

/// Less than a collector is given, and more than a busy machine takes.
const PROMPT: Duration = Duration::from_secs(4);
/// Less than the exporters' own bounds, and more than a busy machine takes for the last words.
const ON_TIME: Duration = Duration::from_secs(5);
const ISSUE: &str = "mintage.token.v1.TokenService/IssueToken";
