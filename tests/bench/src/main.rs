//! Measures what a token costs: a bounded load on loopback against `mintage dev`, `mintage serve`, a bare floor and npm
//! oidc-provider, in interleaved rounds of one run, with the raw signing rate beside them. docs/performance.md tells how
//! to read it.
#![expect(clippy::print_stdout, reason = "its output is its report")]

mod algorithm;
mod arguments;
mod batches;
mod clients;
mod crowd;
mod endpoint;
mod env_file;
mod load;
mod measure;
mod mintage;
mod open_loop;
mod overload;
mod process;
mod raw;
mod report;
mod row;
mod running;
mod signer;
mod suite;
mod target;
mod turns;

use std::fs;
use std::time::Duration;

use anyhow::Context;
use clap::Parser;

use crate::arguments::Arguments;
use crate::report::Report;

#[tokio::main(flavor = "current_thread")]
async fn main() -> anyhow::Result<()> {
    let mut told = std::env::args();
    match told.nth(1).as_deref() {
        Some("overload") => return overload::run(told).await,
        Some("batches") => return batches::run(told).await,
        _ => {}
    }
    let arguments = Arguments::parse();
    let data = tempfile::tempdir()?;
    let targets = arguments.targets(data.path())?;
    let mut report = Report::new(machine(), arguments.method());
    for round in 1..=arguments.rounds {
        for algorithm in arguments.algorithms() {
            let rate = raw::signing_rate(algorithm, Duration::from_secs(arguments.seconds.min(3)))?;
            println!("round {round}: raw {algorithm}: {rate}");
            report.raw(algorithm, rate);
            for target in &targets {
                for (crowd, row) in measure::measure(&arguments, target, algorithm).await? {
                    println!("round {round}: {target} {algorithm}, clients {crowd}: {row}");
                    report.row(target.to_string(), algorithm, crowd, row);
                }
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

fn machine() -> String {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let information = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = information.lines().find_map(|line| line.strip_prefix("model name")).unwrap_or("an unnamed processor");
    format!("{cores} cores, {}", model.trim_start_matches([' ', '\t', ':']))
}
