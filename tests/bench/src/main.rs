//! Measures what a token costs: a bounded load on loopback against `mintage dev`, a bare floor and npm oidc-provider,
//! in interleaved rounds of one run, with the raw signing rate beside them. docs/performance.md tells how to read it.
#![expect(clippy::print_stdout, reason = "its output is its report")]

mod algorithm;
mod load;
mod mintage;
mod process;
mod raw;
mod report;
mod signer;
mod target;

use std::fs;
use std::path::PathBuf;
use std::time::Duration;

use anyhow::Context;
use clap::Parser;

use crate::algorithm::Algorithm;
use crate::report::{Report, Row};
use crate::target::Target;

/// Measures what a token costs, beside a bare floor and npm oidc-provider.
#[derive(Parser)]
struct Arguments {
    /// The server, built as for release.
    #[arg(long, default_value = "target/release/mintage")]
    server: PathBuf,
    /// The bare floor, built as the server is.
    #[arg(long, default_value = "target/release/mintage-bench-floor")]
    floor: PathBuf,
    /// The folder of the peer, its packages installed; without it the peer is left out.
    #[arg(long)]
    peer: Option<PathBuf>,
    /// How often each target is measured; the medians count.
    #[arg(long, default_value_t = 3, value_parser = clap::value_parser!(u32).range(1..=9))]
    rounds: u32,
    /// How long one measurement lasts, in seconds.
    #[arg(long, default_value_t = 10, value_parser = clap::value_parser!(u64).range(1..=60))]
    seconds: u64,
    /// How long a target is warmed up before, in seconds.
    #[arg(long, default_value_t = 3, value_parser = clap::value_parser!(u64).range(1..=30))]
    warm_up: u64,
    /// How many keep-alive connections ask, one request in flight on each.
    #[arg(long, default_value_t = 64, value_parser = clap::value_parser!(u16).range(1..=512))]
    connections: u16,
    /// Where the Markdown report is written.
    #[arg(long, default_value = "target/bench/report.md")]
    report: PathBuf,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> anyhow::Result<()> {
    let arguments = Arguments::parse();
    let data = tempfile::tempdir()?;
    let targets = targets(&arguments, data.path().join("data"));
    let mut report = Report::new(machine(), method(&arguments));
    for round in 1..=arguments.rounds {
        for algorithm in Algorithm::ALL {
            let rate = raw::signing_rate(algorithm, Duration::from_secs(arguments.seconds.min(3)))?;
            println!("round {round}: raw {algorithm}: {rate}");
            report.raw(algorithm, rate);
            for target in &targets {
                let row = measure(&arguments, target, algorithm).await?;
                println!("round {round}: {target} {algorithm}: {row}");
                report.row(target.to_string(), algorithm, row);
            }
        }
    }
    let table = report.markdown();
    if let Some(folder) = arguments.report.parent() {
        fs::create_dir_all(folder)?;
    }
    fs::write(&arguments.report, &table).with_context(|| arguments.report.display().to_string())?;
    println!("\n{table}");
    Ok(())
}

/// One target, started afresh, warmed up, measured, stopped.
async fn measure(arguments: &Arguments, target: &Target, algorithm: Algorithm) -> anyhow::Result<Row> {
    let about = || format!("{target} {algorithm}");
    let (server, endpoint) = target.start(algorithm).await.with_context(about)?;
    let load = load::Load { endpoint, algorithm, connections: arguments.connections };
    load.run(Duration::from_secs(arguments.warm_up)).await.with_context(about)?;
    let before = server.cpu()?;
    let outcome = load.run(Duration::from_secs(arguments.seconds)).await.with_context(about)?;
    let row = Row::new(&outcome, server.cpu()? - before, server.resident_bytes()?)?;
    server.stop().await.with_context(about)?;
    Ok(row)
}

fn targets(arguments: &Arguments, data: PathBuf) -> Vec<Target> {
    let mut targets = vec![
        Target::Mintage { program: arguments.server.clone(), data },
        Target::Floor { program: arguments.floor.clone() },
    ];
    if let Some(folder) = arguments.peer.clone() {
        targets.push(Target::Peer { folder });
    }
    targets
}

fn method(arguments: &Arguments) -> String {
    let Arguments { rounds, seconds, warm_up, connections, .. } = arguments;
    format!(
        "{connections} keep-alive connections on loopback, the load generator on the same cores; {warm_up} s of \
         warm-up, then {seconds} s measured; medians of {rounds} interleaved rounds. CPU is user and system time of \
         all threads of the server's process."
    )
}

fn machine() -> String {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let information = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = information.lines().find_map(|line| line.strip_prefix("model name")).unwrap_or("an unnamed processor");
    format!("{cores} cores, {}", model.trim_start_matches([' ', '\t', ':']))
}
