//! `mintage user`.

use crate::running::Running;

const ADA: &str = "ada@example.com";

fn created(suite: &Running, password: &str) -> serde_json::Value {
    let file = suite.file("ada.password", &format!("{password}\n"));
    suite.json(&["user", "create", ADA, "--name", "Ada", "--password-file", &file])
}

#[test]
fn a_user_is_created_found_changed_and_deleted() {
    let suite = Running::start();
    let user = created(&suite, "plum orbit kettle")["user"].clone();
    assert_eq!((user["email"].as_str(), user["email_verified"].as_bool()), (Some(ADA), Some(false)));
    assert_eq!(user["last_sign_in_at"], serde_json::Value::Null);
    let id = user["id"].as_str().unwrap();
    for name in [id, "ADA@example.com"] {
        assert_eq!(suite.json(&["user", "show", name])["user"], user);
    }
    assert!(suite.json(&["user", "list"])["users"].as_array().unwrap().contains(&user));
    let changed = suite.json(&["user", "update", ADA, "--email-verified"]);
    assert_eq!(
        (changed["user"]["email_verified"].as_bool(), changed["user"]["name"].as_str()),
        (Some(true), Some("Ada"))
    );
    let refused = suite.run(&["user", "delete", ADA]);
    assert_eq!(refused.code, 2, "nothing is deleted without a yes: {refused:?}");
    assert_eq!(suite.run(&["user", "delete", ADA, "--yes"]).code, 0);
    let gone = suite.run(&["user", "show", ADA]);
    assert_eq!((gone.code, gone.stdout.as_str()), (1, ""));
    assert!(gone.stderr.contains("`mintage user list` shows which there are"), "{gone:?}");
}

#[test]
fn a_password_is_read_from_a_file_and_never_shown() {
    let suite = Running::start();
    let answer = created(&suite, "plum orbit kettle").to_string();
    assert!(!answer.contains("plum orbit kettle") && !answer.contains("argon2"), "{answer}");
    let weak = suite.file("weak.password", "password1234");
    for arguments in [
        ["user", "create", "bob@example.com", "--password-file", &weak],
        ["user", "set-password", ADA, "--password-file", &weak],
    ] {
        let refused = suite.run(&arguments);
        assert_eq!((refused.code, refused.stdout.as_str()), (1, ""), "{refused:?}");
        assert!(refused.stderr.contains("guessed first") && !refused.stderr.contains("password1234"), "{refused:?}");
    }
    let nobody = suite.run(&["user", "set-password", ADA]);
    assert_eq!(nobody.code, 2, "{nobody:?}");
    assert!(nobody.stderr.contains("--password-file"), "{nobody:?}");
    let argument = suite.run(&["user", "create", "bob@example.com", "--password", "plum orbit kettle"]);
    assert_eq!(argument.code, 2, "a password is no argument");
    let good = suite.file("good.password", "seven quiet lanterns");
    assert_eq!(suite.run(&["user", "set-password", ADA, "--password-file", &good]).code, 0);
}

#[test]
fn b32_a_blocked_user_is_shown_as_one_until_it_is_let_in_again() {
    let suite = Running::start();
    created(&suite, "plum orbit kettle");
    assert_eq!(suite.json(&["user", "block", ADA])["user"]["blocked"], true);
    assert_eq!(suite.json(&["user", "show", ADA])["user"]["blocked"], true);
    assert_eq!(suite.json(&["user", "unblock", ADA])["user"]["blocked"], false);
}

#[test]
fn an_operator_without_the_scope_manages_no_users() {
    let suite = Running::start();
    let reader = suite.json(&["client", "create", "--name", "Reader"]);
    let (id, secret) = (reader["client"]["client_id"].as_str().unwrap(), reader["client_secret"].as_str().unwrap());
    let grant = ["grant", "create", "--api", "urn:mintage:management", "--scope", "read:users", "--client", id];
    suite.json(&grant);
    let reader = [("OPERATOR_CLIENT_ID", id), ("OPERATOR_CLIENT_SECRET", secret)];
    assert_eq!(suite.run_with(&reader, &["user", "list"]).code, 0);
    let file = suite.file("bob.password", "plum orbit kettle");
    for arguments in [&["user", "create", "bob@example.com", "--password-file", &file][..], &["consent", "list"]] {
        let refused = suite.run_with(&reader, arguments);
        assert_eq!((refused.code, refused.stdout.as_str()), (77, ""), "{arguments:?}: {refused:?}");
    }
}
