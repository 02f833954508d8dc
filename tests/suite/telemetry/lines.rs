//! The wide line of a request.

use std::collections::BTreeSet;

use mintage_chassis::ServiceName;
use mintage_chassis::telemetry::FIELDS;
use mintage_testkit::installation::{Installation, Plan, Post, Process, Program, Speech, get};
use serde_json::Value;

/// The lines of a process that are of requests.
fn requests(process: &Process) -> Vec<Value> {
    let log = process.log();
    let lines =
        log.lines().map(|line| serde_json::from_str::<Value>(line).unwrap_or_else(|_| panic!("no JSON: {line}")));
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

    let of = |service| requests(installation.process(service, 0));
    let (edge, token) = (of(ServiceName::EDGE), of(ServiceName::TOKEN));
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
    let keys = of(ServiceName::KEY_MANAGEMENT);
    assert!(
        keys.iter().any(|line| line["route"] == "/mintage.keys.v1.SigningService/Sign" && line["items"] == 1),
        "{keys:#?}"
    );
    let registry = of(ServiceName::CLIENT_REGISTRY);
    let listed =
        registry.iter().find(|line| line["route"] == "/mintage.registry.v1.ClientService/ListClients").unwrap();
    assert_eq!((&listed["peer"], &listed["code"]), (&"anonymous".into(), &"OK".into()));

    let known: BTreeSet<_> =
        FIELDS.iter().map(|(name, _)| *name).chain(["timestamp", "level", "target", "message"]).collect();
    for line in [edge, token, keys, registry].concat() {
        let unknown: Vec<_> = line.as_object().unwrap().keys().filter(|key| !known.contains(key.as_str())).collect();
        assert_eq!(unknown, Vec::<&String>::new(), "{line}");
    }
}

fn issued_with(line: &Value) -> Value {
    assert!(["RS256", "PS256", "ES256", "EdDSA", "HS256"].contains(&line["algorithm"].as_str().unwrap()), "{line}");
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
    for service in [ServiceName::EDGE, ServiceName::TOKEN] {
        let process = installation.process(service, 0);
        assert!(requests(process).len() > 1);
        let log = process.log();
        assert!(!log.contains(&secret) && !log.contains("forged") && !log.contains('\u{1b}'), "{service}: {log}");
    }
}
