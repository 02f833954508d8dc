//! `mintage client`.

use crate::running::Running;

#[test]
fn a_client_is_created_changed_and_deleted() {
    let suite = Running::start();
    let created = suite.json(&["client", "create", "--name", "Billing", "--metadata", "team=money"]);
    let id = created["client"]["client_id"].as_str().unwrap();
    assert!(created["client_secret"].as_str().unwrap().starts_with("mcs_"));

    let shown = suite.json(&["client", "show", id]);
    assert_eq!(shown["client"]["metadata"]["team"], "money");
    assert!(!shown.to_string().contains("mcs_"), "{shown}");

    let changed = suite.json(&["client", "update", id, "--name", "Billing 2", "--disable"]);
    assert_eq!(changed["client"]["name"], "Billing 2");
    assert_eq!(changed["client"]["enabled"], false);
    assert_eq!(changed["client"]["metadata"]["team"], "money", "what was not named stays");

    assert_eq!(suite.json(&["client", "delete", id, "--yes"]).to_string(), "{}");
    let gone = suite.run(&["client", "show", id]);
    assert_eq!((gone.code, gone.stdout.as_str()), (1, ""));
    assert!(gone.stderr.contains("`mintage client list` shows which there are"), "{gone:?}");
}

#[test]
fn a_list_is_a_table_for_people_and_all_of_it_for_programs() {
    let suite = Running::start();
    let table = suite.run(&["client", "list"]);
    assert!(table.stdout.starts_with("CLIENT ID  "), "{table:?}");
    assert!(table.stdout.contains("Demo client    first  yes      1  "), "{table:?}");
    let clients = suite.json(&["client", "list"]);
    let names: Vec<_> = clients["clients"].as_array().unwrap().iter().map(|client| &client["name"]).collect();
    assert_eq!(names.len(), 3, "{clients}");
}

#[test]
fn a_secret_is_rotated_without_a_gap() {
    let suite = Running::start();
    let client = suite.profile("DEMO_CLIENT_ID");
    let token = |secret: &str| {
        let file = suite.file("secret", secret);
        suite.run(&["token", "--client-id", &client, "--client-secret-file", &file]).code
    };
    let old = suite.profile("DEMO_CLIENT_SECRET");
    let rotated = suite.json(&["client", "rotate-secret", &client, "--label", "two", "--expires-in", "90d"]);
    let new = rotated["client_secret"].as_str().unwrap();
    assert_eq!(rotated["secret"]["label"], "two");
    assert!(rotated["secret"]["not_after"].is_string(), "{rotated}");
    assert_eq!((token(&old), token(new)), (0, 0), "both live at once");

    let third = suite.run(&["client", "rotate-secret", &client]);
    assert_eq!(third.code, 1);
    assert!(third.stderr.contains("revoke-secret"), "{third:?}");

    let shown = suite.json(&["client", "show", &client]);
    let of_old = |secret: &&serde_json::Value| old.ends_with(secret["hint"].as_str().unwrap());
    let first = shown["client"]["secrets"].as_array().unwrap().iter().find(of_old).unwrap();
    assert_eq!(suite.run(&["client", "revoke-secret", &client, first["id"].as_str().unwrap()]).code, 0);
    assert_eq!((token(&old), token(new)), (77, 0));
}

#[test]
fn a_lost_secret_is_replaced_at_one_stroke() {
    let suite = Running::start();
    let client = suite.profile("DEMO_CLIENT_ID");
    let outcome = suite.run(&["client", "rotate-secret", &client, "--revoke-others"]);
    assert_eq!(outcome.code, 0, "{outcome:?}");
    assert!(outcome.stdout.contains("client_secret  mcs_"), "{outcome:?}");
    assert!(outcome.stderr.contains("shown this once"), "{outcome:?}");
    assert_eq!(suite.run(&["token"]).code, 77, "the profile's secret has ended");
}

#[test]
fn nothing_is_deleted_where_nobody_can_be_asked() {
    let suite = Running::start();
    let client = suite.profile("DEMO_CLIENT_ID");
    let unasked = suite.run(&["client", "delete", &client]);
    assert_eq!(unasked.code, 2);
    assert!(unasked.stderr.contains("--yes"), "{unasked:?}");
    assert_eq!(suite.run(&["client", "show", &client]).code, 0);
}

#[test]
fn a_client_that_acts_for_users_is_created_and_changed() {
    let suite = Running::start();
    let redirect = ["--redirect-uri", "https://photos.example/cb", "--redirect-uri", "http://127.0.0.1/cb"];
    let create = ["client", "create", "--name", "Photos", "--public", "--party", "third", "--owner", "Photo Ltd."];
    let created = suite.json(&[&create[..], &redirect].concat());
    assert_eq!(created["client_secret"], "", "a public client has none");
    let (client, access) = (&created["client"], &created["client"]["user_access"]);
    assert_eq!((client["client_type"].as_str(), client["party"].as_str()), (Some("public"), Some("third")));
    assert_eq!(client["grant_types"], serde_json::json!(["authorization_code"]));
    assert_eq!(access["redirect_uris"], serde_json::json!(["https://photos.example/cb", "http://127.0.0.1/cb"]));
    assert_eq!(
        (access["owner"].as_str(), access["refresh_token_lifetime"].as_str()),
        (Some("Photo Ltd."), Some("2592000s"))
    );

    let id = client["client_id"].as_str().unwrap();
    let changed = suite.json(&[
        "client",
        "update",
        id,
        "--refresh-token-lifetime",
        "7d",
        "--logo-uri",
        "https://photos.example/l.svg",
    ]);
    let access = &changed["client"]["user_access"];
    assert_eq!(
        (access["refresh_token_lifetime"].as_str(), access["owner"].as_str()),
        (Some("604800s"), Some("Photo Ltd."))
    );
    assert!(suite.run(&["client", "show", id]).stdout.contains("redirect_uris"), "people see it too");

    let refused = suite.run(&["client", "update", id, "--dangerously-allow-implicit"]);
    assert_eq!(refused.code, 1);
    assert!(refused.stderr.contains("third party"), "{refused:?}");
    let hostile = suite.run(&["client", "update", id, "--redirect-uri", "javascript:alert(1)"]);
    assert!(hostile.stderr.contains("--redirect-uri is refused"), "{hostile:?}");
}
