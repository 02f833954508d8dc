//! One measurement of one target.

use std::fmt;
use std::time::Duration;

use anyhow::ensure;

use crate::load::Outcome;

/// What was measured.
#[derive(Debug, Clone)]
pub(crate) struct Row {
    pub(crate) tokens_a_second: f64,
    pub(crate) cpu_micros: f64,
    /// The same by process; replicas are summed.
    pub(crate) parts: Vec<(String, f64)>,
    pub(crate) p50_millis: f64,
    pub(crate) p99_millis: f64,
    pub(crate) resident_megabytes: f64,
}

impl Row {
    pub(crate) fn new(outcome: &Outcome, cpu: Vec<(String, Duration)>, resident_bytes: u64) -> anyhow::Result<Self> {
        ensure!(outcome.tokens > 0, "not one token was issued");
        let tokens = outcome.tokens as f64;
        let millis = |quantile| outcome.latencies.value_at_quantile(quantile) as f64 / 1e3;
        let parts: Vec<_> = cpu.into_iter().map(|(name, cpu)| (name, cpu.as_secs_f64() * 1e6 / tokens)).collect();
        Ok(Self {
            tokens_a_second: tokens / outcome.elapsed.as_secs_f64(),
            cpu_micros: parts.iter().map(|(_, micros)| micros).sum(),
            parts,
            p50_millis: millis(0.5),
            p99_millis: millis(0.99),
            resident_megabytes: resident_bytes as f64 / 1e6,
        })
    }
}

impl fmt::Display for Row {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { tokens_a_second, cpu_micros, parts, p50_millis, p99_millis, resident_megabytes } = self;
        write!(
            f,
            "{tokens_a_second:.0} tokens/s, {cpu_micros:.1} µs CPU a token, p50 {p50_millis:.1} ms, \
             p99 {p99_millis:.1} ms, {resident_megabytes:.0} MB"
        )?;
        if parts.len() > 1 {
            for (name, micros) in parts {
                write!(f, ", {name} {micros:.1}")?;
            }
        }
        Ok(())
    }
}
