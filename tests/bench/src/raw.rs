//! The raw signing rate: no server can mint faster than its cores sign.

use std::fmt;
use std::process;
use std::thread;
use std::time::Duration;

use anyhow::anyhow;
use tokio::time::Instant;

use crate::algorithm::Algorithm;
use crate::process::Cpu;
use crate::signer::Signer;

/// Signatures a second, with one core busy and with all of them, and the CPU time of one.
#[derive(Debug, Clone, Copy)]
pub(crate) struct RawRate {
    pub(crate) cpu_micros: f64,
    pub(crate) one_core: f64,
    pub(crate) all_cores: f64,
}

impl fmt::Display for RawRate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { cpu_micros, one_core, all_cores } = self;
        write!(f, "{cpu_micros:.1} µs CPU a signature, {one_core:.0}/s on one core, {all_cores:.0}/s on all")
    }
}

/// Signs inputs of a token's size for `time`, first on one core, then on all.
pub(crate) fn signing_rate(algorithm: Algorithm, time: Duration) -> anyhow::Result<RawRate> {
    let before = Cpu::of(process::id())?;
    let one_core = on(1, algorithm, time)?;
    let cpu = Cpu::of(process::id())? - before;
    let all_cores = on(thread::available_parallelism()?.get(), algorithm, time)?;
    Ok(RawRate { cpu_micros: cpu.as_secs_f64() * 1e6 / (one_core * time.as_secs_f64()), one_core, all_cores })
}

fn on(cores: usize, algorithm: Algorithm, time: Duration) -> anyhow::Result<f64> {
    let signer = &Signer::generate(algorithm)?;
    thread::scope(|scope| {
        let busy: Vec<_> = (0..cores).map(|_| scope.spawn(move || rate(signer, time))).collect();
        busy.into_iter().map(|core| core.join().map_err(|_| anyhow!("a signing thread died"))?).sum()
    })
}

fn rate(signer: &Signer, time: Duration) -> anyhow::Result<f64> {
    let input = [b'a'; 500];
    let start = Instant::now();
    let mut signed = 0_u32;
    while start.elapsed() < time {
        signer.sign(&input)?;
        signed += 1;
    }
    Ok(f64::from(signed) / start.elapsed().as_secs_f64())
}
