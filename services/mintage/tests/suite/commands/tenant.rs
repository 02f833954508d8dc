//! `mintage tenant`.

use crate::running::Running;

#[test]
fn a_tenant_is_created_filled_changed_and_deleted() {
    let suite = Running::start();
    let created = suite.json(&["tenant", "create", "acme", "--origin", "https://acme.example.com"]);
    assert_eq!(created["tenant"]["error_profile"], "rfc");
    let changed = suite.json(&["tenant", "update", "acme", "--error-profile", "auth0"]);
    assert_eq!(changed["tenant"]["error_profile"], "auth0");
    assert_eq!(
        changed["tenant"]["origins"],
        serde_json::json!(["https://acme.example.com"]),
        "what was not named stays"
    );

    suite.json(&["client", "create", "--name", "Elsewhere", "--tenant", "acme"]);
    let here = suite.json(&["client", "list"]).to_string();
    let there = suite.json(&["client", "list", "--tenant", "acme"]).to_string();
    assert!(!here.contains("Elsewhere") && there.contains("Elsewhere"));

    assert_eq!(suite.run(&["tenant", "delete", "acme", "--yes"]).code, 0);
    assert_eq!(suite.run(&["tenant", "show", "acme"]).code, 1);
    assert_eq!(suite.json(&["tenant", "list"])["tenants"].as_array().unwrap().len(), 1);
}

#[test]
fn a_list_of_a_tenant_that_does_not_exist_says_so() {
    let suite = Running::start();
    suite.json(&["tenant", "create", "acme", "--origin", "https://acme.example.com"]);
    for noun in ["client", "api", "grant", "key", "user", "consent"] {
        let outcome = suite.run(&[noun, "list", "--tenant", "nope"]);
        assert_eq!((outcome.code, outcome.stdout.as_str()), (1, ""), "{noun}: {outcome:?}");
        let said = "mintage: the tenant does not exist: `mintage tenant list` shows which there are\n";
        assert_eq!(outcome.stderr, said, "{noun}");
    }
    let empty = suite.run(&["client", "list", "--tenant", "acme"]);
    assert_eq!((empty.code, empty.stderr.as_str()), (0, "There are none.\n"), "{empty:?}");
}

#[test]
fn an_operator_without_a_view_of_tenants_still_sees_an_empty_list() {
    let suite = Running::start();
    suite.json(&["tenant", "create", "acme", "--origin", "https://acme.example.com"]);
    let reader = suite.json(&["client", "create", "--name", "Reader"]);
    let (id, secret) = (reader["client"]["client_id"].as_str().unwrap(), reader["client_secret"].as_str().unwrap());
    let grant = ["grant", "create", "--api", "urn:mintage:management", "--scope", "read:clients", "--client", id];
    suite.json(&grant);
    let reader = [("OPERATOR_CLIENT_ID", id), ("OPERATOR_CLIENT_SECRET", secret)];
    let empty = suite.run_with(&reader, &["client", "list", "--tenant", "acme"]);
    assert_eq!((empty.code, empty.stderr.as_str()), (0, "There are none.\n"), "{empty:?}");
}

#[test]
fn another_tenants_operator_signs_in_with_a_profile_of_its_own() {
    let suite = Running::start();
    suite.json(&["tenant", "create", "acme", "--origin", "https://acme.example.com"]);
    let operator = suite.json(&["client", "create", "--name", "Operator of acme", "--tenant", "acme"]);
    let (id, secret) = (operator["client"]["client_id"].as_str().unwrap(), operator["client_secret"].as_str().unwrap());
    let scopes = "read:clients create:clients read:tenants";
    let api = ["--api", "urn:mintage:management", "--scope", scopes, "--tenant", "acme"];
    suite.json(&[["grant", "create", "--client", id].as_slice(), &api].concat());
    let lines = [
        format!("MINTAGE_GRPC={}", suite.profile("MINTAGE_GRPC")),
        "MINTAGE_TENANT=acme".to_owned(),
        "MINTAGE_ISSUER=https://acme.example.com/".to_owned(),
        format!("OPERATOR_CLIENT_ID={id}"),
        format!("OPERATOR_CLIENT_SECRET={secret}"),
    ];
    let profile = suite.file("acme.env", &lines.join("\n"));

    let as_acme = |arguments: &[&str]| suite.run(&[["--profile", &profile].as_slice(), arguments].concat());
    let created = as_acme(&["client", "create", "--name", "Billing", "-o", "json"]);
    assert_eq!(created.code, 0, "{created:?}");
    let listed = suite.json(&["client", "list", "--profile", &profile]).to_string();
    assert!(listed.contains("Billing") && !listed.contains("Demo client"), "{listed}");
    let token = suite.json(&["token", "--operator", "--decode", "--profile", &profile]);
    assert_eq!(token["claims"]["iss"], "https://acme.example.com/");

    let elsewhere = as_acme(&["client", "list", "--tenant", "default"]);
    assert_eq!((elsewhere.code, elsewhere.stdout.as_str()), (77, ""), "{elsewhere:?}");
    let nowhere = suite.run_with(&[("MINTAGE_TENANT", "nope")], &["client", "list"]);
    assert!(nowhere.stderr.contains("the operator of tenant nope gets no token"), "{nowhere:?}");
    assert!(nowhere.stderr.contains("MINTAGE_TENANT"), "{nowhere:?}");
}

#[test]
fn a_tenant_says_how_its_pages_look_and_lets_others_register_clients() {
    let suite = Running::start();
    let changed =
        suite.json(&["tenant", "update", "default", "--colour", "#0A7F5C", "--dynamic-registration", "with-token"]);
    assert_eq!(changed["tenant"]["branding"]["colour"], "#0a7f5c");
    assert_eq!(changed["tenant"]["dynamic_registration"], "with-token");
    let logo = suite.json(&["tenant", "update", "default", "--logo-uri", "https://acme.example/logo.svg"]);
    assert_eq!(logo["tenant"]["branding"]["colour"], "#0a7f5c", "what was not named stays");

    let made = suite.json(&["tenant", "initial-access-token", "--uses", "5", "--expires-in", "7d"]);
    assert!(made["initial_access_token"].as_str().unwrap().starts_with("mia_"), "{made}");
    assert_eq!(made["initial_access"]["uses"], 5);
    let shown = suite.run(&["tenant", "initial-access-token"]);
    assert!(shown.stderr.contains("shown this once"), "{shown:?}");
    assert_eq!(suite.run(&["tenant", "initial-access-token", "--expires-in", "91d"]).code, 1);
}
