//! `mintage token`.

use crate::running::Running;

#[test]
fn a_shell_takes_the_token_alone() {
    let suite = Running::start();
    let outcome = suite.run(&["token"]);
    assert_eq!((outcome.code, outcome.stderr.as_str()), (0, ""));
    let token = outcome.stdout.strip_suffix('\n').unwrap();
    assert_eq!(token.split('.').count(), 3, "{token}");
    assert!(!token.contains(char::is_whitespace));
}

#[test]
fn a_decoded_token_shows_its_claims_its_times_and_whether_its_signature_holds() {
    let suite = Running::start();
    let outcome = suite.run(&["token", "--decode", "--scope", "read:demo"]);
    let decoded: serde_json::Value = serde_json::from_str(&outcome.stdout).unwrap();
    assert_eq!(decoded["header"]["typ"], "at+jwt");
    assert_eq!(decoded["claims"]["iss"], suite.profile("MINTAGE_ISSUER"));
    assert_eq!(decoded["claims"]["client_id"], suite.profile("DEMO_CLIENT_ID"));
    assert_eq!(decoded["claims"]["scope"], "read:demo");
    for said in ["issued  ", "expires  ", "signature  holds, by key "] {
        assert!(outcome.stderr.contains(said), "{said}: {outcome:?}");
    }
}

#[test]
fn an_operators_token_is_for_the_management_api() {
    let suite = Running::start();
    let decoded = suite.json(&["token", "--operator", "--decode"]);
    assert_eq!(decoded["claims"]["aud"], "urn:mintage:management");
}

#[test]
fn a_static_claim_tells_an_api_who_its_client_is() {
    let suite = Running::start();
    let client = suite.profile("DEMO_CLIENT_ID");
    suite.json(&["client", "update", &client, "--claim", "https://example.com/name=client.name"]);
    assert_eq!(suite.json(&["token", "--decode"])["claims"]["https://example.com/name"], "Demo client");
}
