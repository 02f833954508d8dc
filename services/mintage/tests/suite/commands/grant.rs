//! `mintage grant`.

use crate::running::Running;

#[test]
fn a_grant_decides_which_scopes_a_client_gets() {
    let suite = Running::start();
    let (client, api) = (suite.profile("DEMO_CLIENT_ID"), suite.profile("DEMO_AUDIENCE"));
    let grants = suite.json(&["grant", "list", "--client", &client, "--api", &api]);
    let grants = grants["client_grants"].as_array().unwrap().clone();
    assert_eq!(grants.len(), 1);
    let id = grants[0]["id"].as_str().unwrap();

    suite.json(&["grant", "update", id, "--scope", "read:demo"]);
    assert_eq!(suite.json(&["token"])["scopes"], serde_json::json!(["read:demo"]));
    let refused = suite.run(&["token", "--scope", "write:demo"]);
    assert_eq!(refused.code, 77);
    assert!(refused.stderr.contains("missing: write:demo"), "{refused:?}");

    assert_eq!(suite.run(&["grant", "delete", id, "--yes"]).code, 0);
    let refused = suite.run(&["token"]);
    assert_eq!(refused.code, 77);
    let advice = format!("`mintage grant create --client {client} --api {api}` grants it");
    assert!(refused.stderr.contains(&advice), "{refused:?}");

    let create = ["grant", "create", "--client", &client, "--api", &api, "--scope", "read:demo write:demo"];
    suite.json(&create);
    let twice = suite.run(&create);
    assert_eq!((twice.code, twice.stdout.as_str()), (1, ""), "{twice:?}");
    assert!(twice.stderr.contains("`mintage grant update` changes its scopes"), "{twice:?}");
    assert_eq!(suite.json(&["token"])["scopes"], serde_json::json!(["read:demo", "write:demo"]));
}
