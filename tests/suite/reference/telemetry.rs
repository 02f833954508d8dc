//! `docs/reference/metrics.md` and `docs/reference/log.md`: what processes tell of themselves.

use mintage_chassis::telemetry::{FIELDS, names};

use super::page::{assert_fresh, code, table};

#[test]
fn the_reference_of_metrics_is_fresh() {
    let rows = names::all().into_iter().map(|metric| {
        let labels: Vec<_> = metric.labels.iter().map(|label| code(label)).collect();
        [code(metric.name), metric.kind.to_owned(), labels.join(", "), metric.help.to_owned()]
    });
    assert_fresh("metrics.md", &format!("{METRICS}{}", table(["name", "kind", "labels", "what it says"], rows)));
}

#[test]
fn the_reference_of_the_log_is_fresh() {
    let rows = FIELDS.iter().map(|(name, meaning)| [code(name), (*meaning).to_owned()]);
    assert_fresh("log.md", &format!("{LOG}{}", table(["field", "what it says"], rows)));
}

#[test]
fn metrics_are_named_as_prometheus_wants_and_once() {
    let all = names::all();
    for metric in &all {
        let ours = metric.name.starts_with("mintage_") || metric.name.starts_with("process_");
        let plain = metric.name.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_');
        assert!(ours && plain, "{}", metric.name);
        assert_eq!(metric.name.ends_with("_total"), metric.kind == "counter", "{}", metric.name);
    }
    let mut names: Vec<_> = all.iter().map(|metric| metric.name).collect();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), all.len());
}

const METRICS: &str = include_str!("metrics.md");
const LOG: &str = include_str!("log.md");
