//! The wide line of a request.

use std::collections::BTreeSet;
use std::time::Duration;

use mintage_chassis::ServiceName;
use mintage_chassis::telemetry::FIELDS;
use mintage_testkit::eventually;
use mintage_testkit::installation::{Installation, Plan, Post, Process, Program, Speech, get};
use serde_json::Value;

/// The lines of a process that are of requests, once they are `enough`: they are written soon after the answers.
fn requests(process: &Process, enough: impl Fn(&[Value]) -> bool) -> Vec<Value> {
    let lines = eventually(PATIENCE, || Some(written(process)).filter(|lines| enough(lines)));
    lines.unwrap_or_else(|| panic!("lines are missing: {}", process.log()))
}

fn written(process: &Process) -> Vec<Value> {
    let log = process.log();
    // What stands behind the last end of a line is not written to its end.
    let whole = &log[..log.rfind('\n').unwrap_or_default()];
    let lines =
        whole.lines().map(|line| serde_json::from_str::<Value>(line).unwrap_or_else(|_| panic!("no JSON: {line}")));
    lines.filter(|line| line["target"] == "mintage::request").collect()
}

#[test]
fn every_door_writes_one_line_a_request_and_one_trace_runs_through_them() {
    let installation = Installation::start(Plan::new(Program::beside_tests(), Speech::MutualTls));
    let edge = installation.address(ServiceName::EDGE, 0, "http");
    installation.ask_for_token().unwrap();
    let wrong = installation.form().replace("client_secret=", "client_secret=x");
    let _ = Post::begin(edge, "/oauth/token", &wrong).finish();
    let _ = get(edge, "/secret-in-a-path");
    assert_eq!(installation.operate(&["client", "list"]).code, 0);

    let of = |service, least: usize| requests(installation.process(service, 0), |lines| lines.len() >= least);
    let (edge, token) = (of(ServiceName::EDGE, 3), of(ServiceName::TOKEN, 2));
    let [issued, refused, nothing, ..] = &*edge else { panic!("{edge:#?}") };
    assert_eq!(
        (&issued["route"], &issued["status"], &issued["outcome"]),
        (&"/oauth/token".into(), &200.into(), &"ok".into())
    );
    assert_eq!(issued["client_id"], installation.operator("OPERATOR_CLIENT_ID"));
    assert_eq!((&issued["tenant"], &issued["source"]), (&"default".into(), &"127.0.0.1".into()));
    assert!(issued["duration_us"].as_u64().unwrap() > 0 && issued["request_bytes"].as_u64().unwrap() > 50, "{issued}");
    assert_eq!((&refused["error"], &refused["status"]), (&"invalid_client".into(), &401.into()));
    assert!(refused["client_id"].is_null(), "who failed is nobody at the edge: {refused}");
    assert_eq!((&nothing["route"], &nothing["status"]), (&"unknown".into(), &404.into()));
    assert_eq!(token[0]["trace_id"], issued["trace_id"]);
    assert_eq!((&token[0]["algorithm"], &token[0]["peer"]), (&issued_with(&token[0]), &"edge".into()));
    assert_eq!((&token[1]["auth_failure"], &token[1]["code"]), (&"wrong_secret".into(), &"UNAUTHENTICATED".into()));
    assert_eq!(token[1]["client_id"], installation.operator("OPERATOR_CLIENT_ID"), "there is such a client");
    let signed = |line: &Value| line["route"] == "/mintage.keys.v1.SigningService/Sign" && line["items"] == 1;
    let keys = requests(installation.process(ServiceName::KEY_MANAGEMENT, 0), |lines| lines.iter().any(signed));
    let is_list = |line: &&Value| line["route"] == "/mintage.registry.v1.ClientService/ListClients";
    let has_list = |lines: &[Value]| lines.iter().any(|line| is_list(&line));
    let registry = requests(installation.process(ServiceName::CLIENT_REGISTRY, 0), has_list);
    let listed = registry.iter().find(is_list).unwrap();
    assert_eq!((&listed["peer"], &listed["code"]), (&"anonymous".into(), &"OK".into()));

    let known: BTreeSet<_> =
        FIELDS.iter().map(|(name, _)| *name).chain(["timestamp", "level", "target", "message"]).collect();
    for line in [edge, token, keys, registry].concat() {
        let unknown: Vec<_> = line.as_object().unwrap().keys().filter(|key| !known.contains(key.as_str())).collect();
        assert_eq!(unknown, Vec::<&String>::new(), "{line}");
    }
}

#[test]
fn a_reference_that_a_user_quotes_leads_to_what_became_of_the_request() {
    let installation = Installation::start(Plan::new(Program::beside_tests(), Speech::MutualTls));
    let edge = installation.address(ServiceName::EDGE, 0, "http");
    let known = installation.operator("OPERATOR_CLIENT_ID");
    for client in ["tpc_000000000000000000000000", known.as_str()] {
        let query = format!("client_id={client}&response_type=code&redirect_uri=https%3A%2F%2Fapp.test%2Fcb&state=1");
        let _ = get(edge, &format!("/authorize?{query}"));
    }
    let shown = |line: &&Value| line["route"] == "/authorize";
    let edge = requests(installation.process(ServiceName::EDGE, 0), |lines| lines.iter().filter(shown).count() == 2);
    let began = |line: &&Value| line["route"] == "/mintage.consent.v1.AuthorizationService/BeginAuthorization";
    let all = |lines: &[Value]| lines.iter().filter(began).count() == 2;
    let consent = requests(installation.process(ServiceName::CONSENT, 0), all);
    let pairs: Vec<_> = edge.iter().filter(shown).zip(consent.iter().filter(began)).collect();
    let [(first, unknown), (_, mismatch)] = pairs[..] else { panic!("{pairs:#?}") };
    assert_eq!(first["trace_id"], unknown["trace_id"], "the reference");
    assert_eq!((&unknown["step"], &unknown["tenant"]), (&"client_unknown".into(), &"default".into()));
    assert!(unknown["client_id"].is_null(), "nobody's: {unknown}");
    assert_eq!((&mismatch["step"], &mismatch["client_id"]), (&"redirect_uri_mismatch".into(), &known.into()));
}

fn issued_with(line: &Value) -> Value {
    assert!(line["algorithm"].as_str().unwrap().parse::<mintage_oauth::Algorithm>().is_ok(), "{line}");
    line["algorithm"].clone()
}

#[test]
fn what_a_caller_wrote_freely_stands_in_no_line() {
    let installation = Installation::start(Plan::new(Program::beside_tests(), Speech::Plaintext));
    let edge = installation.address(ServiceName::EDGE, 0, "http");
    let secret = installation.operator("OPERATOR_CLIENT_SECRET");
    for form in [
        format!("grant_type=client_credentials&client_id={secret}&client_secret=x&audience=a"),
        "grant_type=client_credentials&client_id=%1b%5b31m%0aforged&client_secret=x&audience=%0aforged".to_owned(),
        "grant_type=forged&client_id=forged&client_secret=x".to_owned(),
    ] {
        let _ = Post::begin(edge, "/oauth/token", &form).finish();
    }
    let _ = get(edge, "/forged");
    // The third is refused at the edge.
    for (service, requested) in [(ServiceName::EDGE, 4), (ServiceName::TOKEN, 2)] {
        let process = installation.process(service, 0);
        requests(process, |lines| lines.len() >= requested);
        let log = process.log();
        assert!(!log.contains(&secret) && !log.contains("forged") && !log.contains('\u{1b}'), "{service}: {log}");
    }
}

const PATIENCE: Duration = Duration::from_secs(20);
