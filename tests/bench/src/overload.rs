//! Offers a server more than it can do, and reports what comes of it: how much it still does, how much it refuses, and how
//! long those wait whom it serves. docs/reliability.md, "Overload", tells how to read it.

use std::path::PathBuf;
use std::time::Duration;

use anyhow::Context;
use clap::Parser;
use hdrhistogram::Histogram;
use rustix::thread::{CpuSet, sched_setaffinity};
use tokio::sync::OnceCell;

use crate::algorithm::Algorithm;
use crate::endpoint::Endpoint;
use crate::load::Load;
use crate::mintage::Mintage;
use crate::open_loop::{Outcome, Schedule};
use crate::running::Running;
use crate::suite::Suite;
use crate::target::{Kind, Target};

/// Offers a server more than it can do.
#[derive(Parser)]
#[command(name = "overload", no_binary_name = true)]
struct Arguments {
    /// The server, built as for release.
    #[arg(long, default_value = "target/release/mintage")]
    server: PathBuf,
    /// How long each measurement lasts, in seconds.
    #[arg(long, default_value_t = 10, value_parser = clap::value_parser!(u64).range(1..=600))]
    seconds: u64,
    /// What is offered, in multiples of what it can do.
    #[arg(long, value_delimiter = ',', default_values_t = [0.8, 1.0, 2.0, 3.0])]
    multiples: Vec<f64>,
    /// How many keep-alive connections carry it, one request in flight on each.
    #[arg(long, default_value_t = 4000, value_parser = clap::value_parser!(u16).range(1..=4096))]
    connections: u16,
    /// How many addresses they come from.
    #[arg(long, default_value_t = 8, value_parser = clap::value_parser!(u8).range(1..=200))]
    addresses: u8,
    /// Every service in one process, or each in its own.
    #[arg(long, value_parser = ["dev", "serve"], default_value = "dev")]
    target: String,
    /// ES256 or RS256.
    #[arg(long, default_value_t = Algorithm::Es256)]
    algorithm: Algorithm,
}

/// Does what is told.
pub(crate) async fn run(told: impl Iterator<Item = String>) -> anyhow::Result<()> {
    let arguments = Arguments::parse_from(told);
    let algorithm = arguments.algorithm;
    let data = tempfile::tempdir()?;
    let program = arguments.server.clone();
    let target = match arguments.target.as_str() {
        "serve" => Target::Serve(Suite::new(&program, 1)?, Kind::Serve),
        _ => Target::Dev(Mintage { program, data: data.path().join("dev"), clients: OnceCell::new() }),
    };
    // The server has a core to itself, and so has the load: neither takes the other's.
    run_on(0)?;
    let server = target.start(algorithm, 1).await?;
    run_on(1)?;
    let endpoint = server.endpoint.clone();
    let capacity = capacity(&endpoint, algorithm).await?;
    println!(
        "{target}, {algorithm}, on one core: {capacity:.0} tokens/s with {} connections that wait for each answer\n",
        waiting(algorithm)
    );
    println!(
        "| offered | tokens/s | of what it can do | refused | not sent | failed | served: p50 · p99 · max ms | refused: p99 ms | CPU | RSS MB |"
    );
    println!("| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |");
    for multiple in &arguments.multiples {
        let schedule = Schedule {
            endpoint: endpoint.clone(),
            rate: capacity * multiple,
            time: Duration::from_secs(arguments.seconds),
            connections: arguments.connections,
            addresses: arguments.addresses,
        };
        let before = server.used()?;
        let outcome = schedule.keep().await?;
        let used: Duration = server.used()?.since(before).into_iter().map(|(_, used)| used).sum();
        let busy = used.as_secs_f64() / schedule.time.as_secs_f64();
        println!("{}", row(*multiple, capacity, &schedule, &outcome, busy, &server)?);
    }
    server.stop().await
}

/// So many connections that ask as fast as they are answered keep a core busy, and none of them is refused.
const fn waiting(algorithm: Algorithm) -> u16 {
    match algorithm {
        Algorithm::Es256 => 500,
        Algorithm::Rs256 => 64,
    }
}

/// Tokens a second when as much is asked as is answered.
async fn capacity(endpoint: &Endpoint, algorithm: Algorithm) -> anyhow::Result<f64> {
    let load = Load { endpoint: endpoint.clone(), algorithm, connections: waiting(algorithm) };
    load.settle().await?;
    load.run(Duration::from_secs(3)).await?;
    let outcome = load.run(Duration::from_secs(5)).await?;
    let p99 = milliseconds(&outcome.latencies, 0.99);
    println!("closed loop: p99 {p99:.1} ms");
    Ok(outcome.tokens as f64 / outcome.elapsed.as_secs_f64())
}

fn row(
    multiple: f64,
    capacity: f64,
    schedule: &Schedule,
    outcome: &Outcome,
    busy: f64,
    server: &Running,
) -> anyhow::Result<String> {
    let goodput = outcome.in_time as f64 / schedule.time.as_secs_f64();
    let share = |part: u64| 100.0 * part as f64 / outcome.offered.max(1) as f64;
    let at = |quantile| milliseconds(&outcome.issued, quantile);
    Ok(format!(
        "| {multiple}× = {:.0}/s | {goodput:.0} | {:.0} % | {:.1} % | {:.1} % | {} | {:.1} · {:.1} · {:.1} | {:.1} | {:.0} % | {} |",
        schedule.rate,
        100.0 * goodput / capacity,
        share(outcome.refused.len()),
        share(outcome.unsent),
        outcome.failed + outcome.unanswered(),
        at(0.5),
        at(0.99),
        at(1.0),
        milliseconds(&outcome.refused, 0.99),
        100.0 * busy,
        server.resident_bytes()? >> 20,
    ))
}

fn milliseconds(latencies: &Histogram<u64>, quantile: f64) -> f64 {
    latencies.value_at_quantile(quantile) as f64 / 1000.0
}

/// This thread, and whatever it starts from now on.
fn run_on(core: usize) -> anyhow::Result<()> {
    let mut cores = CpuSet::new();
    cores.set(core % std::thread::available_parallelism().map_or(1, usize::from).max(core + 1));
    sched_setaffinity(None, &cores).with_context(|| format!("there is no core {core}"))
}
