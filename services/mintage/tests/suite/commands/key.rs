//! `mintage key`.

#![expect(clippy::unwrap_used, reason = "an answer that lacks what was asked for fails the test")]

use serde_json::Value;

use crate::running::Running;

/// The states of a ring's keys, sorted.
fn states<'a>(keys: &'a Value, algorithm: &str) -> Vec<&'a str> {
    let of_ring = keys["keys"].as_array().unwrap().iter().filter(|key| key["algorithm"] == algorithm);
    let mut states: Vec<_> = of_ring.map(|key| key["state"].as_str().unwrap()).collect();
    states.sort_unstable();
    states
}

#[test]
fn the_announced_key_signs_after_a_rotation_and_the_one_before_retires() {
    let suite = Running::start();
    assert_eq!(states(&suite.json(&["key", "list"]), "ES256"), ["active", "pending"]);
    let rotated = suite.json(&["key", "rotate", "--algorithm", "es256"]);
    assert_eq!(
        (&rotated["successor"]["state"], &rotated["predecessor"]["state"]),
        (&"active".into(), &"retiring".into())
    );
    assert_eq!(states(&suite.json(&["key", "list"]), "ES256"), ["active", "pending", "retiring"]);

    let kid = rotated["successor"]["kid"].as_str().unwrap();
    assert_eq!(suite.json(&["token", "--decode"])["header"]["kid"], kid);
    let predecessor = suite.json(&["key", "show", rotated["predecessor"]["kid"].as_str().unwrap()]);
    assert_eq!(predecessor["key"]["jwk"]["crv"], "P-256", "the JWK is JSON, not text");
}

#[test]
fn an_hs256_api_has_secrets_of_its_own() {
    let suite = Running::start();
    suite.json(&["api", "create", "urn:legacy", "--name", "Legacy", "--algorithm", "HS256"]);
    let secrets = suite.json(&["key", "secret", "--api", "urn:legacy"]);
    let active = secrets["secrets"].as_array().unwrap().iter().filter(|secret| secret["state"] == "active");
    assert_eq!(active.map(|secret| secret["k"].as_str().unwrap().len()).collect::<Vec<_>>(), [43]);

    let rotated = suite.json(&["key", "rotate", "--api", "urn:legacy"]);
    assert_eq!(rotated["successor"]["algorithm"], "HS256");
    let refused = suite.run(&["key", "secret", "--api", &suite.profile("DEMO_AUDIENCE")]);
    assert_eq!(refused.code, 1);
    assert!(refused.stderr.contains("no secrets of its own"), "{refused:?}");
}

#[test]
fn whoever_holds_what_is_held_is_told_where_to_see_what_was_recorded() {
    let suite = Running::start();
    let hold = |reason| suite.run(&["key", "hold", "--algorithm", "ES256", "--reason", reason]);
    assert_eq!((hold("the first").code, hold("the first").code), (0, 0));
    let again = hold("the second");
    assert!(again.stderr.contains("shows whether your reason is on record") && again.code == 0, "{again:?}");
    assert!(suite.run(&["key", "history"]).stdout.contains("the second"), "this release records each");
}

#[test]
fn a_reseal_says_under_which_master_key_every_private_key_is() {
    let suite = Running::start();
    let resealed = suite.json(&["key", "reseal"]);
    assert_eq!(resealed["resealed"], 0, "a suite for development has one master key");
    let sealed = resealed["sealed"].as_array().unwrap();
    assert_eq!((sealed.len(), &sealed[0]["master_key_id"]), (1, &resealed["master_key_id"]));
    assert!(sealed[0]["keys"].as_u64().unwrap() >= 2, "{resealed}");
    let said = suite.run(&["key", "reseal"]);
    assert!(said.stderr.contains("Every private key is sealed under") && said.code == 0, "{said:?}");
}
