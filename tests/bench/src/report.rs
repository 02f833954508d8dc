//! The figures as a Markdown table: medians of the rounds, and what they are to one another.

use std::collections::BTreeMap;
use std::fmt::Write;

use crate::algorithm::Algorithm;
use crate::crowd::Crowd;
use crate::raw::RawRate;
use crate::row::Row;
use crate::target::{FLOOR, ONE_PROCESS, PEER};

/// What is measured again in each round.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Key {
    algorithm: Algorithm,
    crowd: Crowd,
    target: String,
}

/// Every measurement of a run.
pub(crate) struct Report {
    machine: String,
    method: String,
    raw: BTreeMap<Algorithm, Vec<RawRate>>,
    rows: Vec<(Key, Row)>,
}

impl Report {
    pub(crate) fn new(machine: String, method: String) -> Self {
        Self { machine, method, raw: BTreeMap::new(), rows: Vec::new() }
    }

    pub(crate) fn raw(&mut self, algorithm: Algorithm, rate: RawRate) {
        self.raw.entry(algorithm).or_default().push(rate);
    }

    pub(crate) fn row(&mut self, target: String, algorithm: Algorithm, crowd: Crowd, row: Row) {
        self.rows.push((Key { algorithm, crowd, target }, row));
    }

    pub(crate) fn markdown(&self) -> String {
        let mut text = format!("Machine: {}. {}\n\n{RAW_HEAD}", self.machine, self.method);
        for algorithm in self.raw.keys() {
            let RawRate { cpu_micros, one_core, all_cores } = self.raw_median(*algorithm);
            let _ = writeln!(text, "| {algorithm} | {cpu_micros:.1} | {one_core:.0} | {all_cores:.0} |");
        }
        text.push_str(ROWS_HEAD);
        for key in self.keys() {
            let _ = writeln!(text, "{}", self.line(&key));
        }
        text.push_str(PARTS_HEAD);
        for key in self.keys() {
            let _ = writeln!(text, "{}", self.parts(&key));
        }
        text
    }

    fn line(&self, key: &Key) -> String {
        let Key { algorithm, crowd, target } = key;
        let median = |of: fn(&Row) -> f64| self.median(key, of);
        let cpu_of =
            |target: &str| self.median(&Key { target: target.to_owned(), ..key.clone() }, |row| row.cpu_micros);
        let (tokens, cpu) = (median(|row| row.tokens_a_second), median(|row| row.cpu_micros));
        let raw = self.raw_median(*algorithm);
        format!(
            "| {algorithm} | {target} | {crowd} | {tokens:.0} | {cpu:.1} | {} | {} | {} | {} | {} | {:.1} · {:.1} | {:.0} |",
            ratio(cpu / cpu_of(ONE_PROCESS), "×"),
            ratio(cpu / cpu_of(FLOOR), "×"),
            ratio(cpu_of(PEER) / cpu, "×"),
            ratio(raw.cpu_micros * 1e2 / cpu, "%"),
            ratio(tokens * 1e2 / raw.all_cores, "%"),
            median(|row| row.p50_millis),
            median(|row| row.p99_millis),
            median(|row| row.resident_megabytes),
        )
    }

    /// Where several processes take part, what each of them costs.
    fn parts(&self, key: &Key) -> String {
        let Key { algorithm, crowd, target } = key;
        let mut line = format!("| {algorithm} | {target} | {crowd} |");
        for process in PROCESSES {
            let named = |row: &Row| row.parts.iter().find(|(name, _)| name == process).map(|(_, micros)| *micros);
            let micros = median(self.of(key).filter_map(named).collect());
            let _ = if micros.is_nan() { write!(line, " – |") } else { write!(line, " {micros:.1} |") };
        }
        line
    }

    /// Each once, those that are compared with each other together.
    fn keys(&self) -> Vec<Key> {
        let mut keys: Vec<Key> = Vec::new();
        for (key, _) in &self.rows {
            if !keys.contains(key) {
                keys.push(key.clone());
            }
        }
        keys.sort_by_key(|key| (key.algorithm, key.crowd));
        keys
    }

    /// NaN where the target was left out.
    fn median(&self, key: &Key, of: fn(&Row) -> f64) -> f64 {
        median(self.of(key).map(of).collect())
    }

    fn of(&self, key: &Key) -> impl Iterator<Item = &Row> {
        self.rows.iter().filter(move |(of, _)| of == key).map(|(_, row)| row)
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
| algorithm | who | clients | tokens/s | server CPU µs a token | CPU to one process's | CPU to the floor's | oidc-provider's CPU to it | raw signing in its CPU | tokens/s to raw signatures/s | p50 · p99 ms | RSS MB |
| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |
";
const PARTS_HEAD: &str = "
| algorithm | CPU µs a token of | clients | edge | token | key-management | client-registry |
| --- | --- | --- | --- | --- | --- | --- |
";
const PROCESSES: [&str; 4] = ["edge", "token", "key-management", "client-registry"];

#[cfg(test)]
mod tests {
    use super::{RawRate, Report, Row, median};
    use crate::algorithm::Algorithm;
    use crate::crowd::Crowd;

    fn row(cpu_micros: f64) -> Row {
        let parts = vec![("edge".to_owned(), cpu_micros / 4.0)];
        Row { tokens_a_second: 1000.0, cpu_micros, parts, p50_millis: 1.0, p99_millis: 2.0, resident_megabytes: 8.0 }
    }

    #[test]
    fn ratios_are_taken_between_the_medians_of_one_algorithm_and_one_crowd() {
        let mut report = Report::new("here".to_owned(), "so".to_owned());
        let mut add = |target: &str, crowd, cpu| report.row(target.to_owned(), Algorithm::Es256, crowd, row(cpu));
        for cpu in [70.0, 80.0, 500.0] {
            add("mintage dev", Crowd::One, cpu);
        }
        add("bare floor", Crowd::One, 64.0);
        add("oidc-provider", Crowd::One, 600.0);
        add("mintage serve", Crowd::One, 120.0);
        add("mintage dev", Crowd::Cold(9), 200.0);
        add("mintage serve", Crowd::Cold(9), 500.0);
        report.raw(Algorithm::Es256, RawRate { cpu_micros: 20.0, one_core: 50_000.0, all_cores: 100_000.0 });
        let text = report.markdown();
        for line in [
            "| ES256 | 20.0 | 50000 | 100000 |",
            "| ES256 | mintage dev | 1 | 1000 | 80.0 | 1.00× | 1.25× | 7.50× | 25 % | 1 % | 1.0 · 2.0 | 8 |",
            "| ES256 | mintage serve | 1 | 1000 | 120.0 | 1.50× | 1.88× | 5.00× | 17 % | 1 % | 1.0 · 2.0 | 8 |",
            "| ES256 | mintage serve | 9, cold | 1000 | 500.0 | 2.50× | – | – | 4 % | 1 % | 1.0 · 2.0 | 8 |",
            "| ES256 | mintage serve | 1 | 30.0 | – | – | – |",
        ] {
            assert!(text.contains(line), "{text}");
        }
    }

    #[test]
    fn a_target_left_out_leaves_its_ratios_out() {
        let mut report = Report::new("here".to_owned(), "so".to_owned());
        report.row("mintage serve".to_owned(), Algorithm::Rs256, Crowd::One, row(900.0));
        assert!(report.markdown().contains("| RS256 | mintage serve | 1 | 1000 | 900.0 | – | – | – | – | – |"));
        assert!(median(Vec::new()).is_nan());
    }
}
