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
