//! The figures as a Markdown table: medians of the rounds, and what they are to one another.

use std::collections::BTreeMap;
use std::fmt::{self, Write};
use std::time::Duration;

use anyhow::ensure;

use crate::algorithm::Algorithm;
use crate::load::Outcome;
use crate::raw::RawRate;

/// One measurement of one target.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Row {
    tokens_a_second: f64,
    cpu_micros: f64,
    p50_millis: f64,
    p99_millis: f64,
    resident_megabytes: f64,
}

impl Row {
    pub(crate) fn new(outcome: &Outcome, cpu: Duration, resident_bytes: u64) -> anyhow::Result<Self> {
        ensure!(outcome.tokens > 0, "not one token was issued");
        let tokens = outcome.tokens as f64;
        let millis = |quantile| outcome.latencies.value_at_quantile(quantile) as f64 / 1e3;
        Ok(Self {
            tokens_a_second: tokens / outcome.elapsed.as_secs_f64(),
            cpu_micros: cpu.as_secs_f64() * 1e6 / tokens,
            p50_millis: millis(0.5),
            p99_millis: millis(0.99),
            resident_megabytes: resident_bytes as f64 / 1e6,
        })
    }
}

impl fmt::Display for Row {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { tokens_a_second, cpu_micros, p50_millis, p99_millis, resident_megabytes } = self;
        write!(
            f,
            "{tokens_a_second:.0} tokens/s, {cpu_micros:.1} µs CPU a token, p50 {p50_millis:.1} ms, \
             p99 {p99_millis:.1} ms, {resident_megabytes:.0} MB"
        )
    }
}

/// Every measurement of a run.
pub(crate) struct Report {
    machine: String,
    method: String,
    raw: BTreeMap<Algorithm, Vec<RawRate>>,
    rows: Vec<(String, Algorithm, Row)>,
}

impl Report {
    pub(crate) fn new(machine: String, method: String) -> Self {
        Self { machine, method, raw: BTreeMap::new(), rows: Vec::new() }
    }

    pub(crate) fn raw(&mut self, algorithm: Algorithm, rate: RawRate) {
        self.raw.entry(algorithm).or_default().push(rate);
    }

    pub(crate) fn row(&mut self, target: String, algorithm: Algorithm, row: Row) {
        self.rows.push((target, algorithm, row));
    }

    pub(crate) fn markdown(&self) -> String {
        let mut text = format!("Machine: {}. {}\n\n{RAW_HEAD}", self.machine, self.method);
        for algorithm in self.raw.keys() {
            let RawRate { cpu_micros, one_core, all_cores } = self.raw_median(*algorithm);
            let _ = writeln!(text, "| {algorithm} | {cpu_micros:.1} | {one_core:.0} | {all_cores:.0} |");
        }
        text.push_str(ROWS_HEAD);
        for (algorithm, targets) in self.targets() {
            for target in targets {
                let _ = writeln!(text, "{}", self.line(algorithm, target));
            }
        }
        text
    }

    fn line(&self, algorithm: Algorithm, target: &str) -> String {
        let median = |of: fn(&Row) -> f64| self.median(algorithm, target, of);
        let (tokens, cpu) = (median(|row| row.tokens_a_second), median(|row| row.cpu_micros));
        let raw = self.raw_median(algorithm);
        let floor = self.median(algorithm, "bare floor", |row| row.cpu_micros);
        let peer = self.median(algorithm, "oidc-provider", |row| row.cpu_micros);
        format!(
            "| {algorithm} | {target} | {tokens:.0} | {cpu:.1} | {} | {} | {} | {} | {:.1} · {:.1} | {:.0} |",
            ratio(cpu / floor, "×"),
            ratio(peer / cpu, "×"),
            ratio(raw.cpu_micros * 1e2 / cpu, "%"),
            ratio(tokens * 1e2 / raw.all_cores, "%"),
            median(|row| row.p50_millis),
            median(|row| row.p99_millis),
            median(|row| row.resident_megabytes),
        )
    }

    fn targets(&self) -> BTreeMap<Algorithm, Vec<&str>> {
        let mut targets: BTreeMap<Algorithm, Vec<&str>> = BTreeMap::new();
        for (target, algorithm, _) in &self.rows {
            let known = targets.entry(*algorithm).or_default();
            if !known.contains(&target.as_str()) {
                known.push(target);
            }
        }
        targets
    }

    /// NaN where the target was left out.
    fn median(&self, algorithm: Algorithm, target: &str, of: fn(&Row) -> f64) -> f64 {
        let rows = self.rows.iter().filter(|(name, of, _)| name == target && *of == algorithm);
        median(rows.map(|(_, _, row)| of(row)).collect())
    }

    fn raw_median(&self, algorithm: Algorithm) -> RawRate {
        let rates = self.raw.get(&algorithm).map_or(&[][..], Vec::as_slice);
        RawRate {
            cpu_micros: median(rates.iter().map(|rate| rate.cpu_micros).collect()),
            one_core: median(rates.iter().map(|rate| rate.one_core).collect()),
            all_cores: median(rates.iter().map(|rate| rate.all_cores).collect()),
        }
    }
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    let upper = values.get(values.len() / 2).copied();
    let lower = values.get(values.len().saturating_sub(1) / 2).copied();
    match (lower, upper) {
        (Some(lower), Some(upper)) => f64::midpoint(lower, upper),
        _ => f64::NAN,
    }
}

fn ratio(value: f64, unit: &str) -> String {
    match unit {
        _ if value.is_nan() => "–".to_owned(),
        "%" => format!("{value:.0} %"),
        _ => format!("{value:.2}{unit}"),
    }
}

const RAW_HEAD: &str = "\
| raw signing, aws-lc-rs | CPU µs a signature | signatures/s, one core | signatures/s, all cores |
| --- | --- | --- | --- |
";
const ROWS_HEAD: &str = "
| algorithm | who | tokens/s | server CPU µs a token | CPU to the floor's | oidc-provider's CPU to it | raw signing in its CPU | tokens/s to raw signatures/s | p50 · p99 ms | RSS MB |
| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |
";

#[cfg(test)]
mod tests {
    use super::{RawRate, Report, Row, median};
    use crate::algorithm::Algorithm;

    fn row(cpu_micros: f64) -> Row {
        Row { tokens_a_second: 1000.0, cpu_micros, p50_millis: 1.0, p99_millis: 2.0, resident_megabytes: 8.0 }
    }

    #[test]
    fn ratios_are_taken_between_the_medians_of_one_algorithm() {
        let mut report = Report::new("here".to_owned(), "so".to_owned());
        report.raw(Algorithm::Es256, RawRate { cpu_micros: 20.0, one_core: 50_000.0, all_cores: 100_000.0 });
        for cpu in [70.0, 80.0, 500.0] {
            report.row("mintage dev".to_owned(), Algorithm::Es256, row(cpu));
        }
        report.row("bare floor".to_owned(), Algorithm::Es256, row(64.0));
        report.row("oidc-provider".to_owned(), Algorithm::Es256, row(600.0));
        let text = report.markdown();
        let line = "| ES256 | mintage dev | 1000 | 80.0 | 1.25× | 7.50× | 25 % | 1 % | 1.0 · 2.0 | 8 |";
        assert!(text.contains(line), "{text}");
        assert!(text.contains("| ES256 | 20.0 | 50000 | 100000 |"), "{text}");
    }

    #[test]
    fn a_target_left_out_leaves_its_ratios_out() {
        let mut report = Report::new("here".to_owned(), "so".to_owned());
        report.row("mintage dev".to_owned(), Algorithm::Rs256, row(900.0));
        assert!(report.markdown().contains("| RS256 | mintage dev | 1000 | 900.0 | – | – | – | – |"));
        assert!(median(Vec::new()).is_nan());
    }
}
