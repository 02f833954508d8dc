//! B34: what is secret stands in no line of the log at its most talkative, no span, no metric and no panic.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::panic::AssertUnwindSafe;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use mintage::config::{
    self, ClientRegistryConfig, ConsentConfig, EdgeConfig, KeyManagementConfig, ServiceConfig, TokenConfig,
};
use mintage_chassis::ServiceName;
use mintage_testkit::installation::{Installation, Plan, Program, Speech, get};
use serde_json::Value;

use super::SERVICES;
use super::receiver::Receiver;

/// 32 bytes each.
const MASTER_KEY: &str = "canary master key 0123456789abcd";
const PEPPER: &str = "canary pepper 0123456789abcdefgh";
const CONSENT_PEPPER: &str = "canary pepper of consent 0123456";
const PAGE_TOKEN_KEY: &str = "canary page token key 0123456789";
const OTLP_TOKEN: &str = "canary-collector-token";

/// Everything that was planted, in every form in which it may come out.
struct Planted(Vec<String>);

impl Planted {
    fn new() -> Self {
        let mut planted = Self(Vec::new());
        for key in [MASTER_KEY, PEPPER, CONSENT_PEPPER, PAGE_TOKEN_KEY] {
            planted.plant(key);
            planted.plant(&format!("{:?}", key.as_bytes()));
        }
        planted.plant(OTLP_TOKEN);
        planted
    }

    /// As it is, and as HTTP's Basic and base64 have it.
    fn plant(&mut self, secret: &str) {
        assert!(secret.len() >= 8, "{secret} is in everything");
        self.0.push(secret.to_owned());
        self.0.push(STANDARD.encode(secret).trim_end_matches('=').to_owned());
        self.0.push(secret.bytes().map(|byte| format!("{byte:02x}")).collect());
    }

    fn found_in<'p>(&'p self, text: &str) -> Vec<&'p String> {
        self.0.iter().filter(|secret| text.contains(secret.as_str())).collect()
    }
}

/// Says `request` as it is, and returns what comes back.
fn say(address: SocketAddr, head: &str, body: &str) -> String {
    let mut stream = TcpStream::connect(address).unwrap();
    let length = body.len();
    let request = format!("{head}\r\nhost: {address}\r\nconnection: close\r\ncontent-length: {length}\r\n\r\n{body}");
    stream.write_all(request.as_bytes()).unwrap();
    let mut answer = Vec::new();
    let _hung_up = stream.read_to_end(&mut answer);
    String::from_utf8_lossy(&answer).into_owned()
}

/// Asks in every way that goes wrong, with something planted in each.
fn ask_badly(edge: SocketAddr, client_id: &str, planted: &mut Planted) {
    let form = "POST /oauth/token HTTP/1.1\r\ncontent-type: application/x-www-form-urlencoded";
    let json = "POST /oauth/token HTTP/1.1\r\ncontent-type: application/json";
    let mut count = 0;
    let mut canary = |planted: &mut Planted| {
        count += 1;
        let canary = format!("canary-{count}-qzxw-{count}");
        planted.plant(&canary);
        canary
    };
    let grant = format!("grant_type=client_credentials&audience=urn:mintage:management&client_id={client_id}");
    for name in
        ["client_secret", "client_assertion", "password", "code", "refresh_token", "assertion", "scope", "audience"]
    {
        let secret = canary(planted);
        say(edge, form, &format!("{grant}&{name}={secret}"));
        say(
            edge,
            json,
            &format!("{{\"grant_type\":\"client_credentials\",\"client_id\":\"{client_id}\",\"{name}\":\"{secret}\"}}"),
        );
        say(edge, json, &format!("{{\"{name}\":\"{secret}\""));
        say(edge, &form.replace("/oauth/token", &format!("/oauth/token?{name}={secret}")), &grant);
    }
    say(edge, form, &format!("{grant}&client_secret=a%ZZ{}", canary(planted)));
    say(edge, form, &format!("grant_type=client_credentials&client_id={}&client_secret=x", canary(planted)));
    for scheme in ["Basic", "Bearer", "DPoP", "Negotiate"] {
        let secret = canary(planted);
        let basic = STANDARD.encode(format!("{client_id}:{secret}"));
        planted.0.push(basic.clone());
        say(edge, &format!("{form}\r\nauthorization: {scheme} {basic}"), "grant_type=client_credentials");
        say(edge, &format!("{form}\r\nauthorization: {scheme} {secret}"), "grant_type=client_credentials");
        say(edge, &format!("{form}\r\ncookie: session={secret}\r\nx-api-key: {secret}"), &grant);
    }
    say(edge, &format!("GET /{} HTTP/1.1", canary(planted)), "");
    say(edge, &format!("GET /.well-known/jwks.json?token={} HTTP/1.1", canary(planted)), "");
}

/// What an operator makes and is shown once.
fn operate(installation: &Installation, planted: &mut Planted) {
    let json = |arguments: &[&str]| -> Value {
        let outcome = installation.operate(&[arguments, &["--output", "json"]].concat());
        assert_eq!(outcome.code, 0, "{arguments:?}: {outcome:?}");
        serde_json::from_str(&outcome.stdout).unwrap()
    };
    let client = json(&["client", "create", "--name", "Canary"]);
    planted.plant(client["client_secret"].as_str().unwrap());
    let token = installation.operate(&["token", "--operator"]);
    assert_eq!(token.code, 0, "{token:?}");
    planted.0.push(signature(&token.stdout));
    json(&["client", "list"]);
    json(&["api", "create", "https://legacy.test/", "--name", "Legacy", "--algorithm", "HS256"]);
    let shared = json(&["key", "secret", "--api", "https://legacy.test/"]);
    let secrets: Vec<_> =
        shared["secrets"].as_array().unwrap().iter().map(|secret| secret["k"].as_str().unwrap()).collect();
    assert_eq!(secrets.len(), 2, "{shared}");
    secrets.into_iter().for_each(|secret| planted.plant(secret));
}

/// The part of a token that nothing else has.
fn signature(token: &str) -> String {
    token.trim().rsplit('.').next().unwrap().to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn b34_what_is_secret_is_in_no_log_no_trace_and_no_metric_however_things_go() {
    let receiver = Receiver::start().await;
    let key = |text: &str| STANDARD.encode(text);
    let plan = Plan::new(Program::beside_tests(), Speech::MutualTls)
        .setting_of_all("LOG__FILTER", "trace")
        .setting_of_all("TELEMETRY__OTLP_ENDPOINT", &receiver.endpoint())
        .setting_of_all("TELEMETRY__OTLP_HEADERS", &format!("authorization=Bearer {OTLP_TOKEN}"))
        .setting_of_all("TELEMETRY__OTLP_INTERVAL", "1 s")
        .setting_of_all("TELEMETRY__SAMPLE_ONE_IN", "1")
        .setting(ServiceName::KEY_MANAGEMENT, "SECRETS__MASTER_KEY", &key(MASTER_KEY))
        .setting(ServiceName::TOKEN, "SECRETS__PEPPER", &key(PEPPER))
        .setting(ServiceName::CLIENT_REGISTRY, "SECRETS__PEPPER", &key(PEPPER))
        .setting(ServiceName::CLIENT_REGISTRY, "SECRETS__PAGE_TOKEN_KEY", &key(PAGE_TOKEN_KEY))
        .setting(ServiceName::CONSENT, "SECRETS__PEPPER", &key(CONSENT_PEPPER))
        .setting(ServiceName::CONSENT, "SECRETS__PAGE_TOKEN_KEY", &key(PAGE_TOKEN_KEY));
    let mut installation = Installation::lay_out(plan);
    // The registry as it sets itself up must hash as the token service does.
    installation.start_all();
    let mut bootstrap = installation.bootstrapping();
    bootstrap.env("MINTAGE_SECRETS__PEPPER", key(PEPPER)).env("MINTAGE_SECRETS__PAGE_TOKEN_KEY", key(PAGE_TOKEN_KEY));
    assert!(bootstrap.args(["--write", "operator.env"]).status().unwrap().success());

    let mut planted = Planted::new();
    let (id, secret) = (installation.operator("OPERATOR_CLIENT_ID"), installation.operator("OPERATOR_CLIENT_SECRET"));
    planted.plant(&secret);
    let issued: Value = serde_json::from_str(&installation.ask_for_token().unwrap()).unwrap();
    planted.0.push(signature(issued["access_token"].as_str().unwrap()));
    let edge = installation.address(ServiceName::EDGE, 0, "http");
    ask_badly(edge, &id, &mut planted);
    operate(&installation, &mut planted);
    // With nobody left to sign, and then nobody left to ask.
    installation.take(ServiceName::KEY_MANAGEMENT, 0).kill();
    installation.ask_for_token().unwrap_err();
    let mut told: Vec<_> = SERVICES.iter().map(|service| fs_log(&installation, *service)).collect();
    told.extend(
        [ServiceName::EDGE, ServiceName::TOKEN]
            .map(|service| get(installation.address(service, 0, "health"), "/metrics").1),
    );
    installation.take(ServiceName::TOKEN, 0).kill();
    installation.ask_for_token().unwrap_err();
    let process = installation.take(ServiceName::EDGE, 0);
    process.terminate();
    assert_eq!(process.code(), Some(0));
    told.extend(SERVICES.map(|service| fs_log(&installation, service)));
    told.push(
        receiver
            .until("a trace that failed", |received| {
                let failed =
                    received.spans.iter().any(|span| span.says("mintage.outcome").as_deref() == Some("unavailable"));
                failed.then(|| received.everything.clone())
            })
            .await,
    );
    assert!(told[0].contains("\"TRACE\"") && told[0].len() > 10_000, "the log is talkative");
    for text in &told {
        let lines: Vec<_> = text.lines().filter(|line| !planted.found_in(line).is_empty()).collect();
        assert_eq!(lines, [""; 0]);
    }
}

fn fs_log(installation: &Installation, service: ServiceName) -> String {
    std::fs::read_to_string(installation.folder().join(format!("{service}-0.log"))).unwrap()
}

#[test]
fn b34_settings_that_are_shown_in_a_panic_or_refused_show_no_secret() {
    let mut planted = Planted::new();
    planted.plant("canary-database-password");
    let variables = [
        ("MINTAGE_DATABASE__URL", "postgres://mint:canary-database-password@db.internal/mint".to_owned()),
        ("MINTAGE_SECRETS__PEPPER", STANDARD.encode(PEPPER)),
        ("MINTAGE_SECRETS__MASTER_KEY", STANDARD.encode(MASTER_KEY)),
        ("MINTAGE_SECRETS__PAGE_TOKEN_KEY", STANDARD.encode(PAGE_TOKEN_KEY)),
        ("MINTAGE_TELEMETRY__OTLP_HEADERS", format!("authorization=Bearer {OTLP_TOKEN}")),
    ];
    fn said<C: ServiceConfig + std::fmt::Debug>(variables: &[(&str, String)]) -> String {
        let told = || variables.iter().map(|(name, value)| ((*name).to_owned(), value.clone()));
        // Of those that it has, and with one that it has not or that is wrong.
        let own = |name: &str| config::read::<C>(None, told().filter(|(other, _)| other == name)).is_ok();
        let read = config::read::<C>(None, told().filter(|(name, _)| own(name))).unwrap();
        let panicked = std::panic::catch_unwind(AssertUnwindSafe(|| panic!("{read:?}"))).unwrap_err();
        let shown = config::shown(&read).unwrap();
        let wrong = told().map(|(name, value)| (name, format!("{value}\u{1}~")));
        let refused = wrong.map(|wrong| format!("{:?}", config::load::<C>(None, [wrong].into_iter()).err()));
        format!("{}{shown}{}", panicked.downcast_ref::<String>().unwrap(), refused.collect::<String>())
    }
    let all = [
        said::<ClientRegistryConfig>(&variables),
        said::<KeyManagementConfig>(&variables),
        said::<ConsentConfig>(&variables),
        said::<TokenConfig>(&variables),
        said::<EdgeConfig>(&variables),
    ];
    for text in all {
        assert!(text.contains("[redacted]"), "{text}");
        assert_eq!(planted.found_in(&text), Vec::<&String>::new(), "{text}");
    }
}
