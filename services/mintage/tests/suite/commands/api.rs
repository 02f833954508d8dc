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
fn every_algorithm_has_a_name_under_which_it_signs() {
    let suite = Running::start();
    let client = suite.profile("DEMO_CLIENT_ID");
    for name in ["RS256", "rs384", "RS512", "PS256", "Ps384", "PS512", "ES256", "es384", "EdDSA", "HS256"] {
        let api = format!("urn:signed-with-{}", name.to_lowercase());
        suite.json(&["api", "create", &api, "--name", name, "--scope", "read", "--algorithm", name]);
        suite.json(&["grant", "create", "--client", &client, "--api", &api, "--scope", "read"]);
        let token = suite.json(&["token", "--audience", &api, "--decode"]);
        let algorithm = token["header"]["alg"].as_str().unwrap();
        assert!(algorithm.eq_ignore_ascii_case(name), "{algorithm} for {name}");
    }
    let unknown = suite.run(&["api", "create", "urn:other", "--name", "Other", "--algorithm", "ES512"]);
    assert_eq!(unknown.code, 2, "{unknown:?}");
    for name in ["RS384", "PS512", "ES384"] {
        assert!(unknown.stderr.contains(name), "it names what there is: {unknown:?}");
    }
}

#[test]
fn a_scope_may_hold_an_equals_sign() {
    let suite = Running::start();
    let scope = "\"files:mode=all\"=Read and write";
    let created = suite.json(&["api", "create", "urn:files", "--name", "Files", "--scope", scope]);
    let scopes = serde_json::json!([{"value": "files:mode=all", "description": "Read and write", "optional": false}]);
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

#[test]
fn an_api_says_what_users_may_consent_to() {
    let suite = Running::start();
    let create = ["api", "create", "https://photos.example/", "--name", "Photos", "--third-parties", "allowed"];
    let scopes = ["--scope", "read:photos=See your photos", "--optional-scope", "delete:photos=Delete your photos"];
    let created = suite.json(&[&create[..], &scopes].concat());
    let api = &created["resource_server"];
    assert_eq!(api["consent"]["third_parties"], "allowed");
    let optional: Vec<_> = api["scopes"].as_array().unwrap().iter().map(|scope| &scope["optional"]).collect();
    assert_eq!(optional, [&serde_json::json!(false), &serde_json::json!(true)]);

    let changed = suite.json(&["api", "update", "https://photos.example/", "--allow-offline-access"]);
    let consent = &changed["resource_server"]["consent"];
    assert_eq!(consent["allow_offline_access"], true);
    assert_eq!(consent["third_parties"], "allowed", "what was not named stays");
    let refused = suite.run(&["api", "update", "https://photos.example/", "--algorithm", "HS256"]);
    assert_eq!(refused.code, 1, "{refused:?}");
}
