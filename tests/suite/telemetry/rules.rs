//! The dashboard and the alerts ask for what there is, and the alerts fire on what they are for.

use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;
use std::process::Command;

use mintage_chassis::telemetry::names;
use mintage_testkit::programs;
use serde_json::Value;

use crate::workspace::root;

fn folder() -> PathBuf {
    root().join("deploy/observability")
}

fn yaml(path: &str) -> Vec<Value> {
    let text = fs::read_to_string(root().join(path)).expect("the file is there");
    serde_saphyr::from_multiple(&text).expect("YAML")
}

fn alerts() -> Vec<Value> {
    let rules = yaml("deploy/observability/alerts.yaml").remove(0);
    rules["groups"]
        .as_array()
        .expect("groups")
        .iter()
        .flat_map(|group| group["rules"].as_array().expect("rules"))
        .cloned()
        .collect()
}

/// Every query of the dashboard.
fn queries() -> Vec<String> {
    let text = fs::read_to_string(folder().join("dashboard.json")).expect("the dashboard is there");
    let dashboard: Value = serde_json::from_str(&text).expect("JSON");
    let panels = dashboard["panels"].as_array().expect("panels").iter();
    let targets = panels.flat_map(|panel| panel["targets"].as_array().cloned().unwrap_or_default());
    let asked = targets.map(|target| target["expr"].as_str().expect("an expression").to_owned());
    let variables = dashboard["templating"]["list"].as_array().expect("variables").iter();
    let listed = variables.filter_map(|variable| variable["query"]["query"].as_str().map(ToOwned::to_owned));
    asked.chain(listed).collect()
}

/// The metrics that `expression` names: words that begin as ours do.
fn metrics_of(expression: &str) -> impl Iterator<Item = &str> {
    let words = expression.split(|letter: char| !(letter.is_ascii_alphanumeric() || letter == '_'));
    words.filter(|word| word.starts_with("mintage_") || word.starts_with("process_"))
}

/// Series by the names they are asked by: those of a histogram have endings.
fn series() -> BTreeSet<String> {
    let all = names::all();
    let named = all.iter().flat_map(|metric| {
        let endings: &[&str] = if metric.kind == "histogram" { &["_bucket", "_sum", "_count"] } else { &[""] };
        endings.iter().map(move |ending| format!("{}{ending}", metric.name))
    });
    named.collect()
}

fn unknown(expressions: &[String]) -> Vec<String> {
    let known = series();
    let named = expressions.iter().flat_map(|expression| metrics_of(expression));
    named.filter(|name| !known.contains(*name)).map(ToOwned::to_owned).collect()
}

#[test]
fn the_dashboard_and_the_alerts_ask_for_metrics_that_there_are() {
    let alerts: Vec<_> =
        alerts().iter().map(|alert| alert["expr"].as_str().expect("an expression").to_owned()).collect();
    let queries = queries();
    assert!(alerts.len() > 10 && queries.len() > 30, "{} alerts, {} queries", alerts.len(), queries.len());
    assert_eq!(unknown(&alerts), [""; 0]);
    assert_eq!(unknown(&queries), [""; 0]);
    assert_eq!(unknown(&["rate(mintage_requests_totals[5m]) / mintage_request_duration_seconds".to_owned()]).len(), 2);
}

#[test]
fn the_dashboard_shows_every_metric() {
    let queries = queries();
    let shown: BTreeSet<_> = queries.iter().flat_map(|query| metrics_of(query)).collect();
    let is_shown = |name: &str| shown.iter().any(|shown| shown.starts_with(name));
    let missing: Vec<_> = names::all().into_iter().map(|metric| metric.name).filter(|name| !is_shown(name)).collect();
    assert_eq!(missing, [""; 0]);
}

#[test]
fn every_alert_leads_to_what_to_do() {
    let page = fs::read_to_string(root().join("docs/operations.md")).expect("docs/operations.md");
    for alert in alerts() {
        let name = alert["alert"].as_str().expect("a name");
        let expected = format!("docs/operations.md#{}", name.to_lowercase());
        assert_eq!(alert["annotations"]["runbook"], *expected, "{name}");
        assert!(page.contains(&format!("\n#### {name}\n")), "docs/operations.md has no section on {name}");
    }
}

#[test]
fn the_cluster_gets_the_same_alerts() {
    let operator = yaml("k8s/monitoring/alerts.yaml").remove(0);
    let plain = yaml("deploy/observability/alerts.yaml").remove(0);
    assert_eq!(operator["spec"], plain, "k8s/monitoring/alerts.yaml and deploy/observability/alerts.yaml differ");
}

#[test]
fn prometheus_own_tool_takes_the_alerts_and_sees_them_fire() {
    if !programs::is_there("promtool") {
        return;
    }
    for arguments in [["check", "rules", "alerts.yaml"], ["test", "rules", "alerts.test.yaml"]] {
        let output = Command::new("promtool").current_dir(folder()).args(arguments).output().expect("promtool runs");
        assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stdout));
    }
    let tested = fs::read_to_string(folder().join("alerts.test.yaml")).expect("their test is there");
    for alert in alerts() {
        let name = alert["alert"].as_str().expect("a name");
        assert!(tested.contains(&format!("alertname=\"{name}\"")), "nothing makes {name} fire");
    }
}
