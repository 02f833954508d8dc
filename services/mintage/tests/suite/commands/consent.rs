//! `mintage consent`.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test fails by panicking")]

use mintage_testkit::installation::Post;

use crate::running::Running;

const ADA: &str = "ada@example.com";
const PASSWORD: &str = "plum orbit kettle";

/// What the token endpoint answers to a user's own password, which is as much as a consent.
fn token_by_password(suite: &Running, client: &serde_json::Value) -> (String, String) {
    let url = suite.profile("MINTAGE_TOKEN_URL");
    let address = url.trim_start_matches("http://").split('/').next().unwrap().replace("localhost", "127.0.0.1");
    let (id, secret) = (client["client"]["client_id"].as_str().unwrap(), client["client_secret"].as_str().unwrap());
    let audience = suite.profile("DEMO_AUDIENCE").replace(':', "%3A").replace('/', "%2F");
    let form = format!(
        "grant_type=password&client_id={id}&client_secret={secret}&username={ADA}&password={}&audience={audience}&scope=read%3Ademo",
        PASSWORD.replace(' ', "+")
    );
    Post::begin(address.parse().unwrap(), "/oauth/token", &form).finish()
}

#[test]
fn what_users_granted_ends_all_at_once_and_comes_back_with_its_client_not_unsaid() {
    let suite = Running::start();
    let file = suite.file("ada.password", PASSWORD);
    assert_eq!(suite.run(&["user", "create", ADA, "--password-file", &file]).code, 0);
    let client = suite.json(&["client", "create", "--name", "Legacy", "--dangerously-allow-password"]);
    let id = client["client"]["client_id"].as_str().unwrap();
    assert!(token_by_password(&suite, &client).0.contains(" 200 "));

    let table = suite.run(&["consent", "list", "--client", id]).stdout;
    for part in [ADA, "Legacy", "Demo API", "read:demo", "SINCE"] {
        assert!(table.contains(part), "{part}\n{table}");
    }
    assert!(table.lines().all(|line| line.chars().count() <= 120), "{table}");

    assert_eq!(suite.run(&["client", "update", id, "--disable"]).stderr, "");
    let enabled = suite.run(&["client", "update", id, "--enable"]);
    let notice = format!("What users granted it before holds again (1): `mintage consent list --client {id}` shows");
    assert!(enabled.code == 0 && enabled.stderr.contains(&notice), "{enabled:?}");

    let revoke = ["consent", "revoke", "--client", id, "--user", ADA];
    assert_eq!(suite.run(&revoke).code, 2, "it is asked first");
    let dry = suite.json(&[&revoke[..], &["--dry-run"]].concat());
    assert_eq!(dry["user_grants"].as_array().unwrap().len(), 1, "{dry}");
    for (which, revoked) in
        [("https://other.example/", 0), (&*suite.profile("DEMO_AUDIENCE"), 1), (&*suite.profile("DEMO_AUDIENCE"), 0)]
    {
        let answer = suite.json(&[&revoke[..], &["--api", which, "--yes"]].concat());
        assert_eq!(answer, serde_json::json!({ "revoked": revoked }), "{which}");
    }
    assert_eq!(suite.run(&["client", "update", id, "--enable"]).stderr, "", "nothing holds again");
    assert_eq!(suite.run(&["consent", "revoke", "--yes"]).code, 2, "which ones is always said");
}

#[test]
fn what_users_granted_is_listed_and_taken_away() {
    let suite = Running::start();
    let file = suite.file("ada.password", PASSWORD);
    let user = suite.json(&["user", "create", ADA, "--password-file", &file])["user"].clone();
    let client = suite.json(&["client", "create", "--name", "Legacy", "--dangerously-allow-password"]);
    let (status, body) = token_by_password(&suite, &client);
    assert!(status.contains(" 200 "), "{status} {body}");

    let list = ["consent", "list", "--user", ADA];
    let grants = suite.json(&list)["user_grants"].as_array().unwrap().clone();
    assert_eq!(grants.len(), 1, "{grants:?}");
    assert_eq!((&grants[0]["user_id"], &grants[0]["client_id"]), (&user["id"], &client["client"]["client_id"]));
    assert_eq!(grants[0]["scopes"], serde_json::json!(["read:demo"]));
    let others = suite.json(&["consent", "list", "--client", "another"]);
    assert_eq!(others["user_grants"], serde_json::json!([]));

    let id = grants[0]["id"].as_str().unwrap();
    assert_eq!(suite.run(&["consent", "revoke", id]).code, 2, "it is asked first");
    assert_eq!(suite.run(&["consent", "revoke", id, "--yes"]).code, 0);
    let gone = suite.run(&["consent", "revoke", id, "--yes"]);
    assert_eq!((gone.code, gone.stdout.as_str()), (1, ""));
    assert!(gone.stderr.contains("`mintage consent list` shows which there are"), "{gone:?}");
    assert_eq!(suite.json(&list)["user_grants"], serde_json::json!([]));

    assert_eq!(suite.run(&["user", "block", ADA]).code, 0);
    let (status, body) = token_by_password(&suite, &client);
    assert!(status.contains(" 400 ") || status.contains(" 403 "), "{status}");
    assert!(body.contains("invalid_grant"), "b32: {body}");
}
