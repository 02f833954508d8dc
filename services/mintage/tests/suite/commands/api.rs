//! `mintage api`.

use crate::running::Running;

const API: &str = "https://billing.example.com/";

#[test]
fn an_api_is_created_changed_and_deleted() {
    let suite = Running::start();
    let scope = "write:invoices=Write and void invoices";
    let created =
        suite.json(&["api", "create", API, "--name", "Billing", "--scope", "read:invoices", "--scope", scope]);
    let api = &created["resource_server"];
    assert_eq!((&api["signing_algorithm"], &api["token_profile"]), (&"RS256".into(), &"access_token".into()));
    assert_eq!(api["token_lifetime"], "86400s");
    assert_eq!(api["scopes"][1]["description"], "Write and void invoices");

    let change = ["api", "update", API, "--lifetime", "15m", "--algorithm", "eddsa", "--token-profile", "rfc9068"];
    let changed = suite.json(&change);
    let api = &changed["resource_server"];
    assert_eq!((&api["signing_algorithm"], &api["token_lifetime"]), (&"EdDSA".into(), &"900s".into()));
    assert_eq!(api["scopes"].as_array().unwrap().len(), 2, "what was not named stays");

    let by_id = suite.json(&["api", "show", api["id"].as_str().unwrap()]);
    assert_eq!(by_id["resource_server"]["identifier"], API);
    assert_eq!(suite.run(&["api", "delete", API, "--yes"]).code, 0);
    assert_eq!(suite.run(&["api", "show", API]).code, 1);
}

#[test]
fn a_scope_may_hold_an_equals_sign() {
    let suite = Running::start();
    let scope = "\"files:mode=all\"=Read and write";
    let created = suite.json(&["api", "create", "urn:files", "--name", "Files", "--scope", scope]);
    let scopes = serde_json::json!([{"value": "files:mode=all", "description": "Read and write"}]);
    assert_eq!(created["resource_server"]["scopes"], scopes);
    let client = suite.profile("DEMO_CLIENT_ID");
    suite.json(&["grant", "create", "--client", &client, "--api", "urn:files", "--scope", "files:mode=all"]);
    let token = suite.json(&["token", "--audience", "urn:files", "--decode"]);
    assert_eq!(token["claims"]["scope"], "files:mode=all");
}

#[test]
fn the_management_api_stays_as_it_is() {
    let suite = Running::start();
    for command in [
        ["api", "delete", "urn:mintage:management", "--yes"].as_slice(),
        &["api", "update", "urn:mintage:management", "--no-scopes"],
    ] {
        let refused = suite.run(command);
        assert_eq!(refused.code, 1);
        assert!(refused.stderr.contains("belongs to the system"), "{refused:?}");
    }
    assert_eq!(suite.run(&["client", "list"]).code, 0);
}
