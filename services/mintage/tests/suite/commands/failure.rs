//! How commands fail: one line that says what to do, and an exit code.

use crate::running::{Outcome, Running, nobody};

#[track_caller]
fn failed(outcome: &Outcome, code: i32, said: &str) {
    assert_eq!((outcome.code, outcome.stdout.as_str()), (code, ""), "{outcome:?}");
    assert_eq!(outcome.stderr.lines().count(), 1, "{outcome:?}");
    assert!(outcome.stderr.starts_with("mintage: ") && outcome.stderr.contains(said), "{outcome:?}");
}

#[test]
fn a_server_that_does_not_run_is_told_from_one_that_refuses() {
    let suite = Running::start();
    let unused = nobody();
    let address = unused.local_addr().unwrap().to_string();
    let unanswered = suite.run_with(&[("MINTAGE_GRPC", &address)], &["client", "list"]);
    failed(&unanswered, 69, "(MINTAGE_GRPC): does it run there?");
    let stranger = suite.run_with(&[("OPERATOR_CLIENT_SECRET", "wrong")], &["client", "list"]);
    failed(&stranger, 77, "the operator of tenant default gets no token");
    failed(&suite.run(&["client", "show", "nobody"]), 1, "the client does not exist");
}

#[test]
fn what_answers_but_is_not_mintage_is_told() {
    let suite = Running::start();
    let http = suite.profile("MINTAGE_ISSUER");
    let outcome = suite.run_with(&[("MINTAGE_GRPC", http.trim_end_matches('/'))], &["client", "list"]);
    failed(&outcome, 1, "check MINTAGE_GRPC");
}

#[test]
fn an_operator_without_the_scope_is_told_which_it_lacks() {
    let suite = Running::start();
    let reader = suite.json(&["client", "create", "--name", "Reader"]);
    let (id, secret) = (reader["client"]["client_id"].as_str().unwrap(), reader["client_secret"].as_str().unwrap());
    let api = ["--api", "urn:mintage:management", "--scope", "read:clients"];
    suite.json(&[["grant", "create", "--client", id].as_slice(), &api].concat());
    let reader = [("OPERATOR_CLIENT_ID", id), ("OPERATOR_CLIENT_SECRET", secret)];
    assert_eq!(suite.run_with(&reader, &["client", "list"]).code, 0);
    failed(&suite.run_with(&reader, &["client", "delete", id, "--yes"]), 77, "delete:clients");
}

#[test]
fn tls_is_checked_against_the_profiles_authority() {
    let suite = Running::start();
    let tls = format!("https://{}", suite.profile("MINTAGE_GRPC"));
    assert_eq!(suite.run_with(&[("MINTAGE_GRPC", &tls)], &["client", "list"]).code, 0);
    let other = Running::start();
    let authority = other.profile("MINTAGE_CA");
    let outcome = suite.run_with(&[("MINTAGE_GRPC", &tls), ("MINTAGE_CA", &authority)], &["client", "list"]);
    failed(&outcome, 69, "check MINTAGE_GRPC and MINTAGE_CA");
}

#[test]
fn without_a_profile_the_way_to_one_is_told() {
    let suite = Running::start();
    let empty = tempfile::tempdir().unwrap();
    let elsewhere = empty.path().to_str().unwrap();
    failed(&suite.run(&["--data-dir", elsewhere, "client", "list"]), 2, "start `mintage dev` first");
    let broken = suite.file("broken.env", "MINTAGE_GRPC 127.0.0.1:9090\n");
    failed(&suite.run(&["--profile", &broken, "client", "list"]), 2, "line 1: this is not KEY=VALUE");
}

#[test]
fn half_a_command_is_answered_with_its_help_wherever_the_data_is() {
    let suite = Running::start();
    for (command, said) in [([].as_slice(), "Runs the whole suite"), (&["client"], "Lists all clients")] {
        let outcome = suite.run_with(&[("MINTAGE_PROFILE", "mine.env")], command);
        assert_eq!((outcome.code, outcome.stdout.as_str()), (2, ""), "{outcome:?}");
        assert!(outcome.stderr.contains(said), "{outcome:?}");
    }
    let lacking = suite.run(&["client", "create"]);
    assert!(lacking.stderr.contains("Usage: mintage client create --name <NAME>\n"), "{lacking:?}");
}

#[test]
fn b34_no_failure_shows_a_secret() {
    let suite = Running::start();
    let secret = suite.profile("OPERATOR_CLIENT_SECRET");
    let canary = format!("{secret}-canary");
    let environment = [("OPERATOR_CLIENT_SECRET", canary.as_str()), ("MINTAGE_CLIENT_SECRET", &canary)];
    for command in [
        ["client", "list"].as_slice(),
        &["token", "--operator"],
        &["token", "--client-id", "nobody"],
        &["client", "show", "nobody"],
    ] {
        let outcome = suite.run_with(&environment, command);
        assert_ne!(outcome.code, 0);
        assert!(!outcome.stderr.contains(&secret) && outcome.stdout.is_empty(), "{command:?}: {outcome:?}");
    }
}
