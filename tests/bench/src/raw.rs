//! The raw signing rate: no server can mint faster than its cores sign.

use std::fmt;
use std::thread;
use std::time::Duration;

use anyhow::anyhow;
use tokio::time::Instant;

use crate::algorithm::Algorithm;
use crate::signer::Signer;

/// Signatures a second, with one core busy and with all of them.
#[derive(Debug, Clone, Copy)]
pub(crate) struct RawRate {
    pub(crate) one_core: f64,
    pub(crate) all_cores: f64,
}

impl fmt::Display for RawRate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:.0}/s on one core, {:.0}/s on all", self.one_core, self.all_cores)
    }
}

/// Signs inputs of a token's size for `time`, first on one core, then on all.
pub(crate) fn signing_rate(algorithm: Algorithm, time: Duration) -> anyhow::Result<RawRate> {
    let cores = thread::available_parallelism()?.get();
    Ok(RawRate { one_core: on(1, algorithm, time)?, all_cores: on(cores, algorithm, time)? })
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
